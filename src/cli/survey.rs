//! `permissions` and `audit`: what a scan tells about a project beside its findings.

use super::options::{AuditFormat, AuditOptions, PermissionsFormat, PermissionsOptions, ScanOptions};
use super::{configured, output, start};
use crate::config::Config;
use crate::error::Error;
use crate::report::Report;
use crate::report::audit::audit as judge;
use crate::report::permissions::needs;
use crate::scan::{Request, scan};
use std::path::PathBuf;

/// Prints what the project needs of the API.
///
/// # Errors
/// When the scan or the output fails.
pub(super) fn permissions(options: &PermissionsOptions) -> Result<u8, Error> {
    let (report, _) = scanned(&options.scan, false)?;
    let needs = needs(&report);
    let text = match options.format {
        PermissionsFormat::Human => needs.human(),
        PermissionsFormat::Json => needs.json(),
        PermissionsFormat::Toml => needs.toml(),
        PermissionsFormat::Text => needs.message(),
    };
    output::to_stdout(text.as_bytes())?;
    Ok(0)
}

/// Prints every practice with its state. The exit code is 1 when one is broken.
///
/// # Errors
/// When the scan or the output fails.
pub(super) fn audit(options: &AuditOptions) -> Result<u8, Error> {
    let (report, config) = scanned(&options.scan, true)?;
    let audit = judge(&report, &config, &project(&options.scan), crate::today::today());
    let text = match options.format {
        AuditFormat::Human => audit.human(),
        AuditFormat::Json => audit.json(),
        AuditFormat::Markdown => audit.markdown(),
        AuditFormat::Html => audit.html(&report),
    };
    output::to_stdout(text.as_bytes())?;
    Ok(u8::from(audit.is_broken() && !options.exit_zero))
}

/// The name of what is scanned: its folder's.
fn project(options: &ScanOptions) -> String {
    let path = options.paths.first().cloned().unwrap_or_else(|| PathBuf::from("."));
    let whole = std::fs::canonicalize(&path).unwrap_or(path);
    whole.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn scanned(options: &ScanOptions, include_suppressed: bool) -> Result<(Report, Config), Error> {
    let paths = if options.paths.is_empty() { vec![PathBuf::from(".")] } else { options.paths.clone() };
    let request = Request { paths, threads: options.threads.unwrap_or(0), include_suppressed, ..Request::default() };
    let config = configured(options.no_config, options.config.as_deref(), &start(&request))?;
    Ok((scan(&request, &config)?, config))
}
