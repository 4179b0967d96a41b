//! Files of settings as values: what a program takes in when it is built, reads by a path, or looks up by a key.

use super::Evaluator;
use super::value::{Data, Label, Leaf, Value};
use crate::program::link::{ScopeId, TypeId};
use crate::program::tree::Type;
use crate::span::Span;
use std::collections::BTreeMap;

/// Keys within keys are followed this far.
const MAX_KEYS: usize = 12;

impl<'p> Evaluator<'p> {
    /// What the file of settings at a path holds: addresses are known, all else is there and not known. None when there is
    /// no such file, or more than one may be meant.
    pub(super) fn document(&self, path: &Value<'p>) -> Option<Value<'p>> {
        let mut known = String::new();
        path.leaves(&|_| false, &mut |leaf| match leaf {
            Leaf::Text(text, ..) => known.push_str(text),
            // What stands before is the folder.
            Leaf::Unknown(_) => known.clear(),
        });
        let mut found = self.program.documents.iter().filter(|document| document.is_at(&known));
        let document = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let mut value = anything();
        for (keys, address, span) in &document.addresses {
            value = placed(&value, keys, Value::text(address, *span).step(*span, "the address is set here"));
        }
        Some(value)
    }

    /// What is known of a value without a type, as a value of the type that is asked for.
    pub(super) fn as_declared(&self, scope: ScopeId, owner: Option<TypeId>, value: Value<'p>, ty: &Type) -> Value<'p> {
        let is_shapeless =
            |one: &Value<'p>| matches!(*one.data, Data::Object { ty: None, variant: None, open: true, .. });
        if !value.alternatives().iter().any(is_shapeless) {
            return value;
        }
        let Data::Object { ty: Some(wanted), .. } = *self.typed(scope, owner, Some(ty), "").data else { return value };
        if self.is_interface(wanted) {
            return value;
        }
        value.map_alternatives(&mut |one| match &*one.data {
            Data::Object { ty: None, variant: None, fields, open: true } => {
                let data = Data::Object { ty: Some(wanted), variant: None, fields: fields.clone(), open: true };
                Value { data: data.into(), ..one.clone() }
            }
            _ => one.clone(),
        })
    }

    /// The result of a reader of settings, named after where they come from.
    pub(super) fn settings_of(&mut self, reader: Option<&Value<'p>>, result: Value<'p>, span: Span) -> Value<'p> {
        let prefix = reader.map(|reader| self.field(reader, "prefix", span));
        let known = prefix.and_then(|prefix| prefix.alternatives().iter().find_map(Value::known_text));
        let label = Label::Prefix(known.unwrap_or_default().into());
        let held = match &*result.data {
            Data::Instance { state, .. } => Some(state.get("values").cloned().unwrap_or_else(anything)),
            _ => None,
        };
        match held {
            Some(values) => self.with_field(&result, "values", values.label(label)),
            None => result.label(label),
        }
    }

    /// What a reader of settings gives for a dotted key: what it is set to in code, in files of settings, or from outside.
    pub(super) fn setting_under(&mut self, values: &Value<'p>, key: &str, span: Span) -> Value<'p> {
        let value = self.at_path(values, key, span);
        let value = value.map_alternatives(&mut |one| match *one.data {
            Data::Unknown => one.clone().label(Label::Environment(key.into())),
            _ => one.clone(),
        });
        self.set_in_files(value, key).step(span, "read from the settings here")
    }

    /// The result with what a dotted key is set to in its slot `values`.
    pub(super) fn entered(&mut self, result: Value<'p>, key: &Value<'p>, value: Value<'p>) -> Value<'p> {
        let Some(key) = key.known_text() else { return result };
        let held = match &*result.data {
            Data::Instance { state, .. } => state.get("values").cloned(),
            _ => None,
        };
        let keys: Vec<String> = key.split('.').map(str::to_owned).collect();
        let values = placed(&held.unwrap_or_else(anything), &keys, value);
        self.with_field(&result, "values", values)
    }
}

/// Something with parts of which nothing is known.
fn anything<'p>() -> Value<'p> {
    Value::new(Data::Object { ty: None, variant: None, fields: BTreeMap::new(), open: true })
}

/// A value with another one where these keys lead.
fn placed<'p>(holder: &Value<'p>, keys: &[String], value: Value<'p>) -> Value<'p> {
    let (Some((key, rest)), Data::Object { ty, variant, fields, open }) = (keys.split_first(), &*holder.data) else {
        return value;
    };
    if keys.len() > MAX_KEYS {
        return holder.clone();
    }
    let mut fields = fields.clone();
    let inner = fields.get(key.as_str()).cloned().unwrap_or_else(anything);
    let value = super::name_label(placed(&inner, rest, value), key);
    fields.insert(key.as_str().into(), value);
    let data = Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open };
    Value { data: data.into(), ..holder.clone() }
}
