//! The API's facts, from `rules/api/cerbo.toml`.

use serde::Deserialize;
use std::sync::OnceLock;

/// Everything known about the API.
#[derive(Debug, Deserialize, Default)]
pub struct Api {
    /// Host suffixes that belong to the API, each with its leading dot.
    pub host_suffixes: Vec<String>,
    /// Hosts that are safe to test against.
    pub sandbox_hosts: Vec<String>,
    /// Path prefix of every operation.
    pub base_path: String,
    /// Path prefixes on the same hosts that are not the API.
    pub non_api_paths: Vec<String>,
    /// The operations, in path order.
    #[serde(rename = "operation")]
    pub operations: Vec<Operation>,
}

/// One operation of the API.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// The vendor's operation id.
    pub id: String,
    /// Upper-case HTTP method.
    pub method: String,
    /// Path relative to [`Api::base_path`]; `{…}` stands for one segment.
    pub path: String,
    /// What it does: list, item, write, delete, extended, ….
    pub kind: String,
    /// Part of the extended reply it returns by itself.
    pub instead_of_extended: Option<String>,
}

/// One segment of a path that may be partly unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Known text.
    Known(String),
    /// One unknown segment, or text with an unknown part.
    Hole,
}

/// The facts. An unreadable file would be a build fault; the test below reads it.
pub fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(|| toml::from_str(include_str!("../../rules/api/cerbo.toml")).unwrap_or_default())
}

impl Api {
    /// The operations a path may be, best first. `method` narrows when known. A literal segment is preferred
    /// to a parameter; a path of holes alone matches nothing.
    pub fn matches(&self, method: Option<&str>, path: &[Segment]) -> Vec<&Operation> {
        let mut found: Vec<(usize, &Operation)> = self
            .operations
            .iter()
            .filter(|operation| method.is_none_or(|method| method.eq_ignore_ascii_case(&operation.method)))
            .filter_map(|operation| Some((score(&operation.path, path)?, operation)))
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, operation)| operation).collect()
    }
}

fn score(pattern: &str, path: &[Segment]) -> Option<usize> {
    let pattern: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
    if pattern.len() != path.len() {
        return None;
    }
    let mut literal = 0;
    for (expected, actual) in pattern.iter().zip(path) {
        match actual {
            _ if expected.starts_with('{') => {}
            Segment::Known(text) if text == expected => literal += 1,
            // An unknown segment never stands for a resource's name: that would match anything.
            _ => return None,
        }
    }
    (literal > 0).then_some(literal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    fn path(text: &str) -> Vec<Segment> {
        let part = |s: &str| if s == "*" { Segment::Hole } else { Segment::Known(s.to_owned()) };
        text.split('/').filter(|s| !s.is_empty()).map(part).collect()
    }

    #[test]
    fn the_catalogue_is_read() {
        assert_eq!(api().operations.len(), 127);
    }

    #[test]
    fn literal_segments_win_over_parameters() {
        assert_eq!(api().matches(Some("GET"), &path("/patients/search"))[0].path, "/patients/search");
        assert_eq!(api().matches(Some("GET"), &path("/patients/*"))[0].path, "/patients/{patient_id}");
        assert!(api().matches(None, &path("/*")).is_empty());
        assert!(api().matches(Some("GET"), &path("/customers/*")).is_empty());
    }
}
