//! `credential-file-permissions`: a file that holds API credentials can be read by others on the machine.

use super::{Context, api_call};
use crate::facts::{Sink, SinkKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::file_modes::Readers;
use crate::knowledge::words::{is_credential_path, names_product};
use crate::project::exposure::Git;
use crate::span::Span;

const RULE: &str = "credential-file-permissions";
const HELP: &str = "take the rights away (`chmod 600`) and let only the account that runs the program own the file";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    on_disk(context).into_iter().chain(made(context)).chain(configured(context)).collect()
}

/// Files of the project that others can read now.
fn on_disk(context: &Context<'_, '_>) -> Vec<Finding> {
    // What a checkout made has the modes of a checkout: there git is what exposes it, and nobody else is on the machine.
    let severity = if crate::project::disk::is_set("CI") { Severity::Note } else { Severity::Warning };
    let open = super::plaintext_credential_file::files(context).into_values().filter(|written| {
        let exposure = context.settings.file(written.span).map(|file| &file.exposure);
        exposure.is_some_and(|exposure| exposure.git != Git::None && exposure.readable_by_others)
    });
    open.map(|written| {
        let message = "Others on this machine can read a file that holds an API credential.";
        Finding::new(RULE, severity, Confidence::High, written.span, message)
            .label("readable by group or others")
            .help(HELP)
    })
    .collect()
}

/// Files that the program makes, or gives rights to, so that every account of the machine can read them.
fn made(context: &Context<'_, '_>) -> Vec<Finding> {
    let path = |sink: &Sink<'_>| sink.target.as_ref().map(|target| api_call::text(target, context.config));
    let mut findings = Vec::new();
    for sink in context.facts.sinks.iter().filter(|sink| sink.readers == Some(Readers::Everyone)) {
        match sink.kind {
            SinkKind::File => {
                let held = sink.values.iter().find_map(|written| context.credentials.held(&written.value));
                findings.extend(held.map(|held| {
                    let mut trail = held.part.steps();
                    trail.push(Step {
                        span: sink.span,
                        note: "and is written to a file that everyone can read here".to_owned(),
                    });
                    finding(sink.span).trail(trail)
                }));
            }
            SinkKind::Rights => {
                let Some(file) = path(sink) else { continue };
                let writes = context.facts.sinks(SinkKind::File).find(|other| {
                    path(other).is_some_and(|other| other == file && !other.trim_matches('\0').is_empty())
                        && other.values.iter().any(|written| context.credentials.held(&written.value).is_some())
                });
                if let Some(other) = writes {
                    findings.push(finding(sink.span).related(other.span, "the credential is written to it here"));
                } else if is_credential_path(&file) {
                    findings.push(finding(sink.span));
                }
            }
            _ => {}
        }
    }
    findings
}

/// Files that configuration gives such rights to.
fn configured(context: &Context<'_, '_>) -> Vec<Finding> {
    let open = context.settings.modes.iter().filter(|mode| mode.readers == Readers::Everyone);
    let of_credential = open.filter(|mode| {
        mode.files.iter().any(|file| is_credential_path(file)) || mode.secrets.iter().any(|name| names_product(name))
    });
    of_credential.map(|mode| finding(mode.span)).collect()
}

fn finding(span: Span) -> Finding {
    let message = "A file that holds an API credential is made so that every account of the machine can read it.";
    Finding::new(RULE, Severity::Warning, Confidence::Medium, span, message).label("everyone can read it").help(HELP)
}
