//! Makers of tree nodes.

use crate::program::tree::{
    Anchor, Argument, Asynchrony, Block, Expr, ExprKind, Function, Item, ItemKind, Literal, Parameter, Path, Pattern,
    PatternKind,
};
use crate::span::Span;

/// The variable that holds the arguments of a script or function.
pub(super) const ARGUMENTS: &str = "@";
/// The variable that holds what a command reads.
pub(super) const INPUT: &str = "<";
/// The variable that says whether commands are written to the log as they run.
pub(super) const TRACE: &str = "-x";
/// The variable that says which rights files are made without.
pub(super) const MASK: &str = ":umask";
/// What the models call commands that run in a process of their own.
pub(super) const APART: &str = "apart";

pub(super) fn expr(span: Span, kind: ExprKind) -> Expr {
    Expr { span, kind }
}

pub(super) fn text(span: Span, text: impl Into<String>) -> Expr {
    expr(span, ExprKind::Literal(Literal::Text(text.into())))
}

pub(super) fn number(span: Span, number: impl Into<String>) -> Expr {
    expr(span, ExprKind::Literal(Literal::Number(number.into())))
}

pub(super) fn nothing(span: Span) -> Expr {
    expr(span, ExprKind::Literal(Literal::Null))
}

/// A value of which nothing is known, with the parts that are evaluated for what they do.
pub(super) fn opaque(span: Span, parts: Vec<Expr>) -> Expr {
    expr(span, ExprKind::Opaque(parts))
}

pub(super) fn variable(span: Span, name: &str) -> Expr {
    expr(span, ExprKind::Name(Path::scoped([name])))
}

/// A command by its name: a function of the project or a program.
pub(super) fn command(span: Span, name: &str) -> Expr {
    expr(span, ExprKind::Name(Path { anchor: Anchor::Definition, segments: vec![name.to_owned()] }))
}

/// What the language itself does, by the name under which the models know it.
pub(super) fn language(span: Span, name: &str, arguments: Vec<Expr>) -> Expr {
    let path = Path { anchor: Anchor::External, segments: vec!["shell".to_owned(), name.to_owned()] };
    call(span, expr(span, ExprKind::Name(path)), arguments.into_iter().map(argument).collect())
}

pub(super) fn call(span: Span, callee: Expr, arguments: Vec<Argument>) -> Expr {
    expr(span, ExprKind::Call { callee: Box::new(callee), types: Vec::new(), arguments, construct: false })
}

pub(super) fn argument(value: Expr) -> Argument {
    Argument { name: None, value, spread: false }
}

pub(super) fn spread(value: Expr) -> Argument {
    Argument { name: None, value, spread: true }
}

pub(super) fn assign(span: Span, target: Expr, value: Expr) -> Expr {
    expr(span, ExprKind::Assign { target: Box::new(target), operator: None, value: Box::new(value) })
}

pub(super) fn bind(span: Span, name: &str) -> Pattern {
    Pattern { span, kind: PatternKind::Bind { name: name.to_owned(), inner: None, default: None } }
}

/// Statements of which the last is the value.
pub(super) fn block(span: Span, mut statements: Vec<Expr>) -> Expr {
    if statements.len() == 1
        && let Some(only) = statements.pop()
    {
        return only;
    }
    let value = statements.pop().map(Box::new);
    expr(span, ExprKind::Block(Block { statements, value, asynchrony: Asynchrony::None }))
}

pub(super) fn function(span: Span, name: Option<String>, parameters: Vec<Parameter>, body: Expr) -> Function {
    Function {
        span,
        name,
        has_receiver: false,
        variadic: !parameters.is_empty(),
        parameters,
        returns: None,
        generics: Vec::new(),
        asynchrony: Asynchrony::None,
        body: Some(body),
        dynamic: true,
    }
}

/// Code that runs where it stands.
pub(super) fn closure(span: Span, body: Expr) -> Expr {
    expr(span, ExprKind::Closure(Box::new(function(span, None, Vec::new(), body))))
}

/// A function that sees and changes the variables of its callers, as commands do.
pub(super) fn definition(span: Span, name_span: Span, name: &str, body: Expr) -> Item {
    let at = Span { end: name_span.start, ..name_span };
    let parameter = Parameter { pattern: bind(at, ARGUMENTS), ty: None, default: None, attributes: Vec::new() };
    let function = function(span, Some(name.to_owned()), vec![parameter], body);
    item(span, name_span, name, ItemKind::Function(Box::new(function)))
}

pub(super) fn item(span: Span, name_span: Span, name: &str, kind: ItemKind) -> Item {
    Item { span, name_span, name: name.to_owned(), public: true, attributes: Vec::new(), kind }
}
