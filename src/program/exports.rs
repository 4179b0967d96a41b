//! What a file shows to other files, and what the specifiers they write lead to.

use super::entries::{Program, Resolved, Scope, ScopeId, Specifiers};
use super::resolve::{MAX_HOPS, Search};
use super::tree::{Import, ItemKind, Module};
use crate::hash::FastMap;

/// The name under which a file's value as a whole is exported.
const WHOLE: &str = "=";
/// The name under which a file's main value is exported.
pub(super) const DEFAULT: &str = "default";

impl Program<'_> {
    /// The scripts a page names see each other's definitions through it, unless they are modules.
    pub(super) fn share_globals(
        &mut self,
        page: ScopeId,
        module: &Module,
        scopes: &FastMap<usize, ScopeId>,
        modules: &[Module],
    ) {
        let is_module = |module: &Module| {
            module.items.iter().any(|item| matches!(item.kind, ItemKind::Import(_) | ItemKind::Export(_)))
        };
        for item in module.items.iter().filter(|item| !item.public) {
            let ItemKind::Import(Import { path, glob: true, .. }) = &item.kind else { continue };
            let table = self.specifiers.get(&page);
            let script = path.segments.first().and_then(|name| table?.get(name).copied());
            let Some(script) = script.filter(|script| *script != page) else { continue };
            let index = scopes.iter().find(|(_, scope)| **scope == script).map(|(index, _)| *index);
            if index.and_then(|index| modules.get(index)).is_none_or(is_module) {
                continue;
            }
            if let Some(script) = self.scopes.get_mut(script.0).filter(|script| script.parent.is_none()) {
                (script.parent, script.open) = (Some(page), true);
            }
        }
    }

    /// A name as files outside a module see it.
    pub fn export(&self, scope: ScopeId, name: &str) -> Option<Resolved> {
        self.exported(scope, name, MAX_HOPS, &mut Search::default())
    }

    /// The names that a module exports one by one, in order.
    pub fn exported_names(&self, scope: ScopeId) -> Vec<&str> {
        let exports = self.scopes.get(scope.0).into_iter().flat_map(|scope| scope.exports.keys());
        let mut names: Vec<&str> = exports.copied().filter(|name| *name != WHOLE && *name != "__esModule").collect();
        names.sort_unstable();
        names
    }

    /// The file that code in a module starts by a path: `./worker.js`, or the end of a longer path.
    pub fn file_started(&self, scope: ScopeId, path: &str) -> Option<ScopeId> {
        let plain = |path: &str| path.trim_start_matches(['.', '/']).to_owned();
        let root = self.scopes.get(scope.0)?.root.unwrap_or(scope);
        let asked = Some(plain(path)).filter(|path| !path.is_empty())?;
        let table = self.specifiers.get(&root)?;
        let mut found: Vec<_> =
            table.iter().filter(|(name, _)| name.starts_with('.') && plain(name) == asked).collect();
        found.sort_unstable_by_key(|(name, _)| *name);
        found.first().map(|(_, file)| **file)
    }

    /// A module's value as a whole: what it exports as such, otherwise the module.
    pub fn whole(&self, scope: ScopeId) -> Resolved {
        self.whole_bounded(scope, MAX_HOPS, &mut Search::default())
    }

    pub(super) fn exported(&self, id: ScopeId, name: &str, hops: usize, search: &mut Search) -> Option<Resolved> {
        let hops = hops.checked_sub(1)?;
        let scope = self.scopes.get(id.0)?;
        if let Some(path) = scope.exports.get(name) {
            return self.resolve_bounded(id, path, hops, search);
        }
        if let Some(found) = self.lookup(id, name, hops, search) {
            return Some(found);
        }
        if !scope.exports.contains_key(WHOLE) && !scope.is_value() {
            // A file without a main value is its own.
            return (name == DEFAULT && scope.parent.is_none()).then_some(Resolved::Scope(id));
        }
        match self.whole_bounded(id, hops, search) {
            whole if name == DEFAULT => Some(whole),
            Resolved::Scope(inner) if inner != id => self.exported(inner, name, hops, search),
            Resolved::Type(ty) => self.member(ty, name),
            Resolved::External(outside) => Some(Resolved::External(format!("{outside}::{name}"))),
            Resolved::Constant(constant) => Some(Resolved::Field(constant, vec![name.to_owned()])),
            Resolved::Field(constant, mut fields) => {
                fields.push(name.to_owned());
                Some(Resolved::Field(constant, fields))
            }
            _ => None,
        }
    }

    fn whole_bounded(&self, id: ScopeId, hops: usize, search: &mut Search) -> Resolved {
        let Some(scope) = self.scopes.get(id.0) else { return Resolved::Scope(id) };
        if scope.is_value() {
            return self.lookup(id, DEFAULT, hops, search).unwrap_or(Resolved::Scope(id));
        }
        scope
            .exports
            .get(WHOLE)
            .and_then(|path| self.resolve_bounded(id, path, hops, search))
            .unwrap_or(Resolved::Scope(id))
    }

    /// The modules, by index, in the order in which they run: what a module names comes before it.
    pub(super) fn running_order(modules: usize, specifiers: &Specifiers) -> Vec<usize> {
        let needed = |index: usize| {
            let mut all: Vec<usize> =
                specifiers.get(&index).into_iter().flat_map(|table| table.values().copied()).collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.dedup();
            all
        };
        let (mut order, mut seen) = (Vec::with_capacity(modules), vec![false; modules]);
        for start in 0..modules {
            // Each module is met twice: on the way down, and when all it needs has run.
            let mut pending = vec![(start, false)];
            while let Some((index, done)) = pending.pop() {
                match seen.get_mut(index) {
                    _ if done => order.push(index),
                    Some(seen) if !*seen => {
                        *seen = true;
                        pending.push((index, true));
                        pending.extend(needed(index).into_iter().map(|other| (other, false)));
                    }
                    _ => {}
                }
            }
        }
        order
    }

    /// The file or package that a specifier names; as a value when nothing of it is asked for.
    pub(super) fn file(
        &self,
        scope: ScopeId,
        specifier: &str,
        alone: bool,
        hops: usize,
        search: &mut Search,
    ) -> Option<Resolved> {
        let root = self.scopes.get(scope.0)?.root.unwrap_or(scope);
        match self.specifiers.get(&root).and_then(|table| table.get(specifier)) {
            Some(file) if alone => Some(self.whole_bounded(*file, hops, search)),
            Some(file) => Some(Resolved::Scope(*file)),
            None => outside_name(specifier).map(Resolved::External),
        }
    }
}

impl Scope<'_> {
    /// Whether the file is nothing but one value, as files of settings are.
    fn is_value(&self) -> bool {
        self.exports.is_empty() && self.names.len() == 1 && self.names.contains_key(DEFAULT)
    }
}

/// The package that a server of packages is asked for: `https://esm.sh/axios@1`, `https://cdn.example/npm/ky@1/+esm`.
fn served_package(specifier: &str) -> Option<&str> {
    let (_, path) = specifier.strip_prefix("https://")?.split_once('/')?;
    let mut rest = path.strip_prefix("npm:").unwrap_or(path);
    // Servers put a folder of theirs, or their own version, before the package.
    while let Some((first, behind)) = rest.split_once('/')
        && (first == "npm" || first == "pin" || first.strip_prefix('v').is_some_and(|v| v.parse::<u32>().is_ok()))
    {
        rest = behind;
    }
    let scoped = usize::from(rest.starts_with('@'));
    let end = rest.match_indices('/').nth(scoped).map_or(rest.len(), |(at, _)| at);
    // The file within the package says nothing: servers name the bundle they made.
    rest.get(..end).map(|name| name.split(['?', '#']).next().unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The canonical name of a package that a specifier names; none for a file of the project that is not there.
/// `node:fs/promises` is `fs::promises`, `@scope/name/sub` is `@scope/name::sub`.
fn outside_name(specifier: &str) -> Option<String> {
    if let Some(name) = served_package(specifier) {
        return outside_name(name);
    }
    let name = ["node:", "npm:", "jsr:", "bun:"].iter().find_map(|p| specifier.strip_prefix(p)).unwrap_or(specifier);
    let bare = name
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphanumeric() || matches!(first, b'@' | b'_' | b'$' | b'#'));
    if !bare || name.starts_with("@/") || name.contains("://") {
        return None;
    }
    let mut parts = name.split('/');
    let mut canonical = parts.next()?.to_owned();
    if canonical.starts_with('@') {
        canonical = format!("{canonical}/{}", parts.next()?);
    }
    // `npm:axios@1` names a version too.
    if let Some(at) = canonical.rfind('@').filter(|at| *at > 0) {
        canonical.truncate(at);
    }
    for part in parts {
        canonical.push_str("::");
        canonical.push_str(part);
    }
    Some(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_whoever_serves_them() {
        for (specifier, name) in [
            ("node:fs/promises", "fs::promises"),
            ("npm:axios@1.7", "axios"),
            ("jsr:@std/async@1/pool", "@std/async::pool"),
            ("https://esm.sh/axios@1.7.2", "axios"),
            ("https://esm.sh/v135/@sentry/browser@8?bundle", "@sentry/browser"),
            ("https://cdn.jsdelivr.net/npm/ky@1/+esm", "ky"),
            ("https://unpkg.com/axios@1.6.0/dist/axios.min.js", "axios"),
            ("https://ga.jspm.io/npm:ofetch@1.3.3/dist/index.mjs", "ofetch"),
        ] {
            assert_eq!(outside_name(specifier).as_deref(), Some(name), "{specifier}");
        }
        assert_eq!(outside_name("./client"), None);
        assert_eq!(outside_name("https://portal.example.org"), None);
    }
}
