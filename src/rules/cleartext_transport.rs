//! `cleartext-transport`: an API call goes over a connection that everyone on the way can read.

use super::{Context, api_call};
use crate::evaluate::value::Leaf;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::span::Span;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
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
    findings
}
