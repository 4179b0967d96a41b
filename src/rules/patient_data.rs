//! Patient data in values: parts of replies about patients, records that programs keep them in, and what patients are
//! searched by.

use super::Context;
use crate::evaluate::value::{Data, Label, Piece, Value};
use crate::facts::{Request, Sink};
use crate::finding::Step;
use crate::knowledge::api::api;
use crate::program::link::TypeId;
use crate::program::tree::{FieldDefinition, Type};
use crate::span::Span;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Types within types are followed this far.
const MAX_TYPES: usize = 5;
/// What a part is of which no field says what it is.
const AS_IT_CAME: &str = "a reply about patients as it came";

/// What is known about patient data in a project.
pub(super) struct PatientData {
    /// Requests whose replies are about patients and not anonymized, by number.
    requests: HashSet<usize>,
    /// Types that bodies of such requests are made of.
    types: HashSet<TypeId>,
    /// Sets of keys of the bodies that such requests send.
    shapes: HashSet<BTreeSet<String>>,
    /// Text of a URL before an identifying query parameter's value, by where it is written.
    searched: HashSet<Span>,
    /// Names under which identifying values are put into requests, with the requests.
    names: HashMap<String, Vec<usize>>,
}

/// Patient data found in a value.
pub(super) struct Found {
    /// The request it belongs to.
    pub request: usize,
    /// What it is, in a few words.
    pub what: &'static str,
    /// The way it came.
    pub steps: Vec<Step>,
}

impl PatientData {
    /// Looks at the requests that reach the API.
    pub fn of(context: &Context<'_, '_>) -> Self {
        let mut all = Self {
            requests: HashSet::new(),
            types: HashSet::new(),
            shapes: HashSet::new(),
            searched: HashSet::new(),
            names: HashMap::new(),
        };
        for (number, request) in context.facts.requests.iter().enumerate() {
            let Some(paths) = context.api.get(&number) else { continue };
            if !paths.iter().any(|path| api().about_patients(path)) {
                continue;
            }
            if !anonymized(request) {
                all.requests.insert(number);
            }
            all.add_inputs(number, request);
        }
        all
    }

    fn add_inputs(&mut self, number: usize, request: &Request<'_>) {
        request.url.parts(&mut |part| {
            if let Data::Text(pieces) = &*part.data {
                for pair in pieces.windows(2) {
                    if let [Piece::Known(text, span), Piece::Hole(_)] = pair
                        && asks_for_person(text)
                    {
                        self.searched.insert(*span);
                    }
                }
            }
            self.add_name(number, part);
            true
        });
        for query in &request.query {
            query.parts(&mut |part| {
                self.add_name(number, part);
                true
            });
        }
        let Some(body) = &request.body else { return };
        body.parts(&mut |part| {
            if let Data::Object { ty, fields, .. } = &*part.data {
                match ty {
                    Some(ty) => {
                        self.types.insert(*ty);
                    }
                    None if fields.keys().any(|key| api().identifies(key)) => {
                        self.shapes.insert(fields.keys().map(ToString::to_string).collect());
                    }
                    None => {}
                }
            }
            self.add_name(number, part);
            true
        });
    }

    fn add_name(&mut self, number: usize, part: &Value<'_>) {
        if !matches!(*part.data, Data::Unknown) {
            return;
        }
        for label in part.labels.iter() {
            if let Label::Named(name) = label
                && api().identifies(name)
            {
                self.names.entry(name.to_string()).or_default().push(number);
            }
        }
    }

    /// Patient data in a value as it is written at a sink.
    pub fn in_value(&self, context: &Context<'_, '_>, value: &Value<'_>, sink: &Sink<'_>) -> Option<Found> {
        let mut found = None;
        // What a path names a record by is its number, and no record.
        let mut named: HashSet<u64> = HashSet::new();
        value.parts(&mut |part| {
            if let Data::Text(pieces) = &*part.data {
                for pair in pieces.windows(2) {
                    if let [Piece::Known(before, _), Piece::Hole(number)] = pair
                        && before.ends_with('/')
                    {
                        number.parts(&mut |part| {
                            named.insert(part.fingerprint());
                            true
                        });
                    }
                }
            }
            if found.is_none() {
                found = self.in_part(context, part, named.contains(&part.fingerprint()), sink);
            }
            found.is_none()
        });
        found
    }

    fn in_part(&self, context: &Context<'_, '_>, part: &Value<'_>, number: bool, sink: &Sink<'_>) -> Option<Found> {
        for label in part.labels.iter() {
            let Label::Content(request, path) = label else { continue };
            if self.requests.contains(request)
                && let Some(what) = content(context, part, path)
                && !(number && what == AS_IT_CAME)
            {
                return Some(Found { request: *request, what, steps: part.steps() });
            }
        }
        let any = |what| {
            let request = self.requests.iter().min().copied()?;
            Some(Found { request, what, steps: part.steps() })
        };
        match &*part.data {
            Data::Object { ty: Some(ty), variant: None, .. }
                if self.types.contains(ty) && identifies(context, *ty, MAX_TYPES) =>
            {
                any("a record of a patient")
            }
            Data::Object { ty: None, fields, .. }
                if !self.shapes.is_empty()
                    && self.shapes.contains(&fields.keys().map(ToString::to_string).collect()) =>
            {
                any("what is sent about a patient")
            }
            Data::Text(pieces) => {
                let searched = pieces.windows(2).any(
                    |pair| matches!(pair, [Piece::Known(_, span), Piece::Hole(_)] if self.searched.contains(span)),
                );
                if searched { any("what a patient is searched by") } else { None }
            }
            Data::Unknown => part.labels.iter().find_map(|label| {
                let Label::Named(name) = label else { return None };
                let request = self.names.get(&**name)?.iter().find(|number| {
                    context.facts.requests.get(**number).is_some_and(|request| together(request, sink))
                })?;
                Some(Found { request: *request, what: "what identifies a patient", steps: part.steps() })
            }),
            _ => None,
        }
    }
}

/// Whether a request and a sink belong to one run: one is in the function that leads to the other.
fn together(request: &Request<'_>, sink: &Sink<'_>) -> bool {
    let (Some((sends, _)), Some((writes, _))) = (request.calls.last(), sink.calls.last()) else { return false };
    sends == writes
        || request.calls.iter().any(|(function, _)| function == writes && function.0 != usize::MAX)
        || sink.calls.iter().any(|(function, _)| function == sends && function.0 != usize::MAX)
}

/// What a part of a reply is when it is patient data.
fn content(context: &Context<'_, '_>, part: &Value<'_>, path: &str) -> Option<&'static str> {
    let last = path.rsplit('.').next().unwrap_or(path);
    if matches!(*part.data, Data::Boolean(_) | Data::Number(_) | Data::Nothing | Data::Callable(_)) {
        return None;
    }
    if api().identifies(last) {
        return Some("what identifies a patient");
    }
    if api().clinical(last) {
        return Some("what is written about a patient's health");
    }
    if !last.is_empty() && !api().container(last) {
        return None;
    }
    match &*part.data {
        // A record of the project's own holds what the project took from the reply.
        Data::Object { ty: Some(ty), .. } => identifies(context, *ty, MAX_TYPES).then_some("a record of a patient"),
        // Its elements are looked at by themselves.
        Data::List { .. } | Data::Union(_) | Data::Instance { .. } | Data::Pending { .. } => None,
        Data::Object { ty: None, fields, .. } if !fields.is_empty() => None,
        _ => Some(AS_IT_CAME),
    }
}

/// Whether a type of the project keeps what identifies a patient or is about the patient's health.
fn identifies(context: &Context<'_, '_>, ty: TypeId, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let Some(entry) = context.program.types.get(ty.0) else { return false };
    let field = |field: &FieldDefinition| {
        api().identifies(&field.name)
            || api().clinical(&field.name)
            || field.ty.as_ref().is_some_and(|written| {
                inner(written)
                    .into_iter()
                    .filter_map(|inner| context.program.resolve_type(entry.scope, inner))
                    .any(|inner| inner != ty && identifies(context, inner, depth))
            })
    };
    entry.definition.is_some_and(|definition| definition.fields.iter().any(field))
}

/// The named types in a written type.
fn inner(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Named { arguments, .. } if !arguments.is_empty() => {
            arguments.iter().flat_map(inner).chain([ty]).collect()
        }
        Type::Named { .. } => vec![ty],
        Type::List(element) => inner(element),
        Type::Tuple(all) => all.iter().flat_map(inner).collect(),
        Type::Record(fields) => fields.iter().flat_map(|(_, ty)| inner(ty)).collect(),
        _ => Vec::new(),
    }
}

/// Whether text ends where the value of an identifying query parameter stands.
fn asks_for_person(text: &str) -> bool {
    let Some(before) = text.strip_suffix('=') else { return false };
    before.rsplit_once(['?', '&']).is_some_and(|(_, name)| api().identifies(name))
}

/// Whether a request asks for a reply without what identifies patients.
fn anonymized(request: &Request<'_>) -> bool {
    let mut found = false;
    let mut visit = |part: &Value<'_>| {
        match &*part.data {
            Data::Text(pieces) => {
                found |=
                    pieces.iter().any(|piece| matches!(piece, Piece::Known(text, _) if text.contains("anonymize")));
            }
            Data::Object { fields, .. } => found |= fields.contains_key("anonymize"),
            _ => {}
        }
        !found
    };
    request.url.parts(&mut visit);
    request.query.iter().for_each(|query| query.parts(&mut visit));
    found
}
