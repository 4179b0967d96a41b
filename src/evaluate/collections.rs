//! Collections as modelled calls change them: lists, maps and what is put together from several.

use super::Evaluator;
use super::effects::trimmed;
use super::expressions::origins;
use super::requests::entries;
use super::shared::Kinds;
use super::terms::Spoken;
use super::value::{Data, Label, Value};
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Elements of a list that are kept apart.
const MAX_LISTED: usize = 32;
/// The key of what a map holds under keys that are not known. No source can write it.
const ANY_KEY: &str = "#any";

impl<'p> Evaluator<'p> {
    /// A list with one more element. In a loop it may be added any number of times.
    pub(super) fn pushed(&mut self, list: &Value<'p>, added: Value<'p>) -> Value<'p> {
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
            Data::Unknown | Data::Nothing if self.loops.is_empty() => {
                Value::new(Data::List { items: vec![added], rest: None })
            }
            _ => Value::many(added),
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

    /// The part of a value under a key, a JSON pointer, or a dotted path where no key is spelled so.
    pub(super) fn at_path(&mut self, value: &Value<'p>, path: &str, span: Span) -> Value<'p> {
        if path.starts_with('/') {
            let segments = path.split('/').filter(|segment| !segment.is_empty());
            return segments.fold(value.clone(), |value, segment| self.field(&value, segment, span));
        }
        let whole = matches!(&*value.data, Data::Object { fields, .. } if fields.contains_key(path));
        if whole || !path.contains('.') {
            return self.field(value, path, span);
        }
        path.split('.').fold(value.clone(), |value, part| self.field(&value, part, span))
    }

    /// A map with one more entry: a key and a value, both in one list, or as one line `key: value`; or with the entries of
    /// an object. A key that is not known leaves it as it is.
    pub(super) fn inserted(&mut self, holder: &Value<'p>, spoken: &Spoken<'_, 'p>) -> Value<'p> {
        let asked = self.guards.iter().any(|guard| guard.asks_for_change);
        let added: Vec<(Rc<str>, Value<'p>)> = match spoken.passed {
            [entries] => match &*entries.value.data {
                Data::Object { fields, .. } => fields.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
                Data::List { items, .. } if let [key, value] = items.as_slice() => match key.known_text() {
                    Some(key) => vec![(key.into(), value.clone())],
                    None => return super::change::with_any(holder, asked),
                },
                _ => match super::commands::split_once(&entries.value, ":") {
                    (key, Some(value)) if let Some(key) = key.known_text() => vec![(key.into(), trimmed(&value))],
                    _ => return holder.clone(),
                },
            },
            [key, value, ..] => match key.value.known_text() {
                Some(key) => vec![(key.into(), value.value.clone())],
                None => return super::change::with_any(holder, asked),
            },
            [] => return holder.clone(),
        };
        let mut fields = match &*holder.data {
            Data::Object { ty: None, fields, .. } => fields.clone(),
            Data::Unknown | Data::Nothing | Data::Instance { .. } => BTreeMap::new(),
            _ => return holder.clone(),
        };
        let chosen = |value: Value<'p>| if asked { value.label(Label::Compared) } else { value };
        fields.extend(added.into_iter().map(|(key, value)| (key, chosen(value))));
        Value::new(Data::Object { ty: None, variant: None, fields, open: true }).labels_of(holder)
    }

    /// The result with the entries of every argument.
    pub(super) fn merged(&mut self, result: Value<'p>, spoken: &Spoken<'_, 'p>) -> Value<'p> {
        let (mut fields, mut more) = match &*result.data {
            Data::Object { fields, .. } => (fields.clone(), false),
            _ => (BTreeMap::new(), true),
        };
        // An instance that takes options in stays what it is.
        let first = spoken.passed.first().map(|p| p.value.clone());
        if let Some(Data::Instance { ty, state }) = first.as_ref().map(|first| &*first.data) {
            let mut state = state.clone();
            for p in spoken.passed.iter().skip(1) {
                if let Data::Object { fields, .. } = &*p.value.data {
                    state.extend(fields.iter().map(|(k, v)| (k.clone(), v.clone())));
                }
            }
            return Value::new(Data::Instance { ty: ty.clone(), state });
        }
        for p in spoken.passed {
            let one = p.value.alternatives().into_iter().find(|one| !matches!(*one.data, Data::Nothing));
            match one.map(|one| entries(&one)).as_ref().map(|one| &*one.data) {
                Some(Data::Object { fields: added, open, .. }) => {
                    fields.extend(added.iter().map(|(k, v)| (k.clone(), v.clone())));
                    more |= open;
                }
                Some(Data::Instance { state, .. }) => fields.extend(state.iter().map(|(k, v)| (k.clone(), v.clone()))),
                // Pairs of which the keys are not known: their values are in it all the same.
                Some(Data::List { items, rest }) => {
                    let held = items.iter().chain(rest).filter_map(|pair| match &*pair.data {
                        Data::List { items: pair, .. } => pair.get(1).cloned(),
                        _ => None,
                    });
                    fields.extend(Value::any_of(held).map(|held| (Rc::from(ANY_KEY), held)));
                    more = true;
                }
                _ => more = true,
            }
        }
        // Entries that a comparison chose make an object of what changed.
        let compared = spoken.passed.iter().any(|p| p.value.has(Kinds::COMPARED));
        if compared && !fields.values().any(|value| value.has(Kinds::COMPARED)) {
            fields.insert("".into(), Value::unknown().label(Label::Compared));
        }
        let ty = first.and_then(|first| match &*first.data {
            Data::Object { ty, .. } => *ty,
            _ => None,
        });
        let labels = Self::mixed(None, spoken.passed);
        let whole = Value::new(Data::Object { ty, variant: None, fields, open: more }).labels_of(&labels);
        spoken.passed.iter().flat_map(|p| origins(&p.value)).fold(whole, Value::label)
    }

    pub(super) fn joined(receiver: &Value<'p>, between: Option<&Value<'p>>) -> Value<'p> {
        let Data::List { items, rest } = &*receiver.data else { return receiver.clone() };
        let mut text: Option<Value<'p>> = None;
        for item in items.iter().chain(rest) {
            text = Some(match (text, between) {
                (None, _) => Value::new(Data::Text(item.pieces())),
                (Some(text), Some(between)) => text.concat(between).concat(item),
                (Some(text), None) => text.concat(item),
            });
        }
        text.unwrap_or_else(Value::unknown)
    }
}

/// An object with these fields only.
pub(super) fn kept<'p>(value: &Value<'p>, names: &[String]) -> Value<'p> {
    let Data::Object { ty, variant, fields, open } = &*value.data else { return value.clone() };
    let fields = fields.iter().filter(|(name, _)| names.iter().any(|kept| **kept == ***name));
    let fields = fields.map(|(name, held)| (name.clone(), held.clone())).collect();
    let data = Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open };
    Value { data: data.into(), ..value.clone() }
}
