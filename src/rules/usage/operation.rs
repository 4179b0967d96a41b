//! Requests as calls of the API's operations: what is called, with which parameters, from where.

use super::{Context, api_call};
use crate::evaluate::value::{Callable, Data, Label, Leaf, Piece, Value};
use crate::facts::{Request, Round, RoundKind};
use crate::finding::Step;
use crate::knowledge::api::{Operation, Segment, api};
use crate::program::link::Program;
use crate::program::tree::{ExprKind, Literal, TypeDefinition};
use crate::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Values within values are followed this far.
pub(super) const DEPTH: usize = 8;

/// A request that reaches the API.
pub struct Call<'a, 'p> {
    /// Its number among the requests.
    pub number: usize,
    /// The request.
    pub request: &'a Request<'p>,
    /// Its verbs in upper case; empty when they are not known.
    pub methods: Vec<String>,
    /// Its path below the API's base path.
    pub path: Vec<Segment>,
    /// The operation, when verb and path are one of the catalogue's.
    pub operation: Option<&'static Operation>,
    /// Whether its host or the configuration proves that it reaches the API; otherwise names do.
    pub proven: bool,
    /// Its query parameters.
    pub parameters: Parameters<'p>,
    /// Where it is told when no call on the way names its path: where it is sent, unless other operations are sent there.
    fallback: Span,
}

/// Query parameters of a request.
#[derive(Clone, Debug, Default)]
pub struct Parameters<'p> {
    /// Names with their values, in the order they are given. A list parameter's name is without its brackets.
    pub named: Vec<(String, Value<'p>)>,
    /// Whether there may be others.
    pub open: bool,
}

impl<'p> Parameters<'p> {
    /// The values given for a name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &Value<'p>> {
        self.named.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether a name is given.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The whole numbers a name may stand for.
    pub fn numbers(&self, name: &str) -> Vec<i64> {
        let texts = self.values(name).flat_map(Value::alternatives).filter_map(|value| value.known_text());
        texts.filter_map(|text| text.trim().parse().ok()).collect()
    }
}

impl<'a, 'p> Call<'a, 'p> {
    /// The calls of all requests that reach the API, in order.
    pub fn all(program: &Program<'p>, context: &Context<'a, 'p>) -> Vec<Call<'a, 'p>> {
        let mut calls = Vec::new();
        for (number, request) in context.facts.requests.iter().enumerate() {
            let Some(paths) = context.api.get(&number) else { continue };
            let methods = methods(&request.method);
            let parameters = parameters(program, request);
            let proven = proven(context, request);
            for path in paths {
                let path = path.clone();
                let found = match methods.as_slice() {
                    [] => None,
                    known => known.iter().find_map(|method| api().matches(Some(method), &path).into_iter().next()),
                };
                calls.push(Call {
                    number,
                    request,
                    methods: methods.clone(),
                    path,
                    operation: found,
                    proven,
                    parameters: parameters.clone(),
                    fallback: request.span,
                });
            }
        }
        let shared = shared_places(&calls);
        for call in &mut calls {
            call.fallback = call.own_place(&shared);
        }
        calls
    }

    /// The innermost call that leads to this operation and no other, where the request is sent for several; where it is sent
    /// for this one alone, the call that names the verb.
    fn own_place(&self, shared: &BTreeSet<Span>) -> Span {
        let inwards = self.request.calls.iter().skip(1).rev().map(|(_, span)| *span);
        let sent = self.request.span;
        if shared.contains(&sent) {
            return inwards.into_iter().find(|span| !shared.contains(span)).unwrap_or(sent);
        }
        let mut named = Span::default();
        self.request.method.leaves(&|_| false, &mut |leaf| {
            if let Leaf::Text(_, span, _) = leaf {
                named = span;
            }
        });
        if named == Span::default() || sent.contains(named) {
            return sent;
        }
        inwards.into_iter().find(|span| span.contains(named)).unwrap_or(sent)
    }

    /// Verb and path as one reads them: `GET /patients/{…}/tags`.
    pub fn shown(&self) -> String {
        let method = if self.methods.is_empty() { "?".to_owned() } else { self.methods.join("|") };
        format!("{method} {}", path_text(&self.path))
    }

    /// The place to report: the call that names the path, or where the request is sent.
    pub fn place(&self) -> Span {
        let written = self.written();
        if written != Span::default() && self.request.span.contains(written) {
            return self.request.span;
        }
        let calls = self.request.calls.iter().skip(1).rev().map(|(_, span)| *span);
        let named = calls.into_iter().find(|span| written != Span::default() && span.contains(written));
        named.unwrap_or(self.fallback)
    }

    /// Where the part of the path below the API's base path begins to be written.
    fn written(&self) -> Span {
        for url in self.request.url.alternatives() {
            let mut pieces = Vec::new();
            flat(&url, &mut pieces, DEPTH);
            let mut text = String::new();
            for piece in pieces {
                let Piece::Known(known, span) = piece else {
                    text.push('\0');
                    continue;
                };
                text.push_str(&known);
                let path = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
                let path = path.split_once('/').map_or("", |(_, path)| path);
                let base = api().base_path.trim_start_matches('/');
                let path = path.strip_prefix(base).unwrap_or(path);
                if path.contains(|c: char| c.is_alphabetic()) {
                    return span;
                }
            }
        }
        Span::default()
    }

    /// The place to tell of in a list of all calls: the call that names the path, else the innermost call that leads to this
    /// operation and no other, else where the path is written. `shared` tells whether other operations go through a place.
    pub fn told_at(&self, shared: &dyn Fn(Span) -> bool) -> Span {
        let place = self.place();
        if place != self.request.span || !shared(place) {
            return place;
        }
        let calls = self.request.calls.iter().skip(1).rev().map(|(_, span)| *span);
        let own = calls.into_iter().find(|span| !shared(*span));
        let written = Some(self.written()).filter(|written| *written != Span::default());
        own.or(written).unwrap_or(place)
    }

    /// The steps from a place to where the request is sent.
    pub fn trail(&self, from: Span) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let calls = self.request.calls.iter().skip(1).map(|(_, span)| *span);
        for span in calls.skip_while(|span| *span != from).skip(1) {
            steps.push(Step { span, note: "handed on here".to_owned() });
        }
        if self.request.span != from {
            steps.push(Step { span: self.request.span, note: "and sent here".to_owned() });
        }
        steps
    }

    /// The loops around it, outermost first.
    pub fn rounds(&self, context: &Context<'a, 'p>) -> Vec<&'a Round<'p>> {
        self.request.loops.iter().filter_map(|number| context.facts.rounds.get(*number)).collect()
    }

    /// The steps from a loop to where the request is sent.
    pub fn trail_from_loop(&self, round: Span) -> Vec<Step> {
        let mut steps = vec![Step { span: round, note: "repeated here".to_owned() }];
        let calls = self.request.calls.iter().skip(1).map(|(_, span)| *span);
        let mut inside = false;
        for span in calls {
            inside |= round.contains(span);
            if inside {
                steps.push(Step { span, note: "called from here".to_owned() });
            }
        }
        steps.push(Step { span: self.request.span, note: "sent here".to_owned() });
        steps
    }

    /// The fields read from its reply.
    pub fn reads(&self, context: &Context<'a, 'p>) -> BTreeSet<&'a str> {
        context.reads.get(&self.number).into_iter().flatten().copied().collect()
    }

    /// Whether it asks for one page after the other, or can.
    pub fn pages(&self, context: &Context<'a, 'p>) -> bool {
        let reads = self.reads(context);
        self.parameters.has("offset")
            || ["has_more", "hasMore", "total_count", "totalCount"].iter().any(|f| reads.contains(f))
    }

    /// The loop that goes through all pages, if one does.
    pub fn paging_loop(&self, context: &Context<'a, 'p>) -> Option<&'a Round<'p>> {
        let asks_for_more = ["has_more", "hasMore"].iter().any(|field| self.reads(context).contains(field));
        let moves = self.parameters.values("offset").any(|value| value.known_text().is_none());
        let begins = self.parameters.has("offset");
        let rounds = self.rounds(context);
        rounds.into_iter().rev().find(|round| {
            // Otherwise it is the same page again and again.
            let changes = moves || round.advances || !begins;
            let goes_on =
                (asks_for_more && changes) || moves || (begins && (round.advances || round.kind == RoundKind::Counted));
            goes_on && round.ends && !matches!(round.kind, RoundKind::Each | RoundKind::Jobs) && round.retry.is_none()
        })
    }

    /// The loop that goes through all pages, or the call by which a function asks for the next one.
    pub fn pages_through(&self, context: &Context<'a, 'p>) -> Option<Span> {
        if let Some(round) = self.paging_loop(context) {
            return Some(round.span);
        }
        let asks_for_more = ["has_more", "hasMore"].iter().any(|field| self.reads(context).contains(field));
        let again = context.facts.recursions.iter().find(|again| {
            !again.on_failure && self.request.calls.iter().any(|(function, _)| *function == again.function)
        })?;
        // The same page again is no next one.
        let moves = self.parameters.values("offset").any(|value| value.known_text().is_none());
        (asks_for_more && moves).then_some(again.span)
    }

    /// Whether a parameter narrows the list to a time or to a few records.
    pub fn narrowed(&self) -> bool {
        let kept = |name: &str| matches!(name, "limit" | "offset" | "status" | "include_deleted" | "active_only");
        self.parameters.named.iter().any(|(name, _)| !kept(name))
    }
}

/// The places that more than one operation goes through.
pub fn shared_places(calls: &[Call<'_, '_>]) -> BTreeSet<Span> {
    let mut through: BTreeMap<Span, BTreeSet<String>> = BTreeMap::new();
    for call in calls {
        let places = call.request.calls.iter().skip(1).map(|(_, span)| *span).chain([call.request.span]);
        places.for_each(|place| {
            through.entry(place).or_default().insert(call.shown());
        });
    }
    through.into_iter().filter(|(_, operations)| operations.len() > 1).map(|(place, _)| place).collect()
}

/// Path segments as text, unknown ones as `{…}`.
pub fn path_text(path: &[Segment]) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Known(text) => format!("/{text}"),
            Segment::Hole => "/{…}".to_owned(),
        })
        .collect()
}

/// The verbs a value may be, in upper case; empty when one of them is not known.
pub fn methods(method: &Value<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for one in method.alternatives() {
        let name = match &*one.data {
            // A library's constant: `Method::PATCH`.
            Data::Callable(Callable::External(name, _)) => name.rsplit("::").next().map(str::to_owned),
            Data::Object { variant: Some(variant), .. } => Some(variant.to_string()),
            _ => one.known_text(),
        };
        let Some(name) = name.map(|name| name.to_ascii_uppercase()) else { return Vec::new() };
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Whether the host, the configuration or other requests of the same kind say that a request reaches the API.
fn proven(context: &Context<'_, '_>, request: &Request<'_>) -> bool {
    let config = context.config;
    if context.company.holds(request, config) {
        return true;
    }
    let text = api_call::text(&request.url, config);
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("").to_ascii_lowercase();
        if api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
            || config.hosts.iter().chain(&config.sandbox_hosts).any(|declared| *declared == host)
        {
            return true;
        }
    }
    let declared = |label: &Label| match label {
        Label::Named(name) | Label::Environment(name) => {
            config.base_url_variables.iter().any(|known| **known == **name)
        }
        _ => false,
    };
    request.url.any_label(&declared)
        || request.calls.iter().filter_map(|(id, _)| context.program.functions.get(id.0)).any(|entry| {
            let owner = entry.owner.and_then(|owner| context.program.types.get(owner.0));
            let named =
                |names: &[String], name: &str| names.iter().any(|known| known.rsplit("::").next() == Some(name));
            owner.is_some_and(|ty| named(&config.client_types, &ty.item.name))
                || named(&config.client_functions, &entry.item.name)
        })
}

/// The query parameters of a request: those in its URL and those given beside it.
fn parameters<'p>(program: &Program<'p>, request: &Request<'p>) -> Parameters<'p> {
    let mut all = Parameters::default();
    for url in request.url.alternatives() {
        let mut pieces = Vec::new();
        flat(&url, &mut pieces, DEPTH);
        let mut query = Vec::new();
        let mut found = false;
        for piece in pieces {
            match piece {
                Piece::Known(text, span) if !found => {
                    if let Some((_, rest)) = text.split_once('?') {
                        found = true;
                        query.push(Piece::Known(rest.into(), span));
                    }
                }
                piece if found => query.push(piece),
                _ => {}
            }
        }
        text_pairs(program, &query, &mut all, DEPTH);
    }
    for given in &request.query {
        pairs(program, given, &mut all, DEPTH);
    }
    all
}

/// Text as its pieces, text within text included.
pub(super) fn flat<'p>(value: &Value<'p>, pieces: &mut Vec<Piece<'p>>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &*value.data {
        Data::Text(all) => {
            for piece in all {
                match piece {
                    Piece::Known(..) => pieces.push(piece.clone()),
                    Piece::Hole(inner) => flat(inner, pieces, depth),
                }
            }
        }
        // `query ? '?' + query : ''`: what may be left out is there at times.
        Data::Union(all) => {
            let some = |one: &&Value<'p>| one.known_text().is_none_or(|text| !text.is_empty());
            let mut some = all.iter().filter(some);
            match (some.next(), some.next()) {
                (Some(one), None) if matches!(*one.data, Data::Text(_)) => flat(one, pieces, depth),
                _ => pieces.push(Piece::Hole(value.clone())),
            }
        }
        _ => pieces.push(Piece::Hole(value.clone())),
    }
}

/// Reads `a=1&b={…}`.
fn text_pairs<'p>(program: &Program<'p>, pieces: &[Piece<'p>], all: &mut Parameters<'p>, depth: usize) {
    // The name being read, and once `=` has come, what the value is made of.
    let (mut name, mut value): (String, Option<Vec<Piece<'p>>>) = (String::new(), None);
    let finish = |name: &mut String, value: &mut Option<Vec<Piece<'p>>>, all: &mut Parameters<'p>| {
        if let Some(pieces) = value.take() {
            let whole = match pieces.as_slice() {
                [Piece::Hole(one)] => one.clone(),
                _ => Value::new(Data::Text(pieces)),
            };
            put(all, name, whole);
        }
        name.clear();
    };
    for piece in pieces {
        match piece {
            Piece::Known(text, span) => {
                for (index, part) in text.split('#').next().unwrap_or("").split('&').enumerate() {
                    if index > 0 {
                        finish(&mut name, &mut value, all);
                    }
                    match (&mut value, part.split_once('=')) {
                        (Some(pieces), _) if !part.is_empty() => pieces.push(Piece::Known(part.into(), *span)),
                        (None, Some((key, first))) => {
                            name.push_str(key);
                            let first = (!first.is_empty()).then(|| Piece::Known(first.into(), *span));
                            value = Some(first.into_iter().collect());
                        }
                        (None, None) => name.push_str(part),
                        _ => {}
                    }
                }
            }
            Piece::Hole(inner) => match &mut value {
                Some(pieces) => pieces.push(Piece::Hole(inner.clone())),
                // What stands where a name would may be any number of parameters.
                None => pairs(program, inner, all, depth),
            },
        }
    }
    finish(&mut name, &mut value, all);
}

fn put<'p>(all: &mut Parameters<'p>, name: &str, value: Value<'p>) {
    if matches!(*value.data, Data::Nothing) || name.is_empty() {
        return;
    }
    let name = name.trim_end_matches("[]").trim_end_matches("%5B%5D");
    all.named.push((name.to_owned(), value));
}

/// Reads maps, structs, pairs, lists of pairs and query text.
fn pairs<'p>(program: &Program<'p>, value: &Value<'p>, all: &mut Parameters<'p>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        all.open = true;
        return;
    };
    match &*value.data {
        Data::Nothing | Data::Number(_) | Data::Boolean(_) => {}
        Data::Text(_) => {
            let mut pieces = Vec::new();
            flat(value, &mut pieces, depth);
            match pieces.first() {
                Some(Piece::Hole(_)) if pieces.len() == 1 => all.open = true,
                _ => text_pairs(program, &pieces, all, depth),
            }
        }
        Data::Object { ty, fields, open, .. } => {
            let declared = ty.and_then(|ty| program.types.get(ty.0)).and_then(|entry| entry.definition);
            for (name, value) in fields {
                put(all, sent_as(declared, name), value.clone());
            }
            match declared {
                Some(definition) => {
                    for field in &definition.fields {
                        if !fields.contains_key(field.name.as_str()) {
                            put(all, sent_as(declared, &field.name), Value::unknown());
                        }
                    }
                }
                // A map that entries were put into has those; one of which nothing is known may have any.
                None => all.open |= *open && fields.is_empty(),
            }
        }
        Data::List { items, rest } => {
            if let ([key, value], None) = (items.as_slice(), rest)
                && !matches!(*key.data, Data::List { .. } | Data::Object { .. })
            {
                match key.known_text() {
                    Some(key) => put(all, &key, value.clone()),
                    None => all.open = true,
                }
                return;
            }
            for item in items.iter().chain(rest) {
                pairs(program, item, all, depth);
            }
        }
        Data::Union(alternatives) => {
            for one in alternatives {
                pairs(program, one, all, depth);
            }
        }
        Data::Pending { value, .. } => pairs(program, value, all, depth),
        Data::Instance { state, .. } => match state.get("query") {
            Some(query) => pairs(program, query, all, depth),
            None => all.open = true,
        },
        _ => all.open = true,
    }
}

/// The name a field is written out by: an attribute can give it another.
fn sent_as<'n>(definition: Option<&'n TypeDefinition>, name: &'n str) -> &'n str {
    let field = definition.and_then(|definition| definition.fields.iter().find(|field| field.name == name));
    let attributes = field.map_or(&[][..], |field| &field.attributes);
    let renamed = attributes.iter().flat_map(|attribute| &attribute.arguments).find_map(|argument| {
        match (argument.name.as_deref(), &argument.value.kind) {
            (Some("rename"), ExprKind::Literal(Literal::Text(name))) => Some(name.as_str()),
            _ => None,
        }
    });
    renamed.unwrap_or(name)
}
