//! What can still be read of a file that does not parse: the definitions around the broken place, and all texts.

use super::Context;
use super::comments::{Stretch, stretches};
use crate::program::tree::{Expr, ExprKind, Item, ItemKind, Literal};
use crate::span::Span;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::parse::discouraged::Speculative as _;

/// Texts of one file that are kept, at most.
const MAX_TEXTS: usize = 20_000;

/// The definitions that parse by themselves, and the texts of everything else.
pub(super) fn recovered(context: Context, tokens: TokenStream) -> Vec<Item> {
    let parser = |input: syn::parse::ParseStream| {
        let mut items = Vec::new();
        while !input.is_empty() {
            let ahead = input.fork();
            match ahead.parse::<syn::Item>() {
                Ok(item) if !matches!(item, syn::Item::Verbatim(_)) => {
                    input.advance_to(&ahead);
                    items.extend(context.item(&item));
                }
                _ => literals(context, input.parse::<TokenTree>()?, &mut items),
            }
        }
        Ok(items)
    };
    parser.parse2(tokens).unwrap_or_default()
}

fn statement(span: Span, text: String) -> Item {
    let kind = ItemKind::Statement(Expr { span, kind: ExprKind::Literal(Literal::Text(text)) });
    Item { span, name_span: span, name: String::new(), public: false, attributes: Vec::new(), kind }
}

/// The texts in a token and what it encloses.
fn literals(context: Context, token: TokenTree, items: &mut Vec<Item>) {
    let mut waiting = vec![token];
    while let Some(token) = waiting.pop() {
        match token {
            TokenTree::Group(group) => waiting.extend(group.stream()),
            TokenTree::Literal(literal) if items.len() < MAX_TEXTS => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                    items.push(statement(context.of(text.span()), text.value()));
                }
            }
            _ => {}
        }
    }
}

/// The texts of a file that cannot even be split into tokens.
pub(super) fn texts(context: Context, text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    stretches(text, &mut |stretch, start, end| {
        let whole = text.get(start..end).unwrap_or("");
        if stretch == Stretch::Text && items.len() < MAX_TEXTS {
            let inside = whole.trim_start_matches('r').trim_matches('#').trim_matches('"');
            let span = Span::new(context.file, start + context.shift, end + context.shift);
            items.push(statement(span, inside.to_owned()));
        }
    });
    items
}
