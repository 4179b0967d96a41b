//! One run: find the files, read them, evaluate what matters, and make a report of it.

use crate::cache::Cache;
use crate::cache::judgements::{keep, recall, state};
use crate::cache::looks::Looks;
use crate::config::Config;
use crate::error::Error;
use crate::finding::{Confidence, Notification};
use crate::frontend::embedded::holds_scripts;
use crate::frontend::mentions::{Evidence, Mention, credential_file, evidence, mentions, whole_file};
use crate::frontend::{self, Lowered, Problem};
use crate::guard::guarded;
use crate::judgement::{Project, judge};
use crate::knowledge::libraries::Models;
use crate::program::link::{Root, Specifiers};
use crate::program::tree::{Comment, Module};
use crate::progress::Progress;
use crate::project::context::keep_packages;
use crate::project::disk::recorded;
use crate::project::gate::{Gate, GateHits};
use crate::project::image::hands_files_on;
use crate::project::javascript::{ADDS, Manifests, Resolver, pulled};
use crate::project::kind::FileKind;
use crate::project::look::{Holds, Look, named};
use crate::project::neighbourhood::Neighbourhoods;
use crate::project::packages::{Package, TargetKind, enclosing_manifests, packages};
use crate::project::read::{Content, MAX_BYTES, recycle};
use crate::project::select::{Seen, about, add_settings, select};
use crate::project::shard::Shard;
use crate::project::shell::ScriptFiles;
use crate::project::stamp::Stamp;
use crate::project::texts::Texts;
use crate::project::walk::{Found, Walk, Walked, show, walk};
use crate::report::Report;
use crate::settle::settle;
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};
use crate::surroundings::Surroundings;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
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
    /// Only the packages of these names; empty means all.
    pub packages: Vec<String>,
    /// The part of the files to report on; none means all.
    pub shard: Option<Shard>,
    /// Files to look at besides those of `paths`; they need not exist when their texts are given.
    pub given: Vec<PathBuf>,
    /// Texts that stand for what is on disk.
    pub texts: Texts,
    /// What is left out of folders is left out when it is named, too.
    pub force_exclude: bool,
    /// Suppressed findings are kept in the report, with their reasons.
    pub include_suppressed: bool,
    /// What earlier runs left; none to look at everything anew and to leave nothing. A report made with it holds findings,
    /// and neither calls nor addresses of the API.
    pub cache: Option<Cache>,
    /// Where the run tells how far it is.
    pub progress: Arc<Progress>,
}

/// A file that has been looked at.
struct Opened {
    found: Found,
    look: Look,
    /// Its text, when it matters by itself and was read. Texts of others are read again when they turn out to be needed: a
    /// large repository must not be kept in memory.
    source: Option<SourceFile>,
    /// Whether it has a text to look into.
    telling: bool,
    /// It may say when programs start.
    timetable: bool,
    notification: Option<Notification>,
    skipped: Option<&'static str>,
    /// Its state before it was read and what its name says, when no earlier run saw it in that state.
    fresh: Option<(Stamp, FileKind)>,
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
    request.progress.enter("finding files");
    let Request { paths, given, texts, force_exclude, threads, .. } = request;
    let plan = Walk { paths, given, texts, force_exclude: *force_exclude, threads: *threads };
    let mut walked = walk(plan, config)?;
    if !request.packages.is_empty() {
        keep_packages(&mut walked.files, &request.packages)?;
    }
    if let Some(shard) = request.shard {
        keep_shard(&mut walked, shard);
    }
    let base = walked.base.clone();
    report.base = base.clone();
    report.asked = walked.roots.iter().map(|root| show(root, &base)).collect();
    report.select = request.select.clone();
    report.ignore = request.ignore.clone();
    report.partial = request.shard.is_some() || !request.packages.is_empty();
    let pages = pages(&walked);
    let asked_root = walked.roots.first().filter(|root| walked.roots.len() == 1 && root.is_dir()).cloned();
    report.stages.push(("find files", clock.elapsed()));
    let clock = Instant::now();
    request.progress.enter("reading");
    let folder = asked_folder(&walked);
    let asked_roots = walked.roots.clone();
    let code = walked.files.iter().filter(|file| file.kind.is_code()).count();
    let other_code = walked.files.iter().any(|file| file.kind.is_other_code(&file.path));
    let around = one_a_folder(&walked.roots);
    let text_of = |path: &Path| texts.text(path);
    let packages = packages(&manifests(&walked, &around), &text_of);
    let node = Manifests::read(walked.files.iter().map(|file| file.path.as_path()), &around, &text_of);
    let scripts = scripts(&walked, &text_of);
    report.surroundings = Surroundings::of(&walked.files, &packages, &node);
    let opened = open(&pool, walked, config, request, &mut report);
    let seen: Vec<Seen<'_>> = opened
        .iter()
        .map(|file| Seen { path: &file.found.path, kind: file.found.kind, hits: seen_hits(file) })
        .collect();
    let mut chosen = select(&seen, &packages, config.scope);
    let imports = imports(&pool, &opened, &node);
    for (chosen, file) in chosen.iter_mut().zip(&opened) {
        *chosen |= credential_file(&file.found.path).is_some();
        *chosen |= file.found.hidden && file.telling;
    }
    if opened.iter().any(|file| file.found.hidden && file.telling) {
        // What takes such a file matters for that alone.
        for (chosen, file) in chosen.iter_mut().zip(&opened) {
            *chosen |= hands_files_on(&file.found.path);
        }
    }
    let about = about(config.scope);
    for (chosen, pulled) in chosen.iter_mut().zip(pulled(&seen, &imports, &node, about)) {
        *chosen |= pulled;
    }
    add_surroundings(&opened, &seen, &mut chosen, about);
    report.stages.push(("read", clock.elapsed()));
    request.progress.enter("parsing");
    let (mut places, mut kinds, mut asked, mut hidden): (Vec<PathBuf>, Vec<FileKind>, Vec<bool>, Vec<bool>) =
        Default::default();
    for (file, chosen) in opened.into_iter().zip(chosen) {
        report.notifications.extend(file.notification);
        if !chosen || !file.telling {
            continue;
        }
        let source = file.source.or_else(|| match texts.read(&file.found.path) {
            Content::Text(bytes) => Some(SourceFile::new(file.found.shown.clone(), &bytes)),
            // It has gone or changed since it was read first.
            _ => None,
        });
        if let Some(source) = source {
            report.sources.add(source);
            kinds.push(file.found.kind);
            asked.push(!file.found.context);
            hidden.push(file.found.hidden);
            places.push(file.found.path);
        }
    }
    if !asked.contains(&true) {
        // Nothing can be reported in the files that were asked for.
        report.sources = Sources::default();
        return Ok(report);
    }
    let asked = |file: FileId| asked.get(file.0 as usize).copied().unwrap_or(true);
    let project = Project {
        base: &base,
        places: &places,
        kinds: &kinds,
        hidden: &hidden,
        packages: &packages,
        node: &node,
        scripts: &scripts,
        pages: &pages,
        roots: &asked_roots,
        root: asked_root.as_deref(),
        folder: &folder,
        code,
        other_code,
    };
    let shelf = request.cache.as_ref().map(|cache| cache.shelf(&base));
    let kept = shelf.map(|shelf| (state(&project, &report.sources, config), shelf));
    let known = kept.as_ref().and_then(|(state, shelf)| recall(shelf, state, &project, &mut report.sources));
    let made = match known {
        Some(made) => made,
        None => {
            let sources = &mut report.sources;
            let (made, asked) = recorded(|| judge(&project, sources, config, &models, &pool, &request.progress));
            if let Some(((state, shelf), asked)) = kept.zip(asked) {
                keep(&shelf, &state, &made, sources, asked);
            }
            made
        }
    };
    let notes = made.notes.into_iter().filter(|(file, _)| file.is_none_or(asked));
    report.notifications.extend(notes.map(|(_, note)| note));
    report.stages.extend([("parse", made.times.0), ("evaluate", made.times.1)]);
    report.incomplete = made.incomplete;
    report.findings = made.findings;
    report.uses = made.uses;
    report.surroundings.addresses = made.addresses;
    report.anonymized = made.anonymized;
    settle(&mut report, request, config, &places, &asked);
    Ok(report)
}

/// Folders, and one file of each folder that files were named of: what is around them is the same.
fn one_a_folder(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut parents = BTreeSet::new();
    roots.iter().filter(|root| root.is_dir() || parents.insert(root.parent())).cloned().collect()
}

/// Leaves only a part of the files asked for; the others stay as their context.
fn keep_shard(walked: &mut Walked, shard: Shard) {
    walked.files.iter_mut().for_each(|file| file.context |= !shard.holds(&file.shown));
    walked.skipped.retain(|(path, _)| shard.holds(path));
    walked.notifications.retain(|note| note.path.is_empty() || shard.holds(&note.path));
}

/// The comments of each file: those its frontend found, or those that are told by their lines.
pub(crate) fn comments(modules: &[Module], sources: &Sources, kinds: &[FileKind]) -> Vec<(FileId, Vec<Comment>)> {
    let of = |module: &Module| {
        let kind = kinds.get(module.file.0 as usize).copied();
        let known = kind.is_some_and(frontend::finds_comments);
        let by_line = sources.get(module.file).filter(|_| !known);
        let comments = by_line.map(|file| crate::suppression::by_line(module.file, file));
        (module.file, comments.unwrap_or_else(|| module.comments.clone()))
    };
    modules.iter().map(of).filter(|(_, comments)| !comments.is_empty()).collect()
}

/// The folder that was asked for, as a prefix of shown paths; empty when several were, or all.
fn asked_folder(walked: &Walked) -> String {
    match walked.roots.as_slice() {
        [root] if root.is_dir() && *root != walked.base => crate::project::walk::show(root, &walked.base) + "/",
        _ => String::new(),
    }
}

/// What timetables start: programs of the packages by name, and scripts.
pub(crate) fn timetables(
    modules: &[Module],
    sources: &Sources,
    packages: &[Package],
    places: &[PathBuf],
    scripts: &BTreeMap<String, Vec<String>>,
) -> crate::timetables::Timetables {
    let files: Vec<crate::timetables::File<'_>> = modules
        .iter()
        .filter_map(|module| {
            let file = sources.get(module.file)?;
            Some(crate::timetables::File { path: &file.path, module, text: file.text() })
        })
        .collect();
    let targets =
        packages.iter().flat_map(|package| &package.targets).filter(|target| target.kind == TargetKind::Binary);
    let programs: Vec<(String, FileId)> = targets
        .filter_map(|target| {
            let at = places.iter().position(|path| *path == target.root_path)?;
            Some((target.name.clone(), modules.get(at)?.file))
        })
        .collect();
    let named = files.iter().map(|file| (file.path.to_owned(), file.module.file)).collect();
    let known = crate::timetables::Known { files: named, programs, scripts: scripts.clone() };
    crate::timetables::collect(&files, known)
}

/// The scripts of every package manifest, by name.
fn scripts(walked: &Walked, text_of: &dyn Fn(&Path) -> Option<String>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let manifests = walked.files.iter().filter(|file| file.path.ends_with("package.json"));
    for text in manifests.filter_map(|file| text_of(&file.path)) {
        let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        for (name, command) in manifest.get("scripts").and_then(|scripts| scripts.as_object()).into_iter().flatten() {
            if let Some(command) = command.as_str() {
                all.entry(name.clone()).or_default().push(command.to_owned());
            }
        }
    }
    all
}

/// Pages whose scripts run in browsers.
fn pages(walked: &Walked) -> Vec<PathBuf> {
    let paths = walked.files.iter().map(|file| &file.path);
    paths.filter(|path| crate::project::sides::is_page(path)).cloned().collect()
}

/// The models that come with the tool and those of the project.
pub(crate) fn models(config: &Config) -> Result<Cow<'static, Models>, Error> {
    if config.libraries.is_empty() {
        return Ok(Cow::Borrowed(Models::bundled()));
    }
    let mut all = Models::bundled().clone();
    for (path, text) in &config.libraries {
        all.add(text).map_err(|problem| {
            Error::new(format!("not a library model: {}", problem.replace('\n', " ")))
                .in_file(path)
                .help("write tables `[[type]]` and `[[call]]` as in the models that come with the tool")
        })?;
    }
    Ok(Cow::Owned(all))
}

/// Manifests that were found, and those around the paths that were asked for.
fn manifests(walked: &Walked, around: &[PathBuf]) -> Vec<PathBuf> {
    let named = |path: &Path| path.file_name().is_some_and(|name| name == "Cargo.toml");
    let mut all = enclosing_manifests(around);
    all.extend(walked.files.iter().filter(|file| named(&file.path)).map(|file| file.path.clone()));
    all.into_iter().collect()
}

/// The gate for the API's own words and those of the configuration.
pub(crate) fn gate(config: &Config) -> Gate {
    Gate::new(&config.telling_words())
}

fn open(
    pool: &rayon::ThreadPool,
    walked: Walked,
    config: &Config,
    request: &Request,
    report: &mut Report,
) -> Vec<Opened> {
    let gate = LazyLock::new(|| gate(config));
    let files = walked.files;
    report.notifications = walked.notifications;
    report.skipped = walked.skipped;
    let shelf = request.cache.as_ref().map(|cache| cache.shelf(&walked.base));
    let looks = shelf.as_ref().map_or_else(Looks::default, |shelf| Looks::read(shelf, config));
    let see = |content: &Content, found: &Found| Look::at(content, &found.path, found.kind, &gate);
    let opened: Vec<Opened> =
        pool.install(|| files.into_par_iter().map(|found| open_one(found, &see, request, &looks)).collect());
    looks.learn(opened.iter().map(|file| (&file.found, file.fresh, &file.look)));
    for file in opened.iter().filter(|file| !file.found.context) {
        match file.skipped {
            Some(reason) => report.skipped.push((file.found.shown.clone(), reason)),
            None => report.scanned += usize::from(file.notification.is_none()),
        }
    }
    report.skipped.sort_unstable();
    opened
}

/// What was seen in a file, as far as it says what matters: what git ignores says nothing, so that a project is read alike
/// everywhere.
fn seen_hits(file: &Opened) -> GateHits {
    if file.found.hidden { GateHits::default() } else { file.look.hits }
}

fn open_one(
    found: Found,
    see: &(dyn Fn(&Content, &Found) -> Option<Look> + Sync),
    request: &Request,
    looks: &Looks,
) -> Opened {
    request.progress.file();
    let stamp = looks.stamp(&found.path, &request.texts);
    let known = stamp.and_then(|stamp| looks.known(&found, stamp));
    let fresh = stamp.filter(|_| known.is_none()).map(|stamp| (stamp, found.kind));
    let mut opened = Opened {
        look: Look { holds: Holds::Text, kind: found.kind, hits: GateHits::default(), named: Vec::new() },
        found,
        source: None,
        telling: false,
        timetable: false,
        notification: None,
        skipped: None,
        fresh: None,
    };
    let path = opened.found.shown.clone();
    let told = |message: String| Some(Notification { path, line: None, message, skipped: true });
    let (look, bytes) = match known {
        Some(look) => (look, None),
        None => {
            let content = request.texts.read(&opened.found.path);
            match (see(&content, &opened.found), content) {
                (Some(look), Content::Text(bytes)) => (look, Some(bytes)),
                (Some(look), _) => (look, None),
                (None, Content::Unreadable(kind)) => {
                    opened.notification = told(format!("cannot be read: {kind}"));
                    return opened;
                }
                (None, _) => {
                    opened.skipped = Some("not a regular file");
                    return opened;
                }
            }
        }
    };
    opened.fresh = fresh;
    opened.found.kind = look.kind;
    match look.holds {
        // A file that is no source and says nothing is only counted.
        Holds::Text => {
            let kind = look.kind;
            let held = kind.is_configuration() && look.hits.any(GateHits::CREDENTIAL)
                || credential_file(&opened.found.path).is_some();
            let alone = look.hits.matters_alone();
            opened.timetable = tells_times(&opened.found, look.hits);
            let recipe = hands_files_on(&opened.found.path);
            let scripts = holds_scripts(&opened.found.path);
            opened.telling =
                frontend::reads(kind) && (alone || held || kind.is_code() || opened.timetable || recipe || scripts);
            if let Some(bytes) = bytes {
                if opened.telling && alone {
                    opened.source = Some(SourceFile::new(opened.found.shown.clone(), &bytes));
                }
                recycle(bytes);
            }
        }
        Holds::Binary => opened.skipped = Some("binary"),
        Holds::Minified => opened.skipped = Some("minified"),
        Holds::Report => opened.skipped = Some("a report of cerbo-lint"),
        Holds::TooMuch => {
            opened.notification = told(format!("left out: larger than {} MB", MAX_BYTES / 1024 / 1024));
        }
    }
    opened.look = look;
    opened
}

/// Whether a file says when programs start: by its name, configuration by its words, or code that is about infrastructure.
fn tells_times(found: &Found, hits: GateHits) -> bool {
    let told = (found.kind.is_configuration() || found.kind.is_code()) && hits.any(GateHits::SCHEDULE);
    told || crate::timetables::by_name(&found.path)
}

/// Adds the settings and timetables around an integration.
fn add_surroundings(opened: &[Opened], seen: &[Seen<'_>], chosen: &mut [bool], about: GateHits) {
    let paths: Vec<&Path> = seen.iter().map(|file| file.path).collect();
    let neighbourhoods = Neighbourhoods::of(paths.iter().copied());
    // An address alone makes no integration; code that was pulled in belongs to one.
    let about = about.with(GateHits::KEY);
    let pulled = |file: &Seen<'_>| file.kind.is_code() && !file.hits.matters_alone();
    let telling = |index: usize| {
        let hidden = opened.get(index).is_some_and(|file| file.found.hidden);
        seen.get(index).is_some_and(|file| !hidden && (file.hits.any(about) || pulled(file)))
    };
    add_settings(seen, chosen, &neighbourhoods, telling);
    neighbourhoods.add(&paths, chosen, telling, |index| opened.get(index).is_some_and(|file| file.timetable));
}

/// One file, parsed.
pub(crate) struct Parsed {
    /// Its program.
    pub module: Module,
    /// What else it mentions.
    pub mentions: Vec<Mention>,
    /// What its text says about the product.
    pub evidence: Evidence,
    /// What could not be read.
    pub problems: Vec<(FileId, Notification)>,
}

pub(crate) fn parse(
    pool: &rayon::ThreadPool,
    sources: &Sources,
    kinds: &[FileKind],
    places: &[PathBuf],
    config: &Config,
) -> Vec<Parsed> {
    let hosts: Vec<String> = config.hosts.iter().chain(&config.sandbox_hosts).cloned().collect();
    let files: Vec<_> = sources.iter().collect();
    let one = |((id, file), (kind, path)): (&(FileId, &SourceFile), (&FileKind, &PathBuf))| {
        let text = file.text();
        // One file that makes a parser fail costs its own findings only.
        let read = guarded(|| {
            let lowered = frontend::lower(*kind, path, *id, text);
            let mut mentions = mentions(*id, text, &frontend::unparsed(&lowered, text));
            if let Some(whole) = whole_file(*id, path, text) {
                mentions.retain(|mention| mention.span != whole.span);
                mentions.push(whole);
            }
            (lowered, mentions, evidence(text, &hosts))
        });
        let (lowered, mentions, evidence) =
            read.unwrap_or_else(|problem| (failed(*id, &problem), Vec::new(), Evidence::default()));
        let told = |problem: Problem| {
            let line = Some(file.position(problem.span.start).line);
            (*id, Notification { path: file.path.clone(), line, message: problem.message, skipped: false })
        };
        let problems = lowered.problems.into_iter().map(told).collect();
        Parsed { module: lowered.module, mentions, evidence, problems }
    };
    pool.install(|| files.par_iter().zip(kinds.par_iter().zip(places)).map(one).collect())
}

/// What is left of a file that made its frontend fail.
fn failed(file: FileId, problem: &str) -> Lowered {
    let module = Module { file, namespace: "", attributes: Vec::new(), items: Vec::new(), comments: Vec::new() };
    let message = format!("could not be parsed: {problem}");
    Lowered { module, problems: vec![Problem { span: Span::new(file, 0, 0), message }] }
}

/// The files that each file names, when there is any reason to follow them.
fn imports(pool: &rayon::ThreadPool, opened: &[Opened], manifests: &Manifests) -> Vec<Vec<usize>> {
    let resolver = Resolver::new(opened.iter().map(|file| file.found.path.as_path()), manifests);
    let scripts = ScriptFiles::new(opened.iter().map(|file| file.found.path.as_path()));
    // Whoever imports a package sees what another file of the same package adds to its types.
    let mut adding: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, file) in opened.iter().enumerate() {
        for name in file.look.named.iter().filter_map(|name| name.strip_prefix(ADDS)) {
            adding.entry(name).or_default().push(index);
        }
    }
    let home = |file: &Opened| manifests.package_of(&file.found.path).map(|(folder, _)| folder.to_owned());
    let of = |file: &Opened| {
        let path = &file.found.path;
        let one = |name: &String| match file.found.kind.is_script() {
            false => scripts.resolve(path, name),
            true => resolver.resolve(path, name),
        };
        let mut found: Vec<usize> = file.look.named.iter().filter_map(one).collect();
        for other in file.look.named.iter().filter_map(|name| adding.get(name.as_str())).flatten() {
            if opened.get(*other).is_some_and(|other| home(other) == home(file)) {
                found.push(*other);
            }
        }
        found
    };
    pool.install(|| opened.par_iter().map(of).collect())
}

/// Which module each specifier leads to.
pub(crate) fn linked(
    pool: &rayon::ThreadPool,
    sources: &Sources,
    kinds: &[FileKind],
    places: &[PathBuf],
    manifests: &Manifests,
) -> Specifiers {
    let resolver = Resolver::new(places.iter().map(PathBuf::as_path), manifests);
    let scripts = ScriptFiles::new(places.iter().map(PathBuf::as_path));
    let files: Vec<_> = sources.iter().map(|(_, file)| file).zip(kinds.iter().zip(places)).enumerate().collect();
    let table = |(index, (file, (kind, place))): &(usize, (&SourceFile, (&FileKind, &PathBuf)))| {
        let one = |name: String| {
            let found = match kind.is_script() {
                false => scripts.resolve(place, &name),
                true => resolver.resolve(place, &name),
            };
            Some((name, found?))
        };
        let named = named(**kind, place, file.text().as_bytes());
        (!named.is_empty()).then(|| (*index, named.into_iter().filter_map(one).collect()))
    };
    pool.install(|| files.par_iter().filter_map(table).collect())
}

/// The root modules of the packages, with the names under which each sees the others.
pub(crate) fn roots(packages: &[Package], places: &[PathBuf]) -> Vec<Root> {
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
