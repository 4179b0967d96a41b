//! What earlier runs saw in each file, by the state its file system tells. While that is the same, the file is not opened.

use super::folder::Cache;
use super::key::Digest;
use super::shelf::{Kept, Shelf};
use super::words::{FilePath, ModuleName};
use crate::config::Config;
use crate::project::gate::GateHits;
use crate::project::kind::FileKind;
use crate::project::look::{Holds, Look};
use crate::project::stamp::Stamp;
use crate::project::texts::Texts;
use crate::project::walk::Found;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::time::SystemTime;

/// Files that were not seen are kept for runs on other parts of the project, up to so many for each that was.
const SURPLUS: usize = 4;

/// What was seen in one file.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    path: FilePath,
    /// What its name said, or that it was named.
    named_as: FileKind,
    stamp: Stamp,
    holds: Holds,
    kind: FileKind,
    hits: GateHits,
    names: Vec<ModuleName>,
}

/// All that were seen.
#[derive(Default, Serialize, Deserialize)]
pub struct Entries(Vec<Entry>);

impl Kept for Entries {
    const NAME: &'static str = "looks";
}

/// What is known about the files of a run before it opens them.
#[derive(Default)]
pub struct Looks {
    kept: Option<(Shelf, Digest)>,
    known: HashMap<String, Entry>,
    /// When this run began to ask for the states of files.
    start: Option<SystemTime>,
}

impl Looks {
    /// What earlier runs with the same configuration left.
    pub(crate) fn read(shelf: &Shelf, config: &Config) -> Self {
        let start = Some(SystemTime::now());
        let mut key = Cache::key("looks");
        config.telling_words().iter().for_each(|word| key.add(word));
        let state = key.digest();
        let entries = shelf.get::<Entries>(&state).unwrap_or_default().0;
        let known = entries.into_iter().map(|entry| (entry.path.clone().into_string(), entry)).collect();
        Self { kept: Some((shelf.clone(), state)), known, start }
    }

    /// The state of a file on disk, when anything is to be known by it.
    pub fn stamp(&self, path: &Path, texts: &Texts) -> Option<Stamp> {
        if self.kept.is_none() || texts.replaces(path) {
            return None;
        }
        Stamp::of(path)
    }

    /// What was seen in a file in this state.
    pub fn known(&self, found: &Found, stamp: Stamp) -> Option<Look> {
        let entry = self.known.get(&found.shown)?;
        let Entry { holds, kind, hits, .. } = *entry;
        let named = || entry.names.iter().cloned().map(ModuleName::into_string).collect();
        (entry.stamp == stamp && entry.named_as == found.kind).then(|| Look { holds, kind, hits, named: named() })
    }

    /// Keeps what this run saw. With a look that is fresh stand the file's state before it and what its name says.
    pub fn learn<'f>(self, seen: impl Iterator<Item = (&'f Found, Option<(Stamp, FileKind)>, &'f Look)>) {
        let Some(((shelf, state), start)) = self.kept.zip(self.start) else { return };
        let mut known = self.known;
        let mut learned = false;
        let mut all = Vec::new();
        for (found, fresh, look) in seen {
            if let Some((stamp, named_as)) = fresh.filter(|(stamp, _)| stamp.is_settled(start)) {
                let names: Option<Vec<ModuleName>> = look.named.iter().map(|name| ModuleName::new(name)).collect();
                if let Some(names) = names {
                    let Look { holds, kind, hits, .. } = *look;
                    let path = FilePath::of(found);
                    known.insert(found.shown.clone(), Entry { path, named_as, stamp, holds, kind, hits, names });
                    learned = true;
                }
            }
            all.extend(known.remove(&found.shown));
        }
        if !learned {
            return;
        }
        if known.len() <= all.len().saturating_mul(SURPLUS) {
            all.extend(known.into_values());
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        shelf.put(&state, &Entries(all));
    }
}
