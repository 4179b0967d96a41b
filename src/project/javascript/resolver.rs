//! Which file a specifier leads to, as Node, TypeScript and bundlers see it.

use super::{Manifests, normal};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Endings that a specifier may leave out, in the order in which they are tried.
const ENDINGS: &[&str] =
    &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro", "json", "jsonc"];
/// Endings of sources by the ending of what they are compiled to.
const SOURCES: &[(&str, &[&str])] =
    &[("js", &["ts", "tsx", "jsx"]), ("jsx", &["tsx"]), ("mjs", &["mts"]), ("cjs", &["cts"])];
/// Folders that hold what was built from `src`.
const BUILT: &[&str] = &["dist", "lib", "build", "out", "esm", "cjs", "es", "types", "_esm", "_cjs", "output"];
/// Beginnings that many project templates give to their own files, and the folders of the package they stand for.
const CONVENTIONS: &[(&str, &[&str])] = &[
    ("@/", &["src", "", "app", "resources/js"]),
    ("~/", &["src", "", "app"]),
    ("~~/", &[""]),
    ("@@/", &[""]),
    ("$lib/", &["src/lib"]),
    ("src/", &["src"]),
    ("app/", &["app"]),
];
/// Folders whose content is served from the root of a site.
const SERVED: &[&str] = &["", "public", "static", "src"];

/// Finds files by the specifiers that others name them with.
#[derive(Debug)]
pub struct Resolver<'a> {
    files: HashMap<&'a Path, usize>,
    manifests: &'a Manifests,
}

impl<'a> Resolver<'a> {
    /// A resolver for these files, by absolute paths.
    pub fn new(files: impl IntoIterator<Item = &'a Path>, manifests: &'a Manifests) -> Self {
        Self { files: files.into_iter().enumerate().map(|(index, path)| (path, index)).collect(), manifests }
    }

    /// The file, by its position, that a specifier written in `from` leads to.
    pub fn resolve(&self, from: &Path, specifier: &str) -> Option<usize> {
        // Bundlers take instructions before and behind the path.
        let specifier = specifier.rsplit('!').next().unwrap_or(specifier);
        let specifier = specifier.split('?').next().unwrap_or(specifier);
        let folder = from.parent()?;
        if specifier.starts_with("./") || specifier.starts_with("../") || specifier == "." || specifier == ".." {
            return self.guess(&normal(&folder.join(specifier)));
        }
        if let Some(rest) = specifier.strip_prefix('/') {
            return self.served(folder, rest);
        }
        if let Some(rules) = self.manifests.rules_of(from)
            && let Some(found) = rules.places(specifier).iter().find_map(|path| self.guess(path))
        {
            return Some(found);
        }
        if let Some(found) = self.manifests.aliased(from, specifier).iter().find_map(|path| self.guess(path)) {
            return Some(found);
        }
        let around = self.manifests.package_of(from);
        if let Some((home, package)) = around.filter(|_| specifier.starts_with('#')) {
            let targets = package.imports(specifier);
            return targets.iter().find_map(|target| self.entry(home, target, from));
        }
        if let Some(found) = self.in_workspace(from, specifier) {
            return Some(found);
        }
        // Pages name their scripts without a dot.
        if !is_script(from)
            && let Some(found) = self.guess(&normal(&folder.join(specifier)))
        {
            return Some(found);
        }
        let (prefix, homes) = CONVENTIONS.iter().find(|(prefix, _)| specifier.starts_with(prefix))?;
        let rest = specifier.strip_prefix(prefix)?;
        // Without a package the folders around are tried.
        let bases: Vec<&Path> = match around {
            Some((home, _)) => vec![home],
            None => folder.ancestors().take(6).collect(),
        };
        let places = bases.iter().flat_map(|base| homes.iter().map(move |home| base.join(home).join(rest)));
        places.into_iter().find_map(|path| self.guess(&normal(&path)))
    }

    /// A path from the root of a site: the folder served may be any around the page.
    fn served(&self, folder: &Path, rest: &str) -> Option<usize> {
        let bases = folder.ancestors().take(8);
        bases
            .flat_map(|base| SERVED.iter().map(move |served| base.join(served).join(rest)))
            .find_map(|path| self.guess(&normal(&path)))
    }

    /// A package of the project, or a path in one.
    fn in_workspace(&self, from: &Path, specifier: &str) -> Option<usize> {
        let parts = if specifier.starts_with('@') { 2 } else { 1 };
        let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
        let (name, path) = specifier.split_at_checked(end)?;
        let (home, package) = self.manifests.named(name)?;
        // A package names itself only where it says what others see.
        let own = self.manifests.package_of(from).is_some_and(|(around, _)| around == home);
        if own && !package.has_exports() {
            return None;
        }
        let path = if path.is_empty() { ".".to_owned() } else { format!(".{path}") };
        package.entries(&path).iter().find_map(|entry| self.entry(home, entry, from))
    }

    /// A file of a package as its manifest names it; what is built stands for its source.
    fn entry(&self, home: &Path, target: &str, from: &Path) -> Option<usize> {
        if !target.starts_with('.') && target.contains(['#', '@']) {
            return self.in_workspace(from, target);
        }
        let whole = normal(&home.join(target));
        if let Some(found) = self.guess(&whole) {
            return Some(found);
        }
        let below = whole.strip_prefix(home).ok()?.to_str()?;
        // Declarations lie beside what they declare.
        let below = ["d.ts", "d.mts", "d.cts"]
            .iter()
            .find_map(|ending| below.strip_suffix(ending))
            .map_or_else(|| below.to_owned(), |stem| format!("{stem}js"));
        let mut rest = below.as_str();
        loop {
            if let Some(found) = self.guess(&home.join("src").join(rest)).or_else(|| self.guess(&home.join(rest))) {
                return Some(found);
            }
            let (first, inner) = rest.split_once('/')?;
            if !BUILT.contains(&first) {
                return None;
            }
            rest = inner;
        }
    }

    /// A file by a path that may lack its ending, name what it is compiled to, or be a folder.
    fn guess(&self, path: &Path) -> Option<usize> {
        if let Some(found) = self.files.get(path) {
            return Some(*found);
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        let sources = SOURCES.iter().find(|(compiled, _)| *compiled == ending).map_or([].as_slice(), |(_, all)| all);
        let replaced = sources.iter().map(|source| path.with_extension(source));
        let added = ENDINGS.iter().map(|added| with_ending(path, added));
        let inside = ENDINGS.iter().map(|added| path.join(format!("index.{added}")));
        replaced.chain(added).chain(inside).find_map(|path| self.files.get(path.as_path()).copied())
    }
}

fn is_script(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    ENDINGS.iter().take(8).any(|script| *script == ending)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
