//! Astro: components rendered on the server that bring scripts and islands to the browser.

use super::javascript::JavaScriptFile;
use super::outline::Outline;
use super::{Evidence, Region, Side, Verdict};
use std::ops::Range;
use std::sync::OnceLock;

const SCRIPT: &str = "a script of the page, which runs in the browser";

fn is_astro(file: &JavaScriptFile<'_>) -> bool {
    file.path.extension().is_some_and(|ending| ending == "astro")
}

fn script_ranges(text: &str) -> Vec<Range<usize>> {
    static SCRIPTS: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let scripts = SCRIPTS.get_or_init(|| regex::Regex::new(r"(?is)<script\b[^>]*>(.*?)</script").ok());
    let Some(scripts) = scripts else { return Vec::new() };
    scripts.captures_iter(text).filter_map(|found| found.get(1)).map(|body| body.range()).collect()
}

/// The scripts of a component as parts that run in the browser.
pub(super) fn scripts(file: &JavaScriptFile<'_>) -> Vec<Region> {
    if !is_astro(file) {
        return Vec::new();
    }
    let region = |range: Range<usize>| {
        let evidence = vec![Evidence::at(file.path, range.clone(), SCRIPT)];
        Region { range, verdict: Verdict::new(Side::Client, evidence) }
    };
    script_ranges(file.text).into_iter().map(region).collect()
}

/// The files that a component's scripts and islands bring to the browser.
pub(super) fn brought_in(file: &JavaScriptFile<'_>, outline: &Outline) -> Vec<(usize, Vec<Evidence>)> {
    static ISLANDS: OnceLock<Option<regex::Regex>> = OnceLock::new();
    if !is_astro(file) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let scripts = script_ranges(file.text);
    for (specifier, range) in &outline.specifiers {
        let inside = scripts.iter().any(|script| script.start <= range.start && range.end <= script.end);
        if let Some(to) = file.links.get(specifier).filter(|_| inside) {
            found.push((*to, vec![Evidence::at(file.path, range.clone(), SCRIPT)]));
        }
    }
    let pattern = r"<([A-Z]\w*)\b[^<>]*?\sclient:(?:load|idle|visible|media|only)";
    let Some(islands) = ISLANDS.get_or_init(|| regex::Regex::new(pattern).ok()) else { return found };
    for island in islands.captures_iter(file.text).filter_map(|captures| captures.get(1)) {
        let import = outline.imports.get(island.as_str());
        if let Some(to) = import.and_then(|import| file.links.get(&import.specifier)) {
            let note = "a component that runs in the browser by its `client:` directive";
            found.push((*to, vec![Evidence::at(file.path, island.range(), note)]));
        }
    }
    found
}
