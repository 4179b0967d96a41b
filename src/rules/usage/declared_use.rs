//! `undeclared-permission`, `unneeded-permission` and `missing-anonymize`: what the project says about its use of the API
//! against what its code does.

use super::Context;
use super::operation::{Call, shared_places};
use crate::config::{Permissions, Purpose};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Need, api};
use crate::rules::api_call;
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
        let refused = |need: &Need<'_>| {
            let allowed = if need.writes { declared.writes(need.resource) } else { declared.reads(need.resource) };
            !allowed
        };
        let Some(Need { resource, writes }) = needs(call).flatten().find(refused) else { continue };
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

/// What each verb of a call needs; none for one of which that is not known.
fn needs(call: &Call<'_, '_>) -> impl Iterator<Item = Option<Need<'static>>> {
    call.methods.iter().map(|method| api().need(method, &call.path))
}

fn unneeded(context: &Context<'_, '_>, declared: &Permissions) -> Vec<Finding> {
    // A call of which that is not known may need anything.
    if context.facts.requests.iter().any(|request| api_call::may_be_any(context.program, context.config, request)) {
        return Vec::new();
    }
    let unknown = |call: &Call<'_, '_>| call.methods.is_empty() || needs(call).any(|need| need.is_none());
    let Some(first) = context.calls.first().filter(|_| !context.calls.iter().any(unknown)) else { return Vec::new() };
    let needed: Vec<Need<'_>> = context.calls.iter().flat_map(|call| needs(call).flatten()).collect();
    let used = |writes: bool| -> BTreeSet<&str> {
        needed.iter().filter(|need| need.writes == writes).map(|need| need.resource).collect()
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
