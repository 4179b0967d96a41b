//! Expressions, statements and closures.

use super::Context;
use super::patterns::member;
use crate::program::tree::{
    Argument, Arm, Asynchrony, BinaryOperator, Block, Entry, EntryKey, Expr, ExprKind, Function, Literal, LoopKind,
    Parameter, UnaryOperator,
};
use crate::span::Span;

impl Context {
    pub(super) fn expr(self, expression: &syn::Expr) -> Expr {
        let span = self.span_of(expression);
        let kind = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.expr_kind(expression, span));
        Expr { span, kind }
    }

    fn boxed(self, expression: &syn::Expr) -> Box<Expr> {
        Box::new(self.expr(expression))
    }

    pub(super) fn literal(self, literal: &syn::Lit) -> ExprKind {
        ExprKind::Literal(match literal {
            syn::Lit::Str(text) => Literal::Text(text.value()),
            syn::Lit::ByteStr(bytes) => Literal::Bytes(bytes.value()),
            syn::Lit::CStr(text) => Literal::Bytes(text.value().into_bytes()),
            syn::Lit::Byte(byte) => Literal::Number(byte.value().to_string()),
            syn::Lit::Char(c) => Literal::Text(c.value().to_string()),
            syn::Lit::Int(number) => Literal::Number(number.base10_digits().to_owned()),
            syn::Lit::Float(number) => Literal::Number(number.base10_digits().to_owned()),
            syn::Lit::Bool(value) => Literal::Boolean(value.value),
            _ => return ExprKind::Opaque(Vec::new()),
        })
    }

    pub(super) fn positional(value: Expr) -> Argument {
        Argument { name: None, value, spread: false }
    }

    fn arguments<'a>(self, all: impl IntoIterator<Item = &'a syn::Expr>) -> Vec<Argument> {
        all.into_iter().map(|argument| Self::positional(self.expr(argument))).collect()
    }

    fn expr_kind(self, expression: &syn::Expr, span: Span) -> ExprKind {
        match expression {
            syn::Expr::Lit(e) => self.literal(&e.lit),
            syn::Expr::Path(e) => ExprKind::Name(self.path(&e.path)),
            syn::Expr::Field(e) => ExprKind::Field {
                base: self.boxed(&e.base),
                name: member(&e.member),
                name_span: self.span(&e.member),
                optional: false,
            },
            syn::Expr::Index(e) => ExprKind::Index { base: self.boxed(&e.expr), index: self.boxed(&e.index) },
            syn::Expr::Call(e) => ExprKind::Call {
                callee: self.boxed(&e.func),
                types: match &*e.func {
                    syn::Expr::Path(path) => self.path_arguments(&path.path),
                    _ => Vec::new(),
                },
                arguments: self.arguments(&e.args),
                construct: false,
            },
            syn::Expr::MethodCall(e) => {
                let name_span = self.span(&e.method);
                let base = self.boxed(&e.receiver);
                let callee = ExprKind::Field { base, name: e.method.to_string(), name_span, optional: false };
                ExprKind::Call {
                    callee: Box::new(Expr { span: span.to(name_span), kind: callee }),
                    types: e.turbofish.as_ref().map(|all| self.generic_arguments(all)).unwrap_or_default(),
                    arguments: self.arguments(&e.args),
                    construct: false,
                }
            }
            syn::Expr::Struct(e) => {
                let mut entries: Vec<Entry> = e
                    .fields
                    .iter()
                    .map(|field| Entry {
                        key: EntryKey::Name(member(&field.member)),
                        key_span: self.span(&field.member),
                        value: self.expr(&field.expr),
                    })
                    .collect();
                if let Some(rest) = &e.rest {
                    let value = self.expr(rest);
                    entries.push(Entry { key: EntryKey::Spread, key_span: value.span, value });
                }
                ExprKind::Object { ty: Some(self.path(&e.path)), entries }
            }
            syn::Expr::Array(e) => ExprKind::List(self.arguments(&e.elems)),
            syn::Expr::Tuple(e) => ExprKind::List(self.arguments(&e.elems)),
            syn::Expr::Repeat(e) => ExprKind::List(vec![Self::positional(self.expr(&e.expr))]),
            syn::Expr::Closure(e) => {
                let parameters = e.inputs.iter().map(|pattern| Parameter {
                    pattern: self.pattern(pattern),
                    ty: match pattern {
                        syn::Pat::Type(typed) => Some(self.ty(&typed.ty)),
                        _ => None,
                    },
                    default: None,
                    attributes: Vec::new(),
                });
                ExprKind::Closure(Box::new(Function {
                    span,
                    name: None,
                    has_receiver: false,
                    parameters: parameters.collect(),
                    returns: self.returned(&e.output),
                    generics: Vec::new(),
                    asynchrony: if e.asyncness.is_some() { Asynchrony::Lazy } else { Asynchrony::None },
                    body: Some(self.expr(&e.body)),
                    variadic: false,
                    dynamic: false,
                }))
            }
            syn::Expr::Assign(e) => {
                ExprKind::Assign { target: self.boxed(&e.left), operator: None, value: self.boxed(&e.right) }
            }
            syn::Expr::Let(e) => ExprKind::Let {
                pattern: Box::new(self.pattern(&e.pat)),
                ty: None,
                value: Some(self.boxed(&e.expr)),
                otherwise: None,
            },
            syn::Expr::If(e) => ExprKind::If {
                condition: self.boxed(&e.cond),
                then: Box::new(self.block_expr(&e.then_branch, Asynchrony::None)),
                otherwise: e.else_branch.as_ref().map(|(_, otherwise)| self.boxed(otherwise)),
            },
            syn::Expr::Match(e) => ExprKind::Match {
                subject: self.boxed(&e.expr),
                arms: e.arms.iter().map(|arm| self.arm(&arm.pat, self.expr(&arm.body))).collect(),
            },
            syn::Expr::ForLoop(e) => ExprKind::Loop {
                kind: LoopKind::Each {
                    pattern: Box::new(self.pattern(&e.pat)),
                    iterable: self.boxed(&e.expr),
                    awaited: false,
                },
                body: Box::new(self.block_expr(&e.body, Asynchrony::None)),
            },
            syn::Expr::While(e) => ExprKind::Loop {
                kind: LoopKind::While(self.boxed(&e.cond)),
                body: Box::new(self.block_expr(&e.body, Asynchrony::None)),
            },
            syn::Expr::Loop(e) => {
                ExprKind::Loop { kind: LoopKind::Forever, body: Box::new(self.block_expr(&e.body, Asynchrony::None)) }
            }
            syn::Expr::Await(e) => ExprKind::Await(self.boxed(&e.base)),
            syn::Expr::Try(e) => ExprKind::Try(self.boxed(&e.expr)),
            syn::Expr::Return(e) => ExprKind::Return(e.expr.as_ref().map(|value| self.boxed(value))),
            syn::Expr::Break(e) => ExprKind::Break(e.expr.as_ref().map(|value| self.boxed(value))),
            syn::Expr::Continue(_) => ExprKind::Continue,
            syn::Expr::Binary(e) => {
                let (operator, compound) = operator(&e.op);
                if compound {
                    return ExprKind::Assign {
                        target: self.boxed(&e.left),
                        operator: Some(operator),
                        value: self.boxed(&e.right),
                    };
                }
                ExprKind::Binary { operator, left: self.boxed(&e.left), right: self.boxed(&e.right) }
            }
            syn::Expr::Unary(e) => {
                let operator = match e.op {
                    syn::UnOp::Not(_) => UnaryOperator::Not,
                    syn::UnOp::Deref(_) => UnaryOperator::Reference,
                    _ => UnaryOperator::Arithmetic,
                };
                ExprKind::Unary { operator, operand: self.boxed(&e.expr) }
            }
            syn::Expr::Reference(e) => {
                let operator =
                    if e.mutability.is_some() { UnaryOperator::MutableReference } else { UnaryOperator::Reference };
                ExprKind::Unary { operator, operand: self.boxed(&e.expr) }
            }
            syn::Expr::Range(e) => {
                let side = |side: &Option<Box<syn::Expr>>| {
                    side.as_ref().map_or_else(
                        || Box::new(Expr { span, kind: ExprKind::Literal(Literal::Null) }),
                        |e| self.boxed(e),
                    )
                };
                ExprKind::Binary { operator: BinaryOperator::Range, left: side(&e.start), right: side(&e.end) }
            }
            syn::Expr::Block(e) => self.block_expr(&e.block, Asynchrony::None).kind,
            syn::Expr::Unsafe(e) => self.block_expr(&e.block, Asynchrony::None).kind,
            syn::Expr::Async(e) => self.block_expr(&e.block, Asynchrony::Lazy).kind,
            syn::Expr::Cast(e) => ExprKind::Cast { value: self.boxed(&e.expr), ty: self.ty(&e.ty) },
            syn::Expr::Paren(e) => self.expr(&e.expr).kind,
            syn::Expr::Group(e) => self.expr(&e.expr).kind,
            syn::Expr::Macro(e) => self.macro_call(&e.mac, span),
            syn::Expr::Const(e) => self.block_expr(&e.block, Asynchrony::None).kind,
            syn::Expr::TryBlock(e) => self.block_expr(&e.block, Asynchrony::None).kind,
            syn::Expr::RawAddr(e) => self.expr(&e.expr).kind,
            syn::Expr::Yield(e) => ExprKind::Opaque(e.expr.iter().map(|value| self.expr(value)).collect()),
            _ => ExprKind::Opaque(Vec::new()),
        }
    }

    /// An arm of a match. A guard is part of its pattern to the parser.
    pub(super) fn arm(self, pattern: &syn::Pat, body: Expr) -> Arm {
        match pattern {
            syn::Pat::Guard(guarded) => {
                Arm { pattern: self.pattern(&guarded.pat), guard: Some(self.expr(&guarded.guard)), body }
            }
            _ => Arm { pattern: self.pattern(pattern), guard: None, body },
        }
    }

    pub(super) fn block_expr(self, block: &syn::Block, asynchrony: Asynchrony) -> Expr {
        let span = self.span(block);
        let mut statements = Vec::new();
        let mut value = None;
        let last = block.stmts.len().saturating_sub(1);
        for (index, statement) in block.stmts.iter().enumerate() {
            match statement {
                syn::Stmt::Local(local) => {
                    let ty = match &local.pat {
                        syn::Pat::Type(typed) => Some(self.ty(&typed.ty)),
                        _ => None,
                    };
                    let kind = ExprKind::Let {
                        pattern: Box::new(self.pattern(&local.pat)),
                        ty,
                        value: local.init.as_ref().map(|init| self.boxed(&init.expr)),
                        otherwise: local
                            .init
                            .as_ref()
                            .and_then(|init| init.diverge.as_ref())
                            .map(|(_, e)| self.boxed(e)),
                    };
                    statements.push(Expr { span: self.span(local), kind });
                }
                syn::Stmt::Item(item) => {
                    let items = self.item(item).into_iter();
                    statements.extend(items.map(|item| Expr { span: item.span, kind: ExprKind::Item(Box::new(item)) }));
                }
                syn::Stmt::Expr(expression, None) if index == last => value = Some(self.boxed(expression)),
                syn::Stmt::Expr(expression, _) => statements.push(self.expr(expression)),
                syn::Stmt::Macro(call) => {
                    let span = self.span(call);
                    let expression = Expr { span, kind: self.macro_call(&call.mac, span) };
                    if index == last && call.semi_token.is_none() {
                        value = Some(Box::new(expression));
                    } else {
                        statements.push(expression);
                    }
                }
            }
        }
        Expr { span, kind: ExprKind::Block(Block { statements, value, asynchrony }) }
    }
}

fn operator(operator: &syn::BinOp) -> (BinaryOperator, bool) {
    match operator {
        syn::BinOp::Add(_) => (BinaryOperator::Add, false),
        syn::BinOp::AddAssign(_) => (BinaryOperator::Add, true),
        syn::BinOp::Sub(_) => (BinaryOperator::Subtract, false),
        syn::BinOp::Mul(_) => (BinaryOperator::Multiply, false),
        syn::BinOp::Div(_) => (BinaryOperator::Divide, false),
        syn::BinOp::And(_) => (BinaryOperator::And, false),
        syn::BinOp::Or(_) => (BinaryOperator::Or, false),
        syn::BinOp::Eq(_) => (BinaryOperator::Equal, false),
        syn::BinOp::Ne(_) => (BinaryOperator::NotEqual, false),
        syn::BinOp::Lt(_) | syn::BinOp::Le(_) | syn::BinOp::Gt(_) | syn::BinOp::Ge(_) => (BinaryOperator::Order, false),
        syn::BinOp::SubAssign(_)
        | syn::BinOp::MulAssign(_)
        | syn::BinOp::DivAssign(_)
        | syn::BinOp::RemAssign(_)
        | syn::BinOp::BitXorAssign(_)
        | syn::BinOp::BitAndAssign(_)
        | syn::BinOp::BitOrAssign(_)
        | syn::BinOp::ShlAssign(_)
        | syn::BinOp::ShrAssign(_) => (BinaryOperator::Arithmetic, true),
        _ => (BinaryOperator::Arithmetic, false),
    }
}
