//! Whether a request reaches the API, by the evidence of its URL.

use crate::config::Config;
use crate::evaluate::value::{Data, Label, Piece, Value};
use crate::facts::Request;
use crate::knowledge::api::{Segment, api};
use crate::knowledge::words::names_product;
use crate::program::link::Program;

/// The paths below the API's base path that a request can reach, in segments; empty when it does not reach the API.
pub(super) fn api_paths(program: &Program<'_>, config: &Config, request: &Request<'_>) -> Vec<Vec<Segment>> {
    let readings = request.url.alternatives().into_iter().flat_map(|url| readings(&url, config));
    let named = || wrapper_is_named(program, config, request) || access_is_named(config, request);
    let mut paths: Vec<Vec<Segment>> = Vec::new();
    for path in readings.filter_map(|reading| one(config, &reading, &named)) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// The paths of a request whose base is known to be the API's, as far as they are ones that people take for the API's.
pub(super) fn mistaken_paths(program: &Program<'_>, config: &Config, request: &Request<'_>) -> Vec<Vec<Segment>> {
    let readings = request.url.alternatives().into_iter().flat_map(|url| readings(&url, config));
    // A helper that sends for several services is no evidence for one of them.
    let named = wrapper_is_named(program, config, request) || access_is_named(config, request);
    let behind = readings.filter(|reading| reading.text.starts_with('\0') && (reading.named || named));
    behind
        .map(|reading| segments(reading.text.trim_start_matches('\0')))
        .filter(|path| api().looks_mistaken(path))
        .collect()
}

/// Whether a request goes to a base that is named after the API, and to which path is not known: it may be any operation.
pub(super) fn may_be_any(program: &Program<'_>, config: &Config, request: &Request<'_>) -> bool {
    let readings = request.url.alternatives().into_iter().flat_map(|url| readings(&url, config));
    let open = |text: &str| text.starts_with('\0') && segments(text).iter().all(|part| matches!(part, Segment::Hole));
    let named = wrapper_is_named(program, config, request) || access_is_named(config, request);
    readings.into_iter().any(|Reading { text, named: base }| (base || named) && open(&text))
}

/// Whether a URL that is not requested by the program leads to the API.
pub(super) fn is_api_url(url: &Value<'_>, config: &Config) -> bool {
    let all = url.alternatives();
    all.iter().flat_map(|url| readings(url, config)).any(|reading| one(config, &reading, &|| false).is_some())
}

fn segments(path: &str) -> Vec<Segment> {
    let path = path.split(['?', '#']).next().unwrap_or("").trim_start_matches('/');
    // What follows the base path directly and is not known may be any path below it.
    let below = |rest: &&str| rest.is_empty() || rest.starts_with(['/', '\0']);
    let path = path.strip_prefix("api/v1").filter(below).unwrap_or(path);
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| if segment.contains('\0') { Segment::Hole } else { Segment::Known(segment.to_owned()) })
        .collect()
}

/// Ways to read a URL that are looked at: a base with a default has two.
const MAX_READINGS: usize = 8;

/// One way to read a URL.
#[derive(Clone, Default, PartialEq)]
struct Reading {
    /// Its text, in which `\0` stands for what is not known.
    text: String,
    /// Whether what it begins with is named after the product.
    named: bool,
}

/// The ways to read a URL: one for each choice among the values that its parts may have, the first choices first.
fn readings(url: &Value<'_>, config: &Config) -> Vec<Reading> {
    let mut readings = vec![Reading::default()];
    read(url, config, &mut readings, 12);
    readings
}

fn read(value: &Value<'_>, config: &Config, readings: &mut Vec<Reading>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if is_named(value, config) {
        // The base, or a part of what stands before its path.
        let begins = |reading: &&mut Reading| {
            reading.text.is_empty() || reading.text.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'))
        };
        readings.iter_mut().filter(begins).for_each(|reading| reading.named = true);
    }
    match &*value.data {
        Data::Text(pieces) => {
            for piece in pieces {
                match piece {
                    Piece::Known(known, _) => readings.iter_mut().for_each(|reading| reading.text.push_str(known)),
                    Piece::Hole(value) => read(value, config, readings, depth),
                }
            }
        }
        Data::Union(all) => {
            // An empty default only says that nothing may be set.
            let some = |one: &&Value<'_>| one.known_text().is_none_or(|text| !text.is_empty());
            let mut all: Vec<&Value<'_>> = all.iter().filter(some).collect();
            all.sort_by_key(|one| one.known_text().is_none());
            let named = all.iter().any(|one| is_named(one, config));
            let mut chosen: Vec<Reading> = Vec::new();
            for one in all {
                let mut with = readings.clone();
                with.iter_mut().filter(|reading| reading.text.is_empty()).for_each(|reading| reading.named |= named);
                read(one, config, &mut with, depth);
                let new: Vec<Reading> = with.into_iter().filter(|reading| !chosen.contains(reading)).collect();
                chosen.extend(new);
            }
            chosen.truncate(MAX_READINGS);
            if !chosen.is_empty() {
                *readings = chosen;
            }
        }
        _ => readings.iter_mut().for_each(|reading| reading.text.push('\0')),
    }
}

fn one(config: &Config, reading: &Reading, also_named: &dyn Fn() -> bool) -> Option<Vec<Segment>> {
    let Reading { text, named } = reading;
    let mut named = *named;
    let api = api();
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let path = rest.get(authority.len()..).unwrap_or("");
        let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("").to_ascii_lowercase();
        if api.host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
            || config.hosts.iter().chain(&config.sandbox_hosts).any(|declared| *declared == host)
        {
            let other = api.non_api_paths.iter().any(|other| path.starts_with(other.as_str()));
            return (!other && path.starts_with("/api/")).then(|| segments(path));
        }
        if !host.contains('\0') {
            return None;
        }
    } else if !text.starts_with('\0') {
        // A relative URL is the application's own.
        return None;
    }
    named |= also_named();
    // What is not known before the path is the base URL, with or without its last slash.
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text.trim_start_matches('\0'),
    };
    // Behind a named base with the API's own base path any path is one of the API's, a path that is chosen elsewhere too.
    let below = path.trim_start_matches('/').strip_prefix(api.base_path.trim_matches('/'));
    let any = below.is_some_and(|rest| rest.starts_with(['/', '\0'])) && reading.named;
    let path = segments(path);
    let open = any && !path.is_empty() && path.iter().all(|segment| matches!(segment, Segment::Hole));
    let begins = matches!(path.first(), Some(Segment::Known(_)));
    let possible = || begins && !api.possible(None, &path).is_empty();
    (named && (open || possible() || api.is_mistaken(&path))).then_some(path)
}

/// Whether a name or environment variable that a value carries says that it belongs to the API.
fn is_named(value: &Value<'_>, config: &Config) -> bool {
    value.labels.iter().any(|label| names_it(label, config))
}

pub(super) fn names_it(label: &Label, config: &Config) -> bool {
    match label {
        Label::Named(name) | Label::Environment(name) => {
            names_product(name) || config.base_url_variables.iter().any(|variable| **variable == **name)
        }
        _ => false,
    }
}

/// Whether the client that sends it, or what authenticates it, is named after the product.
fn access_is_named(config: &Config, request: &Request<'_>) -> bool {
    let named = |label: &Label| names_it(label, config);
    request.client.iter().chain(&request.user).any(|value| is_named(value, config))
        || super::secrets(request).iter().any(|secret| secret.any_label(&named))
}

/// The API's host that a URL names; none when it is not known or another's.
pub(super) fn host(context: &super::Context<'_, '_>, url: &Value<'_>) -> Option<String> {
    let text = text(url, context.config);
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("").to_ascii_lowercase();
    let own = api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
        || context.config.hosts.contains(&host);
    (own && !host.contains('\0')).then_some(host)
}

/// The path of a URL on a host of the API, or behind a base that is named after it; whether or not it is one of the API.
pub(super) fn path_on_host(context: &super::Context<'_, '_>, url: &Value<'_>) -> Option<String> {
    let config = context.config;
    readings(url, config).into_iter().find_map(|Reading { text, named }| match text.split_once("://") {
        Some((_, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("").to_ascii_lowercase();
            let own = api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
                || config.hosts.iter().chain(&config.sandbox_hosts).any(|declared| *declared == host);
            (own || named && host.contains('\0')).then(|| path.to_owned())
        }
        None => (named && text.starts_with('\0')).then(|| text.trim_start_matches('\0').to_owned()),
    })
}

/// A URL as text in which `\0` stands for what is not known.
pub(super) fn text(url: &Value<'_>, config: &Config) -> String {
    readings(url, config).into_iter().next().unwrap_or_default().text
}

/// Whether a URL leads to the machine the program runs on.
pub(super) fn is_local(url: &Value<'_>, config: &Config) -> bool {
    let text = text(url, config);
    let authority = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest).split(['/', '?', '#']).next();
    let host = authority.unwrap_or("").rsplit('@').next().unwrap_or("");
    let host = host.strip_prefix('[').and_then(|host| host.split(']').next()).or(host.split(':').next()).unwrap_or("");
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "::1") || host.ends_with(".localhost")
}

/// Whether it is known which host a request goes to.
pub(super) fn has_known_host(config: &Config, request: &Request<'_>) -> bool {
    request.url.alternatives().iter().all(|url| {
        let text = text(url, config);
        let host = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        host.is_some_and(|host| !host.is_empty() && !host.contains('\0'))
    })
}

/// Whether a URL leads to a name that only a private network knows.
pub(super) fn is_internal(url: &Value<'_>, config: &Config) -> bool {
    let text = text(url, config);
    let host = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest).split(['/', '?', '#', ':']).next();
    let host = host.unwrap_or("");
    let known = !host.is_empty() && !host.contains('\0');
    known && (!host.contains('.') || [".local", ".internal", ".test", ".svc"].iter().any(|end| host.ends_with(end)))
}

/// Whether the module, type or function that sends it carries the product's word.
fn wrapper_is_named(program: &Program<'_>, config: &Config, request: &Request<'_>) -> bool {
    request.calls.iter().filter_map(|(id, _)| program.functions.get(id.0)).any(|entry| {
        let owner = entry.owner.and_then(|owner| program.types.get(owner.0)).map_or("", |ty| ty.item.name.as_str());
        let module = program.scopes.get(entry.scope.0).map_or("", |scope| scope.name.as_str());
        let declared = |names: &[String], name: &str| names.iter().any(|known| known.rsplit("::").next() == Some(name));
        [entry.item.name.as_str(), owner, module].into_iter().any(names_product)
            || declared(&config.client_types, owner)
            || declared(&config.client_functions, &entry.item.name)
    })
}
