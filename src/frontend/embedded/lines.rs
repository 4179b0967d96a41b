//! Scripts in files of lines: crontabs, systemd units, Procfiles.

use super::words::export;
use super::{Snippet, lines_of};
use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::PutIn;
use std::path::Path;

/// Whether a file is a unit that starts programs.
pub(super) fn is_unit(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "service")
}

/// Whether a file names the programs of an application.
pub(super) fn is_procfile(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Procfile"))
}

/// A crontab: lines of times and a command, and lines that set variables for those below.
pub(super) fn crontab(path: &Path, text: &str) -> Vec<Snippet> {
    let mut environment = Script::default();
    let mut found = Vec::new();
    for (start, line) in lines_of(text) {
        let trimmed = line.trim_start();
        let at = start + (line.len() - trimmed.len());
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = trimmed.split_once('=')
            && name.trim().chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            assignment(name, value, at, &mut environment, false);
            continue;
        }
        let fields = if trimmed.starts_with('@') { 1 } else { 5 };
        let Some(mut command) = behind_fields(trimmed, fields) else { continue };
        if has_user(path, command) {
            let Some(rest) = behind_fields(command, 1) else { continue };
            command = rest;
        }
        let from = at + trimmed.len() - command.len();
        let mut script = environment.clone();
        // What stands behind a percent sign is what the command reads.
        let mut end = 0;
        for (index, _) in command.match_indices('%') {
            match command.get(..index).and_then(|before| before.strip_suffix('\\')) {
                Some(before) => {
                    script.push(command.get(end..before.len()).unwrap_or(""), from + end);
                    end = index;
                }
                None => break,
            }
        }
        let rest = command.get(end..).unwrap_or("");
        let rest = match rest
            .char_indices()
            .skip(1)
            .find(|(at, c)| *c == '%' && !rest.get(..*at).is_some_and(|b| b.ends_with('\\')))
        {
            Some((at, _)) => rest.get(..at).unwrap_or(""),
            None => rest,
        };
        script.push(rest, from + end);
        found.push(Snippet { name: format!("line {}", found.len() + 1), whole: from..at + trimmed.len(), script });
    }
    found
}

/// Crontabs of the system name the user who runs the command.
fn has_user(path: &Path, command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or("");
    let system = path.parent().is_some_and(|folder| folder.ends_with("cron.d") || folder.ends_with("etc"));
    let word = !first.is_empty()
        && first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    first == "root" || system && word
}

/// What stands behind so many fields of a line.
fn behind_fields(line: &str, fields: usize) -> Option<&str> {
    let mut rest = line;
    for _ in 0..fields {
        let end = rest.find(char::is_whitespace)?;
        rest = rest.get(end..)?.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

/// `NAME = "value"` that starts at an offset.
pub(super) fn assignment(name: &str, value: &str, at: usize, script: &mut Script, expands: bool) {
    let from = at + name.len() + 1 + (value.len() - value.trim_start().len());
    let inner = value.trim();
    let bare = inner.trim_matches(['"', '\'']);
    let from = from + (inner.len() - inner.trim_start_matches(['"', '\'']).len());
    export(name.trim(), at, &Script::plain(bare, from), PutIn::Never, expands, script);
}

/// A unit: the programs it starts, with the variables it sets.
pub(super) fn unit(path: &Path, text: &str) -> Vec<Snippet> {
    let mut environment = Script::default();
    let mut commands = Vec::new();
    let mut lines = lines_of(text);
    while let Some((start, line)) = lines.next() {
        let mut whole = start..start + line.len();
        let mut parts = vec![(start, line)];
        while parts.last().is_some_and(|(_, line)| line.ends_with('\\')) {
            let Some((at, next)) = lines.next() else { break };
            whole.end = at + next.len();
            parts.push((at, next));
        }
        let mut joined = Script::default();
        for (at, part) in parts {
            joined.push(part.strip_suffix('\\').unwrap_or(part), at);
            joined.insert(" ", at + part.len());
        }
        let Some((key, value)) = joined.text.split_once('=') else { continue };
        let from = key.len() + 1;
        match key.trim() {
            "Environment" => pairs(&joined, from, &mut environment),
            "ExecStart" | "ExecStartPre" | "ExecStartPost" => {
                let command = value.trim_start().trim_start_matches(['-', '@', '+', '!', ':']);
                let from = joined.text.len() - command.len();
                let mut script = Script::default();
                script.push_part(&joined, from..joined.text.len());
                commands.push((whole, script));
            }
            _ => {}
        }
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let snippet = |(whole, command): (std::ops::Range<usize>, Script)| {
        let mut script = environment.clone();
        script.append(&command);
        Snippet { name: format!("unit {name}"), whole, script }
    };
    commands.into_iter().map(snippet).collect()
}

/// `A=one "B=two three"`
fn pairs(line: &Script, from: usize, environment: &mut Script) {
    let mut at = from;
    while let Some(rest) = line.text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = at + usize::from(quote.is_some());
        let body = line.text.get(inner..).unwrap_or("");
        let length = match quote {
            Some(quote) => body.find(quote),
            None => body.find(char::is_whitespace),
        };
        let length = length.unwrap_or(body.len());
        if let Some((name, value)) = body.get(..length).and_then(|pair| pair.split_once('=')) {
            let start = inner + name.len() + 1;
            let mut script = Script::default();
            script.push_part(line, start..start + value.len());
            export(name, line.place(inner), &script, PutIn::Never, false, environment);
        }
        at = inner + length + usize::from(quote.is_some());
    }
}

/// A Procfile: `web: command`.
pub(super) fn procfile(text: &str) -> Vec<Snippet> {
    let of = |(start, line): (usize, &str)| {
        let (name, command) = line.split_once(':').filter(|(name, _)| !name.starts_with('#'))?;
        let from = start + line.len() - command.trim_start().len();
        let whole = from..start + line.len();
        Some(Snippet { name: format!("process {name}"), whole, script: Script::plain(command.trim_start(), from) })
    };
    lines_of(text).filter_map(of).collect()
}
