//! Answers by place in the sources of a run, and their evidence as steps that reports can show.

use super::{Evidence, FileSides, Side, Sides, Verdict};
use crate::finding::Step;
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where code runs, by place.
#[derive(Debug)]
pub struct SidePlaces {
    files: Vec<Option<FileSides>>,
    ids: HashMap<PathBuf, FileId>,
    unknown: Verdict,
    paths: Vec<PathBuf>,
    prefixes: Vec<(PathBuf, String)>,
    exposed: Vec<Exposed>,
}

/// A value that a build puts into what clients load.
#[derive(Clone, Debug)]
pub struct Exposed {
    /// Where that is said.
    pub span: Span,
    /// The names it goes by.
    pub names: Vec<String>,
    /// A few words.
    pub note: String,
    /// What is built runs on a server: the value is compiled in, and no client loads it.
    pub server: bool,
}

impl Default for SidePlaces {
    fn default() -> Self {
        let unknown = Verdict::new(Side::Unknown, Vec::new());
        Self {
            files: Vec::new(),
            ids: HashMap::new(),
            unknown,
            paths: Vec::new(),
            prefixes: Vec::new(),
            exposed: Vec::new(),
        }
    }
}

impl SidePlaces {
    /// The answers for the files of a run. `places` are the paths of `sources`, in order; files that only evidence stands
    /// in are added to the sources. `show` makes the path that reports give.
    pub fn new(sides: &Sides, places: &[PathBuf], sources: &mut Sources, show: &dyn Fn(&Path) -> String) -> Self {
        let mut made = Self::default();
        for (index, path) in places.iter().enumerate() {
            made.ids.insert(path.clone(), FileId(u32::try_from(index).unwrap_or(u32::MAX)));
        }
        for path in places {
            let sides = sides.of(path);
            let verdicts =
                sides.iter().flat_map(|s| std::iter::once(&s.whole).chain(s.regions.iter().map(|r| &r.verdict)));
            for evidence in verdicts.flat_map(|verdict| &verdict.evidence) {
                if !made.ids.contains_key(&evidence.path)
                    && let crate::project::read::Content::Text(bytes) = crate::project::disk::content(&evidence.path)
                {
                    let id = sources.add(SourceFile::new(show(&evidence.path), &bytes));
                    made.ids.insert(evidence.path.clone(), id);
                }
            }
            made.files.push(sides.cloned());
        }
        made.paths = places.to_vec();
        made.prefixes.clone_from(&sides.prefixes);
        let exposed = sides.exposed.iter().filter_map(|(evidence, names, server)| {
            let step = made.step(evidence)?;
            Some(Exposed { span: step.span, names: names.clone(), note: step.note, server: *server })
        });
        made.exposed = exposed.collect();
        made
    }

    /// The files that were added to the sources, in order.
    pub fn added(&self) -> Vec<PathBuf> {
        let added = self.ids.iter().filter(|(_, id)| id.0 as usize >= self.paths.len());
        let mut added: Vec<(FileId, &PathBuf)> = added.map(|(path, id)| (*id, path)).collect();
        added.sort();
        added.into_iter().map(|(_, path)| path.clone()).collect()
    }

    /// The beginning of a name by which tools around a place publish a variable to clients.
    pub fn published(&self, span: Span, name: &str) -> Option<String> {
        if let Some(prefix) = super::published_prefix(name) {
            return Some(prefix.to_owned());
        }
        let path = self.paths.get(span.file.0 as usize)?;
        let fits = |(folder, prefix): &&(PathBuf, String)| {
            path.starts_with(folder)
                && !prefix.is_empty()
                && name.len() > prefix.len()
                && name.starts_with(prefix.as_str())
        };
        self.prefixes.iter().find(fits).map(|(_, prefix)| prefix.clone())
    }

    /// Values that builds put into what they make.
    pub fn exposed(&self) -> &[Exposed] {
        &self.exposed
    }

    /// Where the code at a place runs.
    pub fn at(&self, span: Span) -> &Verdict {
        match self.files.get(span.file.0 as usize) {
            Some(Some(file)) => file.at(&span.range()),
            _ => &self.unknown,
        }
    }

    /// The evidence as steps of a trail.
    pub fn steps(&self, verdict: &Verdict) -> Vec<Step> {
        verdict.evidence.iter().filter_map(|evidence| self.step(evidence)).collect()
    }

    fn step(&self, evidence: &Evidence) -> Option<Step> {
        let id = *self.ids.get(&evidence.path)?;
        Some(Step { span: Span::new(id, evidence.range.start, evidence.range.end), note: evidence.note.clone() })
    }
}
