//! What a type derives is written by hand, without the fields that hold credentials.

use super::{Edit, Place, fix};
use crate::finding::Fix;
use crate::knowledge::fixes::{DerivedForm, derived_form};
use crate::program::tree::{Attribute, Expr, ExprKind, FieldDefinition, Item, ItemKind, TypeDefinition};
use crate::span::Span;

/// The derivation at the place loses what shows every field; `secret`: where the fields stand that are not to be seen.
pub(super) fn without(place: &Place<'_>, secret: &[Span]) -> Option<Fix> {
    let item =
        place.around().items.into_iter().find(|item| item.attributes.iter().any(|one| one.span == place.span))?;
    let ItemKind::Type(definition) = &item.kind else { return None };
    let attribute = item.attributes.iter().find(|one| one.span == place.span)?;
    let hidden: Vec<&FieldDefinition> = definition.fields.iter().filter(|field| secret.contains(&field.span)).collect();
    // Type parameters would need bounds that nobody here can know.
    if hidden.is_empty()
        || !definition.generics.is_empty()
        || place.text(item.name_span.end, item.span.end).trim_start().starts_with('<')
    {
        return None;
    }
    let mut edits = Vec::new();
    let mut removed = Vec::new();
    for (index, argument) in attribute.arguments.iter().enumerate() {
        let form = last_word(&argument.value).and_then(|name| derived_form(place.module.namespace, name));
        match form {
            Some(form) if form.written.is_some() => {
                removed.push(index);
                edits.push(written(place, item, definition, &hidden, form)?);
            }
            Some(form) => edits.extend(hidden.iter().filter_map(|field| marked(place, field, form))),
            None => {}
        }
    }
    edits.extend(taken_out(place, attribute, &removed));
    match edits.is_empty() {
        true => None,
        false => fix("keep the credential out of what is printed", false, edits),
    }
}

fn last_word(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(path) => path.segments.last().map(String::as_str),
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Name(path) => path.segments.last().map(String::as_str),
            _ => None,
        },
        _ => None,
    }
}

/// The derivation without some of its words; without anything left, the line it stands on goes with it.
fn taken_out(place: &Place<'_>, attribute: &Attribute, removed: &[usize]) -> Vec<Edit> {
    if removed.is_empty() {
        return Vec::new();
    }
    if removed.len() == attribute.arguments.len() {
        let rest = place.text(attribute.span.end, u32::MAX);
        let blank = rest.len() - rest.trim_start().len();
        let end = attribute.span.end + u32::try_from(blank).unwrap_or(0);
        return vec![place.edit(attribute.span.start, end, "")];
    }
    let spans: Vec<Span> = attribute.arguments.iter().map(|argument| argument.value.span).collect();
    let one = |index: &usize| {
        let this = spans.get(*index)?;
        Some(match spans.get(index + 1) {
            Some(next) => place.edit(this.start, next.start, ""),
            None => place.edit(spans.get(index.checked_sub(1)?)?.end, this.end, ""),
        })
    };
    removed.iter().filter_map(one).collect()
}

/// The form written by hand, behind the type.
fn written(
    place: &Place<'_>,
    item: &Item,
    definition: &TypeDefinition,
    hidden: &[&FieldDefinition],
    form: &DerivedForm,
) -> Option<Edit> {
    let seen = definition.fields.iter().filter(|field| hidden.iter().all(|one| one.span != field.span));
    let fields: String = seen.map(|field| form.field.replace("{field}", &field.name)).collect();
    let text = form.written.as_ref()?.replace("{type}", &item.name).replace("{fields}", &fields);
    let indent = place.indent(item.span.start);
    let line_end = place.line_end();
    let lines: String = text
        .trim_start_matches('\n')
        .lines()
        .map(|line| if line.is_empty() { line_end.to_owned() } else { format!("{line_end}{indent}{line}") })
        .collect();
    Some(place.edit(item.span.end, item.span.end, format!("{line_end}{lines}")))
}

/// What leaves a field out, before it.
fn marked(place: &Place<'_>, field: &FieldDefinition, form: &DerivedForm) -> Option<Edit> {
    let left_out = field.attributes.iter().flat_map(|attribute| &attribute.arguments).any(|argument| {
        let word = argument.name.as_deref().or_else(|| last_word(&argument.value));
        word.is_some_and(|word| form.unless.iter().any(|one| one == word))
    });
    if left_out {
        return None;
    }
    let start = field.attributes.iter().map(|one| one.span.start).min().unwrap_or(field.span.start);
    let start = start.min(field.span.start);
    let before = place.text(0, start).rsplit(['\n', '\r']).next().unwrap_or("");
    // On a line of its own where the field has one.
    let gap = match before.trim().is_empty() {
        true => format!("{}{before}", place.line_end()),
        false => " ".to_owned(),
    };
    Some(place.edit(start, start, format!("{}{gap}", form.marked.as_ref()?)))
}
