//! The command line of both programs.

mod attest;
mod baseline;
mod cache;
mod fixing;
mod history;
mod init;
mod input;
mod merge;
mod options;
mod output;
mod progress;
mod suppress;
mod survey;

use crate::cards;
use crate::config::{self, Config, FailOn};
use crate::error::{Error, suggestion};
use crate::guard::guarded;
use crate::project::changes::Changes;
use crate::project::context::project_around;
use crate::report::Report;
use crate::report::document::Document;
use crate::report::human::Style;
use crate::scan::{Request, scan};
use clap::{CommandFactory, Parser};
use input::{Input, input};
use options::{
    CheckOptions, Color, Command, Fixes, Format, MessageFormat, Options, ReportOptions, RulesFormat, SchemaOf,
};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Columns of the report where no terminal tells them.
const DEFAULT_WIDTH: usize = 120;

/// Runs the program with its arguments, its own name left out. Exit codes: 0 clean, 1 findings at or above the
/// threshold, 2 wrong usage, configuration, input or output.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    crate::guard::silence_panics();
    match guarded(|| run_quietly(arguments)) {
        Ok(code) => code,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "cerbo-lint: error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run_quietly(arguments: Vec<OsString>) -> ExitCode {
    let options = match Options::try_parse_from(std::iter::once(OsString::from("cerbo-lint")).chain(arguments)) {
        Ok(options) => options,
        Err(error) => {
            // Help and version come this way too; a closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let outcome = match options.command {
        Some(Command::Rules { format }) => rules(format).map(|()| 0),
        Some(Command::Explain { rule }) => explain(&rule).map(|()| 0),
        Some(Command::ExplainFile { path, format }) => explain_file(&path, format).map(|()| 0),
        Some(Command::Completions { shell }) => completions(shell).map(|()| 0),
        Some(Command::Manual) => manual().map(|()| 0),
        Some(Command::Pages { folder }) => pages(&folder).map(|()| 0),
        Some(Command::Schema { of }) => schema(of).map(|()| 0),
        Some(Command::Permissions(options)) => survey::permissions(&options),
        Some(Command::Clean(options)) => cache::clean(&options).map(|()| 0),
        Some(Command::History(options)) => history::history(&options),
        Some(Command::Audit(options)) => survey::audit(&options),
        Some(Command::Baseline(options)) => baseline::baseline(&options),
        Some(Command::Merge(options)) => merge::merge(&options),
        Some(Command::Attest(options)) => attest::attest(&options).map(|()| 0),
        Some(Command::Suppress(options)) => suppress::suppress(&options),
        Some(Command::Init(options)) => init::init(&options).map(|()| 0),
        Some(Command::Check(check)) => self::check(&check),
        None => self::check(&options.check),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "cerbo-lint: error: {error}");
            ExitCode::from(2)
        }
    }
}

fn rules(format: RulesFormat) -> Result<(), Error> {
    let mut text = String::new();
    match format {
        RulesFormat::Json => {
            text = serde_json::to_string_pretty(cards::cards()).unwrap_or_default();
            text.push('\n');
        }
        RulesFormat::Human => {
            for card in cards::cards() {
                text.push_str(&format!("{:<24} {:<8} {}\n", card.id, crate::report::word(card.severity), card.title));
            }
        }
    }
    output::to_stdout(text.as_bytes())
}

fn explain(rule: &str) -> Result<(), Error> {
    known_rule(rule)?;
    let text = cards::card(rule).map(cards::explain).unwrap_or_default();
    output::to_stdout(text.as_bytes())
}

fn explain_file(path: &std::path::Path, format: RulesFormat) -> Result<(), Error> {
    let explanation = crate::explain_file::explain(path)?;
    let text = match format {
        RulesFormat::Human => explanation.human(),
        RulesFormat::Json => explanation.json(),
    };
    output::to_stdout(text.as_bytes())
}

fn completions(shell: clap_complete::Shell) -> Result<(), Error> {
    const NAME: &str = "cerbo-lint";
    // The script made for bash finds no options behind a subcommand of a program with a hyphen in its name.
    const WITHOUT_HYPHEN: &str = "cerbolint";
    let bash = shell == clap_complete::Shell::Bash;
    let name = if bash { WITHOUT_HYPHEN } else { NAME };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Options::command().name(name), name, &mut text);
    let text = String::from_utf8_lossy(&text).replace(WITHOUT_HYPHEN, NAME);
    output::to_stdout(text.as_bytes())
}

fn manual() -> Result<(), Error> {
    let mut text = Vec::new();
    let made = clap_mangen::Man::new(Options::command()).render(&mut text);
    made.map_err(|error| Error::new(format!("the manual could not be made: {}", error.kind())))?;
    output::to_stdout(&text)
}

/// Writes the pages of all rules, and takes out those of rules that are gone.
fn pages(folder: &Path) -> Result<(), Error> {
    output::writable(&folder.join("README.md"))?;
    let pages = crate::pages::pages();
    for (name, text) in &pages {
        output::to_file(&folder.join(name), text.as_bytes())?;
    }
    let old = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    for path in old.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !pages.iter().any(|(page, _)| *page == name) {
            std::fs::remove_file(&path)
                .map_err(|error| Error::new(format!("cannot be removed: {}", error.kind())).in_file(&path))?;
        }
    }
    Ok(())
}

fn schema(of: SchemaOf) -> Result<(), Error> {
    let schema = match of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Report => crate::report::json::schema(),
    };
    output::to_stdout(format!("{schema:#}\n").as_bytes())
}

fn known_rule(rule: &str) -> Result<(), Error> {
    let ids = cards::ids();
    if ids.contains(&rule) {
        return Ok(());
    }
    Err(Error::new(format!("there is no rule `{rule}`")).help(suggestion(rule, &ids)))
}

fn check(options: &CheckOptions) -> Result<u8, Error> {
    for rule in options.select.iter().chain(&options.ignore) {
        known_rule(rule)?;
    }
    let usual = match options.message_format {
        Some(MessageFormat::Json) => Format::Cargo,
        Some(MessageFormat::Short) => Format::Concise,
        Some(MessageFormat::Human) | None => Format::Human,
    };
    let mut targets = output::targets(&options.report, usual)?;
    if options.message_format.is_some() && targets.iter().all(|(_, path)| path.is_some()) {
        targets.push((usual, None));
    }
    let Input { paths, given, texts, notifications } = input(options)?;
    let request = Request {
        paths,
        select: options.select.clone(),
        ignore: options.ignore.clone(),
        min_confidence: options.min_confidence,
        threads: options.threads.unwrap_or(0),
        packages: options.package.clone(),
        shard: options.shard,
        given,
        texts,
        force_exclude: options.force_exclude || options.staged,
        include_suppressed: options.include_suppressed,
        cache: cache::chosen(&options.cache),
        progress: Arc::default(),
    };
    // What is staged is judged by the configuration of the folder it is committed in.
    let start = if options.staged { PathBuf::from(".") } else { start(&request) };
    let mut config = configured(options.no_config, options.config.as_deref(), &start)?;
    config.scope = options.scope.unwrap_or(config.scope);
    let mut missing = None;
    let known = match baseline::chosen(options.baseline.as_deref(), &config).filter(|_| !options.no_baseline) {
        // Without one, everything is new: what the configuration names may not be made yet.
        Some(path) if options.baseline.is_none() && !path.exists() => {
            missing = Some(baseline::missing(&path));
            None
        }
        Some(path) => Some((crate::baseline::read(&path)?, path)),
        None => None,
    };
    let judged = |request: &Request| -> Result<Report, Error> {
        let shown = progress::show(&request.progress, !options.quiet);
        let report = scan(request, &config);
        drop(shown);
        let mut report = report?;
        report.notifications.extend(notifications.iter().cloned().chain(missing.clone()));
        report.partial |= options.staged || options.diff_base.is_some();
        if let Some((known, path)) = &known {
            let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let shown = crate::project::walk::show(&whole, &report.base);
            crate::baseline::apply(&mut report, known, &shown, options.include_suppressed);
        }
        if let Some(base) = &options.diff_base {
            report.keep_changed(&changes(base, &report)?);
        }
        Ok(report)
    };
    let mut report = judged(&request)?;
    if options.fix.is_some() || options.diff {
        let all = options.fix == Some(Fixes::All);
        let fixed = fixing::chosen(&report, &request, all, &judged)?;
        if options.diff {
            return fixing::preview(&report, &fixed).map(|changes| u8::from(changes && !options.report.exit_zero));
        }
        fixing::write(&report, &fixed)?;
        report = judged(&request)?;
    }
    let document = Document::new(&report);
    let shown = output::Shown { report: Some(&report), document: &document, style: style(options) };
    output::write(&targets, &shown, &options.report)?;
    Ok(code(&document, &options.report, config.fail_on))
}

/// What changed since a revision, around what is scanned.
fn changes(base: &str, report: &Report) -> Result<Changes, Error> {
    let first = report.asked.first().map_or_else(|| report.base.clone(), |path| report.base.join(path));
    crate::project::changes::since(&first, base, &report.base)
}

/// The exit code that a report's open findings make.
fn code(document: &Document, options: &ReportOptions, configured: Option<FailOn>) -> u8 {
    let fail_on = options.fail_on.or(configured).unwrap_or_default();
    let fails = document.open().any(|entry| fail_on.reached_by(entry.severity));
    u8::from(fails && !options.exit_zero && fail_on != FailOn::Never)
}

/// How the report for people looks when nothing is said about it.
fn style_of(color: bool) -> Style {
    Style { color, width: DEFAULT_WIDTH, quiet: false, verbose: false }
}

/// How the report for people looks: colours by `--color`, else by the environment, else on a terminal.
fn style(options: &CheckOptions) -> Style {
    let to_terminal = std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let color = match options.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => match set("CARGO_TERM_COLOR").as_deref() {
            Some("always") => true,
            Some("never") => false,
            _ if set("NO_COLOR").is_some() => false,
            _ if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            _ => to_terminal && set("TERM").is_none_or(|term| term != "dumb"),
        },
    };
    let told = set("COLUMNS").and_then(|columns| columns.parse().ok());
    let measured = terminal_size::terminal_size().filter(|_| to_terminal).map(|(width, _)| usize::from(width.0));
    let width = told.or(measured).unwrap_or(DEFAULT_WIDTH).clamp(40, 400);
    Style { color, width, quiet: options.quiet, verbose: options.verbose }
}

/// The paths to scan: those that are named, the package's folder, the workspace of a package that is named, or the current folder.
fn paths(options: &CheckOptions) -> Result<Vec<PathBuf>, Error> {
    if !options.paths.is_empty() {
        return Ok(options.paths.clone());
    }
    let whole = options.workspace || !options.package.is_empty();
    if let Some(manifest) = &options.manifest_path {
        if !manifest.is_file() {
            return Err(Error::new("no such manifest").in_file(manifest).help("give the path of a Cargo.toml"));
        }
        let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
        return Ok(vec![if whole { workspace(&folder) } else { folder }]);
    }
    let here = PathBuf::from(".");
    Ok(vec![if whole { workspace(&here) } else { here }])
}

/// The folder of the workspace around a folder; the folder itself when there is none.
fn workspace(folder: &Path) -> PathBuf {
    let whole = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    // Any name below the folder: the project around a file of it.
    project_around(&whole.join("Cargo.toml")).unwrap_or_else(|| folder.to_owned())
}

/// The first of what is scanned.
fn start(request: &Request) -> PathBuf {
    let given = request.given.first().map(|given| given.parent().unwrap_or(given).to_owned());
    let first = given.or_else(|| request.paths.first().cloned()).unwrap_or_default();
    if first.as_os_str().is_empty() { PathBuf::from(".") } else { first }
}

/// The configuration of a scan: none, the one that is named, or the one around what is scanned first.
fn configured(none: bool, named: Option<&Path>, start: &Path) -> Result<Config, Error> {
    let ids = cards::ids();
    if none {
        return Ok(Config::default());
    }
    if let Some(path) = named {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return config::load(&path, &ids);
    }
    match std::fs::canonicalize(start) {
        Ok(path) if path.is_dir() => config::discover(&path, &ids),
        Ok(path) => config::discover(path.parent().unwrap_or(&path), &ids),
        // The walk reports a path that is not there.
        Err(_) => Ok(Config::default()),
    }
}
