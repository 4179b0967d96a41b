//! Results that failed: where their errors come from, how they leave functions and what they become on the way.

use super::calls::Passed;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame};
use crate::facts::{SinkKind, Written};
use crate::program::link::{FunctionId, Resolved, ScopeId, TypeId};
use crate::program::tree::{HoleStyle, Type};
use crate::span::Span;

/// Types within types are looked at this far.
const MAX_DEPTH: usize = 4;

/// The type of a function's errors.
#[derive(Clone)]
enum ErrorType {
    Project(TypeId),
    Library(String),
}

impl<'p> Evaluator<'p> {
    /// `value?`: what it is when it did not fail. The error leaves the function.
    pub(super) fn tried(&mut self, frame: &mut Frame<'p>, value: Value<'p>, span: Span) -> Value<'p> {
        let (success, error) = parted_deep(&value);
        let error = match (&error, &success) {
            (None, Some(success)) if self.errors_of(success) => Some(self.failure(success)),
            _ => error,
        };
        if let Some(error) = error {
            let failed = Value::new(Data::Failed(error));
            let failed = match frame.returns {
                Some(returns) => self.failing_as(frame.scope, failed, returns, span),
                None => failed,
            };
            if !frame.answers.at.is_empty() {
                self.answer(frame, &failed, span);
            }
            frame.returned = Some(match frame.returned.take() {
                Some(known) => known.or(failed),
                None => failed,
            });
        }
        match success {
            Some(success) => success,
            None => {
                frame.left = true;
                Value::nothing()
            }
        }
    }

    /// The program ends with what its first function gave: it writes an error out.
    pub(super) fn ended_with(&mut self, scope: ScopeId, value: &Value<'p>, span: Span) {
        let Some(error) = parted_deep(value).1 else { return };
        let style = HoleStyle::Debug;
        let value = self.printed(scope, &error, style);
        self.write(span, SinkKind::Panic, vec![Written { value, span, style }], None);
    }

    /// Whether a value comes from a request of which it is known what its failure leaves.
    fn errors_of(&self, value: &Value<'p>) -> bool {
        value.labels.iter().any(|label| matches!(label, Label::Body(number) if self.errors.contains_key(number)))
    }

    /// A value given back as a type: an error of another type than that of the function's errors was converted.
    pub(super) fn failing_as(&mut self, scope: ScopeId, value: Value<'p>, returns: &Type, span: Span) -> Value<'p> {
        let (success, Some(error)) = value.parted() else { return value };
        let Some(wanted) = self.error_type(scope, returns, MAX_DEPTH) else { return value };
        let converted = error.alternatives().into_iter().map(|one| self.converted(one, &wanted, span));
        let error = Value::any_of(converted.collect::<Vec<_>>()).unwrap_or(error);
        let failed = Value::new(Data::Failed(error));
        success.map_or(failed.clone(), |success| success.or(failed))
    }

    /// The type of the errors that a written type has.
    fn error_type(&self, scope: ScopeId, ty: &Type, depth: usize) -> Option<ErrorType> {
        let depth = depth.checked_sub(1)?;
        let Type::Named { path, arguments, .. } = ty else { return None };
        let Some(Resolved::External(name)) = self.program.resolve(scope, path) else { return None };
        let model = self.libraries(scope).ty(&name)?;
        if let Some(at) = model.error_at {
            if let Some(error) = arguments.get(at) {
                return match (self.program.resolve_type(scope, error), error) {
                    (Some(own), _) => Some(ErrorType::Project(own)),
                    (None, Type::Named { path, .. }) => match self.program.resolve(scope, path)? {
                        Resolved::External(name) => {
                            Some(ErrorType::Library(self.libraries(scope).canonical(&name).to_owned()))
                        }
                        _ => None,
                    },
                    _ => None,
                };
            }
            // `type Result<T> = std::result::Result<T, Error>`
            if let Some((scope, aliased)) = self.program.alias(scope, path) {
                return self.error_type(scope, aliased, depth);
            }
        }
        if let Some(error) = &model.error {
            return Some(ErrorType::Library(error.clone()));
        }
        let inner = arguments.get(model.transparent?)?;
        self.error_type(scope, inner, depth)
    }

    /// An error where errors of a type are asked for.
    fn converted(&mut self, error: Value<'p>, wanted: &ErrorType, span: Span) -> Value<'p> {
        match wanted {
            ErrorType::Project(wanted) => {
                if matches!(&*error.data, Data::Object { ty: Some(own), .. } if own == wanted) {
                    return error;
                }
                let conversion = self.libraries(self.at).conversions().first();
                let makes = conversion.map(|name| self.program.methods_of(*wanted, name)).unwrap_or_default();
                let any = |id: &&FunctionId| self.takes_any(**id);
                let makes = makes.iter().find(|id| self.takes(**id, &error)).or_else(|| makes.iter().find(any));
                if let Some(id) = makes.copied() {
                    return self.call_function(id, None, vec![error], span).0;
                }
                match self.variant_of(*wanted, &error) {
                    Some(variant) => self.constructed(*wanted, Some(variant.into()), std::iter::once(error)),
                    None => error,
                }
            }
            ErrorType::Library(wanted) => {
                if matches!(&*error.data, Data::Instance { ty, .. } if **ty == **wanted) {
                    return error;
                }
                let Some(conversion) = self.libraries(self.at).conversions().first() else { return error };
                let name = format!("{wanted}::{conversion}");
                let passed = [Passed { value: error.clone(), span, style: HoleStyle::Display, place: None }];
                if self.added_function(&name, &passed).is_none() && self.libraries(self.at).function(&name).is_none() {
                    return error;
                }
                let mut frame = self.frame(self.at, None);
                let first = self.facts.requests.len();
                self.external(&mut frame, &name, &passed, span, first)
            }
        }
    }

    /// Whether a function's parameter is of the type that a value has.
    fn takes(&self, id: FunctionId, value: &Value<'p>) -> bool {
        let entry = self.program.functions.get(id.0);
        let parameter = entry.and_then(|entry| Some((entry.scope, entry.function.parameters.first()?.ty.as_ref()?)));
        parameter.is_some_and(|(scope, ty)| self.is_of(scope, ty, value))
    }

    /// Whether a function's parameter is of a type that its implementation leaves open.
    fn takes_any(&self, id: FunctionId) -> bool {
        let Some(entry) = self.program.functions.get(id.0) else { return false };
        let Some(Type::Named { path, .. }) = entry.function.parameters.first().and_then(|first| first.ty.as_ref())
        else {
            return false;
        };
        entry.generics.iter().chain(&entry.function.generics).any(|generic| path.single() == Some(&generic.name))
    }

    /// Whether a value is of a written type, and known to be.
    fn is_of(&self, scope: ScopeId, ty: &Type, value: &Value<'p>) -> bool {
        match &*value.data {
            Data::Object { ty: Some(own), .. } => self.program.resolve_type(scope, ty) == Some(*own),
            Data::Instance { ty: own, .. } => {
                let Type::Named { path, .. } = ty else { return false };
                matches!(self.program.resolve(scope, path), Some(Resolved::External(name))
                    if self.libraries(scope).canonical(&name) == &**own)
            }
            Data::Text(_) => self.is_text(scope, ty) && self.program.resolve_type(scope, ty).is_none(),
            _ => false,
        }
    }

    /// The variant that is made of a value because its part says so.
    fn variant_of(&self, ty: TypeId, value: &Value<'p>) -> Option<&'p str> {
        let entry = self.program.types.get(ty.0)?;
        let variants = &entry.definition?.variants;
        let made = variants.iter().find(|variant| match variant.fields.as_slice() {
            [part] => {
                let says_so = |name: &str| self.libraries(entry.scope).converts_part(name);
                part.attributes.iter().any(|attribute| attribute.path.single().is_some_and(says_so))
                    && part.ty.as_ref().is_some_and(|ty| self.is_of(entry.scope, ty, value))
            }
            _ => false,
        });
        made.map(|variant| variant.name.as_str())
    }

    /// The function that the project adds to a type outside it, by the path it is called by.
    pub(super) fn added_function(&self, path: &str, passed: &[Passed<'p>]) -> Option<FunctionId> {
        let (owner, name) = path.rsplit_once("::")?;
        let libraries = self.libraries(self.at);
        let owner = libraries.canonical(owner);
        let added =
            self.program.extensions.get(name)?.iter().filter(|extension| {
                extension.target.as_deref().is_some_and(|target| libraries.canonical(target) == owner)
            });
        let mut fitting = added.map(|extension| extension.function).filter(|id| {
            let has_receiver = self.program.functions.get(id.0).is_some_and(|entry| entry.function.has_receiver);
            !has_receiver && passed.first().is_some_and(|given| self.takes(*id, &given.value))
        });
        fitting.next()
    }

    /// A value as it is written out in a style: what stands for a text, or writes itself by hand, is that text.
    pub(super) fn as_written(&mut self, value: &Value<'p>, style: HoleStyle, span: Span) -> Value<'p> {
        let Data::Union(all) = &*value.data else {
            let text = self.as_text(value).unwrap_or_else(|| value.clone());
            return self.shown(text, style, span);
        };
        let typed = |one: &&Value<'p>| matches!(&*one.data, Data::Object { ty: Some(_), .. });
        let shown: Vec<Value<'p>> = all.iter().filter(typed).map(|one| self.shown(one.clone(), style, span)).collect();
        let failed = all.iter().filter(|one| style == HoleStyle::Debug && matches!(*one.data, Data::Failed(_)));
        let written = Value::any_of(self.as_text(value).into_iter().chain(shown).chain(failed.cloned()));
        written.map_or_else(|| value.clone(), |written| written.labels_of(value))
    }

    /// A value as people read it.
    pub(super) fn for_people(&mut self, value: &Value<'p>) -> Value<'p> {
        value.map_alternatives(&mut |one| match &*one.data {
            Data::Object { .. } => {
                let shown = self.shown(one.clone(), HoleStyle::Display, Span::default());
                self.printed(self.at, &shown, HoleStyle::Display)
            }
            Data::Callable(Callable::Constructor(..)) => Value::unknown(),
            _ => one.clone(),
        })
    }
}

/// A value in two: also where each element of a list may have failed, as in what is collected of results.
fn parted_deep<'p>(value: &Value<'p>) -> (Option<Value<'p>>, Option<Value<'p>>) {
    let Data::List { items, rest } = &*value.data else { return value.parted() };
    let mut errors = Vec::new();
    let mut part = |one: &Value<'p>| {
        let (success, error) = one.parted();
        errors.extend(error);
        success.unwrap_or_else(Value::unknown)
    };
    let (items, rest) = (items.iter().map(&mut part).collect(), rest.as_ref().map(&mut part));
    match Value::any_of(errors) {
        Some(error) => {
            let data = Data::List { items, rest };
            (Some(Value { data: data.into(), ..value.clone() }), Some(error))
        }
        None => (Some(value.clone()), None),
    }
}
