//! Make files: each target is a script, with the variables of the file and the targets it needs before its own lines. Each
//! line of a recipe runs in a shell of its own, unless the file says `.ONESHELL`.

use super::words::{export, variable_for};
use super::{Snippet, lines_of};
use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::PutIn;
use std::path::Path;

/// Whether a file is read by make, by its path.
pub(super) fn is_makefile(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    matches!(name.as_str(), "Makefile" | "makefile" | "GNUmakefile")
        || name.ends_with(".mk")
        || name.starts_with("Makefile.")
}

struct Target {
    names: Vec<String>,
    needs: Vec<(String, usize)>,
    start: usize,
    end: usize,
    script: Script,
}

/// The scripts of a make file.
pub(super) fn snippets(text: &str) -> Vec<Snippet> {
    let mut variables = Script::default();
    let mut targets: Vec<Target> = Vec::new();
    let one_shell = lines_of(text).any(|(_, line)| line.starts_with(".ONESHELL"));
    let mut open = false;
    let mut lines = lines_of(text);
    while let Some((start, line)) = lines.next() {
        let mut whole = Script::default();
        let mut end = start + line.len();
        whole.push(line, start);
        while whole.text.ends_with('\\') {
            let Some((at, next)) = lines.next() else { break };
            whole.push("\n", end);
            whole.push(next, at);
            end = at + next.len();
        }
        if whole.text.starts_with('\t') {
            if let Some(target) = targets.last_mut().filter(|_| open) {
                let recipe = whole.text.trim_start();
                let recipe = recipe.trim_start_matches(['@', '-', '+']).trim_start();
                let from = whole.text.len() - recipe.len();
                recipe_line(&whole, from, end, one_shell, &mut target.script);
                target.end = end;
            }
            continue;
        }
        let trimmed = whole.text.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = variable(&whole.text) {
            let mut held = Script::default();
            let mut raw = Script::default();
            raw.push_part(&whole, value..whole.text.trim_end().len().max(value));
            expanded(&raw, 0, &mut held);
            export(name, whole.place(0), &held, PutIn::Never, true, &mut variables);
            continue;
        }
        open = false;
        let Some((names, rest)) = rule(&whole.text) else { continue };
        let needs_end = rest.find([';', '#', '|']).unwrap_or(rest.len());
        let from = whole.text.len() - rest.len();
        let mut needs = Vec::new();
        let mut at = 0;
        for word in rest.get(..needs_end).unwrap_or("").split_whitespace() {
            let found = rest.get(at..).and_then(|rest| rest.find(word)).map_or(at, |offset| at + offset);
            needs.push((word.to_owned(), whole.place(from + found)));
            at = found + word.len();
        }
        let mut script = Script::default();
        if let Some(recipe) = rest.find(';').filter(|sign| *sign == needs_end) {
            recipe_line(&whole, from + recipe + 1, end, one_shell, &mut script);
        }
        open = true;
        targets.push(Target { names, needs, start, end, script });
    }
    let known: Vec<String> = targets.iter().flat_map(|target| target.names.clone()).collect();
    let first = known.iter().find(|name| !name.starts_with('.')).cloned();
    let mut found = Vec::new();
    for target in targets {
        for name in target.names.iter().filter(|name| !name.starts_with('.')) {
            let mut script = variables.clone();
            for (need, place) in target.needs.iter().filter(|(need, _)| known.contains(need) && need != name) {
                script.insert(&format!("make {need}\n"), *place);
            }
            script.append(&target.script);
            // Without a name the first target is made.
            if first.as_ref() == Some(name) {
                let whole = target.start..target.start;
                let mut script = Script::default();
                script.insert(&format!("make {name}"), target.start);
                found.push(Snippet { name: "make ".to_owned(), whole, script });
            }
            found.push(Snippet { name: format!("make {name}"), whole: target.start..target.end, script });
        }
    }
    found
}

/// A line of a recipe, from an offset on, that ends at a place of the file.
fn recipe_line(line: &Script, from: usize, end: usize, one_shell: bool, script: &mut Script) {
    let (open, close) = if one_shell { ("", "\n") } else { ("( ", "\n)\n") };
    script.insert(open, line.place(from));
    expanded(line, from, script);
    script.insert(close, end);
}

/// `NAME := value`: the name, and where the value begins.
fn variable(line: &str) -> Option<(&str, usize)> {
    let sign = line.find('=')?;
    let name = line.get(..sign)?.trim_end_matches([':', '?', '+', '!']).trim();
    let name = name.strip_prefix("export ").or_else(|| name.strip_prefix("override ")).unwrap_or(name).trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let value = line.get(sign + 1..)?;
    plain.then(|| (name, sign + 1 + (value.len() - value.trim_start().len())))
}

/// `targets: needs`
fn rule(line: &str) -> Option<(Vec<String>, &str)> {
    let sign = line.find(':')?;
    let rest = line.get(sign + 1..)?.trim_start_matches(':');
    if rest.starts_with('=') || line.starts_with([' ', '-']) || line.contains("define ") {
        return None;
    }
    let names: Vec<String> = line.get(..sign)?.split_whitespace().map(str::to_owned).collect();
    Some((names, rest))
}

/// A recipe as the shell sees it: `$(NAME)` becomes `${NAME}`, `$$` a dollar sign, `$(shell …)` a command.
fn expanded(line: &Script, from: usize, script: &mut Script) {
    let text = line.text.as_str();
    let mut at = from;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('$')) {
        script.push_part(line, at..at + next);
        at += next;
        let rest = text.get(at..).unwrap_or("");
        if rest.starts_with("$$") {
            script.push_part(line, at + 1..at + 2);
            at += 2;
            continue;
        }
        let close = match rest.get(1..2) {
            Some("(") => ')',
            Some("{") => '}',
            // `$@`, `$<`
            _ => {
                script.insert("${_}", line.place(at));
                at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
                continue;
            }
        };
        let Some(length) = rest.find(close) else {
            script.push_part(line, at..text.len());
            return;
        };
        let inner = rest.get(2..length).unwrap_or("");
        if let Some(command) = inner.strip_prefix("shell ") {
            let command_at = at + length - command.len();
            script.insert("$(", line.place(at));
            script.push_part(line, command_at..at + length);
            script.insert(")", line.place(at + length));
        } else {
            let plain = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            variable_for(line, at..at + length + 1, if plain { inner } else { "_" }, script);
        }
        at += length + 1;
    }
    script.push_part(line, at..text.len());
}
