//! Places: variables, fields and elements that hold values, and patterns that bind them.

use super::shared::Kinds;
use super::terms::Spoken;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame, name_label};
use crate::facts::Read;
use crate::program::link::{ConstantId, FunctionId, Resolved, TypeId};
use crate::program::tree::{Expr, ExprKind, Pattern, PatternKind};
use crate::span::Span;
use std::rc::Rc;

/// Bytes of a path of fields.
const MAX_PATH: usize = 80;

/// Exports of a file that become fields of an object.
const MAX_EXPORTS: usize = 64;

impl<'p> Evaluator<'p> {
    /// A file that exports nothing but values, as the object that it is: `module.exports = { Accept: '…' }` in one file
    /// are the headers of a request in another. Other values stay what they are.
    pub(super) fn as_object(&mut self, value: Value<'p>) -> Value<'p> {
        let Data::Namespace(scope) = *value.data else { return value };
        let names = self.program.exported_names(scope);
        let exported = names.iter().map(|name| Some(((*name).into(), self.program.export(scope, name)?)));
        let exported: Option<Vec<(Rc<str>, Resolved)>> = exported.collect();
        let data =
            |(_, resolved): &(Rc<str>, Resolved)| matches!(resolved, Resolved::Constant(_) | Resolved::Field(..));
        match exported {
            Some(all) if (1..=MAX_EXPORTS).contains(&all.len()) && all.iter().all(data) => {
                let fields = all.into_iter().map(|(name, resolved)| (name, self.resolved(resolved))).collect();
                Value::new(Data::Object { ty: None, variant: None, fields, open: false }).labels_of(&value)
            }
            _ => value,
        }
    }

    /// Reads a field.
    pub(super) fn field(&mut self, base: &Value<'p>, name: &str, span: Span) -> Value<'p> {
        // A library's response holds the body in one of its parts; reading that part reads no field of it.
        let whole = matches!(&*base.data, Data::Instance { ty, .. }
            if self.libraries(self.at).ty(ty).is_some_and(|model| model.fields.contains_key(name)));
        // What every value has, its length for instance, says nothing about what it holds.
        let of_all = self.libraries(self.at).ty("*").and_then(|model| model.fields.get(name));
        if let Some(term) = of_all.filter(|_| !has(base, name)) {
            return self.term(term, &Spoken::of(base));
        }
        for label in base.labels.iter().filter(|_| !whole) {
            if let Label::Body(request) = label {
                self.facts.reads.push(Read { request: *request, field: name.to_owned(), span });
            }
        }
        let value = match &*base.data {
            Data::Object { fields, ty, open, variant } => match (fields.get(name), ty) {
                // A constructor's argument of which nothing is known is still of the field's type.
                (Some(value), Some(ty)) if matches!(*value.data, Data::Unknown) && variant.is_none() => {
                    let value = value.clone();
                    self.of_declared(*ty, name).labels_of(&value)
                }
                // A part of what was read without a type is of the field's type.
                (Some(value), Some(ty)) if variant.is_none() => {
                    let declared = self.field_type(*ty, name);
                    declared.map_or(value.clone(), |(scope, declared)| {
                        self.as_declared(scope, Some(*ty), value.clone(), declared)
                    })
                }
                (Some(value), _) => value.clone(),
                (None, Some(ty)) => match variant {
                    Some(variant) => self.declared_field(*ty, &payload(variant, name)),
                    None => self.member_value(*ty, base, name, span),
                },
                (None, None) if *open => Value::unknown(),
                (None, None) => Value::nothing(),
            },
            Data::Instance { ty, state } => match state.get(name) {
                Some(value) => value.clone(),
                None => match self.libraries(self.at).ty(ty).and_then(|model| model.fields.get(name)) {
                    Some(term) => self.term(term, &Spoken::of(base)),
                    // A method as a value keeps its receiver.
                    None if self.libraries(self.at).exact(ty, name) => {
                        Value::new(Data::Callable(Callable::External(name.into(), Some(base.clone()))))
                    }
                    None => {
                        let put = self.channels.get(shared_field(ty, name).as_str()).cloned();
                        put.or_else(|| self.added_field(ty, name)).unwrap_or_else(Value::unknown)
                    }
                },
            },
            Data::List { items, rest } => {
                let at = name.parse::<usize>().ok().and_then(|index| items.get(index));
                at.or(rest.as_ref()).cloned().unwrap_or_else(Value::unknown)
            }
            Data::Callable(Callable::External(path, _)) => self.outside_field(path, name, span),
            Data::Callable(Callable::Constructor(ty, None)) => match self.shared_member(*ty, name) {
                Some(member) => match &*member.data {
                    Data::Callable(Callable::Function(id, None)) if self.is_getter(*id) => {
                        self.call_function(*id, Some(base.clone()), Vec::new(), span).0
                    }
                    _ => member,
                },
                None => Value::unknown(),
            },
            Data::Pending { value, .. } => self.field(&value.clone(), name, span),
            Data::Callable(Callable::Function(id, _)) => {
                self.members.get(&(*id, name.into())).cloned().unwrap_or_else(Value::unknown)
            }
            Data::Namespace(scope) => match self.program.export(*scope, name) {
                Some(resolved) => self.resolved(resolved),
                None => Value::unknown(),
            },
            Data::Union(all) => {
                let all = all.iter().filter(|one| !matches!(*one.data, Data::Nothing | Data::Failed(_)));
                Value::any_of(all.map(|one| self.field(one, name, span))).unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        };
        // What is read from a response, or from a held value, stays part of it.
        let kept = base
            .labels
            .iter()
            .filter(|l| matches!(l, Label::Body(_) | Label::UserInput | Label::Named(_) | Label::Environment(_)));
        if whole {
            return value;
        }
        let unknown = matches!(*value.data, Data::Unknown);
        let value = base.labels.iter().fold(value, |value, label| match label {
            Label::Content(number, path) => value.label(Label::Content(*number, part(path, name))),
            // What is in a file that was taken in was taken in with it; known texts of it say by themselves what they are.
            Label::CompiledIn(place, key) if matches!(*value.data, Data::Unknown | Data::Object { .. }) => {
                value.label(Label::CompiledIn(*place, part(key, name)))
            }
            _ => value,
        });
        let value = kept.filter(|l| unknown || matches!(l, Label::Body(_))).fold(value, |value, label| match label {
            // A part of what a setting holds is a setting of its own.
            Label::Environment(setting) if setting.len() < MAX_PATH => {
                let setting = format!("{setting}.{name}");
                self.set_in_files(value.label(Label::Environment(setting.as_str().into())), &setting)
            }
            _ => value.label(label.clone()),
        });
        let from_outside = base.labels.iter().any(|label| matches!(label, Label::Prefix(_)));
        let value = base.labels.iter().fold(value, |value, label| match label {
            // Parts of a configuration are named after where they stand in it.
            Label::Prefix(prefix) => {
                let variable = format!("{prefix}{}", name.to_ascii_uppercase().replace(['.', '-'], "_"));
                let has_parts = |one: &Value<'p>| {
                    matches!(*one.data, Data::Object { .. } | Data::Instance { .. } | Data::List { .. })
                };
                match &*value.data {
                    Data::Unknown => {
                        let value = value.label(Label::Environment(variable.as_str().into()));
                        self.set_in_files(value, &variable)
                    }
                    _ if value.alternatives().iter().any(has_parts) => {
                        value.label(Label::Prefix(format!("{variable}_").into()))
                    }
                    // What the type holds when nothing is set.
                    _ => {
                        let set = Value::unknown().label(Label::Environment(variable.into()));
                        set.labels_of(&value).or(value.label(Label::Default))
                    }
                }
            }
            _ => value,
        });
        if let (Data::Object { ty: Some(ty), variant: None, .. }, true) = (&*base.data, from_outside) {
            self.learn_field(*ty, name, &value);
        }
        if unknown { name_label(value, name) } else { value }
    }

    /// Writes a value to a place. A place that is not understood is left alone.
    pub(super) fn assign(&mut self, frame: &mut Frame<'p>, place: &'p Expr, value: Value<'p>) {
        match &place.kind {
            ExprKind::Name(path) => {
                let name = path.single().unwrap_or("");
                if frame.variables.contains_key(name) {
                    frame.variables.insert(name.into(), name_label(value, name));
                    return;
                }
                if path.single().is_some() && self.libraries(frame.scope).environment(super::expressions::EVERY_NAME) {
                    frame.variables.insert(name.into(), name_label(value, name));
                    return;
                }
                match self.resolve(frame, path) {
                    Some(Resolved::Constant(id)) => self.assign_constant(id, value),
                    Some(Resolved::External(outside)) => {
                        let outside: Rc<str> = self.libraries(self.at).canonical(&outside).into();
                        if self.libraries(self.at).object(&outside).is_some() {
                            self.globals.insert(outside, value);
                        } else if !name.is_empty() {
                            frame.variables.insert(name.into(), name_label(value, name));
                        }
                    }
                    _ => {}
                }
            }
            ExprKind::Field { base, name, .. } => {
                let holder = self.expression(frame, base);
                if let Data::Namespace(scope) = &*holder.data
                    && let Some(Resolved::Constant(id)) = self.program.export(*scope, name)
                {
                    self.assign_constant(id, value);
                    return;
                }
                self.assigned(frame.scope, &holder, name, &value, place.span);
                let updated = self.with_part(&holder, name, &value, place.span);
                let updated = updated.unwrap_or_else(|| self.with_field(&holder, name, value));
                self.assign(frame, base, updated);
            }
            ExprKind::Index { base, index } => {
                let holder = self.expression(frame, base);
                let key = self.expression(frame, index).known_text();
                let updated = match key {
                    Some(key) => self.with_field(&holder, &key, value),
                    None => super::change::with_any(&holder, value.has(Kinds::COMPARED)),
                };
                self.assign(frame, base, updated);
            }
            ExprKind::Unary { operand, .. } | ExprKind::Await(operand) | ExprKind::Try(operand) => {
                self.assign(frame, operand, value)
            }
            // A method that gives a view of its receiver: `request.headers_mut()`, `url.path_segments_mut()?`.
            ExprKind::Call { callee, .. } => {
                let ExprKind::Field { base, name, .. } = &callee.kind else { return };
                let libraries = self.libraries(self.at);
                match libraries.view(name) {
                    Some((slot, true)) => {
                        let whole = self.field(&value, slot, place.span);
                        self.assign(frame, base, whole);
                    }
                    Some((slot, false)) => {
                        let holder = self.expression(frame, base);
                        let updated = self.with_field(&holder, slot, value);
                        self.assign(frame, base, updated);
                    }
                    None if {
                        let ty = match &*value.data {
                            Data::Instance { ty, .. } => Some(&**ty),
                            _ => None,
                        };
                        libraries.method(ty, name, |_| true).is_some_and(|model| model.same)
                    } =>
                    {
                        self.assign(frame, base, value);
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }

    /// A file's own statements run in order, once: they replace a value. Functions add one more that it may be.
    fn assign_constant(&mut self, id: ConstantId, value: Value<'p>) {
        let name = self.program.constants.get(id.0).map_or("", |entry| entry.item.name.as_str());
        let value = name_label(value, name);
        if self.calls.is_empty() && self.guards.is_empty() {
            self.constants.insert(id, Some(value));
            return;
        }
        self.assigned.learn(id, value);
    }

    /// Whether a method is read like a field.
    fn is_getter(&self, id: FunctionId) -> bool {
        let entry = self.program.functions.get(id.0);
        entry.is_some_and(|entry| entry.item.attributes.iter().any(|a| a.path.single() == Some("getter")))
    }

    /// A member of an instance that its fields do not hold: what constructors left there, what a getter gives, or a
    /// method as a value.
    fn member_value(&mut self, ty: TypeId, base: &Value<'p>, name: &str, span: Span) -> Value<'p> {
        let value = self.declared_field(ty, name);
        if !matches!(*value.data, Data::Unknown) {
            return value;
        }
        let methods = self.program.methods(ty, name);
        match methods.iter().find(|id| self.is_getter(**id)).copied() {
            Some(id) => self.call_function(id, Some(base.clone()), Vec::new(), span).0,
            None => match methods.first() {
                Some(id) => Value::new(Data::Callable(Callable::Function(*id, Some(base.clone())))),
                None => value,
            },
        }
    }

    /// The same holder with one field replaced; what constructors and methods put into a type's fields is joined over the type.
    pub(super) fn with_field(&mut self, holder: &Value<'p>, name: &str, value: Value<'p>) -> Value<'p> {
        if let Data::Failed(error) = &*holder.data {
            return Value::new(Data::Failed(self.with_field(error, name, value))).labels_of(holder);
        }
        if let Data::Union(all) = &*holder.data {
            // What is made of a failure is made of the error alone.
            let failed = all.iter().any(|one| matches!(*one.data, Data::Failed(_)));
            return holder.map_alternatives(&mut |one| match &*one.data {
                Data::Nothing => one.clone(),
                data if failed != matches!(data, Data::Failed(_)) => one.clone(),
                _ => self.with_field(one, name, value.clone()),
            });
        }
        let data = match &*holder.data {
            Data::Object { ty, variant, fields, open } => {
                if let Some(ty) = ty {
                    match variant {
                        Some(variant) => self.learn_field(*ty, &payload(variant, name), &value),
                        None => self.learn_field(*ty, name, &value),
                    }
                }
                let mut fields = fields.clone();
                fields.insert(name.into(), value);
                Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open }
            }
            Data::Instance { ty, state } => {
                let known = !matches!(*value.data, Data::Unknown | Data::Nothing);
                if known && self.libraries(self.at).ty(ty).is_some_and(|model| model.shared) {
                    self.channels.learn(shared_field(ty, name).into(), value.clone());
                }
                let mut state = state.clone();
                state.insert(name.into(), value);
                Data::Instance { ty: ty.clone(), state }
            }
            // A field of a class itself.
            Data::Callable(Callable::Constructor(ty, None)) => {
                self.learn_field(*ty, name, &value);
                return holder.clone();
            }
            // Functions can have fields too.
            Data::Callable(Callable::Function(id, _)) => {
                self.members.insert((*id, name.into()), value);
                return holder.clone();
            }
            Data::Pending { requests, task, value: inner } => {
                let value = self.with_field(&inner.clone(), name, value);
                Data::Pending { requests: requests.clone(), task: *task, value }
            }
            Data::Unknown | Data::Nothing => Data::Object {
                ty: None,
                variant: None,
                fields: [(Rc::from(name), value)].into_iter().collect(),
                open: true,
            },
            _ => return holder.clone(),
        };
        Value { data: data.into(), labels: holder.labels.clone(), trail: holder.trail.clone() }
    }

    /// Remembers what a field of a type may hold.
    pub(super) fn learn_field(&mut self, ty: TypeId, name: &str, value: &Value<'p>) {
        if matches!(*value.data, Data::Unknown) && value.labels.is_empty() {
            return;
        }
        let key = (ty, Rc::from(name));
        self.fields.learn(key, value.clone());
    }

    /// Binds a pattern's names.
    pub(super) fn bind(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: &Value<'p>) {
        let value = &match &pattern.kind {
            PatternKind::Object { ty: Some(_), .. } | PatternKind::Variant { .. } => {
                self.narrowed(frame, pattern, value)
            }
            _ => value.clone(),
        };
        match &pattern.kind {
            PatternKind::Bind { name, inner, default } => {
                let value = match (&*value.data, default) {
                    (Data::Nothing, Some(default)) => self.expression(frame, default),
                    (Data::Unknown, Some(default)) => {
                        value.clone().or(self.expression(frame, default).label(Label::Default))
                    }
                    (Data::Unknown, None) if value.labels.is_empty() => {
                        match self.libraries(frame.scope).handed_on(name) {
                            Some(platform) => Value::new(Data::Callable(Callable::External(platform.into(), None))),
                            None => value.clone(),
                        }
                    }
                    _ => value.clone(),
                };
                if let Some(inner) = inner {
                    self.bind(frame, inner, &value);
                }
                let name: Rc<str> = name.as_str().into();
                frame.declared.insert(name.clone());
                let value = name_label(value, &name);
                frame.variables.insert(name, value);
            }
            PatternKind::Object { fields, rest, ty } => {
                let resolved = ty.as_ref().and_then(|path| self.resolve(frame, path));
                let value = &of_variant(value, resolved.as_ref());
                for (name, pattern) in fields {
                    let field = self.field(value, name, pattern.span);
                    self.bind(frame, pattern, &field);
                }
                if let Some(rest) = rest {
                    self.bind(frame, rest, value);
                }
            }
            PatternKind::Variant { path, elements } => {
                let resolved = self.resolve(frame, path);
                let failed = matches!(&resolved, Some(Resolved::External(name)) if name == "Err");
                let own = matches!(resolved, Some(Resolved::Variant(..) | Resolved::Type(_)));
                let value = &match failed {
                    true => self.failure(value),
                    false if own => of_variant(value, resolved.as_ref()),
                    false => value.parted().0.unwrap_or_else(Value::unknown),
                };
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

/// The channel in which a field is remembered that all instances of a library's type share.
fn shared_field(ty: &str, name: &str) -> String {
    format!("{ty}.{name}")
}

/// The name under which a variant's payload is remembered.
pub(super) fn payload(variant: &str, name: &str) -> String {
    format!("{variant}::{name}")
}

/// An enum's value once a pattern has told its variant.
fn of_variant<'p>(value: &Value<'p>, resolved: Option<&Resolved>) -> Value<'p> {
    match (&*value.data, resolved) {
        (Data::Object { ty: Some(ty), variant: None, fields, open: true }, Some(Resolved::Variant(own, name)))
            if ty == own =>
        {
            let variant = Some(Rc::from(name.as_str()));
            let data = Data::Object { ty: Some(*ty), variant, fields: fields.clone(), open: true };
            Value { data: data.into(), ..value.clone() }
        }
        _ => value.clone(),
    }
}

/// Whether a value is known to hold a field of this name.
fn has(value: &Value<'_>, name: &str) -> bool {
    match &*value.data {
        Data::Object { fields, .. } => fields.contains_key(name),
        Data::Instance { state, .. } => state.contains_key(name),
        _ => false,
    }
}

/// The path of a field below another path. Beyond the bound the last fields stay.
fn part(path: &str, name: &str) -> Rc<str> {
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return path.into();
    }
    let near = path.rsplit_once('.').filter(|_| path.len() > MAX_PATH).map_or(path, |(_, last)| last);
    if near.is_empty() { name.into() } else { format!("{near}.{name}").into() }
}
