//! From modules to findings: link, evaluate, classify requests, ask the rules.

use crate::config::Config;
use crate::evaluate::evaluate;
use crate::evaluate::value::Leaf;
use crate::facts::Failure;
use crate::finding::Finding;
use crate::knowledge::libraries::Models;
use crate::program::link::{Program, Root, Specifiers};
use crate::program::tree::Module;
use crate::project::sides::places::SidePlaces;
use crate::settings::Settings;
use crate::timetables::Timetables;
use std::collections::BTreeSet;

/// Weaknesses of connections: transmission in the clear, and certificates that are not verified.
const ABOUT_CONNECTIONS: &[u32] = &[319, 295];

/// Text that must not be shown. Its debug form does not show it either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Takes a text that must not be shown.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

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
    /// Where the API is.
    pub addresses: crate::surroundings::Addresses,
    /// Findings, by place.
    pub findings: Vec<Finding>,
    /// Every call of the API.
    pub uses: Vec<crate::usage::Use>,
    /// Whether every call that can ask for anonymized data does, and there is one.
    pub anonymized: bool,
    /// Every text that authenticates any request.
    pub secrets: BTreeSet<Secret>,
    /// Where values stand under names of credentials, the API's or not: no excerpt shows them.
    pub secret_places: Vec<crate::span::Span>,
    /// Errors in the evaluator or in a rule: their findings are missing, the others stand.
    pub failures: Vec<Failure>,
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
    (settings, timetables): (&Settings, &Timetables),
) -> Outcome {
    let mut program = Program::link_files(modules, paths, roots, specifiers);
    let mut config = config.clone();
    config.base_url_variables.extend(settings.address_names(&config));
    let config = &config;
    program.environment = settings.environment();
    program.comments = modules.iter().map(|module| (module.file, module.comments.as_slice())).collect();
    program.documents = settings.documents();
    let is_test = |span| sides.at(span).side == crate::project::sides::Side::Test;
    let mut facts = evaluate(&program, models, &is_test);
    facts.leave_out(|span| settings.is_documentation(span));
    let context = crate::rules::Context::new(&program, &facts, config, sides, settings, timetables);
    let (mut findings, failed) = crate::rules::run(&context);
    let mut failures: Vec<Failure> = Vec::new();
    for failure in facts.failures.iter().cloned().chain(failed) {
        // One error is told once, however many entry points lead to it.
        if failures.iter().all(|known| known.problem != failure.problem) {
            failures.push(failure);
        }
    }
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
    let secret_places = crate::rules::secret_places(&context);
    // What is only named like a credential is hidden where it stands; a reported one wherever it stands.
    // Only rules about security report secrets; a time of day is none, and neither is an address or a switch.
    let secret = |rule: &str| {
        crate::cards::card(rule)
            .is_some_and(|card| card.cwe.iter().any(|weakness| !ABOUT_CONNECTIONS.contains(weakness)))
    };
    let reported: BTreeSet<(u32, u32)> = findings
        .iter()
        .filter(|found| secret(found.rule))
        .map(|found| (found.primary.file.0, found.primary.start))
        .collect();
    let holds =
        |span: crate::span::Span| reported.range((span.file.0, span.start)..(span.file.0, span.end)).next().is_some();
    for setting in settings.all.iter().filter(|setting| holds(setting.span)) {
        secrets.extend(written_forms(&setting.value));
    }
    Outcome {
        addresses: crate::rules::addresses::addresses(&context),
        findings,
        uses: crate::usage::uses(&context),
        anonymized: crate::usage::anonymized(&context),
        secrets,
        secret_places: secret_places.into_iter().collect(),
        failures,
    }
}

/// A secret as it may stand elsewhere: plain, as base64, and percent-encoded.
fn written_forms(secret: &str) -> Vec<Secret> {
    use base64::Engine as _;
    let secret = secret.trim();
    // A short word stands in too many places to be masked everywhere.
    const LENGTH: usize = 8;
    if secret.len() < LENGTH {
        return Vec::new();
    }
    let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    vec![Secret(secret.to_owned()), Secret(encoded), Secret(percent)]
}
