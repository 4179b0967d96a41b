//! From modules to findings: link, evaluate, classify requests, ask the rules.

use crate::config::Config;
use crate::evaluate::evaluate;
use crate::evaluate::value::Leaf;
use crate::finding::Finding;
use crate::knowledge::libraries::Models;
use crate::program::link::{Program, Root, Specifiers};
use crate::program::tree::Module;
use crate::project::sides::places::SidePlaces;
use std::collections::BTreeSet;

/// Text that must not be shown. Its debug form does not show it either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// The text, for masking it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What an analysis gives.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings, by place.
    pub findings: Vec<Finding>,
    /// Every text that authenticates any request.
    pub secrets: BTreeSet<Secret>,
}

/// Analyses the modules of one project. `paths` are their file paths, `/`-separated, in the same order; `sides` says where
/// their code runs.
pub fn analyze(
    modules: &[Module],
    paths: &[&str],
    (roots, specifiers): (&[Root], &Specifiers),
    config: &Config,
    models: &Models,
    sides: &SidePlaces,
) -> Outcome {
    let program = Program::link_files(modules, paths, roots, specifiers);
    let facts = evaluate(&program, models, &[]);
    let context = crate::rules::Context::new(&program, &facts, config, sides);
    let mut findings = crate::rules::run(&context);
    findings.sort_by(|a, b| (a.primary, a.rule).cmp(&(b.primary, b.rule)));
    findings.dedup_by(|a, b| a.primary == b.primary && a.rule == b.rule);
    let mut secrets = BTreeSet::new();
    for value in facts.requests.iter().flat_map(crate::rules::secrets) {
        value.leaves(&|_| false, &mut |leaf| {
            if let Leaf::Text(text, span, _) = leaf
                && span != crate::span::Span::default()
            {
                secrets.insert(Secret(text.trim_start_matches("Basic ").to_owned()));
            }
        });
    }
    Outcome { findings, secrets }
}
