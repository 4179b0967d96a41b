//! What is kept about one project: files that are read and written whole.
//!
//! A file begins with a mark, the name of the state that it was made from, and a sum over the rest. It is written beside
//! its place and then put there, so that runs at the same time see an old or a new one and never a half.

use super::folder::Cache;
use super::key::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::hash::Hasher as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// What each file begins with; the digit changes when the form does.
const MARK: &[u8; 16] = b"cerbo-lint-cache";
const SUM: usize = 16;
const HEAD: usize = MARK.len() + 32 + SUM;
/// The ending of a file, and that of one which is being written.
const ENDING: &str = "kept";
const UNFINISHED: &str = "unfinished";
/// A file larger than this is neither written nor read, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// A shelf holds no more than this many files and bytes; the oldest go.
const MAX_FILES: usize = 24;
const MAX_ALL: u64 = 128 * 1024 * 1024;

/// What can be kept: made of numbers and of [`super::words`] only. A type that holds a program's text must not get this.
pub trait Kept: Serialize + DeserializeOwned {
    /// What its files are called.
    const NAME: &'static str;
}

/// The place of what is kept about one project.
#[derive(Clone, Debug)]
pub struct Shelf {
    cache: Cache,
    folder: PathBuf,
}

impl Shelf {
    pub(super) fn new(cache: Cache, folder: PathBuf) -> Self {
        Self { cache, folder }
    }

    fn path<T: Kept>(&self, state: &Digest) -> PathBuf {
        self.folder.join(format!("{}-{}.{ENDING}", T::NAME, state.short()))
    }

    /// What was kept for a state; none when there is nothing, or nothing that can be trusted.
    pub fn get<T: Kept>(&self, state: &Digest) -> Option<T> {
        if !is_private(&self.folder) {
            return None;
        }
        open(&read(&self.path::<T>(state))?, state)
    }

    /// Keeps something for a state. What cannot be written is not kept.
    pub fn put<T: Kept>(&self, state: &Digest, what: &T) {
        if let Some(bytes) = close(what, state) {
            let _ = self.write(&self.path::<T>(state), &bytes);
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        self.cache.make(&self.folder)?;
        if !is_private(&self.folder) {
            return Ok(());
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}.{UNFINISHED}", std::process::id()));
        let written = create_private(&beside)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| std::fs::rename(&beside, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        self.forget_old(path);
        written
    }

    fn forget_old(&self, but: &Path) {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = files(&self.folder)
            .filter(|path| path != but)
            .filter_map(|path| {
                let data = std::fs::symlink_metadata(&path).ok()?;
                Some((data.modified().ok()?, data.len(), path))
            })
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        let mut all = 0;
        for (index, (_, bytes, path)) in files.into_iter().enumerate() {
            all += bytes;
            if index + 1 >= MAX_FILES || all > MAX_ALL {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// Files of a shelf by their names.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == ENDING || ending == UNFINISHED))
}

/// Takes out a shelf: its files, and its folder when nothing else is in it. Gives the number of bytes.
///
/// # Errors
/// When a file cannot be removed.
pub(super) fn remove(folder: &Path) -> std::io::Result<u64> {
    let mut all = 0;
    for path in files(folder) {
        let bytes = std::fs::symlink_metadata(&path).map_or(0, |data| data.len());
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
            Ok(()) => all += bytes,
        }
    }
    let _ = std::fs::remove_dir(folder);
    Ok(all)
}

/// Whether nobody else can write into a folder: what others could put there would be believed.
#[cfg(unix)]
fn is_private(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder).is_ok_and(|data| data.is_dir() && data.permissions().mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_private(folder: &Path) -> bool {
    folder.is_dir()
}

fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    // Opening anything but a file may wait for ever.
    let length = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?.min(MAX_BYTES) + 1);
    std::fs::File::open(path).ok()?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    hasher.finish128().as_bytes()
}

/// The bytes of a file with something in it.
fn close<T: Kept>(what: &T, state: &Digest) -> Option<Vec<u8>> {
    let body = postcard::to_stdvec(what).ok()?;
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(state.bytes());
    bytes.extend_from_slice(&sum(&body));
    bytes.extend_from_slice(&body);
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

/// What is in the bytes of a file that was made for a state; none of any others.
pub fn open<T: Kept>(bytes: &[u8], state: &Digest) -> Option<T> {
    let rest = bytes.strip_prefix(MARK.as_slice())?.strip_prefix(state.bytes().as_slice())?;
    let (told, body) = rest.split_at_checked(SUM)?;
    if told != sum(body) {
        return None;
    }
    decode(body)
}

/// What the part of a file behind its head says, whoever wrote it.
pub fn decode<T: Kept>(body: &[u8]) -> Option<T> {
    let (what, rest) = postcard::take_from_bytes(body).ok()?;
    rest.is_empty().then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::looks::Entries;
    use proptest::prelude::*;

    #[derive(Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Numbers(Vec<(u64, Option<bool>)>);

    impl Kept for Numbers {
        const NAME: &'static str = "numbers";
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let state = Digest::of(b"state");
            let whole = [MARK.as_slice(), state.bytes(), &sum(&body), &body].concat();
            prop_assert_eq!(open::<Entries>(&whole, &state).is_some(), decode::<Entries>(&body).is_some());
            prop_assert!(open::<Entries>(&body, &state).is_none());
        }

        #[test]
        fn what_is_closed_opens_for_its_state_and_unchanged_only(
            numbers in prop::collection::vec((any::<u64>(), any::<Option<bool>>()), 0..20),
            at in any::<prop::sample::Index>(),
            other in 1_u8..,
        ) {
            let (state, numbers) = (Digest::of(b"state"), Numbers(numbers));
            let bytes = close(&numbers, &state).unwrap_or_default();
            prop_assert_eq!(open(&bytes, &Digest::of(b"another")), None::<Numbers>);
            prop_assert_eq!(open::<Numbers>(bytes.get(..at.index(bytes.len())).unwrap_or_default(), &state), None);
            prop_assert_eq!(open(&bytes, &state), Some(numbers));
            let mut damaged = bytes;
            let at = at.index(damaged.len());
            damaged.iter_mut().skip(at).take(1).for_each(|byte| *byte = byte.wrapping_add(other));
            prop_assert_eq!(open::<Numbers>(&damaged, &state), None);
        }
    }
}
