//! Configuration: where it is found, what it says, and its schema.

mod attest;
pub(crate) mod declarations;
mod find;
pub(crate) mod node;
mod read;
mod schema;

pub use attest::{Statement, state};
pub use declarations::{Attestation, Permissions, Purpose};
pub use find::{discover, load, parse, place, repository_root};
pub use read::KEYS;
pub use schema::schema;

use crate::finding::{Confidence, Severity};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The least severity that makes a run fail.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, clap::ValueEnum, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Warnings and errors.
    #[default]
    Warning,
    /// Any finding.
    Note,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the run fail.
    pub fn reached_by(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Note => true,
            FailOn::Never => false,
        }
    }
}

/// Which services a run is about.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, clap::ValueEnum, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// What concerns the API.
    #[default]
    Api,
    /// Also credentials, URLs with a user and a secret, logs and TLS settings of any other service.
    Any,
}

/// What the configuration makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reported as an error.
    Error,
    /// Reported as a warning.
    Warning,
    /// Reported as a note.
    Note,
    /// Not reported.
    Off,
}

impl Level {
    /// The severity to report with; none when the rule is off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Note => Some(Severity::Note),
            Level::Off => None,
        }
    }
}

/// A glob over paths relative to the configuration's folder. One without `/` matches at any depth, and a folder's
/// glob matches what is in it, as in `.gitignore`.
#[derive(Clone, Debug)]
pub struct PathGlob {
    own: GlobMatcher,
    below: GlobMatcher,
}

impl PathGlob {
    /// Reads a glob.
    ///
    /// # Errors
    /// A few words on what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        let anchored = trimmed.strip_prefix('/').unwrap_or(trimmed);
        let rooted = if trimmed.contains('/') { anchored.to_owned() } else { format!("**/{anchored}") };
        let compile = |text: &str| {
            GlobBuilder::new(text)
                .literal_separator(true)
                .build()
                .map(|glob| glob.compile_matcher())
                .map_err(|error| error.kind().to_string())
        };
        Ok(Self { own: compile(&rooted)?, below: compile(&format!("{rooted}/**"))? })
    }

    /// Whether it matches a path, itself or a folder around it.
    pub fn matches(&self, path: &Path) -> bool {
        self.own.is_match(path) || self.below.is_match(path)
    }
}

/// Rules that are silent for some paths.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// Where, relative to the configuration's folder.
    pub paths: Vec<PathGlob>,
    /// Which rules; empty means all.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
}

/// What the project says about itself.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file it came from; none when there is no configuration.
    pub path: Option<PathBuf>,
    /// The folder globs and library paths are relative to; empty when there is no configuration.
    pub root: PathBuf,
    /// Hosts of the API besides the vendor's own.
    pub hosts: Vec<String>,
    /// Hosts that are sandboxes.
    pub sandbox_hosts: Vec<String>,
    /// Types that are clients of the API.
    pub client_types: Vec<String>,
    /// Functions that send requests to the API.
    pub client_functions: Vec<String>,
    /// Environment variables and configuration keys that hold the API's base URL.
    pub base_url_variables: Vec<String>,
    /// Values that stand for a credential and are none.
    pub placeholders: Vec<String>,
    /// Which services a run is about.
    pub scope: Scope,
    /// The least severity that makes a run fail.
    pub fail_on: Option<FailOn>,
    /// The least confidence that is reported.
    pub min_confidence: Option<Confidence>,
    /// The baseline that runs compare with.
    pub baseline: Option<PathBuf>,
    /// Severity per rule.
    pub severity: BTreeMap<String, Level>,
    /// Rules that are silent for some paths.
    pub ignore: Vec<Ignore>,
    /// Paths that are not read, relative to the configuration's folder.
    pub exclude: Vec<PathGlob>,
    /// What the project is for.
    pub purpose: Option<Purpose>,
    /// What the project says that it needs of the API.
    pub permissions: Option<Permissions>,
    /// Practices that no code shows, stated by somebody.
    pub attestations: Vec<Attestation>,
    /// The project's own library models: path and text of each TOML file.
    pub libraries: Vec<(PathBuf, String)>,
}

impl Config {
    /// A path relative to the configuration's folder; the path itself when it lies elsewhere.
    fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// Words by which a file shows that it has to do with the API: hosts, names of clients and variables, and the libraries
    /// that the project's own models describe.
    pub fn telling_words(&self) -> Vec<String> {
        let lists =
            [&self.hosts, &self.sandbox_hosts, &self.client_types, &self.client_functions, &self.base_url_variables];
        let mut words: Vec<String> = lists.into_iter().flatten().cloned().collect();
        for (_, text) in &self.libraries {
            let Ok(model) = text.parse::<toml::Table>() else { continue };
            let calls = model.get("call").and_then(toml::Value::as_array).into_iter().flatten();
            let names = calls.filter_map(|call| call.get("name")?.as_array()).flatten().filter_map(toml::Value::as_str);
            // A path starts with the module that a file has to name; a method's name is no path.
            words.extend(names.filter_map(|name| Some(name.split_once("::")?.0.to_owned())));
        }
        words.sort();
        words.dedup();
        words
    }

    /// Whether a path is not to be read. `path` is absolute.
    pub fn excludes(&self, path: &Path) -> bool {
        let path = self.relative(path);
        self.exclude.iter().any(|glob| glob.matches(path))
    }

    /// Whether a rule is silent for a path. `path` is absolute.
    pub fn ignores(&self, rule: &str, path: &Path) -> bool {
        let path = self.relative(path);
        self.ignore.iter().any(|ignore| {
            (ignore.rules.is_empty() || ignore.rules.iter().any(|name| name == rule))
                && ignore.paths.iter().any(|glob| glob.matches(path))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn globs_match_like_gitignore() {
        let matches = |glob: &str, path: &str| PathGlob::new(glob).unwrap().matches(Path::new(path));
        assert!(matches("tests", "a/tests/b.rs"));
        assert!(matches("tests/", "tests/b.rs"));
        assert!(matches("src/*.rs", "src/a.rs"));
        assert!(!matches("src/*.rs", "src/deep/a.rs"));
        assert!(!matches("src/*.rs", "b/src/a.rs"));
        assert!(matches("**/fixtures/**", "a/fixtures/x/y.rs"));
        assert!(PathGlob::new("a[").is_err());
    }

    #[test]
    fn fail_on_orders_severities() {
        assert!(FailOn::Warning.reached_by(Severity::Error));
        assert!(!FailOn::Warning.reached_by(Severity::Note));
        assert!(!FailOn::Never.reached_by(Severity::Error));
    }
}
