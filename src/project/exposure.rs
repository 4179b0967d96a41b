//! Who else gets a file: git, an image that is built, other users of the machine, visitors of a web site.

use super::git_index::tracked;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What git does with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Git {
    /// It lies in no repository that the run covers.
    #[default]
    None,
    /// It is tracked.
    Tracked,
    /// It is neither tracked nor ignored: the next `git add` takes it.
    Untracked,
}

/// Who else gets one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// What git does with it.
    pub git: Git,
    /// Others than its owner can read it.
    pub readable_by_others: bool,
    /// The folder around it that a server hands out.
    pub served: Option<String>,
}

/// Looks at the files of a run. `roots` are the folders that were asked for: what is said about a repository is asked of
/// the whole repository. `below` are the files' paths below them.
pub fn exposures(files: &[(&Path, &str)], roots: &[PathBuf]) -> Vec<Exposure> {
    let mut repositories: Vec<(PathBuf, Option<HashSet<String>>)> = Vec::new();
    let mut all = Vec::new();
    for (path, below) in files {
        let repository = crate::config::repository_root(path.parent().unwrap_or(path));
        let covered = repository.filter(|root| roots.iter().any(|asked| root.starts_with(asked)));
        let git = covered.map_or(Git::None, |root| {
            let known = repositories.iter().position(|(known, _)| *known == root);
            let index = known.unwrap_or_else(|| {
                repositories.push((root.clone(), tracked(&root)));
                repositories.len() - 1
            });
            let shown = super::walk::show(path, &root);
            match repositories.get(index).and_then(|(_, paths)| paths.as_ref()) {
                Some(paths) if paths.contains(&shown) => Git::Tracked,
                _ => Git::Untracked,
            }
        });
        all.push(Exposure { git, readable_by_others: readable_by_others(path), served: served(below) });
    }
    all
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

/// The outermost folder of a path that frameworks and servers hand out by convention.
fn served(below: &str) -> Option<String> {
    const SERVED: &[&str] = &["public", "public_html", "static", "www", "htdocs", "wwwroot", "webroot", "httpdocs"];
    let (folders, _) = below.rsplit_once('/')?;
    let mut end = 0;
    for folder in folders.split('/') {
        end += folder.len();
        if SERVED.contains(&folder) {
            return folders.get(..end).map(str::to_owned);
        }
        end += 1;
    }
    None
}

/// A `COPY` or `ADD` of an image's recipe: where it stands, and the files it takes from the folder around the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it stands in the recipe.
    pub range: Range<usize>,
    /// What it names, relative to the recipe's folder.
    pub sources: Vec<String>,
}

/// The files that a recipe copies from the folder around it.
pub fn copies(recipe: &str) -> Vec<Copy> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut lines = recipe.split_inclusive('\n').peekable();
    while let Some(first) = lines.next() {
        let start = at;
        at += first.len();
        let mut text = first.trim_end().to_owned();
        while text.ends_with('\\') {
            text.pop();
            let Some(next) = lines.next() else { break };
            at += next.len();
            text.push_str(next.trim_end());
        }
        let range = start..start + first.trim_end().len();
        let mut words = text.split_whitespace();
        let copies =
            words.next().is_some_and(|word| word.eq_ignore_ascii_case("COPY") || word.eq_ignore_ascii_case("ADD"));
        let rest: Vec<&str> = words.collect();
        // Files of another stage are not those of the folder.
        if !copies || rest.iter().any(|word| word.starts_with("--from")) {
            continue;
        }
        let listed = rest.join(" ");
        let words: Vec<String> = match listed.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            Some(list) => list.split(',').map(|word| word.trim().trim_matches('"').to_owned()).collect(),
            None => rest.iter().filter(|word| !word.starts_with("--")).map(|word| (*word).to_owned()).collect(),
        };
        if let Some((_, sources)) = words.split_last() {
            found.push(Copy { range, sources: sources.to_vec() });
        }
    }
    found
}

/// Which files the build of an image does not see.
#[derive(Debug)]
pub struct BuildIgnore(Gitignore);

impl BuildIgnore {
    /// Reads `.dockerignore` of the folder around a recipe, or the one that belongs to the recipe alone.
    pub fn of(recipe: &Path) -> Self {
        let folder = recipe.parent().unwrap_or(recipe);
        let own = recipe.file_name().map(|name| {
            let mut name = name.to_os_string();
            name.push(".dockerignore");
            folder.join(name)
        });
        let text = own.and_then(|path| std::fs::read_to_string(path).ok());
        let text = text.or_else(|| std::fs::read_to_string(folder.join(".dockerignore")).ok()).unwrap_or_default();
        let mut builder = GitignoreBuilder::new(folder);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            // Every pattern starts at the folder, unlike git's.
            let (sign, pattern) = line.strip_prefix('!').map_or(("", line), |rest| ("!", rest));
            let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
            // A pattern that cannot be read ignores nothing.
            let _ = builder.add_line(None, &format!("{sign}/{pattern}"));
        }
        Self(builder.build().unwrap_or_else(|_| Gitignore::empty()))
    }

    /// Whether the build does not see a file.
    pub fn hides(&self, path: &Path) -> bool {
        self.0.matched_path_or_any_parents(path, false).is_ignore()
    }
}

/// Whether a copy takes a file; `below` is its path below the recipe's folder.
pub fn takes(copy: &Copy, below: &str) -> bool {
    copy.sources.iter().any(|source| {
        let source = source.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let glob = || globset::GlobBuilder::new(source).literal_separator(true).build().ok();
        source.is_empty()
            || source == "."
            || below == source
            || below.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'))
            || source.contains(['*', '?', '['])
                && glob().is_some_and(|glob| {
                    let matcher = glob.compile_matcher();
                    // A folder that matches is taken with what is in it.
                    Path::new(below).ancestors().any(|part| matcher.is_match(part))
                })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_name_what_they_take() {
        let recipe = "FROM a\nCOPY --chown=1:1 .env config/ \\\n  /app/\nCOPY --from=b /x /y\nADD [\"a b\", \"/c\"]\n# COPY . .\n";
        let all = copies(recipe);
        let sources: Vec<_> = all.iter().map(|copy| copy.sources.join(",")).collect();
        assert_eq!(sources, [".env,config/", "a b"]);
        assert!(
            all.first().is_some_and(|copy| takes(copy, ".env") && takes(copy, "config/x.yml") && !takes(copy, "x.yml"))
        );
        let whole = Copy { range: 0..0, sources: vec![".".to_owned()] };
        assert!(takes(&whole, "deep/.env"));
        let some = Copy { range: 0..0, sources: vec!["*.env".to_owned()] };
        assert!(takes(&some, "a.env") && !takes(&some, "b/a.env"));
    }

    #[test]
    fn served_folders_are_whole_names() {
        assert_eq!(served("web/public/config.json").as_deref(), Some("web/public"));
        assert_eq!(served("publications/config.json"), None);
        assert_eq!(served("public"), None);
    }
}
