//! `plaintext-credential-file`: a file that holds API credentials goes into git, into an image or into a package.

use super::Context;
use super::written::Written;
use crate::finding::{Confidence, Finding, Hint, Severity};
use crate::frontend::mentions::credential_file;
use crate::project::exposure::Git;
use crate::settings::HandedBy;
use std::collections::BTreeMap;

const MESSAGE_END: &str = "Disable the API user in the Cerbo interface and request new credentials.";
const INSTEAD: &str = "keep the file out: list it in `.gitignore`, `.dockerignore` and `.npmignore`, and hand the credential over at run time";

/// The first credential of each file that holds settings.
pub(super) fn files<'c>(context: &'c Context<'_, '_>) -> BTreeMap<u32, &'c Written> {
    let mut first: BTreeMap<u32, &Written> = BTreeMap::new();
    for written in context.written.iter().filter(|written| !written.support && !written.commented) {
        let holds = |file: &crate::settings::FileFacts| {
            file.kind.is_configuration() || credential_file(std::path::Path::new(&file.path)).is_some()
        };
        if context.settings.file(written.span).is_some_and(holds) {
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
        if let Some(what) = what.filter(|_| !facts.hidden) {
            findings.push(
                finding(written.span, format!("{what} {MESSAGE_END}"))
                    .label("credential in a file that git takes")
                    // What git tracks it keeps tracking.
                    .hint((facts.exposure.git == Git::Untracked).then_some(Hint::Ignore)),
            );
        }
        for handed in context.settings.handed.iter().filter(|handed| handed.files.contains(&written.span.file)) {
            let (what, label) = match handed.by {
                HandedBy::Image => (
                    "An image is built with a file that holds an API credential in plain text: whoever has the image has the credential.",
                    "takes the file into the image",
                ),
                HandedBy::Package => (
                    "A package is published with a file that holds an API credential in plain text: whoever installs the package has the credential.",
                    "takes the file into the package",
                ),
            };
            findings.push(
                finding(handed.span, format!("{what} {MESSAGE_END}"))
                    .label(label)
                    .related(written.span, "the credential"),
            );
        }
    }
    findings
}

fn finding(span: crate::span::Span, message: String) -> Finding {
    Finding::new("plaintext-credential-file", Severity::Warning, Confidence::High, span, message).help(INSTEAD)
}
