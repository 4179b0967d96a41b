//! Values of a declared type when nothing else is known.

use super::value::{Data, Label, Value};
use super::{Evaluator, name_label};
use crate::program::link::{Resolved, ScopeId, TypeId};
use crate::program::tree::Type;
use std::collections::BTreeMap;

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
                match self.program.resolve(scope, path) {
                    Some(Resolved::Type(id)) => Self::open(id),
                    Some(Resolved::External(name)) => {
                        let model = self.libraries(scope).ty(&name);
                        if let Some(inner) = model.and_then(|m| m.transparent).and_then(|at| arguments.get(at)) {
                            return self.of_type(scope, owner, inner, depth);
                        }
                        match (model, name.rsplit("::").next().unwrap_or(&name)) {
                            (Some(model), _) => Value::instance(&model.name),
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

    /// A field of a project type as its constructors left it; otherwise of its declared type.
    pub(super) fn declared_field(&self, id: TypeId, name: &str) -> Value<'p> {
        if let Some(value) = self.fields.get(&(id, name.into())) {
            return value.clone();
        }
        let Some(entry) = self.program.types.get(id.0) else { return Value::unknown() };
        let field = entry.definition.and_then(|definition| definition.fields.iter().find(|field| field.name == name));
        let ty = field.and_then(|field| field.ty.as_ref());
        self.typed(entry.scope, Some(id), ty, name).label(Label::Field(id, name.into()))
    }
}
