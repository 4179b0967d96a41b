//! Expressions.

use super::{Lowering, MAX_DEPTH, This};
use crate::program::tree::{
    Anchor, Argument, BinaryOperator, Block, Entry, EntryKey, Expr, ExprKind, Literal, Path, TemplatePart, Type,
    UnaryOperator,
};
use crate::span::Span;
use oxc_ast::ast::{
    self, AssignmentTarget, ChainElement, Expression, MemberExpression, ObjectPropertyKind, PropertyKey, PropertyKind,
    SimpleAssignmentTarget,
};
use oxc_span::GetSpan as _;
use oxc_syntax::operator;

/// Room left on the stack before it grows, and by how much (bytes).
const RED_ZONE: usize = 128 * 1024;
const STACK: usize = 4 * 1024 * 1024;

pub(super) fn expr(span: Span, kind: ExprKind) -> Expr {
    Expr { span, kind }
}

pub(super) fn name(span: Span, path: Path) -> Expr {
    expr(span, ExprKind::Name(path))
}

pub(super) fn nothing(span: Span) -> Expr {
    expr(span, ExprKind::Literal(Literal::Null))
}

pub(super) fn positional(value: Expr) -> Argument {
    Argument { name: None, value, spread: false }
}

/// A name that no package and no file of the project defines.
pub(super) fn outside<const N: usize>(segments: [&str; N]) -> Path {
    Path { anchor: Anchor::External, segments: segments.iter().map(|s| (*s).to_owned()).collect() }
}

/// The file or package a specifier names.
pub(super) fn file_path(specifier: &str) -> Path {
    Path { anchor: Anchor::File, segments: vec![specifier.to_owned()] }
}

/// The exports of the module itself.
pub(super) fn own_exports() -> Path {
    Path { anchor: Anchor::Module, segments: Vec::new() }
}

pub(super) fn call(span: Span, callee: Expr, arguments: Vec<Argument>) -> Expr {
    expr(span, ExprKind::Call { callee: Box::new(callee), types: Vec::new(), arguments, construct: false })
}

impl Lowering {
    pub(super) fn expression(&mut self, e: &Expression<'_>) -> Expr {
        let span = self.span(e.span());
        if self.depth >= MAX_DEPTH {
            return expr(span, ExprKind::Opaque(Vec::new()));
        }
        self.depth += 1;
        let kind = stacker::maybe_grow(RED_ZONE, STACK, || self.expression_kind(e, span));
        self.depth -= 1;
        expr(span, kind)
    }

    pub(super) fn boxed(&mut self, e: &Expression<'_>) -> Box<Expr> {
        Box::new(self.expression(e))
    }

    fn expression_kind(&mut self, e: &Expression<'_>, span: Span) -> ExprKind {
        match e {
            Expression::BooleanLiteral(e) => ExprKind::Literal(Literal::Boolean(e.value)),
            Expression::NullLiteral(_) => ExprKind::Literal(Literal::Null),
            Expression::NumericLiteral(e) => ExprKind::Literal(Literal::Number(e.value.to_string())),
            Expression::BigIntLiteral(e) => ExprKind::Literal(Literal::Number(e.value.to_string())),
            Expression::RegExpLiteral(e) => {
                let flags = if e.regex.flags.contains(oxc_ast::ast::RegExpFlags::I) { "(?i)" } else { "" };
                ExprKind::Literal(Literal::Pattern(format!("{flags}{}", e.regex.pattern.text)))
            }
            Expression::NewTarget(_) => ExprKind::Opaque(Vec::new()),
            Expression::StringLiteral(e) => ExprKind::Literal(Literal::Text(e.value.to_string())),
            Expression::TemplateLiteral(e) => self.template(e),
            Expression::Identifier(e) => self.named(&e.name),
            Expression::ThisExpression(_) => ExprKind::Name(self.this()),
            Expression::Super(_) => {
                self.this();
                ExprKind::Name(Path::scoped(["super"]))
            }
            Expression::ImportMeta(_) => ExprKind::Name(outside(["import", "meta"])),
            Expression::ArrayExpression(e) => {
                let elements = e.elements.iter().map(|element| match element {
                    ast::ArrayExpressionElement::SpreadElement(spread) => {
                        Argument { name: None, value: self.expression(&spread.argument), spread: true }
                    }
                    ast::ArrayExpressionElement::Elision(hole) => positional(nothing(self.span(hole.span))),
                    element => match element.as_expression() {
                        Some(element) => positional(self.expression(element)),
                        None => positional(nothing(span)),
                    },
                });
                ExprKind::List(elements.collect())
            }
            Expression::ObjectExpression(e) => ExprKind::Object { ty: None, entries: self.entries(e) },
            Expression::ArrowFunctionExpression(e) => ExprKind::Closure(Box::new(self.arrow(e))),
            Expression::FunctionExpression(e) => ExprKind::Closure(Box::new(self.function_expression(e))),
            Expression::ClassExpression(e) => self.class_expression(e, span),
            Expression::AssignmentExpression(e) => self.assignment(e),
            Expression::UpdateExpression(e) => ExprKind::Assign {
                target: Box::new(self.simple_target(&e.argument)),
                operator: Some(BinaryOperator::Arithmetic),
                value: Box::new(expr(span, ExprKind::Literal(Literal::Number("1".to_owned())))),
            },
            Expression::AwaitExpression(e) => ExprKind::Await(self.boxed(&e.argument)),
            Expression::YieldExpression(e) => self.yielded(e, span),
            Expression::BinaryExpression(e) => ExprKind::Binary {
                operator: binary_operator(e.operator),
                left: self.boxed(&e.left),
                right: self.boxed(&e.right),
            },
            Expression::PrivateInExpression(e) => ExprKind::Opaque(vec![self.expression(&e.right)]),
            Expression::LogicalExpression(e) => ExprKind::Binary {
                operator: logical_operator(e.operator),
                left: self.boxed(&e.left),
                right: self.boxed(&e.right),
            },
            Expression::ConditionalExpression(e) => ExprKind::If {
                condition: self.boxed(&e.test),
                then: self.boxed(&e.consequent),
                otherwise: Some(self.boxed(&e.alternate)),
            },
            Expression::CallExpression(e) => self.call_kind(e),
            Expression::ChainExpression(e) => match &e.expression {
                ChainElement::CallExpression(call) => self.call_kind(call),
                ChainElement::TSNonNullExpression(inner) => self.expression(&inner.expression).kind,
                member => match member.as_member_expression() {
                    Some(member) => self.member(member),
                    None => ExprKind::Opaque(Vec::new()),
                },
            },
            Expression::ImportExpression(e) => match &e.source {
                Expression::StringLiteral(source) => ExprKind::Name(file_path(&source.value)),
                source => ExprKind::Opaque(vec![self.expression(source)]),
            },
            Expression::NewExpression(e) => ExprKind::Call {
                callee: self.boxed(&e.callee),
                types: self.type_arguments(e.type_arguments.as_deref()),
                arguments: self.arguments(&e.arguments),
                construct: true,
            },
            Expression::ParenthesizedExpression(e) => self.expression(&e.expression).kind,
            Expression::SequenceExpression(e) => {
                let mut all: Vec<Expr> = e.expressions.iter().map(|e| self.expression(e)).collect();
                let value = all.pop().map(Box::new);
                ExprKind::Block(Block { statements: all, value, ..Block::default() })
            }
            Expression::TaggedTemplateExpression(e) => self.tagged(e, span),
            Expression::UnaryExpression(e) => self.unary(e, span),
            Expression::JSXElement(e) => self.element(e),
            Expression::JSXFragment(e) => self.fragment(e),
            Expression::TSAsExpression(e) => self.cast(&e.expression, Some(&e.type_annotation)),
            // The type is checked, not taken.
            Expression::TSSatisfiesExpression(e) => self.expression(&e.expression).kind,
            Expression::TSTypeAssertion(e) => self.cast(&e.expression, Some(&e.type_annotation)),
            Expression::TSNonNullExpression(e) => self.expression(&e.expression).kind,
            Expression::TSInstantiationExpression(e) => self.expression(&e.expression).kind,
            Expression::V8IntrinsicExpression(e) => {
                ExprKind::Opaque(self.arguments(&e.arguments).into_iter().map(|argument| argument.value).collect())
            }
            member => match member.as_member_expression() {
                Some(member) => self.member(member),
                None => ExprKind::Opaque(Vec::new()),
            },
        }
    }

    fn cast(&mut self, value: &Expression<'_>, ty: Option<&ast::TSType<'_>>) -> ExprKind {
        match ty.map(|ty| self.ty(ty)) {
            None | Some(Type::Unknown) => self.expression(value).kind,
            Some(ty) => ExprKind::Cast { value: self.boxed(value), ty },
        }
    }

    fn named(&mut self, name: &str) -> ExprKind {
        match name {
            super::functions::ARGUMENTS => {
                self.asks_for_arguments.last_mut().into_iter().for_each(|asks| *asks = true);
                ExprKind::Name(Path::scoped([name]))
            }
            "undefined" => ExprKind::Literal(Literal::Null),
            "exports" => ExprKind::Name(own_exports()),
            name => ExprKind::Name(Path::scoped([self.identifier(name)])),
        }
    }

    /// `this`. Whoever is the function around then has a receiver.
    pub(super) fn this(&mut self) -> Path {
        match self.receivers.last_mut() {
            Some((this, used)) => {
                *used = true;
                Path::scoped([if *this == This::Class { "Self" } else { "self" }])
            }
            None => Path::scoped(["globalThis"]),
        }
    }

    /// A template; text when it has no holes.
    pub(super) fn template(&mut self, e: &ast::TemplateLiteral<'_>) -> ExprKind {
        let text = |quasi: &ast::TemplateElement<'_>| quasi.value.cooked.unwrap_or(quasi.value.raw).to_string();
        if let ([only], []) = (e.quasis.as_slice(), e.expressions.as_slice()) {
            return ExprKind::Literal(Literal::Text(text(only)));
        }
        let mut parts = Vec::new();
        let mut holes = e.expressions.iter();
        for quasi in &e.quasis {
            if !quasi.value.raw.is_empty() {
                parts.push(TemplatePart::Text { span: self.span(quasi.span), text: text(quasi) });
            }
            if let Some(hole) = holes.next() {
                parts.push(TemplatePart::Hole { value: self.expression(hole), style: Default::default() });
            }
        }
        ExprKind::Template(parts)
    }

    /// A tag is called with the template as a whole, then with each value put in.
    fn tagged(&mut self, e: &ast::TaggedTemplateExpression<'_>, span: Span) -> ExprKind {
        let callee = self.boxed(&e.tag);
        let template = expr(self.span(e.quasi.span), self.template(&e.quasi));
        let mut arguments = vec![positional(template)];
        // What stands in the template already is not evaluated twice unless it is a plain value.
        for hole in &e.quasi.expressions {
            let value = match hole {
                Expression::Identifier(_) | Expression::StaticMemberExpression(_) => self.expression(hole),
                hole => nothing(self.span(hole.span())),
            };
            arguments.push(positional(value));
        }
        let _ = span;
        ExprKind::Call { callee, types: self.type_arguments(e.type_arguments.as_deref()), arguments, construct: false }
    }

    fn unary(&mut self, e: &ast::UnaryExpression<'_>, span: Span) -> ExprKind {
        if let (operator::UnaryOperator::UnaryNegation, Expression::NumericLiteral(number)) = (e.operator, &e.argument)
        {
            return ExprKind::Literal(Literal::Number((-number.value).to_string()));
        }
        let operator = match e.operator {
            operator::UnaryOperator::LogicalNot => UnaryOperator::Not,
            operator::UnaryOperator::UnaryPlus
            | operator::UnaryOperator::UnaryNegation
            | operator::UnaryOperator::BitwiseNot => UnaryOperator::Arithmetic,
            operator::UnaryOperator::Typeof => {
                let operand = self.expression(&e.argument);
                return call(span, name(span, outside(["typeof"])), vec![positional(operand)]).kind;
            }
            operator::UnaryOperator::Void => {
                let operand = self.expression(&e.argument);
                let value = Some(Box::new(nothing(span)));
                return ExprKind::Block(Block { statements: vec![operand], value, ..Block::default() });
            }
            operator::UnaryOperator::Delete => {
                let (target, value) = (self.boxed(&e.argument), Box::new(nothing(span)));
                return ExprKind::Assign { target, operator: None, value };
            }
        };
        ExprKind::Unary { operator, operand: self.boxed(&e.argument) }
    }

    pub(super) fn member(&mut self, e: &MemberExpression<'_>) -> ExprKind {
        match e {
            MemberExpression::StaticMemberExpression(e) => {
                if let Expression::Identifier(object) = &e.object {
                    match (object.name.as_str(), e.property.name.as_str()) {
                        ("module", "exports") => return ExprKind::Name(own_exports()),
                        ("globalThis" | "window" | "global", global) => return self.named(global),
                        ("self", global) if !self.own_self => return self.named(global),
                        _ => {}
                    }
                }
                ExprKind::Field {
                    base: self.boxed(&e.object),
                    name: e.property.name.to_string(),
                    name_span: self.span(e.property.span),
                    optional: e.optional,
                }
            }
            MemberExpression::PrivateFieldExpression(e) => ExprKind::Field {
                base: self.boxed(&e.object),
                name: format!("#{}", e.field.name),
                name_span: self.span(e.field.span),
                optional: e.optional,
            },
            MemberExpression::ComputedMemberExpression(e) => match &e.expression {
                Expression::StringLiteral(key) => ExprKind::Field {
                    base: self.boxed(&e.object),
                    name: key.value.to_string(),
                    name_span: self.span(key.span),
                    optional: e.optional,
                },
                index => ExprKind::Index { base: self.boxed(&e.object), index: self.boxed(index) },
            },
        }
    }

    fn call_kind(&mut self, e: &ast::CallExpression<'_>) -> ExprKind {
        if let Some(specifier) = required(e) {
            return ExprKind::Name(file_path(specifier));
        }
        if let Some(kind) = self.borrowed(e) {
            return kind;
        }
        ExprKind::Call {
            callee: self.boxed(&e.callee),
            types: self.type_arguments(e.type_arguments.as_deref()),
            arguments: self.arguments(&e.arguments),
            construct: false,
        }
    }

    /// `f.call(this, …)`, `f.apply(this, …)` and `f.bind(this, …)`: the function itself, where what is handed on as `this`
    /// is what it has anyway or nothing. Methods of that name with other arguments are methods.
    fn borrowed(&mut self, e: &ast::CallExpression<'_>) -> Option<ExprKind> {
        let Expression::StaticMemberExpression(callee) = &e.callee else { return None };
        let (first, rest) = e.arguments.split_first()?;
        let first = first.as_expression()?;
        let same = |object: &Expression<'_>, this: &Expression<'_>| match (object, this) {
            (Expression::Identifier(object), Expression::Identifier(this)) => object.name == this.name,
            _ => false,
        };
        let handed_on = match first {
            Expression::ThisExpression(_) | Expression::NullLiteral(_) => true,
            Expression::Identifier(id) if id.name == "undefined" => true,
            // `api.get.bind(api)`.
            this => matches!(&callee.object, Expression::StaticMemberExpression(of) if same(&of.object, this)),
        };
        let method = callee.property.name.as_str();
        if !handed_on || !matches!(method, "call" | "apply" | "bind") {
            return None;
        }
        let makes = |id: &str| id.starts_with(|c: char| c.is_ascii_uppercase());
        let function = match &callee.object {
            // A function that makes instances runs on this one.
            Expression::Identifier(id) if method != "bind" && makes(&id.name) => {
                self.this();
                Box::new(name(self.span(id.span), Path::scoped(["super"])))
            }
            object => self.boxed(object),
        };
        let mut arguments = self.arguments(rest);
        match method {
            "bind" if arguments.is_empty() => return Some(function.kind),
            // Some arguments are fixed.
            "bind" => return None,
            "apply" => arguments.iter_mut().take(1).for_each(|list| list.spread = true),
            _ => {}
        }
        Some(ExprKind::Call { callee: function, types: Vec::new(), arguments, construct: false })
    }

    pub(super) fn arguments(&mut self, arguments: &[ast::Argument<'_>]) -> Vec<Argument> {
        let one = |argument: &ast::Argument<'_>| match argument {
            ast::Argument::SpreadElement(spread) => {
                Some(Argument { name: None, value: self.expression(&spread.argument), spread: true })
            }
            argument => argument.as_expression().map(|argument| positional(self.expression(argument))),
        };
        arguments.iter().filter_map(one).collect()
    }

    /// A key that is known, or the expression that computes it.
    pub(super) fn key(&mut self, key: &PropertyKey<'_>) -> EntryKey {
        match static_key(key) {
            Some(known) => EntryKey::Name(known),
            None => match key.as_expression() {
                Some(computed) => EntryKey::Computed(self.boxed(computed)),
                None => EntryKey::Name(String::new()),
            },
        }
    }

    pub(super) fn entries(&mut self, e: &ast::ObjectExpression<'_>) -> Vec<Entry> {
        e.properties.iter().map(|property| self.entry(property)).collect()
    }

    fn entry(&mut self, property: &ObjectPropertyKind<'_>) -> Entry {
        match property {
            ObjectPropertyKind::SpreadProperty(spread) => {
                let value = self.expression(&spread.argument);
                Entry { key: EntryKey::Spread, key_span: value.span, value }
            }
            ObjectPropertyKind::ObjectProperty(property) => {
                let key_span = self.span(property.key.span());
                let value = self.expression(&property.value);
                let mut key = self.key(&property.key);
                let value = match property.kind {
                    PropertyKind::Init => value,
                    // What the accessor gives is what reading the entry gives.
                    PropertyKind::Get => call(value.span, value, Vec::new()),
                    PropertyKind::Set => {
                        if let EntryKey::Name(key) = &mut key {
                            key.insert_str(0, "set ");
                        }
                        value
                    }
                };
                Entry { key, key_span, value }
            }
        }
    }

    fn assignment(&mut self, e: &ast::AssignmentExpression<'_>) -> ExprKind {
        let value = self.boxed(&e.right);
        if let Some(pattern) = e.left.as_assignment_target_pattern() {
            let pattern = Box::new(self.target_pattern(pattern));
            return ExprKind::Let { pattern, ty: None, value: Some(value), otherwise: None };
        }
        let target = self.target(&e.left);
        let operator = match e.operator {
            operator::AssignmentOperator::Assign => None,
            operator::AssignmentOperator::Addition => Some(BinaryOperator::Add),
            operator::AssignmentOperator::LogicalOr
            | operator::AssignmentOperator::LogicalAnd
            | operator::AssignmentOperator::LogicalNullish => {
                let operator = match e.operator {
                    operator::AssignmentOperator::LogicalOr => BinaryOperator::Or,
                    operator::AssignmentOperator::LogicalAnd => BinaryOperator::And,
                    _ => BinaryOperator::Default,
                };
                let (span, left) = (target.span.to(value.span), Box::new(self.target(&e.left)));
                let value = Box::new(expr(span, ExprKind::Binary { operator, left, right: value }));
                return ExprKind::Assign { target: Box::new(target), operator: None, value };
            }
            _ => Some(BinaryOperator::Arithmetic),
        };
        ExprKind::Assign { target: Box::new(target), operator, value }
    }

    /// A place that is assigned to; patterns are lowered elsewhere.
    pub(super) fn target(&mut self, target: &AssignmentTarget<'_>) -> Expr {
        match target.as_simple_assignment_target() {
            Some(simple) => self.simple_target(simple),
            None => expr(self.span(target.span()), ExprKind::Opaque(Vec::new())),
        }
    }

    fn simple_target(&mut self, target: &SimpleAssignmentTarget<'_>) -> Expr {
        let span = self.span(target.span());
        let kind = match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(e) => self.named(&e.name),
            SimpleAssignmentTarget::TSAsExpression(e) => return self.expression(&e.expression),
            SimpleAssignmentTarget::TSSatisfiesExpression(e) => return self.expression(&e.expression),
            SimpleAssignmentTarget::TSNonNullExpression(e) => return self.expression(&e.expression),
            SimpleAssignmentTarget::TSTypeAssertion(e) => return self.expression(&e.expression),
            member => match member.as_member_expression() {
                Some(member) => self.member(member),
                None => ExprKind::Opaque(Vec::new()),
            },
        };
        expr(span, kind)
    }
}

/// The specifier of `require('…')`.
pub(super) fn required<'a>(e: &'a ast::CallExpression<'_>) -> Option<&'a str> {
    match (&e.callee, e.arguments.as_slice()) {
        (Expression::Identifier(callee), [ast::Argument::StringLiteral(specifier)]) if callee.name == "require" => {
            Some(specifier.value.as_str())
        }
        _ => None,
    }
}

/// The key of a property when it is written in place.
pub(super) fn static_key(key: &PropertyKey<'_>) -> Option<String> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.to_string()),
        PropertyKey::PrivateIdentifier(name) => Some(format!("#{}", name.name)),
        PropertyKey::StringLiteral(text) => Some(text.value.to_string()),
        PropertyKey::NumericLiteral(number) => Some(number.value.to_string()),
        _ => None,
    }
}

fn binary_operator(operator: operator::BinaryOperator) -> BinaryOperator {
    match operator {
        operator::BinaryOperator::Addition => BinaryOperator::Add,
        operator::BinaryOperator::Subtraction => BinaryOperator::Subtract,
        operator::BinaryOperator::Multiplication => BinaryOperator::Multiply,
        operator::BinaryOperator::Division => BinaryOperator::Divide,
        operator::BinaryOperator::Equality | operator::BinaryOperator::StrictEquality => BinaryOperator::Equal,
        operator::BinaryOperator::Inequality | operator::BinaryOperator::StrictInequality => BinaryOperator::NotEqual,
        operator::BinaryOperator::LessThan
        | operator::BinaryOperator::LessEqualThan
        | operator::BinaryOperator::GreaterThan
        | operator::BinaryOperator::GreaterEqualThan
        | operator::BinaryOperator::In => BinaryOperator::Order,
        operator::BinaryOperator::Instanceof => BinaryOperator::Is,
        _ => BinaryOperator::Arithmetic,
    }
}

fn logical_operator(operator: operator::LogicalOperator) -> BinaryOperator {
    match operator {
        operator::LogicalOperator::Or => BinaryOperator::Or,
        operator::LogicalOperator::And => BinaryOperator::And,
        operator::LogicalOperator::Coalesce => BinaryOperator::Default,
    }
}
