//! Values of a declared type when nothing else is known.

use super::value::{Data, Label, Value};
use super::{Evaluator, name_label};
use crate::program::link::{Resolved, ScopeId, TypeId};
use crate::program::tree::{ExprKind, FieldDefinition, Literal, Path, Type};
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// An unknown value of a declared type. `owner` is what `Self` means.
    pub(super) fn typed(&self, scope: ScopeId, owner: Option<TypeId>, ty: Option<&Type>, name: &str) -> Value<'p> {
        let value = ty.map_or_else(Value::unknown, |ty| self.of_type(scope, owner, ty, 8));
        name_label(value, name)
    }

    fn of_type(&self, scope: ScopeId, owner: Option<TypeId>, ty: &Type, depth: usize) -> Value<'p> {
        let Some(depth) = depth.checked_sub(1) else { return Value::unknown() };
        match ty {
            Type::Named { path, arguments, .. } => {
                if path.single() == Some("Self") {
                    return owner.map_or_else(Value::unknown, Self::open);
                }
                // What a parameterized alias stands for is told by the arguments written here.
                if arguments.is_empty()
                    && let Some((scope, ty)) = self.program.alias(scope, path)
                {
                    return self.of_type(scope, owner, ty, depth);
                }
                match self.program.resolve(scope, path) {
                    Some(Resolved::Type(id)) => Self::open(id),
                    Some(Resolved::External(name)) => {
                        let model = self.libraries(scope).ty(&name);
                        if let Some(inner) = model.and_then(|m| m.transparent).and_then(|at| arguments.get(at)) {
                            let inner = self.of_type(scope, owner, inner, depth);
                            return if model.is_some_and(|m| m.input) { inner.label(Label::UserInput) } else { inner };
                        }
                        match (model, name.rsplit("::").next().unwrap_or(&name)) {
                            (Some(model), _) => {
                                self.provided(owner, &model.name).unwrap_or_else(|| Value::instance(&model.name))
                            }
                            (None, "Vec" | "VecDeque" | "HashSet" | "BTreeSet") => Value::many(
                                arguments
                                    .first()
                                    .map_or_else(Value::unknown, |inner| self.of_type(scope, owner, inner, depth)),
                            ),
                            _ => Value::unknown(),
                        }
                    }
                    _ => Value::unknown(),
                }
            }
            Type::Interface(bounds) => {
                let known = bounds.iter().map(|bound| self.of_type(scope, owner, bound, depth));
                known.into_iter().find(|value| !matches!(*value.data, Data::Unknown)).unwrap_or_else(Value::unknown)
            }
            Type::List(inner) => Value::many(self.of_type(scope, owner, inner, depth)),
            Type::Record(all) => {
                let typed = all.iter().map(|(name, ty)| (name, self.of_type(scope, owner, ty, depth)));
                let known = typed.filter(|(_, value)| !matches!(*value.data, Data::Unknown));
                let fields: BTreeMap<Rc<str>, Value<'p>> =
                    known.map(|(name, value)| (name.as_str().into(), name_label(value, name))).collect();
                if fields.is_empty() {
                    return Value::unknown();
                }
                Value::new(Data::Object { ty: None, variant: None, fields, open: true })
            }
            Type::Tuple(all) if !all.is_empty() => {
                let items = all.iter().map(|inner| self.of_type(scope, owner, inner, depth)).collect();
                Value::new(Data::List { items, rest: None })
            }
            _ => Value::unknown(),
        }
    }

    /// An instance of a project type of which nothing is known.
    pub(super) fn open(id: TypeId) -> Value<'p> {
        Value::new(Data::Object { ty: Some(id), variant: None, fields: BTreeMap::new(), open: true })
    }

    /// A field of a project type as its constructors left it, in this class, its bases or what is built on it; otherwise
    /// as written at the definition; otherwise of its declared type.
    pub(super) fn declared_field(&mut self, id: TypeId, name: &str) -> Value<'p> {
        let key: Rc<str> = name.into();
        if let Some(value) = self.fields.get(&(id, key.clone())) {
            return value.clone();
        }
        let bases = self.bases(id);
        let derived = self.program.types.get(id.0).map_or([].as_slice(), |entry| entry.implementors.as_slice());
        let learned = bases.iter().chain(derived).filter_map(|ty| self.fields.get(&(*ty, key.clone())).cloned());
        if let Some(value) = Value::any_of(learned) {
            return value;
        }
        if let Some((variant, part)) = name.split_once("::") {
            return self.declared_payload(id, variant, part);
        }
        for ty in std::iter::once(id).chain(bases) {
            let Some(entry) = self.program.types.get(ty.0) else { continue };
            let fields = entry.definition.map_or([].as_slice(), |definition| definition.fields.as_slice());
            let Some(field) = fields.iter().find(|field| field.name == name) else { continue };
            let scope = entry.scope;
            if let Some(default) = &field.default {
                // Held back while it runs: it may read itself.
                self.fields.set((id, key.clone()), Value::unknown());
                let mut frame = self.frame(scope, Some(ty));
                frame.variables.insert("self".into(), Self::open(ty));
                let value = self.expression(&mut frame, default);
                self.fields.set((id, key), value.clone());
                return value;
            }
            let value = self.typed(scope, Some(id), field.ty.as_ref(), name).label(Label::Field(id, name.into()));
            return self.filled(scope, field, value);
        }
        let value = Value::unknown().label(Label::Field(id, name.into()));
        name_label(value, name)
    }

    /// The type that a field is declared with, and the module it is written in.
    pub(super) fn field_type(&self, id: TypeId, name: &str) -> Option<(ScopeId, &'p Type)> {
        let entry = self.program.types.get(id.0)?;
        let field = entry.definition?.fields.iter().find(|field| field.name == name)?;
        Some((entry.scope, field.ty.as_ref()?))
    }

    /// A value of a field's declared type.
    pub(super) fn of_declared(&self, id: TypeId, name: &str) -> Value<'p> {
        let Some(entry) = self.program.types.get(id.0) else { return Value::unknown() };
        let field = entry.definition.and_then(|definition| definition.fields.iter().find(|field| field.name == name));
        field.map_or_else(Value::unknown, |field| self.typed(entry.scope, Some(id), field.ty.as_ref(), name))
    }

    /// A variant's payload of its declared type.
    fn declared_payload(&self, id: TypeId, variant: &str, name: &str) -> Value<'p> {
        let Some(entry) = self.program.types.get(id.0) else { return Value::unknown() };
        let variants = entry.definition.map_or([].as_slice(), |definition| definition.variants.as_slice());
        let found = variants.iter().find(|v| v.name == variant);
        let field = found.and_then(|found| found.fields.iter().find(|field| field.name == name));
        field.map_or_else(Value::unknown, |field| self.typed(entry.scope, Some(id), field.ty.as_ref(), name))
    }

    /// What a field's attributes say about where its value comes from: a variable, and what stands in for it.
    fn filled(&mut self, scope: ScopeId, field: &'p FieldDefinition, value: Value<'p>) -> Value<'p> {
        let libraries = self.libraries(scope);
        let mut value = value;
        let mut defaults = Vec::new();
        for attribute in &field.attributes {
            let Some(model) = libraries.field(attribute.path.last()) else { continue };
            for argument in &attribute.arguments {
                let word = match (&argument.name, &argument.value.kind) {
                    (Some(name), _) => name.as_str(),
                    (None, ExprKind::Name(path)) => path.last(),
                    _ => continue,
                };
                let is = |words: &[String]| words.iter().any(|one| one == word);
                let given = argument.name.is_some().then_some(&argument.value);
                if is(&model.variable) {
                    let variable = match given.map(|given| &given.kind) {
                        Some(ExprKind::Literal(Literal::Text(text))) => text.clone(),
                        _ => field.name.to_ascii_uppercase(),
                    };
                    value = value.label(Label::Environment(variable.into()));
                }
                let mut frame = self.frame(scope, None);
                if let Some(given) = given.filter(|_| is(&model.default)) {
                    defaults.push(self.expression(&mut frame, given));
                }
                if let Some(ExprKind::Literal(Literal::Text(function))) = given.map(|given| &given.kind)
                    && is(&model.default_function)
                {
                    let path = Path::scoped(function.split("::"));
                    if let Some(Resolved::Function(id)) = self.program.resolve(scope, &path) {
                        defaults.push(self.call_function(id, None, Vec::new(), argument.value.span).0);
                    }
                }
            }
        }
        defaults
            .into_iter()
            .fold(value, |value, default| value.or(name_label(default, &field.name).label(Label::Default)))
    }

    /// Whether a type never prints what it holds.
    pub(super) fn keeps(&self, scope: ScopeId, ty: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let Type::Named { path, arguments, .. } = ty else { return false };
        match self.program.resolve(scope, path) {
            Some(Resolved::External(name)) => {
                self.libraries(scope).ty(&name).is_some_and(|model| model.sealed)
                    || arguments.iter().any(|inner| self.keeps(scope, inner, depth))
            }
            _ => false,
        }
    }
}
