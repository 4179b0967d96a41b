//! JavaScript projects: their packages and settings, and which file each specifier leads to.

mod aliases;
mod package;
mod pulled;
mod resolver;
mod specifiers;
#[cfg(test)]
mod tests;
mod tsconfig;

pub use package::NodePackage;
pub use pulled::pulled;
pub use resolver::Resolver;
pub use specifiers::{ADDS, added_to, specifiers, started};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use tsconfig::PathRules;

/// Names of the files that say how specifiers are resolved.
const PACKAGE: &str = "package.json";
const SETTINGS: [&str; 2] = ["tsconfig.json", "jsconfig.json"];

/// What the packages and settings of a run say about specifiers.
#[derive(Debug, Default)]
pub struct Manifests {
    packages: BTreeMap<PathBuf, NodePackage>,
    by_name: BTreeMap<String, PathBuf>,
    rules: BTreeMap<PathBuf, PathRules>,
    /// Names that bundlers give to places, by the folder of their settings.
    aliases: BTreeMap<PathBuf, Vec<(String, PathBuf)>>,
}

impl Manifests {
    /// Reads the manifests among `files` and in the folders around `roots`, as far as their repository goes. `read` gives
    /// a file's text.
    pub fn read<'a>(
        files: impl IntoIterator<Item = &'a Path>,
        roots: &[PathBuf],
        read: &dyn Fn(&Path) -> Option<String>,
    ) -> Self {
        let named = |path: &Path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name == PACKAGE || SETTINGS.contains(&name) || aliases::may_hold(name))
        };
        let mut all: BTreeSet<PathBuf> = files.into_iter().filter(|path| named(path)).map(Path::to_owned).collect();
        for root in roots {
            let end = crate::config::repository_root(root);
            for folder in root.ancestors().skip(1) {
                if end.as_deref().is_none_or(|end| !folder.starts_with(end)) {
                    break;
                }
                all.extend([PACKAGE, SETTINGS[0], SETTINGS[1]].map(|name| folder.join(name)));
            }
        }
        let mut manifests = Self::default();
        // `jsconfig.json` comes first in order; where both are, `tsconfig.json` replaces it.
        for path in all {
            let Some(folder) = path.parent() else { continue };
            if path.ends_with(PACKAGE) {
                let Some(package) = read(&path).and_then(|text| NodePackage::of(&text)) else { continue };
                if let Some(name) = &package.name {
                    manifests.by_name.entry(name.clone()).or_insert_with(|| folder.to_owned());
                }
                manifests.packages.insert(folder.to_owned(), package);
            } else if path.file_name().and_then(|name| name.to_str()).is_some_and(aliases::may_hold) {
                let named = read(&path).map(|text| aliases::aliases(folder, &text)).unwrap_or_default();
                if !named.is_empty() {
                    manifests.aliases.entry(folder.to_owned()).or_default().extend(named);
                }
            } else if let Some(rules) = PathRules::read(&path, read) {
                manifests.rules.insert(folder.to_owned(), rules);
            }
        }
        manifests
    }

    /// The names of all packages that any package of the project depends on.
    pub fn dependencies(&self) -> impl Iterator<Item = &String> {
        self.packages.values().flat_map(|package| &package.dependencies)
    }

    /// The folder and package around a path.
    pub fn package_of(&self, path: &Path) -> Option<(&Path, &NodePackage)> {
        path.ancestors()
            .skip(1)
            .find_map(|folder| self.packages.get_key_value(folder).map(|(folder, package)| (folder.as_path(), package)))
    }

    fn rules_of(&self, path: &Path) -> Option<&PathRules> {
        path.ancestors().skip(1).find_map(|folder| self.rules.get(folder))
    }

    /// Where a specifier written in a file may lead by the settings of a bundler around it.
    fn aliased(&self, from: &Path, specifier: &str) -> Vec<PathBuf> {
        let around = from.ancestors().skip(1).filter_map(|folder| self.aliases.get(folder));
        around.flat_map(|names| aliases::place(names, specifier)).collect()
    }

    fn named(&self, name: &str) -> Option<(&Path, &NodePackage)> {
        let folder = self.by_name.get(name)?;
        Some((folder, self.packages.get(folder)?))
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}

/// What `*` stands for when a pattern with at most one `*` fits a text. Empty for a pattern without one.
fn fits<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    match pattern.split_once('*') {
        Some((before, after)) => text.strip_prefix(before)?.strip_suffix(after),
        None => (pattern == text).then_some(""),
    }
}
