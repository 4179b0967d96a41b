//! `wrong-auth-scheme`: the API takes basic authentication only.

use super::{Context, api_call};
use crate::config::Config;
use crate::evaluate::value::{Data, Value};
use crate::finding::{Confidence, Finding, Severity, Step};

/// Query parameters that carry a key in other APIs.
const KEYS: &[&str] = &["api_key", "apikey", "apiKey", "key", "access_token", "token", "auth_token", "auth"];

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in &context.calls {
        let request = call.request;
        let named = call.operation.is_none_or(|op| !op.query.iter().any(|name| KEYS.contains(&name.as_str())));
        let parameter = KEYS.iter().find(|key| named && call.parameters.has(key));
        let message = if request.bearer.is_some()
            || request.headers.iter().any(|headers| bearer(headers, context.config))
        {
            "An API call is authenticated with a bearer token. The API takes basic authentication only.".to_owned()
        } else if let Some(key) = parameter {
            format!(
                "An API call carries its key in the query parameter `{key}`. The API takes basic authentication only, and URLs are written to logs."
            )
        } else {
            continue;
        };
        findings.push(
            Finding::new("wrong-auth-scheme", Severity::Warning, Confidence::High, request.span, message)
                .label("not basic authentication")
                .help("send the API user's name and secret as basic authentication, read at run time: `Authorization: Basic …`")
                .trail(vec![Step { span: request.span, note: "sent here".to_owned() }]),
        );
    }
    findings
}

/// Whether headers hold an `Authorization` that begins with `Bearer`.
fn bearer(headers: &Value<'_>, config: &Config) -> bool {
    headers.alternatives().iter().any(|headers| match &*headers.data {
        Data::Object { fields, .. } => fields.iter().any(|(name, value)| {
            let values = value.alternatives();
            name.eq_ignore_ascii_case("authorization")
                && values.iter().all(|value| match &*value.data {
                    // A header's value that is kept from being shown holds its text.
                    Data::Instance { state, .. } => state.values().any(|value| names_bearer(value, config)),
                    _ => names_bearer(value, config),
                })
        }),
        _ => false,
    })
}

fn names_bearer(value: &Value<'_>, config: &Config) -> bool {
    let text = api_call::text(value, config);
    text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
}
