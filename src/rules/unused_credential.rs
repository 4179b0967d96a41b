//! `unused-credential`: API credentials are configured in a project whose code has nothing to do with the API.

use super::Context;
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    // Code in languages that are not followed may use them.
    let code = context.settings.code > 0 && !context.settings.other_code;
    let uses = !context.api.is_empty()
        || context
            .settings
            .files
            .iter()
            .any(|file| file.kind.is_code() && (file.evidence.product || file.evidence.host));
    if !code || uses {
        return Vec::new();
    }
    let configured = super::plaintext_credential_file::files(context).into_values();
    configured
        .filter(|written| written.used.is_none() && !written.default)
        .map(|written| {
            let message = "An API credential is configured, and no code of this project calls the API. An API user that nobody needs is one more way in: ask for it to be disabled.";
            Finding::new("unused-credential", Severity::Note, Confidence::Medium, written.span, message)
                .label("nothing reads it")
                .help("disable the API user in the Cerbo interface and remove its credentials")
        })
        .collect()
}
