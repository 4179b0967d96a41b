//! Texts that stand for what is on disk: an editor's buffer, or what git's index holds.

use super::read::{Content, decode, read};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What files hold, where that is not what is on disk. Paths are absolute.
#[derive(Clone, Default)]
pub struct Texts {
    replaced: HashMap<PathBuf, Vec<u8>>,
    only: Option<HashSet<PathBuf>>,
}

impl Texts {
    /// What a file holds.
    pub fn insert(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.replaced.insert(path, bytes);
    }

    /// Says which files there are; others on disk are not.
    pub fn only(&mut self, paths: HashSet<PathBuf>) {
        self.only = Some(paths);
    }

    /// Whether a file's content is held here.
    pub fn replaces(&self, path: &Path) -> bool {
        self.replaced.contains_key(path)
    }

    /// The files whose contents are held here.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.replaced.keys().map(PathBuf::as_path)
    }

    /// Whether a file that is on disk is there at all.
    pub fn has(&self, path: &Path) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(path))
    }

    /// Reads a file: what is held here, else what is on disk.
    pub fn read(&self, path: &Path) -> Content {
        match self.replaced.get(path) {
            Some(bytes) => decode(path, bytes.clone()),
            None => read(path),
        }
    }

    /// A file's text, for manifests.
    pub fn text(&self, path: &Path) -> Option<String> {
        match self.read(path) {
            Content::Text(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            _ => None,
        }
    }
}

// Their contents must not reach a log by way of a derived Debug.
impl std::fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Texts").field("replaced", &self.replaced.keys()).finish()
    }
}
