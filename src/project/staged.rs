//! What the next commit will hold: the files of git's index, whatever the work tree has made of them since.

use super::git::Git;
use super::read::MAX_BYTES;
use super::texts::Texts;
use super::walk::show;
use crate::error::Error;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What is staged.
#[derive(Debug, Default)]
pub struct Staged {
    /// The files that the commit adds or changes, absolute.
    pub files: Vec<PathBuf>,
    /// Files that are in conflict, below the root of the repository: the index holds no text of theirs yet.
    pub conflicted: Vec<String>,
    /// The index where it differs from the work tree.
    pub texts: Texts,
}

/// An entry of the index.
struct Entry {
    object: String,
    /// Whether it is a file, rather than a symbolic link or the commit of a submodule.
    file: bool,
}

/// Reads what is staged in the repository around `folder`. With `paths`, only files in or below them count as changed; the
/// others are context.
///
/// # Errors
/// When git is missing or there is no repository.
pub fn staged(folder: &Path, paths: &[PathBuf]) -> Result<Staged, Error> {
    let git = Git { folder };
    let top = git.bytes(&["rev-parse", "--show-toplevel"])?.map_err(|words| {
        Error::new(format!("--staged needs a git repository: {words}")).help("leave it out to scan the work tree")
    })?;
    let top = path_of(top.strip_suffix(b"\n").unwrap_or(&top));
    let top = std::fs::canonicalize(&top).unwrap_or(top);
    let git = Git { folder: &top };
    // A renamed file counts as added: what it holds is committed under a new name.
    let plain = ["--name-only", "-z", "--no-renames", "--ignore-submodules", "--no-ext-diff"];
    let listed = |arguments: &[&str]| {
        git.bytes(arguments)?.map_err(|words| Error::new(format!("git could not tell what is staged: {words}")))
    };
    // Git reads the index for each of the three; none of them waits for another.
    let (index, changed, unstaged) = std::thread::scope(|scope| {
        let index = scope.spawn(|| listed(&["ls-files", "--stage", "-z"]));
        let changed = scope.spawn(|| listed(&[&["diff", "--cached", "--diff-filter=AMT"][..], &plain[..]].concat()));
        let unstaged = listed(&[&["diff-files"][..], &plain[..]].concat());
        let ended = |_| Err(Error::new("git could not tell what is staged"));
        (index.join().unwrap_or_else(ended), changed.join().unwrap_or_else(ended), unstaged)
    });
    let (index, changed, unstaged) = (index?, changed?, unstaged?);
    let (entries, conflicted) = entries(&index);
    let asked = |path: &Path| paths.is_empty() || paths.iter().any(|asked| path.starts_with(asked));
    let file = |name: &&[u8]| entries.get(*name).is_some_and(|entry| entry.file);
    let changed: BTreeSet<&[u8]> = names(&changed).filter(file).collect();
    // Whatever is reported on is read from the index, even where git takes the work tree for the same.
    let replaced: Vec<&[u8]> = names(&unstaged).filter(file).chain(changed.iter().copied()).collect();
    let objects: Vec<String> =
        replaced.iter().filter_map(|name| entries.get(*name)).map(|entry| entry.object.clone()).collect();
    let mut texts = Texts::default();
    // One byte more than a file may have is enough to leave it out.
    for (name, bytes) in replaced.iter().zip(git.blobs(&objects, MAX_BYTES + 1)?) {
        texts.insert(top.join(path_of(name)), bytes.unwrap_or_default());
    }
    let conflicted: BTreeSet<PathBuf> = conflicted.iter().map(|name| top.join(path_of(name))).collect();
    let known: HashSet<PathBuf> =
        entries.iter().filter(|(_, entry)| entry.file).map(|(name, _)| path_of(name)).collect();
    texts.only(known.iter().map(|name| top.join(name)).chain(conflicted.iter().cloned()).collect());
    let files = changed.iter().map(|name| top.join(path_of(name))).filter(|path| asked(path)).collect();
    let conflicted = conflicted.iter().filter(|path| asked(path)).map(|path| show(path, &top)).collect();
    Ok(Staged { files, conflicted, texts })
}

/// The entries of the index by name, and the names of those in conflict: `MODE OBJECT STAGE<TAB>NAME`, each ended by a zero.
fn entries(listed: &[u8]) -> (HashMap<&[u8], Entry>, Vec<&[u8]>) {
    let (mut entries, mut conflicted) = (HashMap::new(), Vec::new());
    for line in names(listed) {
        let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
        let (head, name) = (String::from_utf8_lossy(line.get(..tab).unwrap_or_default()), line.get(tab + 1..));
        let mut words = head.split(' ');
        if let (Some(mode), Some(object), Some(stage), Some(name)) = (words.next(), words.next(), words.next(), name) {
            match stage {
                "0" => drop(entries.insert(name, Entry { object: object.to_owned(), file: mode.starts_with("100") })),
                _ => conflicted.push(name),
            }
        }
    }
    (entries, conflicted)
}

fn names(listed: &[u8]) -> impl Iterator<Item = &[u8]> {
    listed.split(|byte| *byte == 0).filter(|name| !name.is_empty())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(String::from_utf8_lossy(bytes).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_files_links_submodules_and_conflicts() {
        let listed = b"100644 aa 0\tsrc/a b.rs\x00120000 bb 0\tlink\x00160000 cc 0\tmodule\x00100755 dd 1\tboth\x00100755 ee 2\tboth\0";
        let (entries, conflicted) = entries(listed);
        let file = |name: &[u8]| entries.get(name).map(|entry| (entry.object.as_str(), entry.file));
        assert_eq!(file(b"src/a b.rs"), Some(("aa", true)));
        assert_eq!(file(b"link"), Some(("bb", false)));
        assert_eq!(file(b"module"), Some(("cc", false)));
        assert_eq!(file(b"both"), None);
        assert_eq!(conflicted, [&b"both"[..], b"both"]);
    }
}
