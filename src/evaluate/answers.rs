//! Functions that answer requests: what they give back leaves the program.

use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame};
use crate::facts::{SinkKind, Written};
use crate::hash::FastSet;
use crate::knowledge::libraries::Answering;
use crate::program::link::{Resolved, ScopeId};
use crate::program::tree::{Expr, ExprKind, Function, HoleStyle, Item, Path, Type};
use crate::span::Span;

/// Code nested deeper than this is not looked at.
const MAX_NESTED: usize = 24;
/// Types within types are looked at this far.
const MAX_DEPTH: usize = 6;

/// When what a function gives back is an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// Always.
    #[default]
    Always,
    /// Always, but of an error only the message.
    WithoutErrors,
    /// When it is an object with the fields that the platform takes an answer by.
    WhenShaped,
}

impl From<Answering> for Asked {
    fn from(answering: Answering) -> Self {
        match answering {
            Answering::Whole => Self::Always,
            Answering::WithoutErrors => Self::WithoutErrors,
        }
    }
}

/// Where the values stand that a function gives back, and when they are answers.
#[derive(Default)]
pub(super) struct Answers {
    /// Where they stand.
    pub at: FastSet<Span>,
    asked: Asked,
}

impl Answers {
    /// The answers that a body gives.
    pub fn of(body: &Expr, asked: Asked) -> Self {
        Self { at: given_back(body), asked }
    }
}

impl<'p> Evaluator<'p> {
    /// What a function that answers requests gives back is an answer.
    pub(super) fn answer(&mut self, frame: &Frame<'p>, value: &Value<'p>, span: Span) {
        let libraries = self.libraries(frame.scope);
        let value = Self::arrived(value.clone());
        let value = match frame.answers.asked {
            Asked::Always => match value.parted() {
                (success, Some(error)) => {
                    self.answer_error(frame, &error, span);
                    let Some(success) = success else { return };
                    success
                }
                (_, None) => value,
            },
            Asked::WithoutErrors => without_errors(&value),
            Asked::WhenShaped => {
                let shaped = |one: &Value<'p>| match &*one.data {
                    Data::Object { ty: None, fields, .. } => libraries
                        .replies()
                        .iter()
                        .any(|names| names.iter().all(|name| fields.contains_key(name.as_str()))),
                    _ => false,
                };
                if !value.alternatives().iter().any(shaped) {
                    return;
                }
                value
            }
        };
        // A reply from elsewhere that is given back as it is hands on its body.
        let handed_on = value.alternatives().into_iter().map(|one| match &*one.data {
            Data::Instance { ty, .. }
                if libraries
                    .ty(ty)
                    .is_some_and(|ty| ty.carries.is_empty() && ty.fields.values().any(|field| field == "body")) =>
            {
                Self::body_of(&one)
            }
            _ => one,
        });
        let value = handed_on.reduce(Value::or).unwrap_or_else(Value::unknown);
        let opaque = libraries.printing(HoleStyle::Display).is_some_and(|printing| printing.opaque);
        let style = if opaque { HoleStyle::Data } else { HoleStyle::Display };
        let value = self.printed(frame.scope, &value, style);
        self.write(span, SinkKind::Response, vec![Written { value, span, style }], None);
    }

    /// An error that a function gives back becomes an answer: by its type's own method, otherwise by its message.
    fn answer_error(&mut self, frame: &Frame<'p>, error: &Value<'p>, span: Span) {
        let libraries = self.libraries(frame.scope);
        for one in error.alternatives() {
            let method = match &*one.data {
                Data::Object { ty: Some(ty), .. } => {
                    libraries.answers_by().iter().find_map(|name| self.program.methods(*ty, name).first().copied())
                }
                _ => None,
            };
            if let Some(id) = method {
                self.call_function(id, Some(one), Vec::new(), span);
                continue;
            }
            let style = HoleStyle::Display;
            let value = self.as_written(&one, style, span);
            let value = self.printed(frame.scope, &value, style);
            self.write(span, SinkKind::Response, vec![Written { value, span, style }], None);
        }
    }

    /// Whether a function answers requests: an attribute, its name or the type it gives back says so.
    pub(super) fn answers(&self, scope: ScopeId, item: &Item, function: &Function) -> bool {
        let libraries = self.libraries(scope);
        let external = |path: &Path| match self.program.resolve(scope, path) {
            Some(Resolved::External(name)) => Some(name),
            _ => None,
        };
        let is_reply =
            |path: &Path| external(path).is_some_and(|name| libraries.ty(&name).is_some_and(|ty| ty.answers));
        item.attributes.iter().filter_map(|attribute| external(&attribute.path)).any(|name| libraries.answers(&name))
            || (item.public && libraries.answers_as(&item.name))
            || function.returns.as_ref().is_some_and(|ty| mentions(ty, &is_reply, MAX_DEPTH))
    }

    /// What a function gets at a position by the type it was declared with.
    pub(super) fn taken(&mut self, function: &Function, position: usize) -> Option<Value<'p>> {
        let term = self.taking.get(&function.span)?.get(position)?;
        Some(self.term(term, &super::terms::Spoken::default()))
    }

    /// Remembers what a platform calls exported functions with.
    pub(super) fn note_exported(&mut self) {
        for entry in self.program.functions.iter().filter(|entry| entry.item.public && entry.owner.is_none()) {
            if let Some(takes) = self.libraries(entry.scope).exported(&entry.item.name) {
                self.taking.insert(entry.function.span, takes);
            }
        }
    }

    /// Remembers a closure under a name, or of a type, that says it is run for someone outside.
    pub(super) fn note_handler(&mut self, scope: ScopeId, item: &Item, ty: Option<&Type>, value: &Value<'p>) {
        let libraries = self.libraries(scope);
        let is_handler = |path: &Path| match self.program.resolve(scope, path) {
            Some(Resolved::External(name)) => libraries.ty(&name).is_some_and(|ty| ty.answers),
            _ => false,
        };
        let typed = ty.is_some_and(|ty| mentions(ty, &is_handler, MAX_DEPTH));
        if let (Some(Type::Named { path, .. }), Data::Callable(Callable::Closure { function, .. })) = (ty, &*value.data)
            && let Some(Resolved::External(name)) = self.program.resolve(scope, path)
            && let Some(model) = libraries.ty(&name).filter(|model| !model.takes.is_empty())
        {
            self.taking.insert(function.span, &model.takes);
        }
        let run = |name: &str, value: &Value<'p>| match &*value.data {
            Data::Callable(Callable::Closure { function, .. }) if item.public => {
                libraries.exported(name).map(|takes| (function.span, takes))
            }
            _ => None,
        };
        if let Data::Object { ty: None, fields, .. } = &*value.data {
            let methods = fields.iter().filter_map(|(name, value)| run(&format!("{}.{name}", item.name), value));
            self.taking.extend(methods);
        }
        self.taking.extend(run(&item.name, value));
        let mut note = |value: &Value<'p>| {
            if let Data::Callable(Callable::Closure { function, .. }) = &*value.data {
                self.handlers.insert(function.span, Asked::Always);
            }
        };
        match &*value.data {
            Data::Object { ty: None, fields, .. } if item.public => {
                for (name, value) in fields {
                    if libraries.answers_as(&format!("{}.{name}", item.name)) {
                        note(value);
                    }
                }
            }
            _ if typed || (item.public && libraries.answers_as(&item.name)) => note(value),
            _ => {}
        }
    }
}

/// A value of which the errors are left out.
pub(super) fn without_errors<'p>(value: &Value<'p>) -> Value<'p> {
    let failed = |one: &Value<'p>| one.labels.iter().any(|label| matches!(label, Label::Failure(_)));
    let kept = value.alternatives().into_iter().filter(|one| !failed(one));
    kept.reduce(Value::or).unwrap_or_else(Value::unknown)
}

/// Where the values stand that a body gives back: the last ones of its branches, and those it returns early.
fn given_back(body: &Expr) -> FastSet<Span> {
    let mut found = FastSet::default();
    last(body, &mut found, MAX_NESTED);
    returned(body, &mut found, MAX_NESTED);
    found
}

fn last(expression: &Expr, found: &mut FastSet<Span>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &expression.kind {
        ExprKind::Block(block) => block.value.iter().for_each(|value| last(value, found, depth)),
        ExprKind::If { then, otherwise, .. } => {
            last(then, found, depth);
            otherwise.iter().for_each(|otherwise| last(otherwise, found, depth));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| last(&arm.body, found, depth)),
        ExprKind::Return(_) => {}
        _ => {
            found.insert(expression.span);
        }
    }
}

/// Early returns among the statements of a body.
fn returned(expression: &Expr, found: &mut FastSet<Span>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &expression.kind {
        ExprKind::Return(Some(value)) => last(value, found, depth),
        ExprKind::Block(block) => {
            block.statements.iter().chain(block.value.as_deref()).for_each(|inner| returned(inner, found, depth));
        }
        ExprKind::If { then, otherwise, .. } => {
            returned(then, found, depth);
            otherwise.iter().for_each(|otherwise| returned(otherwise, found, depth));
        }
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| returned(&arm.body, found, depth)),
        ExprKind::Loop { body, .. } => returned(body, found, depth),
        ExprKind::Let { value, otherwise, .. } => {
            value.iter().chain(otherwise).for_each(|inner| returned(inner, found, depth));
        }
        ExprKind::Catch { body, handler, .. } => {
            returned(body, found, depth);
            handler.iter().for_each(|handler| returned(handler, found, depth));
        }
        _ => {}
    }
}

/// Whether a written type names a type for which `test` holds.
fn mentions(ty: &Type, test: &dyn Fn(&Path) -> bool, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |inner: &Type| mentions(inner, test, depth);
    match ty {
        Type::Named { path, arguments, .. } => test(path) || arguments.iter().any(inside),
        Type::Interface(all) | Type::Tuple(all) => all.iter().any(inside),
        Type::List(element) => inside(element),
        Type::Record(fields) => fields.iter().any(|(_, ty)| inside(ty)),
        Type::Function { .. } | Type::Unknown => false,
    }
}
