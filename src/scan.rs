//! One run: find the files, read them, evaluate what matters, and make a report of it.

use crate::config::{Config, Level};
use crate::error::Error;
use crate::finding::{Confidence, Finding, Notification};
use crate::frontend;
use crate::frontend::mentions::{Evidence, Mention, evidence, mentions};
use crate::knowledge::libraries::Models;
use crate::program::link::{Root, Specifiers};
use crate::program::tree::Module;
use crate::project::gate::{Gate, GateHits};
use crate::project::javascript::{Manifests, Resolver, pulled, specifiers};
use crate::project::kind::FileKind;
use crate::project::packages::{Package, TargetKind, enclosing_manifests, packages};
use crate::project::read::{Content, MAX_BYTES, read};
use crate::project::select::{Seen, about, select};
use crate::project::sides::places::SidePlaces;
use crate::project::sides::{RustFile, Sides};
use crate::project::walk::{Found, Walked, show, walk};
use crate::report::Report;
use crate::settings::Input;
use crate::source::{SourceFile, Sources, masked_words};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a run is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Rules to report; empty means all.
    pub select: Vec<String>,
    /// Rules not to report.
    pub ignore: Vec<String>,
    /// The least confidence to report.
    pub min_confidence: Option<Confidence>,
    /// Threads; 0 means one a core.
    pub threads: usize,
}

/// A file that has been read.
struct Opened {
    found: Found,
    hits: GateHits,
    source: Option<SourceFile>,
    notification: Option<Notification>,
    skipped: Option<&'static str>,
}

/// Runs.
///
/// # Errors
/// When a path does not exist or the threads cannot be started.
pub fn scan(request: &Request, config: &Config) -> Result<Report, Error> {
    let models = models(config)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads)
        .build()
        .map_err(|_| Error::new("the threads could not be started").help("ask for fewer with --threads"))?;
    let mut report = Report::default();
    let clock = Instant::now();
    let walked = walk(&request.paths, config, request.threads)?;
    let base = walked.base.clone();
    report.stages.push(("find files", clock.elapsed()));
    let clock = Instant::now();
    let asked = asked_folder(&walked);
    let packages = packages(&manifests(&walked));
    let node = Manifests::read(walked.files.iter().map(|file| file.path.as_path()), &walked.roots, &text_of);
    let opened = open(&pool, walked, config, &mut report);
    let seen: Vec<Seen<'_>> =
        opened.iter().map(|file| Seen { path: &file.found.path, kind: file.found.kind, hits: file.hits }).collect();
    let mut chosen = select(&seen, &packages, config.scope);
    let imports = imports(&pool, &opened, &node);
    for (chosen, pulled) in chosen.iter_mut().zip(pulled(&seen, &imports, &node, about(config.scope))) {
        *chosen |= pulled;
    }
    report.stages.push(("read", clock.elapsed()));
    let clock = Instant::now();
    let (mut places, mut kinds): (Vec<PathBuf>, Vec<FileKind>) = Default::default();
    for (file, chosen) in opened.into_iter().zip(chosen) {
        report.notifications.extend(file.notification);
        if let Some(source) = file.source
            && chosen
        {
            report.sources.add(source);
            kinds.push(file.found.kind);
            places.push(file.found.path);
        }
    }
    let parsed = parse(&pool, &report.sources, &kinds, &places, config, &mut report.notifications);
    let (mut modules, mut texts) = (Vec::new(), Vec::new());
    for (module, mentions, evidence) in parsed {
        modules.push(module);
        texts.push((mentions, evidence));
    }
    report.stages.push(("parse", clock.elapsed()));
    let clock = Instant::now();
    let sides = sides(&packages, &modules, &places);
    let sides = SidePlaces::new(&sides, &places, &mut report.sources, &|path| show(path, &base));
    let names: Vec<&str> = report.sources.iter().take(modules.len()).map(|(_, file)| file.path.as_str()).collect();
    let linked = linked(&pool, &report.sources, &kinds, &places, &node);
    let roots = roots(&packages, &places);
    let inputs = modules.iter().zip(&names).zip(&texts).map(|((module, path), (mentions, evidence))| Input {
        path,
        below: path.strip_prefix(&asked).unwrap_or(path),
        module,
        mentions,
        evidence: *evidence,
    });
    let settings = crate::settings::collect(inputs);
    let outcome = crate::analysis::analyze(&modules, &names, (&roots, &linked), config, &models, &sides, &settings);
    for span in &outcome.secret_places {
        if let Some(file) = report.sources.get(span.file) {
            file.mark_secret(*span);
        }
    }
    report.stages.push(("evaluate", clock.elapsed()));
    report.findings = outcome.findings;
    hide(&mut report, &outcome.secrets);
    finish(&mut report, request, config, &modules, &places);
    Ok(report)
}

/// Masks every secret of the program in the sources and in the words of the findings.
fn hide(report: &mut Report, secrets: &std::collections::BTreeSet<crate::analysis::Secret>) {
    let secrets: Vec<&str> = secrets.iter().map(crate::analysis::Secret::as_str).collect();
    for secret in &secrets {
        report.sources.mark_text(secret);
    }
    let hidden = |text: &mut String| *text = masked_words(text, &secrets);
    for finding in &mut report.findings {
        [&mut finding.label, &mut finding.message, &mut finding.help].into_iter().for_each(hidden);
        finding.trail.iter_mut().chain(&mut finding.related).for_each(|step| hidden(&mut step.note));
    }
    report.notifications.iter_mut().for_each(|note| hidden(&mut note.message));
}

/// Where the code of the files that are read closely runs.
fn sides(packages: &[Package], modules: &[Module], places: &[PathBuf]) -> Sides {
    let files = modules.iter().zip(places).map(|(module, path)| RustFile { path, module });
    let rust: Vec<RustFile<'_>> = files.filter(|file| file.module.namespace == "rust").collect();
    let mut sides = Sides::default();
    sides.add_rust(packages, &rust);
    sides
}

/// The folder that was asked for, as a prefix of shown paths; empty when several were, or all.
fn asked_folder(walked: &Walked) -> String {
    match walked.roots.as_slice() {
        [root] if root.is_dir() && *root != walked.base => crate::project::walk::show(root, &walked.base) + "/",
        _ => String::new(),
    }
}

/// The models that come with the tool and those of the project.
fn models(config: &Config) -> Result<Models, Error> {
    let mut all = Models::bundled().clone();
    for (path, text) in &config.libraries {
        all.add(text).map_err(|problem| {
            Error::new(format!("not a library model: {}", problem.replace('\n', " ")))
                .in_file(path)
                .help("write tables `[[type]]` and `[[call]]` as in the models that come with the tool")
        })?;
    }
    Ok(all)
}

/// Manifests that were found, and those around the paths that were asked for.
fn manifests(walked: &Walked) -> Vec<PathBuf> {
    let named = |path: &Path| path.file_name().is_some_and(|name| name == "Cargo.toml");
    let mut all = enclosing_manifests(&walked.roots);
    all.extend(walked.files.iter().filter(|file| named(&file.path)).map(|file| file.path.clone()));
    all.into_iter().collect()
}

fn open(pool: &rayon::ThreadPool, walked: Walked, config: &Config, report: &mut Report) -> Vec<Opened> {
    let declared = [
        &config.hosts,
        &config.sandbox_hosts,
        &config.client_types,
        &config.client_functions,
        &config.base_url_variables,
    ];
    let gate = Gate::new(&declared.into_iter().flatten().cloned().collect::<Vec<_>>());
    let files = walked.files;
    report.notifications = walked.notifications;
    report.skipped = walked.skipped;
    let opened: Vec<Opened> = pool.install(|| files.into_par_iter().map(|found| open_one(found, &gate)).collect());
    for file in &opened {
        match file.skipped {
            Some(reason) => report.skipped.push((file.found.shown.clone(), reason)),
            None => report.scanned += usize::from(file.notification.is_none()),
        }
    }
    report.skipped.sort_unstable();
    opened
}

fn open_one(found: Found, gate: &Gate) -> Opened {
    let mut opened = Opened { found, hits: GateHits::default(), source: None, notification: None, skipped: None };
    let path = opened.found.shown.clone();
    let told = |message: String| Some(Notification { path, line: None, message, skipped: true });
    match read(&opened.found.path) {
        Content::Text(bytes) => {
            opened.hits = gate.matters(&bytes);
            // A file that is no source and says nothing is only counted.
            let kind = opened.found.kind;
            let held = kind.is_configuration() && opened.hits.any(GateHits::CREDENTIAL);
            let telling = opened.hits.matters_alone() || held || kind.is_code();
            if frontend::reads(opened.found.kind) && telling {
                opened.source = Some(SourceFile::new(opened.found.shown.clone(), &bytes));
            }
        }
        Content::Binary => opened.skipped = Some("binary"),
        Content::Minified => opened.skipped = Some("minified"),
        Content::Irregular => opened.skipped = Some("not a regular file"),
        Content::TooLarge => {
            opened.notification = told(format!("left out: larger than {} MB", MAX_BYTES / 1024 / 1024));
        }
        Content::Unreadable(kind) => opened.notification = told(format!("cannot be read: {kind}")),
    }
    opened
}

/// One file's tree, what else it mentions, and what its text says about the product.
type Parsed = (Module, Vec<Mention>, Evidence);

fn parse(
    pool: &rayon::ThreadPool,
    sources: &Sources,
    kinds: &[FileKind],
    places: &[PathBuf],
    config: &Config,
    notifications: &mut Vec<Notification>,
) -> Vec<Parsed> {
    let hosts: Vec<String> = config.hosts.iter().chain(&config.sandbox_hosts).cloned().collect();
    let files: Vec<_> = sources.iter().collect();
    let lowered: Vec<_> = pool.install(|| {
        files
            .par_iter()
            .zip(kinds.par_iter().zip(places))
            .map(|((id, file), (kind, path))| {
                let text = file.text();
                let lowered = frontend::lower(*kind, path, *id, text);
                let mentions = mentions(*id, text, &frontend::unparsed(&lowered, text));
                (lowered, mentions, evidence(text, &hosts))
            })
            .collect()
    });
    let mut parsed = Vec::new();
    for ((lowered, mentions, evidence), (_, file)) in lowered.into_iter().zip(files) {
        for problem in lowered.problems {
            let line = Some(file.position(problem.span.start).line);
            notifications.push(Notification {
                path: file.path.clone(),
                line,
                message: problem.message,
                skipped: false,
            });
        }
        parsed.push((lowered.module, mentions, evidence));
    }
    parsed
}

/// A small file's text, for manifests.
fn text_of(path: &Path) -> Option<String> {
    match read(path) {
        Content::Text(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    }
}

/// The files that each file names, when there is any reason to follow them.
fn imports(pool: &rayon::ThreadPool, opened: &[Opened], manifests: &Manifests) -> Vec<Vec<usize>> {
    let resolver = Resolver::new(opened.iter().map(|file| file.found.path.as_path()), manifests);
    let of = |file: &Opened| match &file.source {
        Some(source) if file.found.kind.is_script() => {
            let named = specifiers(source.text());
            named.iter().filter_map(|name| resolver.resolve(&file.found.path, name)).collect()
        }
        _ => Vec::new(),
    };
    pool.install(|| opened.par_iter().map(of).collect())
}

/// Which module each specifier leads to.
fn linked(
    pool: &rayon::ThreadPool,
    sources: &Sources,
    kinds: &[FileKind],
    places: &[PathBuf],
    manifests: &Manifests,
) -> Specifiers {
    let resolver = Resolver::new(places.iter().map(PathBuf::as_path), manifests);
    let files: Vec<_> = sources.iter().map(|(_, file)| file).zip(kinds.iter().zip(places)).enumerate().collect();
    let table = |(index, (file, (kind, place))): &(usize, (&SourceFile, (&FileKind, &PathBuf)))| {
        if !kind.is_script() {
            return None;
        }
        let named = specifiers(file.text());
        let found = named.iter().filter_map(|name| Some(((*name).to_owned(), resolver.resolve(place, name)?)));
        Some((*index, found.collect()))
    };
    pool.install(|| files.par_iter().filter_map(table).collect())
}

/// The root modules of the packages, with the names under which each sees the others.
fn roots(packages: &[Package], places: &[PathBuf]) -> Vec<Root> {
    let modules: HashMap<&Path, usize> =
        places.iter().enumerate().map(|(index, path)| (path.as_path(), index)).collect();
    let libraries: HashMap<&Path, &str> =
        packages.iter().map(|package| (package.dir.as_path(), package.lib_name.as_str())).collect();
    let mut roots = Vec::new();
    for package in packages {
        let mut dependencies: Vec<(String, String)> = package
            .dependencies
            .iter()
            .filter_map(|dependency| {
                let library = libraries.get(dependency.path.as_deref()?)?;
                // A dependency that is not renamed goes by its library's name.
                let renamed = dependency.name.replace('-', "_") != dependency.package.replace('-', "_");
                let local = if renamed { dependency.name.as_str() } else { library };
                Some((local.to_owned(), (*library).to_owned()))
            })
            .collect();
        dependencies.push((package.lib_name.clone(), package.lib_name.clone()));
        for target in &package.targets {
            let Some(module) = modules.get(target.root_path.as_path()) else { continue };
            let name = (target.kind == TargetKind::Library).then(|| package.lib_name.clone());
            roots.push(Root { module: *module, name, dependencies: dependencies.clone() });
        }
    }
    roots
}

/// Takes out what was not asked for, what is suppressed, and what the configuration makes silent.
fn finish(report: &mut Report, request: &Request, config: &Config, modules: &[Module], places: &[PathBuf]) {
    let wanted = |finding: &Finding| {
        (request.select.is_empty() || request.select.iter().any(|rule| rule == finding.rule))
            && !request.ignore.iter().any(|rule| rule == finding.rule)
    };
    let least = request.min_confidence.or(config.min_confidence).unwrap_or(Confidence::Medium);
    // In UTC: the same everywhere.
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let comments: Vec<_> = modules.iter().map(|module| (module.file, module.comments.as_slice())).collect();
    let mut findings = std::mem::take(&mut report.findings);
    let rules = crate::cards::ids();
    report.suppressed =
        crate::suppression::apply(&report.sources, &comments, &rules, today, &mut findings, &mut report.notifications);
    findings.retain(wanted);
    findings.retain_mut(|finding| {
        let place = places.get(finding.primary.file.0 as usize);
        if place.is_some_and(|path| config.ignores(finding.rule, path)) || finding.confidence < least {
            return false;
        }
        match config.severity.get(finding.rule).map(|level| Level::severity(*level)) {
            Some(Some(severity)) => finding.severity = severity,
            Some(None) => return false,
            None => {}
        }
        true
    });
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert((finding.rule, finding.primary)));
    report.findings = findings;
    report.notifications.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
}
