//! `credential-in-public-root`: a credential stands in a file under a folder that a server hands out.

use super::Context;
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for written in &context.written {
        let served = context.settings.file(written.span).and_then(|file| file.exposure.served.as_deref());
        let Some(folder) = served else { continue };
        // One for each file: all of it is handed out.
        if findings.iter().any(|found| found.primary.file == written.span.file) {
            continue;
        }
        let message = format!(
            "A file with an API credential lies under `{folder}`, a folder that web servers hand out. Anybody can fetch it: disable the API user in the Cerbo interface and request new credentials."
        );
        findings.push(
            Finding::new("credential-in-public-root", Severity::Error, Confidence::Medium, written.span, message)
                .label("credential in a served folder")
                .help("move the file outside of every served folder and read the credential at run time"),
        );
    }
    findings
}
