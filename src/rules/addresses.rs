//! Where the API is, as requests and settings tell: what a first configuration names.

use super::{Context, api_call};
use crate::evaluate::value::{Data, Label, Piece, Value};
use crate::knowledge::api::{Segment, api};
use crate::knowledge::words::names_product;
use crate::surroundings::Addresses;
use std::collections::BTreeSet;

/// Hosts of the API, hosts that may be the API's, and variables with its address.
pub(crate) fn addresses(context: &Context<'_, '_>) -> Addresses {
    let mut found = Addresses::default();
    for (number, request) in context.facts.requests.iter().enumerate() {
        let reaches = context.api.contains_key(&number);
        for url in request.url.alternatives() {
            if reaches {
                found.hosts.extend(api_call::host(context, &url));
                begins_with(&url, 12, &mut found.variables);
            } else if let Some(host) = candidate(&api_call::text(&url, context.config)) {
                let named = names_product(&host);
                found.candidates.insert(host, named);
            }
        }
    }
    found.variables.extend(context.settings.address_names(context.config));
    found
}

/// The environment variables that a URL begins with, behind its scheme.
fn begins_with(value: &Value<'_>, depth: usize, found: &mut BTreeSet<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    found.extend(value.labels.iter().filter_map(|label| match label {
        Label::Environment(name) => Some(name.to_string()),
        _ => None,
    }));
    match &*value.data {
        Data::Union(all) => all.iter().for_each(|one| begins_with(one, depth, found)),
        Data::Text(pieces) => {
            let scheme = |piece: &&Piece<'_>| matches!(piece, Piece::Known(text, _) if text.ends_with("://"));
            if let Some(Piece::Hole(value)) = pieces.iter().find(|piece| !scheme(piece)) {
                begins_with(value, depth, found);
            }
        }
        _ => {}
    }
}

/// The host of a URL that has the API's base path and one of its operations behind it.
fn candidate(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let path = path.strip_prefix(api().base_path.trim_matches('/'))?.split(['?', '#']).next()?;
    let segments: Vec<Segment> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| if segment.contains('\0') { Segment::Hole } else { Segment::Known(segment.to_owned()) })
        .collect();
    let plain = host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let known = matches!(segments.first(), Some(Segment::Known(_))) && !api().matches(None, &segments).is_empty();
    (plain && known).then_some(host)
}
