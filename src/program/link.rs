//! Names linked across files: every module becomes a scope, every path resolves to a definition of the project or to
//! the canonical name of something outside it.

pub use super::entries::*;
use super::load::Loader;
use super::tree::{Expr, Function, Implementation, Item, ItemKind, Module, Type, TypeDefinition};
use crate::hash::FastMap;
use std::cell::RefCell;

impl<'p> Program<'p> {
    /// Links modules. `paths` are the modules' file paths, `/`-separated, in the same order. A file that no
    /// root reaches becomes a root of its own.
    pub fn link(modules: &'p [Module], paths: &[&str], roots: &[Root]) -> Self {
        Self::link_files(modules, paths, roots, &Specifiers::default())
    }

    /// As [`Program::link`], with the files that specifiers lead to.
    pub fn link_files(modules: &'p [Module], paths: &[&str], roots: &[Root], specifiers: &Specifiers) -> Self {
        let mut program = Self::default();
        let by_path: FastMap<&str, usize> = paths.iter().enumerate().map(|(index, path)| (*path, index)).collect();
        let mut loader = Loader { modules, paths, by_path, scope_of: FastMap::default() };
        let mut named = FastMap::default();
        for root in roots {
            if let Some(scope) = loader.load(&mut program, root.module, None, root.name.as_deref().unwrap_or(""))
                && let Some(name) = &root.name
            {
                named.insert(name.clone(), scope);
            }
        }
        for index in 0..modules.len() {
            if !loader.scope_of.contains_key(&index) {
                loader.load(&mut program, index, None, "");
            }
        }
        for root in roots {
            if let Some(scope) = loader.scope_of.get(&root.module) {
                let seen = root
                    .dependencies
                    .iter()
                    .filter_map(|(local, name)| Some((local.clone(), *named.get(name)?)))
                    .collect();
                program.packages.insert(*scope, seen);
            }
        }
        for (from, table) in specifiers {
            let Some(scope) = loader.scope_of.get(from) else { continue };
            let found = table.iter().filter_map(|(name, to)| Some((name.clone(), *loader.scope_of.get(to)?)));
            program.specifiers.insert(*scope, found.collect());
        }
        let order = Self::running_order(modules.len(), specifiers);
        let ranks: FastMap<ScopeId, usize> =
            order.iter().enumerate().filter_map(|(rank, index)| Some((*loader.scope_of.get(index)?, rank))).collect();
        let root = |scope: ScopeId| program.scopes.get(scope.0).and_then(|scope| scope.root).unwrap_or(scope);
        let mut statements = std::mem::take(&mut program.statements);
        statements.sort_by_key(|(scope, _)| ranks.get(&root(*scope)).copied());
        program.statements = statements;
        for (index, module) in modules.iter().enumerate() {
            if let Some(page) = loader.scope_of.get(&index) {
                program.share_globals(*page, module, &loader.scope_of, modules);
            }
        }
        program.attach_implementations();
        program.memo = RefCell::new(Some(Memo::default()));
        program
    }

    pub(super) fn define(&mut self, scope: ScopeId, name: &'p str, what: Resolved) {
        if let Some(scope) = self.scopes.get_mut(scope.0) {
            scope.names.entry(name).or_default().push(what);
        }
    }

    pub(super) fn add_function(
        &mut self,
        scope: ScopeId,
        item: &'p Item,
        function: &'p Function,
        owner: Option<TypeId>,
    ) -> FunctionId {
        self.functions.push(FunctionEntry { function, item, scope, owner, interface: None, generics: &[] });
        FunctionId(self.functions.len() - 1)
    }

    pub(super) fn add_constant(
        &mut self,
        scope: ScopeId,
        item: &'p Item,
        ty: Option<&'p Type>,
        value: Option<&'p Expr>,
    ) -> ConstantId {
        self.constants.push(ConstantEntry { item, ty, value, scope });
        ConstantId(self.constants.len() - 1)
    }

    pub(super) fn add_type(
        &mut self,
        scope: ScopeId,
        item: &'p Item,
        definition: Option<&'p TypeDefinition>,
    ) -> TypeId {
        self.types.push(TypeEntry {
            item,
            scope,
            definition,
            methods: FastMap::default(),
            constants: FastMap::default(),
            interfaces: Vec::new(),
            written_interfaces: Vec::new(),
            implementors: Vec::new(),
        });
        let id = TypeId(self.types.len() - 1);
        self.define(scope, &item.name, Resolved::Type(id));
        id
    }

    pub(super) fn add_members(&mut self, scope: ScopeId, owner: TypeId, items: &'p [Item]) {
        for item in items {
            match &item.kind {
                ItemKind::Function(function) => {
                    let id = self.add_function(scope, item, function, Some(owner));
                    if let Some(entry) = self.types.get_mut(owner.0) {
                        entry.methods.entry(&item.name).or_default().push(id);
                    }
                }
                ItemKind::Constant { ty, value } => {
                    let id = self.add_constant(scope, item, ty.as_ref(), value.as_ref());
                    if let Some(entry) = self.types.get_mut(owner.0) {
                        entry.constants.insert(&item.name, id);
                    }
                }
                _ => {}
            }
        }
    }

    fn attach_implementations(&mut self) {
        for (scope, implementation) in std::mem::take(&mut self.implementations) {
            let interface = implementation.interface.as_ref().and_then(|ty| self.resolve_type(scope, ty));
            // An implementation for a foreign type is kept under the interface, so that calls through it are found.
            let target = self.resolve_type(scope, &implementation.target);
            let first = self.functions.len();
            let Some(owner) = target.or(interface) else {
                // `impl From<Ours> for Theirs`: functions that the project adds to a type outside it.
                for item in &implementation.items {
                    if let ItemKind::Function(function) = &item.kind {
                        self.add_function(scope, item, function, None);
                    }
                }
                self.add_extensions(scope, implementation, first);
                continue;
            };
            self.add_members(scope, owner, &implementation.items);
            let written = match &implementation.interface {
                Some(Type::Named { path, .. }) => path.segments.last().map(String::as_str),
                _ => None,
            };
            for entry in self.functions.iter_mut().skip(first) {
                entry.interface = written;
                entry.generics = &implementation.generics;
            }
            if target.is_none() {
                self.add_extensions(scope, implementation, first);
            }
            if let (Some(name), Some(entry)) = (written, self.types.get_mut(owner.0)) {
                entry.written_interfaces.push(name);
            }
            if let Some(interface) = interface {
                self.builds_on(owner, interface);
            }
        }
        for index in 0..self.types.len() {
            let Some(entry) = self.types.get(index) else { continue };
            let extends: &'p [Type] = match (entry.definition, &entry.item.kind) {
                (Some(definition), _) => &definition.extends,
                (None, ItemKind::Interface(interface)) => &interface.extends,
                _ => &[],
            };
            let scope = entry.scope;
            for base in extends {
                if let Some(base) = self.resolve_type(scope, base) {
                    self.builds_on(TypeId(index), base);
                }
            }
        }
    }

    /// The methods added since `first` belong to a type outside the project, or to any type.
    fn add_extensions(&mut self, scope: ScopeId, implementation: &'p Implementation, first: usize) {
        let target = match &implementation.target {
            Type::Named { path, .. } if implementation.generics.iter().any(|g| path.single() == Some(&g.name)) => None,
            Type::Named { path, .. } => match self.resolve(scope, path) {
                Some(Resolved::External(name)) => Some(name),
                _ => return,
            },
            _ => return,
        };
        let added = (first..self.functions.len()).map(FunctionId);
        for function in added {
            let Some(entry) = self.functions.get(function.0) else { continue };
            let name: &'p str = &entry.item.name;
            self.extensions.entry(name).or_default().push(Extension { function, target: target.clone() });
        }
    }

    fn builds_on(&mut self, ty: TypeId, base: TypeId) {
        if ty == base {
            return;
        }
        if let Some(entry) = self.types.get_mut(base.0) {
            entry.implementors.push(ty);
        }
        if let Some(entry) = self.types.get_mut(ty.0) {
            entry.interfaces.push(base);
        }
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
