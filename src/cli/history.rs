//! `history`: credentials that ever were in a repository.

use super::options::{Format, HistoryOptions, ReportOptions};
use super::output::Shown;
use super::{configured, output, progress};
use crate::error::Error;
use crate::history::{HistoryRequest, history as look};
use crate::report::history as report;
use crate::report::human::Style;
use std::path::PathBuf;
use std::sync::Arc;

/// Prints them. The exit code is 1 when there are any.
///
/// # Errors
/// When there is no repository, it cannot be read, or the output fails.
pub(super) fn history(options: &HistoryOptions) -> Result<u8, Error> {
    let path = options.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let config = configured(options.no_config, options.config.as_deref(), &path)?;
    let request = HistoryRequest { path, threads: options.threads.unwrap_or(0), progress: Arc::default() };
    let shown = progress::show(&request.progress, !options.quiet);
    let history = look(&request, &config);
    drop(shown);
    let history = history?;
    match options.format {
        Format::Human => output::to_stdout(report::human(&history, options.quiet).as_bytes())?,
        Format::Json => output::to_stdout(report::json(&history).as_bytes())?,
        format => {
            let style = Style { color: false, width: 0, quiet: options.quiet, verbose: false };
            let shown = Shown { report: None, document: &report::document(&history), style };
            output::write(&[(format, None)], &shown, &ReportOptions::default())?;
        }
    }
    Ok(u8::from(!history.credentials.is_empty() && !options.exit_zero))
}
