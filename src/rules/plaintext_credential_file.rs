//! `plaintext-credential-file`: a file that holds API credentials goes into git or into an image.

use super::Context;
use super::written::Written;
use crate::finding::{Confidence, Finding, Severity};
use crate::project::exposure::Git;
use std::collections::BTreeMap;

const MESSAGE_END: &str = "Disable the API user in the Cerbo interface and request new credentials.";
const INSTEAD: &str =
    "keep the file out: list it in `.gitignore` and `.dockerignore`, and hand the credential over at run time";

/// The first credential of each file that holds settings.
pub(super) fn files<'c>(context: &'c Context<'_, '_>) -> BTreeMap<u32, &'c Written> {
    let mut first: BTreeMap<u32, &Written> = BTreeMap::new();
    for written in context.written.iter().filter(|written| !written.support && !written.commented) {
        if context.settings.file(written.span).is_some_and(|file| file.kind.is_configuration()) {
            first.entry(written.span.file.0).or_insert(written);
        }
    }
    first
}

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, written) in files(context) {
        let Some(facts) = context.settings.files.get(file as usize) else { continue };
        let what = match facts.exposure.git {
            Git::Tracked => Some(
                "Git tracks a file that holds an API credential in plain text: it is in every clone and in the history.",
            ),
            Git::Untracked => Some(
                "A file that holds an API credential in plain text is not ignored by git: the next commit takes it.",
            ),
            Git::None => None,
        };
        if let Some(what) = what {
            findings.push(
                finding(written.span, format!("{what} {MESSAGE_END}")).label("credential in a file that git takes"),
            );
        }
        for image in context.settings.images.iter().filter(|image| image.files.contains(&written.span.file)) {
            let what = "An image is built with a file that holds an API credential in plain text: whoever has the image has the credential.";
            findings.push(
                finding(image.span, format!("{what} {MESSAGE_END}"))
                    .label("takes the file into the image")
                    .related(written.span, "the credential"),
            );
        }
    }
    findings
}

fn finding(span: crate::span::Span, message: String) -> Finding {
    Finding::new("plaintext-credential-file", Severity::Warning, Confidence::High, span, message).help(INSTEAD)
}
