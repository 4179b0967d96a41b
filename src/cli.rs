//! The command line of both programs.

mod options;
mod output;

use crate::cards;
use crate::config::{self, Config, FailOn};
use crate::error::{Error, suggestion};
use crate::report::human::Style;
use crate::scan::{Request, scan};
use clap::Parser;
use options::{CheckOptions, Color, Command, Options, RulesFormat};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs the program with its arguments, its own name left out. Exit codes: 0 clean, 1 findings at or above the
/// threshold, 2 wrong usage, configuration, input or output.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
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
    let targets = output::targets(options)?;
    let request = Request {
        paths: paths(options)?,
        select: options.select.clone(),
        ignore: options.ignore.clone(),
        min_confidence: options.min_confidence,
        threads: options.threads.unwrap_or(0),
    };
    let mut config = configuration(options, &request)?;
    config.scope = options.scope.unwrap_or(config.scope);
    let report = scan(&request, &config)?;
    let to_terminal = std::io::stdout().is_terminal();
    let style = Style {
        color: match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        },
        width: 100,
        quiet: options.quiet,
        verbose: options.verbose,
    };
    output::write(&targets, &report, style)?;
    let fail_on = options.fail_on.or(config.fail_on).unwrap_or_default();
    let fails = report.findings.iter().any(|finding| fail_on.reached_by(finding.severity));
    Ok(u8::from(fails && !options.exit_zero && fail_on != FailOn::Never))
}

/// The paths to scan: those given, or the package's folder, or the current one.
fn paths(options: &CheckOptions) -> Result<Vec<PathBuf>, Error> {
    if !options.paths.is_empty() {
        return Ok(options.paths.clone());
    }
    if let Some(manifest) = &options.manifest_path {
        if !manifest.is_file() {
            return Err(Error::new("no such manifest").in_file(manifest).help("give the path of a Cargo.toml"));
        }
        let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
        return Ok(vec![folder.map_or_else(|| PathBuf::from("."), PathBuf::from)]);
    }
    Ok(vec![PathBuf::from(".")])
}

fn configuration(options: &CheckOptions, request: &Request) -> Result<Config, Error> {
    let ids = cards::ids();
    if options.no_config {
        return Ok(Config::default());
    }
    if let Some(path) = &options.config {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        return config::load(&path, &ids);
    }
    let first = request.paths.first().cloned().unwrap_or_default();
    match std::fs::canonicalize(&first) {
        Ok(path) if path.is_dir() => config::discover(&path, &ids),
        Ok(path) => config::discover(path.parent().unwrap_or(&path), &ids),
        // The walk reports a path that is not there.
        Err(_) => Ok(Config::default()),
    }
}
