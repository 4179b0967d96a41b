//! Progress on a terminal's standard error, for runs that take long enough to make one wonder.

use crate::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// Shows progress until it is dropped.
pub(super) struct Shown {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Shows progress on a terminal's standard error once the run has lasted [`PATIENCE`].
pub(super) fn show(progress: &Arc<Progress>, wanted: bool) -> Option<Shown> {
    if !wanted || !std::io::stderr().is_terminal() {
        return None;
    }
    let (end, ended) = channel();
    let progress = progress.clone();
    let thread = std::thread::spawn(move || draw(&progress, &ended));
    Some(Shown { end: Some(end), thread: Some(thread) })
}

fn draw(progress: &Progress, ended: &Receiver<()>) {
    if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        if let (Some((done, all)), None) = (progress.steps(), bar.length()) {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg} {eta}") {
                bar.set_style(style);
            }
        }
        if let Some((done, _)) = progress.steps() {
            bar.set_position(done as u64);
        }
        bar.set_message(progress.words());
        bar.tick();
    }
    bar.finish_and_clear();
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
