//! Where values leave the program.

use super::Evaluator;
use super::terms::Spoken;
use super::value::{Callable, Data, Label, Piece, Value};
use crate::facts::{Sink, SinkKind, Written};
use crate::knowledge::file_modes::Readers;
use crate::knowledge::libraries::{CallModel, Effect, Term};
use crate::knowledge::words;
use crate::program::link::ScopeId;
use crate::program::tree::HoleStyle;
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A sink is written down for at most this many contexts it is reached in.
const MAX_SINKS: usize = 64;

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
        Effect::SetRights => SinkKind::Rights,
        Effect::Run => SinkKind::Process,
        Effect::Mail => SinkKind::Mail,
        Effect::Redirect => SinkKind::Redirect,
        Effect::Serve => SinkKind::Served,
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
                let value = self.printed(scope, &written(model, &p.value), style);
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
            let value = self.printed(scope, &written(model, &value), style);
            values.push(Written { value, span: at, style });
        }
        let target = model.target.as_ref().map(|term| self.term(term, spoken));
        for written in values.iter_mut().filter(|_| !redacted.is_empty()) {
            written.value = redacted.iter().fold(written.value.clone(), |value, path| without(&value, path));
        }
        let mode = model.mode.as_ref().map(|term| self.term(term, spoken));
        let before = self.facts.sinks.len();
        self.write(span, kind, values, target);
        if let Some(sink) = self.facts.sinks.get_mut(before) {
            sink.readers = mode.as_ref().and_then(readers);
            sink.leaves_out = spoken.receiver.and_then(made_at);
        }
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
        let is_log = |file: &Value<'p>| file.alternatives().iter().any(names_log);
        let kind = if kind == SinkKind::File && target.as_ref().is_some_and(is_log) { SinkKind::Log } else { kind };
        let span = match kind {
            SinkKind::Log | SinkKind::Output | SinkKind::Tracker => self.logged_at(self.site(span)),
            _ => self.site(span),
        };
        let seen = self.sunk.entry(span).or_insert(0);
        *seen += 1;
        if *seen <= MAX_SINKS {
            self.facts.sinks.push(Sink {
                span,
                kind,
                values,
                target,
                readers: None,
                leaves_out: None,
                calls: self.calls.clone(),
            });
        }
    }
}

/// Whether a file is a log, by its path or by the variable that holds it.
fn names_log(file: &Value<'_>) -> bool {
    if let Some(path) = file.known_text() {
        return words::is_log_path(&path);
    }
    let by_path = matches!(file.pieces().pop(), Some(Piece::Known(known, _)) if words::is_log_path(&known));
    by_path || file.labels.iter().any(|label| matches!(label, Label::Environment(name) if words::names_log(name)))
}

/// Who can read a file of a Unix mode, as it is written.
pub(super) fn readers(mode: &Value<'_>) -> Option<Readers> {
    match &*mode.data {
        Data::Number(written) => Readers::of_number(written),
        _ => Readers::of_words(&mode.known_text()?),
    }
}

/// What a sink writes of a value it is given.
fn written<'p>(model: &CallModel, value: &Value<'p>) -> Value<'p> {
    if model.without_errors { super::answers::without_errors(value) } else { value.clone() }
}

/// Where a logger is made that knows paths it does not write.
fn made_at(logger: &Value<'_>) -> Option<Span> {
    let Data::Instance { state, .. } = &*logger.data else { return None };
    match &*state.get("made")?.data {
        Data::Text(pieces) => pieces.iter().find_map(|piece| match piece {
            Piece::Known(_, span) => Some(*span),
            Piece::Hole(_) => None,
        }),
        _ => None,
    }
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
