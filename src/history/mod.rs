//! Credentials that ever were in a git repository: every commit that a reference or a reflog reaches is looked at, and each
//! credential is told once with the commit that brought it in.
//!
//! Blobs are read, judged and forgotten in batches. What is kept in memory is the names of the commits and of HEAD's blobs,
//! what was found, and a bounded number of judgements, so that what many commits have is judged once.

mod changes;
mod judge;
mod known;
mod repository;
mod standing;

use crate::analysis::Secret;
use crate::config::Config;
use crate::error::Error;
use crate::progress::Progress;
use crate::source::{SecretTexts, masked_words};
use changes::{Appearance, appearances};
use gix::ObjectId;
use judge::{Hit, Judge};
use known::{Hits, Known};
use rayon::prelude::*;
use repository::Opened;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Blobs that are judged together, and appearances that wait for it: enough to keep every core busy.
const BATCH: usize = 256;

/// What a walk through the history is asked for.
#[derive(Clone, Debug, Default)]
pub struct HistoryRequest {
    /// A folder in the repository, or a bare repository.
    pub path: PathBuf,
    /// Threads; 0 means one a core.
    pub threads: usize,
    /// Where the walk tells how far it is.
    pub progress: Arc<Progress>,
}

/// What a history holds. No text in it shows a credential.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Commits that were looked at.
    pub commits: usize,
    /// Blobs that were read.
    pub blobs: usize,
    /// Commits before those are not in the repository.
    pub shallow: bool,
    /// What could not be looked at.
    pub notes: Vec<String>,
    /// The credentials, the oldest first.
    pub credentials: Vec<Credential>,
}

/// One credential.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// The name of the commit that brought it in.
    pub commit: String,
    /// Only the reflog of this copy knows a commit with it: no clone has it.
    pub only_logged: bool,
    /// When that commit was made, UTC, `YYYY-MM-DD`.
    pub date: String,
    /// Where it stood first.
    pub place: Place,
    /// The paths it stood at in any commit, in order.
    pub paths: Vec<String>,
    /// Where it stands in HEAD.
    pub head: Vec<Place>,
    /// Where it stands in the work tree. None where there is no work tree.
    pub work_tree: Option<Vec<String>>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, below the repository's root.
    pub path: String,
    /// 1-based.
    pub line: u32,
}

/// Stands for the path of what is written in the message of a commit.
pub(crate) const MESSAGE: &str = "(commit message)";

/// Looks through a history.
///
/// # Errors
/// When the path lies in no repository, or the repository cannot be read.
pub fn history(request: &HistoryRequest, config: &Config) -> Result<History, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads)
        .build()
        .map_err(|_| Error::new("the threads could not be started").help("ask for fewer with --threads"))?;
    request.progress.enter("listing commits");
    let opened = repository::open(&request.path)?;
    let local = opened.local();
    let commits = repository::commits(&local)?;
    let mut walk = Walk::new(&opened, Judge::new(config, opened.root())?, &pool);
    let number = commits.reached.len() + commits.logged.len();
    let mut result = History { commits: number, shallow: opened.is_shallow(), ..History::default() };
    request.progress.expect(number);
    request.progress.enter("looking through commits");
    for (ids, logged) in [(commits.reached, false), (commits.logged, true)] {
        for id in ids {
            walk.commit(&local, id, logged);
            request.progress.step();
        }
    }
    walk.settle();
    request.progress.enter("looking at what is there now");
    let mut notes = commits.notes;
    notes.extend(walk.notes());
    result.blobs = walk.judged;
    result.credentials = walk.credentials(&local, config);
    if result.shallow {
        notes.push("the repository is shallow: older commits are not in it (git fetch --unshallow)".to_owned());
    }
    result.notes = notes;
    Ok(result)
}

/// The state of a walk.
struct Walk<'o> {
    opened: &'o Opened,
    judge: Judge,
    pool: &'o rayon::ThreadPool,
    /// How many blobs were judged.
    judged: usize,
    known: Known,
    /// The blobs of HEAD.
    in_head: HashSet<ObjectId>,
    /// What the few of them hold that hold anything.
    standing: HashMap<ObjectId, Hits>,
    /// Appearances in order, with what their blobs hold where it is known.
    waiting: Vec<(Commit, Appearance, Option<Hits>)>,
    /// The blobs among them that wait for a judgement.
    pending: HashSet<ObjectId>,
    found: HashMap<String, Found>,
    /// Some file of the history names the API.
    names_api: bool,
    missing: usize,
    too_large: usize,
    broken: usize,
}

#[derive(Clone, Copy)]
struct Commit {
    id: ObjectId,
    seconds: i64,
    /// Only a reflog knows it.
    logged: bool,
}

impl Commit {
    /// Whether it is to be told rather than another: the older one, of those that every clone has if there are any.
    fn precedes(&self, other: &Self) -> bool {
        (self.logged, self.seconds) < (other.logged, other.seconds)
    }
}

/// A credential as the walk knows it.
struct Found {
    rule: &'static str,
    certain: bool,
    first: Commit,
    place: Place,
    paths: BTreeSet<String>,
    /// The texts it was written as.
    written: BTreeSet<Secret>,
}

/// A blob that was judged.
type Judged = (ObjectId, Result<judge::Judgement, judge::Unread>);

impl<'o> Walk<'o> {
    fn new(opened: &'o Opened, judge: Judge, pool: &'o rayon::ThreadPool) -> Self {
        Self {
            in_head: standing::blobs_of_head(&opened.local(), &judge),
            opened,
            judge,
            pool,
            judged: 0,
            known: Known::new(),
            standing: HashMap::new(),
            waiting: Vec::new(),
            pending: HashSet::new(),
            found: HashMap::new(),
            names_api: false,
            missing: 0,
            too_large: 0,
            broken: 0,
        }
    }

    /// Takes in what one commit has that none of its parents had. Commits come in order, the oldest first.
    fn commit(&mut self, local: &gix::Repository, id: ObjectId, logged: bool) {
        let Ok(object) = local.find_commit(id) else {
            self.missing += 1;
            return;
        };
        let seconds = object.time().map_or(0, |time| time.seconds);
        let commit = Commit { id, seconds, logged };
        let message = object.message_raw_sloppy();
        if self.judge.message_matters(message) {
            match self.judge.judge(Path::new("message.md"), message.to_vec()) {
                Ok(judgement) => {
                    self.names_api |= judgement.names_api;
                    self.enter(commit, MESSAGE, &judgement.hits);
                }
                Err(_) => self.broken += 1,
            }
        }
        let Ok(tree) = object.tree_id() else {
            self.missing += 1;
            return;
        };
        // A parent that is not in a shallow repository hides nothing.
        let parents: Vec<ObjectId> = object
            .parent_ids()
            .filter_map(|parent| local.find_commit(parent).ok()?.tree_id().ok())
            .map(|tree| tree.detach())
            .collect();
        let visit = &mut |appearance| self.take_in(commit, appearance);
        let missing = appearances(local, tree.detach(), &parents, visit);
        self.missing += missing;
    }

    /// Takes in a blob at a path where it is new.
    fn take_in(&mut self, commit: Commit, appearance: Appearance) {
        if !self.judge.reads(&appearance.path) {
            return;
        }
        let known = self.known.get(&appearance.blob).cloned();
        match &known {
            Some(hits) if hits.is_empty() => return,
            Some(_) => {}
            None => {
                self.pending.insert(appearance.blob);
            }
        }
        self.waiting.push((commit, appearance, known));
        if self.waiting.len() >= BATCH {
            self.settle();
        }
    }

    /// Judges the blobs that wait for it and enters what holds a credential.
    fn settle(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let mut pending = std::mem::take(&mut self.pending);
        // A blob at several paths is judged at the first.
        let fresh: Vec<&Appearance> =
            waiting.iter().map(|(_, appearance, _)| appearance).filter(|new| pending.remove(&new.blob)).collect();
        self.judged += fresh.len();
        let (judge, opened) = (&self.judge, self.opened);
        let one = |local: &mut gix::Repository, appearance: &&Appearance| -> Judged {
            (appearance.blob, judge.blob(local, appearance.blob, &appearance.path))
        };
        let judged: Vec<Judged> = self.pool.install(|| fresh.par_iter().map_init(|| opened.local(), one).collect());
        let mut holding: HashMap<ObjectId, Hits> = HashMap::new();
        for (blob, judgement) in judged {
            match &judgement {
                Ok(judgement) => self.names_api |= judgement.names_api,
                Err(judge::Unread::Missing) => self.missing += 1,
                Err(judge::Unread::TooLarge) => self.too_large += 1,
                Err(judge::Unread::Failed) => self.broken += 1,
            }
            let hits: Hits = judgement.map(|judgement| judgement.hits).unwrap_or_default().into();
            self.known.insert(blob, &hits);
            if !hits.is_empty() {
                holding.insert(blob, hits);
            }
        }
        for (commit, appearance, known) in waiting {
            let Some(hits) = known.or_else(|| holding.get(&appearance.blob).cloned()) else { continue };
            if self.in_head.contains(&appearance.blob) {
                self.standing.entry(appearance.blob).or_insert_with(|| hits.clone());
            }
            self.enter(commit, &appearance.path, &hits);
        }
    }

    fn enter(&mut self, commit: Commit, path: &str, hits: &[Hit]) {
        for hit in hits {
            let place = Place { path: path.to_owned(), line: hit.line };
            let found = self.found.entry(hit.secret.as_str().to_owned()).or_insert_with(|| Found {
                rule: hit.rule,
                certain: false,
                first: commit,
                place: place.clone(),
                paths: BTreeSet::new(),
                written: BTreeSet::new(),
            });
            found.certain |= hit.certain;
            if commit.precedes(&found.first) || commit.id == found.first.id && place < found.place {
                (found.first, found.place, found.rule) = (commit, place, hit.rule);
            }
            found.paths.insert(path.to_owned());
            found.written.insert(hit.written.clone());
        }
    }

    /// What could not be looked at, in words.
    fn notes(&self) -> Vec<String> {
        let told = |count: usize, what: &str| {
            (count > 0).then(|| format!("{} {what}", crate::report::counted(count, "object")))
        };
        let megabytes = crate::project::read::MAX_BYTES / 1024 / 1024;
        [
            told(self.missing, "could not be read: they are missing from the repository or broken"),
            told(self.too_large, &format!("left out: larger than {megabytes} MB")),
            told(self.broken, "could not be judged"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What was found, with where it still is.
    fn credentials(self, local: &gix::Repository, config: &Config) -> Vec<Credential> {
        let names_api = self.names_api;
        let found: Vec<(String, Found)> =
            self.found.into_iter().filter(|(_, found)| found.certain || names_api).collect();
        let secrets: Vec<&str> = found.iter().map(|(secret, _)| secret.as_str()).collect();
        let written: Vec<Vec<&str>> =
            found.iter().map(|(_, found)| found.written.iter().map(Secret::as_str).collect()).collect();
        let mut paths: HashSet<&str> =
            found.iter().flat_map(|(_, found)| found.paths.iter().map(String::as_str)).collect();
        paths.remove(MESSAGE);
        let head = standing::in_head(local, &self.standing, &self.judge);
        let work_tree = standing::in_work_tree(local, &written, &paths, config);
        // A path can hold what must not be shown.
        let texts = SecretTexts::new(written.iter().flatten().copied().chain(secrets.iter().copied()));
        let shown = |path: &str| masked_words(path, &texts);
        let mut credentials: Vec<(i64, Credential)> = found
            .iter()
            .enumerate()
            .map(|(number, (secret, found))| {
                let places = head.get(secret.as_str()).into_iter().flatten();
                let credential = Credential {
                    rule: found.rule,
                    commit: found.first.id.to_string(),
                    only_logged: found.first.logged,
                    date: date(found.first.seconds),
                    place: Place { path: shown(&found.place.path), line: found.place.line },
                    paths: found.paths.iter().map(|path| shown(path)).collect(),
                    head: places.map(|place| Place { path: shown(&place.path), line: place.line }).collect(),
                    work_tree: work_tree
                        .as_ref()
                        .map(|of| of.get(number).into_iter().flatten().map(|path| shown(path)).collect()),
                };
                (found.first.seconds, credential)
            })
            .collect();
        credentials.sort_by(|(a, one), (b, other)| (a, &one.commit, &one.place).cmp(&(b, &other.commit, &other.place)));
        credentials.into_iter().map(|(_, credential)| credential).collect()
    }
}

fn date(seconds: i64) -> String {
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(stamp).date().to_string()
}
