//! Calls: what is called and with what.

use super::terms::Spoken;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame};
use crate::program::link::{Resolved, TypeId};
use crate::program::tree::{Anchor, Argument, Asynchrony, Expr, ExprKind, HoleStyle, TemplatePart};
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Name of the method that makes an instance of a class.
const CONSTRUCTOR: &str = "constructor";
/// Base classes are followed this far.
const MAX_BASES: usize = 8;

/// An evaluated argument.
pub(super) struct Passed<'p> {
    pub value: Value<'p>,
    pub span: Span,
    pub style: HoleStyle,
    /// Where it comes from, when it was written at the call.
    pub place: Option<&'p Expr>,
}

/// A method's receiver: its place, its value, and the method's name.
pub(super) type Receiver<'p> = (&'p Expr, Value<'p>, &'p str);

impl<'p> Evaluator<'p> {
    pub(super) fn call(
        &mut self,
        frame: &mut Frame<'p>,
        whole: &'p Expr,
        callee: &'p Expr,
        arguments: &'p [Argument],
        construct: bool,
    ) -> Value<'p> {
        let first = self.facts.requests.len();
        if let Some(name) = super_method(callee) {
            return self.call_super(frame, whole, name, arguments);
        }
        let (called, receiver): (Vec<Value<'p>>, Option<Receiver<'p>>) = match &callee.kind {
            ExprKind::Field { base, name, .. } => {
                let receiver = self.expression(frame, base);
                (self.method(&receiver, name), Some((base.as_ref(), receiver, name.as_str())))
            }
            _ => (self.expression(frame, callee).alternatives(), None),
        };
        let passed = self.passed(frame, arguments);
        if matches!(&callee.kind, ExprKind::Name(path) if path.anchor == Anchor::Definition) {
            self.traced(frame, &passed, whole.span);
        }
        let called = self.fitting(called, &passed);
        let mut result: Option<Value<'p>> = None;
        let (running, mut after) = (frame.tasks.clone(), Vec::new());
        for value in called {
            let given = self.one_way(frame, &running, &mut after, |evaluator, frame| match &*value.data {
                Data::Callable(callable) => {
                    let receiver = receiver.as_ref();
                    Some(evaluator.call_one(frame, whole, callable, receiver, arguments, &passed, construct, first))
                }
                // An instance that can itself be called.
                Data::Instance { .. } => {
                    Some(evaluator.external_method(frame, &value, "()", &passed, whole.span, first).0)
                }
                _ => None,
            });
            let Some(given) = given else { continue };
            result = Some(result.map_or(given.clone(), |known| known.or(given)));
        }
        if let Some(result) = result {
            frame.tasks = after;
            return result;
        }
        match receiver {
            Some((place, receiver, name)) => {
                if let Some((value, updated)) = self.derived_member(&receiver, name, &passed, whole.span) {
                    if let Some(updated) = updated {
                        self.assign(frame, place, updated);
                    }
                    return value;
                }
                if let Some(inner) = self.dereferenced(&receiver, whole.span) {
                    let called = self.method(&inner, name);
                    let held = (place, inner.clone(), name);
                    let mut result: Option<Value<'p>> = None;
                    for value in called {
                        let Data::Callable(callable) = &*value.data else { continue };
                        let given =
                            self.call_one(frame, whole, callable, Some(&held), arguments, &passed, construct, first);
                        result = Some(result.map_or(given.clone(), |known| known.or(given)));
                    }
                    return match result {
                        Some(result) => result,
                        None => self.external_method(frame, &inner, name, &passed, whole.span, first).0,
                    };
                }
                let (value, updated) = self.external_method(frame, &receiver, name, &passed, whole.span, first);
                if let Some(updated) = updated {
                    self.assign(frame, place, updated);
                }
                value
            }
            None => self.external(frame, "", &passed, whole.span, first),
        }
    }

    fn passed(&mut self, frame: &mut Frame<'p>, arguments: &'p [Argument]) -> Vec<Passed<'p>> {
        let mut passed = Vec::new();
        for argument in arguments {
            let value = self.expression(frame, &argument.value);
            let span = argument.value.span;
            // What may be one of several lists: the longest holds what the others hold, as a rule.
            let length = |one: &Value<'p>| match &*one.data {
                Data::List { items, .. } => Some(items.len()),
                _ => None,
            };
            let longest = value.alternatives().into_iter().filter(|one| length(one).is_some()).max_by_key(length);
            if argument.spread
                && let Some(list) = longest
                && let Data::List { items, rest } = &*list.data
            {
                let known = items.iter().chain(rest).cloned();
                passed.extend(known.map(|value| Passed { value, span, style: HoleStyle::Display, place: None }));
                continue;
            }
            passed.push(Passed { value, span, style: style(&argument.value), place: Some(&argument.value) });
        }
        passed
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    fn call_one(
        &mut self,
        frame: &mut Frame<'p>,
        whole: &'p Expr,
        callable: &Callable<'p>,
        receiver: Option<&Receiver<'p>>,
        arguments: &'p [Argument],
        passed: &[Passed<'p>],
        construct: bool,
        first: usize,
    ) -> Value<'p> {
        match callable {
            Callable::Function(id, bound) => {
                let held = bound.clone().or_else(|| receiver.map(|(_, value, _)| value.clone()));
                let values = passed.iter().map(|p| p.value.clone().step(p.span, "passed on here")).collect();
                if let ExprKind::Call { types, .. } = &whole.kind {
                    self.explicit = types.iter().map(|ty| self.type_named(frame, ty)).collect();
                }
                self.by_name = true;
                let (value, after) = self.call_among(frame, *id, held, values, whole.span);
                self.write_back(frame, *id, receiver, arguments, after);
                self.take_escaped(frame);
                let function = self.program.functions.get(id.0).map(|entry| entry.function.asynchrony);
                self.started(frame, value, function, whole.span)
            }
            Callable::Closure { function, .. } => {
                let values = passed.iter().map(|p| p.value.clone()).collect();
                let held = receiver.map(|(_, value, _)| value.clone());
                // What a function was handed is not known to its writer by name.
                self.by_name = match &whole.kind {
                    ExprKind::Call { callee, .. } => match &callee.kind {
                        ExprKind::Name(path) => path.single().is_none_or(|name| !frame.variables.contains_key(name)),
                        kind => matches!(kind, ExprKind::Field { .. }),
                    },
                    _ => false,
                };
                let value = self.call_closure(Some(frame), callable, held, values, whole.span);
                self.started(frame, value, Some(function.asynchrony), whole.span)
            }
            Callable::Constructor(ty, None) if construct => self.instance(*ty, passed, whole.span),
            Callable::Constructor(ty, variant) => {
                self.constructed(*ty, variant.clone(), passed.iter().map(|p| p.value.clone()))
            }
            Callable::Derived(ty) => {
                let labels = passed.iter().fold(Value::unknown(), |all, p| all.labels_of(&p.value));
                let open = Self::open(*ty);
                labels.labels.iter().filter(|l| matches!(l, Label::Prefix(_))).fold(open, |v, l| v.label(l.clone()))
            }
            Callable::External(name, Some(held)) => {
                self.external_method(frame, held, name, passed, whole.span, first).0
            }
            Callable::External(name, None) => {
                let maker = format!("{name}::new");
                let name =
                    if construct && self.libraries(self.at).function(&maker).is_some() { &maker } else { &**name };
                self.external(frame, name, passed, whole.span, first)
            }
        }
    }

    /// A variant or a tuple struct with its parts.
    pub(super) fn constructed(
        &mut self,
        ty: TypeId,
        variant: Option<Rc<str>>,
        parts: impl Iterator<Item = Value<'p>>,
    ) -> Value<'p> {
        let fields: BTreeMap<Rc<str>, Value<'p>> =
            parts.enumerate().map(|(index, value)| (Rc::from(index.to_string()), value)).collect();
        for (name, value) in &fields {
            match &variant {
                Some(variant) => self.learn_field(ty, &super::places::payload(variant, name), value),
                None => self.learn_field(ty, name, value),
            }
        }
        Value::new(Data::Object { ty: Some(ty), variant, fields, open: false })
    }

    /// A method of a project's type that the project does not write: a derived setter or getter of a field.
    fn derived_member(
        &mut self,
        receiver: &Value<'p>,
        name: &str,
        passed: &[Passed<'p>],
        span: Span,
    ) -> Option<(Value<'p>, Option<Value<'p>>)> {
        let Data::Object { ty: Some(ty), variant: None, .. } = &*receiver.data else { return None };
        let fields = &self.program.types.get(ty.0)?.definition?.fields;
        let plain = name.strip_prefix("with_").or_else(|| name.strip_prefix("set_")).unwrap_or(name);
        fields.iter().find(|field| field.name == plain)?;
        match passed {
            [] if plain == name => Some((self.field(receiver, name, span), None)),
            [one] => {
                let value = one.value.clone().step(one.span, "passed on here");
                let updated = self.with_field(receiver, plain, super::name_label(value, plain));
                Some((updated.clone(), Some(updated)))
            }
            _ => None,
        }
    }

    /// An eager function's result is under way from the call on.
    pub(super) fn started(
        &mut self,
        frame: &mut Frame<'p>,
        value: Value<'p>,
        asynchrony: Option<Asynchrony>,
        span: Span,
    ) -> Value<'p> {
        let sends = matches!(&*value.data, Data::Pending { requests, .. } if !requests.is_empty());
        if asynchrony == Some(Asynchrony::Eager) && sends {
            return self.spawn(frame, &value, self.facts.requests.len(), span);
        }
        value
    }

    /// A new instance of a class, its constructor run.
    fn instance(&mut self, ty: TypeId, passed: &[Passed<'p>], span: Span) -> Value<'p> {
        let mut instance =
            Value::new(Data::Object { ty: Some(ty), variant: None, fields: BTreeMap::new(), open: false });
        for base in self.bases(ty).into_iter().rev().chain([ty]) {
            instance = self.field_defaults(base, instance);
        }
        // A class without a constructor has that of its nearest base.
        let bases = self.bases(ty);
        let constructor = std::iter::once(ty)
            .chain(bases)
            .find_map(|class| self.program.methods_of(class, CONSTRUCTOR).first().copied());
        let Some(constructor) = constructor else { return instance };
        let values = passed.iter().map(|p| p.value.clone().step(p.span, "passed on here")).collect();
        let (_, after) = self.call_function(constructor, Some(instance.clone()), values, span);
        after.into_iter().next().filter(|after| matches!(*after.data, Data::Object { .. })).unwrap_or(instance)
    }

    /// What the fields of a class hold before its constructor runs.
    fn field_defaults(&mut self, ty: TypeId, mut instance: Value<'p>) -> Value<'p> {
        let Some(entry) = self.program.types.get(ty.0) else { return instance };
        let (scope, fields) = (entry.scope, entry.definition.map_or([].as_slice(), |it| it.fields.as_slice()));
        for field in fields.iter().filter(|field| !field.shared) {
            let Some(default) = &field.default else { continue };
            let mut frame = self.frame(scope, Some(ty));
            frame.variables.insert("self".into(), instance.clone());
            let value = self.expression(&mut frame, default);
            instance = self.with_field(&instance, &field.name, value);
        }
        instance
    }

    /// The project's classes a class is built on, nearest first.
    pub(super) fn bases(&self, ty: TypeId) -> Vec<TypeId> {
        let mut found = Vec::new();
        let mut at = vec![ty];
        while let Some(next) = at.pop() {
            let Some(entry) = self.program.types.get(next.0) else { continue };
            for base in &entry.interfaces {
                if found.len() < MAX_BASES && !found.contains(base) && *base != ty {
                    found.push(*base);
                    at.push(*base);
                }
            }
        }
        found
    }

    /// `super(…)` and `super.method(…)`: the base class's function on the same instance.
    fn call_super(
        &mut self,
        frame: &mut Frame<'p>,
        whole: &'p Expr,
        name: &str,
        arguments: &'p [Argument],
    ) -> Value<'p> {
        let passed = self.passed(frame, arguments);
        let bases = frame.owner.map(|owner| self.bases(owner)).unwrap_or_default();
        let found = bases.iter().find_map(|base| self.program.methods_of(*base, name).first().copied());
        let Some(id) = found else { return Value::unknown() };
        let held = frame.variables.get("self").cloned();
        let values = passed.iter().map(|p| p.value.clone().step(p.span, "passed on here")).collect();
        let (value, after) = self.call_function(id, held, values, whole.span);
        if let Some(after) = after.into_iter().next().filter(|after| matches!(*after.data, Data::Object { .. })) {
            frame.variables.insert("self".into(), after);
        }
        let function = self.program.functions.get(id.0).map(|entry| entry.function.asynchrony);
        self.started(frame, value, function, whole.span)
    }

    /// What a method call on a value can reach besides the models of its type.
    fn method(&mut self, receiver: &Value<'p>, name: &str) -> Vec<Value<'p>> {
        let mut found = Vec::new();
        for one in receiver.alternatives() {
            let one = match &*one.data {
                Data::Pending { value, .. } if !matches!(*value.data, Data::Instance { .. }) => value.clone(),
                _ => one,
            };
            match &*one.data {
                Data::Object { ty, fields, .. } => {
                    let own = fields.get(name).cloned();
                    let callables = |value: Value<'p>| {
                        let all = value.alternatives().into_iter();
                        all.filter(|v| matches!(*v.data, Data::Callable(_) | Data::Instance { .. }))
                    };
                    let before = found.len();
                    found.extend(own.into_iter().flat_map(callables));
                    let Some(ty) = ty.filter(|_| found.len() == before) else { continue };
                    for id in self.program.methods(ty, name) {
                        found.push(Value::new(Data::Callable(Callable::Function(id, None))));
                    }
                    if found.len() == before {
                        let field = self.declared_field(ty, name);
                        found.extend(callables(field));
                    }
                    if found.len() == before {
                        found.extend(self.extended(&one, name));
                    }
                }
                Data::Instance { .. } | Data::Text(_) | Data::List { .. } | Data::Unknown => {
                    found.extend(self.extended(&one, name));
                }
                Data::Callable(Callable::Constructor(ty, None)) => found.extend(self.shared_member(*ty, name)),
                Data::Callable(Callable::Function(id, _)) => {
                    let value = self.members.get(&(*id, Rc::from(name))).cloned();
                    let all = value.into_iter().flat_map(|value| value.alternatives());
                    found.extend(all.filter(|v| matches!(*v.data, Data::Callable(_))));
                }
                Data::Namespace(scope) => {
                    let value = self.program.export(*scope, name).map(|resolved| self.resolved(resolved));
                    let all = value.into_iter().flat_map(|value| value.alternatives());
                    found.extend(all.filter(|v| matches!(*v.data, Data::Callable(_))));
                }
                Data::Callable(Callable::External(path, _)) => {
                    let path = format!("{path}::{name}");
                    if self.libraries(self.at).function(&path).is_some() {
                        found.push(Value::new(Data::Callable(Callable::External(path.into(), None))));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// A function, constant, variant or field that belongs to a type itself.
    pub(super) fn shared_member(&mut self, ty: TypeId, name: &str) -> Option<Value<'p>> {
        if let Some(resolved) = self.program.member(ty, name) {
            return Some(self.resolved(resolved));
        }
        let entry = self.program.types.get(ty.0)?;
        let (scope, field) = (entry.scope, entry.definition?.fields.iter().find(|f| f.shared && f.name == name)?);
        let known = self.fields.get(&(ty, Rc::from(name))).cloned();
        let written = field.default.as_ref().map(|default| {
            let mut frame = self.frame(scope, Some(ty));
            self.expression(&mut frame, default)
        });
        match (known, written) {
            (Some(known), Some(written)) => Some(written.or(known)),
            (known, written) => known.or(written),
        }
    }

    /// The value of a resolved name.
    pub(super) fn resolved(&mut self, resolved: Resolved) -> Value<'p> {
        match resolved {
            Resolved::Constant(id) => self.constant(id),
            Resolved::Function(id) => Value::new(Data::Callable(Callable::Function(id, None))),
            Resolved::Variant(ty, variant) => self.variant(ty, variant),
            Resolved::Type(ty) => Value::new(Data::Callable(Callable::Constructor(ty, None))),
            Resolved::External(name) => self.outside(&name),
            Resolved::Scope(scope) => Value::new(Data::Namespace(scope)),
            Resolved::Field(id, names) => {
                let whole = self.constant(id);
                names.iter().fold(whole, |value, name| self.field(&value, name, Span::default()))
            }
        }
    }

    fn variant(&mut self, ty: TypeId, name: String) -> Value<'p> {
        let entry = self.program.types.get(ty.0);
        let definition = entry.and_then(|entry| entry.definition);
        let variant = definition.and_then(|definition| definition.variants.iter().find(|v| v.name == name));
        let name: Rc<str> = name.into();
        match (variant, entry) {
            // An enum of texts or numbers stands for them.
            (Some(variant), Some(entry)) if let Some(value) = &variant.value => {
                let mut frame = self.frame(entry.scope, Some(ty));
                self.expression(&mut frame, value)
            }
            (Some(variant), _) if variant.fields.is_empty() => {
                let fields = BTreeMap::new();
                Value::new(Data::Object { ty: Some(ty), variant: Some(name), fields, open: false })
            }
            _ => Value::new(Data::Callable(Callable::Constructor(ty, Some(name)))),
        }
    }

    /// The environment variable that a name outside the project stands for.
    pub(super) fn variable_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (module, variable) = name.rsplit_once("::")?;
        self.libraries(self.at).environment(module).then_some(variable)
    }

    /// A name outside the project.
    fn outside(&mut self, name: &str) -> Value<'p> {
        let libraries = self.libraries(self.at);
        if name == "None" {
            return Value::nothing();
        }
        if let Some(variable) = self.variable_of(name) {
            return self.environment(variable, Span::default());
        }
        if let Some(text) = libraries.constant(name) {
            return Value::text(text, Span::default());
        }
        // A type's name that is also a function's makes an instance by that function's model.
        let name = if libraries.function(name).is_some() { name } else { libraries.canonical(name) };
        // A package's default export is the package.
        let name = match name.strip_suffix("::default") {
            Some(package) if libraries.function(name).is_none() && libraries.object(name).is_none() => package,
            _ => name,
        };
        if let Some(term) = libraries.object(name) {
            let known = self.globals.get(name).cloned();
            return known.unwrap_or_else(|| self.term(term, &Spoken::default()));
        }
        Value::new(Data::Callable(Callable::External(name.into(), None)))
    }

    /// A field of a name outside the project.
    pub(super) fn outside_field(&mut self, path: &str, name: &str, span: Span) -> Value<'p> {
        if self.libraries(self.at).environment(path) {
            return self.environment(name, span);
        }
        // The main export of what is outside is that itself, however it is brought in.
        if name == "default" {
            return self.outside(path);
        }
        self.outside(&format!("{path}::{name}"))
    }

    /// Calls any callable value with values, as code outside the project or a model does.
    pub(super) fn call_value(
        &mut self,
        frame: Option<&mut Frame<'p>>,
        callable: &Value<'p>,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> Value<'p> {
        match &*callable.data {
            Data::Callable(Callable::Function(id, receiver)) => {
                self.call_function(*id, receiver.clone(), arguments, span).0
            }
            Data::Callable(closure @ Callable::Closure { .. }) => {
                self.call_closure(frame, closure, None, arguments, span)
            }
            Data::Instance { .. } | Data::Callable(Callable::External(..)) => {
                let style = HoleStyle::Display;
                let passed: Vec<_> =
                    arguments.into_iter().map(|value| Passed { value, span, style, place: None }).collect();
                let first = self.facts.requests.len();
                let mut own = self.frame(self.at, None);
                let frame = frame.unwrap_or(&mut own);
                match &*callable.data {
                    Data::Callable(Callable::External(name, None)) => self.external(frame, name, &passed, span, first),
                    Data::Callable(Callable::External(name, Some(held))) => {
                        self.external_method(frame, held, name, &passed, span, first).0
                    }
                    _ => self.external_method(frame, callable, "()", &passed, span, first).0,
                }
            }
            Data::Union(all) => {
                let all = all.clone();
                let mut frame = frame;
                let mut result: Option<Value<'p>> = None;
                for one in all.iter().filter(|one| matches!(*one.data, Data::Callable(_) | Data::Instance { .. })) {
                    let value = self.call_value(frame.as_deref_mut(), one, arguments.clone(), span);
                    result = Some(result.map_or(value.clone(), |known| known.or(value)));
                }
                result.unwrap_or_else(Value::unknown)
            }
            Data::Callable(Callable::Constructor(ty, None))
                if !self.program.methods_of(*ty, CONSTRUCTOR).is_empty() =>
            {
                let style = HoleStyle::Display;
                let passed: Vec<_> =
                    arguments.into_iter().map(|value| Passed { value, span, style, place: None }).collect();
                self.instance(*ty, &passed, span)
            }
            Data::Callable(Callable::Constructor(ty, variant)) => {
                self.constructed(*ty, variant.clone(), arguments.into_iter())
            }
            Data::Namespace(scope) => self.run_file(frame, *scope, arguments, span),
            _ => Value::unknown(),
        }
    }
}

/// `super` and `super.name` as callee: the method meant.
fn super_method(callee: &Expr) -> Option<&str> {
    let is_super =
        |expression: &Expr| matches!(&expression.kind, ExprKind::Name(path) if path.single() == Some("super"));
    match &callee.kind {
        ExprKind::Field { base, name, .. } if is_super(base) => Some(name),
        _ => is_super(callee).then_some(CONSTRUCTOR),
    }
}

/// How an argument is written out when it reaches a log.
fn style(argument: &Expr) -> HoleStyle {
    let ExprKind::Template(parts) = &argument.kind else { return HoleStyle::Display };
    let debug = parts.iter().any(|part| matches!(part, TemplatePart::Hole { style: HoleStyle::Debug, .. }));
    if debug { HoleStyle::Debug } else { HoleStyle::Display }
}
