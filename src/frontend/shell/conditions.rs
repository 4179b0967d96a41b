//! Conditions: tests, and commands whose success decides.

use super::nodes::{expr, language, number, opaque, text};
use super::{Lowerer, children, named};
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Literal, UnaryOperator};
use crate::span::Span;
use tree_sitter::Node;

impl Lowerer<'_> {
    /// Something that runs as a condition.
    pub(super) fn condition(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |this| this.condition_inside(node))
    }

    fn condition_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        match node.kind() {
            "test_command" => match named(node).first() {
                Some(test) if self.text(node).starts_with("((") => self.arithmetic(*test),
                Some(test) => self.test(*test),
                None => opaque(span, Vec::new()),
            },
            "negated_command" => match named(node).first() {
                Some(inner) => {
                    let inner = self.condition(*inner);
                    not(span, inner)
                }
                None => opaque(span, Vec::new()),
            },
            "list" => {
                let parts = named(node);
                let (Some(left), Some(right)) = (parts.first(), parts.get(1)) else {
                    return opaque(span, Vec::new());
                };
                let either = children(node).iter().any(|child| child.kind() == "||");
                let operator = if either { BinaryOperator::Or } else { BinaryOperator::And };
                let (left, right) = (Box::new(self.condition(*left)), Box::new(self.condition(*right)));
                expr(span, ExprKind::Binary { operator, left, right })
            }
            "compound_statement" if self.text(node).starts_with("((") => match named(node).first() {
                Some(inner) => self.arithmetic(*inner),
                None => opaque(span, Vec::new()),
            },
            _ => {
                let value = self.statement(node);
                match value.kind {
                    // `:`, `true`, `test …` are known as what they are.
                    ExprKind::Literal(Literal::Boolean(_)) | ExprKind::Binary { .. } | ExprKind::Unary { .. } => value,
                    _ => language(span, "succeeded", vec![value]),
                }
            }
        }
    }

    /// What stands between `[` and `]`.
    fn test(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |this| this.test_inside(node))
    }

    fn test_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        match node.kind() {
            "unary_expression" => {
                let operator = node.child_by_field_name("operator").map_or("", |operator| self.text(operator));
                let operand = named(node).last().copied();
                match (operator, operand) {
                    ("!", Some(operand)) => {
                        let inner = self.test(operand);
                        not(span, inner)
                    }
                    (operator, Some(operand)) => {
                        let operand = self.word(operand);
                        unary(span, operator, operand)
                    }
                    (_, None) => opaque(span, Vec::new()),
                }
            }
            "binary_expression" => {
                let operator = node.child_by_field_name("operator").map_or("", |operator| self.text(operator));
                let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
                else {
                    return opaque(span, Vec::new());
                };
                match operator {
                    "-a" | "&&" | "-o" | "||" => {
                        let operator =
                            if matches!(operator, "-a" | "&&") { BinaryOperator::And } else { BinaryOperator::Or };
                        let (left, right) = (Box::new(self.test(left)), Box::new(self.test(right)));
                        expr(span, ExprKind::Binary { operator, left, right })
                    }
                    _ => {
                        let (left, right) = (self.word(left), self.word(right));
                        binary(span, operator, left, right)
                    }
                }
            }
            "parenthesized_expression" => match named(node).first() {
                Some(inner) => self.test(*inner),
                None => opaque(span, Vec::new()),
            },
            _ => {
                let value = self.word(node);
                unary(span, "-n", value)
            }
        }
    }

    /// `test a = b`
    pub(super) fn tested(&mut self, span: Span, words: &[Node<'_>]) -> Expr {
        match words {
            [operator, operand] => {
                let operator = self.text(*operator);
                let operand = self.word(*operand);
                unary(span, operator, operand)
            }
            [left, operator, right] => {
                let operator = self.text(*operator);
                let (left, right) = (self.word(*left), self.word(*right));
                binary(span, operator, left, right)
            }
            _ => {
                let parts = words.iter().map(|word| self.word(*word)).collect();
                opaque(span, parts)
            }
        }
    }
}

pub(super) fn not(span: Span, operand: Expr) -> Expr {
    expr(span, ExprKind::Unary { operator: UnaryOperator::Not, operand: Box::new(operand) })
}

fn unary(span: Span, operator: &str, operand: Expr) -> Expr {
    let empty = Box::new(text(Span { start: span.end, ..span }, ""));
    let left = Box::new(operand);
    match operator {
        "-z" => expr(span, ExprKind::Binary { operator: BinaryOperator::Equal, left, right: empty }),
        "-n" => expr(span, ExprKind::Binary { operator: BinaryOperator::NotEqual, left, right: empty }),
        _ => opaque(span, vec![*left]),
    }
}

fn binary(span: Span, operator: &str, left: Expr, right: Expr) -> Expr {
    // Numbers in tests are written as words.
    let counted = |side: Expr| match &side.kind {
        ExprKind::Literal(Literal::Text(word)) if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) => {
            number(side.span, word.clone())
        }
        _ => side,
    };
    let operator = match operator {
        "=" | "==" | "-eq" => BinaryOperator::Equal,
        "!=" | "-ne" => BinaryOperator::NotEqual,
        "-lt" | "-le" | "-gt" | "-ge" | "<" | ">" => BinaryOperator::Order,
        _ => return opaque(span, vec![left, right]),
    };
    let (left, right) = (Box::new(counted(left)), Box::new(counted(right)));
    expr(span, ExprKind::Binary { operator, left, right })
}

/// Whether a condition always holds, or never does.
pub(super) fn constant(condition: &Expr) -> Option<bool> {
    match &condition.kind {
        ExprKind::Literal(Literal::Boolean(value)) => Some(*value),
        // `[ 1 ]`, `(( 1 ))`, and `:`
        ExprKind::Literal(Literal::Number(number)) => Some(number != "0"),
        ExprKind::Binary { operator: BinaryOperator::NotEqual, left, right } => {
            let known = |side: &Expr| matches!(&side.kind, ExprKind::Literal(Literal::Text(text)) if !text.is_empty());
            let empty = |side: &Expr| matches!(&side.kind, ExprKind::Literal(Literal::Text(text)) if text.is_empty());
            (known(left) && empty(right)).then_some(true)
        }
        ExprKind::Call { arguments, .. } => match arguments.as_slice() {
            [only] => match &only.value.kind {
                ExprKind::Call { callee, .. } => {
                    matches!(&callee.kind, ExprKind::Name(path) if path.last() == ":").then_some(true)
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
