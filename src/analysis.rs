//! From modules to findings: link, evaluate, classify requests, ask the rules.

use crate::evaluate::evaluate;
use crate::finding::Finding;
use crate::knowledge::libraries::Libraries;
use crate::program::link::{Program, Root};
use crate::program::tree::Module;

/// Analyses the modules of one project. `paths` are their file paths, `/`-separated, in the same order.
pub fn analyze(modules: &[Module], paths: &[&str], roots: &[Root]) -> Vec<Finding> {
    let program = Program::link(modules, paths, roots);
    let facts = evaluate(&program, Libraries::bundled("rust"), &[]);
    let context = crate::rules::Context::new(&program, &facts);
    let mut findings = crate::rules::run(&context);
    findings.sort_by(|a, b| (a.primary, a.rule).cmp(&(b.primary, b.rule)));
    findings.dedup_by(|a, b| a.primary == b.primary && a.rule == b.rule);
    findings
}
