//! Programs run as processes that send requests: their arguments, read by the programs' models.

use super::value::{Data, Piece, Value};
use super::{Evaluator, effects};
use crate::knowledge::libraries::CommandModel;
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Words of one command line that are looked at.
const MAX_WORDS: usize = 128;
/// Command lines within command lines.
const MAX_LINES: usize = 2;

/// The namespace of the programs' models.
pub(super) const PROGRAMS: &str = "shell";

impl<'p> Evaluator<'p> {
    /// A process with these arguments, the first of which is the program. Writes down the requests it sends.
    pub(super) fn command(&mut self, words: &[Value<'p>], span: Span) {
        self.command_line(words, span, MAX_LINES);
    }

    fn command_line(&mut self, words: &[Value<'p>], span: Span, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let Some((program, words)) = words.split_first() else { return };
        let Some(program) = program.known_text() else { return };
        let name = program.rsplit(['/', '\\']).next().unwrap_or(&program);
        let Some(model) = self.models.of(PROGRAMS).command(name) else { return };
        if let Some(behind) = &model.line_behind {
            let at = words.iter().position(|word| word.known_text().is_some_and(|word| word == *behind));
            if let Some(line) = at.and_then(|at| words.get(at + 1)) {
                for command in commands(line) {
                    self.command_line(&command, span, depth);
                }
            }
            return;
        }
        for request in requests(model, words) {
            self.request(&request, span);
        }
    }
}

/// The requests that a program's arguments ask for, one for each URL.
fn requests<'p>(model: &CommandModel, words: &[Value<'p>]) -> Vec<Value<'p>> {
    let mut state: BTreeMap<Rc<str>, Value<'p>> = BTreeMap::new();
    let mut headers: BTreeMap<Rc<str>, Value<'p>> = BTreeMap::new();
    let mut urls = Vec::new();
    let mut method = None;
    let mut words = words.iter().take(MAX_WORDS);
    while let Some(word) = words.next() {
        let beginning = beginning(word);
        if !beginning.starts_with('-') || beginning == "-" {
            if beginning.is_empty() || beginning.contains('.') || beginning.contains("://") {
                urls.push(word.clone());
            }
            continue;
        }
        if let Some(named) = model.methods.iter().find(|(_, options)| options.contains(&beginning)) {
            method.get_or_insert_with(|| Value::text(named.0, Span::default()));
            continue;
        }
        if model.verbose.contains(&beginning) {
            state.insert("verbose".into(), Value::new(Data::Boolean(true)));
            continue;
        }
        let Some((slot, value)) = option(model, &beginning, word) else { continue };
        let Some(value) = value.or_else(|| words.next().cloned()) else { break };
        match slot {
            "user-secret" => {
                let (user, secret) = split_once(&value, ":");
                state.insert("user".into(), user);
                if let Some(secret) = secret {
                    state.insert("secret".into(), secret);
                }
            }
            "header" => {
                if let (name, Some(value)) = split_once(&value, ":")
                    && let Some(name) = name.known_text()
                {
                    headers.insert(name.trim().to_ascii_lowercase().into(), effects::trimmed(&value));
                }
            }
            "method" => method = Some(value),
            "body" => {
                state.insert("body".into(), value);
            }
            "url" => urls.push(value),
            "user" | "secret" => {
                state.insert(slot.into(), value);
            }
            _ => {}
        }
    }
    let sends = state.contains_key("body");
    let default = model.default_methods.as_ref().map(|(without, with)| if sends { with } else { without });
    let method = method.or_else(|| default.map(|name| Value::text(name, Span::default())));
    if let Some(method) = method {
        state.insert("method".into(), method);
    }
    if !headers.is_empty() {
        let data = Data::Object { ty: None, variant: None, fields: headers, open: true };
        state.insert("headers".into(), Value::new(data));
    }
    let one = |url| {
        let mut state = state.clone();
        state.insert("url".into(), url);
        Value::new(Data::Instance { ty: PROGRAMS.into(), state })
    };
    urls.into_iter().map(one).collect()
}

/// The option that a word is: the slot its value fills, and the value when the word holds it too (`-uname`, `--user=name`).
fn option<'m, 'p>(model: &'m CommandModel, beginning: &str, word: &Value<'p>) -> Option<(&'m str, Option<Value<'p>>)> {
    for (slot, options) in &model.options {
        for option in options {
            if option == beginning {
                return Some((slot, None));
            }
            let glued = option.len() == 2 && beginning.starts_with(option.as_str());
            if glued {
                return Some((slot, Some(without_beginning(word, option.len()))));
            }
            if beginning.strip_prefix(option.as_str()).is_some_and(|rest| rest.starts_with('=')) {
                return Some((slot, Some(without_beginning(word, option.len() + 1))));
            }
        }
    }
    None
}

/// The known text a word begins with.
fn beginning(word: &Value<'_>) -> String {
    match &*word.data {
        Data::Text(pieces) => match pieces.first() {
            Some(Piece::Known(known, _)) => known.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn without_beginning<'p>(word: &Value<'p>, length: usize) -> Value<'p> {
    let mut pieces = word.pieces();
    if let Some(Piece::Known(known, span)) = pieces.first().cloned()
        && let Some(first) = pieces.first_mut()
    {
        *first = Piece::Known(known.get(length..).unwrap_or("").into(), span);
    }
    Value::new(Data::Text(pieces)).labels_of(word)
}

/// A value before and behind the first separator in its known text.
pub(super) fn split_once<'p>(value: &Value<'p>, separator: &str) -> (Value<'p>, Option<Value<'p>>) {
    let pieces = value.pieces();
    let found = pieces.iter().enumerate().find_map(|(index, piece)| match piece {
        Piece::Known(known, span) => {
            known.split_once(separator).map(|(a, b)| (index, a.to_owned(), b.to_owned(), *span))
        }
        Piece::Hole(_) => None,
    });
    let Some((index, a, b, span)) = found else { return (value.clone(), None) };
    let part = |pieces: Vec<Piece<'p>>| {
        let mut pieces: Vec<Piece<'p>> =
            pieces.into_iter().filter(|p| !matches!(p, Piece::Known(known, _) if known.is_empty())).collect();
        match (pieces.len(), pieces.pop()) {
            (1, Some(Piece::Hole(value))) => value,
            (_, Some(last)) => {
                pieces.push(last);
                Value::new(Data::Text(pieces))
            }
            (_, None) => Value::text("", span),
        }
    };
    let before = pieces.iter().take(index).cloned().chain([Piece::Known(a.into(), span)]).collect();
    let behind = [Piece::Known(b.into(), span)].into_iter().chain(pieces.iter().skip(index + 1).cloned()).collect();
    (part(before), Some(part(behind)))
}

/// The commands of a line as words. Quotes hold words together; what is put into the line stays whole.
fn commands<'p>(line: &Value<'p>) -> Vec<Vec<Value<'p>>> {
    let mut all = vec![Vec::new()];
    let mut word: Vec<Piece<'p>> = Vec::new();
    let mut quote = None;
    fn end<'p>(all: &mut [Vec<Value<'p>>], word: &mut Vec<Piece<'p>>) {
        if !word.is_empty()
            && let Some(last) = all.last_mut()
        {
            last.push(Value::new(Data::Text(std::mem::take(word))));
        }
    }
    for piece in line.pieces() {
        let Piece::Known(known, span) = piece else {
            word.push(piece);
            continue;
        };
        let mut text = String::new();
        for c in known.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if c.is_whitespace() || matches!(c, '|' | ';' | '&') => {
                    if !text.is_empty() {
                        word.push(Piece::Known(std::mem::take(&mut text).into(), span));
                    }
                    end(&mut all, &mut word);
                    if !c.is_whitespace() {
                        all.push(Vec::new());
                    }
                }
                (_, c) => text.push(c),
            }
        }
        if !text.is_empty() {
            word.push(Piece::Known(text.into(), span));
        }
    }
    end(&mut all, &mut word);
    all.retain(|words| !words.is_empty());
    all
}
