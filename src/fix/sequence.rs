//! What is started for every element at once becomes a loop that waits in each round.

use super::{Place, fix};
use crate::finding::{Fix, NewText};
use crate::knowledge::fixes::{SequenceForm, sequence_form};
use crate::program::tree::{Expr, ExprKind, Function, PatternKind};
use crate::span::Span;

/// `await Promise.all(list.map(async (one) => …))` as a statement, or bound to one name.
pub(super) fn one_by_one(place: &Place<'_>) -> Option<Fix> {
    let around = place.around();
    let form = sequence_form(around.language)?;
    let at =
        around.all.iter().rposition(|expr| expr.span == place.span && matches!(expr.kind, ExprKind::Call { .. }))?;
    let call = around.all.get(at)?;
    let (list, each) = parts(form, call)?;
    let awaited = around.all.get(at.checked_sub(1)?)?;
    let ExprKind::Await(_) = &awaited.kind else { return None };
    let holder = at.checked_sub(2).and_then(|index| around.all.get(index));
    let body = each.body.as_ref()?;
    let [parameter] = each.parameters.as_slice() else { return None };
    let text = |expr: &Expr| place.text(expr.span.start, expr.span.end);
    let words = |text: &str| NewText::Words(text.to_owned());
    let head = || {
        let (element, list) = (NewText::Kept(parameter.pattern.span), NewText::Kept(list.span));
        vec![words("for (const "), element, words(" of "), list, words(") ")]
    };
    let block = matches!(body.kind, ExprKind::Block(_)) && text(body).starts_with('{');
    let indent = place.indent(awaited.span.start);
    let described = "send one request after the other";
    let replaced = |start: u32, end: u32, parts: Vec<NewText>| {
        fix(described, false, vec![(Span { start, end, ..place.span }, parts)])
    };
    let mut parts = head();
    match holder.map(|holder| &holder.kind) {
        // A statement of its own: what it gives is not used.
        Some(ExprKind::Block(outer)) if outer.statements.iter().any(|one| one.span == awaited.span) => {
            if block && gives_back(body) {
                return None;
            }
            match block {
                true => parts.push(NewText::Kept(body.span)),
                false => parts.extend([words("await "), NewText::Kept(unawaited(place, body.span)), words(";")]),
            }
            replaced(awaited.span.start, statement_end(place, awaited.span.end), parts)
        }
        Some(ExprKind::Let { pattern, ty: None, otherwise: None, .. }) if !block => {
            let PatternKind::Bind { inner: None, default: None, .. } = &pattern.kind else { return None };
            let holder = holder?;
            let start = declaration(place, holder.span.start)?;
            let end = statement_end(place, holder.span.end);
            let rest = place.source.text().get(end as usize..)?.trim_start_matches([' ', '\t']);
            if end == holder.span.end && rest.starts_with(',') {
                return None;
            }
            let step = if indent.contains('\t') { "\t" } else { "  " };
            let line = place.line_end();
            let name = || NewText::Kept(pattern.span);
            let mut all = vec![words("const "), name(), words(&format!(" = [];{line}{indent}"))];
            all.append(&mut parts);
            all.extend([words(&format!("{{{line}{indent}{step}")), name(), words(".push(await ")]);
            all.extend([NewText::Kept(unawaited(place, body.span)), words(&format!(");{line}{indent}}}"))]);
            replaced(start, end, all)
        }
        _ => None,
    }
}

/// The list and what is made of each element.
fn parts<'a>(form: &SequenceForm, call: &'a Expr) -> Option<(&'a Expr, &'a Function)> {
    let ExprKind::Call { callee, arguments, .. } = &call.kind else { return None };
    let [only] = arguments.as_slice() else { return None };
    let named = match &callee.kind {
        ExprKind::Name(path) => path.segments.join("::"),
        ExprKind::Field { base, name, .. } => match &base.kind {
            ExprKind::Name(path) => format!("{}::{name}", path.segments.join("::")),
            _ => return None,
        },
        _ => return None,
    };
    let ExprKind::Call { callee, arguments, .. } = &only.value.kind else { return None };
    let (ExprKind::Field { base, name, .. }, [each]) = (&callee.kind, arguments.as_slice()) else { return None };
    let ExprKind::Closure(function) = &each.value.kind else { return None };
    (form.all.contains(&named) && *name == form.each).then_some((base, function))
}

/// Whether a body gives something back, or leaves early: a loop would leave the function around it.
fn gives_back(body: &Expr) -> bool {
    fn look(expr: &Expr, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        let mut found = matches!(expr.kind, ExprKind::Return(_));
        crate::program::visit::children(expr, &mut |child| found |= look(child, depth));
        found
    }
    look(body, 60)
}

/// Where the declaration of one name that cannot change begins, from where the name stands.
fn declaration(place: &Place<'_>, name: u32) -> Option<u32> {
    const WORD: &str = "const";
    let before = place.source.text().get(..name as usize)?.trim_end();
    let start = before.strip_suffix(WORD)?.len();
    u32::try_from(start).ok()
}

/// An expression without the word that waits for it.
fn unawaited(place: &Place<'_>, span: Span) -> Span {
    let text = place.text(span.start, span.end);
    let rest = text.strip_prefix("await ").map_or(text, str::trim_start);
    let cut = u32::try_from(text.len() - rest.len()).unwrap_or(0);
    Span { start: span.start + cut, ..span }
}

/// The end of a statement with the sign that ends it.
fn statement_end(place: &Place<'_>, end: u32) -> u32 {
    let rest = place.source.text().get(end as usize..).unwrap_or("");
    if rest.starts_with(';') { end + 1 } else { end }
}
