//! What is said about a project once its files are read: the same for the same files, whoever asked for which of them.

use crate::analysis::{Outcome, Secret, analyze};
use crate::config::Config;
use crate::finding::{Finding, Fix, Notification};
use crate::guard::guarded;
use crate::knowledge::libraries::Models;
use crate::program::link::Specifiers;
use crate::progress::Progress;
use crate::project::javascript::Manifests;
use crate::project::kind::FileKind;
use crate::project::packages::Package;
use crate::project::sides::places::SidePlaces;
use crate::project::sides::{Plan, Sides};
use crate::project::walk::show;
use crate::scan::{comments, linked, parse, roots, timetables};
use crate::settings::Input;
use crate::source::{SecretTexts, SourceFile, Sources, masked_words};
use crate::span::{FileId, Span};
use crate::surroundings::Addresses;
use crate::usage::Use;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is judged, besides the texts of its files.
pub(crate) struct Project<'a> {
    /// The folder that shown paths are relative to.
    pub base: &'a Path,
    /// The files' paths, in the order of their texts.
    pub places: &'a [PathBuf],
    /// What each is read as.
    pub kinds: &'a [FileKind],
    /// Whether git ignores it.
    pub hidden: &'a [bool],
    /// Its Cargo packages.
    pub packages: &'a [Package],
    /// Its packages and settings of JavaScript.
    pub node: &'a Manifests,
    /// The scripts of its package manifests, by name.
    pub scripts: &'a BTreeMap<String, Vec<String>>,
    /// Pages whose scripts run in browsers.
    pub pages: &'a [PathBuf],
    /// What was asked for.
    pub roots: &'a [PathBuf],
    /// The folder that was asked for, if it is one.
    pub root: Option<&'a Path>,
    /// The same as the beginning of shown paths.
    pub folder: &'a str,
    /// How many files of code there are, read closely or not.
    pub code: usize,
    /// Whether there is code in languages that are not followed.
    pub other_code: bool,
}

/// What is said about it.
#[derive(Default)]
pub(crate) struct Judgement {
    /// By place; none is left out yet, and the suppressed ones are marked.
    pub findings: Vec<Finding>,
    /// What is worth telling; with a file, when it is told only where that file was asked for.
    pub notes: Vec<(Option<FileId>, Notification)>,
    /// Every call of the API.
    pub uses: Vec<Use>,
    /// Where the API is.
    pub addresses: Addresses,
    /// Whether the API is only asked for anonymized data where it can be.
    pub anonymized: bool,
    /// Whether an error in the program itself may have cost findings.
    pub incomplete: bool,
    /// Files in which only evidence stands; they follow the others in the sources.
    pub evidence: Vec<PathBuf>,
    /// What no text that is shown may hold.
    pub secrets: SecretTexts,
    /// How long parsing and evaluating took.
    pub times: (Duration, Duration),
}

/// Judges a project. Secrets are marked in the `sources`, and files with evidence added to them.
pub(crate) fn judge(
    project: &Project<'_>,
    sources: &mut Sources,
    config: &Config,
    models: &Models,
    pool: &rayon::ThreadPool,
    progress: &Progress,
) -> Judgement {
    let mut made = Judgement::default();
    let clock = Instant::now();
    let Project { places, kinds, .. } = *project;
    let parsed = parse(pool, sources, kinds, places, config);
    let (mut modules, mut texts) = (Vec::new(), Vec::new());
    for file in parsed {
        made.notes.extend(file.problems.into_iter().map(|(file, note)| (Some(file), note)));
        modules.push(file.module);
        texts.push((file.mentions, file.evidence));
    }
    made.times.0 = clock.elapsed();
    let clock = Instant::now();
    progress.enter("evaluating");
    let comments = comments(&modules, sources, kinds);
    let linked: Specifiers = linked(pool, sources, kinds, places, project.node);
    let plan = Plan { packages: project.packages, linked: &linked, pages: project.pages, root: project.root };
    let sides = Sides::of_modules(&plan, &modules, places, sources);
    let sides = SidePlaces::new(&sides, places, sources, &|path| show(path, project.base));
    made.evidence = sides.added();
    let names: Vec<&str> = sources.iter().take(modules.len()).map(|(_, file)| file.path.as_str()).collect();
    let roots = roots(project.packages, places);
    let inputs =
        modules.iter().zip(&names).zip(texts.iter().zip(project.hidden)).map(|((module, path), (text, hidden))| {
            Input {
                path,
                below: path.strip_prefix(project.folder).unwrap_or(path),
                module,
                mentions: &text.0,
                evidence: text.1,
                hidden: *hidden,
            }
        });
    let mut settings = crate::settings::collect(inputs);
    settings.code = project.code;
    settings.other_code = project.other_code;
    settings.look_around(places, project.roots, project.folder, |id| sources.get(id).map_or("", SourceFile::text));
    let timetables = timetables(&modules, sources, project.packages, places, project.scripts);
    let outcome =
        guarded(|| analyze(&modules, &names, (&roots, &linked), config, models, &sides, (&settings, &timetables)));
    let outcome = outcome.unwrap_or_else(|problem| {
        made.incomplete = true;
        let message = format!("the project could not be evaluated: {problem}");
        made.notes.push((None, Notification { path: String::new(), line: None, message, skipped: false }));
        Outcome::default()
    });
    for failure in &outcome.failures {
        made.incomplete = true;
        let file = (failure.span != Span::default()).then(|| sources.get(failure.span.file)).flatten();
        let note = Notification {
            path: file.map(|file| file.path.clone()).unwrap_or_default(),
            line: file.map(|file| file.position(failure.span.start).line),
            message: format!("not all of the project could be evaluated: {}", failure.problem),
            skipped: false,
        };
        made.notes.push((None, note));
    }
    for span in &outcome.secret_places {
        if let Some(file) = sources.get(span.file) {
            file.mark_secret(*span);
        }
    }
    made.times.1 = clock.elapsed();
    made.findings = outcome.findings;
    made.uses = outcome.uses;
    made.addresses = outcome.addresses;
    made.anonymized = outcome.anonymized;
    let (rules, today) = (crate::cards::ids(), crate::today::today());
    let mut notes = Vec::new();
    crate::suppression::apply(sources, &comments, &rules, today, &mut made.findings, &mut notes);
    made.notes.extend(notes.into_iter().map(|note| (None, note)));
    crate::fix::propose(&mut made.findings, &modules, sources, project.base, &sides);
    hide(&mut made, sources, &outcome.secrets);
    made
}

/// Masks every secret of the program in the sources and in the words of the judgement.
fn hide(made: &mut Judgement, sources: &Sources, secrets: &BTreeSet<Secret>) {
    let secrets = SecretTexts::new(secrets.iter().map(Secret::as_str));
    sources.mark_texts(&secrets);
    let hidden = |text: &mut String| *text = masked_words(text, &secrets);
    for finding in &mut made.findings {
        [&mut finding.label, &mut finding.message, &mut finding.help].into_iter().for_each(hidden);
        finding.trail.iter_mut().chain(&mut finding.related).for_each(|step| hidden(&mut step.note));
        finding.suppressed.iter_mut().for_each(hidden);
        // A replacement with a mask in it would destroy what it replaces.
        let plain = |text: &String| masked_words(text, &secrets) == *text;
        let tells = |fix: &Fix| {
            let texts = fix.texts(sources);
            let lines = fix.lines.iter().all(|line| plain(&line.path) && plain(&line.text));
            !lines || !plain(&fix.description) || texts.is_none_or(|texts| texts.iter().any(|(_, text)| !plain(text)))
        };
        finding.fix.take_if(|fix| tells(fix));
    }
    made.notes.iter_mut().for_each(|(_, note)| hidden(&mut note.message));
    made.uses.iter_mut().for_each(|one| hidden(&mut one.path));
    made.secrets = secrets;
}
