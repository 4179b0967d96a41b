//! `login-credential-mixed`: the API's credential is used where people log in, or what people log in with is used for the API.

use super::{Context, api_call, secrets};
use crate::evaluate::value::{Data, Label, Piece, Value};
use crate::facts::Request;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;
use crate::knowledge::words::{Shape, is_placeholder, shape, words};

const RULE: &str = "login-credential-mixed";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, request) in context.facts.requests.iter().enumerate() {
        let reaches = context.api.contains_key(&number);
        let checks_user = reaches && checks_user(context, number);
        if checks_user || is_login_page(context, request) {
            let sent = request.body.iter().chain(&request.query);
            // The call that checks a user authenticates itself as every other.
            let own = secrets(request).into_iter().filter(|_| !checks_user);
            if let Some(part) = sent.chain(own).find_map(|value| credential(context, value)) {
                findings.push(api_for_login(request, part, checks_user));
            }
        }
        if reaches && let Some(part) = secrets(request).into_iter().find_map(|secret| entered(secret)) {
            findings.push(login_for_api(request, part));
        }
    }
    findings
}

fn api_for_login(request: &Request<'_>, part: &Value<'_>, checks_user: bool) -> Finding {
    let message = if checks_user {
        "The API's credential is sent where the login of a user or patient is checked. It is none, and attempts that fail lock the operation."
    } else {
        "The API's credential is sent to the page where people log in. It is no login there, and whoever sees the attempt has the credential."
    };
    let mut trail = part.steps();
    trail.push(Step { span: request.span, note: "and is sent as a login here".to_owned() });
    Finding::new(RULE, Severity::Warning, Confidence::High, request.span, message)
        .label("API credential as a login")
        .help("call the API itself with basic authentication; what only the user interface offers is for people with an account")
        .trail(trail)
}

fn login_for_api(request: &Request<'_>, part: &Value<'_>) -> Finding {
    let message = "What a person entered authenticates an API call. Accounts of the user interface are not API users, and a person's password belongs in no integration.";
    let mut trail = part.steps();
    trail.push(Step { span: request.span, note: "and authenticates an API call here".to_owned() });
    Finding::new(RULE, Severity::Warning, Confidence::High, request.span, message)
        .label("authenticated with what a person entered")
        .help("authenticate with the API user's credential from the server's settings; check a person's login with a `validate_credentials` operation")
        .trail(trail)
}

/// Whether a request goes to a page where people log in to the record system.
fn is_login_page(context: &Context<'_, '_>, request: &Request<'_>) -> bool {
    request.url.alternatives().iter().any(|url| {
        let Some(path) = api_call::path_on_host(context, url) else { return false };
        let path = path.split(['?', '#']).next().unwrap_or("");
        !path.contains("validate_credentials")
            && !path.trim_start_matches('/').starts_with("api/")
            && path.split(['/', '.']).any(is_login)
    })
}

fn is_login(part: &str) -> bool {
    let words = words(part);
    let joined = words.concat();
    api().login_words.iter().any(|word| *word == joined || words.contains(word))
}

/// Whether a request asks if a user's or patient's login is right.
fn checks_user(context: &Context<'_, '_>, number: usize) -> bool {
    let paths = context.api.get(&number).into_iter().flatten();
    paths.into_iter().any(|path| {
        api().matches(None, path).first().is_some_and(|operation| operation.kind == "validate")
            && matches!(path.last(), Some(crate::knowledge::api::Segment::Known(last)) if last == "validate_credentials")
    })
}

/// The API's credential in a value.
fn credential<'v, 'p>(context: &Context<'_, '_>, value: &'v Value<'p>) -> Option<&'v Value<'p>> {
    if let Some(held) = context.credentials.held(value) {
        return Some(held.part);
    }
    let mut found = None;
    value.parts(&mut |part| {
        if let Data::Text(pieces) = &*part.data
            && let [Piece::Known(text, _)] = pieces.as_slice()
            && shape(text) == Some(Shape::Secret)
            && !is_placeholder(text, &context.config.placeholders)
        {
            found = found.or(Some(part));
        }
        found.is_none()
    });
    found
}

/// What a person entered in a value that authenticates. A header that the caller sent and that is passed on whole is the
/// caller's own API credential.
fn entered<'v, 'p>(secret: &'v Value<'p>) -> Option<&'v Value<'p>> {
    let is_entered = |value: &Value<'_>| value.labels.contains(&Label::UserInput);
    if is_entered(secret) && matches!(*secret.data, Data::Unknown) {
        let named = |label: &Label| matches!(label, Label::Named(name) | Label::Field(_, name) if is_password(name));
        return secret.labels.iter().any(named).then_some(secret);
    }
    let mut found = None;
    value_parts(secret, &mut |part| {
        if is_entered(part) && matches!(*part.data, Data::Unknown) {
            found = found.or(Some(part));
        }
    });
    found
}

fn value_parts<'v, 'p>(value: &'v Value<'p>, visit: &mut dyn FnMut(&'v Value<'p>)) {
    value.parts(&mut |part| {
        visit(part);
        true
    });
}

fn is_password(name: &str) -> bool {
    const WORDS: &[&str] = &["password", "passwd", "pass", "pwd", "passphrase", "pin"];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}
