//! Rust items that run elsewhere than their file: `cfg` conditions, server functions, tests; and the files of modules
//! that are declared under such conditions.

use super::rust::RustFile;
use super::tables::rust as tables;
use super::{Evidence, FileSides, Region, Side, Verdict};
use crate::program::tree::{Argument, Attribute, ExprKind, Item, ItemKind, Literal, TypeDefinition};
use crate::project::packages::Package;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Modules that declare each other are followed this far.
const MAX_DEPTH: usize = 64;

/// Adds what attributes say to what is known of each file as a whole.
pub(super) fn with_attributes(
    files: &[RustFile<'_>],
    wholes: Vec<(Verdict, Option<&Package>)>,
) -> BTreeMap<PathBuf, FileSides> {
    let mut sides: Vec<FileSides> = Vec::new();
    for (file, (whole, package)) in files.iter().zip(wholes) {
        let conditions = Conditions { file, package, ships: whole.side.ships() };
        let whole = conditions.of(&file.module.attributes).unwrap_or(whole);
        let mut regions = Vec::new();
        conditions.items(&file.module.items, &mut regions, 0);
        sides.push(FileSides { whole, regions });
    }
    inherit(files, &mut sides);
    files.iter().map(|file| file.path.to_owned()).zip(sides).collect()
}

/// A file whose `mod` declaration stands under a condition runs where that condition holds.
fn inherit(files: &[RustFile<'_>], sides: &mut [FileSides]) {
    let by_path: HashMap<&Path, usize> = files.iter().enumerate().map(|(index, file)| (file.path, index)).collect();
    let mut parents: HashMap<usize, (usize, std::ops::Range<usize>)> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        let folder = file.path.parent().unwrap_or(file.path);
        let stem = file.path.file_stem().unwrap_or_default();
        declared(&file.module.items, &mut |names, item, explicit| {
            // A root's children stand beside it, those of other files in the folder of its name.
            let below = |base: PathBuf| names.iter().fold(base, |path, name| path.join(name));
            let mut candidates: Vec<PathBuf> = match explicit {
                Some(path) => vec![folder.join(path)],
                None => [folder.to_owned(), folder.join(stem)]
                    .into_iter()
                    .flat_map(|base| [below(base.clone()).with_extension("rs"), below(base).join("mod.rs")])
                    .collect(),
            };
            candidates.retain(|path| path != file.path);
            if let Some(child) = candidates.iter().find_map(|path| by_path.get(path.as_path())) {
                parents.entry(*child).or_insert_with(|| (index, item.span.range()));
            }
        });
    }
    for index in 0..files.len() {
        let mut at = index;
        for _ in 0..MAX_DEPTH {
            let Some((parent, range)) = parents.get(&at) else { break };
            let Some(around) = sides.get(*parent) else { break };
            // A tests folder's own verdict stays; only conditions are handed down.
            let verdict = around.at(range).clone();
            if verdict != around.whole {
                let Some(path) = files.get(index).map(|file| file.path) else { break };
                if let Some(own) = sides.get_mut(index) {
                    let mut verdict = verdict;
                    verdict.evidence.push(Evidence::of_file(path, "the file of that module"));
                    own.whole = verdict;
                }
                break;
            }
            at = *parent;
        }
    }
}

/// Takes a module's path, its declaration and its written path.
type Found<'f, 'i> = &'f mut dyn FnMut(&[&'i str], &'i Item, Option<&'i str>);

/// Calls `found` with the module path, the declaration and the written path of every module that is another file.
fn declared<'i>(items: &'i [Item], found: Found<'_, 'i>) {
    fn walk<'i>(items: &'i [Item], names: &mut Vec<&'i str>, found: Found<'_, 'i>) {
        if names.len() > MAX_DEPTH {
            return;
        }
        for item in items {
            let ItemKind::Submodule { items, file } = &item.kind else { continue };
            names.push(&item.name);
            match items {
                Some(inner) => walk(inner, names, found),
                None => found(names, item, file.as_deref()),
            }
            names.pop();
        }
    }
    walk(items, &mut Vec::new(), found);
}

/// How the code is built.
#[derive(Clone, Copy, PartialEq)]
enum Build {
    Client,
    Server,
    Test,
}

struct Conditions<'a> {
    file: &'a RustFile<'a>,
    package: Option<&'a Package>,
    /// Whether the package has a build for clients: only then do features name one.
    ships: bool,
}

impl Conditions<'_> {
    fn items(&self, items: &[Item], regions: &mut Vec<Region>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for item in items {
            if let Some(verdict) = self.of(&item.attributes) {
                regions.push(Region { range: item.span.range(), verdict });
            }
            match &item.kind {
                ItemKind::Submodule { items: Some(inner), .. } => self.items(inner, regions, depth + 1),
                ItemKind::Implementation(implementation) => self.items(&implementation.items, regions, depth + 1),
                ItemKind::Interface(interface) => self.items(&interface.items, regions, depth + 1),
                ItemKind::Type(TypeDefinition { functions, .. }) => self.items(functions, regions, depth + 1),
                _ => {}
            }
        }
    }

    fn of(&self, attributes: &[Attribute]) -> Option<Verdict> {
        attributes.iter().find_map(|attribute| {
            let evidence = |note: &str| vec![Evidence::at(self.file.path, attribute.span.range(), note)];
            if attribute.path.last() == "cfg" {
                let holds = |build| all(&attribute.arguments, &|argument| self.holds(argument, build));
                let possible = |build| holds(build) != Some(false);
                let (side, note) = match (possible(Build::Client), possible(Build::Server), possible(Build::Test)) {
                    (false, false, true) => (Side::Test, "compiled for tests only"),
                    (true, false, _) => (Side::Client, "compiled for the client only"),
                    (false, true, _) => (Side::Server, "compiled for the server only"),
                    _ => return None,
                };
                return Some(Verdict::new(side, evidence(note)));
            }
            let table = tables().attributes.iter().find(|table| {
                let uses = |name: &String| {
                    self.package.is_some_and(|p| p.dependencies.iter().any(|dependency| dependency.package == *name))
                };
                table.name.iter().any(|name| name == attribute.path.last())
                    && (table.crates.is_empty() || table.crates.iter().any(uses))
            })?;
            Some(Verdict::new(table.side, evidence(&table.note)))
        })
    }

    /// Whether a condition holds in a build; none when it cannot be told.
    fn holds(&self, argument: &Argument, build: Build) -> Option<bool> {
        let tables = tables();
        if let Some(name) = &argument.name {
            let ExprKind::Literal(Literal::Text(value)) = &argument.value.kind else { return None };
            return match name.as_str() {
                "target_arch" => (build != Build::Test).then_some((build == Build::Client) == (value == "wasm32")),
                "target_family" if value == "wasm" => (build != Build::Test).then_some(build == Build::Client),
                "target_os" if self.ships && build == Build::Client => Some(value == "unknown"),
                "feature" if self.ships && build != Build::Test && tables.client_features.contains(value) => {
                    Some(build == Build::Client)
                }
                "feature" if build != Build::Test && tables.server_features.contains(value) => {
                    // Without a build for clients the feature says nothing.
                    self.ships.then_some(build == Build::Server)
                }
                _ => None,
            };
        }
        match &argument.value.kind {
            ExprKind::Name(path) if path.last() == "test" => Some(build == Build::Test),
            ExprKind::Name(path) if matches!(path.last(), "unix" | "windows") => {
                (self.ships && build == Build::Client).then_some(false)
            }
            ExprKind::Call { callee, arguments, .. } => {
                let ExprKind::Name(path) = &callee.kind else { return None };
                match path.last() {
                    "not" => self.holds(arguments.first()?, build).map(|holds| !holds),
                    "all" => all(arguments, &|argument| self.holds(argument, build)),
                    "any" => {
                        all(arguments, &|argument| self.holds(argument, build).map(|holds| !holds)).map(|none| !none)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn all(arguments: &[Argument], holds: &dyn Fn(&Argument) -> Option<bool>) -> Option<bool> {
    let each: Vec<Option<bool>> = arguments.iter().map(holds).collect();
    if each.contains(&Some(false)) {
        return Some(false);
    }
    each.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
}
