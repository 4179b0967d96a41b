//! `suppress`: comments with a reason for what is left; entries of the configuration where a format has no comments.

use super::options::SuppressOptions;
use super::{baseline, configured, known_rule, output, start};
use crate::adopt::comments::above;
use crate::adopt::edits::edited;
use crate::adopt::write::{Change, write_all};
use crate::config::{self, Config};
use crate::error::Error;
use crate::finding::Finding;
use crate::project::kind::FileKind;
use crate::report::{Report, counted};
use crate::scan::{Request, scan};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Findings by path and line: the rules.
type Places = BTreeMap<String, BTreeMap<u32, BTreeSet<&'static str>>>;

/// Accepts every finding that is left.
///
/// # Errors
/// For a reason or date that no comment can hold, and when something cannot be scanned or written.
pub(super) fn suppress(options: &SuppressOptions) -> Result<u8, Error> {
    options.rule.iter().try_for_each(|rule| known_rule(rule))?;
    let words = words(options)?;
    let paths = if options.scan.paths.is_empty() { vec![PathBuf::from(".")] } else { options.scan.paths.clone() };
    let mut request = Request {
        paths,
        select: options.rule.clone(),
        threads: options.scan.threads.unwrap_or(0),
        ..Request::default()
    };
    let config = configured(options.scan.no_config, options.scan.config.as_deref(), &start(&request))?;
    let report = left(&request, &config)?;
    let places = places(&report);
    let mut silent: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut changed: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (path, lines) in &places {
        let whole = report.base.join(path);
        let kind = FileKind::of(&whole);
        let Some(text) = text(&report, path, &whole) else {
            silent.insert(path.clone(), lines.values().flatten().copied().collect());
            continue;
        };
        let mut edits = Vec::new();
        for (line, rules) in lines {
            let names: Vec<&str> = rules.iter().copied().collect();
            match above(kind, &whole, &text, *line, &format!("cerbo-lint: allow({}) {words}", names.join(", "))) {
                Some(edit) => edits.push(edit),
                None => silent.entry(path.clone()).or_default().extend(rules),
            }
        }
        if let Some(after) = edited(&text, &edits).filter(|_| !edits.is_empty()) {
            changed.insert(path.clone(), (text, after));
        }
    }
    // What the comments do is seen before anything is written.
    for (path, (_, after)) in &changed {
        request.texts.insert(report.base.join(path), after.clone().into_bytes());
    }
    let still = self::places(&left(&request, &config)?);
    for (path, lines) in &still {
        let known = silent.get(path).cloned().unwrap_or_default();
        let open: BTreeSet<&'static str> =
            lines.values().flatten().copied().filter(|rule| !known.contains(rule)).collect();
        if !open.is_empty() {
            changed.remove(path);
            let all = places.get(path).into_iter().flat_map(BTreeMap::values).flatten().copied();
            silent.insert(path.clone(), all.collect());
        }
    }
    let mut told = String::new();
    let mut changes = Vec::new();
    for (path, (before, after)) in changed {
        let of_path = places.get(&path).into_iter().flat_map(BTreeMap::values);
        let left_out = silent.get(&path);
        let number: usize = of_path
            .map(|rules| rules.iter().filter(|rule| left_out.is_none_or(|all| !all.contains(*rule))).count())
            .sum();
        let _ = writeln!(told, "{}: {} accepted by comments", crate::error::visible(&path), counted(number, "finding"));
        let path = report.base.join(path);
        changes.push(Change { path, before: Some(before.into_bytes()), after: after.into_bytes() });
    }
    let done = ignore(&config, &report, &silent, options, (&mut changes, &mut told))?;
    write_all(&changes)?;
    if places.is_empty() {
        told.push_str("Nothing is left to accept.\n");
    } else if credentials(&places) {
        told.push_str(
            "A credential that was in the code stays known to whoever saw it: disable it and create a new one.\n",
        );
    }
    output::to_stdout(told.as_bytes())?;
    Ok(u8::from(!done))
}

/// What is said in the comments behind the rules.
fn words(options: &SuppressOptions) -> Result<String, Error> {
    let reason = options.reason.trim();
    let wrong =
        |what: &str| Error::new(format!("`--reason` {what}")).help("say in one line why the code is right as it is");
    if reason.is_empty() {
        return Err(wrong("is empty"));
    }
    if reason.contains(['"', '\\'])
        || reason.chars().any(char::is_control)
        || reason.contains("*/")
        || reason.contains("--")
    {
        return Err(wrong("holds what a comment cannot: quotes, backslashes, line breaks, `*/` or `--`"));
    }
    let Some(until) = &options.until else { return Ok(format!("reason=\"{reason}\"")) };
    let date: jiff::civil::Date = until
        .parse()
        .map_err(|_| Error::new(format!("`--until {until}` is not a date")).help("write it as YYYY-MM-DD"))?;
    if date < crate::today::today() {
        return Err(Error::new(format!("`--until {date}` is over")).help("give the last day on which it holds"));
    }
    Ok(format!("reason=\"{reason}\" until={date}"))
}

/// What neither a comment, the configuration nor the baseline accepts.
fn left(request: &Request, config: &Config) -> Result<Report, Error> {
    let mut report = scan(request, config)?;
    if let Some(path) = baseline::chosen(None, config).filter(|path| path.exists()) {
        let known = crate::baseline::read(&path)?;
        report.partial = true;
        crate::baseline::apply(&mut report, &known, "", false);
    }
    Ok(report)
}

fn places(report: &Report) -> Places {
    let mut all = Places::new();
    for finding in report.open() {
        if let Some((path, line)) = place(report, finding) {
            all.entry(path).or_default().entry(line).or_default().insert(finding.rule);
        }
    }
    all
}

fn place(report: &Report, finding: &Finding) -> Option<(String, u32)> {
    let file = report.sources.get(finding.primary.file)?;
    Some((file.path.clone(), file.position(finding.primary.start).line))
}

fn credentials(places: &Places) -> bool {
    let rules = places.values().flat_map(BTreeMap::values).flatten();
    rules.into_iter().any(|rule| crate::cards::card(rule).is_some_and(|card| card.cwe.contains(&798)))
}

/// The text of a file, where what was read is byte for byte what is on disk.
fn text(report: &Report, path: &str, whole: &Path) -> Option<String> {
    let source = report.sources.iter().find(|(_, file)| file.path == path)?.1.text().to_owned();
    (std::fs::read(whole).ok()?.as_slice() == source.as_bytes()).then_some(source)
}

/// Adds what no comment can accept to the configuration. Gives whether nothing is left.
fn ignore(
    config: &Config,
    report: &Report,
    silent: &BTreeMap<String, BTreeSet<&'static str>>,
    options: &SuppressOptions,
    (changes, told): (&mut Vec<Change>, &mut String),
) -> Result<bool, Error> {
    if silent.is_empty() {
        return Ok(true);
    }
    let own = |path: &PathBuf| {
        !matches!(path.file_name().and_then(|name| name.to_str()), Some("Cargo.toml" | "package.json"))
    };
    let path = match &config.path {
        Some(path) => Some(path.clone()).filter(own),
        None if options.scan.no_config => None,
        None => Some(report.base.join("cerbo-lint.toml")),
    };
    let root = path.as_deref().and_then(Path::parent).unwrap_or(&config.root);
    let mut entries = String::new();
    for (shown, rules) in silent {
        let whole = report.base.join(shown);
        let below = crate::project::walk::show(whole.strip_prefix(root).unwrap_or(&whole), Path::new(""));
        let glob = format!("/{}", globset::escape(&below));
        let rules: Vec<String> = rules.iter().map(|rule| format!("\"{rule}\"")).collect();
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let _ = write!(
            entries,
            "\n[[ignore]]\npaths = [{}]\nrules = [{}]\nreason = {}\n",
            quoted(&glob),
            rules.join(", "),
            quoted(options.reason.trim())
        );
    }
    let Some(path) = path else {
        let _ = writeln!(told, "No comment can stand in these files. Add to the configuration:\n{entries}");
        return Ok(false);
    };
    let before = match path.exists() {
        true => Some(
            std::fs::read_to_string(&path)
                .map_err(|error| Error::new(format!("cannot be read: {}", error.kind())).in_file(&path))?,
        ),
        false => None,
    };
    let text = before.as_deref().unwrap_or("");
    let end = crate::adopt::edits::line_end(text);
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    let entries = entries.replace('\n', end);
    let after = if text.is_empty() { entries.trim_start().to_owned() } else { format!("{text}{gap}{entries}") };
    config::parse(&path, &after, &crate::cards::ids())?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for shown in silent.keys() {
        let until = if options.until.is_some() { "; such an entry has no end, the date is not kept" } else { "" };
        let _ = writeln!(
            told,
            "{}: no comment can stand there; its rules are silent for the whole file by an entry of {name}{until}",
            crate::error::visible(shown)
        );
    }
    changes.push(Change { path, before: before.map(String::into_bytes), after: after.into_bytes() });
    Ok(true)
}
