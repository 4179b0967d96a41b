//! The default behind the look-up of a variable is taken out: without the variable there is nothing to work with.

use super::{Edit, Place, fix};
use crate::finding::Fix;
use crate::knowledge::fixes::{DefaultForm, default_form};
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Literal};

/// What is done, for people.
const DESCRIPTION: &str = "take nothing when the variable is not set";

/// The look-up without the default that the place is in.
pub(super) fn removed(place: &Place<'_>) -> Option<Fix> {
    if let Some(edit) = in_braces(place) {
        return fix(DESCRIPTION, false, vec![edit]);
    }
    let around = place.around();
    let form = default_form(around.language)?;
    // The innermost first: a default of a default is taken out with what it belongs to.
    let edit = around.all.iter().rev().find_map(|expr| of(form, place, expr))?;
    fix(DESCRIPTION, false, vec![edit])
}

fn of(form: &DefaultForm, place: &Place<'_>, expr: &Expr) -> Option<Edit> {
    match &expr.kind {
        ExprKind::Binary { operator: BinaryOperator::Default | BinaryOperator::Or, left, right }
            if form.operator && right.span.contains(place.span) =>
        {
            Some(place.edit(left.span.end, right.span.end, ""))
        }
        ExprKind::Call { callee, arguments, .. } => {
            let ExprKind::Field { base, name, .. } = &callee.kind else { return None };
            let inside = arguments.iter().any(|argument| argument.value.span.contains(place.span));
            if !inside || !form.methods.contains(name) {
                return None;
            }
            let instead = form.instead.replace("{name}", &variable(base)?);
            Some(place.edit(base.span.end, expr.span.end, instead))
        }
        _ => None,
    }
}

/// The variable that an expression looks up: the only text in it that can be the name of one.
fn variable(expr: &Expr) -> Option<String> {
    fn collect(expr: &Expr, found: &mut Vec<String>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let ExprKind::Literal(Literal::Text(text)) = &expr.kind {
            found.push(text.clone());
        }
        crate::program::visit::children(expr, &mut |child| collect(child, found, depth));
    }
    let mut found = Vec::new();
    collect(expr, &mut found, 40);
    let name = |text: &String| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match found.as_slice() {
        [one] if name(one) => Some(one.clone()),
        _ => None,
    }
}

/// `${NAME:-default}`, in scripts and in what fills variables in as they do.
fn in_braces(place: &Place<'_>) -> Option<Edit> {
    let whole = place.source.text();
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let before = whole.get(..start)?;
    let open = before.rfind("${")?;
    let inside = before.get(open + 2..)?;
    let (name, behind) = inside.split_at(inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?);
    let sign = [":-", "-", ":="].into_iter().find(|sign| behind.starts_with(sign))?;
    let between = behind.get(sign.len()..)?;
    let rest = whole.get(end..)?;
    let close = rest.find('}')?;
    let quotes = |text: &str| text.chars().all(|c| matches!(c, '"' | '\''));
    if name.is_empty() || !quotes(between) || !quotes(rest.get(..close)?) {
        return None;
    }
    let from = u32::try_from(open + 2 + name.len()).ok()?;
    let to = u32::try_from(end + close).ok()?;
    Some(place.edit(from, to, format!(":?{name} is not set")))
}
