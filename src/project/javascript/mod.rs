//! JavaScript projects: which file each specifier leads to.

mod specifiers;

pub use specifiers::specifiers;

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Endings that a specifier may leave out, in the order in which they are tried.
const ENDINGS: &[&str] =
    &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro", "json", "jsonc"];
/// Endings of sources by the ending of what they are compiled to.
const SOURCES: &[(&str, &[&str])] =
    &[("js", &["ts", "tsx", "jsx"]), ("jsx", &["tsx"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

/// Finds files by the specifiers that others name them with.
#[derive(Debug)]
pub struct Resolver<'a> {
    files: HashMap<&'a Path, usize>,
}

impl<'a> Resolver<'a> {
    /// A resolver for these files, by absolute paths.
    pub fn new(files: impl IntoIterator<Item = &'a Path>) -> Self {
        Self { files: files.into_iter().enumerate().map(|(index, path)| (path, index)).collect() }
    }

    /// The file, by its position, that a specifier written in `from` leads to.
    pub fn resolve(&self, from: &Path, specifier: &str) -> Option<usize> {
        // Bundlers take instructions behind the path.
        let specifier = specifier.split(['?']).next().unwrap_or(specifier);
        if specifier.starts_with('.') {
            return self.guess(&normal(&from.parent()?.join(specifier)));
        }
        None
    }

    /// A file by a path that may lack its ending, name what it is compiled to, or be a folder.
    fn guess(&self, path: &Path) -> Option<usize> {
        if let Some(found) = self.files.get(path) {
            return Some(*found);
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        let sources = SOURCES.iter().find(|(compiled, _)| *compiled == ending).map_or([].as_slice(), |(_, all)| all);
        let replaced = sources.iter().map(|source| path.with_extension(source));
        let added = ENDINGS.iter().map(|added| with_ending(path, added));
        let inside = ENDINGS.iter().map(|added| path.join(format!("index.{added}")));
        replaced.chain(added).chain(inside).find_map(|path| self.files.get(path.as_path()).copied())
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
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
