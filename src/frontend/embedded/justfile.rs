//! Recipes of `just`: each is a script, with the variables of the file and the recipes it needs before its own lines. Each
//! line runs in a shell of its own, unless the recipe begins with the name of an interpreter.

use super::words::{export, variable_for};
use super::{Snippet, lines_of};
use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::PutIn;
use std::path::Path;

/// Whether a file is read by just, by its path.
pub(super) fn is_justfile(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    matches!(name.as_str(), "justfile" | ".justfile") || name.ends_with(".just")
}

struct Recipe {
    name: String,
    needs: Vec<(String, usize)>,
    start: usize,
    end: usize,
    /// What sets its parameters to what they are when they are not given.
    parameters: Script,
    /// Its lines, without indents and marks.
    lines: Vec<Script>,
    /// The interpreter that its first line names is no shell.
    foreign: bool,
    /// One shell runs all of it.
    whole: bool,
}

/// The scripts of a file.
pub(super) fn snippets(text: &str) -> Vec<Snippet> {
    let mut variables = Script::default();
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut open = false;
    for (start, line) in lines_of(text) {
        if line.starts_with([' ', '\t']) {
            if let Some(recipe) = recipes.last_mut().filter(|_| open) {
                recipe_line(line, start, recipe);
            }
            continue;
        }
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            continue;
        }
        open = false;
        if trimmed.starts_with(['#', '[', '}', ']']) || trimmed.starts_with("set ") {
            continue;
        }
        if let Some((name, value)) = trimmed.split_once(":=") {
            let name = name.trim().trim_start_matches("export ").trim();
            let at = start + trimmed.len() - value.trim_start().len();
            let held = expression(value.trim(), at);
            export(name, start, &held, PutIn::Never, true, &mut variables);
            continue;
        }
        if let Some(recipe) = head(trimmed, start) {
            recipes.push(recipe);
            open = true;
        }
    }
    let known: Vec<String> = recipes.iter().map(|recipe| recipe.name.clone()).collect();
    recipes.into_iter().filter(|recipe| !recipe.foreign).map(|recipe| snippet(recipe, &variables, &known)).collect()
}

fn snippet(recipe: Recipe, variables: &Script, known: &[String]) -> Snippet {
    let mut script = variables.clone();
    for (need, place) in recipe.needs.iter().filter(|(need, _)| known.contains(need) && *need != recipe.name) {
        script.insert(&format!("just {need}\n"), *place);
    }
    script.append(&recipe.parameters);
    for line in &recipe.lines {
        let (from, to) = (line.place(0), line.place(line.text.len()));
        let (before, behind) = if recipe.whole { ("", "\n") } else { ("( ", "\n)\n") };
        script.insert(before, from);
        interpolated(line, &mut script);
        script.insert(behind, to);
    }
    Snippet { name: format!("just {}", recipe.name), whole: recipe.start..recipe.end, script }
}

fn recipe_line(line: &str, start: usize, recipe: &mut Recipe) {
    let body = line.trim_start();
    let at = start + (line.len() - body.len());
    recipe.end = start + line.len();
    if recipe.lines.is_empty()
        && let Some(interpreter) = body.strip_prefix("#!")
    {
        recipe.whole = true;
        recipe.foreign = !crate::project::shell::is_script(format!("#!{interpreter}").as_bytes());
        recipe.lines.push(Script::default());
        return;
    }
    // A line that goes on belongs to the one before.
    if let Some(last) = recipe.lines.last_mut().filter(|last| last.text.ends_with('\\')) {
        last.insert("\n", at);
        last.push(body, at);
        return;
    }
    let command = if recipe.whole { body } else { body.trim_start_matches(['@', '-']) };
    recipe.lines.push(Script::plain(command, at + (body.len() - command.len())));
}

/// `name parameter other="default" *rest: need (need "argument") && later`
fn head(line: &str, start: usize) -> Option<Recipe> {
    let mut quote = None;
    let sign = line.char_indices().find(|(_, c)| match (quote, *c) {
        (Some(open), c) if c == open => {
            quote = None;
            false
        }
        (None, '"' | '\'' | '`') => {
            quote = Some(*c);
            false
        }
        (None, ':') => true,
        _ => false,
    });
    let (sign, _) = sign?;
    let before = line.get(..sign)?;
    let name = before.split_whitespace().next()?.trim_start_matches('@');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let mut parameters = Script::default();
    for (at, _) in before.match_indices('=') {
        let name = before.get(..at)?.rsplit(char::is_whitespace).next()?.trim_start_matches(['+', '*', '$']);
        let value = before.get(at + 1..)?;
        let length = match value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => value.get(1..)?.find(quote).map(|length| length + 2),
            None => value.find(char::is_whitespace),
        };
        let held = expression(value.get(..length.unwrap_or(value.len()))?, start + at + 1);
        export(name, start + at, &held, PutIn::Never, true, &mut parameters);
    }
    let mut needs = Vec::new();
    let mut at = sign + 1;
    for word in line.get(at..)?.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '&')) {
        if !word.is_empty() && word.chars().all(plain) {
            needs.push((word.to_owned(), start + at));
        }
        at += word.len() + 1;
    }
    let name = name.to_owned();
    let lines = Vec::new();
    Some(Recipe { name, needs, start, end: start + line.len(), parameters, lines, foreign: false, whole: false })
}

/// What the shell would write for a value: a text in quotes, a command between backticks, a variable of the environment.
fn expression(value: &str, at: usize) -> Script {
    let mut script = Script::default();
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(text) = inner('"').or_else(|| inner('\'')).filter(|text| !text.contains(['"', '\''])) {
        return Script::plain(text, at + 1);
    }
    if let Some(command) = inner('`') {
        script.insert("$(", at);
        script.push(command, at + 1);
        script.insert(")", at + value.len());
        return script;
    }
    let call = ["env_var_or_default(", "env_var(", "env("].iter().find_map(|name| value.strip_prefix(name));
    if let Some(arguments) = call.and_then(|rest| rest.strip_suffix(')')) {
        let base = at + value.len() - 1 - arguments.len();
        let (name, default) = arguments.split_once(',').unwrap_or((arguments, ""));
        script.insert("${", at);
        script.insert(name.trim().trim_matches(['"', '\'']), base);
        let default_at = base + arguments.len() - default.trim_start().len();
        let text = default.trim().trim_matches(['"', '\'']);
        if !text.is_empty() {
            script.insert(":-", default_at);
            script.push(text, default_at + usize::from(default.trim().starts_with(['"', '\''])));
        }
        script.insert("}", at + value.len());
        return script;
    }
    // Anything else is not known.
    script.insert("${_}", at);
    script
}

/// A line with what is put into it: `{{name}}` becomes `${name}`.
fn interpolated(line: &Script, script: &mut Script) {
    let text = line.text.as_str();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find("{{")) {
        script.push_part(line, at..at + next);
        at += next;
        let Some(length) = text.get(at..).and_then(|rest| rest.find("}}")).map(|length| length + 2) else { break };
        let inner = text.get(at + 2..at + length - 2).unwrap_or("").trim();
        let plain = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        variable_for(line, at..at + length, if plain { inner } else { "_" }, script);
        at += length;
    }
    script.push_part(line, at..text.len());
}
