//! Where reports go. A file is written whole or not at all.

use super::options::{Format, ReportOptions};
use crate::error::{Error, suggestion};
use crate::report::document::Document;
use crate::report::human::Style;
use crate::report::jsonl::Labels;
use crate::report::{
    Report, cargo, checkstyle, concise, github, gitlab, human, json, jsonl, junit, markdown, rdjson, sarif,
};
use clap::ValueEnum as _;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A format and the file it goes to; none is standard output.
pub(super) type Target = (Format, Option<PathBuf>);

/// Reads `--format` and `--output`; `usual` is what goes to standard output when neither says so.
///
/// # Errors
/// When an output names no format or no file, its folder is not there, or two reports go to standard output.
pub(super) fn targets(options: &ReportOptions, usual: Format) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for text in &options.output {
        let Some((name, file)) = text.split_once('=') else {
            return Err(Error::new(format!("`--output {text}` names no file")).help("write --output sarif=FILE"));
        };
        let Ok(format) = Format::from_str(name, false) else {
            let valid: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            let valid: Vec<&str> = valid.iter().map(String::as_str).collect();
            return Err(Error::new(format!("unknown format `{name}`")).help(suggestion(name, &valid)));
        };
        if file.is_empty() {
            return Err(Error::new(format!("`--output {text}` names no file")).help("write a file behind `=`, or `-`"));
        }
        let path = (file != "-").then(|| PathBuf::from(file));
        if let Some(path) = &path {
            writable(path)?;
            if targets.iter().any(|(_, other)| other.as_ref() == Some(path)) {
                return Err(Error::new("two reports go to this file").in_file(path).help("name a file for each"));
            }
        }
        targets.push((format, path));
    }
    let to_stdout = targets.iter().any(|(_, path)| path.is_none());
    match options.format {
        Some(_) if to_stdout => {
            return Err(
                Error::new("two reports go to standard output").help("leave out --format or write one to a file")
            );
        }
        Some(format) => targets.push((format, None)),
        None if !to_stdout => targets.push((usual, None)),
        None => {}
    }
    if targets.iter().filter(|(_, path)| path.is_none()).count() > 1 {
        return Err(Error::new("two reports go to standard output").help("write one of them to a file"));
    }
    Ok(targets)
}

/// A wrong folder is told before the work, not after it.
///
/// # Errors
/// When the folder of the file is not there, or it is a folder itself.
pub(super) fn writable(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Error::new("cannot be written: its folder does not exist")
            .in_file(path)
            .help("make the folder first"));
    }
    if path.is_dir() {
        return Err(Error::new("cannot be written: it is a folder").in_file(path).help("name a file in it"));
    }
    Ok(())
}

/// What is written.
pub(super) struct Shown<'r> {
    /// The report with its sources; none when it was read from files.
    pub report: Option<&'r Report>,
    /// What it says.
    pub document: &'r Document,
    /// How the report for people looks.
    pub style: Style,
}

impl Shown<'_> {
    fn render(&self, format: Format, style: Style, options: &ReportOptions) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let out = &mut bytes;
        match (format, self.report) {
            (Format::Human, Some(report)) => human::write(report, style, out),
            // Without the sources there are no excerpts.
            (Format::Human | Format::Concise, _) => concise::write(self.document, out),
            (Format::Cargo, Some(report)) => cargo::write(report, style, out),
            (Format::Cargo, None) => concise::write(self.document, out),
            (Format::Json, _) => json::write(self.document, out),
            (Format::Jsonl, _) => {
                jsonl::write(self.document, &Labels { repo: options.repo.clone(), rev: options.rev.clone() }, out)
            }
            (Format::Sarif, _) => sarif::write(self.document, options.sarif_category.as_deref(), out),
            (Format::Github, _) => github::write(self.document, out),
            (Format::Gitlab, _) => gitlab::write(self.document, out),
            (Format::Junit, _) => junit::write(self.document, out),
            (Format::Checkstyle, _) => checkstyle::write(self.document, out),
            (Format::Rdjson, _) => rdjson::write(self.document, out),
            (Format::Markdown, _) => markdown::write(self.document, out),
        }?;
        Ok(bytes)
    }
}

/// Writes every report.
///
/// # Errors
/// When a file cannot be written. A closed standard output is no error.
pub(super) fn write(targets: &[Target], shown: &Shown<'_>, options: &ReportOptions) -> Result<(), Error> {
    let mut rendered_all = Vec::new();
    for (format, path) in targets {
        let style = Style { color: shown.style.color && path.is_none(), ..shown.style };
        let bytes = shown
            .render(*format, style, options)
            .map_err(|error| Error::new(format!("the report could not be made: {}", error.kind())))?;
        rendered_all.push((path, bytes));
    }
    // Files first: a reader of standard output may end the run by closing it.
    rendered_all.sort_by_key(|(path, _)| path.is_none());
    for (path, bytes) in rendered_all {
        match path {
            None => to_stdout(&bytes)?,
            Some(path) => to_file(path, &bytes)?,
        }
    }
    Ok(())
}

/// Writes to standard output.
///
/// # Errors
/// When it cannot be written to for another reason than a closed pipe.
pub(super) fn to_stdout(bytes: &[u8]) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("standard output cannot be written: {}", error.kind())))
        }
        _ => Ok(()),
    }
}

/// Writes beside the file first, so that a full disk leaves the old one.
///
/// # Errors
/// When it cannot be written.
pub(super) fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(format!("cannot be written: {}", error.kind())).in_file(path);
    // A device or pipe cannot be replaced.
    if std::fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let mut name = path.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(format!(".{}.tmp", std::process::id()));
    // What a link leads to is written, and stays as open to others as it was.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = path.with_file_name(name);
    let written = match std::fs::metadata(path) {
        Ok(data) => in_private(&beside, bytes).and_then(|()| std::fs::set_permissions(&beside, data.permissions())),
        Err(_) => std::fs::write(&beside, bytes),
    };
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

/// Writes a file that nobody else can read, until its permissions are set.
fn in_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}
