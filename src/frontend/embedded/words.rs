//! Words that no shell splits, and values that formats put in, as the shell would write them.

use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::PutIn;
use std::ops::Range;

/// Programs that run a line they are given behind `-c`.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh"];

/// A word of a command.
pub(super) struct Word {
    /// Its text.
    pub script: Script,
    /// It stands as a word of its own; else the shell's rules split it.
    pub whole: bool,
}

/// The command that words make.
pub(super) fn command(words: &[Word], put_in: PutIn) -> Script {
    let is_shell = |word: &Word| {
        let text = word.script.text.as_str();
        word.whole && SHELLS.contains(&text.rsplit('/').next().unwrap_or(text))
    };
    let behind = words.iter().position(is_shell).and_then(|at| {
        let option = |word: &Word| word.script.text.starts_with('-') && word.script.text.ends_with('c');
        Some(at + 1 + words.get(at + 1..)?.iter().position(option)?)
    });
    if let Some(line) = behind.and_then(|at| words.get(at + 1)) {
        return filled(&line.script, false, put_in);
    }
    let mut script = Script::default();
    for (index, word) in words.iter().enumerate() {
        let place = word.script.place(0);
        if index > 0 {
            script.insert(" ", place);
        }
        match word.whole {
            true => quoted(&word.script, put_in, false, &mut script),
            false => script.append(&filled(&word.script, false, put_in)),
        }
    }
    script
}

/// `export NAME="value"` for a value that stands in the file. `expands`: dollar signs in it name variables.
pub(super) fn export(name: &str, name_at: usize, value: &Script, put_in: PutIn, expands: bool, script: &mut Script) {
    let is_name = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !is_name {
        return;
    }
    script.insert("export ", name_at);
    script.push(name, name_at);
    script.insert("=", name_at);
    quoted(value, put_in, expands, script);
    script.insert("\n", value.place(value.text.len()));
}

/// A text as one word.
fn quoted(word: &Script, put_in: PutIn, expands: bool, script: &mut Script) {
    let text = word.text.as_str();
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '=' | '@' | ',' | '+' | '%');
    if !text.is_empty() && text.chars().all(plain) {
        script.append(word);
        return;
    }
    script.insert("\"", word.place(0));
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let place = word.place(at);
        if c == '$'
            && let Some((name, length)) = put_in_at(text, at, put_in)
        {
            variable_for(word, at..at + length, &name, script);
            at += length;
            continue;
        }
        if matches!(c, '"' | '\\' | '`') || c == '$' && !expands {
            script.insert("\\", place);
        }
        script.push_part(word, at..at + c.len_utf8());
        at += c.len_utf8();
    }
    script.insert("\"", word.place(text.len().saturating_sub(1)));
}

/// A script with everything put in that the format puts in before the shell sees it.
pub(super) fn filled(script: &Script, expressions: bool, put_in: PutIn) -> Script {
    let text = script.text.as_str();
    let mut made = Script::default();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('$')) {
        made.push_part(script, at..at + next);
        at += next;
        let expression = if expressions { expression_at(text, at) } else { None };
        match expression.or_else(|| put_in_at(text, at, put_in)) {
            Some((name, length)) => {
                variable_for(script, at..at + length, &name, &mut made);
                at += length;
            }
            None if put_in == PutIn::Dollars && text.get(at + 1..).is_some_and(|rest| rest.starts_with('$')) => {
                made.push_part(script, at..at + 1);
                at += 2;
            }
            None => {
                made.push_part(script, at..at + 1);
                at += 1;
            }
        }
    }
    made.push_part(script, at..text.len());
    made
}

/// `${NAME}` for a range of another script, the name where it stands in it.
pub(super) fn variable_for(other: &Script, range: Range<usize>, name: &str, script: &mut Script) {
    script.insert("${", other.place(range.start));
    match other.text.get(range.clone()).and_then(|raw| raw.find(name)) {
        Some(at) => script.push_part(other, range.start + at..range.start + at + name.len()),
        None => script.insert(name, other.place(range.start)),
    }
    script.insert("}", other.place(range.end.saturating_sub(1)));
}

/// The variable that `${{ … }}` stands for, and the length of it all.
fn expression_at(text: &str, at: usize) -> Option<(String, usize)> {
    let inner = text.get(at..)?.strip_prefix("${{")?;
    let length = inner.find("}}")?;
    Some((variable(inner.get(..length)?), length + 5))
}

/// The variable that an expression names: `secrets.NAME` is `NAME`, `github.run_id` is `GITHUB_RUN_ID`.
pub(super) fn variable(expression: &str) -> String {
    let first = expression.split("||").next().unwrap_or("").split("&&").next().unwrap_or("").trim();
    let name = ["secrets.", "env.", "vars.", "inputs."].iter().find_map(|scope| first.strip_prefix(scope));
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    match name {
        Some(name) => name.chars().map(plain).collect(),
        None => format!("_{}", first.chars().map(plain).collect::<String>().to_ascii_uppercase()),
    }
}

/// `$(NAME)`: the variable, and the length of it all.
fn put_in_at(text: &str, at: usize, put_in: PutIn) -> Option<(String, usize)> {
    let inner = text.get(at..)?.strip_prefix("$(").filter(|_| put_in == PutIn::Parentheses)?;
    let length = inner.find(')')?;
    let name = inner.get(..length)?;
    // Programs have names in small letters: `$(date)` is run by the shell.
    let telling = name.contains(|c: char| c.is_ascii_uppercase() || matches!(c, '.' | '_'));
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    (telling && plain).then(|| (name.replace(['.', '-'], "_"), length + 3))
}
