//! `tls-verification-disabled`: API calls are made without checking who answers.

use super::{Context, api_call};
use crate::evaluate::value::Value;
use crate::facts::SwitchMeaning;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::libraries::Models;
use crate::settings::Form;
use crate::span::Span;
use std::collections::BTreeSet;

const RULE: &str = "tls-verification-disabled";
const HELP: &str = "leave verification on; when the other side has a certificate of your own authority, add that authority as a root certificate";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests_anywhere() {
        let says = |value: &Option<Value<'_>>, what: &str| {
            let all = value.as_ref().map(Value::alternatives).unwrap_or_default();
            all.into_iter().find(|one| one.known_text().as_deref() == Some(what)).map(|one| one.steps())
        };
        let Some(mut trail) = says(&request.unverified, "true").or_else(|| says(&request.verified, "false")) else {
            continue;
        };
        if api_call::is_local(&request.url, context.config) {
            continue;
        }
        let primary = trail.last().map_or(request.span, |step| step.span);
        trail.push(Step { span: request.span, note: "and this API call is made with it".to_owned() });
        findings.push(
            Finding::new(RULE, Severity::Error, Confidence::High, primary, "API calls are made without verifying the server's certificate. Whoever is on the way can answer in its place and read the credential.")
                .label("verification off")
                .help(HELP)
                .trail(trail),
        );
    }
    if context.api.is_empty() {
        return findings;
    }
    for off in context.facts.switches.iter().filter(|switch| switch.meaning == SwitchMeaning::Unverified) {
        findings.push(whole_process(off.span));
    }
    let settings = context.settings.all.iter().filter(|setting| !setting.commented && !setting.test);
    // The variables of the languages that the program is written in.
    let languages: BTreeSet<&str> = context.program.scopes.iter().map(|scope| scope.namespace).collect();
    let off = |name: &str, value: &str| {
        languages.iter().any(|one| Models::bundled().of(one).switches(name, value, SwitchMeaning::Unverified))
    };
    for setting in settings {
        if off(&setting.name, setting.value.trim())
            && setting.form == Form::Value
            && !context.facts.switches.iter().any(|switch| switch.span.file == setting.span.file)
        {
            findings.push(whole_process(setting.span));
        }
    }
    findings
}

fn whole_process(span: Span) -> Finding {
    Finding::new(RULE, Severity::Error, Confidence::High, span, "Certificates are not verified in the whole process, which makes API calls. Whoever is on the way can answer in the server's place and read the credential.")
        .label("verification off for every connection")
        .help(HELP)
}
