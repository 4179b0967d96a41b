//! Rules: short questions over the facts. One file a rule.

pub(crate) mod addresses;
mod api_call;
mod base64_credential;
mod cleartext_transport;
mod client_exposed_variable;
mod client_side_use;
mod company;
mod compiled_in_credential;
mod concurrent_requests;
mod credential_file_permissions;
mod credential_in_argument;
mod credential_in_public_root;
mod credential_in_support_material;
mod credentials;
mod debug_derived_credential;
mod embedded_credential;
mod error_exposes_credential;
mod extended_details;
mod form_to_api;
mod logged_credential;
mod login_credential_mixed;
mod patient_data;
mod patient_data_logged;
mod patient_data_stored;
mod plaintext_credential_file;
mod production_in_test;
mod response_forwarded;
mod side;
mod tls_verification_disabled;
mod unconditional_patch;
mod unused_credential;
mod url_userinfo;
pub mod usage;
mod written;

pub(crate) use side::runs;

use crate::config::{Config, Scope};
use crate::evaluate::value::{Label, Leaf, Value};
use crate::facts::{Facts, Failure, Request};
use crate::finding::Finding;
use crate::guard::guarded;
use crate::knowledge::api::Segment;
use crate::program::link::Program;
use crate::project::sides::places::SidePlaces;
use crate::settings::Settings;
use crate::span::Span;
use crate::timetables::Timetables;
use std::collections::{BTreeSet, HashMap};

/// What rules look at.
pub struct Context<'a, 'p> {
    /// The linked program.
    pub program: &'a Program<'p>,
    /// What the evaluator saw.
    pub facts: &'a Facts<'p>,
    /// The requests that reach the API by number, with the paths they can reach.
    pub api: HashMap<usize, Vec<Vec<Segment>>>,
    /// Requests of the same kind that only documentation shows: what people are told to run by hand.
    documented: BTreeSet<usize>,
    /// What the project says about itself.
    pub config: &'a Config,
    /// Where code runs.
    pub sides: &'a SidePlaces,
    /// What configuration, code and text write down under names.
    pub settings: &'a Settings,
    /// Credentials among the settings that no API call was seen to take.
    written: Vec<written::Written>,
    /// What starts parts of the program at set times, and what commands can name.
    pub timetables: &'a Timetables,
    /// The requests that reach the API as calls of its operations.
    pub calls: Vec<usage::operation::Call<'a, 'p>>,
    /// What the requests that reach the API have in common.
    company: company::Company,
    /// The fields read from each request's reply, by number.
    pub reads: HashMap<usize, Vec<&'a str>>,
    credentials: credentials::Credentials,
}

impl<'a, 'p> Context<'a, 'p> {
    /// Classifies the requests.
    pub fn new(
        program: &'a Program<'p>,
        facts: &'a Facts<'p>,
        config: &'a Config,
        sides: &'a SidePlaces,
        settings: &'a Settings,
        timetables: &'a Timetables,
    ) -> Self {
        let paths = facts.requests.iter().map(|request| api_call::api_paths(program, config, request));
        let mut api: HashMap<_, _> = paths.enumerate().filter(|(_, paths)| !paths.is_empty()).collect();
        let shown = |number: &usize| facts.requests.get(*number).is_some_and(|r| settings.is_documentation(r.span));
        let documented: BTreeSet<usize> = api.keys().copied().filter(shown).collect();
        api.retain(|number, _| !documented.contains(number));
        let of = |number: &usize| facts.requests.get(*number);
        let known = api.iter().filter_map(|(number, paths)| Some((of(number)?, paths.as_slice())));
        let company = company::Company::of(known, config);
        for (number, request) in facts.requests.iter().enumerate() {
            if !api.contains_key(&number) && company.holds(request, config) {
                let paths = api_call::mistaken_paths(program, config, request);
                api.extend((!paths.is_empty()).then_some((number, paths)));
            }
        }
        let reaching = facts.requests.iter().enumerate().filter(|(number, _)| api.contains_key(number));
        let credentials = credentials::Credentials::of(reaching.map(|(_, request)| request), config);
        let mut reads: HashMap<usize, Vec<&'a str>> = HashMap::new();
        for read in &facts.reads {
            reads.entry(read.request).or_default().push(&read.field);
        }
        let (written, calls) = (Vec::new(), Vec::new());
        let mut context = Self {
            program,
            facts,
            api,
            documented,
            config,
            sides,
            settings,
            written,
            credentials,
            timetables,
            calls,
            company,
            reads,
        };
        context.written = context.written_credentials();
        context.calls = usage::operation::Call::all(program, &context);
        context
    }

    /// Judges the settings. What the evaluator saw in a request is left to the rules over requests.
    fn written_credentials(&self) -> Vec<written::Written> {
        let mut proven = HashMap::new();
        let mut known = Vec::new();
        for (number, request) in self.facts.requests.iter().enumerate() {
            // What documentation shows is judged as text.
            if self.settings.is_documentation(request.span) {
                continue;
            }
            let reaches = self.api.contains_key(&number);
            if !reaches && !api_call::has_known_host(self.config, request) {
                continue;
            }
            for secret in secrets(request) {
                known.extend(secret_leaves(&self.config.placeholders, secret).into_iter().map(|(span, _)| span));
                for label in labels(secret).into_iter().filter(|_| reaches) {
                    if let Label::Environment(name) = label {
                        proven.entry(name.to_string()).or_insert(request.span);
                        // What holds the part that authenticates holds a credential.
                        let whole = name.split('.').next().unwrap_or_default();
                        proven.entry(whole.to_owned()).or_insert(request.span);
                    }
                }
            }
        }
        known.extend(url_userinfo::requested(self).into_iter().map(|finding| finding.primary));
        let project = !self.api.is_empty()
            || self.settings.about_api
            || self
                .settings
                .files
                .iter()
                .filter(|file| !file.hidden)
                .any(|file| file.evidence.host || file.evidence.product && !file.evidence.other);
        let keys: HashMap<String, Span> =
            proven.iter().map(|(name, span)| (crate::settings::key_of_setting(name), *span)).collect();
        let judge =
            written::Judge { settings: self.settings, config: self.config, proven: &proven, keys: &keys, project };
        written::written(&judge, &known)
    }

    /// Requests the run is about, each with whether it reaches the API: those that do, and in scope `any` then those to
    /// other services.
    pub fn requests_in_scope(&self) -> impl Iterator<Item = (&'a Request<'p>, bool)> {
        let (api, scope) = (&self.api, self.config.scope);
        let others = self.facts.requests.iter().enumerate();
        let others = others.filter(move |(number, _)| scope == Scope::Any && !api.contains_key(number));
        self.api_requests().map(|request| (request, true)).chain(others.map(|(_, request)| (request, false)))
    }

    /// Requests that reach the API, and those that documentation tells people to send.
    pub fn api_requests_anywhere(&self) -> impl Iterator<Item = &'a Request<'p>> {
        let facts = self.facts;
        self.api_requests().chain(self.documented.iter().filter_map(move |number| facts.requests.get(*number)))
    }

    /// Requests that reach the API.
    pub fn api_requests(&self) -> impl Iterator<Item = &'a Request<'p>> {
        let api = &self.api;
        self.facts
            .requests
            .iter()
            .enumerate()
            .filter(|(number, _)| api.contains_key(number))
            .map(|(_, request)| request)
    }
}

/// A rule: what it finds.
type Rule = fn(&Context<'_, '_>) -> Vec<Finding>;

/// Runs every rule.
pub fn run(context: &Context<'_, '_>) -> (Vec<Finding>, Vec<Failure>) {
    let rules: [Rule; _] = [
        base64_credential::check,
        cleartext_transport::check,
        credential_in_argument::check,
        client_exposed_variable::check,
        client_side_use::check,
        compiled_in_credential::check,
        concurrent_requests::check,
        credential_file_permissions::check,
        credential_in_public_root::check,
        credential_in_support_material::check,
        debug_derived_credential::check,
        plaintext_credential_file::check,
        unused_credential::check,
        embedded_credential::check,
        error_exposes_credential::check,
        extended_details::check,
        form_to_api::check,
        logged_credential::check,
        login_credential_mixed::check,
        patient_data_logged::check,
        patient_data_stored::check,
        production_in_test::check,
        response_forwarded::check,
        tls_verification_disabled::check,
        unconditional_patch::check,
        url_userinfo::check,
    ];
    let (mut findings, mut failures) = (Vec::new(), Vec::new());
    for rule in rules.iter().chain(usage::RULES) {
        match guarded(|| rule(context)) {
            Ok(found) => findings.extend(found),
            Err(problem) => failures.push(Failure { span: Span::default(), problem }),
        }
    }
    (findings, failures)
}

/// Where values stand that no excerpt may show: what is reported, and what goes by the name of a credential.
pub(crate) fn secret_places(context: &Context<'_, '_>) -> BTreeSet<Span> {
    let named = context.settings.all.iter().filter(|setting| {
        let name = crate::knowledge::words::credential_name(&setting.name);
        // All values of a Kubernetes Secret are kept back, the users' names as well.
        (setting.encoded || name == Some(crate::knowledge::words::CredentialName::Secret))
            && setting.value.len() >= 4
            && !crate::knowledge::words::is_placeholder(&setting.value, &context.config.placeholders)
    });
    named.map(|setting| setting.span).chain(context.written.iter().map(|written| written.span)).collect()
}

/// The values that authenticate a request: its secret, and the headers that carry one.
pub(crate) fn secrets<'r, 'p>(request: &'r Request<'p>) -> Vec<&'r Value<'p>> {
    let headers = request.headers.iter().filter_map(|headers| match &*headers.data {
        crate::evaluate::value::Data::Object { fields, .. } => {
            fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value)
        }
        _ => None,
    });
    request.secret.iter().chain(&request.bearer).chain(headers).collect()
}

/// The part of a written text that can be a secret: without the scheme of a header and the colon between user and secret.
/// None for a placeholder and for text that no source file holds.
fn written_secret<'t>(placeholders: &[String], text: &'t str, span: crate::span::Span) -> Option<&'t str> {
    let text = text.trim().trim_matches(':');
    let schemes = ["basic", "bearer"];
    let named = |scheme: &&&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let scheme = schemes.iter().find(named).map_or(0, |scheme| scheme.len());
    let text = text.get(scheme..).unwrap_or("").trim();
    let written = span != crate::span::Span::default();
    let real = written && !crate::knowledge::words::is_placeholder(text, placeholders);
    real.then_some(text)
}

/// The secret texts written in a value: its text leaves, without what stands before the colon of `user:secret` and without
/// placeholders.
fn secret_leaves<'v, 'p>(placeholders: &[String], value: &'v Value<'p>) -> Vec<(crate::span::Span, &'v Value<'p>)> {
    let mut leaves = Vec::new();
    value.leaves(&|_| false, &mut |leaf| match leaf {
        Leaf::Text(text, span, holder) => leaves.push((text, span, holder)),
        // The secret may be what is not known; then the user's name before it is none.
        Leaf::Unknown(holder) => leaves.push(("", crate::span::Span::default(), holder)),
    });
    let colon = leaves.iter().position(|(text, ..)| text.contains(':')).unwrap_or(0);
    // What stands before the colon in the same text is the user too.
    if let Some((text, ..)) = leaves.get_mut(colon) {
        *text = text.split_once(':').map_or(*text, |(_, behind)| behind);
    }
    let secrets =
        leaves.into_iter().skip(colon).filter(|(text, span, _)| written_secret(placeholders, text, *span).is_some());
    secrets.map(|(_, span, holder)| (span, holder)).collect()
}

/// Every label on a value or in it.
fn labels(value: &Value<'_>) -> Vec<Label> {
    let mut found: Vec<Label> = value.labels.to_vec();
    value.leaves(&|_| false, &mut |leaf| {
        let value = match leaf {
            Leaf::Text(_, _, value) | Leaf::Unknown(value) => value,
        };
        found.extend(value.labels.iter().cloned());
    });
    found
}
