//! Which files of the project a command starts.

use crate::program::tree::Module;
use crate::span::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// Scripts that run scripts are followed this far.
const DEPTH: usize = 4;
const SCRIPT_ENDINGS: &[&str] = &[".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".tsx", ".jsx"];
/// Folders that builds put code into; the source has another or none.
const BUILT: &[&str] = &["dist", "build", "out", "lib", "target", ".output"];

/// What commands can name.
pub(super) struct Known<'a> {
    /// Path, tree and text of each file.
    pub files: &'a [(&'a str, &'a Module, &'a str)],
    /// Names of programs and the files they begin in.
    pub programs: &'a [(String, FileId)],
    /// Scripts of the package manifests.
    pub scripts: &'a BTreeMap<String, Vec<String>>,
}

impl Known<'_> {
    /// The files that commands start.
    pub fn started(&self, commands: &[String]) -> Vec<FileId> {
        let mut found = BTreeSet::new();
        for command in commands {
            self.command(command, &mut found, DEPTH);
        }
        found.into_iter().collect()
    }

    fn command(&self, command: &str, found: &mut BTreeSet<FileId>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Some(route) = command.strip_prefix("route:") {
            self.route(route, found);
            return;
        }
        let words: Vec<&str> = command
            .split(|c: char| c.is_whitespace() || ";|&()`".contains(c))
            .map(|word| word.trim_matches(['"', '\'']))
            .filter(|word| !word.is_empty())
            .collect();
        for (index, word) in words.iter().enumerate() {
            self.word(word, found);
            let next = |step: usize| words.get(index + step).copied();
            match (*word, next(1)) {
                ("npm" | "pnpm" | "yarn" | "bun", Some("run" | "run-script")) => self.script(next(2), found, depth),
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
        if let ([(_, file)], false) = (self.programs, named) {
            found.insert(*file);
        }
    }

    fn script(&self, name: Option<&str>, found: &mut BTreeSet<FileId>, depth: usize) {
        for command in name.and_then(|name| self.scripts.get(name)).into_iter().flatten() {
            self.command(command, found, depth);
        }
    }

    fn word(&self, word: &str, found: &mut BTreeSet<FileId>) {
        // An image without its tag; a path without its folders.
        let name = word.rsplit('/').next().unwrap_or(word).split(':').next().unwrap_or("").trim_end_matches(".exe");
        let name = name.replace('-', "_");
        found.extend(self.programs.iter().filter(|(program, _)| *program == name).map(|(_, file)| *file));
        let Some(stem) = SCRIPT_ENDINGS.iter().find_map(|ending| word.strip_suffix(ending)) else { return };
        let stem = stem.trim_start_matches("./");
        let stem = match stem.split_once('/') {
            Some((first, rest)) if BUILT.contains(&first) => rest,
            _ => stem,
        };
        for (path, module, _) in self.files {
            let Some(known) = SCRIPT_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)) else { continue };
            if known == stem
                || known.strip_suffix(stem).is_some_and(|before| before.ends_with('/'))
                || stem.ends_with(&format!("/{known}"))
            {
                found.insert(module.file);
            }
        }
    }

    /// The file that answers a route.
    fn route(&self, route: &str, found: &mut BTreeSet<FileId>) {
        let route = route.split('?').next().unwrap_or(route).trim_matches('/');
        for (path, module, _) in self.files {
            let Some(known) = SCRIPT_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)) else { continue };
            let known = known.strip_suffix("/route").or_else(|| known.strip_suffix("/index")).unwrap_or(known);
            if known == route || known.strip_suffix(route).is_some_and(|before| before.ends_with('/')) {
                found.insert(module.file);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(command: &str) -> Vec<u32> {
        let module = |file: u32| Module {
            file: FileId(file),
            namespace: "",
            attributes: Vec::new(),
            items: Vec::new(),
            comments: Vec::new(),
        };
        let paths = ["src/main.rs", "src/jobs/mirror.ts", "app/api/sync/route.ts", "src/other/mirror_tests.ts"];
        let modules: Vec<Module> = (0..4).map(module).collect();
        let files: Vec<(&str, &Module, &str)> =
            paths.iter().zip(&modules).map(|(path, module)| (*path, module, "")).collect();
        let programs = [("chart_mirror".to_owned(), FileId(0))];
        let scripts = BTreeMap::from([
            ("mirror".to_owned(), vec!["npm run build && node dist/jobs/mirror.js".to_owned()]),
            ("build".to_owned(), vec!["npm run mirror".to_owned()]),
        ]);
        let known = Known { files: &files, programs: &programs, scripts: &scripts };
        known.started(&[command.to_owned()]).into_iter().map(|file| file.0).collect()
    }

    #[test]
    fn commands_name_programs_scripts_and_files() {
        assert_eq!(started("/usr/local/bin/chart-mirror --all >> /var/log/mirror.log"), [0]);
        assert_eq!(started("registry.example.org/chart-mirror:2026-03"), [0]);
        assert_eq!(started("cd /srv && cargo run --release"), [0]);
        assert!(started("cargo run --bin other").is_empty());
        assert_eq!(started("npx tsx src/jobs/mirror.ts"), [1]);
        assert_eq!(started("pnpm mirror"), [1]);
        assert_eq!(started("route:/api/sync"), [2]);
        assert!(started("npm test").is_empty());
        assert!(started("node mirror_tests.js other").len() == 1);
    }
}
