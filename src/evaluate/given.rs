//! What programs are given from outside: environment variables, options of the command line, and input that a schema
//! describes.

use super::Evaluator;
use super::calls::Passed;
use super::terms::Spoken;
use super::value::{Data, Label, Value};
use crate::knowledge::libraries::ShapeModel;
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values inside values are looked into this far.
const MAX_NESTED: usize = 8;

impl<'p> Evaluator<'p> {
    /// The value of an environment variable.
    pub(super) fn environment(&mut self, variable: &str, span: Span) -> Value<'p> {
        if span != Span::default() && self.looked_up.insert(span) {
            self.facts.lookups.push(crate::facts::Lookup { span, name: variable.to_owned() });
        }
        let label = Label::Environment(variable.into());
        let unknown = Value::unknown().label(label.clone());
        // What the project's own files set it to is what it may be, among others.
        let set = self.program.environment.get(variable).into_iter().flatten();
        let value = set.fold(unknown, |value, (text, place)| {
            value.or(Value::text(text, *place).label(label.clone()).step(*place, "the variable is set here"))
        });
        let value = if variable.contains(['.', ':', '/']) { self.set_in_files(value, variable) } else { value };
        value.step(span, "read from the environment here")
    }

    /// A setting with the addresses that files of settings hold under its key.
    pub(super) fn set_in_files(&self, value: Value<'p>, key: &str) -> Value<'p> {
        let label = Label::Environment(key.into());
        let set = self.program.environment.get(&crate::settings::key_of_setting(key)).into_iter().flatten();
        set.fold(value, |value, (text, place)| {
            value.or(Value::text(text, *place).label(label.clone()).step(*place, "the setting is written here"))
        })
    }

    /// The result with an option of the command line in its slot `values`.
    pub(super) fn with_option(&mut self, result: Value<'p>, passed: &[Passed<'p>], span: Span) -> Value<'p> {
        // An option is given by its flags and more, or made before.
        let made = passed.first().and_then(|p| match &*p.value.data {
            Data::Instance { state, .. } => Some(state),
            _ => None,
        });
        let flags = match made {
            Some(made) => made.get("flags").and_then(Value::known_text),
            None => passed.first().and_then(|p| p.value.known_text()),
        };
        let Some(name) = option_name(&flags.unwrap_or_default()) else { return result };
        let default = match (made, passed.get(1).map(|p| &*p.value.data)) {
            (Some(made), _) => made.get("default").cloned(),
            (_, Some(Data::Object { fields, .. })) => fields.get("default").cloned(),
            _ => passed.get(2..).and_then(<[_]>::last).map(|p| p.value.clone()),
        };
        let default = default.filter(|value| !matches!(&*value.data, Data::Nothing | Data::Callable(_)));
        let variable = made.and_then(|made| made.get("env")).and_then(Value::known_text);
        let given = variable.map_or_else(Value::unknown, |variable| self.environment(&variable, span));
        let value = default.map_or(given.clone(), |default| given.or(default.label(Label::Default)));
        let held = match &*result.data {
            Data::Instance { state, .. } => state.get("values").cloned(),
            _ => None,
        };
        let held = held.unwrap_or_else(Value::unknown);
        let held = self.with_field(&held, &name, super::name_label(value, &name));
        self.with_field(&result, "values", held)
    }

    /// An object whose fields a schema describes.
    pub(super) fn shaped(&mut self, shape: &ShapeModel, spoken: &Spoken<'_, 'p>, span: Span) -> Value<'p> {
        let input = self.term(&shape.input, spoken);
        let mut schemas = vec![self.term(&shape.schema, spoken)];
        if let Some(more) = &shape.more {
            schemas.push(self.term(more, spoken));
        }
        let mut fields = BTreeMap::new();
        for schema in schemas {
            fields.extend(self.described(shape, &input, &schema, span, MAX_NESTED));
        }
        let value = Value::new(Data::Object { ty: None, variant: None, fields, open: true }).labels_of(&input);
        if shape.into.is_empty() {
            return value;
        }
        let fields = shape.into.iter().map(|name| (Rc::from(name.as_str()), value.clone())).collect();
        Value::new(Data::Object { ty: None, variant: None, fields, open: true })
    }

    fn described(
        &mut self,
        shape: &ShapeModel,
        input: &Value<'p>,
        schema: &Value<'p>,
        span: Span,
        depth: usize,
    ) -> BTreeMap<Rc<str>, Value<'p>> {
        let mut fields = BTreeMap::new();
        let (Data::Object { fields: entries, .. } | Data::Instance { state: entries, .. }, Some(depth)) =
            (&*schema.data, depth.checked_sub(1))
        else {
            return fields;
        };
        for (name, entry) in entries {
            let parts = match &*entry.data {
                Data::Object { fields, .. } => Some(fields),
                Data::Instance { state, .. } => Some(state),
                _ => None,
            };
            let part = |name: &str| parts.and_then(|parts| parts.get(name)).cloned();
            // Without a name for it, an entry is its own default unless it holds others.
            let default = match (shape.default.as_str(), parts) {
                ("", None) => Some(entry.clone()),
                ("", Some(_)) => None,
                (name, _) => part(name),
            };
            let default = default.filter(|default| !matches!(*default.data, Data::Nothing));
            let variable = shape.variable.as_deref().and_then(part).and_then(|variable| variable.known_text());
            let nested = parts.is_some_and(|parts| {
                shape.default.is_empty()
                    || parts.values().any(|part| matches!(&*part.data, Data::Object { .. } | Data::Instance { .. }))
            });
            let value = match variable {
                Some(variable) => self.environment(&variable, span),
                None if nested && default.is_none() => {
                    let inner = self.field(input, name, span);
                    let fields = self.described(shape, &inner, entry, span, depth);
                    Value::new(Data::Object { ty: None, variant: None, fields, open: true })
                }
                None => self.field(input, name, span),
            };
            let value = match default {
                Some(default) => value.or(default.label(Label::Default)),
                None => value,
            };
            fields.insert(name.clone(), super::name_label(value, name));
        }
        fields
    }
}

/// Settings given one by one or as a list.
pub(super) fn listed_settings<'p>(value: &Value<'p>) -> Vec<Value<'p>> {
    match &*value.data {
        Data::List { items, rest } => items.iter().chain(rest).flat_map(listed_settings).collect(),
        Data::Object { .. } => vec![value.clone()],
        Data::Union(all) => all.iter().filter(|one| matches!(*one.data, Data::Object { .. })).cloned().collect(),
        _ => Vec::new(),
    }
}

/// The name under which an option's value is found: `-s, --api-secret <secret>` is `apiSecret`.
fn option_name(flags: &str) -> Option<String> {
    let word =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect() };
    let long = flags.split_once("--").map_or_else(|| word(flags.trim_start_matches('-')), |(_, long)| word(long));
    let mut parts = long.split('-').filter(|part| !part.is_empty());
    let first = parts.next()?.to_owned();
    Some(parts.fold(first, |mut name, part| {
        let mut chars = part.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
        name
    }))
}
