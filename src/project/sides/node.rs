//! `package.json` files, as far as they tell where code runs.

use super::manifest::text;
use crate::config::node::{Node, Value, from_json};
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A manifest.
#[derive(Debug)]
pub(super) struct NodePackage {
    /// Its folder.
    pub dir: PathBuf,
    /// The file.
    pub manifest: PathBuf,
    /// Names of dependencies with their places.
    pub dependencies: HashMap<String, Range<usize>>,
    /// Files that scripts, `bin` and `main` start, as they are written, with their places.
    pub started: Vec<Started>,
}

/// A file that a manifest starts.
#[derive(Debug)]
pub(super) struct Started {
    /// The file, as it is written.
    pub file: String,
    /// Where that is said.
    pub range: Range<usize>,
    /// Said by `main`, which libraries have too.
    pub main: bool,
}

/// The manifest of a folder, if it has one that can be read.
pub(super) fn package(dir: &Path) -> Option<NodePackage> {
    let manifest = dir.join("package.json");
    if !crate::project::disk::is_file(&manifest) {
        return None;
    }
    let text = text(&manifest)?;
    let node = from_json(&manifest, &text).ok()?;
    let mut dependencies = HashMap::new();
    for key in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
        if let Some(Value::Table(entries)) = node.get(key).map(|node| &node.value) {
            for (name, range, _) in entries {
                dependencies.entry(name.clone()).or_insert_with(|| range.clone());
            }
        }
    }
    let mut started = Vec::new();
    let mut add = |file: &str, range: &Range<usize>, main: bool| {
        started.push(Started { file: file.to_owned(), range: range.clone(), main });
    };
    for (key, main) in [("main", true), ("bin", false)] {
        match node.get(key) {
            Some(Node { value: Value::Text(file), span }) => add(file, span, main),
            Some(Node { value: Value::Table(entries), .. }) => entries.iter().for_each(|(_, _, node)| {
                if let Value::Text(file) = &node.value {
                    add(file, &node.span, main);
                }
            }),
            _ => {}
        }
    }
    if let Some(Value::Table(scripts)) = node.get("scripts").map(|node| &node.value) {
        for (_, _, script) in scripts {
            if let Value::Text(command) = &script.value {
                commands(command).into_iter().for_each(|file| add(file, &script.span, false));
            }
        }
    }
    Some(NodePackage { dir: dir.to_owned(), manifest, dependencies, started })
}

/// The files that a shell line runs with a runtime for servers.
fn commands(line: &str) -> Vec<&str> {
    const RUNTIMES: &[&str] = &[
        "node",
        "nodemon",
        "tsx",
        "ts-node",
        "ts-node-dev",
        "tsnd",
        "bun",
        "deno",
        "babel-node",
        "esr",
        "swc-node",
        "pm2",
    ];
    let mut files = Vec::new();
    for command in line.split(['&', '|', ';', '(', ')', '"', '\'']) {
        let mut words = command.split_whitespace().skip_while(|word| !RUNTIMES.contains(word));
        if words.next().is_some() {
            let script = |word: &&str| {
                !word.starts_with('-')
                    && word.rsplit_once('.').is_some_and(|(_, ending)| {
                        matches!(ending, "js" | "ts" | "mjs" | "cjs" | "mts" | "cts" | "jsx" | "tsx")
                    })
                    || word.starts_with("./")
                    || word.starts_with("dist/")
                    || word.starts_with("build/")
            };
            files.extend(words.find(script));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_name_what_they_run() {
        assert_eq!(commands("vite build && node --env-file=.env server/index.js"), ["server/index.js"]);
        assert_eq!(commands("concurrently \"vite\" \"tsx watch src/server.ts\""), ["src/server.ts"]);
        assert_eq!(commands("cross-env NODE_ENV=production node dist/main"), ["dist/main"]);
        assert!(commands("next dev").is_empty());
    }
}
