//! Requests that are known by their company: they begin with the same variable, or are sent at the same place, as requests
//! for several of the API's operations.
//!
//! A name alone says too little about a path that the catalogue does not have: `CERBO_URL` may be the address of the clinic's
//! own service. When other requests behind it ask for operations of the API, it is the API's.

use super::api_call;
use super::usage::operation::methods;
use crate::config::Config;
use crate::evaluate::value::Label;
use crate::facts::Request;
use crate::knowledge::api::{Segment, api};
use crate::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Operations of the API that prove it.
const OPERATIONS: usize = 2;

/// What requests have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    /// The environment variable that holds the beginning of their URLs.
    Variable(String),
    /// Where they are sent.
    Place(Span),
}

/// What requests that ask for the API's operations have in common.
#[derive(Debug, Default)]
pub(super) struct Company(BTreeSet<Common>);

impl Company {
    /// Finds it among requests that reach the API, each with its paths.
    pub(super) fn of<'a, 'p: 'a>(
        requests: impl Iterator<Item = (&'a Request<'p>, &'a [Vec<Segment>])>,
        config: &Config,
    ) -> Self {
        let mut seen: BTreeMap<Common, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for (request, paths) in requests {
            let methods = methods(&request.method);
            let [method] = methods.as_slice() else { continue };
            let operations = paths.iter().filter_map(|path| api().matches(Some(method), path).into_iter().next());
            for operation in operations {
                for common in common(request, config) {
                    seen.entry(common).or_default().insert((&operation.method, &operation.path));
                }
            }
        }
        Self(seen.into_iter().filter(|(_, seen)| seen.len() >= OPERATIONS).map(|(common, _)| common).collect())
    }

    /// Whether a request keeps that company.
    pub(super) fn holds(&self, request: &Request<'_>, config: &Config) -> bool {
        common(request, config).iter().any(|common| self.0.contains(common))
    }
}

fn common(request: &Request<'_>, config: &Config) -> Vec<Common> {
    let variables = super::labels(&request.url).into_iter().filter_map(|label| match label {
        Label::Environment(name) if api_call::names_it(&Label::Environment(name.clone()), config) => {
            Some(Common::Variable(name.to_string()))
        }
        _ => None,
    });
    variables.chain([Common::Place(request.span)]).collect()
}
