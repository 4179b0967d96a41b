//! Rust, read with syn.

mod comments;
mod expressions;
mod format_strings;
mod items;
mod macros;
mod patterns;
mod types;

use super::{Lowered, MAX_NESTING, Problem};
use crate::program::tree::Module;
use crate::span::{FileId, Span};

/// Lowers one Rust file. A file that does not parse, or nests too deeply, gives an empty module and a problem.
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
    if too_deep(text) {
        problems.push(problem("nested too deeply to be parsed"));
        return Lowered { module, problems };
    }
    // syn leaves a byte-order mark out of its offsets.
    let shift = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    match stacker::maybe_grow(256 * 1024, 16 * 1024 * 1024, || syn::parse_file(text.get(shift..).unwrap_or(text))) {
        Ok(parsed) => {
            let context = Context { file, shift };
            module.attributes = context.attributes(&parsed.attrs);
            module.items = stacker::maybe_grow(256 * 1024, 16 * 1024 * 1024, || context.items(&parsed.items));
        }
        Err(error) => {
            let range = error.span().byte_range();
            let span = Span::new(file, range.start + shift, range.end + shift);
            problems.push(Problem { span, message: "not valid Rust".to_owned() });
        }
    }
    // The source map of spans is per thread and grows with every file.
    proc_macro2::extra::invalidate_current_thread_spans();
    Lowered { module, problems }
}

/// Brackets, and postfix chains that make equally deep trees, are counted before anything recursive sees them.
fn too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut chain) = (0usize, 0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => chain = 0,
            b'.' | b'?' | b'&' | b'!' | b'-' | b'*' | b'+' | b'|' | b'<' | b'=' | b'/' => chain += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
        if deepest > MAX_NESTING || chain > 200_000 {
            return true;
        }
    }
    false
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

    fn of(self, span: proc_macro2::Span) -> Span {
        let range = span.byte_range();
        Span::new(self.file, range.start + self.shift, range.end + self.shift)
    }
}

#[cfg(test)]
mod tests;
