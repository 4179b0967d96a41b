//! Modules become scopes, files that `mod` and imports lead to included.

use super::entries::{Program, Resolved, Scope, ScopeId};
use super::tree::{Expr, ExprKind, InterfaceDefinition, Item, ItemKind, Module, Type};
use crate::hash::FastMap;

/// Expressions within expressions are looked into this far for definitions of blocks.
const MAX_LOCAL: usize = 64;

/// Opens a scope for every module, and defines in it what the module defines.
pub(super) struct Loader<'p, 'a> {
    pub(super) modules: &'p [Module],
    pub(super) paths: &'a [&'a str],
    pub(super) by_path: FastMap<&'a str, usize>,
    pub(super) scope_of: FastMap<usize, ScopeId>,
}

impl<'p> Loader<'p, '_> {
    pub(super) fn load(
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
