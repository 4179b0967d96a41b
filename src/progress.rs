//! How far a run is, for whoever watches it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far a run is.
#[derive(Debug, Default)]
pub struct Progress {
    stage: Mutex<&'static str>,
    files: AtomicUsize,
    /// Steps that are to be done and are done, where they are counted.
    steps: (AtomicUsize, AtomicUsize),
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

    /// Says how many steps are to be done.
    pub(crate) fn expect(&self, steps: usize) {
        self.steps.0.store(steps, Ordering::Relaxed);
    }

    /// Counts a step that is done.
    pub(crate) fn step(&self) {
        self.steps.1.fetch_add(1, Ordering::Relaxed);
    }

    /// How many steps are done, and how many are to be, where they are counted.
    pub fn steps(&self) -> Option<(usize, usize)> {
        let all = self.steps.0.load(Ordering::Relaxed);
        (all > 0).then(|| (self.steps.1.load(Ordering::Relaxed), all))
    }

    /// What is being done, and how many files have been read.
    pub fn words(&self) -> String {
        let stage = self.stage.lock().map(|stage| *stage).unwrap_or_default();
        match (self.files.load(Ordering::Relaxed), self.steps()) {
            (0, _) | (_, Some(_)) => stage.to_owned(),
            (files, None) => format!("{stage} ({files} files read)"),
        }
    }
}
