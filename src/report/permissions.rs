//! What a project needs of the API: every operation it calls, and the smallest profile to ask for.

use super::{Report, counted};
use crate::project::sides::Side;
use crate::usage::Use;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What a project needs.
#[derive(Debug, Serialize)]
pub struct Needs {
    /// Version of this format.
    version: u32,
    /// The operations, by path and verb.
    operations: Vec<Needed>,
    /// The smallest profile that allows them.
    profile: Profile,
}

/// One operation.
#[derive(Debug, Serialize)]
struct Needed {
    method: String,
    path: String,
    resource: String,
    access: &'static str,
    /// Whether it is repeated for pages or records anywhere.
    bulk: bool,
    /// Where the code runs that calls it: `server`, `client`, `both`, `test`, `build-time` or `unknown`.
    runs: BTreeSet<Side>,
    /// Whether only tests call it.
    test: bool,
    /// Whether the catalogue says what it needs.
    documented: bool,
    /// The places that call it.
    places: Vec<Place>,
}

/// A place that calls an operation.
#[derive(Debug, Serialize)]
struct Place {
    path: String,
    line: u32,
    bulk: bool,
    runs: BTreeSet<Side>,
}

/// The smallest profile.
#[derive(Debug, Serialize)]
struct Profile {
    read_only: bool,
    read: BTreeSet<String>,
    write: BTreeSet<String>,
    /// Whether every call of the extended details asks for anonymized data.
    anonymize: bool,
}

/// What a report's project needs.
pub fn needs(report: &Report) -> Needs {
    let mut operations: Vec<Needed> = Vec::new();
    for one in &report.uses {
        let place = place(report, one);
        match operations.iter_mut().find(|known| known.method == one.method && known.path == one.path) {
            Some(known) => {
                known.bulk |= one.bulk;
                known.test &= one.test();
                known.runs.extend(&one.runs);
                match known.places.iter_mut().find(|known| known.path == place.path && known.line == place.line) {
                    Some(same) => {
                        same.bulk |= place.bulk;
                        same.runs.extend(place.runs);
                    }
                    None => known.places.push(place),
                }
            }
            None => operations.push(Needed {
                method: one.method.clone(),
                path: one.path.clone(),
                resource: one.resource().to_owned(),
                access: if one.writes() { "write" } else { "read" },
                bulk: one.bulk,
                runs: one.runs.iter().copied().collect(),
                test: one.test(),
                documented: one.need.is_some(),
                places: vec![place],
            }),
        }
    }
    let of = |access: &str| -> BTreeSet<String> {
        let wanted = operations.iter().filter(|one| one.access == access && one.documented && !one.test);
        wanted.map(|one| one.resource.clone()).collect()
    };
    let write = of("write");
    let profile = Profile {
        read_only: !operations.iter().any(|one| one.access == "write" && !one.test),
        read: of("read"),
        write,
        anonymize: report.anonymized,
    };
    Needs { version: 1, operations, profile }
}

fn place(report: &Report, one: &Use) -> Place {
    let (path, line) = report.sources.get(one.place.file).map_or((String::new(), 0), |file| {
        // Where the file stands and the line it is called in.
        (file.path.clone(), file.position(one.place.start).line)
    });
    Place { path, line, bulk: one.bulk, runs: one.runs.iter().copied().collect() }
}

/// The sides in words; nothing for servers, where the API belongs.
fn sides(runs: &BTreeSet<Side>) -> Option<String> {
    let words: Vec<&str> = runs.iter().filter(|side| **side != Side::Unknown).map(|side| side.word()).collect();
    (!words.is_empty() && words != ["server"]).then(|| format!("runs at: {}", words.join(", ")))
}

impl Needs {
    /// As JSON.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// As a table.
    pub fn human(&self) -> String {
        if self.operations.is_empty() {
            return "No call of the API was found.\n".to_owned();
        }
        let mut text = String::new();
        let width = |cell: &dyn Fn(&Needed) -> usize| self.operations.iter().map(cell).max().unwrap_or(0);
        let (methods, paths, resources) =
            (width(&|one| one.method.len()), width(&|one| one.path.chars().count()), width(&|one| one.resource.len()));
        for one in &self.operations {
            let mut notes = Vec::new();
            if one.bulk {
                notes.push("in bulk".to_owned());
            }
            if one.test {
                notes.push("in tests only".to_owned());
            } else {
                notes.extend(sides(&one.runs));
            }
            if !one.documented {
                notes.push("not in the catalogue".to_owned());
            }
            let _ = writeln!(
                text,
                "{:<methods$}  {:<paths$}  {:<resources$}  {:<5}  {}",
                one.method,
                one.path,
                one.resource,
                one.access,
                notes.join(", ")
            );
            for place in &one.places {
                let mut notes: Vec<String> = Vec::new();
                // What is said of the operation need not be said of its only place.
                if one.places.len() > 1 {
                    notes.extend(place.bulk.then(|| "in bulk".to_owned()));
                    notes.extend(sides(&place.runs));
                }
                let notes = if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
                let _ = writeln!(text, "{:methods$}    {}:{}{notes}", "", place.path, place.line);
            }
        }
        let _ = writeln!(text, "\n{}", counted(self.operations.len(), "operation"));
        let _ = writeln!(text, "Smallest profile to ask for: {}", self.sentence());
        text
    }

    fn sentence(&self) -> String {
        let list = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(", ");
        let profile = &self.profile;
        let mut parts = Vec::new();
        parts.push(if profile.read_only { "read-only".to_owned() } else { "read and write".to_owned() });
        if !profile.read.is_empty() {
            parts.push(format!("read {}", list(&profile.read)));
        }
        if !profile.write.is_empty() {
            parts.push(format!("write {}", list(&profile.write)));
        }
        if profile.anonymize {
            parts.push("anonymized".to_owned());
        }
        parts.join("; ")
    }

    /// As a section of the configuration.
    pub fn toml(&self) -> String {
        let list = |all: &BTreeSet<String>| {
            let quoted: Vec<String> = all.iter().map(|name| format!("{name:?}")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let profile = &self.profile;
        let mut text = String::from("[permissions]\n");
        if profile.read_only {
            text.push_str("read_only = true\n");
        }
        let _ = writeln!(text, "read = {}", list(&profile.read));
        if !profile.read_only {
            let _ = writeln!(text, "write = {}", list(&profile.write));
        }
        if profile.anonymize {
            text.push_str("anonymize = true\n");
        }
        text
    }

    /// As a message to the vendor.
    pub fn message(&self) -> String {
        let profile = &self.profile;
        let mut text = String::from(
            "Subject: Permissions of our API user\n\nHello,\n\nplease restrict our API user to what our application uses:\n\n",
        );
        let _ = writeln!(
            text,
            "- Access: {}",
            if profile.read_only {
                "read-only. It never creates, changes or deletes anything."
            } else {
                "read and write, as listed."
            }
        );
        if profile.anonymize {
            text.push_str("- Please force anonymized data: the application does general data analysis.\n");
        }
        text.push_str("- Endpoints:\n");
        for one in self.operations.iter().filter(|one| one.documented && !one.test) {
            let _ = writeln!(text, "    {} {}{}", one.method, one.path, if one.bulk { "  (in bulk)" } else { "" });
        }
        text.push_str("\nNo other endpoint is needed. This message contains no credentials.\n\nThank you\n");
        text
    }
}
