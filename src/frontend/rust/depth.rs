//! How deep the tree of a token stream can become, before anything recursive sees it.

use crate::frontend::MAX_NESTING;
use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};

/// Operators, method calls and branches that hang on each other make a tree as deep as they are many.
const MAX_CHAIN: usize = 1_000;

/// Words that open an expression within an expression.
const OPENING: &[&str] = &["else", "return", "break", "move", "async", "yield", "as"];

/// One level of brackets: its tokens, and what hangs together in it so far.
struct Level {
    tokens: token_stream::IntoIter,
    chain: usize,
    after_block: bool,
    /// Behind the sign of an attribute: attributes, lines of documentation among them, stand side by side.
    attribute: bool,
}

impl Level {
    fn new(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter(), chain: 0, after_block: false, attribute: false }
    }
}

/// Whether the tree of these tokens can be too deep for recursion.
pub(super) fn too_deep(tokens: TokenStream) -> bool {
    let mut levels = vec![Level::new(tokens)];
    // What hangs together in the levels around the innermost.
    let mut around = 0;
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.tokens.next() else {
            levels.pop();
            around -= levels.last().map_or(0, |outer| outer.chain);
            continue;
        };
        let after_block = std::mem::take(&mut level.after_block);
        let attribute = std::mem::take(&mut level.attribute);
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                level.attribute = true;
                level.chain = if after_block { 0 } else { level.chain };
            }
            TokenTree::Punct(mark) if attribute && mark.as_char() == '!' => level.attribute = true,
            TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | ';') => level.chain = 0,
            TokenTree::Punct(mark) if matches!(mark.as_char(), '>' | '\'' | '$') => {}
            TokenTree::Punct(_) => level.chain += 1,
            TokenTree::Ident(word) if OPENING.iter().any(|opening| word == opening) => level.chain += 1,
            // A statement that follows a block.
            TokenTree::Ident(_) | TokenTree::Literal(_) if after_block => level.chain = 0,
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
            TokenTree::Group(group) => {
                // A call or an index.
                level.chain += usize::from(group.delimiter() != Delimiter::Brace && !attribute);
                level.after_block = group.delimiter() == Delimiter::Brace;
                around += level.chain;
                levels.push(Level::new(group.stream()));
            }
        }
        let chain = levels.last().map_or(0, |level| level.chain);
        if levels.len() > MAX_NESTING || around + chain > MAX_CHAIN {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deep(text: &str) -> bool {
        too_deep(text.parse().unwrap_or_default())
    }

    #[test]
    fn what_hangs_together_is_counted() {
        let many = 20_000;
        for text in [
            format!("fn f() {{ {}1 }}", "1 + ".repeat(many)),
            format!("fn f() {{ x{} }}", ".a()".repeat(many)),
            format!("fn f() {{ {}1 }}", "- ".repeat(many)),
            format!("fn f() {{ if a {{}} {} }}", "else if a {} ".repeat(many)),
            format!("type A = {}u8{};", "Vec<".repeat(many), ">".repeat(many)),
            format!("fn f() {{ {}1; }}", "|| ".repeat(many)),
            format!("fn f() {{ {}1{} }}", "(".repeat(many), ")".repeat(many)),
            format!("fn f() {{ {}1{} }}", "(1 + ".repeat(300), ")".repeat(300)).replace("1 +", &"1 + ".repeat(20)),
        ] {
            assert!(deep(&text), "{:.60}", text);
        }
    }

    #[test]
    fn what_stands_side_by_side_is_not() {
        let many = 20_000;
        for text in [
            format!("const A: &[i32] = &[{}];", "-1, ".repeat(many)),
            format!("fn f() {{ {} }}", "a.b(); ".repeat(many)),
            format!("fn f() {{ {} }}", "if a.b {} ".repeat(many)),
            format!("impl A {{ {} }}", "fn a(&self) -> &B<'a> { x } ".repeat(many)),
            format!("impl A {{ {} }}", "#[a = b] fn a() {} ".repeat(many)),
            format!("{}fn f() {{}}", "//! Words.\n".repeat(many)),
            format!("{}fn f() {{}}", "/// Words.\n#[a(b)]\n".repeat(many)),
            format!("const A: &str = \"{}\"; // {}\n", "(".repeat(many), "-".repeat(many)),
        ] {
            assert!(!deep(&text), "{:.60}", text);
        }
    }
}
