//! What paths and names mean, once everything is linked.

use super::entries::{FunctionId, Program, Resolved, ScopeId, TypeEntry, TypeId};
use super::tree::{Anchor, Path, Type};
use crate::hash::FastSet;

/// Re-exports and aliases are followed this many times; a cycle ends there.
pub(super) const MAX_HOPS: usize = 16;

/// One resolution under way.
#[derive(Default)]
pub(super) struct Search {
    /// Names already looked for in a scope's globs.
    pub(super) tried: FastSet<(ScopeId, String)>,
    /// Whether more of the path follows: a module is meant where a function has the same name.
    pub(super) leads_on: bool,
}

impl<'p> Program<'p> {
    /// The project's type or interface that a written type names.
    pub fn resolve_type(&self, scope: ScopeId, ty: &Type) -> Option<TypeId> {
        match ty {
            Type::Named { path, .. } => match self.resolve(scope, path)? {
                Resolved::Type(id) => Some(id),
                // A value of the same name stands before it.
                _ => {
                    let all = self.scopes.get(scope.0)?.names.get(path.single()?)?;
                    all.iter().find_map(|found| if let Resolved::Type(id) = found { Some(*id) } else { None })
                }
            },
            Type::Interface(bounds) => bounds.iter().find_map(|bound| self.resolve_type(scope, bound)),
            _ => None,
        }
    }

    /// The type that a path is another name for, when that is more than a name, with the module it is written in.
    pub fn alias(&self, scope: ScopeId, path: &Path) -> Option<(ScopeId, &'p Type)> {
        self.alias_bounded(scope, path, MAX_HOPS)
    }

    fn alias_bounded(&self, scope: ScopeId, path: &Path, hops: usize) -> Option<(ScopeId, &'p Type)> {
        let hops = hops.checked_sub(1)?;
        let name = path.segments.last()?;
        if path.segments.len() > 1 || !matches!(path.anchor, Anchor::Scope | Anchor::Definition) {
            let mut around = path.clone();
            around.segments.pop();
            let Some(Resolved::Scope(inner)) = self.resolve(scope, &around) else { return None };
            return self.alias_in(inner, name, hops);
        }
        let mut at = scope;
        for _ in 0..MAX_HOPS {
            if let Some(found) = self.alias_in(at, name, hops) {
                return Some(found);
            }
            let entry = self.scopes.get(at.0).filter(|entry| entry.open)?;
            at = entry.parent?;
        }
        None
    }

    /// An alias that a module defines or brings in.
    fn alias_in(&self, scope: ScopeId, name: &str, hops: usize) -> Option<(ScopeId, &'p Type)> {
        let entry = self.scopes.get(scope.0)?;
        if let Some(ty) = entry.aliases.get(name) {
            return Some((scope, ty));
        }
        if let Some(import) = entry.imports.get(name).or_else(|| entry.exports.get(name)) {
            return self.alias_bounded(scope, import, hops);
        }
        entry.globs.iter().find_map(|glob| match self.resolve(scope, glob)? {
            Resolved::Scope(inner) => self.scopes.get(inner.0)?.aliases.get(name).map(|ty| (inner, *ty)),
            _ => None,
        })
    }

    /// What a path means in a scope. `None` when a segment leads into a module of the project and is not there.
    /// A single unknown name is [`Resolved::External`] as written.
    pub fn resolve(&self, scope: ScopeId, path: &Path) -> Option<Resolved> {
        if let Some(known) = self.memo.borrow().as_ref().and_then(|memo| memo.paths.get(&scope)?.get(path)) {
            return known.clone();
        }
        let found = self.resolve_bounded(scope, path, MAX_HOPS, &mut Search::default());
        if let Some(memo) = self.memo.borrow_mut().as_mut() {
            memo.paths.entry(scope).or_default().insert(path.clone(), found.clone());
        }
        found
    }

    pub(super) fn resolve_bounded(
        &self,
        scope: ScopeId,
        path: &Path,
        hops: usize,
        search: &mut Search,
    ) -> Option<Resolved> {
        let around = search.leads_on;
        let found = self.resolve_segments(scope, path, hops, search);
        search.leads_on = around;
        found
    }

    fn resolve_segments(&self, scope: ScopeId, path: &Path, hops: usize, search: &mut Search) -> Option<Resolved> {
        let hops = hops.checked_sub(1)?;
        let around = search.leads_on;
        let mut segments = path.segments.iter().map(String::as_str);
        search.leads_on = around || path.segments.len() > 1;
        let mut current = match path.anchor {
            Anchor::Package => Resolved::Scope(self.scopes.get(scope.0)?.root.unwrap_or(scope)),
            Anchor::Module => match segments.next() {
                Some(first) => self.lookup(scope, first, hops, search)?,
                None => Resolved::Scope(scope),
            },
            Anchor::Parent(levels) => {
                let mut at = self.module_around(scope);
                for _ in 0..levels {
                    at = self.scopes.get(at.0)?.parent?;
                }
                Resolved::Scope(at)
            }
            Anchor::External => {
                let first = segments.next()?;
                self.package(scope, first).map_or_else(|| Resolved::External(first.to_owned()), Resolved::Scope)
            }
            Anchor::Scope | Anchor::Definition => {
                let first = segments.next()?;
                self.lookup_around(scope, first, hops, search)
                    .or_else(|| self.package(scope, first).map(Resolved::Scope))
                    .or_else(|| self.macro_of_package(scope, first))
                    .unwrap_or_else(|| Resolved::External(first.to_owned()))
            }
            Anchor::File => self.file(scope, segments.next()?, path.segments.len() == 1, hops, search)?,
        };
        let behind = segments.len();
        for (index, segment) in segments.enumerate() {
            search.leads_on = around || index + 1 < behind;
            current = match current {
                Resolved::Scope(inner) => self.exported(inner, segment, hops, search)?,
                Resolved::Type(id) => self.member(id, segment)?,
                // A package's default export is the package itself.
                Resolved::External(name) if path.anchor == Anchor::File && segment == super::exports::DEFAULT => {
                    Resolved::External(name)
                }
                Resolved::External(name) => Resolved::External(format!("{name}::{segment}")),
                Resolved::Constant(id) if path.anchor == Anchor::File => Resolved::Field(id, vec![segment.to_owned()]),
                Resolved::Field(id, mut fields) => {
                    fields.push(segment.to_owned());
                    Resolved::Field(id, fields)
                }
                Resolved::Function(_) | Resolved::Variant(..) | Resolved::Constant(_) => return None,
            };
        }
        Some(current)
    }

    /// A variant, associated function or constant of a type.
    pub fn member(&self, id: TypeId, name: &str) -> Option<Resolved> {
        let entry = self.types.get(id.0)?;
        if let Some(definition) = entry.definition
            && definition.variants.iter().any(|variant| variant.name == name)
        {
            return Some(Resolved::Variant(id, name.to_owned()));
        }
        if let Some(function) = self.methods(id, name).first() {
            return Some(Resolved::Function(*function));
        }
        let of = |entry: &TypeEntry<'p>| entry.constants.get(name).map(|constant| Resolved::Constant(*constant));
        // A constant that is not written for the type is the interface's.
        of(entry).or_else(|| entry.interfaces.iter().filter_map(|base| self.types.get(base.0)).find_map(of))
    }

    /// A type's own methods of a name, those with a body.
    pub fn methods_of(&self, id: TypeId, name: &str) -> Vec<FunctionId> {
        let with_body = |id: &&FunctionId| self.functions.get(id.0).is_some_and(|f| f.function.body.is_some());
        let methods = self.types.get(id.0).and_then(|entry| entry.methods.get(name));
        methods.into_iter().flatten().filter(with_body).copied().collect()
    }

    /// The methods a call of `name` on a type can reach: for a class its own or those of its nearest base; for an interface
    /// its implementors'; then an interface's defaults.
    pub fn methods(&self, id: TypeId, name: &str) -> Vec<FunctionId> {
        if let Some(known) = self.memo.borrow().as_ref().and_then(|memo| memo.methods.get(&id)?.get(name)) {
            return known.clone();
        }
        let found = self.reached_methods(id, name);
        if let Some(memo) = self.memo.borrow_mut().as_mut() {
            memo.methods.entry(id).or_default().insert(name.to_owned(), found.clone());
        }
        found
    }

    fn reached_methods(&self, id: TypeId, name: &str) -> Vec<FunctionId> {
        let Some(entry) = self.types.get(id.0) else { return Vec::new() };
        let own = self.methods_of(id, name);
        if entry.definition.is_some() && !own.is_empty() {
            return own;
        }
        let mut found: Vec<FunctionId> = Vec::new();
        if entry.definition.is_some() {
            found = self.inherited(id, name);
        }
        if found.is_empty() {
            found = self.implemented(id, name);
        }
        if found.is_empty() {
            found = own;
        }
        if found.is_empty() { self.inherited(id, name) } else { found }
    }

    /// The methods of all types that build on a type, those of types nearer to it first.
    fn implemented(&self, id: TypeId, name: &str) -> Vec<FunctionId> {
        let (mut level, mut seen) = (vec![id], FastSet::default());
        for _ in 0..MAX_HOPS {
            let entries = level.iter().filter_map(|id| self.types.get(id.0));
            level =
                entries.flat_map(|entry| entry.implementors.iter().copied()).filter(|id| seen.insert(*id)).collect();
            let found: Vec<FunctionId> = level.iter().flat_map(|id| self.methods_of(*id, name)).collect();
            if !found.is_empty() || level.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The methods of the nearest bases and interfaces that have one of the name.
    fn inherited(&self, id: TypeId, name: &str) -> Vec<FunctionId> {
        let (mut level, mut seen) = (vec![id], FastSet::default());
        for _ in 0..MAX_HOPS {
            let entries = level.iter().filter_map(|id| self.types.get(id.0));
            level = entries.flat_map(|entry| entry.interfaces.iter().copied()).filter(|id| seen.insert(*id)).collect();
            let found: Vec<FunctionId> = level.iter().flat_map(|id| self.methods_of(*id, name)).collect();
            if !found.is_empty() || level.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// A value and an interface can share a name; the value is meant everywhere but in types.
    fn is_interface(&self, found: &Resolved) -> bool {
        matches!(found, Resolved::Type(id) if self.types.get(id.0).is_some_and(|entry| entry.definition.is_none()))
    }

    /// A name in a scope or, where they can be seen, in the scopes around it.
    fn lookup_around(&self, scope: ScopeId, name: &str, hops: usize, search: &mut Search) -> Option<Resolved> {
        let mut at = scope;
        loop {
            if let Some(found) = self.lookup(at, name, hops, search) {
                return Some(found);
            }
            let around = self.scopes.get(at.0)?;
            at = around.parent.filter(|_| around.open)?;
        }
    }

    /// The module that a block stands in.
    fn module_around(&self, scope: ScopeId) -> ScopeId {
        let mut at = scope;
        while let Some(around) = self.scopes.get(at.0).filter(|scope| scope.open).and_then(|scope| scope.parent) {
            at = around;
        }
        at
    }

    /// A macro is seen by what stands behind it in its package, whatever module that is in.
    fn macro_of_package(&self, scope: ScopeId, name: &str) -> Option<Resolved> {
        let root = self.scopes.get(scope.0)?.root.unwrap_or(scope);
        name.ends_with('!').then(|| self.macros.get(&(root, name))).flatten().map(|id| Resolved::Function(*id))
    }

    fn package(&self, scope: ScopeId, name: &str) -> Option<ScopeId> {
        let root = self.scopes.get(scope.0)?.root.unwrap_or(scope);
        self.packages.get(&root)?.get(name).copied()
    }

    pub(super) fn lookup(&self, id: ScopeId, name: &str, hops: usize, search: &mut Search) -> Option<Resolved> {
        let hops = hops.checked_sub(1)?;
        let scope = self.scopes.get(id.0)?;
        let leads_on = search.leads_on;
        if let Some(all) = scope.names.get(name) {
            // A module, a function and an interface can share a name.
            let is_meant = |found: &&Resolved| match found {
                Resolved::Scope(_) => leads_on,
                Resolved::Function(_) => !leads_on,
                _ => !self.is_interface(found),
            };
            let meant = all.iter().find(is_meant);
            let found = meant.or_else(|| all.iter().find(|found| !self.is_interface(found))).or_else(|| all.first());
            // `mod client; use client::client;`
            let hidden = meant.is_none() && matches!(found, Some(Resolved::Scope(_)));
            let imported = scope.imports.get(name).filter(|_| hidden);
            if let Some(function @ Resolved::Function(_)) =
                imported.and_then(|path| self.resolve_bounded(id, path, hops, search))
            {
                return Some(function);
            }
            if let Some(found) = found {
                return Some(found.clone());
            }
        }
        // A macro is imported without its mark.
        let (plain, mark) = name.strip_suffix('!').map_or((name, ""), |plain| (plain, "!"));
        if let Some(path) = scope.imports.get(plain) {
            let mut path = (*path).clone();
            if let Some(last) = path.segments.last_mut() {
                last.push_str(mark);
            }
            return self.resolve_bounded(id, &path, hops, search);
        }
        // Globs that lead to each other would be walked along every way between them.
        if scope.globs.is_empty() || !search.tried.insert((id, name.to_owned())) {
            return None;
        }
        scope.globs.iter().find_map(|glob| {
            search.leads_on = true;
            let holder = self.resolve_bounded(id, glob, hops, search);
            search.leads_on = leads_on;
            match holder? {
                Resolved::Scope(inner) if inner != id => self.exported(inner, name, hops, search),
                Resolved::Type(ty) => self.member(ty, name),
                _ => None,
            }
        })
    }
}
