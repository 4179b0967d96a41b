//! How names say that code goes round again, why, and for how long: `rules/repeats.toml`.

use super::words::words;
use std::sync::OnceLock;

/// The lists of `rules/repeats.toml`.
#[derive(Debug, serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Lists {
    counters: Vec<String>,
    limits: Vec<String>,
    limit_methods: Vec<String>,
    status: Vec<String>,
    succeeded: Vec<String>,
    failed: Vec<String>,
    succeeded_variants: Vec<String>,
    failed_variants: Vec<String>,
    good_statuses: Vec<String>,
    refusals: Vec<String>,
    endless: Vec<String>,
    run_once: Vec<String>,
}

/// The lists. An unreadable file would be a build fault; the test below reads it.
fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| serde_json::from_str(super::bundled::REPEATS).unwrap_or_default())
}

fn holds(list: &[String], name: &str) -> bool {
    list.iter().any(|known| known == name)
}

fn says(list: &[String], name: &str) -> bool {
    words(name).iter().any(|word| holds(list, word))
}

/// Whether a name counts attempts.
pub fn counts_attempts(name: &str) -> bool {
    says(&lists().counters, name)
}

/// Whether a function's name says when to give up.
pub fn is_limit(name: &str) -> bool {
    says(&lists().limits, name)
}

/// Whether a method's name says when to give up.
pub fn is_limit_method(name: &str) -> bool {
    is_limit(name) || says(&lists().limit_methods, name)
}

/// Whether a name holds a reply's status.
pub fn is_status(name: &str) -> bool {
    says(&lists().status, name)
}

/// What a name says about how something went: `Some(true)` that it succeeded, `Some(false)` that it failed.
pub fn outcome(name: &str) -> Option<bool> {
    told(&lists().succeeded, &lists().failed, name)
}

/// What a variant of a result says about how something went.
pub fn outcome_of_variant(name: &str) -> Option<bool> {
    told(&lists().succeeded_variants, &lists().failed_variants, name)
}

fn told(succeeded: &[String], failed: &[String], name: &str) -> Option<bool> {
    match (holds(succeeded, name), holds(failed, name)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether a name is that of a status of a reply that succeeded.
pub fn is_good_status(name: &str) -> bool {
    holds(&lists().good_statuses, name)
}

/// Whether a name or number is the status of a server that refuses to do anything: too many requests.
pub fn is_refusal(name: &str) -> bool {
    holds(&lists().refusals, name)
}

/// Whether a setting of how often something is tried again means: without end.
pub fn is_endless(setting: &str) -> bool {
    holds(&lists().endless, setting)
}

/// Whether a function, module or program of this name is run once.
pub fn is_run_once(name: &str) -> bool {
    says(&lists().run_once, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read() {
        assert!(serde_json::from_str::<Lists>(crate::knowledge::bundled::REPEATS).is_ok());
        assert!(counts_attempts("maxRetries") && !counts_attempts("country"));
        assert!(is_limit("deadline_exceeded") && !is_limit("next_backoff") && is_limit_method("next_backoff"));
        assert!(is_status("statusCode") && !is_status("state"));
        assert_eq!((outcome("is_ok"), outcome("isError"), outcome("okay")), (Some(true), Some(false), None));
        assert_eq!(
            (outcome_of_variant("Ok"), outcome_of_variant("Err"), outcome_of_variant("Some")),
            (Some(true), Some(false), None)
        );
        assert!(is_good_status("CREATED") && !is_good_status("BAD_REQUEST"));
        assert!(is_refusal("429") && !is_refusal("4290"));
        assert!(is_endless("Infinity") && !is_endless("5"));
        assert!(is_run_once("seedDatabase") && is_run_once("backfill-2026") && !is_run_once("exporter"));
    }
}
