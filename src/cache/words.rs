//! The only texts that a cache can hold. Each is made by a check or by masking, and the types of programs' texts
//! ([`crate::source::SourceFile`], [`crate::analysis::Secret`], [`crate::finding::Finding`]) cannot be written at all:
//!
//! ```compile_fail
//! fn written<T: serde::Serialize>() {}
//! written::<cerbo_lint::analysis::Secret>();
//! ```
//! ```compile_fail
//! fn written<T: serde::Serialize>() {}
//! written::<cerbo_lint::source::SourceFile>();
//! ```
//! ```compile_fail
//! fn written<T: serde::Serialize>() {}
//! written::<cerbo_lint::finding::Finding>();
//! ```
//! ```compile_fail
//! fn written<T: serde::Serialize>() {}
//! written::<cerbo_lint::project::texts::Texts>();
//! ```
//! What can be written:
//! ```
//! fn written<T: serde::Serialize>() {}
//! written::<cerbo_lint::cache::words::ModuleName>();
//! ```

use crate::source::{SecretTexts, masked_words};
use serde::{Deserialize, Serialize};

/// Words that reports show.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Words(String);

impl Words {
    /// Takes words in which nothing is to be masked: neither one of these secrets nor anything that is shaped like one.
    pub fn unmasked(text: &str, secrets: &SecretTexts) -> Option<Self> {
        (masked_words(text, secrets) == text).then(|| Self(text.to_owned()))
    }

    /// The words.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// The path of a file of the project, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FilePath(String);

impl FilePath {
    /// The path of a file that was found.
    pub fn of(found: &crate::project::walk::Found) -> Self {
        Self(found.shown.clone())
    }

    /// The path.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// The name by which a file names another or a library: `./client`, `@scope/name`, `axios`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ModuleName(String);

impl ModuleName {
    /// Takes a name that can be nothing else: a path, the name of a library in a scope, or a word without digits. Anything
    /// that may be a password somebody wrote behind `from` is none.
    pub fn new(name: &str) -> Option<Self> {
        const MARKS: &str = "@/._-~#$:+?&=";
        let whole = name;
        // A package to whose types a file adds something.
        let name = name.strip_prefix(crate::project::javascript::ADDS).unwrap_or(name);
        let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || MARKS.contains(letter));
        let is_path = name.starts_with(['.', '/', '@', '~', '#']) || name.contains('/') || has_ending(name);
        let is_word = name.chars().all(|letter| letter.is_ascii_lowercase() || "-_:".contains(letter));
        let shaped = || masked_words(name, &SecretTexts::None) != name;
        (plain && (is_path || is_word) && !shaped()).then(|| Self(whole.to_owned()))
    }

    /// The name.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl TryFrom<String> for ModuleName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("not the name of a module")
    }
}

/// Whether a name ends like that of a source file.
fn has_ending(name: &str) -> bool {
    const ENDINGS: &[&str] =
        &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "json", "css", "vue", "svelte", "sh", "bash", "env"];
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_secret_are_none() {
        let secrets = SecretTexts::new(["correct horse"]);
        assert!(Words::unmasked("`CERBO_SECRET` is written here", &secrets).is_some());
        assert!(Words::unmasked("`***` is written here", &secrets).is_some());
        for text in ["the correct horse", "sk_4f81c0aa93de77", "https://user:word@host"] {
            assert_eq!(Words::unmasked(text, &secrets), None, "{text}");
        }
    }

    #[test]
    fn names_of_modules_are_told_from_passwords() {
        for name in [
            "./a",
            "../lib/http2.js",
            "@scope/name",
            "@/api",
            "#app",
            "react",
            "node:fs",
            "left-pad",
            "run.sh",
            "+express",
        ] {
            assert!(ModuleName::new(name).is_some(), "{name}");
        }
        for name in ["hunter22", "Tr0ub4dor&3", "correct horse", "sk_live_51Hq8xyzABC", "./sk_live_51Hq8xyzABC", ""] {
            let kept = ModuleName::new(name).is_some_and(|name| !name.into_string().is_empty());
            assert!(!kept, "{name}");
        }
    }
}
