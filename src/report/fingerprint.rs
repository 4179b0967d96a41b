//! Fingerprints: the identity of a finding, which neither moves with its line nor depends on the secret in it.

use super::Report;
use crate::finding::Finding;
use std::collections::HashMap;

/// One fingerprint for each finding, in order: rule, path, masked line without blanks, and the number among equals.
pub fn fingerprints(report: &Report) -> Vec<String> {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    report
        .findings
        .iter()
        .map(|finding| {
            let hash = fnv(&context(report, finding));
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:016x}:{count}")
        })
        .collect()
}

fn context(report: &Report, finding: &Finding) -> String {
    let Some(file) = report.sources.get(finding.primary.file) else { return finding.rule.to_owned() };
    let line = file.excerpt_line(file.position(finding.primary.start).line);
    // The mask is as long as the secret: a new secret must not make a new finding.
    let mut shape = String::new();
    for character in line.as_str().chars().filter(|c| !c.is_whitespace()) {
        if character != crate::source::MASK || !shape.ends_with(character) {
            shape.push(character);
        }
    }
    format!("{}\0{}\0{shape}", finding.rule, file.path)
}

/// FNV-1a, 64 bits: stable over versions and machines, which the standard library's hasher is not.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
