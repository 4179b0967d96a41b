//! Fingerprints: a name for each finding of a report, which neither moves with its line nor depends on the secret in it.

use super::Report;
use crate::identity::{context, identity, number};
use std::collections::HashMap;

/// The identity and the fingerprint of each finding, in order. A fingerprint is made of rule, path and context, and of the
/// number among those that are equal in these.
pub fn fingerprints(report: &Report) -> Vec<(String, String)> {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    report
        .findings
        .iter()
        .map(|finding| {
            let others: Vec<_> = finding.trail.iter().chain(&finding.related).map(|step| step.span).collect();
            let identity = identity(&report.sources, finding.primary, &others);
            let path = report.sources.get(finding.primary.file).map_or("", |file| &file.path);
            let hash = number(&format!("{}\0{path}\0{}", finding.rule, context(&identity)));
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            (identity, format!("{hash:016x}:{count}"))
        })
        .collect()
}
