//! The expressions around a place.

use crate::program::tree::{Expr, ExprKind, Function, Item, ItemKind, Module};
use crate::program::visit::children;
use crate::span::Span;

/// Expressions within expressions are followed this far.
const MAX_DEPTH: usize = 400;

/// The expressions around a place, outermost first.
#[derive(Default)]
pub(super) struct Around<'a> {
    /// The namespace of their language.
    pub language: &'static str,
    /// The expressions; the last one is the innermost that holds the place.
    pub all: Vec<&'a Expr>,
    /// The definitions, outermost first.
    pub items: Vec<&'a Item>,
}

/// What is around a span in a module.
pub(super) fn around(module: &Module, span: Span) -> Around<'_> {
    let mut found = Around { language: module.namespace, all: Vec::new(), items: Vec::new() };
    items(&module.items, span, &mut found, MAX_DEPTH);
    found
}

fn items<'a>(all: &'a [Item], span: Span, found: &mut Around<'a>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for item in all.iter().filter(|item| item.span.contains(span)) {
        found.items.push(item);
        match &item.kind {
            ItemKind::Function(inner) => function(inner, span, found, depth),
            ItemKind::Type(definition) => {
                let fields = definition.fields.iter().filter_map(|field| field.default.as_ref());
                fields.for_each(|value| expression(value, span, found, depth));
                items(&definition.functions, span, found, depth);
            }
            ItemKind::Interface(interface) => items(&interface.items, span, found, depth),
            ItemKind::Implementation(implementation) => items(&implementation.items, span, found, depth),
            ItemKind::Constant { value: Some(value), .. } | ItemKind::Statement(value) => {
                expression(value, span, found, depth);
            }
            ItemKind::Submodule { items: Some(inner), .. } | ItemKind::Namespace(inner) => {
                items(inner, span, found, depth);
            }
            ItemKind::Embedded(namespace, inner) => {
                found.language = namespace;
                items(inner, span, found, depth);
            }
            _ => {}
        }
    }
}

fn function<'a>(function: &'a Function, span: Span, found: &mut Around<'a>, depth: usize) {
    let defaults = function.parameters.iter().filter_map(|parameter| parameter.default.as_ref());
    defaults.chain(&function.body).for_each(|part| expression(part, span, found, depth));
}

fn expression<'a>(expr: &'a Expr, span: Span, found: &mut Around<'a>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if !expr.span.contains(span) {
        return;
    }
    found.all.push(expr);
    match &expr.kind {
        ExprKind::Closure(inner) => function(inner, span, found, depth),
        ExprKind::Item(inner) => items(std::slice::from_ref(&**inner), span, found, depth),
        _ => {
            let mut inner = Vec::new();
            children(expr, &mut |child| inner.push(child));
            inner.into_iter().for_each(|child| expression(child, span, found, depth));
        }
    }
}
