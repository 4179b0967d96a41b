//! JavaScript and TypeScript, read with oxc.

mod classes;
mod commonjs;
mod expressions;
mod functions;
mod items;
mod jsx;
mod nesting;
mod patterns;
mod prototypes;
mod statements;
pub(crate) mod tokens;
mod types;

use super::{Lowered, Problem};
use crate::program::tree::{Argument, Comment, Expr, ExprKind, Item, ItemKind, Literal, Module};
use crate::span::{FileId, Span};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::SourceType;
use std::path::Path;
use tokens::{Piece, Pieces};

/// Constructs nested deeper than this are not parsed.
const MAX_RECURSION: usize = 20_000;
/// Stack that parsing takes for each nested construct, in bytes; a generous guess.
const STACK_PER_LEVEL: usize = 16 * 1024;
/// Expressions nested deeper than this are lowered to nothing.
const MAX_DEPTH: usize = 1_000;

/// Which of the two languages a text is written in, and whether elements may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// JavaScript, perhaps with JSX or Flow's types.
    JavaScript,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Dialect {
    /// The dialect of a file by its name.
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("ts" | "mts" | "cts") => Self::TypeScript,
            Some("tsx") => Self::Tsx,
            _ => Self::JavaScript,
        }
    }
}

/// Lowers one file. A file that does not parse, or nests too deeply, gives its strings, its comments and a problem.
pub fn lower(path: &Path, file: FileId, text: &str) -> Lowered {
    // What a parser says about a byte-order mark differs; it is no part of the program.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let part = lower_part(file, text.get(mark..).unwrap_or(text), mark, Dialect::of(path));
    let module = Module {
        file,
        namespace: "javascript",
        attributes: part.attributes,
        items: part.items,
        comments: part.comments,
    };
    Lowered { module, problems: part.problems }
}

/// What a script is lowered to.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) attributes: Vec<crate::program::tree::Attribute>,
    pub(crate) items: Vec<Item>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) problems: Vec<Problem>,
}

/// Lowers a script that stands `offset` bytes into its file.
pub(crate) fn lower_part(file: FileId, text: &str, offset: usize, dialect: Dialect) -> Part {
    let place = Place { file, offset };
    let levels = nesting::recursion(text);
    if levels > MAX_RECURSION {
        return unparsed(place, text, place.span(0, 0), "nested too deeply to be parsed");
    }
    let room = 1024 * 1024 + levels * STACK_PER_LEVEL;
    stacker::maybe_grow(room, room + 1024 * 1024, || parsed(place, text, dialect))
}

/// Lowers an expression that stands `offset` bytes into its file; none when it is not one.
pub(crate) fn lower_expression(file: FileId, text: &str, offset: usize, dialect: Dialect) -> Option<Expr> {
    let levels = nesting::recursion(text);
    if levels > MAX_RECURSION || text.trim().is_empty() {
        return None;
    }
    let place = Place { file, offset };
    let room = 1024 * 1024 + levels * STACK_PER_LEVEL;
    stacker::maybe_grow(room, room + 1024 * 1024, || {
        let allocator = Allocator::default();
        let way = match dialect {
            Dialect::JavaScript => SourceType::unambiguous().with_jsx(true),
            Dialect::TypeScript => SourceType::ts(),
            Dialect::Tsx => SourceType::tsx(),
        };
        let parsed = Parser::new(&allocator, text, way).with_options(options()).parse_expression().ok()?;
        Some(Lowering::new(place, text).expression(&parsed))
    })
}

fn parsed(place: Place, text: &str, dialect: Dialect) -> Part {
    let allocator = Allocator::default();
    let plain = SourceType::unambiguous().with_jsx(true);
    let typed = SourceType::ts();
    let ways: &[SourceType] = match dialect {
        Dialect::TypeScript => &[typed, typed.with_jsx(true)],
        Dialect::Tsx => &[typed.with_jsx(true), typed],
        // Flow's types are mostly TypeScript's.
        Dialect::JavaScript => &[plain, typed.with_jsx(true), typed, SourceType::cjs()],
    };
    let mut first: Option<ParserReturn<'_>> = None;
    for way in ways {
        let result = parse(&allocator, text, *way);
        if !result.panicked && result.diagnostics.is_empty() {
            return program(place, text, &result);
        }
        // What was recovered from the language it is said to be written in is better than nothing.
        if first.as_ref().is_none_or(|known| known.panicked && !result.panicked) {
            first = Some(result);
        }
    }
    // Flow's exact objects are the one thing of it that is not TypeScript's and occurs often.
    if dialect == Dialect::JavaScript && text.contains("{|") {
        let plain = text.replace("{|", "{ ").replace("|}", " }");
        let result = parse(&allocator, &plain, typed.with_jsx(true));
        if !result.panicked && result.diagnostics.is_empty() {
            return program(place, text, &result);
        }
    }
    match first {
        Some(result) if !result.panicked => program(place, text, &result),
        result => {
            let labels = result.iter().flat_map(|result| result.diagnostics.iter()).filter_map(|d| d.labels.first());
            let at = labels.map(|label| (label.offset() as usize, label.len() as usize)).next().unwrap_or((0, 0));
            let what = if dialect == Dialect::JavaScript { "not valid JavaScript" } else { "not valid TypeScript" };
            unparsed(place, text, place.span(at.0, at.0 + at.1), what)
        }
    }
}

fn parse<'a>(allocator: &'a Allocator, text: &'a str, way: SourceType) -> ParserReturn<'a> {
    Parser::new(allocator, text, way).with_options(options()).parse()
}

fn options() -> ParseOptions {
    ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    }
}

fn program(place: Place, text: &str, result: &ParserReturn<'_>) -> Part {
    let mut lowering = Lowering::new(place, text);
    let items = lowering.program(&result.program);
    let comments = result.program.comments.iter().map(|found| {
        let whole = found.span;
        comment(place, text, whole.start as usize, whole.end as usize)
    });
    Part {
        attributes: lowering.directives(&result.program.directives),
        items,
        comments: comments.collect(),
        problems: Vec::new(),
    }
}

/// Strings and comments of a text that cannot be parsed.
fn unparsed(place: Place, text: &str, at: Span, message: &str) -> Part {
    let mut part = Part { problems: vec![Problem { span: at, message: message.to_owned() }], ..Part::default() };
    let mut texts = Vec::new();
    for piece in Pieces::new(text) {
        match piece {
            Piece::Comment(start, end) => part.comments.push(comment(place, text, start, end)),
            Piece::Text(start, end) => {
                let kind = ExprKind::Literal(Literal::Text(text.get(start..end).unwrap_or("").to_owned()));
                let value = Expr { span: place.span(start, end), kind };
                texts.push(Argument { name: None, value, spread: false });
            }
            Piece::Word(..) | Piece::Mark(_) => {}
        }
    }
    let span = place.span(0, text.len());
    part.items.push(Item {
        span,
        name_span: place.span(0, 0),
        name: String::new(),
        public: false,
        attributes: Vec::new(),
        kind: ItemKind::Statement(Expr { span, kind: ExprKind::List(texts) }),
    });
    part
}

fn comment(place: Place, text: &str, start: usize, end: usize) -> Comment {
    let whole = text.get(start..end).unwrap_or("");
    let inner = match whole.strip_prefix("/*") {
        Some(inner) => inner.strip_suffix("*/").unwrap_or(inner),
        None => whole.trim_start_matches('/').trim_start_matches("<!--").trim_start_matches("-->"),
    };
    let doc = inner.starts_with('*') && whole.starts_with("/**");
    let lines = inner
        .lines()
        .map(|line| if whole.starts_with("/*") { line.trim_start().trim_start_matches('*') } else { line });
    let text = lines.map(str::trim).collect::<Vec<_>>().join("\n");
    Comment { span: place.span(start, end), text: text.trim().to_owned(), doc }
}

/// Where a script stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: FileId,
    /// Bytes of the file before the script.
    offset: usize,
}

impl Place {
    fn span(self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset + start, self.offset + end)
    }
}

/// What `this` is in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum This {
    /// The receiver.
    Receiver,
    /// The class itself, in static members.
    Class,
}

/// The state of lowering one script.
struct Lowering {
    place: Place,
    depth: usize,
    /// The functions around, arrow functions left out: what `this` is there and whether it is used.
    receivers: Vec<(This, bool)>,
    /// Whether the function around is a generator, for each function around.
    generators: Vec<bool>,
    /// Whether it asks for all it is called with, for each function around, arrow functions left out.
    asks_for_arguments: Vec<bool>,
    /// Classes and types found inside functions: they stand beside the others.
    lifted: Vec<Item>,
    /// Whether the script has a variable of its own named `self`.
    own_self: bool,
}

impl Lowering {
    fn new(place: Place, text: &str) -> Self {
        Self {
            place,
            depth: 0,
            receivers: Vec::new(),
            generators: Vec::new(),
            asks_for_arguments: Vec::new(),
            lifted: Vec::new(),
            own_self: binds_self(text),
        }
    }

    fn span(&self, span: oxc_span::Span) -> Span {
        self.place.span(span.start as usize, span.end as usize)
    }

    /// An identifier as the tree names it: `self` is the receiver there.
    fn identifier(&self, name: &str) -> String {
        match name {
            "self" if self.own_self => "_self".to_owned(),
            "self" => "globalThis".to_owned(),
            name => name.to_owned(),
        }
    }
}

/// Whether a variable or parameter is named `self`.
fn binds_self(text: &str) -> bool {
    static BINDING: std::sync::OnceLock<Option<regex::Regex>> = std::sync::OnceLock::new();
    let pattern = r"\b(?:var|let|const)\s+self\b|[,{(\[]\s*self\s*[,)=}\]]|\bself\s*=[^=]";
    memchr::memmem::find(text.as_bytes(), b"self").is_some()
        && BINDING.get_or_init(|| regex::Regex::new(pattern).ok()).as_ref().is_some_and(|found| found.is_match(text))
}

#[cfg(test)]
mod lowering_tests;
#[cfg(test)]
mod tests;
