//! `undeclared-permission`, `unneeded-permission` and `missing-anonymize`: what the project says about its use of the API
//! against what its code does.

use super::Context;
use super::operation::{Call, shared_places};
use crate::config::{Permissions, Purpose};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Operation, Segment};
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = anonymize(context);
    if let Some(declared) = &context.config.permissions {
        findings.extend(undeclared(context, declared));
        findings.extend(unneeded(context, declared));
    }
    findings
}

fn anonymize(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if context.config.purpose != Some(Purpose::Analytics)
        || context.config.permissions.as_ref().is_some_and(|p| p.anonymize)
    {
        return findings;
    }
    for call in context.calls.iter().filter(|call| call.operation.is_some_and(|op| op.kind == "extended")) {
        let asked = call.parameters.values("anonymize").any(|value| {
            value.alternatives().iter().any(|one| one.known_text().is_none_or(|text| text == "true" || text == "1"))
        });
        if asked || call.parameters.open {
            continue;
        }
        let place = call.place();
        findings.push(
            Finding::new(
                "missing-anonymize",
                Severity::Note,
                Confidence::Medium,
                place,
                "A project declared for analytics fetches a patient's details with everything that identifies them.",
            )
            .label("without `anonymize`")
            .help("add the query parameter `anonymize=true`, or ask the vendor for credentials that force it")
            .trail(call.trail(place)),
        );
    }
    findings
}

fn undeclared(context: &Context<'_, '_>, declared: &Permissions) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shared = shared_places(&context.calls);
    for call in &context.calls {
        let Some(operation) = call.operation else { continue };
        let resource = operation.resource.as_str();
        let writes = operation.writes();
        if if writes { declared.writes(resource) } else { declared.reads(resource) } {
            continue;
        }
        let place = call.told_at(&|place| shared.contains(&place));
        let (does, key) = if writes { ("writes", "write") } else { ("reads", "read") };
        let message = if writes && declared.read_only {
            format!("`{}` writes `{resource}`, and the project declares that it only reads.", call.shown())
        } else {
            format!("`{}` {does} `{resource}`, which the project does not declare.", call.shown())
        };
        let trail = [Step { span: place, note: "requested here".to_owned() }];
        findings.push(
            Finding::new("undeclared-permission", Severity::Warning, Confidence::High, place, message)
                .label("not declared")
                .help(format!(
                    "add \"{resource}\" to `{key}` under [permissions] and ask the vendor for it, or take the call out"
                ))
                .trail(trail.into_iter().chain(call.trail(place)).collect()),
        );
    }
    findings
}

/// Whether a part of a call's path that is not known stands where the operation has a fixed one.
fn is_guessed(call: &Call<'_, '_>, operation: &Operation) -> bool {
    let parts = operation.path.split('/').filter(|part| !part.is_empty());
    call.path.iter().zip(parts).any(|(asked, part)| matches!(asked, Segment::Hole) && !part.starts_with('{'))
}

fn unneeded(context: &Context<'_, '_>, declared: &Permissions) -> Vec<Finding> {
    // A call whose operation is not known may need anything.
    let unknown = context.calls.iter().any(|call| call.operation.is_none_or(|operation| is_guessed(call, operation)));
    let Some(first) = context.calls.first().filter(|_| !unknown) else { return Vec::new() };
    let used = |writes: bool| -> BTreeSet<&str> {
        let operations = context.calls.iter().filter_map(|call| call.operation);
        operations.filter(|op| op.writes() == writes).map(|op| op.resource.as_str()).collect()
    };
    let lists = [("read", &declared.read, used(false)), ("write", &declared.write, used(true))];
    let mut unneeded = Vec::new();
    for (key, list, used) in lists {
        let names = list.iter().flatten().filter(|resource| !used.contains(resource.as_str()));
        unneeded.extend(names.map(|resource| format!("`{key}` of `{resource}`")));
    }
    if unneeded.is_empty() {
        return Vec::new();
    }
    let unneeded = unneeded.join(", ");
    let message = format!("The project declares {unneeded}, and no code uses it.");
    vec![
        Finding::new("unneeded-permission", Severity::Warning, Confidence::Medium, first.place(), message)
            .label("the project's first API call")
            .help(format!("take {unneeded} out of [permissions] and ask the vendor to restrict the API user")),
    ]
}
