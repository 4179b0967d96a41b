//! `credential-in-public-root`: a credential stands in a file under a folder that a server hands out.

use super::{Context, api_call, secret_leaves, secrets};
use crate::facts::SinkKind;
use crate::finding::{Confidence, Finding, Severity};
use crate::settings::ServedRoot;
use crate::span::Span;
use std::collections::BTreeMap;

/// How the models of libraries write the folder of a file.
const FOLDER_OF_FILE: &str = "{folder of the file}";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let roots = roots(context);
    let mut findings = Vec::new();
    for span in first_of_each_file(context).into_values() {
        let Some(file) = context.settings.file(span) else { continue };
        // The narrowest folder says most.
        let around = roots.iter().filter(|root| file.place.starts_with(&root.folder));
        let said = around.max_by_key(|root| root.folder.as_os_str().len());
        let (what, confidence) = match (said, file.exposure.served.as_deref()) {
            (Some(_), _) => ("lies under a folder that is handed out by a server".to_owned(), Confidence::High),
            (None, Some(folder)) => {
                (format!("lies under `{folder}`, a folder that web servers hand out"), Confidence::Medium)
            }
            (None, None) => continue,
        };
        let message = format!(
            "A file with an API credential {what}. Anybody can fetch it: disable the API user in the Cerbo interface and request new credentials."
        );
        let finding = Finding::new("credential-in-public-root", Severity::Error, confidence, span, message)
            .label("credential in a served folder")
            .help("move the file outside of every served folder and read the credential at run time");
        findings.push(match said {
            Some(root) => finding.related(root.said, "says which folder is handed out"),
            None => finding,
        });
    }
    findings
}

/// The first credential of each file: all of a file is handed out.
fn first_of_each_file(context: &Context<'_, '_>) -> BTreeMap<u32, Span> {
    let requested = context.api_requests().flat_map(secrets);
    let requested = requested.flat_map(|secret| secret_leaves(&context.config.placeholders, secret));
    let written = context.written.iter().map(|written| written.span);
    let mut first: BTreeMap<u32, Span> = BTreeMap::new();
    for span in written.chain(requested.map(|(span, _)| span)) {
        let known = first.entry(span.file.0).or_insert(span);
        *known = (*known).min(span);
    }
    first
}

/// The folders that configuration and code say are handed out.
fn roots(context: &Context<'_, '_>) -> Vec<ServedRoot> {
    let mut roots = context.settings.served.clone();
    for sink in context.facts.sinks(SinkKind::Served) {
        let Some(file) = context.settings.file(sink.span) else { continue };
        for target in sink.target.iter().flat_map(|target| target.alternatives()) {
            let text = api_call::text(&target, context.config);
            // What is not known before a path is the folder of the file or the package.
            let path = text.trim_start_matches('\0').trim_start_matches(FOLDER_OF_FILE);
            let path = if path.len() < text.len() { path.trim_start_matches('/') } else { path };
            if path.contains('\0') || path.is_empty() && text.starts_with('\0') {
                continue;
            }
            let near = file.place.parent().map(|folder| crate::settings::plain(&folder.join(path)));
            let near = near.filter(|folder| path.len() < text.len() && crate::project::disk::is_folder(folder));
            let folder = near.or_else(|| context.settings.folder_named(path, &file.place));
            roots.extend(folder.map(|folder| ServedRoot { folder, said: sink.span }));
        }
    }
    roots
}
