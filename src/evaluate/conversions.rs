//! What types lead to besides their own methods: conversions, text forms, views of an inner value, methods added from
//! outside, and the types that type parameters stand for.

use super::calls::Passed;
use super::value::{Callable, Data, Value};
use super::{Evaluator, Frame};
use crate::program::link::{FunctionId, Resolved, ScopeId, TypeId};
use crate::program::tree::{Function, HoleStyle, Path, Type};
use crate::span::Span;
use std::collections::BTreeMap;

/// Implementations of one function that are tried.
const MAX_TRIED: usize = 8;

impl<'p> Evaluator<'p> {
    /// The project's type that a written type names, type parameters included.
    pub(super) fn type_named(&self, frame: &Frame<'p>, ty: &Type) -> Option<TypeId> {
        if let Type::Named { path, .. } = ty {
            if path.single() == Some("Self") {
                return frame.owner;
            }
            if let Some(known) = path.single().and_then(|name| frame.generics.get(name)) {
                return Some(*known);
            }
        }
        self.program.resolve_type(frame.scope, ty)
    }

    /// Whether a type is an interface.
    pub(super) fn is_interface(&self, ty: TypeId) -> bool {
        self.program.types.get(ty.0).is_some_and(|entry| entry.definition.is_none())
    }

    /// What a function's type parameters stand for in a call: what is written there, otherwise the arguments' types.
    pub(super) fn generics(
        &self,
        scope: ScopeId,
        function: &'p Function,
        arguments: &[Value<'p>],
        explicit: &[Option<TypeId>],
    ) -> BTreeMap<&'p str, TypeId> {
        let _ = scope;
        let mut known = BTreeMap::new();
        for (index, generic) in function.generics.iter().enumerate() {
            let parameters = function.parameters.iter().skip(usize::from(function.has_receiver));
            let given = parameters.zip(arguments).find_map(|(parameter, value)| {
                let Some(Type::Named { path, .. }) = &parameter.ty else { return None };
                match &*value.data {
                    Data::Object { ty: Some(ty), .. } if path.single() == Some(&generic.name) => Some(*ty),
                    _ => None,
                }
            });
            if let Some(ty) = explicit.get(index).copied().flatten().or(given) {
                known.insert(generic.name.as_str(), ty);
            }
        }
        known
    }

    /// A function named by its path. What an interface writes for all its types is bound to the type it is named by; when
    /// a type has several of the name, any of them is meant.
    pub(super) fn function_of_path(&mut self, frame: &Frame<'p>, path: &Path, id: FunctionId) -> Value<'p> {
        let callable = |id, bound| Value::new(Data::Callable(Callable::Function(id, bound)));
        let mut owner = path.clone();
        owner.segments.pop();
        let ty = match owner.segments.as_slice() {
            [] => None,
            [one] if one == "Self" => frame.owner,
            [one] if frame.generics.contains_key(one.as_str()) => frame.generics.get(one.as_str()).copied(),
            _ => match self.resolve(frame, &owner) {
                Some(Resolved::Type(ty)) => Some(ty),
                _ => None,
            },
        };
        let Some(ty) = ty else { return callable(id, None) };
        let all = self.program.methods(ty, path.last());
        let one = |id: FunctionId| {
            let entry = self.program.functions.get(id.0);
            let shared = entry.is_some_and(|entry| {
                !entry.function.has_receiver && entry.owner.is_some_and(|owner| self.is_interface(owner) && owner != ty)
            });
            callable(id, shared.then(|| Self::open(ty)))
        };
        if all.len() < 2 || all.len() > MAX_TRIED {
            return one(id);
        }
        Value::new(Data::Union(all.into_iter().map(one).collect()))
    }

    /// Of what a method is called on, those that have this method: others have another of its name.
    pub(super) fn of_owner(&self, id: FunctionId, receiver: Value<'p>) -> Value<'p> {
        let (Data::Union(all), Some(entry)) = (&*receiver.data, self.program.functions.get(id.0)) else {
            return receiver;
        };
        let own = |one: &&Value<'p>| match &*one.data {
            Data::Object { ty: Some(ty), .. } => {
                entry.owner == Some(*ty) || self.program.methods(*ty, &entry.item.name).contains(&id)
            }
            _ => false,
        };
        let kept = Value::any_of(all.iter().filter(own).cloned());
        match kept {
            Some(kept) => kept.labels_of(&receiver),
            None => receiver,
        }
    }

    /// Of several functions of one name, those whose parameters can take the arguments.
    pub(super) fn fitting(&self, called: Vec<Value<'p>>, passed: &[Passed<'p>]) -> Vec<Value<'p>> {
        if called.len() < 2 {
            return called;
        }
        let fits = |value: &&Value<'p>| {
            let Data::Callable(Callable::Function(id, _)) = &*value.data else { return true };
            let Some(entry) = self.program.functions.get(id.0) else { return true };
            let parameters = entry.function.parameters.iter().skip(usize::from(entry.function.has_receiver));
            parameters.zip(passed).all(|(parameter, given)| {
                parameter.ty.as_ref().is_none_or(|ty| self.may_be(entry.scope, ty, &given.value))
            })
        };
        let kept: Vec<Value<'p>> = called.iter().filter(fits).cloned().collect();
        if kept.is_empty() { called } else { kept }
    }

    /// Whether a value may be of a written type.
    fn may_be(&self, scope: ScopeId, ty: &Type, value: &Value<'p>) -> bool {
        let named = self.program.resolve_type(scope, ty);
        match (&*value.data, named) {
            (Data::Object { ty: Some(own), .. }, Some(named)) => *own == named || self.is_interface(named),
            (Data::Object { ty: Some(_), .. }, None) => !self.is_text(scope, ty),
            (Data::Text(_), Some(named)) => self.is_interface(named),
            _ => true,
        }
    }

    pub(super) fn is_text(&self, scope: ScopeId, ty: &Type) -> bool {
        let Type::Named { path, .. } = ty else { return false };
        matches!(self.program.resolve(scope, path), Some(Resolved::External(name)) if matches!(name.as_str(), "str" | "String"))
    }

    /// A value where a type is asked for: a value of another type was converted on the way.
    pub(super) fn conform(
        &mut self,
        scope: ScopeId,
        owner: Option<TypeId>,
        value: Value<'p>,
        ty: &Type,
        span: Span,
    ) -> Value<'p> {
        let own = match &*value.data {
            Data::Object { ty: Some(own), .. } => Some(*own),
            Data::Text(_) => None,
            _ => return self.as_declared(scope, owner, value, ty),
        };
        let wanted = match &*self.typed(scope, owner, Some(ty), "").data {
            Data::Object { ty: Some(wanted), .. } => *wanted,
            _ => return value,
        };
        if own == Some(wanted) || self.is_interface(wanted) || own.is_some_and(|own| self.is_interface(own)) {
            return value;
        }
        let makes = self.libraries(scope).conversions().iter().flat_map(|name| self.program.methods_of(wanted, name));
        let takes = |id: &FunctionId| {
            let entry = self.program.functions.get(id.0);
            let parameter =
                entry.and_then(|entry| Some((entry.scope, entry.function.parameters.first()?.ty.as_ref()?)));
            parameter.is_some_and(|(scope, ty)| match own {
                Some(own) => self.program.resolve_type(scope, ty) == Some(own),
                // A type of the project that goes by the name of text is none, and would be converted again.
                None => self.is_text(scope, ty) && self.program.resolve_type(scope, ty).is_none(),
            })
        };
        match makes.into_iter().find(takes) {
            // A conversion whose own parameter asks for the same conversion would never end.
            Some(id) if !self.converting.contains(&id) => {
                self.converting.push(id);
                let made = self.call_function(id, None, vec![value], span).0;
                self.converting.pop();
                made
            }
            _ => value,
        }
    }

    /// A value as text in a style, when its type writes itself by hand and what it writes is known.
    pub(super) fn shown(&mut self, value: Value<'p>, style: HoleStyle, span: Span) -> Value<'p> {
        let Data::Object { ty: Some(ty), .. } = &*value.data else { return value };
        let Some(entry) = self.program.types.get(ty.0) else { return value };
        let Some(model) = self.libraries(entry.scope).printing(style) else { return value };
        let written = entry.methods.values().flatten().find(|id| {
            let interface = self.program.functions.get(id.0).and_then(|entry| entry.interface);
            interface.is_some_and(|interface| model.by_hand.iter().any(|name| name == interface))
        });
        let Some(id) = written.copied() else { return value };
        let (_, after) = self.call_function(id, Some(value.clone()), vec![Value::text("", Span::default())], span);
        match after.get(1).map(|text| &*text.data) {
            Some(Data::Text(pieces)) if pieces.len() > 1 => after.get(1).cloned().unwrap_or(value),
            Some(Data::Union(all)) if all.iter().any(|one| matches!(&*one.data, Data::Text(p) if p.len() > 1)) => {
                after.get(1).cloned().unwrap_or(value)
            }
            _ => value,
        }
    }

    /// The value that a value of a project type stands for, when the type says so.
    pub(super) fn dereferenced(&mut self, value: &Value<'p>, span: Span) -> Option<Value<'p>> {
        let Data::Object { ty: Some(ty), .. } = &*value.data else { return None };
        let name = self.libraries(self.at).dereference()?;
        let id = self.program.methods_of(*ty, name).first().copied()?;
        Some(self.call_function(id, Some(value.clone()), Vec::new(), span).0)
    }

    /// A value of the project's types as what the project's only conversions from its type make of it: types outside the
    /// project, of which nothing says here that one is asked for.
    pub(super) fn converted_outwards(&mut self, value: &Value<'p>, span: Span) -> Option<Value<'p>> {
        let mut made = Vec::new();
        for one in value.alternatives() {
            let Data::Object { ty: Some(own), .. } = &*one.data else { return None };
            let ways = self.ways_out_of(*own);
            if ways.is_empty() {
                return None;
            }
            for id in ways.into_iter().take(MAX_TRIED) {
                if self.converting.contains(&id) {
                    return None;
                }
                self.converting.push(id);
                made.push(self.call_function(id, None, vec![one.clone()], span).0);
                self.converting.pop();
            }
        }
        Value::any_of(made)
    }

    /// The conversions from a type of the project, when all of them lead outside it.
    fn ways_out_of(&mut self, own: TypeId) -> Vec<FunctionId> {
        if self.conversions.is_none() {
            let mut all: BTreeMap<usize, Vec<FunctionId>> = BTreeMap::new();
            for (index, entry) in self.program.functions.iter().enumerate() {
                let named = self.libraries(entry.scope).conversions().contains(&entry.item.name)
                    && !entry.function.has_receiver;
                let taken = entry.function.parameters.first().and_then(|parameter| parameter.ty.as_ref());
                if let Some(from) = taken.filter(|_| named).and_then(|ty| self.program.resolve_type(entry.scope, ty)) {
                    all.entry(from.0).or_default().push(FunctionId(index));
                }
            }
            self.conversions = Some(all);
        }
        let all = self.conversions.as_ref().and_then(|all| all.get(&own.0)).cloned().unwrap_or_default();
        let inside = |id: &FunctionId| self.program.functions.get(id.0).is_none_or(|entry| entry.owner.is_some());
        if all.iter().any(inside) { Vec::new() } else { all }
    }

    /// The methods of a name that the project adds to a value of a type outside it.
    pub(super) fn extended(&mut self, value: &Value<'p>, name: &str) -> Vec<Value<'p>> {
        let Some(all) = self.program.extensions.get(name) else { return Vec::new() };
        let libraries = self.libraries(self.at);
        let text =
            |target: &str| matches!(target, "str" | "String" | "std::string::String") || target.ends_with("::Url");
        let fits = |target: &Option<String>| match (target, &*value.data) {
            (Some(target), Data::Instance { ty, .. }) => libraries.canonical(target) == &**ty,
            (Some(target), Data::Text(_)) => text(target),
            (Some(_), Data::Unknown) => all.len() == 1,
            (Some(target), Data::List { .. }) => target.ends_with("Vec"),
            (Some(_), _) => false,
            (None, Data::Instance { ty, .. }) => !libraries.exact(ty, name),
            (None, _) => true,
        };
        let method = |id: FunctionId| self.program.functions.get(id.0).is_some_and(|entry| entry.function.has_receiver);
        let found = all.iter().filter(|extension| fits(&extension.target) && method(extension.function));
        found.map(|extension| Value::new(Data::Callable(Callable::Function(extension.function, None)))).collect()
    }
}
