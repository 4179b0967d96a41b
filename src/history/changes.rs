//! What a commit has that its parents do not have.

use gix::ObjectId;
use gix::bstr::BStr;
use gix::objs::TreeRefIter;
use std::collections::{HashMap, HashSet};

/// Paths longer than this are made to do harm.
const MAX_PATH: usize = 4096;

/// A blob at a path where no parent had it.
pub(super) struct Appearance {
    /// The blob.
    pub blob: ObjectId,
    /// Its path.
    pub path: String,
}

/// Visits every blob of a tree that no parent has at the same path, and returns how many trees could not be read.
/// Submodules are repositories of their own, and a symbolic link's text is a path.
pub(super) fn appearances(
    local: &gix::Repository,
    tree: ObjectId,
    parents: &[ObjectId],
    visit: &mut dyn FnMut(Appearance),
) -> usize {
    let mut missing = 0;
    // A tree that holds itself many times over is walked once.
    let mut walked: HashSet<ObjectId> = HashSet::new();
    let mut pending = vec![(String::new(), tree, parents.to_vec())];
    let kind = local.object_hash();
    while let Some((prefix, tree, parents)) = pending.pop() {
        if parents.contains(&tree) || !walked.insert(tree) {
            continue;
        }
        let Ok(object) = local.find_object(tree) else {
            missing += 1;
            continue;
        };
        let before: Vec<gix::Object<'_>> =
            parents.iter().filter_map(|parent| local.find_object(*parent).ok()).collect();
        let before: Vec<HashMap<&BStr, (bool, ObjectId)>> = before
            .iter()
            .map(|parent| {
                let entries = TreeRefIter::from_bytes(&parent.data, kind).filter_map(Result::ok);
                entries.map(|entry| (entry.filename, (entry.mode.is_tree(), entry.oid.to_owned()))).collect()
            })
            .collect();
        for entry in TreeRefIter::from_bytes(&object.data, kind).filter_map(Result::ok) {
            let oid = entry.oid.to_owned();
            let same: Vec<(bool, ObjectId)> =
                before.iter().filter_map(|parent| parent.get(entry.filename).copied()).collect();
            let path = format!("{prefix}{}", String::from_utf8_lossy(entry.filename));
            if same.iter().any(|(_, id)| *id == oid) || path.len() > MAX_PATH {
                continue;
            }
            if entry.mode.is_tree() {
                let below = same.iter().filter(|(tree, _)| *tree).map(|(_, id)| *id).collect();
                pending.push((path + "/", oid, below));
            } else if entry.mode.is_blob() {
                visit(Appearance { blob: oid, path });
            }
        }
    }
    missing
}
