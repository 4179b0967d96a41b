//! `baseline`: accepts what is found now, or takes out of the file what is no longer found.

use super::options::BaselineOptions;
use super::{configured, output, start};
use crate::baseline::{self, Baseline, NAME, compare};
use crate::config::Config;
use crate::error::Error;
use crate::finding::Notification;
use crate::report::counted;
use crate::scan::{Request, scan};
use std::path::{Path, PathBuf};

/// Makes a baseline of what is found, or brings one up to date.
///
/// # Errors
/// When the scan fails, or the file cannot be read or written.
pub(super) fn baseline(options: &BaselineOptions) -> Result<u8, Error> {
    let paths = if options.scan.paths.is_empty() { vec![PathBuf::from(".")] } else { options.scan.paths.clone() };
    let request = Request {
        paths,
        threads: options.scan.threads.unwrap_or(0),
        min_confidence: options.min_confidence,
        ..Request::default()
    };
    let mut config = configured(options.scan.no_config, options.scan.config.as_deref(), &start(&request))?;
    config.scope = options.scope.unwrap_or(config.scope);
    let path = chosen(options.baseline.as_deref(), &config).unwrap_or_else(|| PathBuf::from(NAME));
    output::writable(&path)?;
    let mut report = scan(&request, &config)?;
    let (kept, words) = match path.exists() {
        false => {
            let all = baseline::of(&report);
            let words = format!("{} accepted", counted(total(&all), "finding"));
            (all, words)
        }
        true => {
            let compared = compare(&mut report, &baseline::read(&path)?);
            let mut kept = compared.known;
            add(&mut kept, compared.elsewhere);
            let mut words = vec![format!("{} kept", counted(total(&kept), "finding"))];
            let (gone, new) = (total(&compared.gone), total(&compared.new));
            if gone > 0 {
                words.push(format!("{gone} no longer there and taken out"));
            }
            if new > 0 && options.add {
                words.push(format!("{new} added"));
                add(&mut kept, compared.new);
            } else if new > 0 {
                words.push(format!("{new} new and left out (--add accepts them)"));
            }
            (kept, words.join(", "))
        }
    };
    output::to_file(&path, baseline::text(&kept).as_bytes())?;
    let shown = crate::error::visible(&path.to_string_lossy());
    let hint = match config.baseline.as_ref() {
        None => format!("Commit it, and name it in the configuration, baseline = \"{shown}\", or with --baseline.\n"),
        Some(_) => String::new(),
    };
    let told = format!("{shown}: {words}; {} scanned\n{hint}", counted(report.scanned, "file"));
    output::to_stdout(told.as_bytes())?;
    Ok(0)
}

/// The baseline that is named on the command line, else the configuration's.
pub(super) fn chosen(named: Option<&Path>, config: &Config) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| config.baseline.clone())
}

/// What is told where the configuration names a baseline that is not there.
pub(super) fn missing(path: &Path) -> Notification {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let message = format!(
        "the baseline {} is not there, so that everything is new; `cerbo-lint baseline` makes it",
        crate::error::visible(&name)
    );
    Notification { path: String::new(), line: None, message, skipped: false }
}

fn total(baseline: &Baseline) -> usize {
    baseline.values().sum()
}

fn add(all: &mut Baseline, more: Baseline) {
    for (key, count) in more {
        *all.entry(key).or_insert(0) += count;
    }
}
