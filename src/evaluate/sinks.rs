//! Where values leave the program, and what is left of them in the form they are written in.

use super::Evaluator;
use super::terms::Spoken;
use super::value::{Callable, Data, Piece, Value};
use crate::facts::{Sink, SinkKind, Written};
use crate::knowledge::libraries::{CallModel, Effect, Term};
use crate::program::link::{ScopeId, TypeId};
use crate::program::tree::{Argument, Attribute, ExprKind, HoleStyle};
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A sink is written down for at most this many contexts it is reached in.
const MAX_SINKS: usize = 64;
/// Structure deeper than this is not written out.
const MAX_DEPTH: usize = 12;

/// The kind of sink that an effect is, when it is one.
pub(super) fn kind(effect: Effect) -> Option<SinkKind> {
    Some(match effect {
        Effect::Log => SinkKind::Log,
        Effect::Output => SinkKind::Output,
        Effect::Respond => SinkKind::Response,
        Effect::Track => SinkKind::Tracker,
        Effect::Panic => SinkKind::Panic,
        Effect::Render => SinkKind::Page,
        Effect::Store => SinkKind::BrowserStore,
        Effect::WriteFile => SinkKind::File,
        Effect::Run => SinkKind::Process,
        Effect::Mail => SinkKind::Mail,
        Effect::Redirect => SinkKind::Redirect,
        _ => return None,
    })
}

impl<'p> Evaluator<'p> {
    /// Writes down what a call of a library hands over.
    pub(super) fn sink(
        &mut self,
        scope: ScopeId,
        kind: SinkKind,
        model: &CallModel,
        spoken: &Spoken<'_, 'p>,
        span: Span,
    ) {
        let passed = spoken.passed;
        let form = model.prints.or_else(|| self.libraries(scope).printing(HoleStyle::Display)?.arguments);
        let redacted = spoken.receiver.map(redacted_paths).unwrap_or_default();
        let mut values = Vec::new();
        if model.writes.is_empty() {
            for p in passed {
                let style = form.unwrap_or(p.style);
                let value = self.printed(scope, &p.value, style);
                values.push(Written { value, span: p.span, style });
            }
        }
        for term in &model.writes {
            let argument = match Term::parse(term) {
                Some(Term::Argument(index, _)) => match passed.get(index) {
                    Some(p) => Some((p.span, p.style)),
                    // An argument that may be left out.
                    None => continue,
                },
                _ => None,
            };
            let value = self.term(term, spoken);
            let (at, style) = argument.unwrap_or((span, HoleStyle::Display));
            let style = form.unwrap_or(style);
            let value = self.printed(scope, &value, style);
            values.push(Written { value, span: at, style });
        }
        let target = model.target.as_ref().map(|term| self.term(term, spoken));
        for written in values.iter_mut().filter(|_| !redacted.is_empty()) {
            written.value = redacted.iter().fold(written.value.clone(), |value, path| without(&value, path));
        }
        self.write(span, kind, values, target);
    }

    /// Writes down that a field of something outside the project that is a sink is assigned to.
    pub(super) fn assigned(&mut self, scope: ScopeId, holder: &Value<'p>, name: &str, value: &Value<'p>, span: Span) {
        let ty = match &*holder.data {
            Data::Instance { ty, .. } => ty,
            Data::Callable(Callable::External(path, _)) => path,
            _ => return,
        };
        let libraries = self.libraries(scope);
        if libraries.environment(ty) {
            self.variable_set(scope, name, value, span);
        }
        let effect = libraries.ty(ty).and_then(|model| model.assigned.get(name));
        if let Some(kind) = effect.and_then(|effect| kind(*effect)) {
            let style = HoleStyle::Data;
            let value = self.printed(scope, value, style);
            self.write(span, kind, vec![Written { value, span, style }], None);
        }
    }

    /// Writes a sink down.
    pub(super) fn write(&mut self, span: Span, kind: SinkKind, values: Vec<Written<'p>>, target: Option<Value<'p>>) {
        let span = self.site(span);
        let seen = self.sunk.entry(span).or_insert(0);
        *seen += 1;
        if *seen <= MAX_SINKS {
            self.facts.sinks.push(Sink { span, kind, values, target, calls: self.calls.clone() });
        }
    }

    /// What is left of a value when it is written out in a style: what a type hides, or writes by hand, is not there.
    pub(super) fn printed(&mut self, scope: ScopeId, value: &Value<'p>, style: HoleStyle) -> Value<'p> {
        self.printed_within(scope, value, style, MAX_DEPTH)
    }

    fn printed_within(&mut self, scope: ScopeId, value: &Value<'p>, style: HoleStyle, depth: usize) -> Value<'p> {
        let Some(depth) = depth.checked_sub(1) else { return Value::unknown() };
        let libraries = self.libraries(scope);
        // What stands for a text is written as that text.
        if let Data::Instance { ty, .. } = &*value.data
            && libraries.ty(ty).is_some_and(|model| model.text.is_some())
            && let Some(text) = self.as_text(value)
        {
            return self.printed_within(scope, &text, style, depth).labels_of(value);
        }
        let known = match &*value.data {
            Data::Object { ty: Some(ty), fields, open, .. } => match self.written_fields(*ty, fields, *open, style) {
                Some(fields) => Some(fields),
                None => return Value::unknown(),
            },
            _ => None,
        };
        let mut inside = |value: &Value<'p>| self.printed_within(scope, value, style, depth);
        let data = match &*value.data {
            Data::Object { ty, variant, fields, open } => {
                let model = libraries.printing(style);
                if model.is_some_and(|model| model.opaque) {
                    return Value::unknown();
                }
                let fields = known
                    .as_ref()
                    .unwrap_or(fields)
                    .iter()
                    .map(|(name, value)| (name.clone(), inside(value)))
                    .collect();
                // What was written out has what it has: its type adds nothing when it is written out again.
                Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open && ty.is_none() }
            }
            Data::List { items, rest } => {
                Data::List { items: items.iter().map(&mut inside).collect(), rest: rest.as_ref().map(&mut inside) }
            }
            Data::Text(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) => Data::Text(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Known(text, span) => Piece::Known(text.clone(), *span),
                        Piece::Hole(value) => Piece::Hole(inside(value)),
                    })
                    .collect(),
            ),
            Data::Instance { ty, state } => match libraries.ty(ty) {
                Some(model) if model.sealed => return Value::unknown(),
                _ if libraries.printing(style).is_some_and(|model| model.opaque) => return Value::unknown(),
                model => {
                    let shown = model.and_then(|model| model.prints.as_ref());
                    let state = state.iter().filter(|(slot, _)| shown.is_none_or(|s| s.iter().any(|s| **s == ***slot)));
                    let state = state.map(|(slot, value)| (slot.clone(), inside(value))).collect();
                    Data::Instance { ty: ty.clone(), state }
                }
            },
            Data::Pending { value: inner, .. } => return inside(inner).labels_of(value),
            Data::Union(all) => Data::Union(all.iter().map(inside).collect()),
            _ => return value.clone(),
        };
        Value { data: Rc::new(data), labels: value.labels.clone(), trail: value.trail.clone() }
    }

    /// The fields that are written out with a value of a project type; none when the type writes itself by hand.
    fn written_fields(
        &mut self,
        ty: TypeId,
        known: &BTreeMap<Rc<str>, Value<'p>>,
        open: bool,
        style: HoleStyle,
    ) -> Option<BTreeMap<Rc<str>, Value<'p>>> {
        let program = self.program;
        let Some(entry) = program.types.get(ty.0) else { return Some(known.clone()) };
        let Some(model) = self.libraries(entry.scope).printing(style) else { return Some(known.clone()) };
        let by_hand = |name: &String| {
            entry.written_interfaces.contains(&name.as_str()) || entry.methods.contains_key(name.as_str())
        };
        if model.by_hand.iter().any(by_hand) {
            return None;
        }
        let mut fields = known.clone();
        for field in entry.definition.iter().flat_map(|definition| &definition.fields) {
            let kept = field.ty.as_ref().is_some_and(|ty| self.keeps(entry.scope, ty, MAX_DEPTH));
            if kept || field.attributes.iter().any(|attribute| says_any(attribute, &model.leaves_out)) {
                fields.remove(field.name.as_str());
            } else if open && !fields.contains_key(field.name.as_str()) {
                fields.insert(field.name.as_str().into(), self.declared_field(ty, &field.name));
            }
        }
        Some(fields)
    }
}

/// Whether an attribute's name and one of its words are listed.
pub(super) fn says_any(attribute: &Attribute, listed: &[String]) -> bool {
    fn says(arguments: &[Argument], word: &str, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        arguments.iter().any(|argument| {
            argument.name.as_deref() == Some(word)
                || match &argument.value.kind {
                    ExprKind::Name(path) => path.last() == word,
                    ExprKind::Call { callee, arguments, .. } => {
                        matches!(&callee.kind, ExprKind::Name(path) if path.last() == word)
                            || says(arguments, word, depth)
                    }
                    _ => false,
                }
        })
    }
    listed
        .iter()
        .filter_map(|entry| entry.split_once(' '))
        .any(|(name, word)| attribute.path.last() == name && says(&attribute.arguments, word, 4))
}

/// The paths that a logger does not write.
fn redacted_paths(logger: &Value<'_>) -> Vec<Vec<String>> {
    let Data::Instance { state, .. } = &*logger.data else { return Vec::new() };
    let paths = match state.get("redact").map(|redact| &*redact.data) {
        Some(Data::Object { fields, .. }) => fields.get("paths").cloned(),
        Some(Data::List { .. }) => state.get("redact").cloned(),
        _ => None,
    };
    let Some(Data::List { items, .. }) = paths.as_ref().map(|paths| &*paths.data) else { return Vec::new() };
    let parts = |path: String| -> Vec<String> {
        let path = path.replace("[\"", ".").replace("['", ".").replace("[*]", ".*").replace(['[', ']', '"', '\''], "");
        path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    items.iter().filter_map(|item| item.known_text()).map(parts).filter(|path| !path.is_empty()).collect()
}

/// A value without what stands at a path; `*` is any name.
fn without<'p>(value: &Value<'p>, path: &[String]) -> Value<'p> {
    let Some((first, rest)) = path.split_first() else { return Value::unknown() };
    let cut = |fields: &BTreeMap<Rc<str>, Value<'p>>| -> BTreeMap<Rc<str>, Value<'p>> {
        let cut = fields.iter().map(|(name, held)| {
            let here = first == "*" || name.eq_ignore_ascii_case(first);
            (name.clone(), if here { without(held, rest) } else { held.clone() })
        });
        cut.collect()
    };
    let data = match &*value.data {
        Data::Object { ty, variant, fields, open } => {
            Data::Object { ty: *ty, variant: variant.clone(), fields: cut(fields), open: *open }
        }
        Data::Instance { ty, state } => Data::Instance { ty: ty.clone(), state: cut(state) },
        Data::List { items, rest: more } if first == "*" => Data::List {
            items: items.iter().map(|item| without(item, rest)).collect(),
            rest: more.as_ref().map(|more| without(more, rest)),
        },
        Data::Union(all) => Data::Union(all.iter().map(|one| without(one, path)).collect()),
        _ => return value.clone(),
    };
    Value { data: data.into(), ..value.clone() }
}
