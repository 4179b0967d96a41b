//! Functions that do nothing but hand what they are given on to a log: what is logged through them is logged where they are
//! called.

use super::Evaluator;
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Function, Pattern, PatternKind, TemplatePart, Type};
use crate::program::visit::children;
use crate::span::Span;

/// Code nested deeper than this is not looked at.
const MAX_NESTED: usize = 24;

impl Evaluator<'_> {
    /// The place where something is logged: that of the log, or of the call of the program's own function around it.
    pub(super) fn logged_at(&self, span: Span) -> Span {
        let wraps = |(function, by_name): &(&Function, bool)| *by_name && only_hands_on(function);
        let around = self.calls.iter().zip(&self.bodies).rev().take_while(|(_, body)| wraps(body));
        around.last().map_or(span, |((_, call), _)| *call)
    }
}

/// Whether a function makes one call, with what it is given as it is, and nothing else.
fn only_hands_on(function: &Function) -> bool {
    let mut names = Vec::new();
    // What it logs with is not what it logs.
    let logger = |ty: &Type| matches!(ty, Type::Named { path, .. } if path.last().ends_with("Logger"));
    let given = function.parameters.iter().filter(|parameter| !parameter.ty.as_ref().is_some_and(logger));
    given.for_each(|parameter| bound(&parameter.pattern, &mut names, MAX_NESTED));
    names.retain(|name| *name != "self");
    let Some(body) = function.body.as_ref().filter(|_| !names.is_empty()) else { return false };
    // One of all arguments is an argument.
    let all = function.parameters.last().filter(|_| function.variadic).and_then(|last| match &last.pattern.kind {
        PatternKind::Bind { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let mut calls = 0;
    steps(body, &mut calls, MAX_NESTED) && calls == 1 && mentions(body, &names, all, MAX_NESTED)
}

/// Whether an expression is made of calls, under conditions, and of what is put together for them. Counts the calls of the
/// way with the most of them.
fn steps(expression: &Expr, calls: &mut usize, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &expression.kind {
        ExprKind::Block(block) => {
            block.statements.iter().chain(block.value.as_deref()).all(|inner| steps(inner, calls, depth))
        }
        ExprKind::If { then, otherwise, .. } => {
            let (mut first, mut second) = (*calls, *calls);
            let plain = steps(then, &mut first, depth)
                && otherwise.as_ref().is_none_or(|otherwise| steps(otherwise, &mut second, depth));
            *calls = first.max(second);
            plain
        }
        ExprKind::Call { .. } => {
            *calls += 1;
            true
        }
        // `[ … ] && log … || true`
        ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
            steps(left, calls, depth) && steps(right, calls, depth)
        }
        ExprKind::Return(Some(value)) => matches!(value.kind, ExprKind::Call { .. }) && steps(value, calls, depth),
        ExprKind::Return(None) | ExprKind::Literal(_) => true,
        ExprKind::Let { otherwise: None, .. } => true,
        _ => false,
    }
}

/// Whether one of these is used as it is: whoever picks a part of it decides what is logged. `all` holds all arguments.
fn mentions(expression: &Expr, names: &[&str], all: Option<&str>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    if let ExprKind::Field { base, .. } | ExprKind::Index { base, .. } = &expression.kind
        && let ExprKind::Name(path) = &base.kind
    {
        return path.single().is_some_and(|name| Some(name) == all);
    }
    // What a command writes that runs where it stands.
    if let ExprKind::Closure(function) = &expression.kind
        && function.parameters.is_empty()
        && let Some(body) = &function.body
    {
        return mentions(body, names, all, depth);
    }
    if let ExprKind::Name(path) = &expression.kind
        && path.single().is_some_and(|name| names.contains(&name))
    {
        return true;
    }
    if let ExprKind::Template(parts) = &expression.kind {
        let inside = |part: &TemplatePart| matches!(part, TemplatePart::Hole { value, .. } if mentions(value, names, all, depth));
        return parts.iter().any(inside);
    }
    let mut found = false;
    children(expression, &mut |child| found = found || mentions(child, names, all, depth));
    found
}

fn bound<'f>(pattern: &'f Pattern, names: &mut Vec<&'f str>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &pattern.kind {
        PatternKind::Bind { name, inner, .. } => {
            names.push(name);
            inner.iter().for_each(|inner| bound(inner, names, depth));
        }
        PatternKind::Object { fields, rest, .. } => {
            fields.iter().for_each(|(_, field)| bound(field, names, depth));
            rest.iter().for_each(|rest| bound(rest, names, depth));
        }
        PatternKind::List { elements, rest } => {
            elements.iter().for_each(|element| bound(element, names, depth));
            rest.iter().for_each(|(_, rest)| bound(rest, names, depth));
        }
        PatternKind::Variant { elements, .. } => elements.iter().for_each(|element| bound(element, names, depth)),
        PatternKind::Or(all) => all.iter().for_each(|one| bound(one, names, depth)),
        PatternKind::Wildcard | PatternKind::Value(_) => {}
    }
}
