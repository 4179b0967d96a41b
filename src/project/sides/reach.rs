//! What an entry brings in, definition by definition, as a bundler would: a file that is imported is loaded, and of its
//! definitions those are kept that something kept uses, and those that do something when the file is loaded.

use super::Evidence;
use super::outline::{Export, Import, Outline};
use super::uses::Use;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

/// A file and the files its specifiers lead to.
#[derive(Debug)]
pub(super) struct Linked<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Its outline.
    pub outline: &'a Outline,
    /// Files by specifier.
    pub links: HashMap<String, usize>,
}

/// How a file was reached.
#[derive(Clone, Debug)]
enum From {
    /// It is where a program starts.
    Entry(Vec<Evidence>),
    /// Another file imports it, at this place.
    File(usize, Range<usize>),
}

/// What has been reached.
pub(super) struct Reach<'a> {
    files: &'a [Linked<'a>],
    /// Files that are not gone into.
    stops: &'a dyn Fn(usize) -> bool,
    from: Vec<Option<From>>,
    parts: Vec<HashSet<usize>>,
    exports: HashSet<(usize, Option<String>)>,
    pending: Vec<Task>,
}

#[derive(Debug)]
enum Task {
    Load(usize, From),
    Part(usize, usize),
    Export(usize, Option<String>, From),
}

impl<'a> Reach<'a> {
    /// Nothing reached yet.
    pub(super) fn new(files: &'a [Linked<'a>], stops: &'a dyn Fn(usize) -> bool) -> Self {
        Self {
            files,
            stops,
            from: vec![None; files.len()],
            parts: vec![HashSet::new(); files.len()],
            exports: HashSet::new(),
            pending: Vec::new(),
        }
    }

    /// Starts a program at a file. `keeps` says which of its exports it takes; definitions nobody sees outside come with
    /// those that use them when `whole` is not set.
    pub(super) fn start(&mut self, index: usize, evidence: Vec<Evidence>, whole: bool, keeps: &dyn Fn(&str) -> bool) {
        let Some(file) = self.files.get(index) else { return };
        if self.from.get(index).is_some_and(Option::is_none) {
            self.load(index, From::Entry(evidence.clone()));
        }
        let outline = file.outline;
        for (number, part) in outline.parts.iter().enumerate() {
            if (part.public && keeps(&part.name)) || (whole && !part.public) {
                self.pending.push(Task::Part(index, number));
            }
        }
        for (name, _) in outline.exports.iter().filter(|(name, _)| keeps(name)) {
            self.pending.push(Task::Export(index, Some(name.clone()), From::Entry(evidence.clone())));
        }
        for import in &outline.forwarded {
            if let Some(to) = file.links.get(&import.specifier) {
                self.pending.push(Task::Export(*to, None, From::File(index, import.range.clone())));
            }
        }
        self.run();
    }

    fn run(&mut self) {
        while let Some(task) = self.pending.pop() {
            match task {
                Task::Load(index, from) => self.load(index, from),
                Task::Part(index, part) => self.part(index, part),
                Task::Export(index, name, from) => self.export(index, name, from),
            }
        }
    }

    fn load(&mut self, index: usize, from: From) {
        let entry = matches!(from, From::Entry(_));
        if self.from.get(index).is_none_or(Option::is_some) || (!entry && (self.stops)(index)) {
            return;
        }
        if let Some(slot) = self.from.get_mut(index) {
            *slot = Some(from);
        }
        let Some(file) = self.files.get(index) else { return };
        for (number, part) in file.outline.parts.iter().enumerate() {
            if part.effects || file.outline.common_js {
                self.pending.push(Task::Part(index, number));
            }
        }
        let typed = file.path.extension().is_some_and(|ending| ending.to_string_lossy().contains('t'));
        let named = file.outline.imports.iter().filter(|(alias, _)| !typed || file.outline.is_used(alias));
        let loaded = file.outline.loaded.iter().chain(&file.outline.forwarded).chain(named.map(|(_, import)| import));
        let mut loads: Vec<&Import> = loaded.collect();
        loads.sort_by_key(|import| std::cmp::Reverse(import.range.start));
        for import in loads {
            if let Some(to) = file.links.get(&import.specifier) {
                self.pending.push(Task::Load(*to, From::File(index, import.range.clone())));
            }
        }
    }

    fn part(&mut self, index: usize, number: usize) {
        if !self.parts.get_mut(index).is_some_and(|parts| parts.insert(number)) {
            return;
        }
        let Some(file) = self.files.get(index) else { return };
        let Some(part) = file.outline.parts.get(number) else { return };
        for (used, range) in &part.uses {
            match used {
                Use::Name(name, field) => self.name(index, name, field.as_deref()),
                Use::File(specifier, name) => {
                    if let Some(to) = file.links.get(specifier) {
                        self.pending.push(Task::Export(*to, name.clone(), From::File(index, range.clone())));
                    }
                }
            }
        }
    }

    /// A name of a file: its own, or one it imports.
    fn name(&mut self, index: usize, name: &str, field: Option<&str>) {
        let Some(file) = self.files.get(index) else { return };
        for (number, part) in file.outline.parts.iter().enumerate() {
            if part.name == name {
                self.pending.push(Task::Part(index, number));
            }
        }
        if let Some(import) = file.outline.imports.get(name) {
            self.imported(index, import, field);
        }
    }

    fn imported(&mut self, index: usize, import: &Import, field: Option<&str>) {
        let Some(to) = self.files.get(index).and_then(|file| file.links.get(&import.specifier)) else { return };
        let name = import.name.as_deref().or(field).map(str::to_owned);
        self.pending.push(Task::Export(*to, name, From::File(index, import.range.clone())));
    }

    /// A name that a file exports; none takes them all.
    fn export(&mut self, index: usize, name: Option<String>, from: From) {
        if matches!(from, From::File(..)) && (self.stops)(index) {
            return;
        }
        self.load(index, from);
        if !self.exports.insert((index, name.clone())) {
            return;
        }
        let Some(file) = self.files.get(index) else { return };
        let wanted = |candidate: &str| name.as_deref().is_none_or(|name| name == candidate || candidate == "=");
        for (number, part) in file.outline.parts.iter().enumerate() {
            if part.public && wanted(&part.name) {
                self.pending.push(Task::Part(index, number));
            }
        }
        for (_, export) in file.outline.exports.iter().filter(|(exported, _)| wanted(exported)) {
            match export {
                Export::Own(own) => self.name(index, own, None),
                Export::Other(import) => self.imported(index, import, None),
            }
        }
        for import in &file.outline.forwarded {
            if let Some(to) = file.links.get(&import.specifier) {
                self.pending.push(Task::Export(*to, name.clone(), From::File(index, import.range.clone())));
            }
        }
    }

    /// Whether a file is reached, and anything of it kept.
    pub(super) fn has(&self, index: usize) -> bool {
        let empty = self.files.get(index).is_none_or(|file| file.outline.parts.is_empty());
        self.from.get(index).is_some_and(Option::is_some) && (empty || !self.kept(index).is_empty())
    }

    /// The numbers of a file's definitions that are kept.
    pub(super) fn kept(&self, index: usize) -> &HashSet<usize> {
        static NONE: std::sync::OnceLock<HashSet<usize>> = std::sync::OnceLock::new();
        self.parts.get(index).unwrap_or_else(|| NONE.get_or_init(HashSet::new))
    }

    /// How a file was reached, from the entry on.
    pub(super) fn evidence(&self, index: usize) -> Vec<Evidence> {
        let mut steps = Vec::new();
        let mut at = index;
        for _ in 0..self.files.len() {
            match self.from.get(at) {
                Some(Some(From::File(parent, range))) => {
                    if let (Some(from), Some(to)) = (self.files.get(*parent), self.files.get(at)) {
                        let note = format!("imports `{}`", short(to.path));
                        steps.push(Evidence::at(from.path, range.clone(), note));
                    }
                    at = *parent;
                }
                Some(Some(From::Entry(evidence))) => {
                    steps.extend(evidence.iter().rev().cloned());
                    break;
                }
                _ => break,
            }
        }
        steps.reverse();
        steps
    }
}

/// The last two parts of a path.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.iter().skip(parts.len().saturating_sub(2)).map(AsRef::as_ref).collect::<Vec<_>>().join("/")
}
