//! Functions that answer requests: what they give back leaves the program.

use super::value::Value;
use super::{Evaluator, Frame};
use crate::facts::{SinkKind, Written};
use crate::program::link::{Resolved, ScopeId};
use crate::program::tree::{Expr, ExprKind, Function, HoleStyle, Item, Path, Type};
use crate::span::Span;
use std::collections::HashSet;

/// Code nested deeper than this is not looked at.
const MAX_NESTED: usize = 24;
/// Types within types are looked at this far.
const MAX_DEPTH: usize = 6;

impl<'p> Evaluator<'p> {
    /// What a function that answers requests gives back is an answer.
    pub(super) fn answer(&mut self, frame: &Frame<'p>, value: &Value<'p>, span: Span) {
        let style = HoleStyle::Display;
        let value = self.printed(frame.scope, value, style);
        self.write(span, SinkKind::Response, vec![Written { value, span, style }], None);
    }

    /// Whether a function answers requests: an attribute or the type it gives back says so.
    pub(super) fn answers(&self, scope: ScopeId, item: &Item, function: &Function) -> bool {
        let libraries = self.libraries(scope);
        let external = |path: &Path| match self.program.resolve(scope, path) {
            Some(Resolved::External(name)) => Some(name),
            _ => None,
        };
        let is_reply =
            |path: &Path| external(path).is_some_and(|name| libraries.ty(&name).is_some_and(|ty| ty.answers));
        item.attributes.iter().filter_map(|attribute| external(&attribute.path)).any(|name| libraries.answers(&name))
            || function.returns.as_ref().is_some_and(|ty| mentions(ty, &is_reply, MAX_DEPTH))
    }
}

/// Where the values stand that a body gives back: the last ones of its branches, and those it returns early.
pub(super) fn given_back(body: &Expr) -> HashSet<Span> {
    let mut found = HashSet::new();
    last(body, &mut found, MAX_NESTED);
    returned(body, &mut found, MAX_NESTED);
    found
}

fn last(expression: &Expr, found: &mut HashSet<Span>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &expression.kind {
        ExprKind::Block(block) => block.value.iter().for_each(|value| last(value, found, depth)),
        ExprKind::If { then, otherwise, .. } => {
            last(then, found, depth);
            otherwise.iter().for_each(|otherwise| last(otherwise, found, depth));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| last(&arm.body, found, depth)),
        ExprKind::Return(_) => {}
        _ => {
            found.insert(expression.span);
        }
    }
}

/// Early returns among the statements of a body.
fn returned(expression: &Expr, found: &mut HashSet<Span>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &expression.kind {
        ExprKind::Return(Some(value)) => last(value, found, depth),
        ExprKind::Block(block) => {
            block.statements.iter().chain(block.value.as_deref()).for_each(|inner| returned(inner, found, depth));
        }
        ExprKind::If { then, otherwise, .. } => {
            returned(then, found, depth);
            otherwise.iter().for_each(|otherwise| returned(otherwise, found, depth));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| returned(&arm.body, found, depth)),
        ExprKind::Loop { body, .. } => returned(body, found, depth),
        ExprKind::Let { value, otherwise, .. } => {
            value.iter().chain(otherwise).for_each(|inner| returned(inner, found, depth));
        }
        ExprKind::Catch { body, handler, .. } => {
            returned(body, found, depth);
            handler.iter().for_each(|handler| returned(handler, found, depth));
        }
        _ => {}
    }
}

/// Whether a written type names a type for which `test` holds.
fn mentions(ty: &Type, test: &dyn Fn(&Path) -> bool, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |inner: &Type| mentions(inner, test, depth);
    match ty {
        Type::Named { path, arguments, .. } => test(path) || arguments.iter().any(inside),
        Type::Interface(all) | Type::Tuple(all) => all.iter().any(inside),
        Type::List(element) => inside(element),
        Type::Function { .. } | Type::Unknown => false,
    }
}
