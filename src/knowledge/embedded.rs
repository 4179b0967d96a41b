//! Where shell commands stand in files of other formats, from `rules/embedded.toml`.

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// One kind of file. All paths are keys joined by dots, in which `[]` is each element, `*` any key, and `**` any number of
/// both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// What it is, for people.
    #[serde(rename = "name")]
    _name: String,
    /// Globs of the paths of such files.
    #[serde(default)]
    files: Vec<String>,
    /// Texts that the document has at these paths, one of several.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Expressions between `${{` and `}}` are put in before the shell sees a line.
    #[serde(default)]
    pub expressions: bool,
    /// How else values are put in.
    #[serde(default)]
    pub put_in: PutIn,
    /// Keys that set the environment of the scripts inside.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Paths of keys that say which folder the scripts run in, in the objects around them.
    #[serde(default)]
    pub folders: Vec<String>,
    /// The name by which scripts call one another.
    pub call: Option<String>,
    /// Key beside a script that names its interpreter.
    pub dialects: Option<String>,
    /// Where the scripts are.
    pub scripts: Vec<Place>,
    /// The globs, ready to be matched.
    #[serde(skip)]
    globs: Vec<GlobMatcher>,
}

/// Where scripts stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Path of the document.
    pub at: String,
    /// Only texts that are whole scripts: by their first line, or by the key they stand under.
    #[serde(default)]
    pub whole: bool,
    /// Keys whose texts and lists are the words of a command that no shell splits; an empty key is the place itself.
    #[serde(default)]
    pub words: Vec<String>,
}

/// How values are put in before a shell sees a line.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PutIn {
    /// Not at all.
    #[default]
    Never,
    /// `$(NAME)`
    Parentheses,
    /// `${NAME}`; `$$` is a dollar sign for the shell.
    Dollars,
}

impl Format {
    /// Whether a file of this path can be of this kind. `path` is absolute or shown.
    pub fn takes(&self, path: &Path) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|glob| glob.is_match(path))
    }
}

#[derive(Default, Deserialize)]
struct File {
    format: Vec<Format>,
    /// The globs of all kinds that are known by their path.
    #[serde(skip)]
    all: GlobSet,
}

/// All kinds.
pub fn formats() -> &'static [Format] {
    &file().format
}

/// The file. An unreadable one would be a build fault; the test below reads it.
fn file() -> &'static File {
    static ALL: OnceLock<File> = OnceLock::new();
    let read = || {
        let mut file: File = serde_json::from_str(super::bundled::EMBEDDED).unwrap_or_default();
        for format in &mut file.format {
            format.globs =
                format.files.iter().filter_map(|text| glob(text)).map(|glob| glob.compile_matcher()).collect();
        }
        let mut all = GlobSetBuilder::new();
        for glob in file.format.iter().flat_map(|format| &format.globs) {
            all.add(glob.glob().clone());
        }
        file.all = all.build().unwrap_or_default();
        file
    };
    ALL.get_or_init(read)
}

fn glob(text: &str) -> Option<Glob> {
    GlobBuilder::new(text).literal_separator(true).build().ok()
}

/// Whether a file holds scripts, by its path alone.
pub fn by_path(path: &Path) -> bool {
    file().all.is_match(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_is_read_and_can_be_found() {
        let file: File = serde_json::from_str(crate::knowledge::bundled::EMBEDDED).unwrap();
        assert_eq!(file.format.len(), formats().len());
        for format in formats() {
            assert_eq!(format.globs.len(), format.files.len(), "{}", format._name);
            assert!(!format.files.is_empty() || !format.when.is_empty(), "{}", format._name);
        }
    }

    #[test]
    fn files_are_told_by_their_paths() {
        for path in [".github/workflows/ci.yml", "/srv/app/package.json", "ops/docker-compose.prod.yml"] {
            assert!(by_path(Path::new(path)), "{path}");
        }
        for path in ["src/main.rs", "deploy/cronjob.yaml", "tsconfig.json"] {
            assert!(!by_path(Path::new(path)), "{path}");
        }
    }
}
