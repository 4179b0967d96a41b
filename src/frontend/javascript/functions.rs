//! Functions, arrow functions and generators.

use super::expressions::{call, expr, name, outside, positional};
use super::patterns::bind;
use super::{Lowering, This};
use crate::program::tree::{
    Argument, Asynchrony, Block, Expr, ExprKind, Function, Parameter, Path, Pattern, PatternKind, Type,
};
use crate::span::Span;
use oxc_ast::ast;
use oxc_span::GetSpan as _;

/// The variable in which a generator gathers what it yields; no identifier can be written like this.
const YIELDED: &str = "#yielded";
/// The list of all that a function is called with.
pub(super) const ARGUMENTS: &str = "arguments";
/// What a function is called with beyond its parameters, when it asks for [`ARGUMENTS`].
const BEYOND: &str = "#beyond";

impl Lowering {
    /// An arrow function. It has no receiver of its own.
    pub(super) fn arrow(&mut self, e: &ast::ArrowFunctionExpression<'_>) -> Function {
        let span = self.span(e.span);
        let (parameters, variadic) = self.parameters(&e.params);
        self.generators.push(false);
        let body = match &e.body {
            ast::ArrowFunctionBody::FunctionBody(body) => self.body(body),
            value => match value.as_expression() {
                Some(value) => self.expression(value),
                None => expr(span, ExprKind::Opaque(Vec::new())),
            },
        };
        self.generators.pop();
        Function {
            span,
            name: None,
            has_receiver: false,
            parameters,
            returns: self.annotation(e.return_type.as_deref()),
            generics: self.generics(e.type_parameters.as_deref()),
            asynchrony: asynchrony(e.r#async, false),
            body: Some(body),
            variadic,
            dynamic: false,
        }
    }

    /// A function that has a receiver when it uses `this`.
    pub(super) fn function_expression(&mut self, e: &ast::Function<'_>) -> Function {
        self.receivers.push((This::Receiver, false));
        let mut function = self.function(e);
        if self.receivers.pop().is_some_and(|(_, used)| used) {
            let span = self.span(e.span);
            function.has_receiver = true;
            let pattern = bind(Span { end: span.start, ..span }, "self".to_owned(), None);
            function.parameters.insert(0, Parameter { pattern, ty: None, default: None, attributes: Vec::new() });
        }
        function
    }

    /// A method: it always has a receiver, the class itself when it is static.
    pub(super) fn method(&mut self, e: &ast::Function<'_>, is_static: bool) -> Function {
        self.receivers.push((if is_static { This::Class } else { This::Receiver }, false));
        let mut function = self.function(e);
        self.receivers.pop();
        if !is_static {
            let span = self.span(e.span);
            function.has_receiver = true;
            let at = Span { end: span.start, ..span };
            let ty = Type::Named { span: at, path: Path::scoped(["Self"]), arguments: Vec::new() };
            let pattern = bind(at, "self".to_owned(), None);
            function.parameters.insert(0, Parameter { pattern, ty: Some(ty), default: None, attributes: Vec::new() });
        }
        function
    }

    fn function(&mut self, e: &ast::Function<'_>) -> Function {
        let (mut parameters, mut variadic) = self.parameters(&e.params);
        self.generators.push(e.generator);
        self.asks_for_arguments.push(false);
        let mut body = e.body.as_ref().map(|body| self.body(body));
        self.generators.pop();
        if self.asks_for_arguments.pop() == Some(true) {
            let at = self.span(e.params.span);
            if !variadic {
                let pattern = bind(at, BEYOND.to_owned(), None);
                parameters.push(Parameter { pattern, ty: None, default: None, attributes: Vec::new() });
                variadic = true;
            }
            body = body.map(|body| listing(body, &parameters, at));
        }
        if e.generator {
            body = body.map(gathering);
        }
        Function {
            span: self.span(e.span),
            name: e.id.as_ref().map(|id| id.name.to_string()),
            has_receiver: false,
            parameters,
            returns: if e.generator { None } else { self.annotation(e.return_type.as_deref()) },
            generics: self.generics(e.type_parameters.as_deref()),
            asynchrony: asynchrony(e.r#async, e.generator),
            body,
            variadic,
            dynamic: false,
        }
    }

    fn parameters(&mut self, all: &ast::FormalParameters<'_>) -> (Vec<Parameter>, bool) {
        let mut parameters: Vec<Parameter> = Vec::new();
        for parameter in &all.items {
            parameters.push(Parameter {
                pattern: self.pattern(&parameter.pattern),
                ty: self.annotation(parameter.type_annotation.as_deref()),
                default: parameter.initializer.as_ref().map(|value| self.expression(value)),
                attributes: self.decorators(&parameter.decorators),
            });
        }
        if let Some(rest) = &all.rest {
            parameters.push(Parameter {
                pattern: self.pattern(&rest.rest.argument),
                ty: self.annotation(rest.type_annotation.as_deref()),
                default: None,
                attributes: self.decorators(&rest.decorators),
            });
        }
        (parameters, all.rest.is_some())
    }

    pub(super) fn body(&mut self, body: &ast::FunctionBody<'_>) -> Expr {
        let mut statements: Vec<Expr> = body
            .directives
            .iter()
            .map(|directive| {
                let text = directive.directive.to_string();
                expr(self.span(directive.span), ExprKind::Literal(crate::program::tree::Literal::Text(text)))
            })
            .collect();
        self.statements(&body.statements, &mut statements);
        expr(self.span(body.span), ExprKind::Block(Block { statements, ..Block::default() }))
    }

    /// `yield value`: the value joins what the generator gives; whoever drives it may send back what the value stands for.
    pub(super) fn yielded(&mut self, e: &ast::YieldExpression<'_>, span: Span) -> ExprKind {
        let Some(argument) = &e.argument else { return ExprKind::Opaque(Vec::new()) };
        let at = self.span(argument.span());
        let value = self.expression(argument);
        let held = "#value";
        let own = |segment: &str| name(at, Path::scoped([segment]));
        let before = Argument { name: None, value: own(YIELDED), spread: true };
        let added = Argument { name: None, value: own(held), spread: e.delegate };
        let keep = ExprKind::Let {
            pattern: Box::new(bind(at, held.to_owned(), None)),
            ty: None,
            value: Some(Box::new(value)),
            otherwise: None,
        };
        let gather = ExprKind::Assign {
            target: Box::new(own(YIELDED)),
            operator: None,
            value: Box::new(expr(at, ExprKind::List(vec![before, added]))),
        };
        ExprKind::Block(Block {
            statements: vec![expr(span, keep), expr(at, gather)],
            value: Some(Box::new(expr(at, ExprKind::Await(Box::new(own(held)))))),
            ..Block::default()
        })
    }

    /// What `return` gives in the function around.
    pub(super) fn returned(&mut self, argument: Option<&ast::Expression<'_>>, span: Span) -> ExprKind {
        let value = argument.map(|argument| self.boxed(argument));
        if self.generators.last() != Some(&true) {
            return ExprKind::Return(value);
        }
        let gathered = name(span, Path::scoped([YIELDED]));
        let leave = expr(span, ExprKind::Return(Some(Box::new(gathered))));
        let statements = value.into_iter().map(|value| *value).chain([leave]).collect();
        ExprKind::Block(Block { statements, ..Block::default() })
    }

    /// Each key of an object: what `for … in` goes over.
    pub(super) fn keys(&mut self, object: &ast::Expression<'_>) -> Expr {
        let value = self.expression(object);
        let span = value.span;
        call(span, name(span, outside(["Object", "keys"])), vec![positional(value)])
    }
}

/// A body before which all that the function is called with is put into a list.
fn listing(body: Expr, parameters: &[Parameter], at: Span) -> Expr {
    let last = parameters.len().saturating_sub(1);
    let elements = parameters.iter().enumerate().map(|(index, parameter)| {
        let value = match &parameter.pattern.kind {
            PatternKind::Bind { name: bound, .. } if !bound.is_empty() => name(at, Path::scoped([bound.as_str()])),
            _ => expr(at, ExprKind::Opaque(Vec::new())),
        };
        Argument { name: None, value, spread: index == last }
    });
    let start = ExprKind::Let {
        pattern: Box::new(bind(at, ARGUMENTS.to_owned(), None)),
        ty: None,
        value: Some(Box::new(expr(at, ExprKind::List(elements.collect())))),
        otherwise: None,
    };
    let span = body.span;
    match body.kind {
        ExprKind::Block(mut block) => {
            block.statements.insert(0, expr(at, start));
            expr(span, ExprKind::Block(block))
        }
        kind => expr(span, kind),
    }
}

/// A generator's call gives a list of all it yields.
fn gathering(body: Expr) -> Expr {
    let span = body.span;
    let at = Span { end: span.start, ..span };
    let pattern =
        Pattern { span: at, kind: PatternKind::Bind { name: YIELDED.to_owned(), inner: None, default: None } };
    let start = ExprKind::Let {
        pattern: Box::new(pattern),
        ty: None,
        value: Some(Box::new(expr(at, ExprKind::List(Vec::new())))),
        otherwise: None,
    };
    let value = Some(Box::new(name(at, Path::scoped([YIELDED]))));
    let statements = vec![expr(at, start), body];
    expr(span, ExprKind::Block(Block { statements, value, ..Block::default() }))
}

fn asynchrony(is_async: bool, generator: bool) -> Asynchrony {
    if is_async && !generator { Asynchrony::Eager } else { Asynchrony::None }
}
