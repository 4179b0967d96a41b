//! `history`: credentials that ever were in a repository.

use super::options::{HistoryOptions, RulesFormat};
use super::{configured, output, progress};
use crate::error::Error;
use crate::history::{HistoryRequest, history as look};
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
    let text = match options.format {
        RulesFormat::Human => crate::report::history::human(&history, options.quiet),
        RulesFormat::Json => crate::report::history::json(&history),
    };
    output::to_stdout(text.as_bytes())?;
    Ok(u8::from(!history.credentials.is_empty() && !options.exit_zero))
}
