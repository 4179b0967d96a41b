//! How far a run is, for whoever watches it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far a run is.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<&'static str>,
    files: AtomicUsize,
}

impl Progress {
    /// Says what is being done from now on.
    pub(crate) fn enter(&self, stage: &'static str) {
        if let Ok(mut now) = self.stage.lock() {
            *now = stage;
        }
    }

    /// Counts a file that has been read.
    pub(crate) fn file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// What is being done, and how many files have been read.
    pub fn words(&self) -> String {
        let stage = self.stage.lock().map(|stage| *stage).unwrap_or_default();
        format!("{stage} ({} files read)", self.files.load(Ordering::Relaxed))
    }
}
