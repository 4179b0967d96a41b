//! Functions that are asked whether the other side is the one it should be, and never say no.

use super::Evaluator;
use super::value::{Callable, Data, Value};
use crate::program::tree::{Expr, ExprKind, Function, Literal};

/// Blocks within blocks are looked at this far.
const MAX_DEPTH: usize = 8;

impl<'p> Evaluator<'p> {
    /// `false`, with the place of the function that accepts everybody, when one of these does: verification is off.
    pub(super) fn accepts_all(&self, asked: &[Value<'p>]) -> Option<Value<'p>> {
        asked.iter().flat_map(Value::alternatives).find_map(|one| {
            let function: &Function = match &*one.data {
                Data::Callable(Callable::Closure { function, .. }) => function,
                Data::Callable(Callable::Function(id, _)) => self.program.functions.get(id.0)?.function,
                _ => return None,
            };
            let accepts = function.body.as_ref().is_some_and(|body| says_nothing(body, MAX_DEPTH));
            accepts.then(|| Value::new(Data::Boolean(false)).step(function.span, "it accepts every certificate"))
        })
    }
}

/// Whether code does nothing but give back nothing, or that all is well.
fn says_nothing(body: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &body.kind {
        ExprKind::Literal(Literal::Null | Literal::Boolean(true)) | ExprKind::Return(None) => true,
        ExprKind::Return(Some(value)) => says_nothing(value, depth),
        ExprKind::Block(block) => {
            block.statements.iter().chain(block.value.as_deref()).all(|part| says_nothing(part, depth))
        }
        _ => false,
    }
}
