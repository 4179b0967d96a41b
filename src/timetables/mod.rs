//! Timetables: files in which it is written when programs start, and which code that is. Crontabs, timers, workflows,
//! cron jobs of clusters, and the schedules of hosts.

mod commands;
mod lines;
mod trees;

use crate::knowledge::off_peak::Zone;
use crate::program::tree::Module;
use crate::span::{FileId, Span};
use std::collections::BTreeMap;
use std::path::Path;

/// A line or key that starts something at set times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where the times are written.
    pub span: Span,
    /// When.
    pub times: Times,
    /// What is started: shell commands, images, handlers and routes, as written.
    pub commands: Vec<String>,
}

/// When something starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    /// By a cron pattern in a zone.
    Pattern(String, Zone),
    /// Each time this many seconds have passed.
    Every(u32),
}

/// An entry and the files that its programs begin in.
#[derive(Clone, Debug)]
pub struct Started {
    /// The entry.
    pub entry: Entry,
    /// The files.
    pub files: Vec<FileId>,
}

/// Whether a file may hold a timetable, by its name alone. `path` is absolute or shown.
pub fn by_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let inside = |folder: &str| path.parent().is_some_and(|parent| parent.ends_with(folder));
    name == "crontab"
        || name.ends_with(".crontab")
        || name.ends_with(".cron")
        || inside("cron.d")
        || inside("crontabs")
        || name.ends_with(".timer")
        || name.ends_with(".service")
        || name == "vercel.json"
        || matches!(name.as_str(), "serverless.yml" | "serverless.yaml")
        || inside(".github/workflows")
        || (name.contains("cron") && (name.ends_with(".yml") || name.ends_with(".yaml")))
}

/// What the entries of a project start, in the order of their places. `files` are path, tree and text of each file;
/// `programs` are the names of programs with the files they begin in; `scripts` are those of the package manifests.
pub fn collect(
    files: &[(&str, &Module, &str)],
    programs: &[(String, FileId)],
    scripts: &BTreeMap<String, Vec<String>>,
) -> Vec<Started> {
    let mut all = Vec::new();
    for (path, module, text) in files {
        all.extend(lines::entries(path, module.file, text, files));
        all.extend(trees::entries(path, module));
    }
    let known = commands::Known { files, programs, scripts };
    all.into_iter()
        .filter_map(|entry| {
            let files = known.started(&entry.commands);
            (!files.is_empty()).then_some(Started { entry, files })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timetables_are_told_by_their_names() {
        for path in [
            "deploy/crontab",
            "etc/cron.d/mirror",
            "a/export.timer",
            ".github/workflows/ci.yml",
            "vercel.json",
            "k8s/cronjob.yaml",
        ] {
            assert!(by_name(Path::new(path)), "{path}");
        }
        for path in ["src/main.rs", "docker-compose.yml", "acronym.rs", "timer.rs"] {
            assert!(!by_name(Path::new(path)), "{path}");
        }
    }
}
