//! `patient-data-logged`: data about patients is written to a log or handed to an error tracker.

use super::Context;
use super::patient_data::PatientData;
use crate::facts::SinkKind;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::program::tree::HoleStyle;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let patients = PatientData::of(context);
    let mut findings = Vec::new();
    for sink in &context.facts.sinks {
        let place = match sink.kind {
            SinkKind::Log => "written to a log",
            SinkKind::Output => "printed with all its fields",
            SinkKind::Tracker => "handed to an error tracker",
            SinkKind::Panic => "part of the message the program dies with",
            _ => continue,
        };
        // What a program prints for people is what it is for; its structures are printed for its makers.
        let written =
            sink.values.iter().filter(|written| sink.kind != SinkKind::Output || written.style == HoleStyle::Debug);
        let found = written.into_iter().find_map(|written| patients.in_value(context, &written.value, sink));
        let Some(found) = found else { continue };
        let mut trail = Vec::new();
        if let Some(request) = context.facts.requests.get(found.request) {
            trail.push(Step { span: request.span, note: "this API call is about patients".to_owned() });
        }
        trail.extend(found.steps);
        trail.push(Step { span: sink.span, note: format!("{} is {place} here", found.what) });
        findings.push(
            Finding::new(
                "patient-data-logged",
                Severity::Warning,
                Confidence::Medium,
                sink.span,
                format!("Patient data is {place}: {}.", found.what),
            )
            .label("patient data")
            .help("write ids, counts and statuses; look the patient up in the EHR when you need more")
            .trail(trail),
        );
    }
    findings
}
