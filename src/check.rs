//! `check`: walk, read, lower, analyse, print.

use crate::analysis::analyze;
use crate::finding::Severity;
use crate::frontend::rust::lower;
use crate::program::link::Root;
use crate::program::tree::Module;
use crate::source::{SourceFile, Sources};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files larger than this many bytes are set aside.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Scans paths and prints findings. Gives the exit code: 0 clean, 1 findings of severity warning or above, 2 a path that cannot be read.
pub fn run(paths: &[PathBuf], out: &mut dyn Write, errors: &mut dyn Write) -> std::io::Result<u8> {
    let mut sources = Sources::default();
    let mut manifests = Vec::new();
    for root in paths {
        if !root.exists() {
            writeln!(errors, "cerbo-lint: `{}` does not exist; name a file or folder", root.display())?;
            return Ok(2);
        }
        let walk = ignore::WalkBuilder::new(root).sort_by_file_path(Ord::cmp).build();
        for entry in walk.flatten() {
            let path = entry.path();
            let regular = entry.file_type().is_some_and(|ty| ty.is_file());
            if !regular || entry.metadata().map_or(true, |data| data.len() > MAX_BYTES) {
                continue;
            }
            let rust = path.extension().is_some_and(|extension| extension == "rs");
            let manifest = path.file_name().is_some_and(|name| name == "Cargo.toml");
            if !rust && !manifest {
                continue;
            }
            let Ok(bytes) = std::fs::read(path) else {
                writeln!(errors, "cerbo-lint: {} could not be read and was left out", shown(path))?;
                continue;
            };
            if rust {
                sources.add(SourceFile::new(shown(path), &bytes));
            } else {
                manifests.push((path.to_path_buf(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    let mut modules: Vec<Module> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (id, file) in sources.iter() {
        let lowered = lower(id, file.text());
        for problem in &lowered.problems {
            let line = file.position(problem.span.start).line;
            writeln!(errors, "cerbo-lint: {}:{line}: {}", file.path, problem.message)?;
        }
        modules.push(lowered.module);
        names.push(&file.path);
    }
    let findings = analyze(&modules, &names, &roots(&manifests, &names));
    let (mut worst, mut counts) = (None, [0usize; 3]);
    for finding in &findings {
        worst = worst.max(Some(finding.severity));
        if let Some(count) = counts.get_mut(finding.severity as usize) {
            *count += 1;
        }
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let place = |span: crate::span::Span| {
            let file = sources.get(span.file)?;
            let at = file.position(span.start);
            Some(format!("{}:{}:{}", file.path, at.line, at.column))
        };
        writeln!(
            out,
            "{}: {severity}[{}] {}",
            place(finding.primary).unwrap_or_default(),
            finding.rule,
            finding.message
        )?;
        for (number, step) in finding.trail.iter().enumerate() {
            writeln!(out, "    {}. {} {}", number + 1, place(step.span).unwrap_or_default(), step.note)?;
        }
        writeln!(out, "    instead: {}", finding.help)?;
    }
    let [notes, warnings, serious] = counts;
    let scanned = if sources.is_empty() { "no files were".to_owned() } else { format!("{} Rust files", sources.len()) };
    writeln!(out, "{scanned} scanned: {serious} errors, {warnings} warnings, {notes} notes")?;
    Ok(u8::from(worst >= Some(Severity::Warning)))
}

/// A path for people and reports: `/`-separated, without a leading `./`, control characters replaced.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.trim_start_matches("./").chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Root files of the packages whose manifests were found. Every library of the project is known to every package by its name.
fn roots(manifests: &[(PathBuf, String)], names: &[&str]) -> Vec<Root> {
    let mut roots = Vec::new();
    for (path, text) in manifests {
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let Some(name) = table.get("package").and_then(|package| package.get("name")).and_then(|name| name.as_str())
        else {
            continue;
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        for (file, library) in [("src/lib.rs", true), ("src/main.rs", false)] {
            let file = shown(&folder.join(file));
            if let Some(module) = names.iter().position(|name| *name == file) {
                roots.push(Root { module, name: library.then(|| name.replace('-', "_")), dependencies: Vec::new() });
            }
        }
    }
    let all: Vec<(String, String)> =
        roots.iter().filter_map(|root| Some((root.name.clone()?, root.name.clone()?))).collect();
    for root in &mut roots {
        root.dependencies.clone_from(&all);
    }
    roots
}
