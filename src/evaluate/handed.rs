//! What programs are handed otherwise than in their arguments: options and headers in files, in pipes and on standard input.

use super::arguments::Arguments;
use super::commands::{beginning, split_once, without_beginning};
use super::value::{Data, Piece, Value};
use crate::knowledge::libraries::CommandModel;
use crate::span::Span;

/// Lines of what a program reads that are looked at.
const MAX_LINES: usize = 128;

impl<'m, 'p> Arguments<'m, 'p> {
    /// Adds what the files hold that the arguments name, as far as it is known. `input` is what the program reads.
    pub(super) fn open(&mut self, model: &'m CommandModel, input: Option<&Value<'p>>) {
        let mark = model.from_file.as_deref().unwrap_or("");
        for (slot, value) in self.values.clone() {
            match slot {
                "options" => {
                    for line in contents(&value, input).iter().flat_map(lines) {
                        self.handed.extend(option(model, &line));
                    }
                }
                "header" if !mark.is_empty() && beginning(&value).starts_with(mark) => {
                    let held = contents(&without_beginning(&value, mark.len()), input);
                    self.handed.extend(held.iter().flat_map(lines).map(|line| (slot, line)));
                }
                _ => {}
            }
        }
    }
}

/// What the file holds that a word names: `-` is what the program reads, a pipe holds what is written into it.
fn contents<'p>(word: &Value<'p>, input: Option<&Value<'p>>) -> Option<Value<'p>> {
    if word.known_text().is_some_and(|name| matches!(name.as_str(), "-" | "/dev/stdin")) {
        return input.cloned();
    }
    let held = |value: &Value<'p>| match &*value.data {
        Data::Instance { state, .. } => state.get("contents").cloned(),
        _ => None,
    };
    let within = |piece: &Piece<'p>| match piece {
        Piece::Hole(value) => held(value),
        Piece::Known(..) => None,
    };
    held(word).or_else(|| word.pieces().iter().find_map(within))
}

/// The lines of a text.
fn lines<'p>(text: &Value<'p>) -> Vec<Value<'p>> {
    let alternatives = text.alternatives();
    let Some(text) = alternatives.iter().find(|one| matches!(*one.data, Data::Text(_))) else { return Vec::new() };
    let mut lines: Vec<Vec<Piece<'p>>> = vec![Vec::new()];
    for piece in text.pieces() {
        let Piece::Known(known, span) = piece else {
            lines.last_mut().into_iter().for_each(|line| line.push(piece.clone()));
            continue;
        };
        for (index, part) in known.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            // Places of later lines of one text lie behind those of the lines before.
            let before = part.as_ptr() as usize - known.as_ptr() as usize;
            let span = inside(span, before, part.len(), known.len());
            lines.last_mut().filter(|_| !part.is_empty()).into_iter().for_each(|line| {
                line.push(Piece::Known(part.into(), span));
            });
        }
    }
    let made = lines.into_iter().filter(|line| !line.is_empty()).take(MAX_LINES);
    made.map(|line| Value::new(Data::Text(line))).collect()
}

/// The place of a part of a text that stands in its file as it is; otherwise that of the whole.
fn inside(whole: Span, start: usize, length: usize, of: usize) -> Span {
    let range = whole.range();
    if range.len() != of {
        return whole;
    }
    Span::new(whole.file, range.start + start, range.start + start + length)
}

/// An option as files hold it: `user = "name:secret"`, `header: X`, `--insecure`.
fn option<'m, 'p>(model: &'m CommandModel, line: &Value<'p>) -> Option<(&'m str, Value<'p>)> {
    let start = beginning(line);
    let name: String = start.trim_start().trim_start_matches('-').chars().take_while(|c| is_name(*c)).collect();
    let written = if name.len() == 1 { format!("-{name}") } else { format!("--{name}") };
    let named = |options: &[String]| options.contains(&written);
    if let Some((slot, _)) = model.flags.iter().find(|(_, options)| named(options)) {
        return Some((slot, Value::new(Data::Boolean(true))));
    }
    let (slot, _) = model.options.iter().find(|(_, options)| named(options))?;
    let behind = start.find(name.as_str())? + name.len();
    let value = without_beginning(line, behind);
    let rest = beginning(&value);
    let value = without_beginning(&value, rest.len() - rest.trim_start_matches([' ', '\t', '=', ':']).len());
    let value = match beginning(&value).starts_with('"') {
        true => split_once(&without_beginning(&value, 1), "\"").0,
        false => value,
    };
    Some((slot, value))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.'
}
