//! Where code runs: for every file, and for the parts of a file that differ from it, an answer with its evidence.

mod manifest;
pub mod places;
mod rust;
mod rust_items;
mod tables;

use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use rust::RustFile;

/// Where code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// On a machine of the operator: servers, jobs, command-line programs, the native side of an application.
    Server,
    /// In a browser, a mobile application, a browser extension or a desktop renderer.
    Client,
    /// On both; it ships to clients.
    Both,
    /// In tests, examples and benchmarks only.
    Test,
    /// When the program is built.
    BuildTime,
    /// Nothing tells.
    Unknown,
}

impl Side {
    /// Whether the code reaches clients.
    pub fn ships(self) -> bool {
        matches!(self, Side::Client | Side::Both)
    }
}

/// One step of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The file, absolute.
    pub path: PathBuf,
    /// Bytes of its text; empty for the file as a whole.
    pub range: Range<usize>,
    /// A few words, without text of the file that could be a secret.
    pub note: String,
}

impl Evidence {
    /// A step that concerns a file as a whole.
    pub fn of_file(path: &Path, note: impl Into<String>) -> Self {
        Self { path: path.to_owned(), range: 0..0, note: note.into() }
    }

    /// A step at bytes of a file.
    pub fn at(path: &Path, range: Range<usize>, note: impl Into<String>) -> Self {
        Self { path: path.to_owned(), range, note: note.into() }
    }
}

/// An answer and how it was found, first step first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub side: Side,
    /// Code that ships only as far as code of the same side calls it: a library that several programs share.
    pub shared: bool,
    /// The steps.
    pub evidence: Vec<Evidence>,
}

impl Verdict {
    /// An answer.
    pub fn new(side: Side, evidence: Vec<Evidence>) -> Self {
        Self { side, shared: false, evidence }
    }
}

/// Part of a file that runs elsewhere than the file around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Bytes of the file's text.
    pub range: Range<usize>,
    /// Where it runs.
    pub verdict: Verdict,
}

/// What is known about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSides {
    /// The file as a whole.
    pub whole: Verdict,
    /// Parts that differ. Where they nest, the innermost decides.
    pub regions: Vec<Region>,
}

impl FileSides {
    /// A file that is the same all over.
    pub fn uniform(verdict: Verdict) -> Self {
        Self { whole: verdict, regions: Vec::new() }
    }

    /// Where these bytes run.
    pub fn at(&self, range: &Range<usize>) -> &Verdict {
        self.regions
            .iter()
            .filter(|region| region.range.start <= range.start && range.end <= region.range.end)
            .min_by_key(|region| region.range.len())
            .map_or(&self.whole, |region| &region.verdict)
    }
}

/// The answers of a run, by absolute path.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    files: BTreeMap<PathBuf, FileSides>,
}

impl Sides {
    /// Decides for Rust files.
    pub fn add_rust(&mut self, packages: &[super::packages::Package], files: &[RustFile<'_>]) {
        self.files.extend(rust::decide(packages, files));
    }

    /// What is known about a file.
    pub fn of(&self, path: &Path) -> Option<&FileSides> {
        self.files.get(path)
    }
}
