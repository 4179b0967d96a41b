//! Format strings: `"{a} {b:?} {0}"` with their arguments.

use super::Context;
use crate::program::tree::{Argument, Expr, ExprKind, HoleStyle, Literal, Path, TemplatePart};

impl Context {
    /// Puts arguments into a format string. Gives the template and the arguments that no hole took.
    pub(super) fn template(self, format: &syn::LitStr, arguments: Vec<Argument>) -> Expr {
        let span = self.span(format);
        let text = format.value();
        let mut parts = Vec::new();
        let mut known = String::new();
        let mut next = 0;
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            known.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                known.push_str(from.get(..1).unwrap_or(""));
                rest = after;
                continue;
            }
            let Some((inside, after)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
                rest = from.get(1..).unwrap_or("");
                continue;
            };
            rest = after;
            if !known.is_empty() {
                parts.push(TemplatePart::Text { span, text: std::mem::take(&mut known) });
            }
            let (name, how) = inside.split_once(':').unwrap_or((inside, ""));
            let style = match how {
                _ if how.ends_with('?') => HoleStyle::Debug,
                "#" => HoleStyle::Long,
                _ => HoleStyle::Display,
            };
            let name = name.trim();
            let value = if name.is_empty() {
                next += 1;
                arguments.get(next - 1).map(|argument| argument.value.clone())
            } else if let Ok(index) = name.parse::<usize>() {
                arguments.get(index).map(|argument| argument.value.clone())
            } else {
                let named = arguments.iter().find(|argument| argument.name.as_deref() == Some(name));
                Some(named.map_or_else(
                    || Expr { span, kind: ExprKind::Name(Path::scoped([name])) },
                    |argument| argument.value.clone(),
                ))
            };
            if let Some(value) = value {
                parts.push(TemplatePart::Hole { value, style });
            }
        }
        known.push_str(rest);
        if parts.is_empty() {
            return Expr { span, kind: ExprKind::Literal(Literal::Text(known)) };
        }
        if !known.is_empty() {
            parts.push(TemplatePart::Text { span, text: known });
        }
        Expr { span, kind: ExprKind::Template(parts) }
    }
}
