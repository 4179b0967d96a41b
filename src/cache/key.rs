//! Names for states: two states have the same name only when they are the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The name of a state. It tells nothing about the state itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The name of a text.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its first digits, for names of files.
    pub(super) fn short(&self) -> String {
        self.0.iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A state that is put together from parts.
#[derive(Clone)]
pub struct Key(Sha256);

impl Key {
    /// A state that begins with the program itself: its version, its code and its rules. `what` tells kinds of states apart.
    pub fn new(what: &str) -> Self {
        let mut key = Self(Sha256::new());
        key.add(what);
        key.add(env!("CARGO_PKG_VERSION"));
        key.add(env!("CERBO_LINT_BUILT_FROM"));
        key.add(std::env::consts::OS);
        key
    }

    /// Adds a part.
    pub fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        // The length keeps parts apart: `ab` and `c` are not `a` and `bc`.
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// Its name.
    pub fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kept_apart() {
        let digest = |parts: &[&str]| {
            let mut key = Key::new("a");
            parts.iter().for_each(|part| key.add(part));
            key.digest()
        };
        assert_eq!(digest(&["ab", "c"]), digest(&["ab", "c"]));
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
        assert_ne!(Key::new("a").digest(), Key::new("b").digest());
        assert_eq!(digest(&[]).short().len(), 16);
    }
}
