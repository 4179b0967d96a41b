//! What one look at a file's bytes tells: everything by which a run decides whether it reads the file closely.

use super::gate::{Gate, GateHits};
use super::javascript::{added_to, specifiers, started};
use super::kind::FileKind;
use super::read::Content;
use super::shell::is_script;
use crate::frontend::embedded::holds_scripts;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a look at a file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What is in it.
    pub holds: Holds,
    /// Its kind: some scripts are known by their first line only.
    pub kind: FileKind,
    /// What the gate saw.
    pub hits: GateHits,
    /// The files of the project that it names, as it names them.
    pub named: Vec<String>,
}

/// What is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Holds {
    /// A text.
    Text,
    /// No text.
    Binary,
    /// A script that nobody wrote.
    Minified,
    /// A report of this program.
    Report,
    /// More than is read.
    TooMuch,
}

impl Look {
    /// Looks at what was read of a file at `path` whose name says `kind`; none when it could not be read.
    pub fn at(content: &Content, path: &Path, kind: FileKind, gate: &Gate) -> Option<Self> {
        let (holds, bytes) = match content {
            Content::Text(bytes) => (Holds::Text, bytes.as_slice()),
            Content::Binary => (Holds::Binary, &[][..]),
            Content::Minified => (Holds::Minified, &[][..]),
            Content::Report => (Holds::Report, &[][..]),
            Content::TooLarge => (Holds::TooMuch, &[][..]),
            Content::Irregular | Content::Unreadable(_) => return None,
        };
        // The gate asks what the name says.
        let hits = gate.matters(bytes, kind.is_code());
        let kind = if kind == FileKind::Text && is_script(bytes) { FileKind::Shell } else { kind };
        Some(Self { holds, kind, hits, named: named(kind, path, bytes) })
    }
}

/// The files of the project that the text of a file of a kind names, as it names them.
pub fn named(kind: FileKind, path: &Path, bytes: &[u8]) -> Vec<String> {
    let text = || String::from_utf8_lossy(bytes);
    match kind {
        FileKind::Shell => crate::frontend::shell::specifiers(&text()),
        kind if kind.is_script() => {
            let text = text();
            specifiers(&text).into_iter().map(str::to_owned).chain(started(&text)).chain(added_to(&text)).collect()
        }
        _ if !kind.is_code() && (holds_scripts(path) || kind == FileKind::Yaml && holds_workloads(bytes)) => {
            crate::frontend::shell::specifiers(&text())
        }
        _ => Vec::new(),
    }
}

/// Whether a text describes what a cluster runs.
fn holds_workloads(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"containers:").is_some()
}
