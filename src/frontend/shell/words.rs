//! Words: quotes, variables, what is put in for them, and arrays.

use super::nodes::{
    ARGUMENTS, argument, assign, call, closure, expr, language, number, opaque, spread, text, variable,
};
use super::{Lowerer, children, named};
use crate::program::tree::{Argument, BinaryOperator, Expr, ExprKind, HoleStyle, Literal, TemplatePart, UnaryOperator};
use crate::span::Span;
use tree_sitter::Node;

/// Characters that end a name in a word.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Lowerer<'_> {
    /// The arguments that a word stands for: what is put in without quotes is split into words.
    pub(super) fn argument(&mut self, node: Node<'_>) -> Argument {
        let value = self.word(node);
        self.argument_of(node, value)
    }

    /// The arguments that a word stands for, by its value.
    pub(super) fn argument_of(&self, node: Node<'_>, value: Expr) -> Argument {
        let many = match node.kind() {
            "simple_expansion" | "expansion" | "string" => self.stands_for_list(node),
            _ => false,
        };
        if many {
            return spread(value);
        }
        match node.kind() {
            "simple_expansion" | "expansion" if !matches!(value.kind, ExprKind::Opaque(_)) => {
                spread(language(value.span, "words", vec![value]))
            }
            _ => argument(value),
        }
    }

    /// `"$@"`, `$*`, `"${array[@]}"` and nothing else in the word.
    fn stands_for_list(&self, node: Node<'_>) -> bool {
        let text = self.text(node);
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if matches!(inner, "$@" | "$*" | "${@}" | "${*}") {
            return true;
        }
        let Some(inside) = inner.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else { return false };
        if inside.starts_with(['#', '!']) || inside.contains(['}', '"']) {
            return false;
        }
        let name: &str = inside.split(['[', ':', '-', '+']).next().unwrap_or("");
        inside.starts_with("@:")
            || inside.starts_with("*:")
            || (is_name(name) && (inside.contains("[@]") || inside.contains("[*]")))
    }

    /// The value of a word.
    pub(super) fn word(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |this| this.word_inside(node))
    }

    fn word_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        match node.kind() {
            "word" | "number" | "extglob_pattern" | "regex" | "brace_expression" | "command_name"
                if node.named_child_count() == 0 =>
            {
                text(span, unescaped(self.text(node)))
            }
            "command_name" => match named(node).first() {
                Some(only) if node.named_child_count() == 1 => self.word(*only),
                _ => self.template(node, 0, 0, true),
            },
            "raw_string" => self.quoted(node, 1),
            "ansi_c_string" => {
                let inner = self.quoted(node, 2);
                match inner.kind {
                    ExprKind::Literal(Literal::Text(raw)) => text(inner.span, escapes(&raw)),
                    kind => expr(inner.span, kind),
                }
            }
            "string" => self.template(node, 1, 1, false),
            "translated_string" => self.template(node, 2, 1, false),
            "heredoc_body" => self.template(node, 0, 0, false),
            "concatenation" | "word" => self.template(node, 0, 0, true),
            "simple_expansion" => match named(node).first() {
                Some(name) => self.variable(span, self.text(*name)),
                None => opaque(span, Vec::new()),
            },
            "variable_name" => self.variable(span, self.text(node)),
            "special_variable_name" => self.variable(span, self.text(node)),
            "expansion" => self.expansion(node),
            "command_substitution" => self.substitution(node),
            "process_substitution" => {
                let inner = self.substitution(node);
                language(span, "pipe", vec![inner])
            }
            "arithmetic_expansion" => match named(node).as_slice() {
                [only] => self.arithmetic(*only),
                many => {
                    let parts = many.iter().map(|part| self.arithmetic(*part)).collect();
                    opaque(span, parts)
                }
            },
            "array" => {
                let items = named(node).into_iter().filter(|item| item.kind() != "comment");
                let items = items.map(|item| self.argument(item)).collect();
                expr(span, ExprKind::List(items))
            }
            "subscript" => self.subscript(node),
            _ if node.named_child_count() == 0 => text(span, unescaped(self.text(node))),
            _ => {
                let parts = named(node).into_iter().map(|part| self.word(part)).collect();
                opaque(span, parts)
            }
        }
    }

    /// Text between quotes in which nothing is replaced.
    fn quoted(&mut self, node: Node<'_>, before: usize) -> Expr {
        let (start, end) = (node.start_byte() + before, node.end_byte().saturating_sub(1));
        let inner = self.script.text.get(start..end).unwrap_or("");
        text(self.range(start, end.max(start)), inner)
    }

    /// Text with what is put into it: everything between the parts that are named is text.
    fn template(&mut self, node: Node<'_>, before: usize, after: usize, bare: bool) -> Expr {
        let (start, end) = (node.start_byte() + before, node.end_byte().saturating_sub(after));
        let mut parts = Vec::new();
        let mut at = start;
        for part in named(node) {
            let is_text = matches!(part.kind(), "string_content" | "heredoc_content" | "heredoc_end" | "heredoc_start");
            if is_text || part.start_byte() < at || part.end_byte() > end {
                continue;
            }
            // Bare words in a row are text as well.
            if bare && part.named_child_count() == 0 && matches!(part.kind(), "word" | "number" | "brace_expression") {
                continue;
            }
            self.text_part(&mut parts, at, part.start_byte(), bare);
            at = part.end_byte();
            let value = self.word(part);
            parts.push(match value {
                Expr { span, kind: ExprKind::Literal(Literal::Text(text)) } => TemplatePart::Text { span, text },
                value => TemplatePart::Hole { value, style: HoleStyle::Display },
            });
        }
        self.text_part(&mut parts, at, end, bare);
        let span = self.range(start, end.max(start));
        match parts.len() {
            0 => text(span, ""),
            1 => match parts.pop() {
                Some(TemplatePart::Text { span, text: inner }) => text(span, inner),
                Some(TemplatePart::Hole { value, .. }) => value,
                None => text(span, ""),
            },
            _ => expr(span, ExprKind::Template(parts)),
        }
    }

    fn text_part(&self, parts: &mut Vec<TemplatePart>, start: usize, end: usize, bare: bool) {
        let Some(raw) = self.script.text.get(start..end).filter(|raw| !raw.is_empty()) else { return };
        let text = if bare { unescaped(raw) } else { in_quotes(raw) };
        parts.push(TemplatePart::Text { span: self.range(start, end), text });
    }

    /// A variable by its name.
    pub(super) fn variable(&self, span: Span, name: &str) -> Expr {
        match name {
            "@" | "*" => variable(span, ARGUMENTS),
            "0" => opaque(span, Vec::new()),
            name if name.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => {
                let index = name.parse::<usize>().unwrap_or(1).saturating_sub(1);
                let base = Box::new(variable(span, ARGUMENTS));
                expr(span, ExprKind::Field { base, name: index.to_string(), name_span: span, optional: false })
            }
            name if is_name(name) => variable(span, name),
            _ => opaque(span, Vec::new()),
        }
    }

    /// `name[index]`
    fn subscript(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let base = node.child_by_field_name("name").map_or("", |name| self.text(name));
        let base = self.variable(span, base);
        match node.child_by_field_name("index") {
            Some(index) if matches!(self.text(index), "@" | "*") => base,
            Some(index) => {
                let index = if matches!(index.kind(), "word" | "number") && !is_name(self.text(index)) {
                    text(self.span(index), self.text(index))
                } else {
                    self.word(index)
                };
                expr(span, ExprKind::Index { base: Box::new(base), index: Box::new(index) })
            }
            None => base,
        }
    }

    /// `${…}`
    fn expansion(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let all: Vec<Node<'_>> = children(node).into_iter().filter(|c| !matches!(c.kind(), "${" | "}")).collect();
        let is_subject = |c: &Node<'_>| matches!(c.kind(), "variable_name" | "special_variable_name" | "subscript");
        let Some(position) = all.iter().position(is_subject) else { return opaque(span, Vec::new()) };
        let Some(subject) = all.get(position).copied() else { return opaque(span, Vec::new()) };
        // `${#name}`, `${!name}`
        if position > 0 {
            let value = self.word(subject);
            return opaque(span, vec![value]);
        }
        let value = self.word(subject);
        let Some(operator) = all.get(position + 1).map(|node| self.text(*node)) else { return value };
        let rest: Vec<Node<'_>> = all.iter().skip(position + 2).copied().collect();
        match operator {
            ":-" | "-" | ":=" | "=" => {
                let default = self.alternative(node, subject.end_byte() + operator.len(), &rest);
                let plain = matches!(value.kind, ExprKind::Name(_));
                let set = (plain && operator.contains('=')).then(|| value.clone());
                let either = ExprKind::Binary {
                    operator: BinaryOperator::Default,
                    left: Box::new(value),
                    right: Box::new(default),
                };
                match set {
                    Some(place) => {
                        let assigned = assign(span, place.clone(), expr(span, either));
                        super::nodes::block(span, vec![assigned, place])
                    }
                    None => expr(span, either),
                }
            }
            ":+" | "+" => {
                let given = self.alternative(node, subject.end_byte() + operator.len(), &rest);
                let otherwise = Some(Box::new(text(span, "")));
                expr(span, ExprKind::If { condition: Box::new(value), then: Box::new(given), otherwise })
            }
            ":?" | "?" => value,
            // A part of a list or of a text.
            ":" => {
                let from = rest.first().map_or("", |node| self.text(*node)).trim();
                let list = self.stands_for_list(node);
                let from = match from.parse::<usize>() {
                    Ok(from) if list => number(span, from.saturating_sub(1).to_string()),
                    Ok(from) => number(span, from.to_string()),
                    Err(_) => opaque(span, Vec::new()),
                };
                let to = if rest.len() > 1 { opaque(span, Vec::new()) } else { super::nodes::nothing(span) };
                let range =
                    ExprKind::Binary { operator: BinaryOperator::Range, left: Box::new(from), right: Box::new(to) };
                expr(span, ExprKind::Index { base: Box::new(value), index: Box::new(expr(span, range)) })
            }
            // Without a slash or blank at one of its ends it is what it was.
            "%" | "%%" if rest.len() == 1 && rest.first().is_some_and(|cut| matches!(self.text(*cut), "/" | "/*")) => {
                value
            }
            "," | ",," | "^" | "^^" | "@" => value,
            _ => {
                let mut parts = vec![value];
                parts.extend(rest.iter().map(|part| self.word(*part)));
                language(span, "changed", parts)
            }
        }
    }

    /// What a variable falls back to: the words behind the sign.
    fn alternative(&mut self, node: Node<'_>, start: usize, words: &[Node<'_>]) -> Expr {
        let end = node.end_byte().saturating_sub(1);
        match words {
            [only] if only.start_byte() == start && only.end_byte() == end => self.word(*only),
            _ => {
                let mut parts = Vec::new();
                let mut at = start;
                for word in words {
                    if word.start_byte() < at || word.kind() == "word" && word.named_child_count() == 0 {
                        continue;
                    }
                    self.text_part(&mut parts, at, word.start_byte(), true);
                    at = word.end_byte();
                    let value = self.word(*word);
                    parts.push(match value {
                        Expr { span, kind: ExprKind::Literal(Literal::Text(text)) } => {
                            TemplatePart::Text { span, text }
                        }
                        value => TemplatePart::Hole { value, style: HoleStyle::Display },
                    });
                }
                self.text_part(&mut parts, at, end, true);
                let span = self.range(start, end.max(start));
                match parts.as_slice() {
                    [] => text(span, ""),
                    [TemplatePart::Text { span, text: inner }] => text(*span, inner.clone()),
                    _ => expr(span, ExprKind::Template(parts)),
                }
            }
        }
    }

    /// `$(…)`: what the commands write.
    fn substitution(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        // `$(< file)`
        if let [only] = named(node).as_slice()
            && only.kind() == "file_redirect"
        {
            let path = named(*only).last().map(|path| self.word(*path));
            return language(span, "contents", path.into_iter().collect());
        }
        let statements = self.list(node);
        self.captured(span, statements)
    }

    /// What commands write, kept from the terminal.
    pub(super) fn captured(&mut self, span: Span, statements: Vec<Expr>) -> Expr {
        language(span, "captured", vec![closure(span, super::statements::together(span, statements))])
    }

    /// Arithmetic.
    pub(super) fn arithmetic(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |this| this.arithmetic_inside(node))
    }

    fn arithmetic_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let unary = |operand: Expr| {
            expr(span, ExprKind::Unary { operator: UnaryOperator::Arithmetic, operand: Box::new(operand) })
        };
        match node.kind() {
            "number" => number(span, self.text(node)),
            "word" | "variable_name" if is_name(self.text(node)) => variable(span, self.text(node)),
            "word" if !self.text(node).is_empty() && self.text(node).bytes().all(|b| b.is_ascii_digit()) => {
                number(span, self.text(node))
            }
            "binary_expression" => {
                let operator = node.child_by_field_name("operator").map_or("", |operator| self.text(operator));
                let side = |this: &mut Self, name| node.child_by_field_name(name).map(|side| this.arithmetic(side));
                let (Some(left), Some(right)) = (side(self, "left"), side(self, "right")) else {
                    return opaque(span, Vec::new());
                };
                if let Some(compound) = operator.strip_suffix('=').filter(|o| !matches!(*o, "=" | "!" | "<" | ">")) {
                    let kind = match compound {
                        "" => None,
                        "+" => Some(BinaryOperator::Add),
                        _ => Some(BinaryOperator::Arithmetic),
                    };
                    let value = if kind.is_some() { unary(right) } else { right };
                    let (target, value) = (Box::new(left), Box::new(value));
                    return expr(span, ExprKind::Assign { target, operator: kind, value });
                }
                let operator = match operator {
                    "+" => BinaryOperator::Add,
                    "==" => BinaryOperator::Equal,
                    "!=" => BinaryOperator::NotEqual,
                    "<" | ">" | "<=" | ">=" => BinaryOperator::Order,
                    "&&" => BinaryOperator::And,
                    "||" => BinaryOperator::Or,
                    _ => BinaryOperator::Arithmetic,
                };
                // Digits in a variable are text until they are added.
                let left = if operator == BinaryOperator::Add { unary(left) } else { left };
                expr(span, ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
            }
            "postfix_expression" => {
                let name = named(node).first().map_or("", |name| self.text(*name));
                let target = Box::new(self.variable(span, name));
                let added = self.text(node).contains("++");
                let operator = if added { BinaryOperator::Add } else { BinaryOperator::Arithmetic };
                let value = Box::new(unary(number(span, "1")));
                expr(span, ExprKind::Assign { target, operator: Some(operator), value })
            }
            "unary_expression" if self.text(node).starts_with("++") => {
                let name = self.text(node).trim_start_matches('+').trim();
                let target = Box::new(self.variable(span, name));
                let value = Box::new(unary(number(span, "1")));
                expr(span, ExprKind::Assign { target, operator: Some(BinaryOperator::Add), value })
            }
            "parenthesized_expression" => match named(node).first() {
                Some(inner) => self.arithmetic(*inner),
                None => opaque(span, Vec::new()),
            },
            "variable_assignment" => {
                let name = node.child_by_field_name("name").map_or("", |name| self.text(name));
                let value = node.child_by_field_name("value").map(|value| self.arithmetic(value));
                assign(span, self.variable(span, name), value.unwrap_or_else(|| opaque(span, Vec::new())))
            }
            "simple_expansion" | "expansion" | "command_substitution" | "string" => self.word(node),
            _ => {
                let parts = named(node).into_iter().map(|part| self.arithmetic(part)).collect();
                opaque(span, parts)
            }
        }
    }

    /// A call of what the language itself does, with arguments as words give them.
    pub(super) fn language_call(&mut self, span: Span, name: &str, arguments: Vec<Argument>) -> Expr {
        let ExprKind::Call { callee, .. } = language(span, name, Vec::new()).kind else {
            return opaque(span, Vec::new());
        };
        call(span, *callee, arguments)
    }
}

/// A bare word without its backslashes.
pub(super) fn unescaped(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(next) => text.push(next),
            },
            c => text.push(c),
        }
    }
    text
}

/// Text between double quotes: a backslash keeps its meaning before few characters only.
fn in_quotes(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('"' | '\\' | '$' | '`')) => text.extend(chars.next()),
            ('\\', Some('\n')) => {
                chars.next();
            }
            (c, _) => text.push(c),
        }
    }
    text
}

/// `$'…'`
fn escapes(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(next) => text.push(next),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}
