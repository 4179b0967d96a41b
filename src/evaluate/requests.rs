//! Requests as models describe them, and the errors that failed ones leave.

use super::terms::Spoken;
use super::value::{Data, Label, Piece, Value};
use super::{Evaluator, Frame, urls};
use crate::facts::Request;
use crate::knowledge::libraries::{CallModel, ThrowsModel};
use crate::program::link::{Resolved, TypeId};
use crate::program::tree::Type;
use crate::span::Span;
use std::collections::BTreeMap;

/// Slots of a request that hold others to take slots from, nearest first.
pub(super) const SOURCES: &[&str] = &["options", "more", "before", "defaults", "hooked", "request", "client"];
/// A client is made from another, and that from another, this often at most.
pub(super) const MAX_SOURCES: usize = 6;

impl<'p> Evaluator<'p> {
    /// Sends the request that a call describes. Gives the response to come.
    pub(super) fn send(
        &mut self,
        frame: &mut Frame<'p>,
        model: &CallModel,
        spoken: &Spoken<'_, 'p>,
        response: Value<'p>,
        span: Span,
    ) -> Value<'p> {
        let mut state = BTreeMap::new();
        for (slot, term) in &model.sends {
            let value = self.term(term, spoken);
            let value = self.with_slots(value, span);
            if !matches!(*value.data, Data::Nothing) {
                state.insert(slot.as_str().into(), value);
            }
        }
        let builder = Value::new(Data::Instance { ty: "".into(), state });
        let first = self.facts.requests.len();
        let pending = self.requested(model, &builder, response, span);
        self.handle(frame, &builder, &pending, first, span);
        // Whoever asks for the next page has waited for the one before.
        if model.pages {
            return Self::arrived(pending);
        }
        self.spawn(frame, &pending, self.facts.requests.len(), span)
    }

    /// An instance of a class built on a library's, with the fields that the library takes from it.
    fn with_slots(&mut self, value: Value<'p>, span: Span) -> Value<'p> {
        let Data::Object { ty: Some(class), .. } = &*value.data else { return value };
        let base = self.library_base(*class);
        let Some(model) = base.and_then(|base| self.libraries(self.at).ty(&base)) else { return value };
        let mut whole = value.clone();
        for name in model.slots.values().flatten().filter_map(|path| path.split('.').next()) {
            let held = self.field(&value, name, span);
            if !matches!(*held.data, Data::Unknown) || !held.labels.is_empty() {
                whole = self.with_field(&whole, name, held);
            }
        }
        whole
    }

    /// Runs what a client does with every request, every response and every failure.
    fn handle(&mut self, frame: &mut Frame<'p>, builder: &Value<'p>, pending: &Value<'p>, first: usize, span: Span) {
        self.run_hooks(frame, builder, pending, first, span);
        let each = |handlers: Vec<Value<'p>>| -> Vec<Value<'p>> {
            handlers.iter().flat_map(super::hooks::functions).collect()
        };
        let (done, failed) =
            (each(self.slots(builder, "done", MAX_SOURCES)), each(self.slots(builder, "failed", MAX_SOURCES)));
        if done.is_empty() && failed.is_empty() {
            return;
        }
        let (response, error) = (Self::arrived(pending.clone()), self.failures(first));
        for handler in done {
            self.call_value(Some(frame), &handler, vec![response.clone()], span);
        }
        for handler in failed {
            self.call_value(Some(frame), &handler, vec![error.clone()], span);
        }
    }

    /// Writes down the request that a builder describes. Gives the response to come.
    pub(super) fn requested(
        &mut self,
        model: &CallModel,
        builder: &Value<'p>,
        response: Value<'p>,
        span: Span,
    ) -> Value<'p> {
        let number = self.facts.requests.len();
        self.request(builder, span);
        let mut value = response.label(Label::Body(number));
        // What no model says more of is the reply's content itself.
        if matches!(*value.data, Data::Unknown) {
            value = value.label(Label::Content(number, "".into()));
        }
        let ty = match &*value.data {
            Data::Instance { ty, .. } => self.libraries(self.at).ty(ty),
            _ => None,
        };
        for (field, from) in ty.into_iter().flat_map(|ty| &ty.carries) {
            if let Some(carried) = self.carried(number, from, builder, &value) {
                value = self.with_field(&value, field, carried);
            }
        }
        if let Some(throws) = model.throws.as_ref().or_else(|| ty.and_then(|ty| ty.throws.as_ref())) {
            self.remember_failures(number, throws, builder, &value);
        }
        let requests = (number..self.facts.requests.len()).collect();
        Value::new(Data::Pending { requests, task: None, value })
    }

    pub(super) fn request(&mut self, builder: &Value<'p>, span: Span) {
        let span = self.site(span);
        for one in builder.alternatives() {
            let Data::Instance { ty, state } = &*one.data else { continue };
            let slot = |name: &str| self.slots(&one, name, MAX_SOURCES).into_iter().next();
            let path = |value: Value<'p>| self.as_text(&value);
            let url = self.slots(&one, "url", MAX_SOURCES).into_iter().find_map(path);
            let url = url.or_else(|| self.of_parts(&one)).unwrap_or_else(Value::unknown);
            let base = slot("base").and_then(path);
            let url = base.map_or(url.clone(), |base| on_base(&base, &url));
            // Options that are not known may name any verb.
            let open = state.get("options").is_some_and(|options| matches!(*options.data, Data::Unknown));
            let get = || if open { Value::unknown() } else { Value::text("GET", Span::default()) };
            let request = Request {
                span,
                method: slot("method").unwrap_or_else(get),
                url,
                headers: self.slots(&one, "headers", MAX_SOURCES).iter().map(entries).collect(),
                user: slot("user"),
                secret: slot("secret"),
                by_process: **ty == *super::commands::PROGRAMS && !state.contains_key("handed"),
                bearer: slot("bearer"),
                client: state.get("client").map(|client| Value::unknown().labels_of(client)),
                body: slot("body"),
                query: self.slots(&one, "query", MAX_SOURCES),
                retried: self.slots(&one, "retried", MAX_SOURCES),
                attempts: self.slots(&one, "attempts", MAX_SOURCES),
                verbose: slot("verbose"),
                unverified: slot("unverified"),
                verified: self.accepts_all(&self.slots(&one, "identity", MAX_SOURCES)).or_else(|| slot("verified")),
                calls: self.calls.clone(),
                loops: self.loops.clone(),
                guards: self.guards.clone(),
                limits: self.limits.clone(),
            };
            self.facts.requests.push(request);
        }
    }

    /// Every value that a request, its options or its client hold for a slot, nearest first.
    pub(super) fn slots(&self, holder: &Value<'p>, slot: &str, depth: usize) -> Vec<Value<'p>> {
        let mut found = Vec::new();
        let Some(depth) = depth.checked_sub(1) else { return found };
        for one in holder.alternatives() {
            let (model, state) = match &*one.data {
                Data::Instance { ty, state } => (self.libraries(self.at).ty(ty), state),
                // A class of the project built on one of a library.
                Data::Object { ty: Some(class), fields, .. } => {
                    let base = self.library_base(*class);
                    (base.as_deref().and_then(|base| self.libraries(self.at).ty(base)), fields)
                }
                _ => continue,
            };
            let paths = model.map(|model| &model.slots).filter(|slots| !slots.is_empty());
            // An instance whose slots are mapped has its own names for them.
            match paths {
                None => found.extend(state.get(slot).cloned()),
                Some(slots) => {
                    for path in slots.get(slot).into_iter().flatten() {
                        let held = path.split('.').try_fold(one.clone(), |value, part| held(&value, part));
                        found.extend(held.filter(|held| !matches!(*held.data, Data::Nothing)));
                    }
                }
            }
            for source in SOURCES.iter().filter_map(|source| state.get(*source)) {
                found.extend(self.slots(source, slot, depth));
            }
        }
        found
    }

    /// The library type that a class of the project is built on.
    pub(super) fn library_base(&self, class: TypeId) -> Option<String> {
        for class in std::iter::once(class).chain(self.bases(class)) {
            let Some(entry) = self.program.types.get(class.0) else { continue };
            for base in entry.definition.into_iter().flat_map(|definition| &definition.extends) {
                if let Type::Named { path, .. } = base
                    && let Some(Resolved::External(name)) = self.program.resolve(entry.scope, path)
                    && let Some(model) = self.libraries(entry.scope).ty(&name)
                {
                    return Some(model.name.clone());
                }
            }
        }
        None
    }

    /// A URL given in parts.
    fn of_parts(&self, request: &Value<'p>) -> Option<Value<'p>> {
        let slot = |name: &str| self.slots(request, name, MAX_SOURCES).into_iter().next();
        let host = slot("host")?;
        let whole = host.known_text().is_some_and(|host| host.contains("://"));
        let scheme = slot("scheme").and_then(|scheme| scheme.known_text());
        let scheme = match scheme.as_deref().map(|scheme| scheme.trim_end_matches(':')) {
            _ if whole => "",
            Some("http") => "http://",
            _ => "https://",
        };
        let scheme = Value::text(scheme, Span::default());
        let path = slot("path").unwrap_or_else(|| Value::text("/", Span::default()));
        Some(on_base(&scheme.concat(&host), &path))
    }

    /// A value as text: text, what is not known, and instances that stand for a text. None for objects and lists.
    pub(super) fn as_text(&self, value: &Value<'p>) -> Option<Value<'p>> {
        match &*value.data {
            Data::Instance { ty, state } => {
                let model = self.libraries(self.at).ty(ty)?;
                let slot = model.text.as_deref()?;
                let text = state.get(slot)?;
                let text = self.as_text(text).unwrap_or_else(|| spelled_out(text, MAX_SPELLED));
                let query = model.query.as_ref().and_then(|slot| state.get(slot.as_str()));
                Some(query.map_or(text.clone(), |query| urls::with_query(&text, query)))
            }
            Data::Object { .. } | Data::List { .. } | Data::Callable(_) | Data::Failed(_) | Data::Nothing => None,
            Data::Union(all) => Value::any_of(all.iter().filter_map(|one| self.as_text(one))),
            _ => Some(value.clone()),
        }
    }

    /// An instance that stands for a URL with the user, secret, path or query that is set on it.
    pub(super) fn with_part(&mut self, url: &Value<'p>, name: &str, part: &Value<'p>, span: Span) -> Option<Value<'p>> {
        let Data::Instance { ty, state } = &*url.data else { return None };
        let model = self.libraries(self.at).ty(ty)?;
        let slot = model.text.as_deref()?;
        let text = self.as_text(state.get(slot)?)?;
        let names = |of: &str| model.slots.get(of).is_some_and(|names| names.iter().any(|known| known == name));
        let text = match () {
            () if names("user") => urls::with_user(&text, part, span),
            () if names("secret") => urls::with_secret(&text, part, span),
            () if names("path") => urls::with_path(&text, &self.as_text(part)?, span),
            () if names("query") => {
                let query = self.as_text(part)?;
                return Some(self.with_field(url, model.query.as_deref()?, query));
            }
            () => return None,
        };
        Some(self.with_field(url, slot, text))
    }

    /// Keeps what a failed request leaves to whoever catches it.
    fn remember_failures(&mut self, first: usize, throws: &ThrowsModel, builder: &Value<'p>, response: &Value<'p>) {
        for number in first..self.facts.requests.len() {
            let mut error = Value::instance(&throws.ty).label(Label::Failure(number));
            for (field, from) in &throws.fields {
                if let Some(value) = self.carried(number, from, builder, response) {
                    error = self.with_field(&error, field, value);
                }
            }
            self.errors.insert(number, error);
        }
    }

    /// What a response or an error holds of its request: all of it, the response, or a slot.
    fn carried(&self, number: usize, from: &str, builder: &Value<'p>, response: &Value<'p>) -> Option<Value<'p>> {
        match from {
            "request" => self.request_configuration(number),
            "response" => Some(response.clone()),
            slot => match &*builder.data {
                Data::Instance { state, .. } => state.get(slot).cloned(),
                _ => None,
            },
        }
    }

    /// A request as an object: what an error that carries its request shows.
    pub(super) fn request_configuration(&self, number: usize) -> Option<Value<'p>> {
        let request = self.facts.requests.get(number)?;
        let mut fields = std::collections::BTreeMap::new();
        let mut put = |name: &str, value: Option<&Value<'p>>| {
            if let Some(value) = value {
                fields.insert(std::rc::Rc::from(name), value.clone());
            }
        };
        put("url", Some(&request.url));
        put("method", Some(&request.method));
        put("data", request.body.as_ref());
        let auth = [("username", &request.user), ("password", &request.secret)];
        let auth = auth.into_iter().filter_map(|(name, value)| Some((name.into(), value.clone()?))).collect();
        let object = |fields| Value::new(Data::Object { ty: None, variant: None, fields, open: true });
        put("auth", Some(&object(auth)));
        put("headers", Some(&one_map(&request.headers)));
        Some(object(fields))
    }

    /// What failed in a value: the errors of the requests it comes from.
    pub(super) fn failure(&self, value: &Value<'p>) -> Value<'p> {
        // A function that says what its errors are has made something of those of its requests.
        if let Some(error) = Self::arrived(value.clone()).parted().1 {
            return error;
        }
        let mut numbers: Vec<usize> = Vec::new();
        let mut at = value;
        while let Data::Pending { requests, value, .. } = &*at.data {
            numbers.extend(requests);
            at = value;
        }
        numbers.extend(at.labels.iter().filter_map(|label| match label {
            Label::Body(number) => Some(*number),
            _ => None,
        }));
        self.joined_errors(numbers)
    }

    /// Puts what a handler throws in the place of the errors it caught.
    pub(super) fn replace_failures(&mut self, requests: std::ops::Range<usize>, thrown: Option<Value<'p>>) {
        for number in requests {
            match &thrown {
                Some(thrown) => self.errors.insert(number, thrown.clone()),
                None => self.errors.remove(&number),
            };
        }
    }

    /// What failed among the requests sent since `first`.
    pub(super) fn failures(&self, first: usize) -> Value<'p> {
        self.joined_errors((first..self.facts.requests.len()).collect())
    }

    fn joined_errors(&self, mut numbers: Vec<usize>) -> Value<'p> {
        numbers.sort_unstable();
        numbers.dedup();
        let errors = numbers.iter().filter_map(|number| self.errors.get(number).cloned());
        Value::any_of(errors.take(8)).unwrap_or_else(Value::unknown)
    }
}

/// What a value, or one of those that it may be, holds under a name.
fn held<'p>(value: &Value<'p>, name: &str) -> Option<Value<'p>> {
    match &*value.data {
        Data::Instance { state, .. } => state.get(name).cloned(),
        Data::Object { fields, .. } => fields.get(name).cloned(),
        Data::Union(all) => Value::any_of(all.iter().filter_map(|one| held(one, name))),
        _ => None,
    }
}

/// Several maps as one, the nearest first; anything else as a list.
fn one_map<'p>(maps: &[Value<'p>]) -> Value<'p> {
    let mut fields = BTreeMap::new();
    for map in maps.iter().rev() {
        match &*map.data {
            Data::Object { ty: None, fields: held, .. } => {
                fields.extend(held.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => return Value::new(Data::List { items: maps.to_vec(), rest: None }),
        }
    }
    Value::new(Data::Object { ty: None, variant: None, fields, open: true })
}

/// Structure deeper than this is not spelled out.
const MAX_SPELLED: usize = 8;

/// A structure as the text that shows all of it.
fn spelled_out<'p>(value: &Value<'p>, depth: usize) -> Value<'p> {
    let parts = |values: &mut dyn Iterator<Item = &Value<'p>>| {
        let pieces = match depth.checked_sub(1) {
            Some(depth) => values.map(|held| Piece::Hole(spelled_out(held, depth))).collect(),
            None => Vec::new(),
        };
        Value { data: Data::Text(pieces).into(), ..value.clone() }
    };
    match &*value.data {
        Data::Object { fields, .. } => parts(&mut fields.values()),
        Data::Instance { state, .. } => parts(&mut state.values()),
        Data::List { items, rest } => parts(&mut items.iter().chain(rest)),
        Data::Union(all) => Value::any_of(all.iter().map(|one| spelled_out(one, depth))).unwrap_or_else(Value::unknown),
        _ => value.clone(),
    }
}

/// The entries of a list of pairs as an object; other values as they are.
pub(super) fn entries<'p>(value: &Value<'p>) -> Value<'p> {
    let Data::List { items, .. } = &*value.data else { return value.clone() };
    let mut fields = BTreeMap::new();
    for item in items {
        if let Data::List { items: pair, .. } = &*item.data
            && let [key, held, ..] = pair.as_slice()
            && let Some(key) = key.known_text()
        {
            fields.insert(key.into(), held.clone());
        }
    }
    if fields.is_empty() {
        return value.clone();
    }
    Value { data: Data::Object { ty: None, variant: None, fields, open: true }.into(), ..value.clone() }
}

/// A URL behind its base, with a `/` between them. A whole URL needs no base.
pub(super) fn on_base<'p>(base: &Value<'p>, url: &Value<'p>) -> Value<'p> {
    let first = match &*url.data {
        Data::Text(pieces) => pieces.first(),
        _ => None,
    };
    let last = match &*base.data {
        Data::Text(pieces) => pieces.last(),
        _ => None,
    };
    let starts = |test: &dyn Fn(&str) -> bool| matches!(first, Some(Piece::Known(text, _)) if test(text));
    if starts(&|text| text.contains("://")) {
        return url.clone();
    }
    let ends = matches!(last, Some(Piece::Known(text, _)) if text.ends_with('/') || text.contains('?'));
    let between = ends || first.is_none() || starts(&|text| text.starts_with(['/', '?']));
    let between = if between { "" } else { "/" };
    base.concat(&Value::text(between, Span::default())).concat(url)
}
