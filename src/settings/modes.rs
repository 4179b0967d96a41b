//! Rights that configuration gives to files.

use crate::knowledge::file_modes::{Place, Readers, places};
use crate::program::tree::{Entry, EntryKey, Expr, ExprKind, ItemKind, Literal, Module};
use crate::program::visit::children;
use crate::span::Span;

/// Trees deeper than this are not looked into.
const DEPTH: usize = 48;

/// The rights of a file, as configuration sets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMode {
    /// The mode.
    pub span: Span,
    /// Who can read the file.
    pub readers: Readers,
    /// Paths of the file.
    pub files: Vec<String>,
    /// Names of secrets whose values become files.
    pub secrets: Vec<String>,
}

/// All of a module.
pub(super) fn of_module(module: &Module) -> Vec<FileMode> {
    let mut found = Vec::new();
    if module.namespace == crate::frontend::configuration::NAMESPACE {
        for item in &module.items {
            if let ItemKind::Constant { value: Some(value), .. } = &item.kind {
                walk(value, &mut found, DEPTH);
            }
        }
    }
    found
}

fn walk(expr: &Expr, found: &mut Vec<FileMode>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let ExprKind::Object { entries, .. } = &expr.kind {
        let mode = places().iter().find_map(|place| {
            let said = held(entries, &place.mode).next()?;
            let mode = of_place(entries, place, said)?;
            (!mode.files.is_empty() || !mode.secrets.is_empty()).then_some(mode)
        });
        found.extend(mode);
    }
    children(expr, &mut |child| walk(child, found, depth));
}

fn of_place(entries: &[Entry], place: &Place, said: &Expr) -> Option<FileMode> {
    let readers = match &said.kind {
        ExprKind::Literal(Literal::Text(words)) => Readers::of_words(words),
        ExprKind::Literal(Literal::Number(number)) => Readers::of_number(number),
        _ => None,
    }?;
    let texts = |keys: &[String]| {
        let text = |value: &Expr| match &value.kind {
            ExprKind::Literal(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        };
        held(entries, keys).filter_map(text).collect()
    };
    Some(FileMode { span: said.span, readers, files: texts(&place.files), secrets: texts(&place.secrets) })
}

fn held<'e>(entries: &'e [Entry], keys: &'e [String]) -> impl Iterator<Item = &'e Expr> {
    let named = |entry: &&Entry| matches!(&entry.key, EntryKey::Name(name) if keys.contains(name));
    entries.iter().filter(named).map(|entry| &entry.value)
}
