//! `client-exposed-variable`: a variable that a bundler publishes holds an API credential or the API's base URL.

use super::{Context, labels, secrets};
use crate::evaluate::value::Label;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;
use crate::knowledge::words::{CredentialName, credential_name, names_product};
use crate::span::Span;
use std::collections::{HashMap, HashSet};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut used: HashMap<String, (Span, bool)> = HashMap::new();
    for request in context.api_requests() {
        let access = secrets(request).into_iter().chain(&request.user).flat_map(labels).map(|label| (label, true));
        let base = labels(&request.url).into_iter().map(|label| (label, false));
        for (label, credential) in access.chain(base) {
            if let Label::Environment(name) = label {
                // A part of what the variable holds is not the variable's name.
                used.entry(name.split('.').next().unwrap_or_default().to_owned()).or_insert((request.span, credential));
            }
        }
    }
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    let lookups = context.facts.lookups.iter().map(|lookup| (lookup.span, lookup.name.as_str(), None));
    let settings = context.settings.all.iter().filter(|setting| !setting.commented && !setting.test);
    let settings = settings.map(|setting| (setting.span, setting.name.as_str(), Some(setting.value.as_str())));
    // Where it is set is where it is published; the place that reads it says so when nothing of the project sets it.
    let mut told = HashSet::new();
    for (span, name, value) in settings.chain(lookups) {
        let Some(prefix) = context.sides.published(span, name) else { continue };
        let use_of = used.get(name);
        let credential = credential(name) || use_of.is_some_and(|(_, credential)| *credential);
        let base = match value {
            Some(value) => is_base(context, value),
            // Another server of the project may stand behind a base URL that is not written down.
            None => use_of.is_some() && names_product(name) && !is_elsewhere(context, name),
        };
        if !(credential || base) || !seen.insert((span.file, name.to_owned(), value.is_some())) {
            continue;
        }
        if value.is_some() {
            // Nobody sees what is said of a file that is not looked at.
            if context.settings.file(span).is_none_or(|file| !file.hidden) {
                told.insert(name.to_owned());
            }
        } else if told.contains(name) {
            continue;
        }
        let message = if credential {
            format!(
                "The variable `{name}` holds an API credential and is built into what browsers load: its name begins with `{prefix}`. Disable the API user in the Cerbo interface and request new credentials."
            )
        } else {
            format!(
                "The variable `{name}` holds the API's base URL and is built into what browsers load: its name begins with `{prefix}`. Clients that know it call the API themselves."
            )
        };
        let mut trail = vec![Step { span, note: "published to every client by its name".to_owned() }];
        trail.extend(use_of.map(|(span, _)| Step { span: *span, note: "and taken by this API call".to_owned() }));
        findings.push(
            Finding::new("client-exposed-variable", Severity::Error, Confidence::High, span, message)
                .label("published")
                .help("give it a name without that beginning, read it on the server only, and let the client ask your server")
                .trail(trail),
        );
    }
    for exposed in context.sides.exposed().iter().filter(|exposed| !exposed.server) {
        let named = |name: &str| names_product(name) && credential_name(name).is_some();
        let taken = |name: &str| used.get(name).is_some_and(|(_, credential)| *credential);
        let base = |name: &String| used.contains_key(name) && names_product(name) && !is_elsewhere(context, name);
        let message = if exposed.names.iter().any(|name| named(name) || taken(name)) {
            "The build puts an API credential into what browsers load. Disable the API user in the Cerbo interface and request new credentials."
        } else if exposed.names.iter().any(base) {
            "The build puts the API's base URL into what browsers load. Clients that know it call the API themselves."
        } else {
            continue;
        };
        findings.push(
            Finding::new("client-exposed-variable", Severity::Error, Confidence::High, exposed.span, message)
                .label("published")
                .help("take it out of the build's settings, read it on the server only, and let the client ask your server")
                .trail(vec![Step { span: exposed.span, note: exposed.note.clone() }]),
        );
    }
    findings
}

/// Whether a name says that it holds an API credential.
fn credential(name: &str) -> bool {
    names_product(name) && matches!(credential_name(name), Some(CredentialName::Secret | CredentialName::User))
}

/// Whether a value is the API's base URL: its host with the API's path.
pub(super) fn is_base(context: &Context<'_, '_>, value: &str) -> bool {
    let Some((_, rest)) = value.trim().split_once("://") else { return false };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("").to_ascii_lowercase();
    let own = api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
        || context.config.hosts.contains(&host);
    own && (path == "api" || path.starts_with("api/"))
}

/// Whether the project sets a variable to something else than the API's base URL.
fn is_elsewhere(context: &Context<'_, '_>, name: &str) -> bool {
    // What is only taken over from another variable is not written down.
    let known = |value: &str| !value.trim().is_empty() && !value.trim().starts_with("${");
    let set = context.settings.all.iter().filter(|setting| setting.name == name && known(&setting.value));
    let mut values = set.peekable();
    values.peek().is_some() && !values.any(|setting| is_base(context, &setting.value))
}
