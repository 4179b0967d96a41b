//! Files written together: all of them or none.

use crate::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What becomes of one file.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What it holds now; none when it is not there yet.
    pub before: Option<Vec<u8>>,
    /// What it will hold.
    pub after: Vec<u8>,
}

// Texts with secrets must not reach a log by way of a derived Debug.
impl std::fmt::Debug for Change {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Change").field("path", &self.path).field("bytes", &self.after.len()).finish()
    }
}

/// A change whose new content lies beside its file.
struct Prepared<'c> {
    change: &'c Change,
    /// The file itself, where the path is a link to it.
    target: PathBuf,
    beside: NamedTempFile,
}

/// Writes all changes. Every new content is written beside its file first; then the files are replaced one after the other.
/// When one cannot be replaced, those before it get back what they held. Permissions stay, and what a link leads to is written.
///
/// # Errors
/// When a file does not hold any more what the change expects, cannot be written, or is write-protected. Nothing is changed then.
pub fn write_all(changes: &[Change]) -> Result<(), Error> {
    write_with(changes, |prepared, target| prepared.persist(target).map(drop).map_err(|error| error.error))
}

/// As [`write_all`], with what puts a file in its place.
fn write_with(
    changes: &[Change],
    mut put: impl FnMut(NamedTempFile, &Path) -> std::io::Result<()>,
) -> Result<(), Error> {
    let prepared: Vec<Prepared<'_>> = changes.iter().map(prepare).collect::<Result<_, _>>()?;
    // As late as possible: what somebody else wrote meanwhile must not be lost.
    prepared.iter().try_for_each(|one| expected(&one.target, one.change))?;
    let mut done: Vec<(&Change, PathBuf)> = Vec::new();
    for Prepared { change, target, beside } in prepared {
        if let Err(error) = put(beside, &target) {
            done.iter().rev().try_for_each(|(change, target)| restore(change, target))?;
            return Err(failed(&change.path, &error));
        }
        done.push((change, target));
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot be written: {}; no file was changed", error.kind())).in_file(path)
}

fn prepare(change: &Change) -> Result<Prepared<'_>, Error> {
    let failed = |error: std::io::Error| failed(&change.path, &error);
    let target = match change.before {
        Some(_) => std::fs::canonicalize(&change.path).map_err(failed)?,
        None => change.path.clone(),
    };
    let beside = beside(&target, &change.after, change.before.is_some()).map_err(failed)?;
    Ok(Prepared { change, target, beside })
}

/// A file with these bytes in the folder of a file, and with its permissions when it is there.
fn beside(target: &Path, bytes: &[u8], there: bool) -> std::io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cerbo-lint-");
    // Until it has the permissions of the file, nobody else can read it; a new file gets the usual ones.
    #[cfg(unix)]
    let usual = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    if !there {
        builder.permissions(usual);
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if there {
        let permissions = std::fs::metadata(target)?.permissions();
        if permissions.readonly() {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Whether a file still holds what it held.
fn expected(target: &Path, change: &Change) -> Result<(), Error> {
    let now = match std::fs::read(target) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(&change.path, &error)),
    };
    if now == change.before {
        return Ok(());
    }
    Err(Error::new("has changed since it was read; no file was changed").in_file(&change.path).help("run it again"))
}

fn restore(change: &Change, target: &Path) -> Result<(), Error> {
    let restored = match &change.before {
        Some(bytes) => {
            beside(target, bytes, true).and_then(|file| file.persist(target).map(drop).map_err(|error| error.error))
        }
        None => std::fs::remove_file(target),
    };
    restored.map_err(|error| {
        Error::new(format!("is written, though others could not be, and cannot be put back: {}", error.kind()))
            .in_file(&change.path)
            .help("compare it with what the version control knows")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn folder() -> (tempfile::TempDir, Vec<Change>) {
        let folder = tempfile::tempdir().unwrap();
        let change = |(name, before): (&str, Option<&str>)| {
            let path = folder.path().join(name);
            if let Some(text) = before {
                std::fs::write(&path, text).unwrap();
            }
            Change { path, before: before.map(|text| text.as_bytes().to_vec()), after: b"new".to_vec() }
        };
        let changes = [("a", Some("old a")), ("b", None), ("c", Some("old c"))].into_iter().map(change).collect();
        (folder, changes)
    }

    fn held(changes: &[Change]) -> Vec<Option<Vec<u8>>> {
        changes.iter().map(|change| std::fs::read(&change.path).ok()).collect()
    }

    fn before(changes: &[Change]) -> Vec<Option<Vec<u8>>> {
        changes.iter().map(|change| change.before.clone()).collect()
    }

    fn names(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn all_are_written() {
        let (folder, changes) = folder();
        write_all(&changes).unwrap();
        assert!(held(&changes).iter().all(|bytes| bytes.as_deref() == Some(b"new")));
        assert_eq!(names(folder.path()), 3);
    }

    #[test]
    fn a_file_that_changed_meanwhile_stops_all() {
        let (folder, changes) = folder();
        std::fs::write(&changes[2].path, "mine").unwrap();
        let error = write_all(&changes).unwrap_err();
        assert!(error.to_string().contains("has changed since"), "{error}");
        assert_eq!(held(&changes), [Some(b"old a".to_vec()), None, Some(b"mine".to_vec())]);
        assert_eq!(names(folder.path()), 2);
    }

    #[test]
    fn a_file_that_is_there_meanwhile_stops_all() {
        let (_folder, changes) = folder();
        std::fs::write(&changes[1].path, "mine").unwrap();
        assert!(write_all(&changes).is_err());
        assert_eq!(held(&changes), [Some(b"old a".to_vec()), Some(b"mine".to_vec()), Some(b"old c".to_vec())]);
    }

    #[test]
    fn what_was_replaced_is_put_back_when_the_last_one_fails() {
        let (folder, changes) = folder();
        let mut put = 0;
        let result = write_with(&changes, |file, target| {
            put += 1;
            if put == 3 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            file.persist(target).map(drop).map_err(|error| error.error)
        });
        assert!(result.unwrap_err().to_string().contains("no file was changed"));
        assert_eq!((put, held(&changes)), (3, before(&changes)));
        assert_eq!(names(folder.path()), 2);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_and_protection_is_respected() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (folder, mut changes) = folder();
        let mode = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(&changes[0].path, 0o751);
        let link = folder.path().join("link");
        symlink(&changes[2].path, &link).unwrap();
        let file = std::mem::replace(&mut changes[2].path, link.clone());
        write_all(&changes).unwrap();
        let now = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(now(&changes[0].path), 0o751);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        mode(&file, 0o444);
        let again = Change { path: file.clone(), before: Some(b"new".to_vec()), after: b"newer".to_vec() };
        assert!(write_all(&[again]).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }
}
