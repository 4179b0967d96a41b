//! The texts of a first configuration, hook and workflow, made for the project they are for.

use crate::surroundings::{Addresses, Surroundings};
use std::collections::BTreeSet;

const WORKFLOW: &str = include_str!("../../templates/init/github-workflow.yml");
const PIPELINE: &str = include_str!("../../templates/init/gitlab-ci.yml");
const HOOK: &str = include_str!("../../templates/init/pre-commit-hook.yaml");

/// A list in TOML, which is one in YAML's flow notation too.
fn list<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A text in quotes, as TOML, YAML and JSON read it alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Names in a sentence; what no comment may hold is left out.
fn named<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    let all: Vec<String> = names.into_iter().map(crate::error::visible).collect();
    all.join(", ")
}

/// Hosts that are named after the API, and those that only get requests like the API's.
fn hosts(addresses: &Addresses) -> (Vec<&String>, Vec<&String>) {
    let of =
        |named: bool| addresses.candidates.iter().filter(move |one| *one.1 == named).map(|(host, _)| host).collect();
    (of(true), of(false))
}

/// A `cerbo-lint.toml` with what was found and comments about the rest. `baseline` is its baseline's file.
pub fn configuration(found: &Surroundings, baseline: &str) -> String {
    let mut text = String::from(
        "# What cerbo-lint should know about this project. Every key is explained by `cerbo-lint schema config`.\n",
    );
    if !found.languages.is_empty() {
        text.push_str(&format!("# Languages: {}.\n", named(found.languages.iter().copied())));
    }
    if !found.frameworks.is_empty() {
        text.push_str(&format!(
            "# Seen among the dependencies: {}.\n",
            named(found.frameworks.iter().map(String::as_str))
        ));
    }
    if !found.environment_files.is_empty() {
        let files = named(found.environment_files.iter().map(String::as_str));
        text.push_str(&format!("# Files with environment variables: {files}.\n"));
    }
    text.push_str("\n# The API. The vendor's own hosts are known");
    match found.addresses.hosts.is_empty() {
        true => text.push_str(".\n"),
        false => {
            let hosts = named(found.addresses.hosts.iter().map(String::as_str));
            text.push_str(&format!("; the code names {hosts}.\n"));
        }
    }
    let (own, maybe) = hosts(&found.addresses);
    match (own.is_empty(), maybe.is_empty()) {
        (false, _) => text.push_str(&format!("hosts = {}\n", list(own))),
        (true, true) => text.push_str("# hosts = [\"ehr.example.org\"] # further hosts, without scheme and path\n"),
        (true, false) => {}
    }
    if !maybe.is_empty() {
        text.push_str(&format!(
            "# Requests to these look like the API's. If they lead to it, name them in `hosts`: {}\n",
            list(maybe)
        ));
    }
    text.push_str("# sandbox_hosts = [\"ehr-test.example.org\"] # hosts that are sandboxes\n");
    text.push_str("# Environment variables and settings that hold its base URL.\n");
    match found.addresses.variables.is_empty() {
        true => text.push_str("# base_url_variables = [\"CHART_HOST\"]\n"),
        false => text.push_str(&format!("base_url_variables = {}\n", list(&found.addresses.variables))),
    }
    text.push_str(&format!(
        "# client_types = [\"ChartClient\"]       # types whose methods call it
# client_functions = [\"chartRequest\"]   # functions that call it

# Known findings; only others fail. `cerbo-lint baseline` makes the file of what is found now, and takes out what is mended.
baseline = {}

# fail_on = \"warning\"       # error, warning, note or never
# min_confidence = \"medium\" # low, medium or high
# exclude = [\"vendor/\"]     # not read at all

# [severity]                # of single rules; \"off\" leaves a rule out
# polling = \"off\"

# [[ignore]]                # rules that are silent for some paths
# paths = [\"examples/**\"]
# rules = [\"concurrent-requests\"]
# reason = \"they run against a mock\"
",
        quoted(baseline)
    ));
    text
}

/// What a configuration that is there lacks, as lines to add; `hosts`, `variables` and `baseline` are what it has.
pub fn missing(found: &Surroundings, config: &crate::config::Config, baseline: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let has: BTreeSet<&String> = config.hosts.iter().chain(&config.sandbox_hosts).collect();
    let (own, _) = hosts(&found.addresses);
    let lacking: Vec<&String> = own.into_iter().filter(|host| !has.contains(host)).collect();
    if !lacking.is_empty() {
        lines.push(format!("hosts = {}", list(config.hosts.iter().chain(lacking))));
    }
    let known: BTreeSet<&String> = config.base_url_variables.iter().collect();
    let lacking: Vec<&String> = found.addresses.variables.iter().filter(|name| !known.contains(name)).collect();
    if !lacking.is_empty() {
        lines.push(format!("base_url_variables = {}", list(config.base_url_variables.iter().chain(lacking))));
    }
    if config.baseline.is_none() {
        lines.push(format!("baseline = {}", quoted(baseline)));
    }
    lines
}

fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let version = template.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    values.iter().fold(version, |text, (name, value)| text.replace(name, value))
}

/// A workflow of GitHub Actions. `branch` is the main branch, `folder` what is scanned, relative to the repository.
pub fn workflow(branch: &str, folder: &str) -> String {
    filled(WORKFLOW, &[("@BRANCH@", &quoted(branch)), ("@PATHS@", &quoted(folder))])
}

/// What includes the template for GitLab.
pub fn pipeline(folder: &str) -> String {
    filled(PIPELINE, &[("@PATHS@", &quoted(folder))])
}

/// The hook as an entry of `repos:` in pre-commit's configuration.
pub fn hook(folder: &str) -> String {
    let files = match folder {
        "." => String::new(),
        below => format!("\n        files: {}", quoted(&format!("^{}/", regex::escape(below)))),
    };
    filled(HOOK, &[("@FILES@", &files)])
}
