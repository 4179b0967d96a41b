//! Where a credential still is: in HEAD and in the work tree.

use super::Place;
use super::changes::appearances;
use super::judge::Judge;
use super::known::Hits;
use crate::config::Config;
use crate::project::read::{Content, read};
use crate::project::texts::Texts;
use crate::project::walk::{Walk, show, walk};
use aho_corasick::AhoCorasick;
use gix::ObjectId;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The blobs of HEAD that are read.
pub(super) fn blobs_of_head(local: &gix::Repository, judge: &Judge) -> HashSet<ObjectId> {
    let mut blobs = HashSet::new();
    let Ok(tree) = local.head_tree_id() else { return blobs };
    appearances(local, tree.detach(), &[], &mut |appearance| {
        if judge.reads(&appearance.path) {
            blobs.insert(appearance.blob);
        }
    });
    blobs
}

/// Where each credential stands in HEAD, by the credential. `held`: what the blobs of HEAD hold.
pub(super) fn in_head<'h>(
    local: &gix::Repository,
    held: &'h HashMap<ObjectId, Hits>,
    judge: &Judge,
) -> HashMap<&'h str, BTreeSet<Place>> {
    let mut standing: HashMap<&str, BTreeSet<Place>> = HashMap::new();
    let Ok(tree) = local.head_tree_id() else { return standing };
    appearances(local, tree.detach(), &[], &mut |appearance| {
        let Some(hits) = held.get(&appearance.blob).filter(|_| judge.reads(&appearance.path)) else { return };
        for hit in hits.iter() {
            let place = Place { path: appearance.path.clone(), line: hit.line };
            standing.entry(hit.secret.as_str()).or_default().insert(place);
        }
    });
    standing
}

/// The files of the work tree that hold each credential, in any of the texts it was written as: those that a scan reads,
/// and those at paths where one of them once was. None where there is no work tree.
pub(super) fn in_work_tree(
    local: &gix::Repository,
    written: &[Vec<&str>],
    once: &HashSet<&str>,
    config: &Config,
) -> Option<Vec<BTreeSet<String>>> {
    let root = std::fs::canonicalize(local.workdir()?).ok()?;
    let mut holding = vec![BTreeSet::new(); written.len()];
    if written.is_empty() {
        return Some(holding);
    }
    let patterns: Vec<(usize, &str)> =
        written.iter().enumerate().flat_map(|(number, texts)| texts.iter().map(move |text| (number, *text))).collect();
    let automaton = AhoCorasick::new(patterns.iter().map(|(_, text)| text)).ok()?;
    let roots = [root.clone()];
    let texts = Texts::default();
    let plan = Walk { paths: &roots, given: &[], force_exclude: false, texts: &texts, threads: 0 };
    let walked = walk(plan, config).ok()?;
    let mut files: BTreeSet<_> = walked.files.into_iter().map(|file| file.path).collect();
    let plain = |path: &&&str| path.split('/').all(|part| part != "..");
    files.extend(once.iter().filter(plain).map(|path| root.join(path)).filter(|path| path.starts_with(&root)));
    for path in files {
        let Content::Text(bytes) = read(&path) else { continue };
        for found in automaton.find_overlapping_iter(&bytes) {
            let number = patterns.get(found.pattern().as_usize()).map(|(number, _)| *number);
            if let Some(paths) = number.and_then(|number| holding.get_mut(number)) {
                paths.insert(show(&path, &root));
            }
        }
    }
    Some(holding)
}
