//! Timetables: files in which it is written when programs start, and which code that is. Crontabs, timers, workflows,
//! cron jobs of clusters, and the schedules of hosts.

mod commands;
mod lines;
mod trees;

pub use commands::{Begins, Known};

use crate::knowledge::off_peak::Zone;
use crate::knowledge::times::{When, read};
use crate::knowledge::timetables::Meaning;
use crate::program::tree::Module;
use crate::span::Span;
use std::path::Path;

/// A line or key that starts something at set times.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the times are written.
    pub span: Span,
    /// When.
    pub times: Times,
    /// What is started, as written.
    pub commands: Vec<Command>,
    /// Where the scripts stand that are started, when they stand in the files themselves.
    pub runs: Vec<Span>,
}

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As written.
    pub text: String,
    /// How it is meant.
    pub means: Meaning,
}

impl Command {
    /// A text and how it is meant.
    pub fn new(text: impl Into<String>, means: Meaning) -> Self {
        Self { text: text.into(), means }
    }
}

/// When something starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Times {
    /// By a cron pattern in a zone.
    Pattern(String, Zone),
    /// Each time this many seconds have passed.
    Every(f64),
}

impl Times {
    /// Reads what a scheduler is given; `zone` holds where the text names none itself.
    pub fn read(text: &str, zone: Zone) -> Option<Times> {
        Some(match read(text)? {
            When::Every(seconds) => Times::Every(seconds),
            When::Pattern(pattern, None) => Times::Pattern(pattern, zone),
            When::Pattern(pattern, Some(own)) => Times::Pattern(pattern, Zone::Named(own)),
        })
    }
}

/// An entry and where its programs begin.
#[derive(Clone, Debug)]
pub struct Started {
    /// The entry.
    pub entry: Entry,
    /// Where.
    pub begins: Vec<Begins>,
}

/// A file of the project.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// Its path as it is shown.
    pub path: &'a str,
    /// Its tree.
    pub module: &'a Module,
    /// Its text.
    pub text: &'a str,
}

/// What starts parts of a program, and what commands can name.
#[derive(Default)]
pub struct Timetables {
    /// What files say.
    pub started: Vec<Started>,
    /// What commands can name.
    pub known: Known,
}

/// Whether a file may hold a timetable, by its path alone. `path` is absolute or shown.
pub fn by_name(path: &Path) -> bool {
    lines::by_name(path) || crate::knowledge::timetables::by_path(path)
}

/// What the entries of a project start, in the order of their places.
pub fn collect(files: &[File<'_>], known: Known) -> Timetables {
    let mut all = Vec::new();
    for file in files {
        all.extend(lines::entries(file.path, file.module.file, file.text, files));
        all.extend(trees::entries(file, files));
    }
    let started = all.into_iter().filter_map(|entry| {
        let begins = known.started(&entry.commands);
        (!begins.is_empty() || !entry.runs.is_empty()).then_some(Started { entry, begins })
    });
    Timetables { started: started.collect(), known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timetables_are_told_by_their_names() {
        for path in ["deploy/crontab", "etc/cron.d/mirror", "a/export.timer", ".github/workflows/ci.yml", "vercel.json"]
        {
            assert!(by_name(Path::new(path)), "{path}");
        }
        for path in ["src/main.rs", "docker-compose.yml", "acronym.rs", "timer.rs"] {
            assert!(!by_name(Path::new(path)), "{path}");
        }
    }
}
