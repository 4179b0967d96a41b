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
    /// Words in the paths of pages where people log in.
    #[serde(default)]
    pub login_words: Vec<String>,
    /// Most records a page can hold.
    pub page_limit_max: i64,
    /// Most days between the two dates of a delta request.
    pub delta_window_max_days: i32,
    /// Most days between the two dates of an availability request.
    pub availability_window_max_days: i32,
    /// Resources of the delta operation.
    pub delta_resources: Vec<String>,
    /// When bulk transfers are welcome.
    pub off_peak: OffPeak,
    /// Requests that people write and the API does not have, with what to write.
    #[serde(default, rename = "mistaken")]
    pub mistaken: Vec<Mistaken>,
    /// Fields of a patient that identify the person.
    pub phi_fields: Vec<String>,
    /// What else tells patient data.
    #[serde(default)]
    pub patient_data: PatientData,
    /// The operations, in path order.
    #[serde(rename = "operation")]
    pub operations: Vec<Operation>,
}

/// The hours in which bulk transfers are welcome: from `start` in one zone to `end` in another.
#[derive(Debug, Deserialize, Default)]
pub struct OffPeak {
    /// Local time it begins, `HH:MM`.
    pub start: String,
    /// The zone of `start`.
    pub start_zone: String,
    /// Local time it ends, `HH:MM`.
    pub end: String,
    /// The zone of `end`.
    pub end_zone: String,
}

/// A path that is not in the catalogue.
#[derive(Debug, Deserialize)]
pub struct Mistaken {
    /// The path as it is written by mistake.
    pub path: String,
    /// What to write.
    pub instead: String,
}

/// What identifies a patient, or says something about the patient's health.
#[derive(Debug, Deserialize, Default)]
pub struct PatientData {
    /// First segments of the paths whose replies are about patients.
    pub resources: Vec<String>,
    /// Operations below them that are not.
    pub except: Vec<String>,
    /// Resources of the delta operation that are about patients.
    pub delta_resources: Vec<String>,
    /// Names of identifying fields in programs.
    pub names: Vec<String>,
    /// Names of fields about a patient's health.
    pub clinical: Vec<String>,
    /// Fields that hold whole records.
    pub containers: Vec<String>,
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
    /// What an API user can be restricted to or from.
    pub resource: String,
    /// What it does: list, item, write, delete, extended, ….
    pub kind: String,
    /// Part of the extended reply it returns by itself.
    pub instead_of_extended: Option<String>,
    /// Whether its reply comes in pages.
    #[serde(default)]
    pub paginated: bool,
    /// Its query parameters; list parameters end in `[]`.
    #[serde(default)]
    pub query: Vec<String>,
    /// Query parameters it needs.
    #[serde(default)]
    pub query_required: Vec<String>,
    /// Resources of the delta operation that tell what changed in its list.
    #[serde(default)]
    pub delta: Vec<String>,
}

impl Operation {
    /// Whether it changes or sends something.
    pub fn writes(&self) -> bool {
        self.method != "GET" && self.kind != "validate"
    }
}

/// What an API user must be allowed to do for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    /// The resource.
    pub resource: &'a str,
    /// Whether it is changed, not only read.
    pub writes: bool,
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
    API.get_or_init(|| serde_json::from_str(super::bundled::API).unwrap_or_default())
}

impl Api {
    /// Whether the reply of the operation at a path is about patients.
    pub fn about_patients(&self, path: &[Segment]) -> bool {
        let known = |segment: Option<&Segment>, names: &[String]| match segment {
            Some(Segment::Known(text)) => names.iter().any(|name| name == text),
            _ => false,
        };
        let data = &self.patient_data;
        let except = self.matches(None, path).first().is_some_and(|operation| data.except.contains(&operation.path));
        let delta = known(path.first(), &["delta".to_owned()]);
        !except && (known(path.first(), &data.resources) || (delta && known(path.get(1), &data.delta_resources)))
    }

    /// Whether a field's name, in any style of writing, says that it identifies a patient.
    pub fn identifies(&self, name: &str) -> bool {
        named(name, self.phi_fields.iter().chain(&self.patient_data.names))
    }

    /// Whether a field's name says that it is about a patient's health.
    pub fn clinical(&self, name: &str) -> bool {
        named(name, self.patient_data.clinical.iter())
    }

    /// Whether a field holds whole records.
    pub fn container(&self, name: &str) -> bool {
        named(name, self.patient_data.containers.iter())
    }

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

impl Api {
    /// Every resource, sorted.
    pub fn resources(&self) -> Vec<&str> {
        let all: std::collections::BTreeSet<&str> = self.operations.iter().map(|op| op.resource.as_str()).collect();
        all.into_iter().collect()
    }

    /// Whether a path is one that people take for a part of one of the API's own resources: it has an id and words around it.
    pub fn is_mistaken(&self, path: &[Segment]) -> bool {
        self.mistaken.iter().any(|mistaken| score(&mistaken.path, path).is_some_and(|literal| literal > 1))
    }

    /// Whether a path is one that people take for one of the API's, a word alone too: enough only where it is known to be a
    /// path of the API.
    pub fn looks_mistaken(&self, path: &[Segment]) -> bool {
        self.mistaken.iter().any(|mistaken| score(&mistaken.path, path).is_some())
    }

    /// What a request must be allowed to do: what its operation needs, or where the path leaves open which one that is, what
    /// every operation needs that it may be. None when they need different things, or there is none.
    pub fn need(&self, method: &str, path: &[Segment]) -> Option<Need<'_>> {
        let of = |operation| self.needed_by(operation, path);
        if let Some(operation) = self.matches(Some(method), path).into_iter().next() {
            return Some(of(operation));
        }
        let begins = matches!(path.first(), Some(Segment::Known(_)));
        let mut all = self.possible(Some(method), path).into_iter().filter(|_| begins).map(of);
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// Changes are told of the resource that the path names at its end; where it is not known, of any.
    fn needed_by<'a>(&'a self, operation: &'a Operation, path: &[Segment]) -> Need<'a> {
        let changed = match path.last() {
            Some(Segment::Known(name)) if operation.kind == "delta" => {
                self.operations.iter().find(|other| other.delta.contains(name))
            }
            _ => None,
        };
        Need { resource: &changed.unwrap_or(operation).resource, writes: operation.writes() }
    }

    /// Operations that a path could be if its unknown segments stood for anything.
    pub fn possible(&self, method: Option<&str>, path: &[Segment]) -> Vec<&Operation> {
        let fits = |operation: &&Operation| {
            let pattern: Vec<&str> = operation.path.split('/').filter(|segment| !segment.is_empty()).collect();
            method.is_none_or(|method| method.eq_ignore_ascii_case(&operation.method))
                && pattern.len() == path.len()
                && pattern.iter().zip(path).all(|(expected, actual)| match actual {
                    Segment::Hole => true,
                    Segment::Known(text) => expected.starts_with('{') || text == expected,
                })
        };
        self.operations.iter().filter(fits).collect()
    }
}

fn named<'n>(name: &str, mut names: impl Iterator<Item = &'n String>) -> bool {
    let name = super::words::words(name).join("_");
    names.any(|known| *known == name)
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
    fn replies_about_patients_are_told_from_the_rest_of_the_catalogue() {
        for patients in ["/patients", "/patients/*", "/appointments", "/delta/patients", "/patients/*/tags"] {
            assert!(api().about_patients(&path(patients)), "{patients}");
        }
        for other in ["/users", "/appointment_types", "/appointments/availability", "/delta/users", "/delta/*", "/*"] {
            assert!(!api().about_patients(&path(other)), "{other}");
        }
    }

    #[test]
    fn fields_are_told_in_any_style_of_writing() {
        assert!(api().identifies("firstName") && api().identifies("LAST_NAME") && api().identifies("dob"));
        assert!(!api().identifies("id") && !api().identifies("patientId") && !api().identifies("created"));
    }

    #[test]
    fn requests_need_what_every_operation_needs_that_they_may_be() {
        let need = |method: &str, of: &str| api().need(method, &path(of)).map(|need| (need.resource, need.writes));
        assert_eq!(need("GET", "/patients/*"), Some(("patients", false)));
        // Weight, height and blood pressure.
        assert_eq!(need("POST", "/patients/*/vitals/*"), Some(("vitals", true)));
        // Mail or text message.
        assert_eq!(need("POST", "/appointments/*/reminders/*"), Some(("reminders", true)));
        assert_eq!(need("GET", "/documents/*/*"), Some(("documents", false)));
        // Tags, charges, documents and so on.
        assert_eq!(need("GET", "/patients/*/*"), None);
        assert_eq!(need("GET", "/*"), None);
        assert_eq!(need("PUT", "/patients/*"), None);
        assert_eq!(need("POST", "/users/validate_credentials"), Some(("users", false)));
    }

    #[test]
    fn changes_are_told_of_the_resource_that_changed() {
        for (of, resource) in [("pt_rx", "rxs"), ("rxs", "rxs"), ("tasks", "task"), ("pt_tags", "tags")] {
            let delta = path(&format!("/delta/{of}"));
            assert_eq!(api().need("GET", &delta), Some(Need { resource, writes: false }), "{of}");
        }
        let every = api()
            .delta_resources
            .iter()
            .all(|of| api().need("GET", &path(&format!("/delta/{of}"))).is_some_and(|need| need.resource != "delta"));
        assert!(every);
        assert_eq!(api().need("GET", &path("/delta/*")).map(|need| need.resource), Some("delta"));
    }

    #[test]
    fn literal_segments_win_over_parameters() {
        assert_eq!(api().matches(Some("GET"), &path("/patients/search"))[0].path, "/patients/search");
        assert_eq!(api().matches(Some("GET"), &path("/patients/*"))[0].path, "/patients/{patient_id}");
        assert!(api().matches(None, &path("/*")).is_empty());
        assert!(api().matches(Some("GET"), &path("/customers/*")).is_empty());
    }
}
