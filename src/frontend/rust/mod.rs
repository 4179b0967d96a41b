//! Rust, read with syn.

mod comments;
mod depth;
mod expressions;
mod format_strings;
mod items;
mod macros;
mod patterns;
mod recover;
mod spans;
mod types;

use super::{Lowered, Problem};
use crate::program::tree::Module;
use crate::span::{FileId, Span};

/// Stack for parsing and lowering the deepest tree that is let through. Only what is used of it becomes memory.
const STACK: usize = 256 * 1024 * 1024;

/// Lowers one Rust file. A file that does not parse gives what can be read of it and a problem; one that nests too deeply
/// gives its texts and a problem.
pub fn lower(file: FileId, text: &str) -> Lowered {
    let mut module = Module {
        file,
        namespace: "rust",
        attributes: Vec::new(),
        items: Vec::new(),
        comments: comments::comments(file, text),
    };
    let whole = Span::new(file, 0, text.len());
    let problem = |message: &str| Problem { span: whole, message: message.to_owned() };
    let mut problems = Vec::new();
    // Neither a byte-order mark nor the line that names an interpreter is Rust.
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let code = text.get(bom..).unwrap_or(text);
    let shebang = code.starts_with("#!") && !code.get(2..).unwrap_or("").trim_start().starts_with('[');
    let shift = bom + if shebang { code.find('\n').unwrap_or(code.len()) } else { 0 };
    let not_rust = |range: std::ops::Range<usize>| Problem {
        span: Span::new(file, range.start + shift, range.end + shift),
        message: "not valid Rust".to_owned(),
    };
    let context = Context { file, shift };
    let code = text.get(shift..).unwrap_or("");
    match code.parse::<proc_macro2::TokenStream>() {
        Err(error) => {
            problems.push(not_rust(error.span().byte_range()));
            module.items = recover::texts(context, code);
        }
        Ok(tokens) if depth::too_deep(tokens.clone()) => {
            problems.push(problem("nested too deeply to be parsed"));
            module.items = recover::texts(context, code);
        }
        Ok(tokens) => stacker::maybe_grow(STACK, STACK, || match syn::parse2::<syn::File>(tokens.clone()) {
            Ok(parsed) => {
                module.attributes = context.attributes(&parsed.attrs);
                module.items = context.items(&parsed.items);
            }
            Err(error) => {
                problems.push(not_rust(error.span().byte_range()));
                module.items = recover::recovered(context, tokens);
            }
        }),
    }
    // The source map of spans is per thread and grows with every file.
    proc_macro2::extra::invalidate_current_thread_spans();
    Lowered { module, problems }
}

/// What lowering needs to know everywhere.
#[derive(Clone, Copy)]
struct Context {
    file: FileId,
    /// Bytes before the text that syn saw.
    shift: usize,
}

impl Context {
    fn span(self, node: &impl syn::spanned::Spanned) -> Span {
        self.of(node.span())
    }

    fn span_of(self, expression: &syn::Expr) -> Span {
        let range = spans::range(expression);
        Span::new(self.file, range.start + self.shift, range.end + self.shift)
    }

    fn of(self, span: proc_macro2::Span) -> Span {
        let range = span.byte_range();
        Span::new(self.file, range.start + self.shift, range.end + self.shift)
    }
}

#[cfg(test)]
mod tests;
