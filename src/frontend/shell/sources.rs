//! Which other files of the project a script names, by what its text says alone.

use regex::Regex;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The files that a script takes in or runs, as far as their paths are known.
pub fn specifiers(text: &str) -> Vec<String> {
    static SHAPES: OnceLock<Option<[Regex; 2]>> = OnceLock::new();
    let compile = || {
        Some([
            // `source path`, `. path`
            Regex::new(r#"(?m)(?:^|[;&|({`]|\bthen\b|\bdo\b|\belse\b)[ \t]*(?:source|\.)[ \t]+(?P<path>(?:"[^"\n]*"|'[^'\n]*'|\$\([^)\n]*\)|\$\{[^}\n]*\}|[^\s;&|()"'])+)"#).ok()?,
            // Anything that looks like the path of a script.
            Regex::new(r#"(?P<path>(?:\}|\)|\.{1,2}|[\w.\-]+|["'])?/?(?:[\w.\-]+/)*[\w.\-]+\.(?:sh|bash|zsh|ksh))\b|(?:^|[\s"'=])(?P<run>(?:\./|\$\{?\w+\}?/|\$\([^)\n]*\)/)(?:[\w.\-]+/)*[\w.\-]+)"#).ok()?,
        ])
    };
    let mut found = BTreeSet::new();
    for shape in SHAPES.get_or_init(compile).iter().flatten() {
        for captures in shape.captures_iter(text) {
            let run = captures.name("run").filter(|run| is_script(run.as_str()));
            let path = captures.name("path").or(run);
            found.extend(path.and_then(|path| specifier(known_end(path.as_str()))));
        }
    }
    static RUNNERS: OnceLock<Option<Regex>> = OnceLock::new();
    let runners = || Regex::new(r"\b(?:(npm|pnpm|yarn|bun)|(g?make)|((?:go-)?task)|(just))\b").ok();
    for captures in RUNNERS.get_or_init(runners).iter().flat_map(|shape| shape.captures_iter(text)) {
        let file = [MANIFEST, MAKEFILE, TASKFILE, JUSTFILE]
            .into_iter()
            .zip(1..)
            .find(|(_, group)| captures.get(*group).is_some());
        found.extend(file.map(|(file, _)| file.to_owned()));
    }
    // The folders that scripts are run in: `cd jobs`, `working-directory: jobs`.
    static FOLDERS: OnceLock<Option<Regex>> = OnceLock::new();
    let folders = || {
        Regex::new(r#"\b(?:(?:cd|pushd)[ \t]+|(?:working[-_]?[dD]irectory|dir)["']?:[ \t]*)["']?(?P<folder>[\w.\-]+(?:/[\w.\-]+)*)"#).ok()
    };
    let folders = FOLDERS.get_or_init(folders).iter().flat_map(|shape| shape.captures_iter(text));
    let folders: BTreeSet<&str> =
        folders.filter_map(|captures| Some(captures.name("folder")?.as_str())).take(MAX_FOLDERS).collect();
    let inside: Vec<String> =
        folders.iter().flat_map(|folder| found.iter().take(MAX_INSIDE).map(|path| joined(folder, path))).collect();
    found.extend(inside);
    found.into_iter().collect()
}

/// The scripts of other files that a command runs by their names: the file, and the name the script goes by.
pub(super) fn tasks(program: &str, words: &[&str]) -> Vec<(&'static str, String)> {
    let plain = |word: &&&str| {
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))
    };
    let named: Vec<&str> = words.iter().filter(|word| !word.starts_with('-')).filter(plain).copied().collect();
    match (program, named.as_slice()) {
        ("npm" | "pnpm" | "yarn" | "bun", ["run" | "run-script", name, ..])
        | ("npm" | "pnpm" | "yarn", [name @ ("start" | "test"), ..])
        | ("pnpm" | "yarn", [name, ..]) => vec![(MANIFEST, format!("npm run {name}"))],
        ("make" | "gmake", []) => vec![(MAKEFILE, "make ".to_owned())],
        ("make" | "gmake", names) => names.iter().map(|name| (MAKEFILE, format!("make {name}"))).collect(),
        ("just", [name, ..]) => vec![(JUSTFILE, format!("just {name}"))],
        ("task" | "go-task", [name, ..]) => vec![(TASKFILE, format!("task {name}"))],
        _ => Vec::new(),
    }
}

/// Folders of one file that are looked into, and files in each.
const MAX_FOLDERS: usize = 16;
const MAX_INSIDE: usize = 64;
/// Files with scripts that go by names.
const MANIFEST: &str = "package.json";
const MAKEFILE: &str = "Makefile";
const TASKFILE: &str = "Taskfile.yml";
const JUSTFILE: &str = "justfile";

/// Whether a path may be that of a script: it has no ending, or that of one.
fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').is_none_or(|(_, ending)| matches!(ending, "sh" | "bash" | "zsh" | "ksh"))
}

/// What stands behind the last part of a path that is not known.
fn known_end(path: &str) -> &str {
    let path = path.trim_matches(['"', '\'']);
    let end = path.rfind(['}', ')', '"', '\'']).map(|at| at + 1);
    let end = end.or_else(|| {
        let dollar = path.rfind('$')?;
        Some(path.get(dollar..)?.find('/')? + dollar)
    });
    path.get(end.unwrap_or(0)..).unwrap_or(path)
}

/// A path from inside a folder, without what leads out of folders that it names itself.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')).filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The name under which a path is looked for: without what leads to the folder it begins in.
pub(super) fn specifier(path: &str) -> Option<String> {
    let path = path.trim().trim_start_matches('/');
    let mut rest = path;
    while let Some(inner) = rest.strip_prefix("./").or_else(|| rest.strip_prefix("../")) {
        rest = inner;
    }
    let plain = !rest.is_empty()
        && rest.len() < 200
        && rest.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && rest.chars().any(char::is_alphabetic);
    plain.then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_on_from_folders() {
        assert_eq!(joined("jobs/a", "./sync.sh"), "jobs/a/sync.sh");
        assert_eq!(joined("jobs/a", "../lib/api.sh"), "jobs/lib/api.sh");
        assert_eq!(joined("a", "../../x.sh"), "x.sh");
    }

    #[test]
    fn paths_are_known_from_behind_what_is_put_in() {
        let text = "#!/bin/sh\nsource \"$(dirname \"$0\")/lib/common.sh\"\n. ./env.sh\n. \"${HERE}/../config/api\"\nxargs -P4 ./fetch.sh\n\"$HERE/bin/get\" x\n[ -f x ] && . /opt/app/util.sh\n";
        assert_eq!(
            specifiers(text),
            ["bin/get", "config/api", "env.sh", "fetch.sh", "lib/common.sh", "opt/app/util.sh"]
        );
    }
}
