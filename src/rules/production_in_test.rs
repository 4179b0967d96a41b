//! `production-in-test`: tests, examples and benchmarks call a clinic's own system.

use super::{Context, api_call, side};
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        let Some(verdict) = side::test(context, request).filter(|verdict| !verdict.weak) else { continue };
        let hosts = request.url.alternatives();
        if !hosts.iter().filter_map(|url| api_call::host(context, url)).any(|host| is_production(context, &host)) {
            continue;
        }
        let writes = request.method.known_text().is_some_and(|method| {
            ["POST", "PUT", "PATCH", "DELETE"].iter().any(|write| method.eq_ignore_ascii_case(write))
        });
        let message = if writes {
            "A test writes to a clinic's own system. What it sends becomes part of real patients' records."
        } else {
            "A test calls a clinic's own system. It reads real patients' records and can lock out the clinic's integration."
        };
        findings.push(
            Finding::new("production-in-test", Severity::Error, Confidence::High, request.span, message)
                .label("reaches production")
                .help("let it call the sandbox, or a mock on this machine")
                .trail(side::trail(context, request, verdict, "and calls a clinic's own system here")),
        );
    }
    findings
}

/// Whether a host of the API serves real patients: neither a sandbox nor a name that only stands for one.
pub(super) fn is_production(context: &Context<'_, '_>, host: &str) -> bool {
    const STAND_IN: &[&str] = &[
        "example",
        "your",
        "placeholder",
        "test",
        "sandbox",
        "demo",
        "staging",
        "dummy",
        "mock",
        "fake",
        "subdomain",
        "dev",
    ];
    let api = crate::knowledge::api::api();
    let sandbox = api.sandbox_hosts.iter().chain(&context.config.sandbox_hosts).any(|sandbox| sandbox == host);
    let first = host.split('.').next().unwrap_or("");
    let stands_in = crate::knowledge::words::words(first).iter().any(|word| STAND_IN.contains(&word.as_str()));
    !sandbox && !stands_in
}
