//! The vendor's practices, from `rules/practices.toml`.

use serde::Deserialize;
use std::sync::OnceLock;

/// One practice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Its id: what an attestation names.
    pub id: String,
    /// The section of the vendor's list.
    pub section: String,
    /// What it asks for, in our words.
    pub text: String,
    /// Rules that check it.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Parts of the rules for health records that it relates to, each with its title.
    #[serde(default)]
    pub relates_to: Vec<String>,
    /// Whether somebody has to state what no code shows.
    #[serde(default)]
    pub attest: bool,
    /// What a project must do for it to apply; absent: it always does.
    pub only_where: Option<Where>,
}

/// What a project does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// It sends updates.
    Updates,
    /// It repeats calls for pages or records.
    Bulk,
    /// It fetches extended details.
    Details,
}

#[derive(Deserialize, Default)]
struct File {
    practice: Vec<Practice>,
}

/// All practices in the vendor's order. An unreadable file would be a build fault; the test below reads it.
pub fn all() -> &'static [Practice] {
    static ALL: OnceLock<File> = OnceLock::new();
    &ALL.get_or_init(|| serde_json::from_str(super::bundled::PRACTICES).unwrap_or_default()).practice
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_practice_can_be_judged_and_every_card_serves_one() {
        assert_eq!(all().len(), 22);
        let ids: BTreeSet<&str> = all().iter().map(|practice| practice.id.as_str()).collect();
        assert_eq!(ids.len(), all().len());
        for practice in all() {
            assert!(practice.attest || !practice.rules.is_empty(), "{}", practice.id);
        }
    }
}
