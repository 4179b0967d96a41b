//! What runs at once is limited to one.

use super::{Place, fix};
use crate::finding::Fix;
use crate::knowledge::fixes::limit_forms;
use crate::program::tree::{Entry, EntryKey, Expr, ExprKind};

/// The call with a limit of one.
pub(super) fn of_one(place: &Place<'_>) -> Option<Fix> {
    let around = place.around();
    let call =
        around.all.iter().rev().find(|expr| expr.span == place.span && matches!(expr.kind, ExprKind::Call { .. }))?;
    let ExprKind::Call { callee, arguments, .. } = &call.kind else { return None };
    let name = match &callee.kind {
        ExprKind::Field { name, .. } => name.as_str(),
        ExprKind::Name(path) => path.last(),
        _ => return None,
    };
    let number: &Expr = limit_forms(around.language, name).find_map(|form| match (form.argument, &form.option) {
        (Some(at), _) => arguments.get(at).map(|argument| &argument.value),
        (None, Some(option)) => arguments.iter().find_map(|argument| entry(&argument.value, option)),
        (None, None) => None,
    })?;
    if place.source.slice(number.span) == "1" {
        return None;
    }
    fix("send one request after the other", false, vec![place.edit(number.span.start, number.span.end, "1")])
}

fn entry<'a>(expr: &'a Expr, name: &str) -> Option<&'a Expr> {
    let ExprKind::Object { entries, .. } = &expr.kind else { return None };
    entries.iter().find_map(|Entry { key, value, .. }| match key {
        EntryKey::Name(known) if known == name => Some(value),
        _ => None,
    })
}
