//! Calls of other people's code, by their models.

use super::calls::Passed;
use super::value::{Data, Label, Piece, Value};
use super::{Evaluator, Frame, urls};
use crate::facts::{CompiledIn, Concurrency, Request, Round, RoundKind};
use crate::knowledge::libraries::{CallModel, CallsModel, Effect, Repetition, Term, ThrowsModel};
use crate::span::Span;

/// Elements of a list that are kept apart.
const MAX_LISTED: usize = 32;
/// Elements that a fold goes over one by one.
const MAX_FOLDED: usize = 16;

impl<'p> Evaluator<'p> {
    /// A function outside the project.
    pub(super) fn external(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> Value<'p> {
        let libraries = self.libraries(frame.scope);
        match libraries.function(name) {
            Some(model) => self.apply(frame, name, model, receiver, passed, span, first).0,
            None => self.unknown_call(frame, receiver, passed, span),
        }
    }

    /// A call of code that is neither in the project nor modelled: it may run what it is given.
    fn unknown_call(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
    ) -> Value<'p> {
        let mixed = Self::mixed(receiver, passed);
        match self.run_given(frame, passed, span) {
            Some(given) => given.labels_of(&mixed),
            None => mixed,
        }
    }

    /// A method outside the project: its result, and what its receiver's place holds afterwards when it changes.
    pub(super) fn external_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: &Value<'p>,
        name: &str,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let libraries = self.libraries(frame.scope);
        let ty = receiver.alternatives().iter().find_map(|one| match &*one.data {
            Data::Instance { ty, .. } => Some(ty.clone()),
            // Shapes that every language has are types of their own to the models.
            Data::List { .. } => Some("list".into()),
            Data::Object { ty: None, .. } => Some("map".into()),
            Data::Text(_) => Some("text".into()),
            Data::Callable(_) => Some("function".into()),
            Data::Pending { .. } if libraries.exact("pending", name).is_some() => Some("pending".into()),
            Data::Pending { value, .. } => match &*value.data {
                Data::Instance { ty, .. } => Some(ty.clone()),
                _ => None,
            },
            _ => None,
        });
        match libraries.method(ty.as_deref(), name) {
            Some(model) => self.apply(frame, name, model, Some(receiver), passed, span, first),
            None => (self.unknown_call(frame, Some(receiver), passed, span), None),
        }
    }

    /// An unknown function's result depends on what went in; what it says about a response stays true.
    fn mixed(receiver: Option<&Value<'p>>, passed: &[Passed<'p>]) -> Value<'p> {
        let inputs = receiver.into_iter().chain(passed.iter().map(|p| &p.value));
        let kept = |label: &&Label| matches!(label, Label::Body(_) | Label::Compared | Label::UserInput);
        inputs
            .flat_map(|value| {
                // A blocking call's reply is used without being waited for.
                let inner = match &*value.data {
                    Data::Pending { value, .. } => Some(value),
                    _ => None,
                };
                value.labels.iter().chain(inner.into_iter().flat_map(|inner| inner.labels.iter())).filter(kept)
            })
            .fold(Value::unknown(), |value, label| value.label(label.clone()))
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    fn apply(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        model: &CallModel,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let channel = model.channel.as_ref().and_then(|term| self.term(term, receiver, passed, None).known_text());
        let around = std::mem::replace(&mut self.making, (channel.map(Into::into), span));
        let applied = self.apply_here(frame, name, model, receiver, passed, span, first);
        self.making = around;
        applied
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    fn apply_here(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        model: &CallModel,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let limit = model.limit.as_ref().and_then(|limit| self.term(limit, receiver, passed, None).known_text());
        let alone = limit.is_some_and(|limit| limit == "1");
        let called = model.calls.as_ref().map(|calls| {
            let function = self.term(&calls.function, receiver, passed, None);
            if calls.how == Repetition::Fold {
                return self.fold(frame, calls, &function, receiver, passed, span);
            }
            let with = calls.with.iter().map(|term| self.term(term, receiver, passed, None)).collect();
            if calls.how != Repetition::Once {
                let over = receiver.or(passed.first().map(|p| &p.value)).cloned().unwrap_or_else(Value::unknown);
                self.enter_round(Round { span, kind: RoundKind::Each, over, waits: Vec::new(), retry: None });
            }
            let before = self.facts.requests.len();
            let value = self.call_value(Some(frame), &function, with, span);
            if calls.how != Repetition::Once {
                self.loops.pop();
            }
            if calls.how == Repetition::Concurrent && !alone && self.facts.requests.len() > before {
                let branches = vec![(before..self.facts.requests.len()).collect()];
                self.facts.concurrencies.push(Concurrency { span, branches, many: true });
            }
            value
        });
        let mut result = match &model.result {
            Some(term) => self.term(term, receiver, passed, called.as_ref()),
            None => Self::mixed(receiver, passed),
        };
        for (slot, term) in &model.set {
            let value = self.term(term, receiver, passed, called.as_ref());
            // An option that is not given leaves what was set before.
            if !matches!(*value.data, Data::Nothing) {
                result = self.with_field(&result, slot, value);
            }
        }
        for effect in &model.does {
            if *effect == Effect::Concurrent {
                if !alone {
                    let driven: Vec<Value<'p>> = match model.drives.as_slice() {
                        [] => passed.iter().map(|p| p.value.clone()).collect(),
                        terms => terms.iter().map(|term| self.term(term, receiver, passed, called.as_ref())).collect(),
                    };
                    self.concurrent(frame, &driven, span);
                } else {
                    for p in passed {
                        self.take_over(frame, &p.value, 8);
                    }
                }
                continue;
            }
            if let Some(kind) = super::sinks::kind(*effect) {
                self.sink(frame.scope, kind, model, receiver, passed, span);
                continue;
            }
            result = self.effect(frame, *effect, name, model, receiver, passed, span, first, result);
        }
        for (argument, term) in &model.puts {
            let place = argument.parse().ok().and_then(|index: usize| passed.get(index)).and_then(|p| p.place);
            if let Some(place) = place {
                let value = self.term(term, receiver, passed, called.as_ref());
                self.assign(frame, place, value);
            }
        }
        let updated = model.mutates.then(|| result.clone());
        (result, updated)
    }

    /// Runs a function for each element of the receiver, handing on what it gave before. Any number of further elements
    /// count as one.
    fn fold(
        &mut self,
        frame: &mut Frame<'p>,
        calls: &CallsModel,
        function: &Value<'p>,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
    ) -> Value<'p> {
        let mut with = calls.with.iter();
        let mut result = with.next().map_or_else(Value::unknown, |term| self.term(term, receiver, passed, None));
        let elements = match receiver.map(|receiver| &*receiver.data) {
            Some(Data::List { items, rest }) => items.iter().chain(rest).take(MAX_FOLDED).cloned().collect(),
            _ => vec![receiver.map_or_else(Value::unknown, |receiver| self.element(receiver))],
        };
        let over = receiver.cloned().unwrap_or_else(Value::unknown);
        self.enter_round(Round { span, kind: RoundKind::Each, over, waits: Vec::new(), retry: None });
        for element in elements {
            result = self.call_value(Some(frame), function, vec![result, element], span);
        }
        self.loops.pop();
        result
    }

    pub(super) fn term(
        &mut self,
        term: &str,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        called: Option<&Value<'p>>,
    ) -> Value<'p> {
        let Some(term) = self.libraries(self.at).term(term) else { return Value::unknown() };
        self.evaluate_term(term, receiver, passed, called)
    }

    fn evaluate_term(
        &mut self,
        term: &Term,
        receiver_value: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        called: Option<&Value<'p>>,
    ) -> Value<'p> {
        let follow = |evaluator: &mut Self, value: Value<'p>, fields: &[String]| {
            fields.iter().fold(value, |value, field| evaluator.field(&value, field, Span::default()))
        };
        let receiver = || receiver_value.cloned().unwrap_or_else(Value::unknown);
        match term {
            Term::Receiver(fields) => follow(self, receiver(), fields),
            Term::Argument(index, fields) => {
                let value = passed.get(*index).map_or_else(Value::unknown, |p| p.value.clone());
                follow(self, value, fields)
            }
            Term::Arguments => {
                Value::new(Data::List { items: passed.iter().map(|p| p.value.clone()).collect(), rest: None })
            }
            Term::Text(text) => Value::text(text, Span::default()),
            Term::New(ty) => Value::instance(ty),
            Term::Elements => {
                let value = receiver();
                if matches!(*value.data, Data::List { .. }) { value } else { Value::many(self.element(&value)) }
            }
            Term::Element => self.element(&receiver()),
            Term::Result => called.cloned().unwrap_or_else(Value::unknown),
            Term::Nothing => Value::nothing(),
            Term::Map => Value::new(Data::Object {
                ty: None,
                variant: None,
                fields: std::collections::BTreeMap::new(),
                open: true,
            }),
            Term::Many(inner) => Value::many(self.evaluate_term(inner, receiver_value, passed, called)),
            Term::ElementOf(inner) => {
                let value = self.evaluate_term(inner, receiver_value, passed, called);
                self.element(&value)
            }
            Term::Either(first, second) => {
                let first = self.evaluate_term(first, receiver_value, passed, called);
                let second = self.evaluate_term(second, receiver_value, passed, called);
                match &*first.data {
                    Data::Nothing => second,
                    _ => first.or(second.label(Label::Default)),
                }
            }
            Term::Awaited(inner) => {
                let mut value = self.evaluate_term(inner, receiver_value, passed, called);
                while let Data::Pending { value: inner, .. } = &*value.data {
                    value = inner.clone();
                }
                value
            }
            Term::Body => {
                let receiver = receiver();
                let label = receiver.labels.iter().find(|label| matches!(label, Label::Body(_))).cloned();
                label.map_or_else(Value::unknown, |label| Value::unknown().label(label))
            }
            Term::Meta => {
                let receiver = receiver();
                let number = receiver.labels.iter().find_map(|label| match label {
                    Label::Body(number) => Some(*number),
                    _ => None,
                });
                number.map_or_else(Value::unknown, |number| Value::unknown().label(Label::Meta(number)))
            }
            Term::Failure => self.failure(&receiver()),
            Term::Received => {
                let channel = self.making.0.as_ref();
                channel.and_then(|name| self.channels.get(name).cloned()).unwrap_or_else(Value::unknown)
            }
            Term::Joined(first, second) => {
                let first = self.evaluate_term(first, receiver_value, passed, called);
                let second = self.evaluate_term(second, receiver_value, passed, called);
                first.concat(&second)
            }
            Term::Entries => self.entries(&receiver()),
            Term::Here => {
                let span = self.making.1;
                Value::text(&format!("{}:{}", span.file.0, span.start), Span::default())
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    fn effect(
        &mut self,
        frame: &mut Frame<'p>,
        effect: Effect,
        name: &str,
        model: &CallModel,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
        result: Value<'p>,
    ) -> Value<'p> {
        match effect {
            Effect::Request => {
                let number = self.facts.requests.len();
                // A function that sends at once, or a client's method that does, describes its request by what it sets on
                // the result.
                let described = matches!(&*result.data, Data::Instance { state, .. } if state.contains_key("url"));
                let given = match &*result.data {
                    Data::Instance { state, .. } => state.get("request").cloned(),
                    _ => None,
                };
                let given = given.map(|given| match receiver {
                    Some(client) if !holds_client(&given) => self.with_field(&given, "client", client.clone()),
                    _ => given,
                });
                let builder = match &given {
                    Some(given) => given,
                    None if described => &result,
                    None => receiver.unwrap_or(&result),
                };
                self.request(builder, span);
                let value = result.clone().label(Label::Body(number));
                if let Some(throws) = &model.throws {
                    let builder = builder.clone();
                    self.remember_failures(number, throws, &builder, &value);
                }
                let requests = (number..self.facts.requests.len()).collect();
                Value::new(Data::Pending { requests, task: None, value })
            }
            Effect::Spawn => {
                let task = match passed.first() {
                    Some(p) => p.value.clone(),
                    None => result,
                };
                self.spawn(frame, &task, first.max(self.since(&task)), span)
            }
            Effect::Send => {
                let payload = model.payload.as_ref().map(|term| self.term(term, receiver, passed, None));
                if let (Some(channel), Some(payload)) = (self.making.0.clone(), payload) {
                    let known = self.channels.remove(&channel);
                    self.channels.insert(channel, known.map_or(payload.clone(), |known| known.or(payload)));
                }
                result
            }
            Effect::Start => {
                let requests: Vec<usize> = (first..self.facts.requests.len()).collect();
                let pending = match &*result.data {
                    Data::Pending { .. } => result,
                    _ => Value::new(Data::Pending { requests, task: None, value: result }),
                };
                let sends = matches!(&*pending.data, Data::Pending { requests, .. } if !requests.is_empty());
                if sends { self.spawn(frame, &pending, self.facts.requests.len(), span) } else { pending }
            }
            Effect::Follow => {
                let (task, mut requests) = match receiver.map(|receiver| &*receiver.data) {
                    Some(Data::Pending { task, requests, .. }) => (*task, requests.clone()),
                    _ => return result,
                };
                requests.extend(first..self.facts.requests.len());
                requests.sort_unstable();
                requests.dedup();
                Value::new(Data::Pending { requests, task, value: result })
            }
            Effect::Sequence => {
                for value in receiver.into_iter().chain(passed.iter().map(|p| &p.value)) {
                    self.take_over(frame, value, 8);
                }
                result
            }
            Effect::Awaits => receiver.map_or(result, |receiver| self.wait(frame, receiver.clone())),
            Effect::Exclusive => {
                let limit = model.limit.as_ref().and_then(|term| self.term(term, receiver, passed, None).known_text());
                self.alone |= limit.is_some_and(|limit| limit == "1");
                result
            }
            Effect::UrlJoin | Effect::UrlPath | Effect::UrlUser | Effect::UrlSecret => {
                let (Some(receiver), Some(given)) = (receiver, passed.first()) else { return result };
                let build = match effect {
                    Effect::UrlJoin => urls::join,
                    Effect::UrlPath => urls::with_path,
                    Effect::UrlUser => urls::with_user,
                    _ => urls::with_secret,
                };
                build(receiver, &given.value, span)
            }
            Effect::Arguments => {
                let mut held = self.field(&result, "arguments", span);
                for given in passed {
                    match &*given.value.data {
                        Data::List { items, rest } => {
                            for item in items.iter().chain(rest) {
                                held = self.pushed(&held, item.clone());
                            }
                        }
                        _ => held = self.pushed(&held, given.value.clone()),
                    }
                }
                self.with_field(&result, "arguments", held)
            }
            Effect::Settings => {
                let prefix = receiver.map(|receiver| self.field(receiver, "prefix", span));
                let known = prefix.and_then(|prefix| prefix.alternatives().iter().find_map(Value::known_text));
                result.label(Label::Prefix(known.unwrap_or_default().into()))
            }
            Effect::Command => {
                let words = receiver.map(|receiver| self.field(receiver, "arguments", span));
                let number = self.facts.requests.len();
                if let Some(Data::List { items, .. }) = words.as_ref().map(|words| &*words.data) {
                    self.command(items, span);
                }
                let requests: Vec<usize> = (number..self.facts.requests.len()).collect();
                if requests.is_empty() {
                    return result;
                }
                let value = result.label(Label::Body(number));
                Value::new(Data::Pending { requests, task: None, value })
            }
            // They need the model's terms and are done where those are known.
            Effect::Concurrent
            | Effect::Log
            | Effect::Respond
            | Effect::Track
            | Effect::Panic
            | Effect::Render
            | Effect::Store
            | Effect::WriteFile
            | Effect::Run
            | Effect::Mail
            | Effect::Redirect => result,
            Effect::Insert => receiver.map_or(result, |receiver| self.inserted(receiver, passed)),
            Effect::Header => {
                let held = self.field(&result, "headers", span);
                let headers = self.inserted(&held, passed);
                self.with_field(&result, "headers", headers)
            }
            Effect::Query => {
                let given = match passed {
                    [one] => one.value.clone(),
                    pair => {
                        Value::new(Data::List { items: pair.iter().map(|p| p.value.clone()).collect(), rest: None })
                    }
                };
                let given = match &*self.field(&result, "query", Span::default()).data {
                    Data::List { items, rest: None } => items.iter().cloned().chain([given]).collect(),
                    _ => vec![given],
                };
                self.with_field(&result, "query", Value::new(Data::List { items: given, rest: None }))
            }
            Effect::Wait => {
                let long = match passed.first() {
                    Some(p) => p.value.clone(),
                    None => receiver.map_or_else(Value::unknown, |timer| self.field(timer, "period", span)),
                };
                self.waited(span, &long);
                result
            }
            Effect::Index => {
                let key = passed.first().map(|p| p.value.known_text());
                match (receiver, key) {
                    (Some(receiver), Some(Some(key))) => self.pointed(receiver, &key, span),
                    (Some(receiver), Some(None)) => self.element(receiver),
                    // `cell.get()`
                    (Some(receiver), None) => receiver.clone(),
                    (None, _) => result,
                }
            }
            Effect::Join => receiver.map_or(result, |receiver| Self::joined(receiver, passed)),
            Effect::Filter => {
                let chooses = passed.first().is_some_and(|p| self.chooses_changed(&p.value));
                match &*result.data {
                    Data::List { items, rest } if chooses => {
                        let mark = |value: &Value<'p>| value.clone().label(Label::Compared);
                        let (items, rest) = (items.iter().map(mark).collect(), rest.as_ref().map(mark));
                        Value::new(Data::List { items, rest }).label(Label::Compared)
                    }
                    _ => result,
                }
            }
            Effect::Push => match (receiver, passed.first()) {
                (Some(receiver), Some(added)) => self.pushed(receiver, added.value.clone()),
                _ => result,
            },
            Effect::Environment => {
                let variable = passed.first().and_then(|p| p.value.known_text());
                variable.map_or(result, |variable| Self::environment(&variable, span))
            }
            Effect::CompiledIn => {
                let held = passed.first().and_then(|p| p.value.known_text());
                self.facts.compiled_in.push(CompiledIn { span, how: name.to_owned(), name: held });
                Value::unknown().label(Label::CompiledIn(span)).step(span, "taken in when the program is built")
            }
            Effect::Encode => passed
                .first()
                .map_or(result, |p| Value::new(Data::Text(vec![Piece::Hole(p.value.clone())])).label(Label::Encoded)),
        }
    }

    /// A lazy value's requests are its own; nothing else was sent since.
    fn since(&self, value: &Value<'p>) -> usize {
        if matches!(*value.data, Data::Pending { .. }) { self.facts.requests.len() } else { 0 }
    }

    /// The value of an environment variable.
    pub(super) fn environment(variable: &str, span: Span) -> Value<'p> {
        let value = Value::unknown().label(Label::Environment(variable.into()));
        value.step(span, "read from the environment here")
    }

    /// A list with one more element. In a loop it may be added any number of times.
    fn pushed(&mut self, list: &Value<'p>, added: Value<'p>) -> Value<'p> {
        match &*list.data {
            Data::List { items, rest } if self.loops.is_empty() && items.len() < MAX_LISTED => {
                let mut items = items.clone();
                let rest = rest.clone().filter(|rest| !matches!(*rest.data, Data::Nothing));
                match rest {
                    None => {
                        items.push(added);
                        Value::new(Data::List { items, rest: None }).labels_of(list)
                    }
                    Some(rest) => Value::new(Data::List { items, rest: Some(rest.or(added)) }).labels_of(list),
                }
            }
            Data::List { items, rest } => {
                let known = rest.clone().filter(|rest| !matches!(*rest.data, Data::Nothing));
                let rest = Some(known.map_or(added.clone(), |known| known.or(added)));
                Value::new(Data::List { items: items.clone(), rest }).labels_of(list)
            }
            _ => Value::many(added),
        }
    }

    /// A part named by a key, or by a JSON pointer.
    fn pointed(&mut self, value: &Value<'p>, key: &str, span: Span) -> Value<'p> {
        let segments = key.split('/').skip(1).filter(|segment| !segment.is_empty());
        match key.starts_with('/') {
            true => segments.fold(value.clone(), |value, segment| self.field(&value, segment, span)),
            false => self.field(value, key, span),
        }
    }

    /// The entries of a map, each a list of its key and its value.
    pub(super) fn entries(&mut self, value: &Value<'p>) -> Value<'p> {
        let pair = |key: Value<'p>, value: Value<'p>| Value::new(Data::List { items: vec![key, value], rest: None });
        match &*value.data {
            Data::Object { ty: None, fields, open, .. } => {
                let known = fields.iter().map(|(key, value)| pair(Value::text(key, Span::default()), value.clone()));
                let items: Vec<Value<'p>> = known.collect();
                let rest = (*open && items.is_empty()).then(|| pair(Value::unknown(), Value::unknown()));
                Value::new(Data::List { items, rest }).labels_of(value)
            }
            Data::List { .. } => value.clone(),
            _ => Value::many(self.element(value)),
        }
    }

    /// A map with one more entry: a key and a value, both in one list, or as one line `key: value`. A key that is not known
    /// leaves it as it is.
    fn inserted(&mut self, holder: &Value<'p>, passed: &[Passed<'p>]) -> Value<'p> {
        let (key, value) = match passed {
            [key, value, ..] => (key.value.clone(), value.value.clone()),
            [one] => match &*one.value.data {
                Data::List { items, .. } if let [key, value] = items.as_slice() => (key.clone(), value.clone()),
                _ => match super::commands::split_once(&one.value, ":") {
                    (key, Some(value)) => (key, trimmed(&value)),
                    _ => return holder.clone(),
                },
            },
            [] => return holder.clone(),
        };
        let Some(key) = key.known_text() else { return holder.clone() };
        let mut fields = match &*holder.data {
            Data::Object { ty: None, fields, .. } => fields.clone(),
            Data::Unknown | Data::Nothing | Data::Instance { .. } => std::collections::BTreeMap::new(),
            _ => return holder.clone(),
        };
        fields.insert(key.to_ascii_lowercase().into(), value);
        Value::new(Data::Object { ty: None, variant: None, fields, open: true }).labels_of(holder)
    }

    fn joined(receiver: &Value<'p>, passed: &[Passed<'p>]) -> Value<'p> {
        let Data::List { items, rest } = &*receiver.data else { return receiver.clone() };
        let between = passed.first().map(|p| p.value.clone());
        let mut text: Option<Value<'p>> = None;
        for item in items.iter().chain(rest) {
            text = Some(match (text, &between) {
                (None, _) => Value::new(Data::Text(item.pieces())),
                (Some(text), Some(between)) => text.concat(between).concat(item),
                (Some(text), None) => text.concat(item),
            });
        }
        text.unwrap_or_else(Value::unknown)
    }

    pub(super) fn request(&mut self, builder: &Value<'p>, span: Span) {
        for one in builder.alternatives() {
            let Data::Instance { state, .. } = &*one.data else { continue };
            let client = state.get("client").cloned();
            let of_client = |slot: &str| client.as_ref().and_then(|client| self.client_slot(client, slot));
            let slot = |name: &str| state.get(name).cloned().or_else(|| of_client(name));
            let url = slot("url").unwrap_or_else(Value::unknown);
            let url = of_client("base").map_or(url.clone(), |base| base.concat(&url));
            let of_type = client.as_ref().map(|client| self.client_slots(client, "headers")).unwrap_or_default();
            let headers = state.get("headers").cloned().into_iter().chain(of_type).collect();
            let request = Request {
                span,
                method: slot("method").unwrap_or_else(Value::unknown),
                url,
                headers,
                user: slot("user"),
                secret: slot("secret"),
                bearer: slot("bearer"),
                client: client.as_ref().map(|client| Value::unknown().labels_of(client)),
                body: slot("body"),
                query: state.get("query").cloned().into_iter().chain(of_client("query")).collect(),
                verbose: slot("verbose"),
                calls: self.calls.clone(),
                loops: self.loops.clone(),
                guards: self.guards.clone(),
                alone: self.alone,
            };
            self.facts.requests.push(request);
        }
    }

    /// A slot of a client: its own, or the first of those its type names.
    fn client_slot(&self, client: &Value<'p>, slot: &str) -> Option<Value<'p>> {
        self.client_slots(client, slot).into_iter().next()
    }

    /// Every value a client holds for a slot: its own, then those its type names.
    fn client_slots(&self, client: &Value<'p>, slot: &str) -> Vec<Value<'p>> {
        let mut found = Vec::new();
        for one in client.alternatives() {
            let Data::Instance { ty, state } = &*one.data else { continue };
            found.extend(state.get(slot).cloned());
            let model = self.libraries(self.at).ty(ty);
            for path in model.and_then(|model| model.slots.get(slot)).into_iter().flatten() {
                let held = path.split('.').try_fold(one.clone(), |value, part| match &*value.data {
                    Data::Instance { state, .. } => state.get(part).cloned(),
                    Data::Object { fields, .. } => fields.get(part).cloned(),
                    _ => None,
                });
                found.extend(held);
            }
        }
        found
    }

    /// Keeps what a failed request leaves to whoever catches it.
    fn remember_failures(&mut self, first: usize, throws: &ThrowsModel, builder: &Value<'p>, response: &Value<'p>) {
        for number in first..self.facts.requests.len() {
            let mut error = Value::instance(&throws.ty);
            for (field, from) in &throws.fields {
                let value = match from.as_str() {
                    "request" => self.request_configuration(number),
                    "response" => Some(response.clone()),
                    slot => match &*builder.data {
                        Data::Instance { state, .. } => state.get(slot).cloned(),
                        _ => None,
                    },
                };
                if let Some(value) = value {
                    error = self.with_field(&error, field, value);
                }
            }
            self.errors.insert(number, error);
        }
    }

    /// A request as an object: what an error that carries its request shows.
    fn request_configuration(&self, number: usize) -> Option<Value<'p>> {
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
        let headers = Value::new(Data::List { items: request.headers.clone(), rest: None });
        put("headers", Some(&headers));
        Some(object(fields))
    }

    /// What failed in a value: the errors of the requests it comes from.
    pub(super) fn failure(&self, value: &Value<'p>) -> Value<'p> {
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

    /// What failed among the requests sent since `first`.
    pub(super) fn failures(&self, first: usize) -> Value<'p> {
        self.joined_errors((first..self.facts.requests.len()).collect())
    }

    fn joined_errors(&self, mut numbers: Vec<usize>) -> Value<'p> {
        numbers.sort_unstable();
        numbers.dedup();
        let errors = numbers.iter().filter_map(|number| self.errors.get(number).cloned());
        errors.take(8).reduce(Value::or).unwrap_or_else(Value::unknown)
    }
}

/// Whether a request knows the client that made it.
fn holds_client(request: &Value<'_>) -> bool {
    matches!(&*request.data, Data::Instance { state, .. } if state.contains_key("client"))
}

/// A value without the blanks that its known text begins with.
pub(super) fn trimmed<'p>(value: &Value<'p>) -> Value<'p> {
    let mut pieces = value.pieces();
    match pieces.first().cloned() {
        Some(Piece::Known(known, span)) => {
            if let Some(first) = pieces.first_mut() {
                *first = Piece::Known(known.trim_start().into(), span);
            }
        }
        _ => return value.clone(),
    }
    pieces.retain(|piece| !matches!(piece, Piece::Known(known, _) if known.is_empty()));
    match pieces.as_slice() {
        [Piece::Hole(only)] => only.clone(),
        _ => Value { data: std::rc::Rc::new(Data::Text(pieces)), ..value.clone() },
    }
}
