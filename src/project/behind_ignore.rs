//! Files that git's ignore rules hide and that go somewhere all the same: those that are tracked although they are ignored,
//! and settings that a build or a package takes from the folder, whose rules are not git's.

use super::git_index::tracked;
use super::kind::FileKind;
use ignore::gitignore::Gitignore;
use ignore::{WalkBuilder, WalkState};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Folders with what was fetched or built; nobody keeps settings there.
const MADE: &[&str] =
    &["target", "venv", ".venv", "vendor", ".terraform", ".cache", "__pycache__", "tmp", ".gradle", ".tox", "coverage"];
/// Settings hidden by ignore rules that are looked at.
const MAX_HIDDEN: usize = 2_000;
/// Larger files are no settings.
const MAX_BYTES: u64 = 256 * 1024;

/// The tracked files below a folder of a repository that are not among those that were found. Ignoring what is tracked
/// changes nothing for git. What an `.ignore` file hides was hidden from programs like this one.
pub fn tracked_although_ignored(repository: &Path, folder: &Path, found: &HashSet<&Path>) -> Vec<PathBuf> {
    let paths = tracked(repository).unwrap_or_default().into_iter().map(|path| repository.join(path));
    let missing = paths.filter(|path| path.starts_with(folder) && !found.contains(path.as_path()));
    let mut missing: Vec<PathBuf> = missing
        .filter(|path| path.is_file() && !path.is_symlink() && !is_hidden_on_purpose(path, repository))
        .collect();
    missing.sort();
    missing
}

fn is_hidden_on_purpose(path: &Path, repository: &Path) -> bool {
    let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(repository));
    folders.map(|folder| folder.join(".ignore")).filter(|file| file.is_file()).any(|file| {
        let (ignored, _) = Gitignore::new(file);
        ignored.matched_path_or_any_parents(path, false).is_ignore()
    })
}

/// The settings below a folder that ignore rules hide. `skip` tells the folders that are never looked into; it is not asked
/// about the `walked` ones, in which there is no other file to find than `found`, those that are hidden, and those that are
/// skipped.
pub fn hidden_settings(
    folder: &Path,
    found: &HashSet<&Path>,
    walked: &Arc<HashSet<PathBuf>>,
    threads: usize,
    skip: impl Fn(&ignore::DirEntry) -> bool + Send + Sync + 'static,
) -> Vec<PathBuf> {
    let mut builder = WalkBuilder::new(folder);
    let walked = Arc::clone(walked);
    builder.standard_filters(false).follow_links(false).threads(threads).filter_entry(move |entry| {
        let made = entry.file_name().to_str().is_some_and(|name| MADE.contains(&name));
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || !is_folder || !made && (walked.contains(entry.path()) || !skip(entry))
    });
    let hidden = Mutex::new(Vec::new());
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            let settings = entry.ok().filter(|entry| {
                entry.file_type().is_some_and(|kind| kind.is_file())
                    && FileKind::of(entry.path()).is_configuration()
                    && !found.contains(entry.path())
                    && entry.metadata().is_ok_and(|metadata| metadata.len() <= MAX_BYTES)
            });
            if let Some(entry) = settings {
                hidden.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into_path());
            }
            WalkState::Continue
        })
    });
    let mut hidden = hidden.into_inner().unwrap_or_else(PoisonError::into_inner);
    hidden.sort();
    hidden.truncate(MAX_HIDDEN);
    hidden
}
