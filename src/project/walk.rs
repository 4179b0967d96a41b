//! Finding the files of a run, in parallel, with git's ignore rules.

use super::behind_ignore::{hidden_settings, tracked_although_ignored};
use super::context::project_around;
use super::image::hands_files_on;
use super::kind::FileKind;
use super::texts::Texts;
use crate::config::{Config, repository_root};
use crate::error::Error;
use crate::finding::Notification;
use ignore::{WalkBuilder, WalkState};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One file to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below [`Walked::base`], `/`-separated.
    pub shown: String,
    /// What it is read as.
    pub kind: FileKind,
    /// Named on the command line.
    pub explicit: bool,
    /// Read only because files that were asked for belong to its project: nothing is reported in it.
    pub context: bool,
    /// Git ignores it, and a build or a package may take it all the same.
    pub hidden: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// The folder shown paths are relative to.
    pub base: PathBuf,
    /// The paths that were asked for, made absolute.
    pub roots: Vec<PathBuf>,
    /// Files in order of their shown path.
    pub files: Vec<Found>,
    /// Files that are not read, and why (for `--verbose`).
    pub skipped: Vec<(String, &'static str)>,
    /// What could not be looked at.
    pub notifications: Vec<Notification>,
}

/// Folders that hold no source of the project, whatever git says.
const SKIPPED_FOLDERS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".astro",
    ".angular",
    ".turbo",
    ".vercel",
    ".netlify",
    ".yarn",
    ".pnpm-store",
    ".parcel-cache",
];
/// Folders beside a `package.json` and its `src` that hold what was built from it.
const BUILT_FOLDERS: &[&str] = &["dist", "build", "out", "coverage"];

/// What is walked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// Files and folders to look at.
    pub paths: &'a [PathBuf],
    /// Files to look at whose texts come from elsewhere; they need not exist.
    pub given: &'a [PathBuf],
    /// What is left out of folders is left out when it is named, too: what the configuration excludes, and files that
    /// nobody wrote.
    pub force_exclude: bool,
    /// Texts that stand for what is on disk.
    pub texts: &'a Texts,
    /// Threads; 0 means one a core.
    pub threads: usize,
}

/// Finds the files of a walk. Around files that are named, the files of their project are found too, as context.
///
/// # Errors
/// When a path does not exist.
pub fn walk(walk: Walk<'_>, config: &Config) -> Result<Walked, Error> {
    let Walk { paths, given, force_exclude, texts, threads } = walk;
    let mut roots = absolute_roots(paths)?;
    roots.extend(given.iter().map(|path| absolute(path)));
    let base = base_of(&roots);
    let named: HashSet<&Path> = roots.iter().map(PathBuf::as_path).collect();
    let files = Mutex::new(Vec::new());
    let skipped = Mutex::new(Vec::new());
    let notifications = Mutex::new(Vec::new());
    let walked = Mutex::new(HashSet::new());
    let mut folders = Vec::new();
    for root in &roots {
        if root.is_dir() {
            folders.push(root.clone());
            continue;
        }
        let shown = show(root, &base);
        let kind = FileKind::of(root);
        let reason = if config.excludes(root) { Some("excluded by the configuration") } else { unwritten(kind) };
        if let Some(reason) = reason.filter(|_| force_exclude) {
            push(&skipped, (shown, reason));
            continue;
        }
        push(
            &files,
            Found {
                kind: explicit_kind(kind),
                path: root.clone(),
                shown,
                explicit: true,
                context: false,
                hidden: false,
            },
        );
    }
    let mut parents = HashSet::new();
    for root in roots.iter().filter(|root| !root.is_dir() && parents.insert(root.parent())) {
        if let Some(around) = project_around(root).filter(|around| !folders.iter().any(|f| around.starts_with(f))) {
            folders.push(around);
        }
    }
    let asked = |path: &Path| path.ancestors().any(|folder| named.contains(folder));
    if let Some((first, others)) = folders.split_first() {
        let mut builder = WalkBuilder::new(first);
        for folder in others {
            builder.add(folder);
        }
        builder
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            // The outcome must not depend on whose machine it is.
            .git_global(false)
            .threads(threads)
            .filter_entry(|entry| entry.depth() == 0 || !is_skipped_folder(entry));
        builder.build_parallel().run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                        walked.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.into_path());
                    }
                    Ok(entry) => visit(&entry, &base, config, &asked, &files, &skipped),
                    Err(error) => push(&notifications, unreadable(&error, &base)),
                }
                WalkState::Continue
            })
        });
    }
    let mut files = taken(files);
    let walked = Arc::new(walked.into_inner().unwrap_or_else(PoisonError::into_inner));
    add_behind_ignore(&mut files, (&folders, &walked), threads, &base, config);
    files.retain(|file: &Found| file.explicit || texts.has(&file.path));
    // What is gone from the disk is still there when its text is held elsewhere.
    for path in texts.paths().filter(|path| folders.iter().any(|folder| path.starts_with(folder))) {
        let kind = FileKind::of(path);
        if !config.excludes(path) && unwritten(kind).is_none() {
            let (path, shown) = (path.to_owned(), show(path, &base));
            files.push(Found { kind, context: !asked(&path), path, shown, explicit: false, hidden: false });
        }
    }
    // A file named and found in a folder as well counts as named.
    files.sort_by(|a: &Found, b: &Found| {
        a.shown.cmp(&b.shown).then(b.explicit.cmp(&a.explicit)).then(a.hidden.cmp(&b.hidden))
    });
    files.dedup_by(|second, first| second.path == first.path);
    let mut skipped = taken(skipped);
    skipped.sort_unstable();
    skipped.dedup();
    let mut notifications = taken(notifications);
    notifications.sort_by(|a: &Notification, b: &Notification| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    notifications.dedup();
    Ok(Walked { base, roots, files, skipped, notifications })
}

/// Adds the tracked files that are ignored, and the ignored settings that images and packages may take.
fn add_behind_ignore(
    files: &mut Vec<Found>,
    (folders, walked): (&[PathBuf], &Arc<HashSet<PathBuf>>),
    threads: usize,
    base: &Path,
    config: &Config,
) {
    let found: HashSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let mut added: Vec<(PathBuf, bool)> = Vec::new();
    for folder in folders {
        if let Some(repository) = repository_root(folder) {
            let tracked = tracked_although_ignored(&repository, folder, &found);
            let read = tracked.into_iter().filter(|path| {
                let inside = path.strip_prefix(folder).ok().and_then(Path::parent);
                !inside.is_some_and(|inside| inside.iter().any(is_skipped_name))
            });
            added.extend(read.map(|path| (path, false)));
        }
        // Nothing is reported in context, so that only what is asked for says who else takes hidden files.
        let asked = |file: &&Found| !file.context && file.path.starts_with(folder);
        if files.iter().filter(asked).any(|file| hands_files_on(&file.path)) {
            let hidden = hidden_settings(folder, &found, walked, threads, is_skipped_folder);
            added.extend(hidden.into_iter().map(|path| (path, true)));
        }
    }
    let new = added.into_iter().filter_map(|(path, hidden)| {
        let kind = FileKind::of(&path);
        let read = !matches!(kind, FileKind::Generated | FileKind::Binary) && !config.excludes(&path);
        let shown = show(&path, base);
        read.then_some(Found { path, shown, kind, explicit: false, context: hidden, hidden })
    });
    files.extend(new.collect::<Vec<_>>());
}

fn is_skipped_name(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| SKIPPED_FOLDERS.contains(&name))
}

/// Why files of a kind are not read: nobody wrote them.
fn unwritten(kind: FileKind) -> Option<&'static str> {
    match kind {
        FileKind::Generated => Some("lock file or generated"),
        FileKind::Binary => Some("binary"),
        _ => None,
    }
}

/// A file that somebody names is read whatever its name says.
fn explicit_kind(kind: FileKind) -> FileKind {
    match kind {
        FileKind::Generated | FileKind::Binary => FileKind::Text,
        kind => kind,
    }
}

fn visit(
    entry: &ignore::DirEntry,
    base: &Path,
    config: &Config,
    asked: &dyn Fn(&Path) -> bool,
    files: &Mutex<Vec<Found>>,
    skipped: &Mutex<Vec<(String, &'static str)>>,
) {
    let Some(file_type) = entry.file_type() else { return };
    let path = entry.path();
    let shown = show(path, base);
    let kind = FileKind::of(path);
    let reason = if file_type.is_symlink() {
        Some("symbolic link")
    } else if !file_type.is_file() {
        Some("not a regular file")
    } else if config.excludes(path) {
        Some("excluded by the configuration")
    } else {
        unwritten(kind)
    };
    match reason {
        Some(reason) if asked(path) => push(skipped, (shown, reason)),
        Some(_) => {}
        None => {
            let context = !asked(path);
            push(files, Found { path: path.to_owned(), shown, kind, explicit: false, context, hidden: false });
        }
    }
}

fn is_skipped_folder(entry: &ignore::DirEntry) -> bool {
    if !entry.file_type().is_some_and(|file_type| file_type.is_dir()) {
        return false;
    }
    let name = entry.file_name().to_str().unwrap_or("");
    let named = is_skipped_name(entry.file_name());
    if BUILT_FOLDERS.contains(&name)
        && let Some(parent) = entry.path().parent()
        && parent.join("package.json").is_file()
        && parent.join("src").is_dir()
    {
        return true;
    }
    // Build folders mark themselves as caches.
    named || entry.path().join("CACHEDIR.TAG").is_file()
}

fn unreadable(error: &ignore::Error, base: &Path) -> Notification {
    let path = path_of(error).map(|path| show(path, base)).unwrap_or_default();
    let reason = error.io_error().map_or("an error of the file system".to_owned(), |error| error.kind().to_string());
    Notification { path, line: None, message: format!("cannot be read: {reason}"), skipped: true }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// A path that need not exist, made absolute: the folders around it by their real names where they exist.
pub fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (whole.parent().and_then(|parent| std::fs::canonicalize(parent).ok()), whole.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => whole,
    }
}

fn absolute_roots(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let (mut roots, mut seen) = (Vec::new(), HashSet::new());
    for path in paths {
        let missing = |error: std::io::Error| {
            let what = match error.kind() {
                std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
                kind => format!("cannot be read: {kind}"),
            };
            Error::new(what).in_file(path).help("give the path of a file or folder that exists")
        };
        let metadata = std::fs::metadata(path).map_err(missing)?;
        let whole = std::path::absolute(path).map_err(missing)?;
        // A file keeps the name it was called by; the folders around it are taken by their real names, so that one
        // file has one path.
        let root = match (metadata.is_dir(), whole.parent(), whole.file_name()) {
            (false, Some(parent), Some(name)) => std::fs::canonicalize(parent).map_err(missing)?.join(name),
            _ => std::fs::canonicalize(&whole).map_err(missing)?,
        };
        if seen.insert(root.clone()) {
            roots.push(root);
        }
    }
    Ok(roots)
}

/// Shown paths are relative to the repository when all roots lie in one, else to the working directory when they lie
/// below it, else to what the roots have in common.
fn base_of(roots: &[PathBuf]) -> PathBuf {
    let folder = |root: &Path| {
        if root.is_dir() { root.to_owned() } else { root.parent().map(Path::to_owned).unwrap_or_default() }
    };
    let Some(first) = roots.first().map(|root| folder(root)) else { return PathBuf::new() };
    let holds_all = |base: &PathBuf| roots.iter().all(|root| root.starts_with(base));
    if let Some(repository) = repository_root(&first).filter(holds_all) {
        return repository;
    }
    let working = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    if let Some(working) = working.filter(holds_all) {
        return working;
    }
    first.ancestors().map(Path::to_owned).find(holds_all).unwrap_or_default()
}

/// A path below `base`, with `/` between its parts. What is not Unicode is replaced.
pub fn show(path: &Path, base: &Path) -> String {
    let below = path.strip_prefix(base).unwrap_or(path);
    let mut shown = String::new();
    for component in below.components() {
        if !shown.is_empty() && !shown.ends_with('/') {
            shown.push('/');
        }
        match component {
            std::path::Component::RootDir => shown.push('/'),
            component => shown.push_str(&component.as_os_str().to_string_lossy()),
        }
    }
    shown
}

fn push<T>(list: &Mutex<Vec<T>>, element: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(element);
}

fn taken<T>(list: Mutex<Vec<T>>) -> Vec<T> {
    list.into_inner().unwrap_or_else(PoisonError::into_inner)
}
