//! What becomes of the findings: those that were not asked for, are suppressed, or are silenced by the configuration are
//! taken out.

use crate::config::{Config, Level};
use crate::finding::{Confidence, Finding};
use crate::report::Report;
use crate::scan::Request;
use crate::span::FileId;
use std::collections::HashSet;
use std::path::PathBuf;

/// Takes them out. `places` are the files' paths, absolute, in order of their ids; `asked` tells whether a file was asked
/// for.
pub(crate) fn settle(
    report: &mut Report,
    request: &Request,
    config: &Config,
    places: &[PathBuf],
    asked: &dyn Fn(FileId) -> bool,
) {
    let least = request.min_confidence.or(config.min_confidence).unwrap_or(Confidence::Medium);
    let mut findings = std::mem::take(&mut report.findings);
    let mut seen = HashSet::new();
    findings.retain_mut(|finding| {
        let place = places.get(finding.primary.file.0 as usize);
        let silent = !asked(finding.primary.file)
            || !wanted(request, finding)
            || finding.confidence < least
            || place.is_some_and(|path| config.ignores(finding.rule, path));
        if silent || !seen.insert((finding.rule, finding.primary)) {
            return false;
        }
        match config.severity.get(finding.rule).map(|level| Level::severity(*level)) {
            Some(Some(severity)) => finding.severity = severity,
            Some(None) => return false,
            None => {}
        }
        true
    });
    report.suppressed = findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    findings.retain(|finding| request.include_suppressed || finding.suppressed.is_none());
    report.findings = findings;
    report.notifications.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    report.notifications.dedup();
}

fn wanted(request: &Request, finding: &Finding) -> bool {
    (request.select.is_empty() || request.select.iter().any(|rule| rule == finding.rule))
        && !request.ignore.iter().any(|rule| rule == finding.rule)
}
