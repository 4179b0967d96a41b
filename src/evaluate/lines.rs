//! Lines that programs build themselves: what comes next waits for what was put in last.

use super::Evaluator;
use crate::program::tree::{Expr, ExprKind};
use crate::program::visit::children;
use crate::span::Span;

/// Code nested deeper than this is not looked at.
const DEPTH: usize = 24;

impl Evaluator<'_> {
    /// Whether the function that runs gives the receiver's place a new value: `tail = tail.then(job)`.
    pub(super) fn lines_up(&self, call: Span) -> bool {
        let function = self.calls.last().and_then(|(id, _)| self.program.functions.get(id.0));
        let Some(body) = function.and_then(|entry| entry.function.body.as_ref()) else { return false };
        let Some(place) = receiver(body, call, DEPTH) else { return false };
        assigns(body, place, DEPTH)
    }
}

/// The receiver of a call.
fn receiver(expression: &Expr, call: Span, depth: usize) -> Option<&Expr> {
    let depth = depth.checked_sub(1)?;
    if let ExprKind::Call { callee, .. } = &expression.kind
        && expression.span == call
    {
        return match &callee.kind {
            ExprKind::Field { base, .. } => Some(base),
            _ => None,
        };
    }
    let mut found = None;
    children(expression, &mut |inner| {
        if found.is_none() && inner.span.contains(call) {
            found = receiver(inner, call, depth);
        }
    });
    found
}

/// Whether code gives a place a value.
fn assigns(expression: &Expr, place: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    if matches!(&expression.kind, ExprKind::Assign { target, .. } if same(target, place, depth)) {
        return true;
    }
    let mut found = false;
    children(expression, &mut |inner| found = found || assigns(inner, place, depth));
    found
}

/// Whether two expressions name the same place.
fn same(one: &Expr, other: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match (&one.kind, &other.kind) {
        (ExprKind::Name(one), ExprKind::Name(other)) => one.segments == other.segments,
        (ExprKind::Field { base, name, .. }, ExprKind::Field { base: other, name: named, .. }) => {
            name == named && same(base, other, depth)
        }
        _ => false,
    }
}
