//! Patterns.

use super::Context;
use crate::program::tree::{Asynchrony, Expr, ExprKind, Pattern, PatternKind};

impl Context {
    pub(super) fn pattern(self, pattern: &syn::Pat) -> Pattern {
        let span = self.span(pattern);
        let constant = |kind: ExprKind| PatternKind::Value(Box::new(Expr { span, kind }));
        let kind = match pattern {
            syn::Pat::Ident(inner) => PatternKind::Bind {
                name: inner.ident.to_string(),
                inner: inner.subpat.as_ref().map(|(_, inner)| Box::new(self.pattern(inner))),
                default: None,
            },
            syn::Pat::Struct(inner) => PatternKind::Object {
                ty: Some(self.path(&inner.path)),
                fields: inner.fields.iter().map(|field| (member(&field.member), self.pattern(&field.pat))).collect(),
                rest: None,
            },
            syn::Pat::TupleStruct(inner) => PatternKind::Variant {
                path: self.path(&inner.path),
                // What stands behind `..` has no position that is known.
                elements: inner
                    .elems
                    .iter()
                    .take_while(|p| !matches!(p, syn::Pat::Rest(_)))
                    .map(|p| self.pattern(p))
                    .collect(),
            },
            syn::Pat::Tuple(inner) => self.sequence(inner.elems.iter()),
            syn::Pat::Slice(inner) => self.sequence(inner.elems.iter()),
            syn::Pat::Or(inner) => PatternKind::Or(inner.cases.iter().map(|p| self.pattern(p)).collect()),
            syn::Pat::Reference(inner) => return self.pattern(&inner.pat),
            syn::Pat::Paren(inner) => return self.pattern(&inner.pat),
            syn::Pat::Type(inner) => return self.pattern(&inner.pat),
            syn::Pat::Path(inner) => constant(ExprKind::Name(self.path(&inner.path))),
            syn::Pat::Lit(inner) => constant(self.literal(&inner.lit)),
            syn::Pat::Range(_) => constant(ExprKind::Opaque(Vec::new())),
            syn::Pat::Const(inner) => constant(self.block_expr(&inner.block, Asynchrony::None).kind),
            syn::Pat::Guard(inner) => return self.pattern(&inner.pat),
            _ => PatternKind::Wildcard,
        };
        Pattern { span, kind }
    }

    fn sequence<'a>(self, elements: impl Iterator<Item = &'a syn::Pat>) -> PatternKind {
        let mut found = Vec::new();
        let mut rest = None;
        for (index, element) in elements.enumerate() {
            match element {
                syn::Pat::Rest(_) => {
                    let kind = PatternKind::Wildcard;
                    rest = Some((index, Box::new(Pattern { span: self.span(element), kind })));
                }
                // `rest @ ..`
                syn::Pat::Ident(inner)
                    if inner.subpat.as_ref().is_some_and(|(_, p)| matches!(**p, syn::Pat::Rest(_))) =>
                {
                    let kind = PatternKind::Bind { name: inner.ident.to_string(), inner: None, default: None };
                    rest = Some((index, Box::new(Pattern { span: self.span(element), kind })));
                }
                element => found.push(self.pattern(element)),
            }
        }
        PatternKind::List { elements: found, rest }
    }
}

pub(super) fn member(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}
