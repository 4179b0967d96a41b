//! Where an expression stands, from its own tokens. The general way makes a token stream of the whole expression first,
//! which for each expression within an expression adds up.

use std::ops::Range;
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Path, PathArguments};

/// The byte range of an expression.
pub(super) fn range(expression: &Expr) -> Range<usize> {
    match (start(expression), end(expression)) {
        (Some(start), Some(end)) if start <= end => start..end,
        _ => expression.span().byte_range(),
    }
}

fn first(span: proc_macro2::Span) -> Option<usize> {
    Some(span.byte_range().start)
}

fn last(span: proc_macro2::Span) -> Option<usize> {
    Some(span.byte_range().end)
}

/// The offset of the first byte; none for what is rare or has attributes.
fn start(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Array(e) if e.attrs.is_empty() => first(e.bracket_token.span.open()),
        Expr::Assign(e) if e.attrs.is_empty() => start(&e.left),
        Expr::Async(e) if e.attrs.is_empty() => first(e.async_token.span),
        Expr::Await(e) if e.attrs.is_empty() => start(&e.base),
        Expr::Binary(e) if e.attrs.is_empty() => start(&e.left),
        Expr::Block(e) if e.attrs.is_empty() && e.label.is_none() => first(e.block.brace_token.span.open()),
        Expr::Call(e) if e.attrs.is_empty() => start(&e.func),
        Expr::Field(e) if e.attrs.is_empty() => start(&e.base),
        Expr::ForLoop(e) if e.attrs.is_empty() && e.label.is_none() => first(e.for_token.span),
        Expr::If(e) if e.attrs.is_empty() => first(e.if_token.span),
        Expr::Index(e) if e.attrs.is_empty() => start(&e.expr),
        Expr::Let(e) if e.attrs.is_empty() => first(e.let_token.span),
        Expr::Lit(e) if e.attrs.is_empty() => first(e.lit.span()),
        Expr::Macro(e) if e.attrs.is_empty() => path_start(&e.mac.path),
        Expr::Match(e) if e.attrs.is_empty() => first(e.match_token.span),
        Expr::MethodCall(e) if e.attrs.is_empty() => start(&e.receiver),
        Expr::Paren(e) if e.attrs.is_empty() => first(e.paren_token.span.open()),
        Expr::Path(e) => whole_path(e).and_then(path_start),
        Expr::Reference(e) if e.attrs.is_empty() => first(e.and_token.span),
        Expr::Return(e) if e.attrs.is_empty() => first(e.return_token.span),
        Expr::Struct(e) if e.attrs.is_empty() && e.qself.is_none() => path_start(&e.path),
        Expr::Try(e) if e.attrs.is_empty() => start(&e.expr),
        Expr::Tuple(e) if e.attrs.is_empty() => first(e.paren_token.span.open()),
        _ => None,
    }
}

/// The offset behind the last byte; none for what is rare or has attributes.
fn end(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Array(e) => last(e.bracket_token.span.close()),
        Expr::Assign(e) => end(&e.right),
        Expr::Async(e) => last(e.block.brace_token.span.close()),
        Expr::Await(e) => last(e.await_token.span),
        Expr::Binary(e) => end(&e.right),
        Expr::Block(e) => last(e.block.brace_token.span.close()),
        Expr::Call(e) => last(e.paren_token.span.close()),
        Expr::Closure(e) => end(&e.body),
        Expr::Field(e) => match &e.member {
            syn::Member::Named(name) => last(name.span()),
            syn::Member::Unnamed(index) => last(index.span),
        },
        Expr::ForLoop(e) => last(e.body.brace_token.span.close()),
        Expr::If(e) => match &e.else_branch {
            Some((_, other)) => end(other),
            None => last(e.then_branch.brace_token.span.close()),
        },
        Expr::Index(e) => last(e.bracket_token.span.close()),
        Expr::Let(e) => end(&e.expr),
        Expr::Lit(e) => last(e.lit.span()),
        Expr::Macro(e) => last(e.mac.delimiter.span().close()),
        Expr::Match(e) => last(e.brace_token.span.close()),
        Expr::MethodCall(e) => last(e.paren_token.span.close()),
        Expr::Paren(e) => last(e.paren_token.span.close()),
        Expr::Path(e) => whole_path(e).and_then(path_end),
        Expr::Reference(e) => end(&e.expr),
        Expr::Return(e) => e.expr.as_ref().map_or_else(|| last(e.return_token.span), |value| end(value)),
        Expr::Struct(e) => last(e.brace_token.span.close()),
        Expr::Try(e) => last(e.question_token.span),
        Expr::Tuple(e) => last(e.paren_token.span.close()),
        Expr::Unary(e) => end(&e.expr),
        _ => None,
    }
}

fn whole_path(path: &ExprPath) -> Option<&Path> {
    (path.attrs.is_empty() && path.qself.is_none()).then_some(&path.path)
}

fn path_start(path: &Path) -> Option<usize> {
    if path.leading_colon.is_some() {
        return None;
    }
    first(path.segments.first()?.ident.span())
}

fn path_end(path: &Path) -> Option<usize> {
    let segment = path.segments.last()?;
    match &segment.arguments {
        PathArguments::None => last(segment.ident.span()),
        PathArguments::AngleBracketed(arguments) => last(arguments.gt_token.span),
        PathArguments::Parenthesized(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use syn::visit::Visit;

    struct All(usize);

    impl<'ast> Visit<'ast> for All {
        fn visit_expr(&mut self, expression: &'ast Expr) {
            assert_eq!(range(expression), expression.span().byte_range(), "{expression:?}");
            self.0 += 1;
            syn::visit::visit_expr(self, expression);
        }
    }

    #[test]
    fn they_are_those_of_the_general_way() {
        let files =
            ["src/scan.rs", "src/frontend/rust/depth.rs", "src/evaluate/expressions.rs", "src/source.rs", "src/cli.rs"];
        let mut all = All(0);
        for file in files {
            #[allow(clippy::disallowed_methods)]
            let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            all.visit_file(&syn::parse_file(&text).unwrap());
        }
        let odd = "fn f() { 'a: loop { break 'a } #[x] y.z(); -1; !a; &mut b; a as u8; 1..2; ..; move |x| x; ::a::b::<C>(d); <A as B>::c(); m![a]; a.0.1; if let A(b) = c {} else if d {} else { e } return; }";
        all.visit_file(&syn::parse_file(odd).unwrap());
        assert!(all.0 > 1000);
    }
}
