//! The configuration's JSON schema.

use super::{FailOn, Level, Purpose, Scope};
use crate::finding::Confidence;
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// Configuration of cerbo-lint: `cerbo-lint.toml`, `[package.metadata.cerbo-lint]`, `[workspace.metadata.cerbo-lint]`
/// or `"cerbo-lint"` in `package.json`.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
#[allow(dead_code, reason = "only its shape is used")]
struct ConfigFile {
    /// Hosts of the API besides the vendor's own, without scheme and path.
    hosts: Vec<String>,
    /// Hosts that are sandboxes.
    sandbox_hosts: Vec<String>,
    /// Types that are clients of the API.
    client_types: Vec<String>,
    /// Functions that send requests to the API.
    client_functions: Vec<String>,
    /// Environment variables and configuration keys that hold the API's base URL.
    base_url_variables: Vec<String>,
    /// Values that stand for a credential and are none; each is compared as a whole.
    placeholders: Vec<String>,
    /// Which services a run is about: `api`, or `any` for credentials and logs of other services too.
    scope: Scope,
    /// The least severity that makes a run fail.
    fail_on: Option<FailOn>,
    /// The least confidence that is reported.
    min_confidence: Option<Confidence>,
    /// File of known findings, relative to this file's folder; `cerbo-lint baseline` writes it.
    baseline: Option<String>,
    /// Severity per rule, or `off`.
    severity: BTreeMap<String, Level>,
    /// Rules that are silent for some paths.
    ignore: Vec<IgnoreEntry>,
    /// Globs of paths that are not read, relative to this file's folder.
    exclude: Vec<String>,
    /// TOML files with the project's own library models, relative to this file's folder.
    libraries: Vec<String>,
    /// What the project is for.
    purpose: Option<Purpose>,
    /// What the project needs of the API; `permissions --format toml` prints it.
    permissions: Option<PermissionsTable>,
    /// Practices that no code shows, stated by somebody.
    attest: Vec<AttestEntry>,
}

/// What the project needs of the API.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default)]
#[allow(dead_code, reason = "only its shape is used")]
struct PermissionsTable {
    /// Nothing is ever written.
    read_only: bool,
    /// Resources that are read.
    read: Option<Vec<String>>,
    /// Resources that are written.
    write: Option<Vec<String>>,
    /// The credentials force anonymized replies.
    anonymize: bool,
}

/// A practice that no code shows.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "only its shape is used")]
struct AttestEntry {
    /// Id of the practice, as `audit` names it.
    practice: String,
    /// Who states it.
    by: String,
    /// The day it was looked at, `YYYY-MM-DD`.
    on: String,
    /// How long that holds: `90d`, `12w`, `6m` or `1y`.
    valid_for: String,
    /// What was looked at.
    #[schemars(default)]
    note: Option<String>,
}

/// Rules that are silent for some paths.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "only its shape is used")]
struct IgnoreEntry {
    /// Globs relative to this file's folder.
    paths: Vec<String>,
    /// Rule ids.
    rules: Vec<String>,
    /// Why they are right here.
    reason: String,
}

/// The JSON schema of the configuration.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ConfigFile).to_value()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::{KEYS, node, read::Reader};
    use super::*;
    use std::path::Path;

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = schema();
        let mut described: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut read = KEYS.to_vec();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read);
    }

    #[test]
    fn schema_and_reader_agree() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let cases = [
            ("scope = 'any'", true),
            ("scope = 'all'", false),
            ("hosts = ['a.example']\nfail_on = 'never'\nmin_confidence = 'low'", true),
            ("[severity]\nembedded-credential = 'off'", true),
            ("[[ignore]]\npaths = ['a']\nrules = ['embedded-credential']\nreason = 'r'", true),
            ("[[ignore]]\npaths = ['a']\nrules = ['embedded-credential']", false),
            ("purpose = 'analytics'\n[permissions]\nread_only = true\nread = ['patients']", true),
            ("purpose = 'fun'", false),
            ("[permissions]\nreads = ['patients']", false),
            ("[permissions]\nread_only = 'yes'", false),
            ("[[attest]]\npractice = 'ip-allowlist'\nby = 'A. Moreau'\non = '2026-03-01'\nvalid_for = '1y'", true),
            ("[[attest]]\npractice = 'ip-allowlist'\nby = 'A. Moreau'", false),
            ("host = ['a']", false),
            ("hosts = 'a'", false),
            ("fail_on = 'all'", false),
            ("[severity]\nembedded-credential = 'fatal'", false),
        ];
        for (text, valid) in cases {
            let value: toml::Value = toml::from_str(text).unwrap();
            assert_eq!(validator.is_valid(&serde_json::to_value(value).unwrap()), valid, "schema: {text}");
            let path = Path::new("cerbo-lint.toml");
            let tree = node::from_toml(path, text).unwrap();
            let read = Reader { path, text, rules: &["embedded-credential"] }.config(&tree);
            assert_eq!(read.is_ok(), valid, "reader: {text}");
        }
    }
}
