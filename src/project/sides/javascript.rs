//! Where JavaScript code runs: what places mean, what entries bring in, and what is left by what it looks like.

use super::conventions::{Conventions, Meaning};
use super::in_file::{imported, verdict as by_look};
use super::islands;
use super::mocks::Mocks;
use super::node::Started;
use super::outline::Outline;
use super::reach::{Linked, Reach};
use super::tables::common;
use super::{Evidence, FileSides, Folders, Region, Side, Verdict};
use crate::program::tree::Module;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

const PAGE: &str = "a page, whose scripts run in the browser";

/// A JavaScript file and what was read in it.
#[derive(Clone, Debug)]
pub struct JavaScriptFile<'a> {
    /// Where it is, absolute.
    pub path: &'a Path,
    /// Its tree.
    pub module: &'a Module,
    /// Its text.
    pub text: &'a str,
    /// The files, by position, that its specifiers lead to.
    pub links: HashMap<String, usize>,
}

/// Where each of these files runs.
pub(super) fn decide(
    files: &[JavaScriptFile<'_>],
    pages: &[PathBuf],
    folders: Folders<'_>,
) -> BTreeMap<PathBuf, FileSides> {
    let outlines: Vec<Outline> = files.iter().map(|file| Outline::new(file.module, file.text)).collect();
    let linked: Vec<Linked<'_>> = files
        .iter()
        .zip(&outlines)
        .map(|(file, outline)| Linked { path: file.path, outline, links: file.links.clone() })
        .collect();
    let mut conventions = Conventions::new(folders);
    let meanings: Vec<Option<Meaning>> =
        files.iter().zip(&outlines).map(|(file, outline)| meaning(&mut conventions, file.path, outline)).collect();
    let side = |index: usize| meanings.get(index).and_then(Option::as_ref).map(|meaning| meaning.verdict.side);
    let apart = |index: usize| matches!(side(index), Some(Side::Test | Side::BuildTime));
    let outside_client =
        |index: usize| apart(index) || meanings.get(index).and_then(Option::as_ref).is_some_and(|m| m.boundary);
    let outside_server = |index: usize| apart(index) || side(index) == Some(Side::Client);
    let mut client = Reach::new(&linked, &outside_client);
    let mut server = Reach::new(&linked, &outside_server);
    for (index, (meaning, outline)) in meanings.iter().zip(&outlines).enumerate() {
        match meaning {
            Some(meaning) => {
                let evidence = || meaning.verdict.evidence.clone();
                let shared = |name: &str| !meaning.server_exports.iter().any(|own| own == name);
                match meaning.verdict.side {
                    Side::Client => client.start(index, evidence(), true, &|_| true),
                    Side::Both => {
                        client.start(index, evidence(), false, &shared);
                        server.start(index, evidence(), true, &|_| true);
                    }
                    Side::Server => server.start(index, evidence(), true, &|_| true),
                    _ => {}
                }
            }
            None => {
                if let Some((name, range)) = imported(outline, &common().evidence.mounts)
                    && let Some(file) = files.get(index)
                {
                    let note = format!("starts an application in the browser with `{name}`");
                    client.start(index, vec![Evidence::at(file.path, range, note)], true, &|_| true);
                }
            }
        }
    }
    for (index, evidence) in files.iter().zip(&outlines).flat_map(|(file, outline)| islands::brought_in(file, outline))
    {
        if !outside_client(index) {
            client.start(index, evidence, false, &|_| true);
        }
    }
    for (index, evidence) in scripts_of(files, pages) {
        if !apart(index) {
            client.start(index, evidence, true, &|_| true);
        }
    }
    for (index, evidence) in started(&mut conventions, files) {
        if !outside_server(index) && !client.has(index) {
            server.start(index, evidence, true, &|_| true);
        }
    }
    let mocks = Mocks::new(files, &outlines, &meanings, &mut conventions);
    let mut decided = BTreeMap::new();
    for (index, (file, outline)) in files.iter().zip(&outlines).enumerate() {
        let meaning = meanings.get(index).and_then(Option::as_ref);
        let whole = whole(&mut conventions, file, outline, meaning, (&client, &server), index);
        let mut whole = whole;
        // What a test answers itself never leaves the machine.
        whole.weak |= whole.side == Side::Test && mocks.answered(index);
        let mut regions = regions(file.path, outline, &whole, (&client, &server), index);
        regions.extend(islands::scripts(file));
        decided.insert(file.path.to_owned(), FileSides { whole, regions });
    }
    for page in pages {
        let evidence = vec![Evidence::of_file(page, PAGE)];
        decided.entry(page.clone()).or_insert_with(|| FileSides::uniform(Verdict::new(Side::Client, evidence)));
    }
    decided
}

/// What a file's name, directives and place mean.
fn meaning(conventions: &mut Conventions, path: &Path, outline: &Outline) -> Option<Meaning> {
    if let Some(found) = conventions.by_name(path) {
        return Some(found);
    }
    let said = |side, boundary, range, note: String| Meaning {
        verdict: Verdict::new(side, vec![Evidence::at(path, range, note)]),
        boundary,
        server_exports: &[],
    };
    if let Some(range) = outline.directive("use client") {
        return Some(said(Side::Client, false, range, "`use client`: the file runs in the browser".to_owned()));
    }
    if let Some(range) = outline.directive("use server") {
        return Some(said(Side::Server, true, range, "`use server`: its functions run on the server".to_owned()));
    }
    let table = &common().evidence;
    if let Some((name, range)) = imported(outline, &table.server_only) {
        return Some(said(Side::Server, true, range, format!("`{name}` keeps the file out of clients")));
    }
    if let Some((name, range)) = imported(outline, &table.client_only) {
        return Some(said(Side::Client, false, range, format!("`{name}` keeps the file off servers")));
    }
    if super::is_page(path) {
        return Some(said(Side::Client, false, 0..0, PAGE.to_owned()));
    }
    let exports = |name: &str| {
        outline.exports.contains_key(name) || outline.parts.iter().any(|part| part.public && part.name == name)
    };
    conventions.by_framework(path, &exports).or_else(|| conventions.otherwise(path))
}

fn whole(
    conventions: &mut Conventions,
    file: &JavaScriptFile<'_>,
    outline: &Outline,
    meaning: Option<&Meaning>,
    (client, server): (&Reach<'_>, &Reach<'_>),
    index: usize,
) -> Verdict {
    let ships = client.has(index);
    match meaning {
        // A page of which nothing but its server's part is left.
        Some(meaning) if meaning.verdict.side == Side::Both && !ships => {
            Verdict::new(Side::Server, meaning.verdict.evidence.clone())
        }
        Some(meaning) if meaning.verdict.side == Side::Server && ships && !meaning.boundary => {
            Verdict::new(Side::Both, client.evidence(index))
        }
        Some(meaning) => meaning.verdict.clone(),
        None => match (ships, server.has(index)) {
            (true, true) => Verdict::new(Side::Both, client.evidence(index)),
            (true, false) => Verdict::new(Side::Client, client.evidence(index)),
            (false, true) => Verdict::new(Side::Server, server.evidence(index)),
            (false, false) => by_look(file.path, outline, file.text)
                .or_else(|| conventions.by_default(file.path))
                .unwrap_or_else(|| Verdict::new(Side::Unknown, Vec::new())),
        },
    }
}

/// Definitions that do not ship with their file, and code that says it runs on the server.
fn regions(
    path: &Path,
    outline: &Outline,
    whole: &Verdict,
    (client, server): (&Reach<'_>, &Reach<'_>),
    index: usize,
) -> Vec<Region> {
    let mut regions = Vec::new();
    if client.has(index) && whole.side.ships() {
        let kept = client.kept(index);
        let on_server = server.kept(index);
        for (number, part) in outline.parts.iter().enumerate().filter(|(number, _)| !kept.contains(number)) {
            let (side, mut evidence, note) = if on_server.contains(&number) {
                (Side::Server, server.evidence(index), "only code on the server uses this part of the file")
            } else {
                (Side::Unknown, Vec::new(), "no code for clients uses this part of the file")
            };
            evidence.push(Evidence::at(path, part.range.clone(), note));
            regions.push(Region { range: part.range.clone(), verdict: Verdict::new(side, evidence) });
        }
    }
    for range in &outline.server {
        let evidence = vec![Evidence::at(path, range.clone(), "runs on the server only")];
        regions.push(Region { range: range.clone(), verdict: Verdict::new(Side::Server, evidence) });
    }
    regions
}

/// Files that pages load as scripts.
fn scripts_of(files: &[JavaScriptFile<'_>], pages: &[PathBuf]) -> Vec<(usize, Vec<Evidence>)> {
    let Ok(script) = regex::Regex::new(r#"(?i)<script\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)"#) else { return Vec::new() };
    let by_path: HashMap<&Path, usize> = files.iter().enumerate().map(|(index, file)| (file.path, index)).collect();
    let mut found = Vec::new();
    for page in pages {
        let (Some(text), Some(folder)) = (super::manifest::text(page), page.parent()) else { continue };
        for source in script.captures_iter(&text).filter_map(|captures| captures.get(1)) {
            let written = source.as_str().split(['?', '#']).next().unwrap_or("").replace("%PUBLIC_URL%/", "");
            if written.contains("://") || written.starts_with("//") {
                continue;
            }
            let relative = written.trim_start_matches('/').trim_start_matches("./");
            let mut bases = vec![folder.to_owned(), folder.join("public")];
            if written.starts_with('/') {
                bases.extend(folder.ancestors().skip(1).take(3).map(Path::to_owned));
            }
            if let Some(index) = bases.iter().find_map(|base| by_path.get(normal(&base.join(relative)).as_path())) {
                let range = source.range();
                found.push((*index, vec![Evidence::at(page, range, "a page that loads this script")]));
            }
        }
    }
    found
}

/// Files that manifests start as programs.
fn started(conventions: &mut Conventions, files: &[JavaScriptFile<'_>]) -> Vec<(usize, Vec<Evidence>)> {
    let by_path: HashMap<&Path, usize> = files.iter().enumerate().map(|(index, file)| (file.path, index)).collect();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for file in files {
        let Some(package) = conventions.package(file.path) else { continue };
        if !seen.insert(package.dir.clone()) {
            continue;
        }
        let main_starts = conventions.starts(&package);
        for Started { file, range, main } in &package.started {
            if *main && !main_starts {
                continue;
            }
            if let Some(index) = sources(&package.dir, file).iter().find_map(|path| by_path.get(path.as_path())) {
                let evidence =
                    Evidence::at(&package.manifest, range.clone(), "the package starts this file as a program");
                found.push((*index, vec![evidence]));
            }
        }
    }
    found
}

/// The sources that a file named in a manifest may be built from.
fn sources(dir: &Path, written: &str) -> Vec<PathBuf> {
    let written = written.trim_start_matches("./");
    let mut names = vec![written.to_owned()];
    for output in ["dist/", "build/", "out/", "lib/", ".output/"] {
        if let Some(rest) = written.strip_prefix(output) {
            names.extend([format!("src/{rest}"), rest.to_owned()]);
        }
    }
    let mut paths = Vec::new();
    for name in names {
        let path = normal(&dir.join(&name));
        let stem = path.with_extension("");
        paths.push(path.clone());
        for ending in ["ts", "tsx", "mts", "cts", "js", "mjs", "cjs"] {
            paths.push(stem.with_extension(ending));
            paths.push(path.join(format!("index.{ending}")));
        }
    }
    paths
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}
