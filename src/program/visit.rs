//! The parts of an expression, in order.

use super::tree::{Block, Entry, EntryKey, Expr, ExprKind, LoopKind, TemplatePart};

/// Calls `each` with every expression directly inside `expr`. Bodies of closures and of definitions are not entered.
pub fn children<'p>(expr: &'p Expr, each: &mut dyn FnMut(&'p Expr)) {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Continue | ExprKind::Closure(_) | ExprKind::Item(_) => {}
        ExprKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Hole { value, .. } = part {
                    each(value);
                }
            }
        }
        ExprKind::Field { base, .. } => each(base),
        ExprKind::Index { base, index } => {
            each(base);
            each(index);
        }
        ExprKind::Call { callee, arguments, .. } => {
            each(callee);
            arguments.iter().for_each(|argument| each(&argument.value));
        }
        ExprKind::Object { entries, .. } => {
            for Entry { key, value, .. } in entries {
                if let EntryKey::Computed(key) = key {
                    each(key);
                }
                each(value);
            }
        }
        ExprKind::List(items) => items.iter().for_each(|item| each(&item.value)),
        ExprKind::Assign { target, value, .. } => {
            each(target);
            each(value);
        }
        ExprKind::Let { value, otherwise, .. } => value.iter().chain(otherwise).for_each(|part| each(part)),
        ExprKind::If { condition, then, otherwise } => {
            each(condition);
            each(then);
            otherwise.iter().for_each(|part| each(part));
        }
        ExprKind::Match { subject, arms } => {
            each(subject);
            for arm in arms {
                arm.guard.iter().for_each(&mut *each);
                each(&arm.body);
            }
        }
        ExprKind::Loop { kind, body } => {
            match kind {
                LoopKind::Each { iterable, .. } => each(iterable),
                LoopKind::While(condition) => each(condition),
                LoopKind::Forever => {}
                LoopKind::Counted { start, condition, update } => {
                    start.iter().chain(condition).chain(update).for_each(|part| each(part));
                }
            }
            each(body);
        }
        ExprKind::Await(inner) | ExprKind::Try(inner) | ExprKind::Throw(inner) => each(inner),
        ExprKind::Cast { value, .. } => each(value),
        ExprKind::Unary { operand, .. } => each(operand),
        ExprKind::Catch { body, handler, finally, .. } => {
            each(body);
            handler.iter().chain(finally).for_each(|part| each(part));
        }
        ExprKind::Return(value) | ExprKind::Break(value) => value.iter().for_each(|part| each(part)),
        ExprKind::Binary { left, right, .. } => {
            each(left);
            each(right);
        }
        ExprKind::Block(Block { statements, value, .. }) => {
            statements.iter().for_each(&mut *each);
            value.iter().for_each(|part| each(part));
        }
        ExprKind::Opaque(parts) => parts.iter().for_each(each),
    }
}
