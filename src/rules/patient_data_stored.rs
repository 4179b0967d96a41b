//! `patient-data-stored`: data about patients is kept where other people or programs can read it.

use super::patient_data::PatientData;
use super::{Context, api_call};
use crate::facts::{Sink, SinkKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::file_modes::Readers;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let patients = PatientData::of(context);
    let mut findings = Vec::new();
    for sink in &context.facts.sinks {
        let (place, help) = match sink.kind {
            SinkKind::BrowserStore => (
                "in the browser",
                "keep it on the server and send what the page shows; every script of the page can read what a browser keeps",
            ),
            SinkKind::File if is_shared(context, sink) => (
                "in a temporary file that other users of the machine can read",
                "write to a folder of the program's own, or create the file so that only its owner can read it",
            ),
            _ => continue,
        };
        let found = sink.values.iter().find_map(|written| patients.in_value(context, &written.value, sink));
        let Some(found) = found else { continue };
        let mut trail = Vec::new();
        if let Some(request) = context.facts.requests.get(found.request) {
            trail.push(Step { span: request.span, note: "this API call is about patients".to_owned() });
        }
        trail.extend(found.steps);
        trail.push(Step { span: sink.span, note: format!("{} is kept here", found.what) });
        findings.push(
            Finding::new(
                "patient-data-stored",
                Severity::Warning,
                Confidence::Medium,
                sink.span,
                format!("Patient data is kept {place}: {}.", found.what),
            )
            .label("patient data")
            .help(help)
            .trail(trail),
        );
    }
    findings
}

/// Whether a file is in a folder that everyone on the machine can read.
fn is_shared(context: &Context<'_, '_>, sink: &Sink<'_>) -> bool {
    const FOLDERS: &[&str] = &["/tmp/", "/var/tmp/", "/dev/shm/"];
    let Some(target) = sink.target.as_ref().filter(|_| sink.readers != Some(Readers::Owner)) else { return false };
    target.alternatives().iter().any(|path| {
        let path = api_call::text(path, context.config);
        FOLDERS.iter().any(|folder| path.starts_with(folder))
    })
}
