//! Opening a repository and listing its commits.

use crate::error::Error;
use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
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

/// The commits that references and the heads of work trees reach, the oldest first, and what could not be listed.
///
/// # Errors
/// When references or commits cannot be read at all.
pub(super) fn commits(local: &gix::Repository) -> Result<(Vec<ObjectId>, Vec<String>), Error> {
    let unreadable = || Error::new("the repository's references cannot be read").in_file(local.git_dir());
    let mut tips: Vec<ObjectId> = Vec::new();
    let mut broken = 0_usize;
    let references = local.references().map_err(|_| unreadable())?;
    let references = references.all().map_err(|_| unreadable())?.peeled().map_err(|_| unreadable())?;
    for reference in references {
        match reference.map(|reference| reference.try_id().map(gix::Id::detach)) {
            Ok(Some(id)) => tips.push(id),
            Ok(None) => {}
            Err(_) => broken += 1,
        }
    }
    tips.extend(local.head_id().ok().map(gix::Id::detach));
    for other in local.worktrees().unwrap_or_default() {
        let head = other.into_repo_with_possibly_inaccessible_worktree().ok();
        tips.extend(head.and_then(|other| other.head_id().ok().map(gix::Id::detach)));
    }
    tips.sort_unstable();
    tips.dedup();
    // Tags can name trees and blobs, and references can lead nowhere.
    tips.retain(|id| match local.find_header(*id) {
        Ok(header) => header.kind() == gix::objs::Kind::Commit,
        Err(_) => {
            broken += 1;
            false
        }
    });
    let mut commits = Vec::new();
    let order = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk = local.rev_walk(tips).sorting(order).use_commit_graph(false).all();
    for commit in walk.map_err(|_| Error::new("the repository's commits cannot be read").in_file(local.git_dir()))? {
        match commit {
            Ok(commit) => commits.push(commit.id),
            Err(_) => broken += 1,
        }
    }
    commits.reverse();
    let note = (broken > 0)
        .then(|| format!("{} could not be followed", crate::report::counted(broken, "reference or commit")));
    Ok((commits, note.into_iter().collect()))
}
