//! Where caches are: one folder for all projects, a shelf in it for each.

use super::key::{Digest, Key};
use super::shelf::Shelf;
use crate::error::Error;
use etcetera::base_strategy::{BaseStrategy as _, choose_base_strategy};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The name of the folder among those of other programs.
const NAME: &str = "cerbo-lint";
/// Tells programs that walk or back up folders that this one holds nothing but a cache.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds a cache of cerbo-lint. It can be deleted at any time.\n",
);
/// The same for git, where the folder lies in a repository.
const IGNORE: (&str, &str) = (".gitignore", "*\n");
/// A shelf that was not written to for so long goes when another one is made.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// So many shelves are kept at most.
const MAX_SHELVES: usize = 100;

/// The folder that holds all caches.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The caches in this folder, which need not exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        // The working directory may be another one later.
        Self { folder: std::path::absolute(&folder).unwrap_or(folder) }
    }

    /// Where this user's caches are by the rules of the system; none without a home.
    pub fn usual() -> Option<Self> {
        let home = choose_base_strategy().ok()?.cache_dir();
        home.is_absolute().then(|| Self::new(home.join(NAME)))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The place of what is kept about the project below a folder.
    pub(crate) fn shelf(&self, base: &Path) -> Shelf {
        let mut key = Digest::of(base.as_os_str().as_encoded_bytes()).short();
        key.insert_str(0, "project-");
        Shelf::new(self.clone(), self.folder.join(key))
    }

    /// Makes the folder of a shelf; nobody else may look into it.
    pub(super) fn make(&self, shelf: &Path) -> std::io::Result<()> {
        if shelf.is_dir() {
            return Ok(());
        }
        make_private(shelf)?;
        for (name, text) in [TAG, IGNORE] {
            let path = self.folder.join(name);
            if !path.exists() {
                std::fs::write(path, text)?;
            }
        }
        self.forget_old(shelf);
        Ok(())
    }

    fn shelves(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let shelf = |entry: &std::fs::DirEntry| {
            entry.file_name().to_string_lossy().starts_with("project-")
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
        };
        entries.filter(shelf).map(|entry| entry.path()).collect()
    }

    fn forget_old(&self, but: &Path) {
        let written = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
        let mut shelves: Vec<(Option<SystemTime>, PathBuf)> =
            self.shelves().into_iter().filter(|path| path != but).map(|path| (written(&path), path)).collect();
        shelves.sort();
        let limit = SystemTime::now().checked_sub(KEPT);
        let surplus = (shelves.len() + 1).saturating_sub(MAX_SHELVES);
        for (index, (written, path)) in shelves.into_iter().enumerate() {
            if index < surplus || written < limit {
                let _ = super::shelf::remove(&path);
            }
        }
    }

    /// Takes out everything that a cache of this program consists of, and nothing else. Gives the number of bytes.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clean(&self) -> Result<u64, Error> {
        let mut bytes = 0;
        let failed = |path: &Path, error: &std::io::Error| {
            Error::new(format!("cannot be removed: {}", error.kind())).in_file(path)
        };
        for shelf in self.shelves() {
            bytes += super::shelf::remove(&shelf).map_err(|error| failed(&shelf, &error))?;
        }
        for (name, text) in [TAG, IGNORE] {
            let path = self.folder.join(name);
            if std::fs::read_to_string(&path).is_ok_and(|held| held == text) {
                std::fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
            }
        }
        // What others have put there stays, and with it the folder.
        let _ = std::fs::remove_dir(&self.folder);
        Ok(bytes)
    }

    /// The name of a state of this program, for what is kept by it alone.
    pub(super) fn key(what: &str) -> Key {
        Key::new(what)
    }
}

/// Makes a folder, and those around it, that only this user can look into.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
