//! Which files of the folder around it a container image ends up with: the recipe's stages, what they copy from the folder
//! and from each other, and what `.dockerignore` keeps from the build.

use super::kind::FileKind;
use globset::{GlobBuilder, GlobMatcher};
use std::ops::Range;
use std::path::Path;

/// Chains of stages that copy from each other are followed this far.
const MAX_STAGES: usize = 16;

/// Whether a file says which files leave the folder: how an image is built, or what a package is published with.
pub fn hands_files_on(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let compose = (name.starts_with("compose") || name.starts_with("docker-compose"))
        && (name.ends_with(".yaml") || name.ends_with(".yml"));
    compose || super::served::names_roots(&name) || name == "package.json" || FileKind::of(path) == FileKind::Dockerfile
}

/// A recipe, as far as files are concerned.
#[derive(Debug, Default)]
pub struct Recipe {
    stages: Vec<Stage>,
}

#[derive(Debug, Default)]
struct Stage {
    /// The name other stages use.
    name: String,
    /// The image or stage it begins with.
    base: String,
    copies: Vec<Copy>,
}

/// A `COPY` or `ADD`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Copy {
    /// Where it stands in the recipe.
    range: Range<usize>,
    /// The stage it takes files from; the folder around the recipe when empty.
    from: String,
    /// What it takes.
    sources: Vec<String>,
    /// Where it puts it: an absolute path, with a slash behind it when it is a folder.
    target: String,
    /// What it leaves out.
    except: Vec<String>,
}

impl Recipe {
    /// Reads a recipe.
    pub fn read(text: &str) -> Self {
        let mut stages: Vec<Stage> = Vec::new();
        let mut folder = String::from("/");
        for (range, line) in instructions(text) {
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            let words: Vec<&str> = rest.split_whitespace().collect();
            match word.to_ascii_uppercase().as_str() {
                "FROM" => {
                    let plain: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with("--")).collect();
                    let named = plain.iter().position(|word| word.eq_ignore_ascii_case("as"));
                    let name = named.and_then(|at| plain.get(at + 1)).copied().unwrap_or("");
                    let base = plain.first().copied().unwrap_or("").to_owned();
                    stages.push(Stage { name: name.to_owned(), base, copies: Vec::new() });
                    folder = String::from("/");
                }
                "WORKDIR" => folder = join(&folder, words.first().copied().unwrap_or("").trim_matches('"')),
                "COPY" | "ADD" => {
                    if let (Some(stage), Some(copy)) = (stages.last_mut(), copy(rest, range, &folder)) {
                        stage.copies.push(copy);
                    }
                }
                _ => {}
            }
        }
        Self { stages }
    }

    /// The instruction by which the image ends up with a file, and where the image has it; `below` is the file's path below
    /// the folder the image is built in. What an earlier stage takes and no later one takes over is not in the image.
    pub fn takes(&self, below: &str) -> Option<(Range<usize>, String)> {
        let copied = self.stages.iter().enumerate().flat_map(|(number, stage)| {
            stage.copies.iter().filter(|copy| copy.from.is_empty()).map(move |copy| (number, copy))
        });
        let mut taking = copied.filter_map(|(number, copy)| {
            let last = self.ships(number, &copy.lands(below)?, MAX_STAGES)?;
            Some((copy.range.clone(), last))
        });
        taking.next()
    }

    /// The image that the last stage begins with, through the stages it is built on.
    pub fn base(&self) -> &str {
        let mut base = self.stages.last().map_or("", |stage| stage.base.as_str());
        for _ in 0..MAX_STAGES {
            let Some(stage) = self.stages.iter().find(|stage| stage.name.eq_ignore_ascii_case(base)) else { break };
            base = &stage.base;
        }
        base
    }

    /// Where the last stage has what stands at a path of a stage.
    fn ships(&self, stage: usize, path: &str, depth: usize) -> Option<String> {
        if stage + 1 == self.stages.len() {
            return Some(path.to_owned());
        }
        let depth = depth.checked_sub(1)?;
        let mut later = self.stages.iter().enumerate().skip(stage + 1);
        later.find_map(|(number, other)| {
            if self.is_called(stage, &other.base)
                && let Some(last) = self.ships(number, path, depth)
            {
                return Some(last);
            }
            let mut taken = other.copies.iter().filter(|copy| self.is_called(stage, &copy.from));
            taken.find_map(|copy| self.ships(number, &copy.lands(path.trim_start_matches('/'))?, depth))
        })
    }

    fn is_called(&self, stage: usize, name: &str) -> bool {
        let own = self.stages.get(stage).map_or("", |stage| stage.name.as_str());
        !name.is_empty() && (own.eq_ignore_ascii_case(name) || name.parse() == Ok(stage))
    }
}

impl Copy {
    /// Where it puts a file, if it takes it; `below` is the file's path without the first slash.
    fn lands(&self, below: &str) -> Option<String> {
        if self.except.iter().any(|pattern| glob(pattern).is_some_and(|glob| glob.is_match(below))) {
            return None;
        }
        self.sources.iter().find_map(|source| {
            let source = plain(source);
            let whole = source.is_empty() || source == ".";
            // What a folder holds comes along without the folder's own name.
            let inner = if whole {
                Some(below)
            } else if below == source {
                return Some(if self.target.ends_with('/') || self.sources.len() > 1 {
                    join(&self.target, below.rsplit('/').next().unwrap_or(below))
                } else {
                    self.target.clone()
                });
            } else {
                below.strip_prefix(source).and_then(|rest| rest.strip_prefix('/'))
            };
            if let Some(inner) = inner {
                return Some(join(&self.target, inner));
            }
            let pattern = glob(source).filter(|_| source.contains(['*', '?', '[']))?;
            if pattern.is_match(below) {
                return Some(join(&self.target, below.rsplit('/').next().unwrap_or(below)));
            }
            let folder = Path::new(below).ancestors().skip(1).find(|part| pattern.is_match(part))?;
            let inner = Path::new(below).strip_prefix(folder).ok()?;
            Some(join(&self.target, &inner.to_string_lossy()))
        })
    }
}

/// The instructions of a recipe, each on one line, with where it stands.
fn instructions(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut lines = text.split_inclusive('\n');
    while let Some(first) = lines.next() {
        let start = at;
        at += first.len();
        let mut line = first.trim().to_owned();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        while line.ends_with('\\') {
            line.pop();
            let Some(next) = lines.next() else { break };
            at += next.len();
            let next = next.trim();
            // Comments and empty lines inside an instruction are no part of it and do not end it.
            if next.is_empty() || next.starts_with('#') {
                line.push('\\');
            } else {
                line.push(' ');
                line.push_str(next);
            }
        }
        found.push((start..start + first.trim_end().len(), line));
    }
    found
}

fn copy(rest: &str, range: Range<usize>, folder: &str) -> Option<Copy> {
    let mut copy = Copy { range, ..Copy::default() };
    let mut rest = rest.trim();
    while let Some(flag) = rest.strip_prefix("--") {
        let (flag, others) = flag.split_once(char::is_whitespace)?;
        match flag.split_once('=') {
            Some(("from", stage)) => stage.clone_into(&mut copy.from),
            Some(("exclude", pattern)) => copy.except.push(plain(pattern).to_owned()),
            _ => {}
        }
        rest = others.trim_start();
    }
    let words: Vec<String> = match rest.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        Some(list) => list.split(',').map(|word| word.trim().trim_matches('"').to_owned()).collect(),
        None => rest.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect(),
    };
    let (target, sources) = words.split_last()?;
    let is_folder = target.ends_with('/') || target == "." || target.ends_with("/.");
    copy.target = join(folder, target) + if is_folder { "/" } else { "" };
    // Texts written in the recipe and addresses are no files of the folder.
    copy.sources =
        sources.iter().filter(|source| !source.starts_with("<<") && !source.contains("://")).cloned().collect();
    Some(copy)
}

/// A path without what does not matter: `./`, slashes around it.
fn plain(path: &str) -> &str {
    let mut path = path.trim_matches('"');
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix('/')) {
        path = rest;
    }
    path.trim_end_matches('/').trim_end_matches("/.")
}

/// A path on another, which counts only when the path is relative. No dots and no slash at the end remain.
fn join(base: &str, path: &str) -> String {
    let base = if path.starts_with('/') { "" } else { base };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn glob(pattern: &str) -> Option<GlobMatcher> {
    let built = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build().ok()?;
    Some(built.compile_matcher())
}

/// Which files the build of an image does not see.
#[derive(Debug, Default)]
pub struct BuildIgnore(Vec<(bool, GlobMatcher)>);

impl BuildIgnore {
    /// The one that belongs to the recipe alone, or else `.dockerignore` of the folder the image is built in.
    pub fn of(recipe: &Path, context: &Path) -> Self {
        let own = |name: &std::ffi::OsStr| {
            let mut name = name.to_os_string();
            name.push(".dockerignore");
            super::disk::text(&recipe.with_file_name(name))
        };
        let text = recipe.file_name().and_then(own);
        let text = text.or_else(|| super::disk::text(&context.join(".dockerignore"))).unwrap_or_default();
        Self::read(&text)
    }

    fn read(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(|line| {
            let (again, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim_start()));
            // Every pattern starts at the folder, unlike git's. One that cannot be read ignores nothing.
            Some((again, glob(plain(pattern))?))
        });
        Self(patterns.collect())
    }

    /// Whether the build does not see a file; `below` is its path below the folder. The last pattern that names the file or
    /// a folder around it decides.
    pub fn hides(&self, below: &str) -> bool {
        let path = Path::new(below);
        let names = |glob: &GlobMatcher| path.ancestors().any(|part| part != Path::new("") && glob.is_match(part));
        self.0.iter().rev().find(|(_, glob)| names(glob)).is_some_and(|(again, _)| !again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(recipe: &str, below: &str) -> bool {
        Recipe::read(recipe).takes(below).is_some()
    }

    #[test]
    fn copies_name_what_they_take() {
        let recipe = "FROM a\nCOPY --chown=1:1 .env config/ \\\n  # why\n  /app/\nADD [\"a b\", \"/c\"]\n# COPY . .\nCOPY <<EOF /etc/x\nEOF\n";
        assert!(takes(recipe, ".env") && takes(recipe, "config/x.yml") && takes(recipe, "a b"));
        assert!(!takes(recipe, "x.yml"));
        assert!(takes("FROM a\nCOPY . .", "deep/.env"));
        assert!(takes("FROM a\nCOPY *.env /", "a.env") && !takes("FROM a\nCOPY *.env /", "b/a.env"));
        assert!(!takes("FROM a\nCOPY --exclude=*.env . .", "a.env"));
    }

    #[test]
    fn only_what_the_last_stage_has_is_in_the_image() {
        let build = "FROM rust AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build\n";
        for (last, ships) in [
            ("FROM debian\nCOPY --from=build /src/target/release/sync /usr/bin/\n", false),
            ("FROM debian\nCOPY --from=build /src /app\n", true),
            ("FROM debian\nCOPY --from=0 /src/config /app/config\n", false),
            ("FROM build\nCMD sync\n", true),
            ("FROM build AS tests\nRUN cargo test\nFROM debian\nCOPY --from=tests /src/.env /app/.env\n", true),
            ("FROM debian AS tools\nFROM scratch\nCOPY --from=tools /bin/sh /bin/\n", false),
        ] {
            assert_eq!(takes(&format!("{build}{last}"), ".env"), ships, "{last}");
        }
    }

    #[test]
    fn the_last_pattern_that_names_a_file_or_its_folder_decides() {
        let hides = |text: &str, below: &str| BuildIgnore::read(text).hides(below);
        assert!(hides(".env*\n", ".env.local") && !hides(".env*\n", "api/.env"));
        assert!(hides("**/.env\n", "api/.env") && hides("**/.env\n", ".env"));
        assert!(hides("config\n", "config/a.env") && hides("/config/\n", "config/a.env"));
        assert!(!hides("*\n!config\n", "config/a.env") && hides("*\n!config\nconfig/a.env\n", "config/a.env"));
        assert!(!hides("config/a.env\n!config\n", "config/a.env"));
        assert!(!hides("# .env\n\n", ".env"));
    }
}
