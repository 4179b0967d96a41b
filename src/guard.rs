//! An error in the program itself becomes a value: one file's misfortune does not end the run, and what a panic says, which
//! may quote the source, is shown to nobody.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what panics say away from standard error; only where they happened is remembered.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
        PLACE.with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                *last = place;
            }
        });
    }));
}

/// Runs something that may panic.
///
/// # Errors
/// What to tell when it panicked: where in the program, and nothing of what it said.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let place = PLACE.with(|last| last.borrow_mut().take()).map(|place| format!(" at {place}"));
        format!("an error in cerbo-lint itself{}; please report it", place.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_words_without_what_it_said() {
        silence_panics();
        assert_eq!(guarded(|| 1), Ok(1));
        let told = guarded(|| std::panic::panic_any("sk_1234567890ab".to_owned())).err().unwrap_or_default();
        assert!(told.contains("guard.rs") && !told.contains("sk_"), "{told}");
    }
}
