//! `cleartext-transport`: an API call goes over a connection that everyone on the way can read.

use super::{Context, api_call};
use crate::evaluate::value::Leaf;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::settings::Setting;
use crate::span::Span;
use std::collections::HashSet;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests_anywhere() {
        for url in request.url.alternatives() {
            let text = api_call::text(&url, context.config);
            if !text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
                || api_call::is_local(&url, context.config)
                || api_call::is_internal(&url, context.config)
            {
                continue;
            }
            let mut written = None;
            url.leaves(&|_| false, &mut |leaf| {
                if let Leaf::Text(text, span, _) = leaf
                    && text.contains("://")
                    && span != Span::default()
                {
                    written = written.or(Some(span));
                }
            });
            let primary = written.unwrap_or(request.span);
            let mut trail = vec![Step { span: primary, note: "the URL begins with `http:` here".to_owned() }];
            trail.extend(url.steps());
            trail.push(Step { span: request.span, note: "and is requested here".to_owned() });
            findings.push(
                Finding::new("cleartext-transport", Severity::Error, Confidence::High, primary, "An API call is sent without encryption. Everyone on the way can read the credential and the patient data.")
                    .label("not encrypted")
                    .help("use `https://`")
                    .trail(trail),
            );
        }
    }
    let seen: HashSet<Span> = findings.iter().map(|finding: &Finding| finding.primary).collect();
    let settings = context.settings.all.iter().filter(|setting| !setting.commented && !setting.test);
    for setting in settings.filter(|setting| is_open_base(context, setting) && !seen.contains(&setting.span)) {
        let message = "The API's base URL is one without encryption. Everyone on the way can read the credential and the patient data of each call.";
        findings.push(
            Finding::new("cleartext-transport", Severity::Error, Confidence::High, setting.span, message)
                .label("not encrypted")
                .help("use `https://`"),
        );
    }
    findings
}

/// Whether a setting of a configuration file is the API's base URL, over `http:`.
fn is_open_base(context: &Context<'_, '_>, setting: &Setting) -> bool {
    let scheme = setting.value.trim_start().get(..7);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
        && context.settings.file(setting.span).is_some_and(|file| file.kind.is_configuration() && !file.descriptive)
        && super::client_exposed_variable::is_base(context, &setting.value)
}
