//! `status-from-inactive`: a patient's status read from the field `inactive`.

use super::Context;
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in &context.calls {
        let about = call.operation.is_some_and(|op| {
            op.method == "GET"
                && matches!(op.path.as_str(), "/patients" | "/patients/search" | "/patients/{patient_id}")
        });
        if !about || call.reads(context).contains("patient_status_description") {
            continue;
        }
        for read in context.facts.reads.iter().filter(|read| read.request == call.number && read.field == "inactive") {
            let message = "A patient's status is read from `inactive`. It only says yes or no: prospective, inactive and deceased patients cannot be told apart.";
            let trail = vec![
                Step { span: call.request.span, note: "the patient is fetched here".to_owned() },
                Step { span: read.span, note: "and `inactive` is read here".to_owned() },
            ];
            findings.push(
                Finding::new("status-from-inactive", Severity::Note, Confidence::Medium, read.span, message)
                    .label("`inactive`")
                    .help("read `patient_status_description`")
                    .trail(trail),
            );
        }
    }
    findings
}
