//! Opening a repository and listing its commits.

use crate::error::Error;
use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Bytes of objects that are kept while neighbouring commits are compared.
const OBJECT_CACHE: usize = 32 * 1024 * 1024;

/// A repository that threads share.
pub(super) struct Opened {
    shared: gix::ThreadSafeRepository,
    root: PathBuf,
    shallow: bool,
}

impl Opened {
    /// The repository for the thread that asks.
    pub(super) fn local(&self) -> gix::Repository {
        let mut local = self.shared.to_thread_local();
        local.object_cache_size(OBJECT_CACHE);
        local
    }

    /// The work tree, or the repository itself where there is none.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether older commits are not in it.
    pub(super) fn is_shallow(&self) -> bool {
        self.shallow
    }
}

/// Opens the repository around a path. Only the repository's own configuration is read, and nothing is written.
///
/// # Errors
/// When there is none or it cannot be read.
pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    if !path.exists() {
        return Err(Error::new("no such file or folder").in_file(path).help("give the folder of a repository"));
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // What somebody replaced is still in the repository.
    let options = || gix::open::Options::isolated().config_overrides(["core.useReplaceRefs=false"]);
    let trust = gix::sec::trust::Mapping { full: options(), reduced: options() };
    let shared = gix::ThreadSafeRepository::discover_opts(folder, Default::default(), trust).map_err(|_| {
        Error::new("not in a git repository, or in one that cannot be read")
            .in_file(path)
            .help("give a folder of a work tree, or a bare repository")
    })?;
    let local = shared.to_thread_local();
    let root = local.workdir().unwrap_or_else(|| local.git_dir());
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let shallow = local.is_shallow().unwrap_or(false);
    Ok(Opened { shared, root, shallow })
}

/// What can be looked through.
pub(super) struct Commits {
    /// The commits that references and the heads of work trees reach, the oldest first.
    pub reached: Vec<ObjectId>,
    /// Those that only reflogs know, the oldest first: no clone has them.
    pub logged: Vec<ObjectId>,
    /// What could not be listed.
    pub notes: Vec<String>,
}

/// Lists the commits.
///
/// # Errors
/// When references or commits cannot be read at all.
pub(super) fn commits(local: &gix::Repository) -> Result<Commits, Error> {
    let unreadable = || Error::new("the repository's references cannot be read").in_file(local.git_dir());
    let mut tips: Vec<ObjectId> = Vec::new();
    let mut logged: HashSet<ObjectId> = HashSet::new();
    let mut broken = 0_usize;
    let references = local.references().map_err(|_| unreadable())?;
    let references = references.all().map_err(|_| unreadable())?.peeled().map_err(|_| unreadable())?;
    for reference in references {
        match reference {
            Ok(reference) => {
                tips.extend(reference.try_id().map(gix::Id::detach));
                take_log(reference.log_iter(), &mut logged);
            }
            Err(_) => broken += 1,
        }
    }
    let others = local.worktrees().unwrap_or_default().into_iter();
    let others = others.filter_map(|other| other.into_repo_with_possibly_inaccessible_worktree().ok());
    for repository in std::iter::once(local.clone()).chain(others) {
        if let Ok(head) = repository.head() {
            tips.extend(head.id().map(gix::Id::detach));
            take_log(head.log_iter(), &mut logged);
        }
    }
    tips.sort_unstable();
    tips.dedup();
    let is_commit = |id: &ObjectId| local.find_header(*id).map(|header| header.kind() == gix::objs::Kind::Commit);
    // Tags can name trees and blobs, and references can lead nowhere.
    tips.retain(|id| {
        is_commit(id).unwrap_or_else(|_| {
            broken += 1;
            false
        })
    });
    let walk = |from: Vec<ObjectId>, hidden: Vec<ObjectId>| {
        let order = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
        local.rev_walk(from).with_hidden(hidden).sorting(order).use_commit_graph(false).all()
    };
    let mut reached = Vec::new();
    let unreadable = |_| Error::new("the repository's commits cannot be read").in_file(local.git_dir());
    for commit in walk(tips.clone(), Vec::new()).map_err(unreadable)? {
        match commit {
            Ok(commit) => {
                logged.remove(&commit.id);
                reached.push(commit.id);
            }
            Err(_) => broken += 1,
        }
    }
    reached.reverse();
    // What a log names may have been cleaned away since.
    let from: Vec<ObjectId> = logged.into_iter().filter(|id| is_commit(id).unwrap_or(false)).collect();
    let mut logged = Vec::new();
    if !from.is_empty() {
        let found = walk(from, tips).into_iter().flatten().filter_map(Result::ok);
        logged.extend(found.map(|commit| commit.id));
        logged.reverse();
    }
    let note = (broken > 0)
        .then(|| format!("{} could not be followed", crate::report::counted(broken, "reference or commit")));
    Ok(Commits { reached, logged, notes: note.into_iter().collect() })
}

/// Takes in what a reference once stood for.
fn take_log(mut log: gix::refs::file::log::iter::Platform<'_, '_>, into: &mut HashSet<ObjectId>) {
    let Ok(Some(lines)) = log.all() else { return };
    for line in lines.filter_map(Result::ok) {
        into.extend([line.previous_oid(), line.new_oid()].into_iter().filter(|id| !id.is_null()));
    }
}
