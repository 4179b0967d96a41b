//! Names linked across files: every module becomes a scope, every path resolves to a definition of the project or to
//! the canonical name of something outside it.

use super::tree::{
    Anchor, Expr, ExprKind, Function, Implementation, InterfaceDefinition, Item, ItemKind, Module, Path, Type,
    TypeDefinition,
};
use crate::hash::{FastMap, FastSet};
use std::cell::RefCell;

/// Expressions within expressions are looked into this far for definitions of blocks.
const MAX_LOCAL: usize = 64;
/// Re-exports and aliases are followed this many times; a cycle ends there.
pub(super) const MAX_HOPS: usize = 16;

/// Index of a scope in [`Program::scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub usize);
/// Index of a function in [`Program::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub usize);
/// Index of a type or interface in [`Program::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);
/// Index of a constant in [`Program::constants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstantId(pub usize);

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// A function of the project.
    Function(FunctionId),
    /// A type or interface of the project.
    Type(TypeId),
    /// A variant of an enum of the project.
    Variant(TypeId, String),
    /// A constant of the project.
    Constant(ConstantId),
    /// A module of the project.
    Scope(ScopeId),
    /// A part of a constant of the project, by the names of the fields that lead to it.
    Field(ConstantId, Vec<String>),
    /// A name outside the project, `::`-joined, imports applied.
    External(String),
}

/// A module's names.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    /// The module around it.
    pub parent: Option<ScopeId>,
    /// The root module of its package.
    pub root: Option<ScopeId>,
    /// Which set of library models its names resolve against.
    pub namespace: &'static str,
    /// Name within the package, `::`-joined; the root's is the package's.
    pub name: String,
    /// Whether names not found here are looked up in the module around it.
    pub(super) open: bool,
    pub(super) names: FastMap<&'p str, Vec<Resolved>>,
    imports: FastMap<&'p str, &'p Path>,
    pub(super) exports: FastMap<&'p str, &'p Path>,
    globs: Vec<&'p Path>,
    /// Names for types that are more than a name: with arguments, or of no name.
    aliases: FastMap<&'p str, &'p Type>,
}

/// A function with where it belongs.
#[derive(Debug)]
pub struct FunctionEntry<'p> {
    /// The function.
    pub function: &'p Function,
    /// The item that defines it.
    pub item: &'p Item,
    /// The module whose names it sees.
    pub scope: ScopeId,
    /// The type it is a method of.
    pub owner: Option<TypeId>,
    /// The last segment of the interface it was written for.
    pub interface: Option<&'p str>,
    /// Type parameters of the implementation it is written in.
    pub generics: &'p [crate::program::tree::Generic],
}

/// A method that the project adds to types outside it.
#[derive(Debug)]
pub struct Extension {
    /// The method.
    pub function: FunctionId,
    /// The name of the type outside the project; none when it is added to any type.
    pub target: Option<String>,
}

/// A type or interface with its members.
#[derive(Debug)]
pub struct TypeEntry<'p> {
    /// The item that defines it.
    pub item: &'p Item,
    /// The module whose names it sees.
    pub scope: ScopeId,
    /// Fields and variants; none for an interface.
    pub definition: Option<&'p TypeDefinition>,
    /// Methods by name, several when written for several interfaces.
    pub methods: FastMap<&'p str, Vec<FunctionId>>,
    /// Associated constants.
    pub constants: FastMap<&'p str, ConstantId>,
    /// Interfaces of the project it implements.
    pub interfaces: Vec<TypeId>,
    /// Last segments of all interfaces written by hand for it, `Debug` for instance.
    pub written_interfaces: Vec<&'p str>,
    /// For an interface: the types that implement it.
    pub implementors: Vec<TypeId>,
}

/// A constant with where it belongs.
#[derive(Debug)]
pub struct ConstantEntry<'p> {
    /// The item that defines it.
    pub item: &'p Item,
    /// Its declared type.
    pub ty: Option<&'p Type>,
    /// Its value.
    pub value: Option<&'p Expr>,
    /// The module whose names it sees.
    pub scope: ScopeId,
}

/// A root file of a package: where its module tree starts.
#[derive(Clone, Debug)]
pub struct Root {
    /// Index into the modules given to [`Program::link`].
    pub module: usize,
    /// The name other packages use for it; `None` for programs, tests and examples.
    pub name: Option<String>,
    /// Names under which it sees other roots: local name → that root's `name`.
    pub dependencies: Vec<(String, String)>,
}

/// Which module (by index) the specifiers written in a module (by index) lead to.
pub type Specifiers = FastMap<usize, FastMap<String, usize>>;

/// The whole project, linked.
#[derive(Debug, Default)]
pub struct Program<'p> {
    /// All modules' names.
    pub scopes: Vec<Scope<'p>>,
    /// All functions, forwarding macros and interface defaults included.
    pub functions: Vec<FunctionEntry<'p>>,
    /// All types and interfaces.
    pub types: Vec<TypeEntry<'p>>,
    /// All constants.
    pub constants: Vec<ConstantEntry<'p>>,
    /// Statements that run when a file is loaded.
    pub statements: Vec<(ScopeId, &'p Expr)>,
    /// What the project's own files set environment variables to, and where. No secrets.
    pub environment: FastMap<String, Vec<(String, crate::span::Span)>>,
    /// The comments of each file.
    pub comments: FastMap<crate::span::FileId, &'p [super::tree::Comment]>,
    /// Scopes of blocks that define or import names, by the block's address.
    pub(crate) blocks: FastMap<usize, ScopeId>,
    macros: FastMap<(ScopeId, &'p str), FunctionId>,
    /// Methods added to types outside the project, by name.
    pub extensions: FastMap<&'p str, Vec<Extension>>,
    packages: FastMap<ScopeId, FastMap<String, ScopeId>>,
    pub(super) specifiers: FastMap<ScopeId, FastMap<String, ScopeId>>,
    implementations: Vec<(ScopeId, &'p Implementation)>,
    /// Paths and methods that were looked up, once everything is linked.
    memo: RefCell<Option<Memo>>,
}

/// Answers that stay the same once everything is linked.
#[derive(Debug, Default)]
struct Memo {
    paths: FastMap<ScopeId, FastMap<Path, Option<Resolved>>>,
    methods: FastMap<TypeId, FastMap<String, Vec<FunctionId>>>,
}

/// One resolution under way.
#[derive(Default)]
pub(super) struct Search {
    /// Names already looked for in a scope's globs.
    tried: FastSet<(ScopeId, String)>,
    /// Whether more of the path follows: a module is meant where a function has the same name.
    leads_on: bool,
}

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

    fn define(&mut self, scope: ScopeId, name: &'p str, what: Resolved) {
        if let Some(scope) = self.scopes.get_mut(scope.0) {
            scope.names.entry(name).or_default().push(what);
        }
    }

    fn add_function(
        &mut self,
        scope: ScopeId,
        item: &'p Item,
        function: &'p Function,
        owner: Option<TypeId>,
    ) -> FunctionId {
        self.functions.push(FunctionEntry { function, item, scope, owner, interface: None, generics: &[] });
        FunctionId(self.functions.len() - 1)
    }

    fn add_constant(
        &mut self,
        scope: ScopeId,
        item: &'p Item,
        ty: Option<&'p Type>,
        value: Option<&'p Expr>,
    ) -> ConstantId {
        self.constants.push(ConstantEntry { item, ty, value, scope });
        ConstantId(self.constants.len() - 1)
    }

    fn add_type(&mut self, scope: ScopeId, item: &'p Item, definition: Option<&'p TypeDefinition>) -> TypeId {
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

    fn add_members(&mut self, scope: ScopeId, owner: TypeId, items: &'p [Item]) {
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

struct Loader<'p, 'a> {
    modules: &'p [Module],
    paths: &'a [&'a str],
    by_path: FastMap<&'a str, usize>,
    scope_of: FastMap<usize, ScopeId>,
}

impl<'p> Loader<'p, '_> {
    fn load(
        &mut self,
        program: &mut Program<'p>,
        index: usize,
        parent: Option<ScopeId>,
        name: &str,
    ) -> Option<ScopeId> {
        if self.scope_of.contains_key(&index) {
            return None;
        }
        let modules = self.modules;
        let module = modules.get(index)?;
        let path = self.paths.get(index).copied().unwrap_or("");
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        // A root and a `mod.rs` own their folder; any other file owns the folder of its name.
        let owned = if parent.is_none() || stem == "mod" { folder.to_owned() } else { join(folder, stem) };
        let scope = self.open(program, parent, name, module.namespace);
        self.scope_of.insert(index, scope);
        self.items(program, scope, &module.items, folder, &owned);
        Some(scope)
    }

    fn open(&self, program: &mut Program<'p>, parent: Option<ScopeId>, name: &str, namespace: &'static str) -> ScopeId {
        let id = ScopeId(program.scopes.len());
        let root = parent.map_or(id, |p| program.scopes.get(p.0).and_then(|s| s.root).unwrap_or(p));
        let prefix = parent.and_then(|p| program.scopes.get(p.0)).map_or("", |s| s.name.as_str());
        let name = match (prefix, name) {
            ("", name) | (name, "") => name.to_owned(),
            (prefix, name) => format!("{prefix}::{name}"),
        };
        program.scopes.push(Scope { parent, root: Some(root), name, namespace, ..Scope::default() });
        id
    }

    /// Opens a scope for every block that defines types or imports names. Functions and constants of a block are values to
    /// the evaluator.
    fn local(
        &mut self,
        program: &mut Program<'p>,
        scope: ScopeId,
        expression: &'p Expr,
        folder: &str,
        owned: &str,
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let mut scope = scope;
        if let ExprKind::Block(block) = &expression.kind {
            let mut found = None;
            for statement in &block.statements {
                let ExprKind::Item(item) = &statement.kind else { continue };
                let names = matches!(
                    item.kind,
                    ItemKind::Type(_)
                        | ItemKind::Interface(_)
                        | ItemKind::Implementation(_)
                        | ItemKind::Alias(_)
                        | ItemKind::Import(_)
                );
                if !names {
                    continue;
                }
                let namespace = program.scopes.get(scope.0).map_or("", |scope| scope.namespace);
                let inner = *found.get_or_insert_with(|| {
                    let inner = self.open(program, Some(scope), "", namespace);
                    if let Some(opened) = program.scopes.get_mut(inner.0) {
                        opened.open = true;
                    }
                    inner
                });
                self.items(program, inner, std::slice::from_ref(item), folder, owned);
            }
            if let Some(inner) = found {
                program.blocks.insert(std::ptr::from_ref(block) as usize, inner);
                scope = inner;
            }
        }
        if let ExprKind::Closure(function) = &expression.kind
            && let Some(body) = &function.body
        {
            self.local(program, scope, body, folder, owned, depth);
        }
        let mut inside = Vec::new();
        super::visit::children(expression, &mut |child| inside.push(child));
        for child in inside {
            self.local(program, scope, child, folder, owned, depth);
        }
    }

    fn items(&mut self, program: &mut Program<'p>, scope: ScopeId, items: &'p [Item], folder: &str, owned: &str) {
        for item in items {
            match &item.kind {
                ItemKind::Function(function) => {
                    let id = program.add_function(scope, item, function, None);
                    program.define(scope, &item.name, Resolved::Function(id));
                    if item.name.ends_with('!') {
                        let root = program.scopes.get(scope.0).and_then(|s| s.root).unwrap_or(scope);
                        program.macros.entry((root, &item.name)).or_insert(id);
                    }
                    if let Some(body) = &function.body {
                        self.local(program, scope, body, folder, owned, MAX_LOCAL);
                    }
                }
                ItemKind::Type(definition) => {
                    let id = program.add_type(scope, item, Some(definition));
                    program.add_members(scope, id, &definition.functions);
                }
                ItemKind::Interface(InterfaceDefinition { items, .. }) => {
                    let id = program.add_type(scope, item, None);
                    program.add_members(scope, id, items);
                }
                ItemKind::Implementation(implementation) => {
                    program.implementations.push((scope, implementation));
                    for member in &implementation.items {
                        if let ItemKind::Function(function) = &member.kind
                            && let Some(body) = &function.body
                        {
                            self.local(program, scope, body, folder, owned, MAX_LOCAL);
                        }
                    }
                }
                ItemKind::Constant { ty, value } => {
                    let id = program.add_constant(scope, item, ty.as_ref(), value.as_ref());
                    program.define(scope, &item.name, Resolved::Constant(id));
                }
                ItemKind::Alias(ty) => {
                    if let Some(scope) = program.scopes.get_mut(scope.0) {
                        let arguments = match ty {
                            Type::Named { path, arguments, .. } => {
                                scope.imports.insert(&item.name, path);
                                !arguments.is_empty()
                            }
                            _ => true,
                        };
                        if arguments {
                            scope.aliases.insert(&item.name, ty);
                        }
                    }
                }
                ItemKind::Import(import) => {
                    if let Some(scope) = program.scopes.get_mut(scope.0) {
                        if import.glob {
                            scope.globs.push(&import.path);
                        } else {
                            scope.imports.insert(&import.alias, &import.path);
                        }
                    }
                }
                ItemKind::Submodule { items: Some(inner), .. } => {
                    let namespace = program.scopes.get(scope.0).map_or("", |scope| scope.namespace);
                    let id = self.open(program, Some(scope), &item.name, namespace);
                    program.define(scope, &item.name, Resolved::Scope(id));
                    self.items(program, id, inner, owned, &join(owned, &item.name));
                }
                ItemKind::Submodule { items: None, file } => {
                    let candidates = match file {
                        Some(file) => vec![join(folder, file)],
                        None => vec![
                            join(owned, &format!("{}.rs", item.name)),
                            join(owned, &format!("{}/mod.rs", item.name)),
                        ],
                    };
                    let found = candidates.iter().find_map(|path| self.by_path.get(path.as_str()).copied());
                    if let Some(index) = found {
                        let id = self
                            .load(program, index, Some(scope), &item.name)
                            .or_else(|| self.scope_of.get(&index).copied());
                        if let Some(id) = id {
                            program.define(scope, &item.name, Resolved::Scope(id));
                        }
                    }
                }
                ItemKind::Export(path) => {
                    if let Some(scope) = program.scopes.get_mut(scope.0) {
                        scope.exports.entry(&item.name).or_insert(path);
                    }
                }
                ItemKind::Namespace(inner) => {
                    let namespace = program.scopes.get(scope.0).map_or("", |scope| scope.namespace);
                    let id = self.open(program, Some(scope), &item.name, namespace);
                    if let Some(opened) = program.scopes.get_mut(id.0) {
                        opened.open = true;
                    }
                    program.define(scope, &item.name, Resolved::Scope(id));
                    self.items(program, id, inner, folder, owned);
                }
                ItemKind::Embedded(namespace, inner) => {
                    let id = self.open(program, Some(scope), "", namespace);
                    if let Some(opened) = program.scopes.get_mut(id.0) {
                        opened.open = true;
                    }
                    self.items(program, id, inner, folder, owned);
                    // Its own name is the one by which the rest of the project calls it.
                    let named = program.scopes.get(id.0).and_then(|inside| inside.names.get(item.name.as_str()));
                    for found in named.cloned().unwrap_or_default() {
                        program.define(scope, &item.name, found);
                    }
                }
                ItemKind::Statement(statement) => program.statements.push((scope, statement)),
            }
        }
    }
}

/// Joins `/`-separated paths, resolving `.` and `..`.
fn join(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if folder.starts_with('/') { format!("/{joined}") } else { joined }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
