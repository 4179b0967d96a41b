//! Shell commands in the fenced blocks of documentation.

use super::{Snippet, lines_of};
use crate::frontend::shell::script::Script;

/// Words behind a fence that say that the block is a script.
const SCRIPTS: &[&str] = &["sh", "bash", "shell", "zsh"];
/// Words behind a fence that say that the block is what a terminal shows: commands stand behind a prompt.
const SESSIONS: &[&str] = &["console", "shell-session", "shellsession", "terminal"];

/// The scripts of a document.
pub(super) fn snippets(text: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    let mut lines = lines_of(text);
    while let Some((start, line)) = lines.next() {
        let Some((fence, language)) = opened(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let session = SESSIONS.contains(&language.as_str());
        let mut script = Script::default();
        let mut end = start + line.len();
        let mut goes_on = false;
        for (at, inner) in lines.by_ref() {
            end = at + inner.len();
            if inner.trim_start().starts_with(fence) && inner.trim().chars().all(|c| fence.starts_with(c)) {
                break;
            }
            let blank = inner.len() - inner.trim_start().len();
            let mut from = blank.min(indent);
            if session && !goes_on {
                let Some(behind) = inner.trim_start().strip_prefix("$ ") else { continue };
                from = inner.len() - behind.len();
            }
            let command = inner.get(from..).unwrap_or("");
            goes_on = command.ends_with('\\');
            script.push(command, at + from);
            script.insert("\n", end);
        }
        if session || SCRIPTS.contains(&language.as_str()) {
            found.push(Snippet { name: format!("block at {start}"), whole: start..end, script });
        }
    }
    found
}

/// The fence that a line opens a block with, and the word behind it.
fn opened(line: &str) -> Option<(&'static str, String)> {
    let rest = line.trim_start();
    let fence = ["```", "~~~"].into_iter().find(|fence| rest.starts_with(fence))?;
    let behind = rest.trim_start_matches(fence.chars().next()?).trim();
    let word = behind.split(|c: char| c.is_whitespace() || matches!(c, '{' | ',' | ':')).next().unwrap_or("");
    Some((fence, word.to_ascii_lowercase()))
}
