//! Variables inside values: `${NAME}`, `${NAME:-default}`, `$NAME`, `{{ … }}`, `${{ … }}` and `$(NAME)` become holes,
//! their defaults texts of their own.

use super::Builder;
use crate::program::tree::{BinaryOperator, Expr, ExprKind, HoleStyle, Literal, Path, TemplatePart};
use std::ops::Range;

/// References nested deeper than this are taken as they stand.
const MAX_DEPTH: usize = 8;

/// A value: literal text when it names no variable, the variable itself when that is all, else a template. `range` is
/// where it stands; where escapes make the source differ from the text, every part has the whole range.
pub(super) fn text(builder: Builder<'_>, text: &str, range: Range<usize>) -> Expr {
    parts(builder, text, range, 0)
}

fn parts(builder: Builder<'_>, text: &str, range: Range<usize>, depth: usize) -> Expr {
    if depth >= MAX_DEPTH || !(text.contains('$') || text.contains("{{")) {
        return builder.plain(text, range);
    }
    let exact = builder.source.get(range.clone()) == Some(text);
    let place = |from: usize, to: usize| if exact { range.start + from..range.start + to } else { range.clone() };
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.find(['$', '{']) else { break };
        let start = at + next;
        let Some((end, value)) = hole(builder, text, start, &place, depth) else {
            at = start + 1;
            continue;
        };
        if from < start {
            let known = text.get(from..start).unwrap_or("").to_owned();
            parts.push(TemplatePart::Text { span: builder.span(place(from, start)), text: known });
        }
        parts.push(TemplatePart::Hole { value, style: HoleStyle::Display });
        (from, at) = (end, end);
    }
    if parts.is_empty() {
        return builder.plain(text, range);
    }
    if parts.len() == 1
        && from == text.len()
        && let Some(TemplatePart::Hole { value, .. }) = parts.pop()
    {
        return value;
    }
    if from < text.len() {
        let known = text.get(from..).unwrap_or("").to_owned();
        parts.push(TemplatePart::Text { span: builder.span(place(from, text.len())), text: known });
    }
    builder.expr(range, ExprKind::Template(parts))
}

/// The reference that starts at `start`: where it ends and what it means.
fn hole(
    builder: Builder<'_>,
    text: &str,
    start: usize,
    place: &dyn Fn(usize, usize) -> Range<usize>,
    depth: usize,
) -> Option<(usize, Expr)> {
    let rest = text.get(start..)?;
    for (open, close) in [("${{", "}}"), ("{{", "}}")] {
        if rest.starts_with(open) {
            let inner_start = start + open.len();
            let length = text.get(inner_start..)?.find(close)?;
            let end = inner_start + length + close.len();
            let inner = text.get(inner_start..inner_start + length)?;
            return Some((end, expression(builder, inner, inner_start, place, place(start, end))));
        }
    }
    if rest.starts_with("${") {
        let (end, inner) = braces(text, start + 2)?;
        let name_length =
            inner.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(inner.len());
        // `-` may be part of a key (`${cerbo.api-key}`) or the operator before a default.
        let name_length = match inner.find('-') {
            Some(dash) if dash < name_length && is_variable(inner.get(..dash)?) => dash,
            _ => name_length,
        };
        let name = inner.get(..name_length)?;
        let operator = inner.get(name_length..)?;
        let variable = name_of(builder, name, place(start, end));
        // `${vault:path}` asks a resolver; `${NAME:default}` and `${a.key:default}` fall back.
        let resolver = !name.contains(['.', '_', '-']) && !name.chars().any(char::is_uppercase);
        let signs = [":-", ":=", "-", "=", ":"].into_iter().filter(|sign| *sign != ":" || !resolver);
        let skip = signs.into_iter().find(|sign| operator.starts_with(sign));
        let keeps = operator.starts_with(":?") || operator.starts_with(":+");
        // `${opt:name, 'default'}`: a resolver may be followed by what stands in for its answer.
        if resolver && let Some((before, quoted)) = operator.rsplit_once(',').filter(|_| operator.starts_with(':')) {
            let blanks = quoted.len() - quoted.trim_start().len();
            let from = start + 2 + name_length + before.len() + 1 + blanks;
            let (default, at) = unquoted(quoted.trim(), from);
            if default.len() < quoted.trim().len() {
                let default = parts(builder, default, place(at, at + default.len()), depth + 1);
                return Some((end, either(builder, variable, default, place(start, end))));
            }
        }
        return Some((
            end,
            match skip.filter(|_| !keeps && !name.is_empty()) {
                Some(sign) => {
                    let from = start + 2 + name_length + sign.len();
                    let default = text.get(from..end - 1)?;
                    let (default, from) = unquoted(default, from);
                    let default = parts(builder, default, place(from, from + default.len()), depth + 1);
                    either(builder, variable, default, place(start, end))
                }
                None => variable,
            },
        ));
    }
    if rest.starts_with("$(") {
        let length = rest.find(')')?;
        let inner = rest.get(2..length)?;
        let end = start + length + 1;
        // `$(NAME)` is a variable (Kubernetes, Make); anything else is the output of a command.
        let variable = name_of(builder, if is_variable(inner) { inner } else { "" }, place(start, end));
        return Some((end, variable));
    }
    if rest.starts_with('$') {
        let name = rest.get(1..)?;
        let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let name = name.get(..length)?;
        // A password may hold a dollar sign: only a name in capitals is taken for a variable.
        if is_variable(name) && name.chars().any(|c| c.is_ascii_uppercase()) && name == name.to_ascii_uppercase() {
            let end = start + 1 + length;
            return Some((end, name_of(builder, name, place(start, end))));
        }
    }
    None
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// From behind `${`: where the reference ends, and its inside. Braces nest.
fn braces(text: &str, start: usize) -> Option<(usize, &str)> {
    let mut depth = 1usize;
    for (index, c) in text.get(start..)?.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((start + index + 1, text.get(start..start + index)?));
                }
            }
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// The inside of `{{ … }}`: what stands there, or the text it falls back to (`default "…"`, `|| '…'`).
fn expression(
    builder: Builder<'_>,
    inner: &str,
    start: usize,
    place: &dyn Fn(usize, usize) -> Range<usize>,
    whole: Range<usize>,
) -> Expr {
    let name = inner.split(['|', '(']).next().unwrap_or("").trim();
    let variable = name_of(builder, name, whole.clone());
    let behind = ["||", "default"].into_iter().filter_map(|word| inner.rfind(word).map(|at| at + word.len())).max();
    let quoted = behind.and_then(|behind| {
        let rest = inner.get(behind..)?;
        let trimmed = rest.trim_start_matches([' ', '(']);
        let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let from = behind + (rest.len() - trimmed.len()) + 1;
        let length = inner.get(from..)?.find(quote)?;
        Some(from..from + length)
    });
    match quoted {
        Some(range) => {
            let text = inner.get(range.clone()).unwrap_or("");
            let default =
                builder.literal(Literal::Text(text.to_owned()), place(start + range.start, start + range.end));
            either(builder, variable, default, whole)
        }
        None => variable,
    }
}

fn unquoted(text: &str, start: usize) -> (&str, usize) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (inner, start + 1);
        }
    }
    (text, start)
}

fn name_of(builder: Builder<'_>, name: &str, range: Range<usize>) -> Expr {
    builder.expr(range, ExprKind::Name(Path::scoped([name])))
}

fn either(builder: Builder<'_>, left: Expr, right: Expr, range: Range<usize>) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    builder.expr(range, ExprKind::Binary { operator: BinaryOperator::Default, left, right })
}
