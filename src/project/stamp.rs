//! What a file system tells about a file without reading it. While none of it changes, the file has not changed either.

use serde::{Deserialize, Serialize};
use std::fs::Metadata;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Clocks of file systems are no finer than this; a file that was written so shortly before it was read may be written
/// again without a trace.
const GRAIN: Duration = Duration::from_secs(2);

/// The state of a file, as its file system tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The file system, and the file's number in it; 0 where files have none.
    file: (u64, u64),
    /// Its length in bytes.
    length: u64,
    /// When its content was written, in nanoseconds since 1970.
    written: i64,
    /// When its content, name or permissions were changed, in nanoseconds since 1970: nobody can set it back.
    changed: i64,
}

impl Stamp {
    /// The state of a regular file; none of anything else, and of what cannot be asked.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
        Some(Self::from_metadata(&metadata))
    }

    #[cfg(unix)]
    fn from_metadata(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let time = |seconds: i64, nanoseconds: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds);
        Self {
            file: (metadata.dev(), metadata.ino()),
            length: metadata.len(),
            written: time(metadata.mtime(), metadata.mtime_nsec()),
            changed: time(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn from_metadata(metadata: &Metadata) -> Self {
        let time = |time: std::io::Result<SystemTime>| time.map_or(0, nanoseconds);
        Self {
            file: (0, 0),
            length: metadata.len(),
            written: time(metadata.modified()),
            changed: time(metadata.created()),
        }
    }

    /// Whether the file was left alone for long enough before `start` that a later change will show.
    pub fn is_settled(&self, start: SystemTime) -> bool {
        let limit = nanoseconds(start.checked_sub(GRAIN).unwrap_or(UNIX_EPOCH));
        self.written < limit && self.changed < limit
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_that_was_just_written_is_not_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        assert!(!stamp.is_settled(SystemTime::now()));
        assert!(stamp.is_settled(SystemTime::now() + GRAIN * 2));
        assert_eq!(Stamp::of(folder.path()), None);
        assert_eq!(Stamp::of(&folder.path().join("b")), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_change_that_keeps_length_and_time_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let before = Stamp::of(&path).unwrap();
        let time = std::fs::metadata(&path).unwrap().modified().unwrap();
        // The clock that a file system stamps with ticks every few milliseconds.
        std::thread::sleep(Duration::from_millis(50));
        std::fs::write(&path, "two").unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        let after = Stamp::of(&path).unwrap();
        assert_eq!((before.length, before.written), (after.length, after.written));
        assert_ne!(before, after);
    }
}
