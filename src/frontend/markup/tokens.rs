//! Tags, comments and scripts of a page, with their positions.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// An attribute: where its name stands, its value as browsers read it, and where that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: (usize, usize),
    pub(super) value: Option<(usize, usize)>,
}

/// A start tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: (usize, usize),
    /// The name in lower case.
    pub(super) lower: String,
    pub(super) attributes: Vec<Attribute>,
}

impl Tag {
    /// The value of an attribute as written in `text`.
    pub(super) fn value<'t>(&self, name: &str, text: &'t str) -> Option<&'t str> {
        let named = |one: &&Attribute| text.get(one.name.0..one.name.1).is_some_and(|n| n.eq_ignore_ascii_case(name));
        let (start, end) = self.attributes.iter().find(named)?.value?;
        text.get(start..end)
    }

    /// Whether an attribute is there.
    pub(super) fn has(&self, name: &str, text: &str) -> bool {
        self.attributes.iter().any(|one| text.get(one.name.0..one.name.1) == Some(name))
    }
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Start(Tag),
    End(String),
    /// A comment, marks included.
    Comment(usize, usize),
    /// The content of a script, with its tag.
    Script(Tag, usize, usize),
}

/// Where the value of an attribute stands, quotes left out, whose name ends here.
fn value_after(text: &str, name_end: usize) -> (usize, usize) {
    let rest = text.get(name_end..).unwrap_or("");
    let value = rest.trim_start().trim_start_matches('=').trim_start();
    let start = text.len() - value.len();
    let quoted = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quoted {
        Some(quote) => {
            let inside = value.get(1..).unwrap_or("");
            (start + 1, start + 1 + inside.find(quote).unwrap_or(inside.len()))
        }
        None => (start, start + value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len())),
    }
}

/// Reads a page from a position on. Bytes that are no UTF-8 do not occur: `text` is a page with parts replaced.
pub(super) fn tokens(text: &str, from: usize) -> Vec<Token> {
    let mut found = Vec::new();
    let mut open: Option<Tag> = None;
    let mut script: Option<(Tag, usize)> = None;
    let rest = text.get(from..).unwrap_or("");
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| {
        let (start, end) = (span.start + from, span.end + from);
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let at = start + text.get(start..).map_or(0, |rest| usize::from(rest.starts_with('<')));
                let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
                open = Some(Tag { start, end, name: (at, at + name.len()), lower, attributes: Vec::new() });
            }
            CallbackEvent::AttributeName { .. } => {
                if let Some(tag) = &mut open {
                    tag.attributes.push(Attribute { name: (start, end), value: None });
                }
            }
            CallbackEvent::AttributeValue { .. } => {
                if let Some(last) = open.as_mut().and_then(|tag| tag.attributes.last_mut()) {
                    last.value = Some(value_after(text, last.name.1));
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(mut tag) = open.take() {
                    tag.end = end;
                    if tag.lower == "script" && !self_closing {
                        script = Some((tag.clone(), end));
                    }
                    found.push(Token::Start(tag));
                }
            }
            CallbackEvent::EndTag { name } => {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                if name == "script"
                    && let Some((tag, inside)) = script.take()
                {
                    found.push(Token::Script(tag, inside, start.max(inside)));
                }
                found.push(Token::End(name));
            }
            CallbackEvent::Comment { .. } => found.push(Token::Comment(start, end)),
            CallbackEvent::String { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None::<std::convert::Infallible>
    });
    emitter.naively_switch_states(true);
    // Reading from memory does not fail.
    let _ = Tokenizer::new_with_emitter(rest, emitter).finish();
    found
}
