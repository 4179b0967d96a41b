//! What a JavaScript file is made of, as far as a bundler cares: what it imports, what it exports, and which of its
//! definitions use which names.

use super::uses::{Use, Uses, is_pure};
use crate::program::tree::{Anchor, ItemKind, Module};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A top-level definition or statement.
#[derive(Debug)]
pub(super) struct Part {
    /// Its name; empty for statements.
    pub name: String,
    /// Other files can see it under its name.
    pub public: bool,
    /// Where it stands.
    pub range: Range<usize>,
    /// What it takes from around it.
    pub uses: Vec<(Use, Range<usize>)>,
    /// It runs, and may do something, as soon as the file is loaded.
    pub effects: bool,
}

/// A name brought in from another file.
#[derive(Clone, Debug)]
pub(super) struct Import {
    /// The file, as it is named.
    pub specifier: String,
    /// The part of the file; none for the file as a whole.
    pub name: Option<String>,
    /// Where it stands.
    pub range: Range<usize>,
}

/// What an exported name stands for.
#[derive(Clone, Debug)]
pub(super) enum Export {
    /// A name of this file.
    Own(String),
    /// A name of another file.
    Other(Import),
}

/// A file's outline.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Directives of the file.
    pub directives: Vec<(String, Range<usize>)>,
    /// Imported names.
    pub imports: HashMap<String, Import>,
    /// Files loaded for what they do, and files whose names are all exported again.
    pub loaded: Vec<Import>,
    /// Files whose names are all exported again.
    pub forwarded: Vec<Import>,
    /// Exports that are not marked at their definition.
    pub exports: HashMap<String, Export>,
    /// Definitions and statements, in order.
    pub parts: Vec<Part>,
    /// Functions and branches that run on the server only.
    pub server: Vec<Range<usize>>,
    /// All specifiers with the place they are first named at.
    pub specifiers: Vec<(String, Range<usize>)>,
    /// Names used and defined nowhere in the file, with their first place.
    pub globals: Vec<(String, Range<usize>)>,
    /// Written for a loader that keeps files whole.
    pub common_js: bool,
}

impl Outline {
    /// The outline of a lowered file.
    pub(super) fn new(module: &Module, text: &str) -> Self {
        let mut outline =
            Self { common_js: text.contains("module.exports") || text.contains("exports."), ..Self::default() };
        let single = |path: &crate::program::tree::Path| path.segments.first().cloned().unwrap_or_default();
        outline.directives = module
            .attributes
            .iter()
            .map(|a| (single(&a.path), a.span.range()))
            .filter(|(d, _)| !d.is_empty())
            .collect();
        for item in &module.items {
            let range = item.span.range();
            let from = |path: &crate::program::tree::Path| {
                let mut segments = path.segments.iter().cloned();
                Some(Import { specifier: segments.next()?, name: segments.next(), range: range.clone() })
            };
            match &item.kind {
                ItemKind::Import(import) if import.path.anchor == Anchor::File => {
                    let Some(found) = from(&import.path) else { continue };
                    if import.glob {
                        outline.forwarded.push(found);
                    } else if import.alias.is_empty() {
                        outline.loaded.push(found);
                    } else {
                        outline.imports.insert(import.alias.clone(), found);
                    }
                }
                ItemKind::Export(path) if path.anchor == Anchor::File => {
                    if let Some(found) = from(path) {
                        outline.exports.insert(item.name.clone(), Export::Other(found));
                    }
                }
                ItemKind::Export(path) => {
                    outline.exports.insert(item.name.clone(), Export::Own(single(path)));
                }
                ItemKind::Import(_) | ItemKind::Alias(_) | ItemKind::Interface(_) => {}
                kind => {
                    let mut uses = Uses::default();
                    uses.item(item, 0);
                    let effects = match kind {
                        ItemKind::Statement(_) => true,
                        ItemKind::Constant { value: Some(value), .. } => !is_pure(value, 0),
                        _ => false,
                    };
                    outline.server.append(&mut uses.server);
                    let name = item.name.clone();
                    outline.parts.push(Part { name, public: item.public, range, uses: uses.names, effects });
                }
            }
        }
        outline.finish();
        outline
    }

    fn finish(&mut self) {
        let defined: HashSet<&str> = self.parts.iter().map(|part| part.name.as_str()).collect();
        let mut specifiers: Vec<(String, Range<usize>)> = Vec::new();
        let mut globals: Vec<(String, Range<usize>)> = Vec::new();
        let exported = self.exports.values().filter_map(|export| match export {
            Export::Other(import) => Some(import),
            Export::Own(_) => None,
        });
        for import in self.imports.values().chain(&self.loaded).chain(&self.forwarded).chain(exported) {
            specifiers.push((import.specifier.clone(), import.range.clone()));
        }
        for (used, range) in self.parts.iter().flat_map(|part| &part.uses) {
            match used {
                Use::File(specifier, _) => specifiers.push((specifier.clone(), range.clone())),
                Use::Name(name, _) if !defined.contains(name.as_str()) && !self.imports.contains_key(name) => {
                    globals.push((name.clone(), range.clone()));
                }
                Use::Name(..) => {}
            }
        }
        specifiers.sort_by_key(|(_, range)| range.start);
        globals.sort_by_key(|(_, range)| range.start);
        self.specifiers = specifiers;
        self.globals = globals;
    }

    /// Whether a directive stands at the top of the file, and where.
    pub(super) fn directive(&self, name: &str) -> Option<Range<usize>> {
        self.directives.iter().find(|(directive, _)| directive == name).map(|(_, range)| range.clone())
    }

    /// Whether an imported name is used by code. A name used by types alone brings nothing in.
    pub(super) fn is_used(&self, alias: &str) -> bool {
        let used = |part: &Part| part.uses.iter().any(|(used, _)| matches!(used, Use::Name(name, _) if name == alias));
        let exported = |export: &Export| matches!(export, Export::Own(name) if name == alias);
        self.parts.iter().any(used) || self.exports.values().any(exported)
    }
}
