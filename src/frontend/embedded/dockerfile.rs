//! How an image is built and what it starts: `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK`, with the values of `ARG` and `ENV`.

use super::decoded::unescaped;
use super::lines::assignment;
use super::words::{Word, command};
use super::{Snippet, lines_of};
use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::PutIn;

/// The scripts of a recipe.
pub(super) fn snippets(text: &str) -> Vec<Snippet> {
    let mut found: Vec<Snippet> = Vec::new();
    let mut environment = Script::default();
    // The words of `ENTRYPOINT` that those of `CMD` stand behind.
    let mut entry: Option<(usize, Vec<Word>)> = None;
    let mut lines = lines_of(text).peekable();
    while let Some((start, first)) = lines.next() {
        let trimmed = first.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let mut script = Script::default();
        let mut end = start + first.len();
        let mut line = (start + (first.len() - trimmed.len()), trimmed);
        loop {
            let goes_on = line.1.trim_end().ends_with('\\');
            script.push(line.1, line.0);
            if !goes_on {
                break;
            }
            // Comments and empty lines inside an instruction are no part of it.
            let skipped = |(_, line): &(usize, &str)| line.trim().is_empty() || line.trim_start().starts_with('#');
            while lines.next_if(skipped).is_some() {}
            let Some(next) = lines.next() else { break };
            script.push("\n", end);
            end = next.0 + next.1.len();
            line = next;
        }
        let word = script.text.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
        let body = script.text.len() - script.text.get(word.len()..).unwrap_or("").trim_start().len();
        let (body, inner) = without_flags(&script, body);
        match word.as_str() {
            "ENV" | "ARG" => values(&inner, &mut environment),
            "FROM" => entry = None,
            "RUN" => {
                let mut inner = inner;
                for (mark, tabs) in marks(&inner.text) {
                    inner.insert("\n", end);
                    for (at, line) in lines.by_ref() {
                        inner.push(line, at);
                        inner.insert("\n", at + line.len());
                        end = at + line.len();
                        let line = if tabs { line.trim_start_matches('\t') } else { line };
                        if line == mark {
                            break;
                        }
                    }
                }
                let from = script.place(body);
                let run = match words(&inner) {
                    Some(words) => command(&words, PutIn::Never),
                    None => document(inner),
                };
                found.push(snippet("RUN", from, end, &environment, &run));
            }
            "ENTRYPOINT" | "CMD" | "HEALTHCHECK" => {
                let from = script.place(body);
                let listed = words(&inner);
                let whole = |words: Vec<Word>| command(&words, PutIn::Never);
                match (word.as_str(), listed) {
                    ("ENTRYPOINT", Some(words)) => {
                        found.push(snippet("ENTRYPOINT", from, end, &environment, &whole(copied(&words))));
                        entry = Some((found.len() - 1, words));
                    }
                    ("CMD", Some(words)) if entry.is_some() => {
                        // The image starts both as one command.
                        if let Some((index, first)) = entry.take() {
                            let all = first.into_iter().chain(words).collect();
                            let both = snippet("ENTRYPOINT", from, end, &environment, &whole(all));
                            if let Some(old) = found.get_mut(index) {
                                *old = both;
                            }
                        }
                    }
                    (_, Some(words)) => found.push(snippet(&word, from, end, &environment, &whole(words))),
                    (_, None) => {
                        let text = inner.text.strip_prefix("CMD").unwrap_or(&inner.text);
                        let skipped = inner.text.len() - text.len();
                        let mut rest = Script::default();
                        rest.push_part(&inner, skipped..inner.text.len());
                        found.push(snippet(&word, from, end, &environment, &rest));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn copied(words: &[Word]) -> Vec<Word> {
    words.iter().map(|word| Word { script: word.script.clone(), whole: word.whole }).collect()
}

fn snippet(name: &str, from: usize, end: usize, environment: &Script, script: &Script) -> Snippet {
    let mut all = environment.clone();
    all.append(script);
    Snippet { name: format!("instruction {name} at {from}"), whole: from..end.max(from), script: all }
}

/// What stands behind the flags of an instruction (`--mount=…`), and where.
fn without_flags(script: &Script, body: usize) -> (usize, Script) {
    let mut at = body;
    while let Some(rest) = script.text.get(at..).filter(|rest| rest.starts_with("--")) {
        let Some(length) = rest.find(char::is_whitespace) else { break };
        let behind = rest.get(length..).unwrap_or("");
        at += length + (behind.len() - behind.trim_start_matches([' ', '\t', '\\', '\n', '\r']).len());
    }
    let mut inner = Script::default();
    inner.push_part(script, at..script.text.len());
    (at, inner)
}

/// The marks of here-documents, and whether tabs before them do not count.
fn marks(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for part in text.split("<<").skip(1) {
        let (tabs, rest) = part.strip_prefix('-').map_or((false, part), |rest| (true, rest));
        let rest = rest.trim_start_matches(['"', '\'']);
        let mark: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if mark.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !part.starts_with('<') {
            found.push((mark, tabs));
        }
    }
    found
}

/// A here-document alone is the script itself.
fn document(script: Script) -> Script {
    let Some(rest) = script.text.strip_prefix("<<") else { return script };
    let (Some(start), Some((mark, _))) = (rest.find('\n'), marks(&script.text).into_iter().next()) else {
        return script;
    };
    // `<<EOF python3`: another program reads it.
    let head = rest.get(..start).unwrap_or("").trim_start_matches('-').trim_matches(['"', '\'', ' ']);
    if head != mark {
        return script;
    }
    let from = start + 3;
    let body = script.text.get(from..).unwrap_or("");
    let end = from + body.trim_end().strip_suffix(mark.as_str()).map_or(body.len(), str::len);
    let mut inner = Script::default();
    inner.push_part(&script, from..end);
    inner
}

/// The words of an instruction written as a list: `["program", "argument"]`.
fn words(script: &Script) -> Option<Vec<Word>> {
    let text = script.text.as_str();
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut found = Vec::new();
    let mut at = text.find('[')? + 1;
    let end = at + inner.len();
    while let Some(open) = text.get(at..end).and_then(|rest| rest.find('"')) {
        let from = at + open + 1;
        let mut escaped = false;
        let length = text.get(from..end)?.find(|c: char| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })?;
        let word = unescaped(text.get(from..from + length)?, script.place(from))?;
        found.push(Word { script: word, whole: true });
        at = from + length + 1;
    }
    (!found.is_empty()).then_some(found)
}

/// `NAME=value OTHER="value"`, `NAME value`, `NAME`
fn values(line: &Script, environment: &mut Script) {
    let text = line.text.as_str();
    let name_length = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let behind = text.get(name_length..).unwrap_or("");
    if behind.starts_with([' ', '\t']) && !text.get(name_length..).is_some_and(|rest| rest.trim_start().contains('=')) {
        let name = text.get(..name_length).unwrap_or("");
        assignment(name, behind, line.place(0), environment, true);
        return;
    }
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let skipped = rest.len() - rest.trim_start_matches([' ', '\t', '\\', '\n', '\r']).len();
        at += skipped;
        let rest = text.get(at..).unwrap_or("");
        let Some(sign) = rest.find('=') else { break };
        let name = rest.get(..sign).unwrap_or("");
        let value = rest.get(sign + 1..).unwrap_or("");
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let length = match quote {
            Some(quote) => value.get(1..).and_then(|inner| inner.find(quote)).map(|length| length + 2),
            None => value.find(char::is_whitespace),
        };
        let length = length.unwrap_or(value.len());
        assignment(name, value.get(..length).unwrap_or(""), line.place(at), environment, true);
        at += sign + 1 + length;
    }
}
