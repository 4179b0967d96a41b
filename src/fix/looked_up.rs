//! A credential that is written where a name is bound is looked up in the environment instead.

use super::{Place, fix};
use crate::finding::Fix;
use crate::knowledge::fixes::looked_up_form;
use crate::knowledge::words::{names_product, words};
use crate::program::tree::{EntryKey, Expr, ExprKind, Item, ItemKind, Literal, PatternKind};
use crate::project::sides::Side;
use std::collections::BTreeMap;

/// The look-up of a variable named after what the literal at the place is bound to, with the variable's name and the
/// literal. Nobody but [`Variables`] may keep that.
pub(super) fn instead<'a>(place: &Place<'a>, side: Side) -> Option<(Fix, String, &'a str)> {
    let around = place.around();
    let form = looked_up_form(around.language)?;
    let has_environment = match side {
        Side::Server => true,
        Side::Unknown => place.source.text().contains(&form.evidence),
        _ => false,
    };
    let literal = around.all.last()?;
    if !has_environment || !matches!(literal.kind, ExprKind::Literal(Literal::Text(_))) {
        return None;
    }
    let holder = around.all.len().checked_sub(2).and_then(|index| around.all.get(index));
    let name = match holder {
        Some(holder) => bound(holder, literal)?,
        None => defined(around.items.last()?, literal)?,
    };
    let name = variable(name)?;
    let look_up = form.look_up.replace("{name}", &name);
    let edit = place.edit(literal.span.start, literal.span.end, look_up);
    let made = fix(format!("take it from the variable `{name}`"), false, vec![edit])?;
    Some((made, name, place.text(literal.span.start, literal.span.end)))
}

/// What the variables that were thought of stand for: one variable cannot stand for two credentials.
#[derive(Default)]
pub(super) struct Variables<'a> {
    /// By name: the one literal, none where there are several.
    known: BTreeMap<String, Option<&'a str>>,
    /// Findings by number, with the variable of their fix.
    used: Vec<(usize, String)>,
}

impl<'a> Variables<'a> {
    /// Notes the variable of a finding's fix.
    pub(super) fn add(&mut self, finding: usize, name: String, literal: &'a str) {
        // Quotes of another kind are no other text.
        let text = literal.trim_matches(['"', '\'', '`']);
        let known = self.known.entry(name.clone()).or_insert(Some(text));
        *known = known.filter(|known| *known == text);
        self.used.push((finding, name));
    }

    /// The findings whose variable would stand for several credentials.
    pub(super) fn ambiguous(&self) -> impl Iterator<Item = usize> + '_ {
        let several = |name: &String| self.known.get(name).is_some_and(Option::is_none);
        self.used.iter().filter(move |(_, name)| several(name)).map(|(finding, _)| *finding)
    }
}

/// The name that an expression binds a literal to.
fn bound<'a>(holder: &'a Expr, literal: &Expr) -> Option<&'a str> {
    match &holder.kind {
        // A declared type may not allow that there is nothing.
        ExprKind::Let { pattern, ty: None, otherwise: None, .. } => match &pattern.kind {
            PatternKind::Bind { name, inner: None, .. } => Some(name),
            _ => None,
        },
        ExprKind::Object { entries, .. } => {
            let entry = entries.iter().find(|entry| entry.value.span == literal.span)?;
            match &entry.key {
                EntryKey::Name(name) => Some(name),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The name that a definition gives to a literal.
fn defined<'a>(item: &'a Item, literal: &Expr) -> Option<&'a str> {
    match &item.kind {
        ItemKind::Constant { ty: None, .. } => Some(&item.name),
        ItemKind::Type(definition) => {
            let holds = |default: &Option<Expr>| default.as_ref().is_some_and(|value| value.span == literal.span);
            let field = definition.fields.iter().find(|field| field.ty.is_none() && holds(&field.default))?;
            Some(&field.name)
        }
        _ => None,
    }
}

/// The name of a variable: `CERBO_SECRET_KEY` for `secretKey`.
fn variable(bound: &str) -> Option<String> {
    let name = words(bound).join("_").to_ascii_uppercase();
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let whole = if names_product(bound) { name } else { format!("CERBO_{name}") };
    plain.then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn variables_are_named_after_what_they_stand_for() {
        assert_eq!(variable("secretKey").as_deref(), Some("CERBO_SECRET_KEY"));
        assert_eq!(variable("cerboSecret").as_deref(), Some("CERBO_SECRET"));
        assert_eq!(variable("API_KEY").as_deref(), Some("CERBO_API_KEY"));
        assert_eq!(variable("schlüssel"), None);
        assert_eq!(variable("_"), None);
    }
}
