//! Values that a framework puts into parameters and fields: decorators that wire the project's classes together say which.

use super::learned::Learned;
use super::value::{Callable, Data, Value};
use super::{Evaluator, Frame};
use crate::hash::FastMap;
use crate::knowledge::libraries::ContainerModel;
use crate::program::link::{Resolved, ScopeId, TypeId};
use crate::program::tree::{ADDED, Attribute};
use std::rc::Rc;

/// Containers that bring in other containers are followed this far.
const MAX_IMPORTS: usize = 6;

/// What frameworks inject.
#[derive(Default)]
pub(super) struct Injected<'p> {
    /// Library instances that a class gets for parameters of their type.
    for_class: FastMap<(TypeId, Rc<str>), Value<'p>>,
    /// Library instances by their type, whoever gets them.
    by_type: FastMap<Rc<str>, Value<'p>>,
    /// Values by the token that asks for them.
    by_token: FastMap<Rc<str>, Value<'p>>,
    /// The project's types that add fields to a library's, by its name.
    added: FastMap<Rc<str>, Vec<TypeId>>,
    /// Settings by their namespace; the empty one holds those without.
    pub(super) settings: Learned<Rc<str>, Value<'p>>,
}

/// A class that wires others together, and how.
struct Container<'p> {
    ty: TypeId,
    scope: ScopeId,
    wiring: Value<'p>,
    model: &'p ContainerModel,
}

impl<'p> Evaluator<'p> {
    /// Reads the project's wiring.
    pub(super) fn wire(&mut self) {
        // An earlier pass knew less.
        self.injected.for_class.clear();
        self.injected.by_type.clear();
        self.injected.by_token.clear();
        self.injected.added.clear();
        let mut containers = Vec::new();
        let program = self.program;
        for (index, entry) in program.types.iter().enumerate().filter(|(_, entry)| entry.item.name == ADDED) {
            let Some(attribute) = entry.item.attributes.first() else { continue };
            let name = match program.resolve(entry.scope, &attribute.path) {
                Some(Resolved::External(name)) => name,
                _ => attribute.path.segments.join("::"),
            };
            let name = self.libraries(entry.scope).canonical(&name);
            self.injected.added.entry(name.into()).or_default().push(TypeId(index));
        }
        for (index, entry) in program.types.iter().enumerate() {
            for attribute in &entry.item.attributes {
                let Some(model) =
                    self.named_outside(entry.scope, attribute, |libraries, name| libraries.container(name))
                else {
                    continue;
                };
                let Some(argument) = attribute.arguments.first() else { continue };
                self.refuel();
                self.at = entry.scope;
                let mut frame = self.frame(entry.scope, None);
                let wiring = self.expression(&mut frame, &argument.value);
                containers.push(Container { ty: TypeId(index), scope: entry.scope, wiring, model });
            }
        }
        for container in &containers {
            self.at = container.scope;
            let parts = self.parts(&container.wiring, container.model, &containers, MAX_IMPORTS);
            for part in &parts {
                if let Data::Instance { ty, .. } = &*part.data {
                    add(&mut self.injected.by_type, ty.clone(), part.clone());
                }
            }
            for member in listed(&container.wiring, &container.model.members) {
                self.provide(&member, container.model, &parts);
            }
        }
    }

    /// The library instances that the members of a container get.
    fn parts(
        &self,
        wiring: &Value<'p>,
        model: &ContainerModel,
        containers: &[Container<'p>],
        depth: usize,
    ) -> Vec<Value<'p>> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let mut found = Vec::new();
        for part in listed(wiring, &model.parts) {
            match &*part.data {
                Data::Instance { .. } => found.push(part),
                Data::Callable(Callable::Constructor(ty, None)) => {
                    for inner in containers.iter().filter(|container| container.ty == *ty && hands_on(container)) {
                        found.extend(self.parts(&inner.wiring, inner.model, containers, depth));
                    }
                }
                Data::Object { ty: None, .. } => found.extend(self.parts(&part, model, containers, depth)),
                _ => {}
            }
        }
        found
    }

    /// A member of a container: a class, or a token with what stands for it.
    fn provide(&mut self, member: &Value<'p>, model: &ContainerModel, parts: &[Value<'p>]) {
        match &*member.data {
            Data::Callable(Callable::Constructor(ty, None)) => {
                for part in parts {
                    if let Data::Instance { ty: name, .. } = &*part.data {
                        add(&mut self.injected.for_class, (*ty, name.clone()), part.clone());
                    }
                }
            }
            Data::Object { ty: None, fields, .. } => {
                let part = |name: &String| fields.get(name.as_str()).filter(|v| !matches!(*v.data, Data::Nothing));
                if let Some(class) = part(&model.class) {
                    self.provide(&class.clone(), model, parts);
                }
                let Some(token) = part(&model.token).and_then(token) else { return };
                let value = match (part(&model.value), part(&model.factory), part(&model.class)) {
                    (Some(value), ..) => value.clone(),
                    (_, Some(factory), _) => {
                        let asked = part(&model.inject).cloned().map(|asked| self.asked(&asked)).unwrap_or_default();
                        let span = crate::span::Span::default();
                        awaited(self.call_value(None, &factory.clone(), asked, span))
                    }
                    (_, _, Some(class)) => self.stand_in(&class.clone()),
                    _ => return,
                };
                add(&mut self.injected.by_token, token, value);
            }
            _ => {}
        }
    }

    /// The values of a list of tokens and classes.
    fn asked(&mut self, tokens: &Value<'p>) -> Vec<Value<'p>> {
        let Data::List { items, .. } = &*tokens.data else { return Vec::new() };
        items.iter().map(|item| self.stand_in(item)).collect()
    }

    /// The value that a token or class stands for.
    pub(super) fn stand_in(&mut self, asked: &Value<'p>) -> Value<'p> {
        if let Some(value) = token(asked).and_then(|token| self.of_token(&token)) {
            return value;
        }
        match &*asked.data {
            Data::Callable(Callable::Constructor(ty, None)) => Self::open(*ty),
            Data::Callable(Callable::External(name, _)) => match self.libraries(self.at).ty(name) {
                Some(model) => self.provided(None, &model.name).unwrap_or_else(|| Value::instance(&model.name)),
                None => Value::instance(self.libraries(self.at).canonical(name)),
            },
            _ => Value::unknown(),
        }
    }

    /// What a class gets for a parameter of a library's type.
    pub(super) fn provided(&self, owner: Option<TypeId>, ty: &str) -> Option<Value<'p>> {
        let own = owner.and_then(|owner| self.injected.for_class.get(&(owner, ty.into())));
        own.or_else(|| self.injected.by_type.get(ty)).cloned()
    }

    /// A field that the project's declarations add to a library's type.
    pub(super) fn added_field(&self, ty: &str, name: &str) -> Option<Value<'p>> {
        self.injected.added.get(ty)?.iter().find_map(|id| {
            let entry = self.program.types.get(id.0)?;
            let field = entry.definition?.fields.iter().find(|field| field.name == name)?;
            Some(self.typed(entry.scope, None, field.ty.as_ref(), name))
        })
    }

    /// What a decorator of a parameter or field asks for.
    pub(super) fn injected_by(&mut self, frame: &mut Frame<'p>, attributes: &'p [Attribute]) -> Option<Value<'p>> {
        let asks = |attribute: &&'p Attribute| {
            self.named_outside(frame.scope, attribute, |libraries, name| libraries.injects(name).then_some(()))
                .is_some()
        };
        let argument = attributes.iter().find(asks)?.arguments.first()?;
        let asked = self.expression(frame, &argument.value);
        let token = token(&asked)?;
        self.of_token(&token)
    }

    fn of_token(&self, token: &str) -> Option<Value<'p>> {
        self.injected.by_token.get(token).or_else(|| self.injected.settings.get(token)).cloned()
    }

    /// Remembers settings under a namespace.
    pub(super) fn configure(&mut self, namespace: &str, settings: &Value<'p>) {
        self.injected.settings.learn(namespace.into(), settings.clone());
    }

    /// A setting by its dotted key.
    pub(super) fn setting(&mut self, key: &str) -> Option<Value<'p>> {
        let mut parts = key.split('.');
        let first = parts.next()?;
        let mut at = match self.injected.settings.get(first) {
            Some(settings) => settings.clone(),
            None => {
                let root = self.injected.settings.get("")?.clone();
                self.field(&root, first, crate::span::Span::default())
            }
        };
        for part in parts {
            at = self.field(&at, part, crate::span::Span::default());
        }
        (!matches!(*at.data, Data::Unknown | Data::Nothing) || !at.labels.is_empty()).then_some(at)
    }

    /// What the models say of an attribute's name, when it is one outside the project.
    fn named_outside<T>(
        &self,
        scope: ScopeId,
        attribute: &Attribute,
        find: impl FnOnce(&'p crate::knowledge::libraries::Libraries, &str) -> Option<T>,
    ) -> Option<T> {
        match self.program.resolve(scope, &attribute.path)? {
            Resolved::External(name) => find(self.libraries(scope), &name),
            _ => None,
        }
    }
}

/// Whether a container lets others have a library's parts that it has.
fn hands_on(container: &Container<'_>) -> bool {
    let exported = listed(&container.wiring, std::slice::from_ref(&container.model.exports));
    exported.iter().any(|part| matches!(&*part.data, Data::Callable(Callable::External(..)) | Data::Instance { .. }))
}

/// The values listed under any of these fields.
fn listed<'p>(wiring: &Value<'p>, names: &[String]) -> Vec<Value<'p>> {
    let Data::Object { fields, .. } = &*wiring.data else { return Vec::new() };
    let lists = names.iter().filter_map(|name| fields.get(name.as_str()));
    lists.flat_map(|list| flat(list, MAX_IMPORTS)).collect()
}

fn flat<'p>(value: &Value<'p>, depth: usize) -> Vec<Value<'p>> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    match &*value.data {
        Data::List { items, rest } => items.iter().chain(rest).flat_map(|item| flat(item, depth)).collect(),
        Data::Union(all) => all.iter().flat_map(|one| flat(one, depth)).collect(),
        Data::Pending { value, .. } => flat(value, depth),
        _ => vec![value.clone()],
    }
}

fn awaited(mut value: Value<'_>) -> Value<'_> {
    while let Data::Pending { value: inner, .. } = &*value.data {
        value = inner.clone();
    }
    value
}

/// What names a token: its text, or the class it is.
fn token(value: &Value<'_>) -> Option<Rc<str>> {
    match &*value.data {
        Data::Callable(Callable::Constructor(ty, None)) => Some(format!("class {}", ty.0).into()),
        Data::Callable(Callable::External(name, _)) => Some(name.clone()),
        _ => value.known_text().map(Into::into),
    }
}

fn add<'p, K: std::hash::Hash + Eq>(map: &mut FastMap<K, Value<'p>>, key: K, value: Value<'p>) {
    let joined = match map.remove(&key) {
        Some(known) => known.or(value),
        None => value,
    };
    map.insert(key, joined);
}
