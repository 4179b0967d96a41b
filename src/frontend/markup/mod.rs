//! Pages and components: scripts where they stand, and elements as calls with an object of their attributes.

mod attributes;
mod holes;
mod scripts;
#[cfg(test)]
mod tests;
mod tokens;

use super::javascript::{Dialect, Part, lower_expression, lower_part};
use super::{Lowered, Problem};
use crate::program::tree::{
    Anchor, Argument, Comment, Entry, EntryKey, Expr, ExprKind, Import, Item, ItemKind, Literal, Module, Path as Name,
};
use crate::span::{FileId, Span};
use holes::{Hole, Holes};
use std::path::Path;
use tokens::{Tag, Token};

/// Forms keep at most this many of their fields.
const MAX_FIELDS: usize = 256;

/// How a page puts values in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Plain pages, and templates with `{{ }}` and `{% %}`.
    Page,
    /// `<% %>`.
    Ejs,
    /// Vue's components: `{{ }}`, `:name`, `@event`.
    Vue,
    /// Svelte's components: `{ }`.
    Svelte,
    /// Astro's components: `{ }` and a script between `---`.
    Astro,
}

impl Style {
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("vue") => Self::Vue,
            Some("svelte") => Self::Svelte,
            Some("astro") => Self::Astro,
            Some("ejs") => Self::Ejs,
            _ => Self::Page,
        }
    }

    /// Whether `{ }` holds an expression.
    fn braces(self) -> bool {
        matches!(self, Self::Svelte | Self::Astro)
    }
}

/// Lowers a page or component. What is no script of it becomes calls of `html::<tag>`.
pub fn lower(path: &Path, file: FileId, text: &str) -> Lowered {
    let mut page = Page {
        file,
        text,
        style: Style::of(path),
        items: Vec::new(),
        comments: Vec::new(),
        problems: Vec::new(),
        form: None,
    };
    let start = page.frontmatter();
    let holes = Holes::find(text, start, page.style);
    for token in tokens::tokens(&holes.masked, start) {
        page.token(token);
    }
    page.end_form();
    for hole in &holes.found {
        page.hole(*hole);
    }
    let module =
        Module { file, namespace: "javascript", attributes: Vec::new(), items: page.items, comments: page.comments };
    Lowered { module, problems: page.problems }
}

struct Page<'t> {
    file: FileId,
    text: &'t str,
    style: Style,
    items: Vec<Item>,
    comments: Vec<Comment>,
    problems: Vec<Problem>,
    /// The form around: its span and name, and its arguments so far.
    form: Option<(Expr, Vec<Argument>)>,
}

impl<'t> Page<'t> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// Astro's script before the page; gives where the page starts.
    fn frontmatter(&mut self) -> usize {
        if self.style != Style::Astro {
            return 0;
        }
        let lead = self.text.len() - self.text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
        let Some(start) = self.text.get(lead..).and_then(|rest| rest.strip_prefix("---")).map(|_| lead + 3) else {
            return 0;
        };
        let Some(end) = self.text.get(start..).and_then(|rest| rest.find("\n---")).map(|at| start + at) else {
            return 0;
        };
        self.script(start, end, Dialect::TypeScript);
        (end + 4).min(self.text.len())
    }

    fn token(&mut self, token: Token) {
        match token {
            Token::Start(tag) => self.start(&tag),
            Token::End(name) => {
                if name == "form" {
                    self.end_form();
                }
            }
            Token::Comment(start, end) => {
                let inner = self.slice(start, end);
                let inner = inner.strip_prefix("<!--").unwrap_or(inner);
                let text = inner.strip_suffix("-->").unwrap_or(inner).trim().to_owned();
                self.comments.push(Comment { span: self.span(start, end), text, doc: false });
            }
            Token::Script(tag, start, end) => {
                if let Some(dialect) = scripts::dialect(&tag, self.text) {
                    self.script(start, end, dialect);
                }
            }
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name = self.slice(tag.name.0, tag.name.1);
        if tag.lower == "script"
            && let Some(source) = tag.value("src", self.text)
        {
            // What a script defines is visible in the page.
            let path = Name { anchor: Anchor::File, segments: vec![source.to_owned()] };
            let kind = ItemKind::Import(Import { path, alias: String::new(), glob: true });
            self.item(self.span(tag.start, tag.end), kind);
        }
        let component = name.starts_with(|c: char| c.is_ascii_uppercase()) || name.contains('-');
        if !component && tag.attributes.is_empty() && tag.lower != "form" {
            return;
        }
        let callee = match name {
            name if name.starts_with(|c: char| c.is_ascii_uppercase()) => Name::scoped(name.split('.')),
            _ => Name { anchor: Anchor::External, segments: vec!["html".to_owned(), tag.lower.clone()] },
        };
        let callee = Expr { span: self.span(tag.name.0, tag.name.1), kind: ExprKind::Name(callee) };
        let entries: Vec<Entry> = tag.attributes.iter().filter_map(|one| self.attribute(one)).collect();
        let span = self.span(tag.start, tag.end);
        let attributes = Expr { span, kind: ExprKind::Object { ty: None, entries } };
        let arguments = vec![Argument { name: None, value: attributes, spread: false }];
        if tag.lower == "form" {
            self.end_form();
            self.form = Some((callee, arguments));
            return;
        }
        let kind = ExprKind::Call { callee: Box::new(callee), types: Vec::new(), arguments, construct: false };
        let call = Expr { span, kind };
        match &mut self.form {
            Some((_, fields)) if fields.len() < MAX_FIELDS => {
                fields.push(Argument { name: None, value: call, spread: false });
            }
            _ => self.statement(call),
        }
    }

    fn end_form(&mut self) {
        let Some((callee, arguments)) = self.form.take() else { return };
        let span = arguments.first().map_or(callee.span, |first| first.value.span);
        let kind = ExprKind::Call { callee: Box::new(callee), types: Vec::new(), arguments, construct: false };
        self.statement(Expr { span, kind });
    }

    fn item(&mut self, span: Span, kind: ItemKind) {
        let (name, attributes) = (String::new(), Vec::new());
        self.items.push(Item { span, name_span: span, name, public: false, attributes, kind });
    }

    fn statement(&mut self, expression: Expr) {
        self.item(expression.span, ItemKind::Statement(expression));
    }

    fn script(&mut self, start: usize, end: usize, dialect: Dialect) {
        let part = scripts::read(self.file, self.slice(start, end), start, dialect);
        self.items.extend(part.items);
        self.comments.extend(part.comments);
        self.problems.extend(part.problems);
    }

    /// An expression in the page.
    fn expression(&self, start: usize, end: usize) -> Option<Expr> {
        let dialect = if self.style == Style::Page { Dialect::JavaScript } else { Dialect::Tsx };
        lower_expression(self.file, self.slice(start, end), start, dialect)
    }

    fn hole(&mut self, hole: Hole) {
        if !hole.text {
            return;
        }
        if let Some(value) = self.expression(hole.start, hole.end) {
            self.statement(value);
        }
    }
}

/// The statements of a script as one block, for code in attributes.
fn block(part: Part, span: Span) -> Option<Expr> {
    if !part.problems.is_empty() {
        return None;
    }
    let statements = part.items.into_iter().filter_map(|item| match item.kind {
        ItemKind::Statement(statement) => Some(statement),
        _ => None,
    });
    let block = crate::program::tree::Block { statements: statements.collect(), ..Default::default() };
    Some(Expr { span, kind: ExprKind::Block(block) })
}

fn text_value(span: Span, text: &str) -> Expr {
    Expr { span, kind: ExprKind::Literal(Literal::Text(text.to_owned())) }
}

fn entry(key: String, key_span: Span, value: Expr) -> Entry {
    Entry { key: EntryKey::Name(key), key_span, value }
}
