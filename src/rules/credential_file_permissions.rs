//! `credential-file-permissions`: a file that holds API credentials can be read by others on the machine.

use super::Context;
use crate::finding::{Confidence, Finding, Severity};
use crate::project::exposure::Git;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    // What a checkout made has the modes of a checkout: there git is what exposes it, and nobody else is on the machine.
    let severity = if crate::project::disk::is_set("CI") { Severity::Note } else { Severity::Warning };
    let open = super::plaintext_credential_file::files(context).into_values().filter(|written| {
        let exposure = context.settings.file(written.span).map(|file| &file.exposure);
        exposure.is_some_and(|exposure| exposure.git != Git::None && exposure.readable_by_others)
    });
    open.map(|written| {
        let message = "Others on this machine can read a file that holds an API credential.";
        Finding::new("credential-file-permissions", severity, Confidence::High, written.span, message)
            .label("readable by group or others")
            .help("take the rights away (`chmod 600`) and let only the account that runs the program own the file")
    })
    .collect()
}
