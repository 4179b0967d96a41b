//! Configuration in which it is written when programs start, from `rules/timetables.toml`.

use globset::{Glob, GlobBuilder, GlobSet};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// One kind of configuration. All paths are keys joined by dots, in which `[]` is each element and `*` any key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// What it is, for people.
    #[serde(rename = "name")]
    _name: String,
    /// Globs of the paths of such files.
    #[serde(default)]
    files: Vec<String>,
    /// Words by which the gate knows a file of any name.
    #[serde(default)]
    words: Vec<String>,
    /// Texts that the document has at these paths.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Path to each thing that is started; empty for the document.
    #[serde(default)]
    pub owner: String,
    /// Paths from the owner to what holds the times; none for the owner itself.
    #[serde(default)]
    pub entries: Vec<String>,
    /// Paths from the entry to the times; none for the entry itself.
    #[serde(default)]
    pub times: Vec<String>,
    /// Path from the entry to the zone of the times.
    pub zone: Option<String>,
    /// The zone without one; none for that of the machine.
    pub default_zone: Option<String>,
    /// What is started.
    pub starts: Vec<Start>,
    /// Path of the document to things that what is started may name instead.
    pub refers: Option<String>,
    /// The globs, ready to be matched.
    #[serde(skip)]
    globs: GlobSet,
}

/// Where it is written what is started.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Path of the owner under which texts at some keys are taken.
    pub under: Option<String>,
    /// The keys.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Path of the owner to the text.
    pub at: Option<String>,
    /// The file that the owner's name stands for, with `*` in its place.
    pub name: Option<String>,
    /// How the text is meant.
    #[serde(default, rename = "as")]
    pub means: Meaning,
}

/// How a text that says what is started is meant.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// A command line, image or program.
    #[default]
    Command,
    /// A route of a web application.
    Route,
    /// A file without its ending, and a function of it.
    Handler,
    /// A file.
    File,
    /// The name of the owner.
    Name,
}

impl Format {
    /// Whether a file of this path can be of this kind. `path` is absolute or shown.
    pub fn takes(&self, path: &Path) -> bool {
        self.globs.is_empty() || self.globs.is_match(path)
    }
}

#[derive(Default, Deserialize)]
struct File {
    code: Vec<String>,
    timetable: Vec<Format>,
}

/// The file. An unreadable one would be a build fault; the test below reads it.
fn file() -> &'static File {
    static ALL: OnceLock<File> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut file: File = serde_json::from_str(super::bundled::TIMETABLES).unwrap_or_default();
        for format in &mut file.timetable {
            format.globs = matcher(format.files.iter());
        }
        file
    })
}

/// All kinds.
pub fn formats() -> &'static [Format] {
    &file().timetable
}

fn matcher<'a>(globs: impl Iterator<Item = &'a String>) -> GlobSet {
    let glob = |text: &String| -> Option<Glob> { GlobBuilder::new(text).literal_separator(true).build().ok() };
    GlobSet::new(globs.filter_map(glob)).unwrap_or_default()
}

/// Whether a file may hold a timetable, by its path.
pub fn by_path(path: &Path) -> bool {
    // One set for all kinds: every file of a project is asked for.
    static ALL: OnceLock<GlobSet> = OnceLock::new();
    ALL.get_or_init(|| matcher(formats().iter().flat_map(|format| &format.files))).is_match(path)
}

/// Words by which files of any name are known, in lower case.
pub fn words() -> impl Iterator<Item = &'static str> {
    formats().iter().flat_map(|format| &format.words).chain(&file().code).map(String::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_is_read_and_can_be_found() {
        let file: File = serde_json::from_str(crate::knowledge::bundled::TIMETABLES).unwrap();
        assert_eq!(file.timetable.len(), formats().len());
        for format in formats() {
            assert_eq!(format.globs.len(), format.files.len(), "{}", format._name);
            assert!(!format.files.is_empty() || !format.words.is_empty(), "{}", format._name);
            assert!(format.words.iter().all(|word| *word == word.to_lowercase()), "{}", format._name);
            for start in &format.starts {
                let told = [start.under.is_some(), start.at.is_some(), start.name.is_some()];
                assert_eq!(told.iter().filter(|told| **told).count(), 1, "{}", format._name);
            }
        }
    }

    #[test]
    fn files_are_told_by_their_paths() {
        for path in [".github/workflows/ci.yml", "/srv/app/vercel.json", "infra/main.tf", "a/serverless.yaml"] {
            assert!(by_path(Path::new(path)), "{path}");
        }
        for path in ["src/main.rs", "docker-compose.yml", "workflows/ci.yml"] {
            assert!(!by_path(Path::new(path)), "{path}");
        }
    }
}
