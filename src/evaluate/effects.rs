//! What modelled calls do besides giving a value.

use super::collections::kept;
use super::given::listed_settings;
use super::requests::on_base;
use super::terms::Spoken;
use super::value::{Callable, Data, Label, Piece, Value};
use super::{Evaluator, Frame, urls};
use crate::facts::CompiledIn;
use crate::knowledge::libraries::{CallModel, Effect};
use crate::program::tree::HoleStyle;
use crate::span::Span;

/// Values inside values are looked into this far.
const MAX_NESTED: usize = 8;

impl<'p> Evaluator<'p> {
    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    pub(super) fn effect(
        &mut self,
        frame: &mut Frame<'p>,
        effect: Effect,
        model: &CallModel,
        spoken: &Spoken<'_, 'p>,
        span: Span,
        first: usize,
        result: Value<'p>,
    ) -> Value<'p> {
        let (receiver, passed) = (spoken.receiver, spoken.passed);
        match effect {
            Effect::Request => {
                // A function that sends at once, or a client's method that does, describes its request by what it sets on
                // the result.
                let described = matches!(&*result.data, Data::Instance { state, .. } if state.contains_key("url"));
                let given = match &*result.data {
                    Data::Instance { state, .. } => state.get("request").cloned(),
                    _ => None,
                };
                let given = given.map(|given| match receiver {
                    Some(client) if !holds_client(&given) && !client.data.is(&given.data) => {
                        self.with_field(&given, "client", client.clone())
                    }
                    _ => given,
                });
                let body = match &*result.data {
                    Data::Instance { state, .. } => state.get("body").cloned(),
                    _ => None,
                };
                let given = match (given, body) {
                    (Some(given), Some(body)) => Some(self.with_field(&given, "body", body)),
                    (given, _) => given,
                };
                let builder = match given {
                    Some(given) => given,
                    None if described => result.clone(),
                    None => receiver.unwrap_or(&result).clone(),
                };
                self.requested(model, &builder, result, span)
            }
            Effect::Spawn => {
                let task = match passed.first() {
                    Some(p) => p.value.clone(),
                    None => result,
                };
                self.spawn(frame, &task, first.max(self.since(&task)), span)
            }
            Effect::Send => {
                let payload = model.payload.as_ref().map(|term| self.term(term, spoken));
                if let (Some(channel), Some(mut payload)) = (self.making.0.clone(), payload) {
                    // What is sent only after asking is received only then.
                    if self.guards.iter().any(|guard| guard.asks_for_change) {
                        payload = payload.label(Label::Compared);
                    }
                    self.channels.learn(channel, payload);
                }
                result
            }
            Effect::Start => {
                // What it starts is waited for with it.
                self.drive_since(spoken.tasks);
                let requests: Vec<usize> = (first..self.facts.requests.len()).collect();
                let pending = match &*result.data {
                    Data::Pending { .. } => result,
                    _ => Value::new(Data::Pending { requests, task: None, value: result }),
                };
                let sends = matches!(&*pending.data, Data::Pending { requests, .. } if !requests.is_empty());
                if sends { self.spawn(frame, &pending, self.facts.requests.len(), span) } else { pending }
            }
            Effect::Follow => self.following(frame, receiver, spoken.result.as_ref(), result, first),
            Effect::Sequence => {
                let given = receiver.into_iter().chain(passed.iter().map(|p| &p.value)).chain(&spoken.result);
                for value in given.chain([&result]) {
                    self.take_over(frame, value, MAX_NESTED);
                }
                result
            }
            Effect::Awaits => receiver.map_or(result, |receiver| self.wait(frame, receiver.clone())),
            Effect::Exclusive => {
                let limit = model.limit.as_ref().and_then(|term| self.term(term, spoken).known_text());
                if limit.is_some_and(|limit| limit == "1") {
                    self.limits.push(span);
                }
                result
            }
            Effect::Lock => {
                self.lock = Some(span);
                self.limits.push(span);
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
            Effect::UrlSegments => {
                let mut url = self.field(&result, "url", Span::default());
                let given = passed.first().map(|p| p.value.clone()).unwrap_or_else(Value::unknown);
                let segments = match &*given.data {
                    Data::List { items, rest } => items.iter().chain(rest).cloned().collect(),
                    _ => vec![given],
                };
                for segment in segments {
                    url = url.concat(&Value::text("/", span)).concat(&segment);
                }
                self.with_field(&result, "url", url)
            }
            Effect::Display => receiver.map_or(result, |receiver| self.as_written(receiver, HoleStyle::Display, span)),
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
            Effect::Settings => self.settings_of(receiver, result, span),
            Effect::Command => {
                let words = receiver.map(|receiver| self.field(receiver, "arguments", span));
                let number = self.facts.requests.len();
                match (words.as_ref().map(|words| &*words.data), passed) {
                    (Some(Data::List { items, .. }), _) => {
                        let items = items.clone();
                        self.started_process(frame, &items, span);
                    }
                    // A program and its arguments.
                    (_, [program, given, ..]) if let Data::List { items, .. } = &*given.value.data => {
                        let words: Vec<Value<'p>> = std::iter::once(&program.value).chain(items).cloned().collect();
                        self.started_process(frame, &words, span);
                    }
                    // A command line for the shell.
                    (None, [line, ..]) => {
                        let shell = ["sh", "-c"].map(|word| Value::text(word, Span::default()));
                        let words: Vec<Value<'p>> = shell.into_iter().chain([line.value.clone()]).collect();
                        self.started_process(frame, &words, span);
                    }
                    _ => {}
                }
                let requests: Vec<usize> = (number..self.facts.requests.len()).collect();
                if requests.is_empty() {
                    return result;
                }
                let value = result.label(Label::Body(number));
                Value::new(Data::Pending { requests, task: None, value })
            }
            Effect::Program => {
                self.traced(frame, passed, span);
                self.program(frame, passed, span)
            }
            Effect::Words => match passed.first() {
                Some(given) => super::commands::words(&given.value),
                None => result,
            },
            Effect::Together => super::commands::together(passed.iter().map(|p| &p.value)),
            Effect::WaitAll => {
                self.wait_all(frame);
                result
            }
            // They need the model's terms and are done where those are known.
            Effect::Concurrent
            | Effect::Line
            | Effect::Log
            | Effect::Output
            | Effect::Respond
            | Effect::Track
            | Effect::Panic
            | Effect::Render
            | Effect::Store
            | Effect::WriteFile
            | Effect::SetRights
            | Effect::Run
            | Effect::Mail
            | Effect::Redirect
            | Effect::Serve => result,
            Effect::Insert => receiver.map_or(result, |receiver| self.inserted(receiver, spoken)),
            Effect::Header => {
                let held = match &*result.data {
                    Data::Instance { state, .. } => state.get("headers").cloned(),
                    _ => None,
                };
                let held = held.unwrap_or_else(Value::unknown);
                let headers = self.inserted(&held, spoken);
                self.with_field(&result, "headers", headers)
            }
            Effect::Query => {
                let given = match passed {
                    [one] => one.value.clone(),
                    pair => {
                        Value::new(Data::List { items: pair.iter().map(|p| p.value.clone()).collect(), rest: None })
                    }
                };
                let held = match &*result.data {
                    Data::Instance { state, .. } => state.get("query").cloned(),
                    _ => None,
                };
                let given = match held.as_ref().map(|held| &*held.data) {
                    Some(Data::List { items, rest: None }) => items.iter().cloned().chain([given]).collect(),
                    _ => vec![given],
                };
                self.with_field(&result, "query", Value::new(Data::List { items: given, rest: None }))
            }
            Effect::Wait => {
                let mut lengths = passed.iter().filter(|p| !matches!(*p.value.data, Data::Callable(_)));
                let long = match lengths.next() {
                    Some(p) => p.value.clone(),
                    None => receiver.map_or_else(Value::unknown, |timer| self.field(timer, "period", span)),
                };
                self.waited(span, &long);
                result
            }
            Effect::Index => {
                let key = passed.last().map(|p| p.value.known_text());
                // A path function takes the object first, a method has it as its receiver or in a part of that.
                match (receiver.map(|receiver| if model.result.is_some() { &result } else { receiver }), key) {
                    (Some(holder), Some(Some(key))) if holder.labels.iter().any(|l| matches!(l, Label::Prefix(_))) => {
                        self.setting_under(&holder.clone(), &key, span)
                    }
                    (Some(receiver), Some(Some(key))) => self.at_path(receiver, &key, span),
                    (None, Some(Some(key))) => self.at_path(&result, &key, span),
                    (Some(receiver), Some(None)) => self.element(receiver),
                    // `cell.get()`
                    (Some(receiver), None) => receiver.clone(),
                    (None, _) => result,
                }
            }
            Effect::Join => {
                receiver.map_or(result, |receiver| Self::joined(receiver, passed.first().map(|p| &p.value)))
            }
            Effect::JoinPath => match &*result.data {
                Data::List { items, .. } => {
                    let texts = items.iter().filter_map(|item| self.as_text(item));
                    texts.reduce(|all, next| on_base(&all, &next)).unwrap_or_else(Value::unknown)
                }
                _ => result,
            },
            Effect::Merge => self.merged(result, spoken),
            Effect::Entries => self.entries(&result),
            Effect::WriteOut => {
                let style = model.prints.unwrap_or_default();
                let value = match passed {
                    // A function in between decides what is shown.
                    [_, by, ..] if matches!(*by.value.data, Data::Callable(_)) => Value::unknown(),
                    [shown, only, ..] if let Data::List { items, rest: None } = &*only.value.data => {
                        let names: Vec<String> = items.iter().filter_map(Value::known_text).collect();
                        kept(&shown.value, &names)
                    }
                    [shown, ..] => shown.value.clone(),
                    [] => Value::unknown(),
                };
                let value = self.printed(frame.scope, &value, style);
                self.with_field(&result.labels_of(&value), "value", value)
            }
            Effect::Pipe => {
                // A function is given first what a method has as its receiver.
                let functions = if receiver.is_some() { passed } else { passed.get(1..).unwrap_or(&[]) };
                let mut value = receiver.cloned().unwrap_or(result);
                for p in functions {
                    value = match &*p.value.data {
                        Data::Callable(_) => self.call_value(Some(frame), &p.value, vec![value], p.span),
                        Data::Instance { .. } => {
                            let given =
                                super::calls::Passed { value, span: p.span, style: HoleStyle::Display, place: None };
                            let before = self.facts.requests.len();
                            self.external_method(frame, &p.value, "()", &[given], span, before).0
                        }
                        _ => value,
                    };
                }
                self.following(frame, receiver, spoken.result.as_ref(), value, first)
            }
            Effect::Resolve => {
                let number = receiver.map(|receiver| self.field(receiver, "number", span).known_text());
                let number = number.flatten().and_then(|number| number.parse::<usize>().ok());
                let value = passed.last().map_or_else(Value::nothing, |p| Self::arrived(p.value.clone()));
                if let Some(place) = number.and_then(|number| self.resolved.get_mut(number)) {
                    *place = Some(match place.take() {
                        Some(known) => known.or(value),
                        None => value,
                    });
                }
                result
            }
            Effect::Filter => {
                let chooses = passed.iter().any(|p| self.chooses_changed(&p.value));
                match &*result.data {
                    // `pickBy(wanted, (value, key) => value !== live[key])`
                    Data::Object { ty: None, .. } if chooses => super::change::with_any(&result, true),
                    Data::Unknown if chooses && receiver.is_none() => result.label(Label::Compared),
                    Data::List { items, rest } if chooses => {
                        let mark = |value: &Value<'p>| value.clone().label(Label::Compared);
                        let (items, rest) = (items.iter().map(mark).collect(), rest.as_ref().map(mark));
                        Value::new(Data::List { items, rest }).label(Label::Compared)
                    }
                    _ => result,
                }
            }
            Effect::Push => match (receiver, passed.first()) {
                (Some(receiver), Some(added)) => {
                    // What is added because a comparison said so is what changed.
                    let asked = self.guards.iter().any(|guard| guard.asks_for_change);
                    let added = added.value.clone();
                    self.pushed(receiver, if asked { added.label(Label::Compared) } else { added })
                }
                _ => result,
            },
            Effect::Provide => {
                if let Some(token) = self.making.0.clone() {
                    self.configure(&token, &result);
                }
                result
            }
            Effect::Configure => {
                let namespace = self.making.0.clone().unwrap_or_default();
                for settings in listed_settings(&result) {
                    self.configure(&namespace, &settings);
                }
                result
            }
            Effect::Environment | Effect::Setting => {
                let variable = passed.first().and_then(|p| p.value.known_text());
                let Some(variable) = variable else { return result };
                if effect == Effect::Setting
                    && let Some(setting) = self.setting(&variable)
                {
                    return setting;
                }
                let value = self.environment(&variable, span);
                match &*result.data {
                    Data::Unknown | Data::Nothing | Data::Object { .. } | Data::Boolean(_) => value,
                    _ => value.or(result.label(Label::Default)),
                }
            }
            Effect::Option => self.with_option(result, passed, span),
            Effect::Enter => match passed {
                [key, value, ..] => self.entered(result, &key.value, value.value.clone()),
                _ => result,
            },
            Effect::Decorate => match (receiver, passed) {
                (Some(receiver), [name, value, ..]) => match name.value.known_text() {
                    Some(name) => self.with_field(receiver, &name, value.value.clone()),
                    None => result,
                },
                _ => result,
            },
            Effect::CompiledIn => {
                let held = passed.first().and_then(|p| p.value.known_text());
                self.facts.compiled_in.push(CompiledIn { span, how: spoken.name.to_owned(), name: held });
                let file = passed.first().and_then(|p| self.document(&p.value));
                file.unwrap_or_else(Value::unknown)
                    .label(Label::CompiledIn(span, "".into()))
                    .step(span, "taken in when the program is built")
            }
            Effect::Print => match passed.first() {
                Some(p) => self.printed(frame.scope, &p.value, model.prints.unwrap_or(p.style)),
                None => result,
            },
            Effect::SetEnvironment => {
                let name = passed.first().and_then(|p| p.value.known_text());
                if let (Some(name), Some(value)) = (name, passed.get(1)) {
                    self.variable_set(frame.scope, &name, &value.value, span);
                }
                result
            }
            Effect::Trust => {
                if let Some(p) = passed.first() {
                    self.trusted(&p.value, span);
                }
                result
            }
            // Written down where it is called.
            Effect::Element => result,
            Effect::Encode => {
                let encoded = match &model.result {
                    Some(_) => Some(&result),
                    None => passed.first().map(|p| &p.value),
                };
                let encoded = encoded.cloned();
                let Some(encoded) = encoded else { return result };
                self.note_encoding(&encoded, span);
                Value::new(Data::Text(vec![Piece::Hole(encoded)])).label(Label::Encoded).step(span, "encoded here")
            }
        }
    }

    /// A lazy value's requests are its own; nothing else was sent since.
    fn since(&self, value: &Value<'p>) -> usize {
        if matches!(*value.data, Data::Pending { .. }) { self.facts.requests.len() } else { 0 }
    }

    /// Writes down that a value is encoded.
    fn note_encoding(&mut self, value: &Value<'p>, span: Span) {
        const CONTEXTS: usize = 4;
        let span = self.site(span);
        if self.facts.encodings.iter().rev().filter(|known| known.span == span).count() < CONTEXTS {
            let within = self.bodies.last().map(|(function, _)| *function);
            self.facts.encodings.push(crate::facts::Encoding { span, value: value.clone(), within });
        }
    }

    /// Whether a value is a function whose body starts at the call.
    pub(super) fn is_eager(&self, function: &Value<'p>) -> bool {
        use crate::program::tree::Asynchrony;
        match &*function.data {
            Data::Callable(Callable::Closure { function, .. }) => function.asynchrony == Asynchrony::Eager,
            Data::Callable(Callable::Function(id, _)) => {
                self.program.functions.get(id.0).is_some_and(|entry| entry.function.asynchrony == Asynchrony::Eager)
            }
            Data::Union(all) => all.iter().any(|one| self.is_eager(one)),
            _ => false,
        }
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
        _ => Value { data: Data::Text(pieces).into(), ..value.clone() },
    }
}
