//! The terms of library models, evaluated.

use super::calls::Passed;
use super::shared::Kinds;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, texts, urls};
use crate::knowledge::libraries::Term;
use crate::program::link::FunctionId;
use crate::span::Span;
use std::collections::BTreeMap;

/// Calls that tell apart what is made at one place.
const MAX_CALLERS: usize = 2;

/// What the terms of one call speak of.
#[derive(Default)]
pub(super) struct Spoken<'a, 'p> {
    /// The name it was called by.
    pub name: &'a str,
    /// The receiver.
    pub receiver: Option<&'a Value<'p>>,
    /// The arguments.
    pub passed: &'a [Passed<'p>],
    /// What the function it ran gave.
    pub result: Option<Value<'p>>,
    /// What that function's first parameter held when it ended.
    pub given: Option<Value<'p>>,
    /// The result, once the request is sent.
    pub sent: Option<Value<'p>>,
    /// Number of the promise it makes.
    pub resolver: usize,
    /// How many tasks had been started before it.
    pub tasks: usize,
}

impl<'a, 'p> Spoken<'a, 'p> {
    /// A receiver and arguments.
    pub(super) fn new(receiver: Option<&'a Value<'p>>, passed: &'a [Passed<'p>]) -> Self {
        Self { receiver, passed, ..Self::default() }
    }

    /// Nothing but a receiver.
    pub(super) fn of(receiver: &'a Value<'p>) -> Self {
        Self { receiver: Some(receiver), ..Self::default() }
    }
}

impl<'p> Evaluator<'p> {
    /// Evaluates a term of a model.
    pub(super) fn term(&mut self, term: &str, spoken: &Spoken<'_, 'p>) -> Value<'p> {
        let Some(term) = self.libraries(self.at).term(term) else { return Value::unknown() };
        self.evaluate_term(term, spoken)
    }

    fn evaluate_term(&mut self, term: &Term, spoken: &Spoken<'_, 'p>) -> Value<'p> {
        let receiver = || spoken.receiver.cloned().unwrap_or_else(Value::unknown);
        let callable = |value: &&Value<'p>| {
            value.alternatives().iter().any(|one| match &*one.data {
                Data::Callable(_) => true,
                Data::Instance { ty, .. } => &**ty == "Promise::Resolver",
                _ => false,
            })
        };
        match term {
            Term::Receiver(fields) => self.follow(receiver(), fields),
            Term::Argument(index, fields) => {
                // What is not given is nothing.
                let value = spoken.passed.get(*index).map_or_else(Value::nothing, |p| p.value.clone());
                self.follow(value, fields)
            }
            Term::Arguments => {
                Value::new(Data::List { items: spoken.passed.iter().map(|p| p.value.clone()).collect(), rest: None })
            }
            Term::Callback => {
                let given = spoken.passed.iter().map(|p| &p.value).rfind(callable);
                given.cloned().unwrap_or_else(Value::nothing)
            }
            Term::Callbacks => {
                let items = spoken.passed.iter().map(|p| &p.value).filter(callable).cloned().collect();
                Value::new(Data::List { items, rest: None })
            }
            Term::Called => {
                Value::text(&spoken.name.rsplit("::").next().unwrap_or("").to_ascii_uppercase(), Span::default())
            }
            Term::Text(text) => Value::text(text, Span::default()),
            Term::New(ty) => Value::instance(ty),
            Term::Elements => {
                let value = receiver();
                if matches!(*value.data, Data::List { .. }) { value } else { Value::many(self.element(&value)) }
            }
            Term::Element => self.element(&receiver()),
            Term::Result => spoken.result.clone().unwrap_or_else(Value::unknown),
            Term::Given => spoken.given.clone().unwrap_or_else(Value::nothing),
            Term::Sent => spoken.sent.clone().unwrap_or_else(Value::unknown),
            Term::Resolver => {
                let number = Value::new(Data::Number(spoken.resolver.to_string().into()));
                let state = BTreeMap::from([("number".into(), number)]);
                Value::new(Data::Instance { ty: "Promise::Resolver".into(), state })
            }
            Term::Resolved => {
                let settled = self.resolved.get(spoken.resolver).cloned().flatten();
                settled.unwrap_or_else(Value::unknown)
            }
            Term::Nothing => Value::nothing(),
            Term::Unknown => Value::unknown(),
            Term::Map => Value::new(Data::Object { ty: None, variant: None, fields: BTreeMap::new(), open: true }),
            Term::Fields(fields) => {
                let fields = fields.iter().map(|(name, term)| (name.as_str().into(), self.evaluate_term(term, spoken)));
                let fields: BTreeMap<_, _> = fields.collect();
                Value::new(Data::Object { ty: None, variant: None, fields, open: true })
            }
            Term::Environment => match self.libraries(self.at).any_environment() {
                Some(name) => Value::new(Data::Callable(Callable::External(name.into(), None))),
                None => Value::unknown(),
            },
            Term::Input => Value::unknown().label(Label::UserInput),
            Term::Many(inner) => Value::many(self.evaluate_term(inner, spoken)),
            Term::ElementOf(inner) => {
                let value = self.evaluate_term(inner, spoken);
                self.element(&value)
            }
            Term::FewOf(inner) => texts::few_of(&self.evaluate_term(inner, spoken)),
            Term::RestOf(inner) => {
                let value = self.evaluate_term(inner, spoken);
                let Data::List { items, rest } = &*value.data else { return Value::unknown() };
                let items = items.iter().skip(1).cloned().collect();
                Value::new(Data::List { items, rest: rest.clone() })
            }
            Term::ItemOf(inner) => {
                let value = self.evaluate_term(inner, spoken);
                match Self::arrived(value) {
                    value if matches!(*value.data, Data::List { .. }) => self.element(&value),
                    value => value,
                }
            }
            Term::As(inner, ty) => {
                let value = self.evaluate_term(inner, spoken);
                Self::retyped(&value, ty)
            }
            Term::Either(first, second) => {
                let first = self.evaluate_term(first, spoken);
                let second = self.evaluate_term(second, spoken);
                match (&*first.data, &*second.data) {
                    // `send(…)` gives nothing or fails.
                    (Data::Nothing, Data::Failed(_)) => first.or(second),
                    (Data::Nothing, _) => second,
                    (_, Data::Nothing) => first,
                    _ => first.or(second.label(Label::Default)),
                }
            }
            Term::Otherwise(first, second) => match self.evaluate_term(first, spoken) {
                first if !matches!(*first.data, Data::Nothing) => first,
                _ => self.evaluate_term(second, spoken),
            },
            Term::Now => super::times::moment(0.0),
            Term::Else(first, second) => match self.evaluate_term(first, spoken) {
                first if !matches!(*first.data, Data::Unknown | Data::Nothing) => first,
                _ => self.evaluate_term(second, spoken),
            },
            Term::Joined(first, second) => {
                let [first, second] = [first, second].map(|term| {
                    let value = self.evaluate_term(term, spoken);
                    self.as_text(&value).unwrap_or(value)
                });
                first.concat(&second)
            }
            Term::Url(path, base) => {
                let path = self.evaluate_term(path, spoken);
                let base = self.evaluate_term(base, spoken);
                let path = self.as_text(&path).unwrap_or_else(Value::unknown);
                self.as_text(&base).map_or(path.clone(), |base| urls::join(&base, &path, Span::default()))
            }
            Term::Replaced { pattern, with, text } => {
                let pattern = self.evaluate_term(pattern, spoken);
                let with = self.evaluate_term(with, spoken);
                let text = self.evaluate_term(text, spoken);
                texts::replaced(&self.as_text(&text).unwrap_or(text), &pattern, &with)
            }
            Term::PathOf(inner) => {
                let url = self.evaluate_term(inner, spoken);
                self.as_text(&url).map_or_else(Value::unknown, |url| urls::path_of(&url))
            }
            Term::HostOf(inner) => {
                let url = self.evaluate_term(inner, spoken);
                self.as_text(&url).map_or_else(Value::unknown, |url| urls::host_of(&url))
            }
            Term::SearchOf(inner) => urls::search_of(&self.evaluate_term(inner, spoken), Span::default()),
            Term::QueryOf(inner) => urls::query_of(&self.evaluate_term(inner, spoken), Span::default()),
            Term::Awaited(inner) => Self::arrived(self.evaluate_term(inner, spoken)),
            Term::Body => Self::body_of(&receiver()),
            Term::BodyOf(inner) => Self::body_of(&self.evaluate_term(inner, spoken)),
            Term::Meta => {
                let receiver = receiver();
                let about = response_of(&receiver)
                    .map_or_else(Value::unknown, |number| Value::unknown().label(Label::Meta(number)));
                let compared = receiver.labels.contains(&Label::Compared);
                if compared { about.label(Label::Compared) } else { about }
            }
            Term::Failure => self.failure(&receiver()),
            Term::Success => receiver().parted().0.unwrap_or_else(Value::unknown),
            Term::Failures => match receiver().parted().1 {
                Some(error) => Value::new(Data::Failed(error)),
                None => Value::nothing(),
            },
            Term::Failed(inner) => {
                let error = self.evaluate_term(inner, spoken);
                Value::new(Data::Failed(error))
            }
            Term::Shown(inner) => {
                let value = self.evaluate_term(inner, spoken);
                self.for_people(&value)
            }
            Term::Entries => self.entries(&receiver()),
            Term::Received => {
                self.receives = true;
                let channel = self.making.0.as_ref();
                let received = channel.and_then(|name| self.channels.get(name).cloned());
                self.answered |= received.as_ref().is_some_and(|received| received.has(Kinds::BODY));
                received.unwrap_or_else(Value::unknown)
            }
            Term::Here => {
                let span = self.making.1;
                Value::text(&format!("{}:{}", span.file.0, span.start), span)
            }
            Term::HereSo => {
                let span = self.making.1;
                let way = self.calls.iter().rev().take(MAX_CALLERS).map(|(_, call)| call);
                let text = way.fold(format!("{}:{}", span.file.0, span.start), |text, call| {
                    format!("{text}<{}:{}", call.file.0, call.start)
                });
                Value::text(&text, Span::default())
            }
            Term::FailureOf(inner) => {
                let value = self.evaluate_term(inner, spoken);
                self.failure(&value)
            }
            Term::FileAt(inner) => {
                let path = self.evaluate_term(inner, spoken);
                self.file_at(&path)
            }
            Term::DocumentAt(inner) => {
                let path = self.evaluate_term(inner, spoken);
                self.document(&path).unwrap_or_else(Value::unknown)
            }
            Term::InstanceOf(inner) => {
                let asked = self.evaluate_term(inner, spoken);
                self.stand_in(&asked)
            }
        }
    }

    fn follow(&mut self, value: Value<'p>, fields: &[String]) -> Value<'p> {
        fields.iter().fold(value, |value, field| match &*value.data {
            Data::Nothing => value,
            // A slot is not the method of the same name.
            Data::Instance { ty, state } => match state.get(field.as_str()) {
                Some(held) => held.clone(),
                None if self.libraries(self.at).ty(ty).is_some_and(|model| model.fields.contains_key(field)) => {
                    self.field(&value, field, Span::default())
                }
                // An instance that comes from nowhere else holds what models put into it.
                None if value.labels.is_empty() => Value::nothing(),
                None => Value::unknown().labels_of(&value),
            },
            // Nothing of this name is there to be read.
            Data::Text(_) | Data::Number(_) | Data::Boolean(_) if value.labels.is_empty() => Value::nothing(),
            Data::Unknown | Data::Text(_) | Data::Number(_) | Data::Boolean(_) => Value::unknown().labels_of(&value),
            // What the project's type does when the library calls it.
            Data::Object { ty: Some(ty), variant: None, fields, .. } if !fields.contains_key(field.as_str()) => {
                match self.program.methods(*ty, field).into_iter().next() {
                    Some(id) => Value::new(Data::Callable(Callable::Function(id, Some(value.clone())))),
                    None => self.field(&value, field, Span::default()),
                }
            }
            // A type without fields is its only value.
            Data::Callable(Callable::Constructor(ty, None)) => {
                match self.program.methods(*ty, field).into_iter().find(|id| self.has_receiver(*id)) {
                    Some(id) => Value::new(Data::Callable(Callable::Function(id, Some(Self::open(*ty))))),
                    None => self.field(&value, field, Span::default()),
                }
            }
            _ => self.field(&value, field, Span::default()),
        })
    }

    fn has_receiver(&self, id: FunctionId) -> bool {
        self.program.functions.get(id.0).is_some_and(|entry| entry.function.has_receiver)
    }

    /// What a value will be once it is there.
    pub(super) fn arrived(mut value: Value<'p>) -> Value<'p> {
        while let Data::Pending { value: inner, .. } = &*value.data {
            value = inner.clone();
        }
        value
    }

    pub(super) fn body_of(response: &Value<'p>) -> Value<'p> {
        let Some(number) = response_of(response) else { return Value::unknown() };
        Value::unknown().label(Label::Body(number)).label(Label::Content(number, "".into()))
    }

    /// An object as the state of an instance; what is not known stays so, and what is no object is nothing.
    fn retyped(value: &Value<'p>, ty: &str) -> Value<'p> {
        let data = match &*value.data {
            Data::Object { fields, .. } => Data::Instance { ty: ty.into(), state: fields.clone() },
            Data::Union(all) => {
                let all =
                    all.iter().map(|one| Self::retyped(one, ty)).filter(|one| !matches!(*one.data, Data::Nothing));
                return Value::any_of(all).unwrap_or_else(Value::nothing);
            }
            Data::Pending { value, .. } => return Self::retyped(value, ty),
            Data::Instance { .. } | Data::Unknown => return value.clone(),
            _ => return Value::nothing(),
        };
        Value { data: data.into(), ..value.clone() }
    }
}

/// The number of the request whose response a value is, waited for or not.
pub(super) fn response_of(value: &Value<'_>) -> Option<usize> {
    let mut value = value;
    loop {
        let number = value.labels.iter().find_map(|label| match label {
            Label::Body(number) => Some(*number),
            _ => None,
        });
        match &*value.data {
            Data::Pending { value: inner, .. } if number.is_none() => value = inner,
            _ => return number,
        }
    }
}
