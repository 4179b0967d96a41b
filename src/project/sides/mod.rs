//! Where code runs: for every file, and for the parts of a file that differ from it, an answer with its evidence.

mod conventions;
mod in_file;
mod islands;
mod javascript;
mod manifest;
mod mocks;
mod node;
mod outline;
pub mod places;
mod published;
mod reach;
mod rust;
mod rust_items;
mod shell;
mod tables;
mod uses;

use crate::program::link::Specifiers;
use crate::program::tree::Module;
use crate::source::Sources;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use javascript::JavaScriptFile;
pub use rust::RustFile;

/// Where code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, Serialize)]
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
    /// Its name in reports.
    pub fn word(self) -> &'static str {
        match self {
            Side::Server => "server",
            Side::Client => "client",
            Side::Both => "both",
            Side::Test => "test",
            Side::BuildTime => "build-time",
            Side::Unknown => "unknown",
        }
    }

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
    /// Told by what the code looks like, not by how the project is put together.
    pub weak: bool,
    /// Code that ships only as far as code of the same side calls it: a library that several programs share.
    pub shared: bool,
    /// The steps.
    pub evidence: Vec<Evidence>,
}

impl Verdict {
    /// An answer.
    pub fn new(side: Side, evidence: Vec<Evidence>) -> Self {
        Self { side, weak: false, shared: false, evidence }
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

/// Whether a file is a page, whose scripts run in browsers.
pub fn is_page(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    ["html", "htm", "xhtml", "ejs"].iter().any(|page| ending.eq_ignore_ascii_case(page))
}

/// The beginning of a variable's name by which a usual tool publishes it to clients.
pub fn published_prefix(name: &str) -> Option<&'static str> {
    let prefixes = tables::common().published.prefixes.iter();
    prefixes.map(String::as_str).find(|prefix| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()))
}

/// What is known about the project of a run.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Its Cargo packages.
    pub packages: &'a [super::packages::Package],
    /// The modules that the specifiers of each module lead to.
    pub linked: &'a Specifiers,
    /// Pages whose scripts run in browsers.
    pub pages: &'a [PathBuf],
    /// The folder that was asked for, if it is one.
    pub root: Option<&'a Path>,
}

/// How far out folders count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folders<'a> {
    /// The outermost folder whose manifests count.
    pub end: Option<&'a Path>,
    /// The folder that was asked for: the names of those around it say nothing.
    pub root: Option<&'a Path>,
}

/// The answers of a run, by absolute path.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    files: BTreeMap<PathBuf, FileSides>,
    /// Further beginnings of published variables, each below a folder.
    prefixes: Vec<(PathBuf, String)>,
    /// Values that builds put into what clients load, with the names they go by.
    exposed: Vec<(Evidence, Vec<String>, bool)>,
}

impl Sides {
    /// Decides for the modules of a run. `places` are their paths.
    pub fn of_modules(plan: &Plan<'_>, modules: &[Module], places: &[PathBuf], sources: &Sources) -> Self {
        let of = |namespace: &'static str| {
            let numbered = modules.iter().enumerate();
            numbered.filter(move |(_, module)| module.namespace == namespace).map(|(index, _)| index)
        };
        let mut sides = Self::default();
        let rust =
            of("rust").filter_map(|index| Some(RustFile { path: places.get(index)?, module: modules.get(index)? }));
        sides.add_rust(plan.packages, &rust.collect::<Vec<_>>());
        for path in of("shell").filter_map(|index| places.get(index)) {
            sides.files.extend(shell::decide(path, plan.root).map(|found| (path.clone(), found)));
        }
        let scripts: Vec<usize> = of("javascript").collect();
        let number: HashMap<usize, usize> =
            scripts.iter().enumerate().map(|(number, index)| (*index, number)).collect();
        let texts: Vec<&str> = sources.iter().map(|(_, file)| file.text()).collect();
        let file = |index: &usize| {
            let named = plan.linked.get(index).into_iter().flatten();
            Some(JavaScriptFile {
                path: places.get(*index)?,
                module: modules.get(*index)?,
                text: texts.get(*index)?,
                links: named.filter_map(|(name, to)| Some((name.clone(), *number.get(to)?))).collect(),
            })
        };
        let files: Vec<JavaScriptFile<'_>> = scripts.iter().filter_map(file).collect();
        if let Some(first) = files.first() {
            let end = crate::config::repository_root(first.path.parent().unwrap_or(first.path));
            sides.add_javascript(&files, plan.pages, Folders { end: end.as_deref(), root: plan.root });
        }
        sides
    }

    /// Decides for Rust files.
    pub fn add_rust(&mut self, packages: &[super::packages::Package], files: &[RustFile<'_>]) {
        self.files.extend(rust::decide(packages, files));
    }

    /// Decides for JavaScript files. `pages` are pages whose scripts run in browsers.
    pub fn add_javascript(&mut self, files: &[JavaScriptFile<'_>], pages: &[PathBuf], folders: Folders<'_>) {
        self.files.extend(javascript::decide(files, pages, folders));
        let mut conventions = conventions::Conventions::new(folders);
        let mut settings = std::collections::BTreeSet::new();
        for file in files {
            self.prefixes.extend(conventions.published(file.path));
            settings.extend(conventions.settings(file.path));
            self.publish(file.path, file.module);
        }
        // Settings of builds are seldom read for themselves.
        for path in settings.iter().filter(|path| !files.iter().any(|file| file.path == path.as_path())) {
            if let Some(text) = manifest::text(path) {
                let kind = super::kind::FileKind::of(path);
                self.publish(path, &crate::frontend::lower(kind, path, crate::span::FileId(0), &text).module);
            }
        }
        self.prefixes.sort();
        self.prefixes.dedup();
    }

    fn publish(&mut self, path: &Path, module: &Module) {
        let published = published::of_file(path, module);
        let folder = path.parent().unwrap_or(path);
        self.prefixes.extend(published.prefixes.into_iter().map(|prefix| (folder.to_owned(), prefix)));
        for value in published.values {
            let note = match value.server {
                true => "put into the program when it is built",
                false => "put into what clients load when the program is built",
            };
            self.exposed.push((Evidence::at(path, value.range, note), value.names, value.server));
        }
    }

    /// What is known about a file.
    pub fn of(&self, path: &Path) -> Option<&FileSides> {
        self.files.get(path)
    }
}
