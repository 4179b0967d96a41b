//! Places: variables, fields and elements that hold values, and patterns that bind them.

use super::value::{Data, Label, Value};
use super::{Evaluator, Frame, name_label};
use crate::facts::Read;
use crate::program::link::{Resolved, TypeId};
use crate::program::tree::{Expr, ExprKind, Pattern, PatternKind};
use crate::span::Span;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// Reads a field.
    pub(super) fn field(&mut self, base: &Value<'p>, name: &str, span: Span) -> Value<'p> {
        for label in base.labels.iter() {
            if let Label::Body(request) = label {
                self.facts.reads.push(Read { request: *request, field: name.to_owned(), span });
            }
        }
        let value = match &*base.data {
            Data::Object { fields, ty, .. } => match (fields.get(name), ty) {
                (Some(value), _) => value.clone(),
                (None, Some(ty)) => self.declared_field(*ty, name),
                (None, None) => Value::unknown(),
            },
            Data::Instance { state, .. } => state.get(name).cloned().unwrap_or_else(Value::unknown),
            Data::List { items, rest } => {
                let at = name.parse::<usize>().ok().and_then(|index| items.get(index));
                at.or(rest.as_ref()).cloned().unwrap_or_else(Value::unknown)
            }
            Data::Pending { value, .. } => self.field(&value.clone(), name, span),
            Data::Union(all) => all
                .clone()
                .iter()
                .map(|one| self.field(one, name, span))
                .reduce(Value::or)
                .unwrap_or_else(Value::unknown),
            _ => Value::unknown(),
        };
        // What is read from a response, or from a held value, stays part of it.
        let kept = base
            .labels
            .iter()
            .filter(|l| matches!(l, Label::Body(_) | Label::UserInput | Label::Named(_) | Label::Environment(_)));
        let unknown = matches!(*value.data, Data::Unknown);
        let value = kept
            .filter(|l| unknown || matches!(l, Label::Body(_)))
            .fold(value, |value, label| value.label(label.clone()));
        if unknown { name_label(value, name) } else { value }
    }

    /// Writes a value to a place. A place that is not understood is left alone.
    pub(super) fn assign(&mut self, frame: &mut Frame<'p>, place: &'p Expr, value: Value<'p>) {
        match &place.kind {
            ExprKind::Name(path) => {
                if let Some(name) = path.single() {
                    frame.variables.insert(name.into(), name_label(value, name));
                }
            }
            ExprKind::Field { base, name, .. } => {
                let holder = self.expression(frame, base);
                let updated = self.with_field(&holder, name, value);
                self.assign(frame, base, updated);
            }
            ExprKind::Index { base, index } => {
                let holder = self.expression(frame, base);
                let key = self.expression(frame, index).known_text();
                if let Some(key) = key {
                    let updated = self.with_field(&holder, &key, value);
                    self.assign(frame, base, updated);
                }
            }
            ExprKind::Unary { operand, .. } | ExprKind::Await(operand) | ExprKind::Try(operand) => {
                self.assign(frame, operand, value)
            }
            _ => {}
        }
    }

    /// The same holder with one field replaced; what constructors and methods put into a type's fields is joined over the type.
    pub(super) fn with_field(&mut self, holder: &Value<'p>, name: &str, value: Value<'p>) -> Value<'p> {
        let data = match &*holder.data {
            Data::Object { ty, variant, fields, open } => {
                if let Some(ty) = ty {
                    self.learn_field(*ty, name, &value);
                }
                let mut fields = fields.clone();
                fields.insert(name.into(), value);
                Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open }
            }
            Data::Instance { ty, state } => {
                let mut state = state.clone();
                state.insert(name.into(), value);
                Data::Instance { ty: ty.clone(), state }
            }
            Data::Unknown | Data::Nothing => Data::Object {
                ty: None,
                variant: None,
                fields: [(Rc::from(name), value)].into_iter().collect(),
                open: true,
            },
            _ => return holder.clone(),
        };
        Value { data: Rc::new(data), labels: holder.labels.clone(), trail: holder.trail.clone() }
    }

    /// Remembers what a field of a type may hold.
    pub(super) fn learn_field(&mut self, ty: TypeId, name: &str, value: &Value<'p>) {
        if matches!(*value.data, Data::Unknown) && value.labels.is_empty() {
            return;
        }
        let key = (ty, Rc::from(name));
        let joined = match self.fields.remove(&key) {
            Some(known) => known.or(value.clone()),
            None => value.clone(),
        };
        self.fields.insert(key, joined);
    }

    /// Binds a pattern's names.
    pub(super) fn bind(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: &Value<'p>) {
        match &pattern.kind {
            PatternKind::Bind { name, inner, default } => {
                let value = match (&*value.data, default) {
                    (Data::Nothing, Some(default)) => self.expression(frame, default),
                    (Data::Unknown, Some(default)) => {
                        value.clone().or(self.expression(frame, default).label(Label::Default))
                    }
                    _ => value.clone(),
                };
                if let Some(inner) = inner {
                    self.bind(frame, inner, &value);
                }
                frame.variables.insert(name.as_str().into(), name_label(value, name));
            }
            PatternKind::Object { fields, rest, .. } => {
                for (name, pattern) in fields {
                    let field = self.field(value, name, pattern.span);
                    self.bind(frame, pattern, &field);
                }
                if let Some(rest) = rest {
                    self.bind(frame, rest, value);
                }
            }
            PatternKind::Variant { path, elements } => {
                let own =
                    matches!(self.program.resolve(frame.scope, path), Some(Resolved::Variant(..) | Resolved::Type(_)));
                for (index, pattern) in elements.iter().enumerate() {
                    // `Some(x)` and `Ok(x)` hold the value itself.
                    let element = if own { self.field(value, &index.to_string(), pattern.span) } else { value.clone() };
                    self.bind(frame, pattern, &element);
                }
            }
            PatternKind::List { elements, rest } => {
                for (index, pattern) in elements.iter().enumerate() {
                    let element = self.field(value, &index.to_string(), pattern.span);
                    self.bind(frame, pattern, &element);
                }
                if let Some((_, rest)) = rest {
                    self.bind(frame, rest, value);
                }
            }
            PatternKind::Or(all) => all.iter().for_each(|pattern| self.bind(frame, pattern, value)),
            PatternKind::Wildcard | PatternKind::Value(_) => {}
        }
    }
}
