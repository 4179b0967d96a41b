//! Which files of the project a command starts.

use super::Command;
use crate::knowledge::timetables::Meaning;
use crate::span::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// Scripts that run scripts are followed this far.
const DEPTH: usize = 4;
const SCRIPT_ENDINGS: &[&str] = &[".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx"];
/// Folders that builds put code into; the source has another or none.
const BUILT: &[&str] = &["dist", "build", "out", "lib", "target", ".output"];

/// Where something that is started begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begins {
    /// The file.
    pub file: FileId,
    /// The function of it, when one is named.
    pub function: Option<String>,
}

/// What commands can name.
#[derive(Default)]
pub struct Known {
    /// Path of each file.
    pub files: Vec<(String, FileId)>,
    /// Names of programs and the files they begin in.
    pub programs: Vec<(String, FileId)>,
    /// Scripts of the package manifests.
    pub scripts: BTreeMap<String, Vec<String>>,
}

impl Known {
    /// Where commands begin.
    pub fn started(&self, commands: &[Command]) -> Vec<Begins> {
        let mut found = BTreeSet::new();
        for command in commands {
            let text = command.text.as_str();
            let mut files = BTreeSet::new();
            let mut function = None;
            match command.means {
                Meaning::Command => self.command(text, &mut files, DEPTH),
                Meaning::Route => self.route(text, &mut files),
                Meaning::File | Meaning::Name => self.word(text, &mut files),
                Meaning::Handler => {
                    let (file, name) = text.rsplit_once('.').unwrap_or((text, ""));
                    function = (!name.is_empty()).then(|| name.to_owned());
                    self.word(&format!("{file}.js"), &mut files);
                }
            }
            found.extend(files.into_iter().map(|file| Begins { file, function: function.clone() }));
        }
        found.into_iter().collect()
    }

    fn command(&self, command: &str, found: &mut BTreeSet<FileId>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let words: Vec<&str> = command
            .split(|c: char| c.is_whitespace() || ";|&()`".contains(c))
            .map(|word| word.trim_matches(['"', '\'']))
            .filter(|word| !word.is_empty())
            .collect();
        for (index, word) in words.iter().enumerate() {
            self.word(word, found);
            let next = |step: usize| words.get(index + step).copied();
            match (*word, next(1)) {
                ("npm" | "pnpm" | "yarn" | "bun", Some("run" | "run-script")) => {
                    // `npm run --silent nightly`
                    let name = words.iter().skip(index + 2).find(|word| !word.starts_with('-'));
                    self.script(name.copied(), found, depth);
                }
                ("pnpm" | "yarn", Some(name)) => self.script(Some(name), found, depth),
                ("npm", Some("start")) => self.script(Some("start"), found, depth),
                ("cargo", Some("run" | "r")) => self.cargo(words.get(index + 2..).unwrap_or_default(), found),
                _ => {}
            }
        }
    }

    /// `cargo run` without a name runs the only program there is.
    fn cargo(&self, options: &[&str], found: &mut BTreeSet<FileId>) {
        let named = options.iter().any(|word| {
            word.starts_with("--bin") || word.starts_with("--example") || *word == "-p" || word.starts_with("--package")
        });
        if let ([(_, file)], false) = (self.programs.as_slice(), named) {
            found.insert(*file);
        }
        for word in options {
            if let Some((_, name)) = word.split_once('=') {
                self.program(name, found);
            }
        }
    }

    fn script(&self, name: Option<&str>, found: &mut BTreeSet<FileId>, depth: usize) {
        for command in name.and_then(|name| self.scripts.get(name)).into_iter().flatten() {
            self.command(command, found, depth);
        }
    }

    fn program(&self, name: &str, found: &mut BTreeSet<FileId>) {
        let name = name.replace('-', "_");
        found.extend(
            self.programs.iter().filter(|(program, _)| program.replace('-', "_") == name).map(|(_, file)| *file),
        );
    }

    fn word(&self, word: &str, found: &mut BTreeSet<FileId>) {
        // An image without its tag; a path without its folders.
        let name = word.rsplit('/').next().unwrap_or(word).split(':').next().unwrap_or("").trim_end_matches(".exe");
        if name == "bootstrap" || name.ends_with(".zip") {
            // `target/lambda/nightly/bootstrap.zip`
            word.split('/').for_each(|part| self.program(part.trim_end_matches(".zip"), found));
        }
        self.program(name, found);
        let plain = word.trim_start_matches("./");
        // A script by its path needs no ending.
        if name.contains('.') || plain.contains('/') && !name.is_empty() {
            // What is installed somewhere else keeps its folder's name: `/opt/mirror/bin/nightly`.
            let tail = |path: &str| path.rsplitn(3, '/').take(2).map(str::to_owned).collect::<Vec<_>>();
            let installed = |path: &str| plain.starts_with('/') && tail(path).len() == 2 && tail(path) == tail(plain);
            let same =
                |path: &str| path == plain || ends_with(path, plain) || ends_with(plain, path) || installed(path);
            found.extend(self.files.iter().filter(|(path, _)| same(path)).map(|(_, file)| *file));
        }
        let Some(stem) = SCRIPT_ENDINGS.iter().find_map(|ending| plain.strip_suffix(ending)) else { return };
        let stem = match stem.split_once('/') {
            Some((first, rest)) if BUILT.contains(&first) => rest,
            _ => stem,
        };
        for (path, file) in &self.files {
            let Some(known) = SCRIPT_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)) else { continue };
            if known == stem || ends_with(known, stem) || ends_with(stem, known) {
                found.insert(*file);
            }
        }
    }

    /// The file that answers a route, or a URL with it.
    fn route(&self, route: &str, found: &mut BTreeSet<FileId>) {
        let path = route.split_once("://").map_or(route, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let route = path.split('?').next().unwrap_or(path).trim_matches('/');
        if route.is_empty() {
            return;
        }
        for (path, file) in &self.files {
            let Some(known) = SCRIPT_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)) else { continue };
            let known = known.strip_suffix("/route").or_else(|| known.strip_suffix("/index")).unwrap_or(known);
            let known = known.strip_suffix("/+server").unwrap_or(known);
            if known == route || ends_with(known, route) {
                found.insert(*file);
            }
        }
    }
}

/// Whether a path ends in whole folders and the name of another.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(text: &str, means: Meaning) -> Vec<u32> {
        let paths = [
            "src/main.rs",
            "src/jobs/mirror.ts",
            "app/api/sync/route.ts",
            "src/other/mirror_tests.ts",
            "bin/nightly.sh",
        ];
        let known = Known {
            files: paths.iter().zip(0..).map(|(path, id)| ((*path).to_owned(), FileId(id))).collect(),
            programs: vec![("chart-mirror".to_owned(), FileId(0))],
            scripts: BTreeMap::from([
                ("mirror".to_owned(), vec!["npm run build && node dist/jobs/mirror.js".to_owned()]),
                ("build".to_owned(), vec!["npm run mirror".to_owned()]),
            ]),
        };
        known.started(&[Command::new(text, means)]).into_iter().map(|begins| begins.file.0).collect()
    }

    fn started(command: &str) -> Vec<u32> {
        begins(command, Meaning::Command)
    }

    #[test]
    fn commands_name_programs_scripts_and_files() {
        assert_eq!(started("/usr/local/bin/chart-mirror --all >> /var/log/mirror.log"), [0]);
        assert_eq!(started("registry.example.org/chart-mirror:2026-03"), [0]);
        assert_eq!(started("../target/lambda/chart_mirror/bootstrap.zip"), [0]);
        assert_eq!(started("cd /srv && cargo run --release"), [0]);
        assert_eq!(started("cargo run --bin=chart-mirror"), [0]);
        assert!(started("cargo run --bin other").is_empty());
        assert_eq!(started("npx tsx src/jobs/mirror.ts"), [1]);
        assert_eq!(started("pnpm mirror"), [1]);
        assert_eq!(started("npm run --silent mirror"), [1]);
        assert_eq!(started("/bin/sh /srv/app/bin/nightly.sh"), [4]);
        assert_eq!(started("/opt/mirror/bin/nightly.sh --all"), [4]);
        assert!(started("/opt/mirror/sbin/nightly.sh").is_empty());
        assert!(started("npm test").is_empty());
        assert!(started("node mirror_tests.js other").len() == 1);
    }

    #[test]
    fn routes_and_handlers_name_files() {
        assert_eq!(begins("/api/sync", Meaning::Route), [2]);
        assert_eq!(begins("https://bridge.example.org/api/sync?all=1", Meaning::Route), [2]);
        assert!(begins("https://bridge.example.org/", Meaning::Route).is_empty());
        assert_eq!(begins("dist/jobs/mirror.handler", Meaning::Handler), [1]);
    }
}
