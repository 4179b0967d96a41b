//! Where the code of one file runs, and why: what `explain-file` prints.

use crate::config::{Config, repository_root};
use crate::error::Error;
use crate::frontend;
use crate::project::javascript::{Manifests, Resolver, specifiers};
use crate::project::kind::FileKind;
use crate::project::packages::{Homes, enclosing_manifests, packages};
use crate::project::read::{Content, read};
use crate::project::sides::{Evidence, Folders, JavaScriptFile, RustFile, Side, Sides, Verdict};
use crate::project::walk::{Walk, show, walk};
use crate::source::SourceFile;
use crate::span::FileId;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The answer for one file.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The file, relative to its project.
    path: String,
    /// Where its code runs.
    side: Side,
    /// How that was found, first step first.
    evidence: Vec<Step>,
    /// Parts of the file that run elsewhere.
    parts: Vec<Part>,
}

/// One step of the reasoning.
#[derive(Debug, Serialize)]
struct Step {
    path: String,
    /// 1-based; none when the file as a whole is meant.
    line: Option<u32>,
    note: String,
}

/// A part of a file.
#[derive(Debug, Serialize)]
struct Part {
    start_line: u32,
    end_line: u32,
    side: Side,
    evidence: Vec<Step>,
}

/// Explains one file.
///
/// # Errors
/// When the file is not there or its project cannot be walked.
pub fn explain(path: &Path) -> Result<Explanation, Error> {
    let missing = || Error::new("no such file").in_file(path).help("give the path of a file that exists");
    let file = std::fs::canonicalize(path).map_err(|_| missing())?;
    if !file.is_file() {
        return Err(missing());
    }
    let root = project_root(&file);
    let texts = crate::project::texts::Texts::default();
    let paths = std::slice::from_ref(&root);
    let walked = walk(Walk { paths, given: &[], texts: &texts, force_exclude: false, threads: 0 }, &Config::default())?;
    let mut sides = Sides::default();
    let kinds: Vec<(&Path, FileKind)> = walked.files.iter().map(|found| (found.path.as_path(), found.kind)).collect();
    match FileKind::of(&file) {
        FileKind::Rust => add_rust(&mut sides, &file, &kinds),
        _ => add_javascript(&mut sides, &file, &kinds),
    }
    let verdict = sides.of(&file).cloned();
    let mut texts = Texts { base: walked.base, files: HashMap::new() };
    let Some(found) = verdict else {
        return Ok(Explanation {
            path: show(&file, &texts.base),
            side: Side::Unknown,
            evidence: Vec::new(),
            parts: Vec::new(),
        });
    };
    let parts = found
        .regions
        .iter()
        .filter(|region| region.verdict.side != found.whole.side)
        .map(|region| Part {
            start_line: texts.line(&file, region.range.start).unwrap_or(1),
            end_line: texts.line(&file, region.range.end.saturating_sub(1)).unwrap_or(1),
            side: region.verdict.side,
            evidence: texts.steps(&region.verdict),
        })
        .collect();
    Ok(Explanation {
        path: show(&file, &texts.base),
        side: found.whole.side,
        evidence: texts.steps(&found.whole),
        parts,
    })
}

/// The folder a file's project is looked at from: the repository, otherwise the outermost folder with a manifest.
fn project_root(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    if let Some(root) = repository_root(folder) {
        return root;
    }
    let has_manifest = |folder: &&Path| folder.join("package.json").is_file() || folder.join("Cargo.toml").is_file();
    folder.ancestors().filter(has_manifest).last().unwrap_or(folder).to_owned()
}

fn add_javascript(sides: &mut Sides, file: &Path, found: &[(&Path, FileKind)]) {
    let lowered: Vec<_> = found
        .iter()
        .filter(|(path, kind)| *path == file || kind.is_script())
        .filter_map(|(path, kind)| {
            let Content::Text(bytes) = read(path) else { return None };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let module = frontend::lower(*kind, path, FileId(0), &text).module;
            Some((*path, text, module))
        })
        .collect();
    let text_of = |path: &Path| match read(path) {
        Content::Text(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    };
    let manifests = Manifests::read(found.iter().map(|(path, _)| *path), &[], &text_of);
    let resolver = Resolver::new(lowered.iter().map(|(path, ..)| *path), &manifests);
    let files: Vec<JavaScriptFile<'_>> = lowered
        .iter()
        .map(|(path, text, module)| JavaScriptFile {
            path,
            module,
            text,
            links: specifiers(text)
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), resolver.resolve(path, name)?)))
                .collect(),
        })
        .collect();
    let pages: Vec<PathBuf> = found
        .iter()
        .filter(|(path, _)| crate::project::sides::is_page(path))
        .map(|(path, _)| path.to_path_buf())
        .collect();
    let end = repository_root(file.parent().unwrap_or(file));
    sides.add_javascript(&files, &pages, Folders { end: end.as_deref(), root: end.as_deref() });
}

fn add_rust(sides: &mut Sides, file: &Path, found: &[(&Path, FileKind)]) {
    let mut manifests = enclosing_manifests(&[file.to_owned()]);
    let named = |path: &Path| path.file_name().is_some_and(|name| name == "Cargo.toml");
    manifests.extend(found.iter().filter(|(path, _)| named(path)).map(|(path, _)| (*path).to_owned()));
    let packages = packages(&manifests.into_iter().collect::<Vec<_>>(), &|path| std::fs::read_to_string(path).ok());
    let homes = Homes::new(&packages);
    let home = homes.of(file);
    let beside = |path: &Path| path == file || (home.is_some() && homes.of(path) == home);
    let modules: Vec<_> = found
        .iter()
        .filter(|(path, kind)| *kind == FileKind::Rust && beside(path))
        .filter_map(|(path, kind)| {
            let Content::Text(bytes) = read(path) else { return None };
            let text = String::from_utf8_lossy(&bytes);
            Some((*path, frontend::lower(*kind, path, FileId(0), &text).module))
        })
        .collect();
    let files: Vec<RustFile<'_>> = modules.iter().map(|(path, module)| RustFile { path, module }).collect();
    sides.add_rust(&packages, &files);
}

/// Files that evidence stands in, for their line numbers.
struct Texts {
    base: PathBuf,
    files: HashMap<PathBuf, Option<SourceFile>>,
}

impl Texts {
    fn line(&mut self, path: &Path, offset: usize) -> Option<u32> {
        let read = || match read(path) {
            Content::Text(bytes) => Some(SourceFile::new(String::new(), &bytes)),
            _ => None,
        };
        let file = self.files.entry(path.to_owned()).or_insert_with(read).as_ref()?;
        Some(file.position(u32::try_from(offset).unwrap_or(u32::MAX)).line)
    }

    fn steps(&mut self, verdict: &Verdict) -> Vec<Step> {
        let whole = |range: &Range<usize>| range.is_empty();
        let mut step = |evidence: &Evidence| Step {
            path: show(&evidence.path, &self.base),
            line: if whole(&evidence.range) { None } else { self.line(&evidence.path, evidence.range.start) },
            note: evidence.note.clone(),
        };
        verdict.evidence.iter().map(&mut step).collect()
    }
}

impl Explanation {
    /// For programs.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// For people.
    pub fn human(&self) -> String {
        let mut text = format!("{}: {}\n", self.path, words(self.side));
        write_steps(&mut text, &self.evidence);
        for part in &self.parts {
            let _ = writeln!(text, "lines {} to {}: {}", part.start_line, part.end_line, words(part.side));
            write_steps(&mut text, &part.evidence);
        }
        text
    }
}

fn words(side: Side) -> &'static str {
    match side {
        Side::Server => "server",
        Side::Client => "client",
        Side::Both => "client and server",
        Side::Test => "test",
        Side::BuildTime => "build time",
        Side::Unknown => "unknown",
    }
}

fn write_steps(text: &mut String, steps: &[Step]) {
    for (index, step) in steps.iter().enumerate() {
        let line = step.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _ = writeln!(text, "  {}. {}{line}: {}", index + 1, step.path, step.note);
    }
    if steps.is_empty() {
        text.push_str("  nothing in the project says where it runs\n");
    }
}
