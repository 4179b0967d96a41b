//! HCL: Terraform's files and variables. Blocks are objects under their type and labels.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Entry, Expr, ExprKind, Literal};
use crate::span::FileId;
use std::ops::Range;

/// Blocks nested deeper than this are passed over.
const MAX_DEPTH: usize = 100;

/// Lowers a file.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let mut reader = Reader { builder: Builder { file, source }, at: 0, comments: Vec::new() };
    let mut entries = Vec::new();
    while reader.at < source.len() {
        entries.extend(reader.body(0));
        // A closing brace that nothing opened.
        reader.at += 1;
    }
    let whole = reader.builder.object(entries, 0..source.len());
    reader.builder.lowered(vec![whole], reader.comments, None)
}

struct Reader<'t> {
    builder: Builder<'t>,
    at: usize,
    comments: Vec<Comment>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.builder.source.get(self.at..).unwrap_or("")
    }

    fn skip_char(&mut self) {
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
    }

    /// Past blanks, line breaks, separators and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            self.at +=
                rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).len();
            let rest = self.rest();
            let (open, end) = if rest.starts_with('#') || rest.starts_with("//") {
                (if rest.starts_with('#') { 1 } else { 2 }, rest.find('\n').unwrap_or(rest.len()))
            } else if rest.starts_with("/*") {
                (2, rest.find("*/").map_or(rest.len(), |end| end + 2))
            } else {
                return;
            };
            let text = rest.get(open..end).unwrap_or("").trim_end_matches("*/");
            self.comments.push(self.builder.comment(text, self.at..self.at + end));
            self.at += end;
        }
    }

    fn word(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
        let range = self.at..self.at + length;
        self.at = range.end;
        (length > 0).then_some(range)
    }

    /// A text in quotes: where its inside stands.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return None;
        }
        let (mut escaped, mut depth) = (false, 0usize);
        for (index, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '{' if rest.get(..index).is_some_and(|before| before.ends_with(['$', '%'])) => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                '"' if depth == 0 => {
                    let range = self.at + 1..self.at + index;
                    self.at += index + 1;
                    return Some(range);
                }
                '\n' => break,
                _ => {}
            }
        }
        None
    }

    /// Entries up to a closing brace, which is left.
    fn body(&mut self, depth: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        loop {
            self.skip();
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with('}') {
                return entries;
            }
            let Some(key) = self.word().or_else(|| self.quoted()) else {
                self.skip_char();
                continue;
            };
            self.blanks();
            let rest = self.rest();
            if rest.starts_with(['=', ':']) && !rest.starts_with("==") {
                self.at += 1;
                self.blanks();
                if let Some(value) = self.value(depth) {
                    let name = self.builder.source.get(key.clone()).unwrap_or("");
                    entries.push(self.builder.entry(name, key, value));
                }
                continue;
            }
            let mut labels = vec![key];
            while let Some(label) = self.quoted().or_else(|| self.word()) {
                labels.push(label);
                self.blanks();
            }
            if self.rest().starts_with('{')
                && let Some(block) = self.braces(depth)
            {
                let mut value = block;
                for label in labels.iter().skip(1).rev() {
                    let name = self.builder.source.get(label.clone()).unwrap_or("");
                    let range = label.start..value.span.end as usize;
                    value = self.builder.object(vec![self.builder.entry(name, label.clone(), value)], range);
                }
                if let Some(first) = labels.first() {
                    let name = self.builder.source.get(first.clone()).unwrap_or("");
                    entries.push(self.builder.entry(name, first.clone(), value));
                }
            }
        }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn braces(&mut self, depth: usize) -> Option<Expr> {
        let start = self.at;
        self.at += 1;
        if depth >= MAX_DEPTH {
            return None;
        }
        let entries = self.body(depth + 1);
        self.at = (self.at + 1).min(self.builder.source.len());
        Some(self.builder.object(entries, start..self.at))
    }

    fn value(&mut self, depth: usize) -> Option<Expr> {
        let rest = self.rest();
        let start = self.at;
        if rest.starts_with('{') {
            return self.braces(depth);
        }
        if rest.starts_with('[') && depth < MAX_DEPTH {
            self.at += 1;
            let mut items = Vec::new();
            loop {
                self.skip();
                let before = self.at;
                if self.rest().starts_with(']') || self.rest().is_empty() {
                    break;
                }
                items.extend(self.value(depth + 1));
                if self.at == before {
                    self.skip_char();
                }
            }
            self.at = (self.at + 1).min(self.builder.source.len());
            return Some(self.builder.list(items, start..self.at));
        }
        if let Some(marker) = rest.strip_prefix("<<").map(|rest| rest.trim_start_matches(['-', '~'])) {
            return self.heredoc(marker);
        }
        if let Some(range) = self.quoted() {
            let text = self.builder.source.get(range.clone()).unwrap_or("");
            let value = self.builder.text(&text.replace("\\\"", "\""), range);
            self.expression();
            return Some(value);
        }
        let end = start + self.expression();
        let text = self.builder.source.get(start..end).unwrap_or("").trim_end();
        let range = start..start + text.len();
        Some(match text {
            "true" | "false" => self.builder.literal(Literal::Boolean(text == "true"), range),
            "null" => self.builder.literal(Literal::Null, range),
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                self.builder.literal(Literal::Number(number.to_owned()), range)
            }
            _ => self.builder.expr(range, ExprKind::Opaque(Vec::new())),
        })
    }

    /// Past the rest of an expression on this line: gives its length.
    fn expression(&mut self) -> usize {
        let rest = self.rest();
        let mut depth = 0i32;
        let mut length = rest.len();
        for (index, c) in rest.char_indices() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth > 0 => depth -= 1,
                '\n' | ',' | '}' | ']' | '#' if depth <= 0 => {
                    length = index;
                    break;
                }
                _ => {}
            }
        }
        self.at += length;
        length
    }

    fn heredoc(&mut self, marker: &str) -> Option<Expr> {
        let word = marker.lines().next()?.trim();
        let start = self.at + self.rest().find('\n')? + 1;
        let body = self.builder.source.get(start..)?;
        let mut length = 0;
        for line in body.split_inclusive('\n') {
            if line.trim() == word {
                break;
            }
            length += line.len();
        }
        self.at = start + length;
        let rest = self.rest();
        self.at += rest.find('\n').unwrap_or(rest.len());
        Some(self.builder.plain(body.get(..length)?, start..start + length))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn blocks_labels_and_values() {
        let source = "variable \"v\" { # one\n  default = \"x\"\n  n = 3\n}\na = { b = \"y\", \"c\" : [\"z\", var.q] }\nd = <<EOF\nl1\nEOF\ne = \"${f}-g\"\n";
        assert_eq!(
            read(source),
            [".variable.v.default=x", ".variable.v.n=#3", ".a.b=y", ".a.c[]=z", ".d=l1\n", ".e=$f", ".e~-g"]
        );
    }

    #[test]
    fn what_is_not_closed_ends() {
        for source in ["a = \"x", "a {", "a = {", "a = [", "}", "a = <<EOF\nx", "é = é", "a \"b\" = ", "/* x"] {
            read(source);
        }
        read(&"a {".repeat(10_000));
        read(&"a = [".repeat(10_000));
    }
}
