//! Whether a condition asks if anything changes.

use super::shared::Kinds;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame};
use crate::facts::Guard;
use crate::knowledge::words::{is_envelope, is_moment_of_change, says_change};
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Literal, Pattern, PatternKind};

impl Evaluator<'_> {
    /// Whether a function that chooses elements asks if they change anything.
    pub(super) fn chooses_changed(&self, function: &Value<'_>) -> bool {
        let body = match &*function.data {
            Data::Callable(Callable::Closure { function, .. }) => function.body.as_ref(),
            Data::Callable(Callable::Function(id, _)) => {
                self.program.functions.get(id.0).and_then(|entry| entry.function.body.as_ref())
            }
            _ => None,
        };
        body.is_some_and(|body| chooses(body, 16))
    }
}

impl Guard {
    /// A condition, and whether it asks if anything changes.
    pub(super) fn new(condition: &Expr, asks_for_change: bool) -> Self {
        let mut compared = Vec::new();
        held_against(condition, &mut compared, 16);
        Self { span: condition.span, asks_for_change, compared }
    }
}

/// The fields that a condition holds against written values: `appointment.status == "confirmed"`.
fn held_against(condition: &Expr, found: &mut Vec<(String, String)>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &condition.kind {
        ExprKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::NotEqual, left, right } => {
            for (one, other) in [(left, right), (right, left)] {
                if let (Some(field), Some(value)) = (field_named(one, 4), written(other, 4)) {
                    found.push((field.to_owned(), value));
                }
            }
        }
        ExprKind::Binary { left, right, .. } => {
            held_against(left, found, depth);
            held_against(right, found, depth);
        }
        ExprKind::Unary { operand, .. } => held_against(operand, found, depth),
        ExprKind::Call { callee, arguments, .. } => {
            held_against(callee, found, depth);
            for argument in arguments {
                if let ExprKind::Closure(function) = &argument.value.kind
                    && let Some(body) = &function.body
                {
                    held_against(body, found, depth);
                }
            }
        }
        ExprKind::Field { base, .. } => held_against(base, found, depth),
        _ => {}
    }
}

/// Whether both sides of a comparison read the same field, of two records: `stored.status != wanted.status`.
fn same_field(left: &Expr, right: &Expr) -> bool {
    let (one, other) = (field_named(left, 4), field_named(right, 4));
    one.is_some_and(|name| !is_envelope(name)) && one == other
}

/// The field that an expression reads, perhaps in another form: `task.status.as_str()`, `task["status"]`.
fn field_named(expression: &Expr, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    match &expression.kind {
        ExprKind::Field { name, .. } => Some(name),
        ExprKind::Index { index, .. } => match &index.kind {
            ExprKind::Literal(Literal::Text(name)) => Some(name),
            _ => None,
        },
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { base, .. } => field_named(base, depth),
            _ => None,
        },
        ExprKind::Unary { operand, .. } => field_named(operand, depth),
        _ => None,
    }
}

/// A value as it is written, perhaps wrapped: `"confirmed"`, `Some("confirmed")`, `true`.
fn written(expression: &Expr, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match &expression.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text.clone()),
        ExprKind::Literal(Literal::Boolean(value)) => Some(value.to_string()),
        ExprKind::Call { arguments, .. } => match arguments.as_slice() {
            [only] => written(&only.value, depth),
            _ => None,
        },
        _ => None,
    }
}

/// A collection into which something was put under a name that is not known; `asked`: because a comparison said so.
pub(super) fn with_any<'p>(holder: &Value<'p>, asked: bool) -> Value<'p> {
    match &*holder.data {
        Data::Object { ty: None, variant: None, fields, .. } => {
            let mut fields = fields.clone();
            if asked {
                // What it is joined with later still tells by this entry that a comparison put something in.
                fields.insert("".into(), Value::unknown().label(Label::Compared));
            }
            Value { data: Data::Object { ty: None, variant: None, fields, open: true }.into(), ..holder.clone() }
        }
        Data::Union(all) => {
            let each = Value::any_of(all.iter().map(|one| with_any(one, asked)));
            each.unwrap_or_else(|| holder.clone())
        }
        Data::Unknown if asked => holder.clone().label(Label::Compared),
        _ => holder.clone(),
    }
}

/// A choice by membership or comparison, besides what [`mentions_change`] knows.
fn chooses(expression: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| chooses(expression, depth);
    mentions_change(expression, depth)
        || match &expression.kind {
            ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(inside),
            ExprKind::Unary { operand, .. } => inside(operand),
            // A comparison with a fixed value asks whether something is given, not whether it changes.
            ExprKind::Binary { operator: BinaryOperator::NotEqual, left, right }
                if !is_fixed(left) && !is_fixed(right) =>
            {
                true
            }
            ExprKind::Binary { left, right, .. } => inside(left) || inside(right),
            ExprKind::Call { callee, arguments, .. } => {
                matches!(&callee.kind, ExprKind::Field { name, .. } if name == "contains")
                    || arguments.iter().any(|argument| inside(&argument.value))
                    || inside(callee)
            }
            ExprKind::Field { base, .. } => inside(base),
            _ => false,
        }
}

/// Whether an expression is written out, or stands for nothing.
fn is_fixed(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Name(path) => matches!(path.last(), "undefined" | "None"),
        _ => false,
    }
}

/// Whether a pattern bound what a comparison chose.
pub(super) fn binds_compared(frame: &Frame<'_>, pattern: &Pattern, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &pattern.kind {
        PatternKind::Bind { name, .. } => {
            frame.variables.get(name.as_str()).is_some_and(|value| value.has(Kinds::COMPARED))
        }
        PatternKind::Variant { elements, .. } => elements.iter().any(|inner| binds_compared(frame, inner, depth)),
        _ => false,
    }
}

/// Whether a condition asks if anything changes: a comparison decided it, it looks at a field of the record as it was
/// fetched, or it names emptiness, a difference or a dirty state.
pub(super) fn asks_for_change(condition: &Expr, value: &Value<'_>) -> bool {
    let fetched = value.has(Kinds::BODY) && !value.has(Kinds::META);
    value.has(Kinds::COMPARED) || mentions_change(condition, 16) || (fetched && looks_at_a_field(condition, 16))
}

/// Whether a condition is about a field of a record, and not only about whether there is one.
fn looks_at_a_field(condition: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| looks_at_a_field(expression, depth);
    match &condition.kind {
        ExprKind::Field { name, .. } => !is_envelope(name),
        ExprKind::Index { index, .. } => {
            matches!(&index.kind, ExprKind::Literal(Literal::Text(name)) if !is_envelope(name))
        }
        ExprKind::Call { callee, .. } => matches!(&callee.kind, ExprKind::Field { base, .. } if inside(base)),
        ExprKind::Unary { operand, .. } => inside(operand),
        ExprKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::NotEqual, left, right }
            if same_key(left, right) =>
        {
            true
        }
        ExprKind::Binary { left, right, .. } => inside(left) || inside(right),
        _ => false,
    }
}

/// Whether two expressions are what two records hold under the same name: `live[key]`, `wanted[key]`.
fn same_key(left: &Expr, right: &Expr) -> bool {
    let key = |side: &Expr| match &side.kind {
        ExprKind::Index { index, .. } => match &index.kind {
            ExprKind::Name(path) => path.single().map(str::to_owned),
            _ => None,
        },
        _ => None,
    };
    key(left).is_some_and(|name| key(right) == Some(name))
}

pub(super) fn mentions_change(expression: &Expr, depth: usize) -> bool {
    let named = |name: &str| says_change(name);
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| mentions_change(expression, depth);
    match &expression.kind {
        ExprKind::Name(path) => named(path.last()),
        ExprKind::Field { base, name, .. } => named(name) || inside(base),
        ExprKind::Call { callee, arguments, .. } => {
            inside(callee) || arguments.iter().any(|argument| inside(&argument.value))
        }
        // `known.is_some_and(|known| known.status == wanted.status)`
        ExprKind::Closure(function) => function
            .body
            .as_ref()
            .is_some_and(|body| matches!(body.kind, ExprKind::Binary { .. } | ExprKind::Unary { .. }) && inside(body)),
        ExprKind::Let { value: Some(value), .. } => inside(value),
        ExprKind::Unary { operand, .. } | ExprKind::Await(operand) | ExprKind::Try(operand) => inside(operand),
        ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
            inside(left) || inside(right)
        }
        // `Object.keys(changes).length > 0`, `record.modified <= pushed`
        ExprKind::Binary {
            operator: BinaryOperator::Order | BinaryOperator::Equal | BinaryOperator::NotEqual,
            left,
            right,
        } => [left, right].into_iter().any(|side| inside(side) || names_a_moment(side)) || same_field(left, right),
        _ => false,
    }
}

/// Whether a side of a comparison is the moment at which something was last changed or sent.
fn names_a_moment(side: &Expr) -> bool {
    match &side.kind {
        ExprKind::Name(path) => is_moment_of_change(path.last()),
        ExprKind::Field { name, .. } => is_moment_of_change(name),
        ExprKind::Unary { operand, .. } => names_a_moment(operand),
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { base, .. } => names_a_moment(base),
            _ => false,
        },
        _ => false,
    }
}
