//! Files of settings that programs take in or read by their paths.

use crate::span::Span;

/// A file of settings, as far as programs are told about it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its path, `/`-separated.
    pub path: String,
    /// Addresses in it: the keys that lead to each, outermost first, what it is and where it stands. No secrets.
    pub addresses: Vec<(Vec<String>, String, Span)>,
}

impl Document {
    /// Whether code may mean this file by a path: relative to a folder that is not known, perhaps without its ending.
    pub fn is_at(&self, asked: &str) -> bool {
        let asked = asked.trim_start_matches(['.', '/']);
        let bare = self.path.rsplit_once('.').map_or(self.path.as_str(), |(bare, _)| bare);
        let ends =
            |path: &str| path.strip_suffix(asked).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'));
        !asked.is_empty() && (ends(&self.path) || ends(bare))
    }
}
