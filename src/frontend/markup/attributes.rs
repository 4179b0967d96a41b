//! Attributes: text, code and bindings.

use super::tokens::Attribute;
use super::{Dialect, Page, Style, block, entry, lower_expression, lower_part, text_value};
use crate::program::tree::{Asynchrony, Entry, EntryKey, Expr, ExprKind, Function, Literal};
use crate::span::Span;

impl Page<'_> {
    /// An attribute as an entry; none for those that say nothing about values.
    pub(super) fn attribute(&self, attribute: &Attribute) -> Option<Entry> {
        let name = self.slice(attribute.name.0, attribute.name.1);
        let key_span = self.span(attribute.name.0, attribute.name.1);
        // `{name}` and `{...rest}` of components with braces.
        if self.style.braces() && name.starts_with('{') {
            let inner = (attribute.name.0 + 1, attribute.name.1.saturating_sub(1));
            if let Some(rest) = self.slice(inner.0, inner.1).strip_prefix("...") {
                let value = self.expression(inner.1 - rest.len(), inner.1)?;
                return Some(Entry { key: EntryKey::Spread, key_span, value });
            }
            let value = self.expression(inner.0, inner.1)?;
            return Some(entry(self.slice(inner.0, inner.1).trim().to_owned(), key_span, value));
        }
        let Some((start, end)) = attribute.value else {
            let value = Expr { span: key_span, kind: ExprKind::Literal(Literal::Boolean(true)) };
            return Some(entry(name.to_owned(), key_span, value));
        };
        let span = self.span(start, end);
        let written = self.slice(start, end);
        if self.style.braces() && written.starts_with('{') && written.ends_with('}') {
            let key = name.strip_prefix("on:").map(|event| format!("on{event}"));
            let key = key.unwrap_or_else(|| name.rsplit(':').next().unwrap_or(name).to_owned());
            return Some(entry(key, key_span, self.expression(start + 1, end - 1)?));
        }
        if self.style != Style::Svelte
            && let Some((key, is_code)) = bound(name)
        {
            let value = if is_code { self.code(start, end) } else { self.bound_expression(start, end) };
            return Some(entry(key, key_span, value?));
        }
        if name.len() > 2 && name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on")) {
            let value = self.code(start, end).unwrap_or_else(|| text_value(span, written));
            return Some(entry(name.to_ascii_lowercase(), key_span, value));
        }
        Some(entry(name.to_owned(), key_span, text_value(span, &decoded(written))))
    }

    fn bound_expression(&self, start: usize, end: usize) -> Option<Expr> {
        let code = unescaped(self.slice(start, end));
        lower_expression(self.file, &code, start, Dialect::TypeScript)
    }

    /// Code that runs on an event, as a function.
    fn code(&self, start: usize, end: usize) -> Option<Expr> {
        let span = self.span(start, end);
        let code = unescaped(self.slice(start, end));
        if code.trim().is_empty() {
            return None;
        }
        // A name or a function is the handler itself.
        let handler = lower_expression(self.file, &code, start, Dialect::TypeScript);
        if let Some(Expr { kind: ExprKind::Name(_) | ExprKind::Closure(_) | ExprKind::Field { .. }, .. }) = &handler {
            return handler;
        }
        let body = block(lower_part(self.file, &code, start, Dialect::TypeScript), span)?;
        Some(Expr { span, kind: ExprKind::Closure(Box::new(handler_of(span, body))) })
    }
}

fn handler_of(span: Span, body: Expr) -> Function {
    Function {
        span,
        name: None,
        has_receiver: false,
        parameters: Vec::new(),
        returns: None,
        generics: Vec::new(),
        asynchrony: Asynchrony::None,
        body: Some(body),
        variadic: false,
        dynamic: false,
    }
}

/// What a binding stands for, and whether its value is code that runs on an event: `:href`, `v-bind:href`, `@click`,
/// `v-on:click`, `x-on:click`, `(click)`, `[href]`, `v-model`.
fn bound(name: &str) -> Option<(String, bool)> {
    let plain = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    let event = |name: &str| Some((format!("on{}", plain(name)), true));
    for prefix in ["v-on:", "x-on:", "@"] {
        if let Some(name) = name.strip_prefix(prefix) {
            return event(name);
        }
    }
    for prefix in ["v-bind:", "x-bind:", ":"] {
        if let Some(name) = name.strip_prefix(prefix) {
            return Some((plain(name), false));
        }
    }
    if let Some(name) = name.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return event(name);
    }
    if let Some(name) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((plain(name.trim_matches(['(', ')'])), false));
    }
    ["v-model", "v-html", "v-text", "v-if", "v-else-if", "v-show", "x-data", "x-init", "x-text", "x-html"]
        .contains(&plain(name).as_str())
        .then(|| (plain(name), false))
}

/// The five entities of code in attributes replaced by what they stand for, padded to the same length.
fn unescaped(code: &str) -> String {
    let mut code = code.to_owned();
    if code.contains('&') {
        for (entity, character) in [
            ("&quot;", "\"     "),
            ("&#39;", "'    "),
            ("&apos;", "'     "),
            ("&lt;", "<   "),
            ("&gt;", ">   "),
            ("&amp;", "&    "),
        ] {
            code = code.replace(entity, character);
        }
    }
    code
}

/// Text with the entities that occur in addresses replaced.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let entities = [("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
