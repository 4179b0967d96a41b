//! Questions about what is on disk, asked while a project is judged. Each is written down with its answer, so that a later
//! run can tell whether it would get the same answers. Whoever judges asks here and nowhere else: clippy refuses the others
//! (`clippy.toml`).
//!
//! Questions are written down for the thread that judges. Those of other threads are only counted: a judgement that may
//! have made them is not kept.
#![allow(clippy::disallowed_methods)]

use super::git_index::tracked;
use super::read::{Content, read};
use crate::cache::key::{Digest, Key};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Question {
    /// Is it a file?
    File(PathBuf),
    /// Is it a folder?
    Folder(PathBuf),
    /// Is there anything?
    Exists(PathBuf),
    /// What is in the folder?
    Names(PathBuf),
    /// What is in the file?
    Content(PathBuf),
    /// Can others than its owner read it?
    OpenToOthers(PathBuf),
    /// Does the repository below the folder track the path?
    Tracked(PathBuf, String),
    /// Is the environment variable set?
    Variable(String),
}

/// Questions with names for their answers.
pub type Answers = BTreeMap<Question, Digest>;

thread_local! {
    static ASKED: RefCell<Option<Asked>> = const { RefCell::new(None) };
}

/// How many questions were asked of which nobody wrote down the answer.
static UNRECORDED: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
struct Asked {
    answers: Answers,
    /// A question got two answers.
    torn: bool,
}

/// Does something, and tells what it asked; none when that is not fully known.
pub fn recorded<T>(run: impl FnOnce() -> T) -> (T, Option<Answers>) {
    let before = UNRECORDED.load(Ordering::SeqCst);
    let outer = ASKED.replace(Some(Asked::default()));
    let made = run();
    let asked = ASKED.replace(outer);
    let all = asked.filter(|asked| !asked.torn && before == UNRECORDED.load(Ordering::SeqCst));
    (made, all.map(|asked| asked.answers))
}

fn note(question: impl FnOnce() -> Question, answer: impl FnOnce() -> Digest) {
    ASKED.with_borrow_mut(|asked| match asked {
        None => not_repeatable(),
        Some(asked) => {
            let answer = answer();
            asked.torn |= asked.answers.insert(question(), answer).is_some_and(|known| known != answer);
        }
    });
}

/// Says that what is done now may come out otherwise another time: it is not kept.
pub fn not_repeatable() {
    UNRECORDED.fetch_add(1, Ordering::SeqCst);
}

/// Whether all questions would be answered now as they were.
pub fn still_hold(answers: &Answers) -> bool {
    let mut indexes: HashMap<&Path, Option<HashSet<String>>> = HashMap::new();
    answers.iter().all(|(question, answer)| {
        let now = match question {
            Question::File(path) => yes(path.is_file()),
            Question::Folder(path) => yes(path.is_dir()),
            Question::Exists(path) => yes(path.exists()),
            Question::Names(path) => listed(&in_folder(path)),
            Question::Content(path) => held(&read(path)),
            Question::OpenToOthers(path) => yes(mode_is_open(path)),
            Question::Tracked(root, path) => {
                let paths = indexes.entry(root).or_insert_with(|| tracked(root));
                yes(paths.as_ref().is_some_and(|paths| paths.contains(path)))
            }
            Question::Variable(name) => yes(std::env::var_os(name).is_some()),
        };
        now == *answer
    })
}

fn yes(answer: bool) -> Digest {
    Digest::of(&[u8::from(answer)])
}

/// Whether a path is a file.
pub fn is_file(path: &Path) -> bool {
    let answer = path.is_file();
    note(|| Question::File(path.to_owned()), || yes(answer));
    answer
}

/// Whether a path is a folder.
pub fn is_folder(path: &Path) -> bool {
    let answer = path.is_dir();
    note(|| Question::Folder(path.to_owned()), || yes(answer));
    answer
}

/// Whether anything has this path.
pub fn exists(path: &Path) -> bool {
    let answer = path.exists();
    note(|| Question::Exists(path.to_owned()), || yes(answer));
    answer
}

/// Whether an environment variable is set.
pub fn is_set(variable: &str) -> bool {
    let answer = std::env::var_os(variable).is_some();
    note(|| Question::Variable(variable.to_owned()), || yes(answer));
    answer
}

/// The names in a folder; none when it cannot be read.
pub fn names(folder: &Path) -> HashSet<OsString> {
    let answer = in_folder(folder);
    note(|| Question::Names(folder.to_owned()), || listed(&answer));
    answer
}

fn in_folder(folder: &Path) -> HashSet<OsString> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

fn listed(names: &HashSet<OsString>) -> Digest {
    let mut names: Vec<&OsString> = names.iter().collect();
    names.sort();
    let mut key = Key::new("names");
    names.into_iter().for_each(|name| key.add(name.as_encoded_bytes()));
    key.digest()
}

/// A file's text; none when it has none that can be read.
pub fn text(path: &Path) -> Option<String> {
    match content(path) {
        Content::Text(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    }
}

/// What is in a file.
pub fn content(path: &Path) -> Content {
    let answer = read(path);
    note(|| Question::Content(path.to_owned()), || held(&answer));
    answer
}

fn held(content: &Content) -> Digest {
    let mut key = Key::new("content");
    match content {
        Content::Text(bytes) => key.add(bytes),
        other => key.add(format!("{other:?}, no text")),
    }
    key.digest()
}

/// Whether others than its owner can read a file.
pub fn is_open_to_others(path: &Path) -> bool {
    let answer = mode_is_open(path);
    note(|| Question::OpenToOthers(path.to_owned()), || yes(answer));
    answer
}

#[cfg(unix)]
fn mode_is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn mode_is_open(_: &Path) -> bool {
    false
}

/// What a repository tracks.
#[derive(Debug)]
pub struct Tracked {
    root: PathBuf,
    paths: Option<HashSet<String>>,
}

impl Tracked {
    /// Reads the index of the repository below a folder.
    pub fn in_repository(root: PathBuf) -> Self {
        let paths = tracked(&root);
        Self { root, paths }
    }

    /// The folder of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it tracks a path, `/`-separated, below its folder.
    pub fn holds(&self, path: &str) -> bool {
        let answer = self.paths.as_ref().is_some_and(|paths| paths.contains(path));
        note(|| Question::Tracked(self.root.clone(), path.to_owned()), || yes(answer));
        answer
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answers_hold_until_one_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "one").unwrap();
        let ask = || {
            let file = is_file(&path("a"));
            (file, is_folder(&path("b")), exists(&path("c")), text(&path("a")), names(folder.path()).len())
        };
        let (seen, answers) = recorded(ask);
        assert_eq!(seen, (true, false, false, Some("one".to_owned()), 1));
        let answers = answers.unwrap();
        assert_eq!(answers.len(), 5);
        assert!(still_hold(&answers));
        std::fs::write(path("a"), "two").unwrap();
        assert!(!still_hold(&answers));
        std::fs::write(path("a"), "one").unwrap();
        assert!(still_hold(&answers));
        for change in ["b", "c"] {
            std::fs::create_dir(path(change)).unwrap();
            assert!(!still_hold(&answers));
            std::fs::remove_dir(path(change)).unwrap();
        }
        assert!(still_hold(&answers));
    }

    #[test]
    fn what_other_threads_ask_is_not_fully_known() {
        let ask = || std::thread::scope(|scope| scope.spawn(|| is_file(Path::new("/nowhere"))).join().unwrap());
        assert_eq!(recorded(ask), (false, None));
        let twice = || {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a");
            let before = exists(&path);
            std::fs::write(&path, "").unwrap();
            (before, exists(&path))
        };
        assert_eq!(recorded(twice), ((false, true), None));
    }
}
