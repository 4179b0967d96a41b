//! Which lines changed since a revision, as git tells it: merge bases, renames and ignored files are then the same as
//! everywhere else the change is shown.

use super::git::Git;
use super::walk::show;
use crate::error::Error;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The changed lines of each file.
#[derive(Debug, Default)]
pub struct Changes {
    files: HashMap<String, Lines>,
}

#[derive(Debug, PartialEq, Eq)]
enum Lines {
    /// The file is new.
    All,
    /// Ranges from one line to another, and lines behind which something was taken out.
    Some { added: Vec<(u32, u32)>, removed_behind: Vec<u32> },
}

impl Changes {
    /// Whether any of these lines of a file changed, or something between them was taken out. `path` is as reports show it.
    pub fn touch(&self, path: &str, first: u32, last: u32) -> bool {
        match self.files.get(path) {
            None => false,
            Some(Lines::All) => true,
            Some(Lines::Some { added, removed_behind }) => {
                added.iter().any(|(start, end)| *start <= last && first <= *end)
                    || removed_behind.iter().any(|line| first <= *line && *line < last)
            }
        }
    }
}

/// What changed in the work tree around `folder` since the last commit that `HEAD` and `base` have in common. Paths are
/// shown relative to `shown_base`.
///
/// # Errors
/// When git is missing, there is no repository or no such revision, or the two have nothing in common in this clone.
pub fn since(folder: &Path, base: &str, shown_base: &Path) -> Result<Changes, Error> {
    let folder = if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) };
    let git = Git { folder };
    let top = git.run(&["rev-parse", "--show-toplevel"])?.map_err(|words| {
        Error::new(format!("--diff-base needs a git repository: {words}")).help("leave it out to report everything")
    })?;
    let top = PathBuf::from(top.trim_end_matches('\n'));
    let common = git.common(base)?;
    let shown = |path: &str| show(&top.join(path), shown_base);
    let range = ["diff", &common, "--unified=0", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv"];
    let plain =
        ["--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--inter-hunk-context=0", "--ignore-submodules", "--"];
    let diff = git.run(&[&range[..], &plain[..]].concat())?.map_err(|words| told(&words))?;
    let mut files: HashMap<String, Lines> =
        parse(&diff).into_iter().map(|(path, lines)| (shown(&path), lines)).collect();
    let git = Git { folder: &top };
    let others = git.run(&["ls-files", "--others", "--exclude-standard", "-z"])?.map_err(|words| told(&words))?;
    files.extend(others.split('\0').filter(|path| !path.is_empty()).map(|path| (shown(path), Lines::All)));
    Ok(Changes { files })
}

fn told(words: &str) -> Error {
    Error::new(format!("git could not tell what changed: {words}"))
}

impl Git<'_> {
    /// The last commit that `HEAD` and a revision have in common.
    fn common(&self, base: &str) -> Result<String, Error> {
        if self.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?.is_err() {
            return Err(Error::new("the repository has no commits yet, so nothing can be compared")
                .help("leave --diff-base out: everything is new"));
        }
        let shallow = self.run(&["rev-parse", "--is-shallow-repository"])?.is_ok_and(|text| text.trim() == "true");
        let deepen = "fetch its history first: `git fetch --unshallow`, or `fetch-depth: 0` in the checkout";
        let named = format!("{base}^{{commit}}");
        // A revision that looks like an option is none.
        let known = !base.starts_with('-') && self.run(&["rev-parse", "--verify", "--quiet", &named])?.is_ok();
        if !known {
            let help = if shallow { deepen } else { "name a branch, tag or commit of this clone, such as origin/main" };
            return Err(Error::new(format!("--diff-base: there is no revision `{base}`")).help(help));
        }
        match self.run(&["merge-base", base, "HEAD"])? {
            Ok(common) => Ok(common.trim().to_owned()),
            Err(_) if shallow => {
                Err(Error::new(format!("this clone is shallow and does not reach where `{base}` and HEAD part"))
                    .help(deepen))
            }
            Err(_) => Err(Error::new(format!("`{base}` and HEAD have no commit in common"))
                .help("name a revision that this branch was made from")),
        }
    }
}

/// The changed lines of each file of a diff without context.
fn parse(diff: &str) -> Vec<(String, Lines)> {
    let mut files: Vec<(String, Lines)> = Vec::new();
    // The hunks of a file that is gone belong to none.
    let mut within = false;
    let mut lines = diff.split('\n');
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("+++ ") {
            let path = new_path(path);
            within = path.is_some();
            let none = Lines::Some { added: Vec::new(), removed_behind: Vec::new() };
            files.extend(path.map(|path| (path, none)));
        } else if let Some((old, (start, count))) = line.strip_prefix("@@ ").and_then(hunk) {
            if let Some((_, Lines::Some { added, removed_behind })) = files.last_mut().filter(|_| within) {
                match count {
                    0 => removed_behind.push(start),
                    _ => added.push((start, start.saturating_add(count - 1))),
                }
            }
            // What stands in the hunk can look like a head.
            let mut left = u64::from(old) + u64::from(count);
            while left > 0 {
                let Some(line) = lines.next() else { break };
                left -= u64::from(!line.starts_with('\\'));
            }
        }
    }
    files
}

/// The number of old lines, and where the new ones are: `-a,b +c,d @@`.
fn hunk(text: &str) -> Option<(u32, (u32, u32))> {
    let mut parts = text.split(' ');
    let range = |part: &str| -> Option<(u32, u32)> {
        let (start, count) = part.split_once(',').unwrap_or((part, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let (_, old) = range(parts.next()?.strip_prefix('-')?)?;
    Some((old, range(parts.next()?.strip_prefix('+')?)?))
}

/// The path behind `+++`; none when the file is gone.
fn new_path(text: &str) -> Option<String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let bytes = unquoted(quoted.trim_end_matches('\t').strip_suffix('"')?);
        return String::from_utf8_lossy(&bytes).strip_prefix("b/").map(str::to_owned);
    }
    // Git ends a path with blanks by a tab.
    text.strip_suffix('\t').unwrap_or(text).strip_prefix("b/").map(str::to_owned)
}

/// A path without the escapes of C that git puts in.
fn unquoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'a') => bytes.push(7),
            Some(b'b') => bytes.push(8),
            Some(b'v') => bytes.push(11),
            Some(b'f') => bytes.push(12),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_read_and_their_lines_are_no_heads() {
        let diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1 @@ fn x\n-one\n-two\n\\ No newline at end of file\n+++ b/not a head\n@@ -9,3 +8,0 @@\n-x\n-y\n-z\n@@ -20,0 +18,2 @@\n+p\n+q\n\
            diff --git a/old b/old\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n\
            --- /dev/null\n+++ \"b/na\\303\\257ve \\\"x\\\"\"\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n--- a/c d\t\n+++ b/c d\t\n";
        let files = parse(diff);
        let some = |added: &[(u32, u32)], removed: &[u32]| Lines::Some {
            added: added.to_vec(),
            removed_behind: removed.to_vec(),
        };
        assert_eq!(files.first(), Some(&("a".to_owned(), some(&[(1, 1), (18, 19)], &[8]))));
        assert_eq!(files.get(1).map(|(path, _)| path.as_str()), Some("naïve \"x\""));
        assert_eq!(files.get(2).map(|(path, _)| path.as_str()), Some("c d"));
        assert_eq!(files.len(), 3);
    }

    #[test]
    fn what_was_taken_out_touches_what_stands_around_it() {
        let lines = Lines::Some { added: vec![(4, 5)], removed_behind: vec![8] };
        let changes = Changes { files: HashMap::from([("a".to_owned(), lines)]) };
        for (first, last, touched) in
            [(1, 3, false), (3, 4, true), (5, 9, true), (6, 8, false), (8, 9, true), (9, 9, false)]
        {
            assert_eq!(changes.touch("a", first, last), touched, "{first}-{last}");
        }
        assert!(!changes.touch("b", 4, 4));
    }
}
