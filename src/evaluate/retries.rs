//! Whether code goes round again because something failed, and what ends that.

use super::Evaluator;
use super::loops::{ends, is_range};
use crate::facts::{Recursion, Retry};
use crate::knowledge::repeats;
use crate::program::link::FunctionId;
use crate::program::tree::{
    Arm, BinaryOperator, Block, Expr, ExprKind, Function, Literal, LoopKind, Pattern, PatternKind, UnaryOperator,
};
use crate::span::Span;

/// Code nested deeper than this is not looked at.
const DEPTH: usize = 24;

impl<'p> Evaluator<'p> {
    /// A function calls itself.
    pub(super) fn recurses(&mut self, id: FunctionId, function: &'p Function, span: Span) {
        let known = self.facts.recursions.iter().any(|known| known.function == id && known.span == span);
        if let Some(body) = function.body.as_ref().filter(|_| !known) {
            let mut seen = Exits { again: Some(span), ..Exits::default() };
            seen.walk(body, &State { inner: true, ..State::default() }, DEPTH);
            let (on_failure, bounded) = (seen.goes_on_after_failure, seen.bounded);
            let refused_only = seen.refused && !seen.other_failure;
            self.facts.recursions.push(Recursion { function: id, span, on_failure, bounded, refused_only });
        }
    }
}

/// Whether a loop goes round again because something failed: success leaves it and failure does not.
pub(super) fn retry(kind: &LoopKind, body: &Expr) -> Option<Retry> {
    let bounded = match kind {
        LoopKind::Each { iterable, .. } => !is_range(iterable) || ends(iterable),
        LoopKind::Counted { condition, .. } => condition.is_some(),
        LoopKind::While(condition) => compares(condition, DEPTH),
        LoopKind::Forever => false,
    };
    let mut seen = Exits::default();
    seen.walk(body, &State::default(), DEPTH);
    // `continue` on failure with an exit at the end, or an exit on success with the end reached otherwise.
    let refused_only = seen.refused && !seen.other_failure;
    let ended = always_leaves(body, DEPTH);
    let retries = (seen.on_success && !ended) || (seen.goes_on_after_failure && ended);
    // Where the end of the body leaves, only what a counter allows goes round again.
    let allowed = ended && !seen.endless;
    retries.then_some(Retry { bounded: bounded || seen.bounded || allowed, refused_only })
}

/// The conditions around a place in a loop.
#[derive(Clone, Default)]
struct State {
    /// It is reached when something succeeded.
    success: bool,
    /// It is reached when something failed.
    failure: bool,
    /// It is reached when the server refused to do anything.
    refused: bool,
    /// It is reached when a counter or clock says so.
    counted: bool,
    /// Inside an inner loop: `break` and `continue` are that loop's.
    inner: bool,
}

/// How a loop is left.
#[derive(Default)]
struct Exits {
    on_success: bool,
    goes_on_after_failure: bool,
    /// Going on after a failure without a counter or clock that allows it.
    endless: bool,
    bounded: bool,
    /// Going on because the server refused, and for any other reason.
    refused: bool,
    other_failure: bool,
    /// A call that starts all over.
    again: Option<Span>,
}

impl Exits {
    fn walk(&mut self, expression: &Expr, state: &State, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if self.again == Some(expression.span) {
            self.goes_on(state);
            self.bounded |= state.counted;
        }
        match &expression.kind {
            ExprKind::Return(value) => {
                self.exit(state);
                // `return match … { … }` leaves either way.
                if let Some(value) = value {
                    self.walk(value, state, depth);
                }
            }
            ExprKind::Throw(_) => self.bounded |= state.counted,
            ExprKind::Break(_) if !state.inner => self.exit(state),
            ExprKind::Continue if !state.inner => self.goes_on(state),
            ExprKind::If { condition, then, otherwise } => {
                self.walk(condition, state, depth);
                let says = outcome(condition, depth);
                let counted = state.counted || compares(condition, depth);
                let inside = |success: bool, failure: bool, refused: bool| State {
                    success: state.success || success,
                    failure: state.failure || failure,
                    refused: state.refused || refused,
                    counted,
                    inner: state.inner,
                };
                let refused = is_refusal(condition, depth);
                self.walk(then, &inside(says == Some(true), says == Some(false), refused), depth);
                if let Some(otherwise) = otherwise {
                    self.walk(otherwise, &inside(says == Some(false), says == Some(true), false), depth);
                }
            }
            ExprKind::Match { subject, arms } => {
                self.walk(subject, state, depth);
                let mut failed = false;
                for (index, arm) in arms.iter().enumerate() {
                    let says = pattern_outcome(&arm.pattern, 6);
                    // `Err(_) if left > 0 => …`: without the counter a failure comes to the arms behind.
                    let counted = arm.guard.as_ref().is_some_and(|guard| compares(guard, depth));
                    let behind = arms.get(index + 1..).unwrap_or_default();
                    self.bounded |= says == Some(false)
                        && counted
                        && !behind.is_empty()
                        && behind.iter().all(|other| always_leaves(&other.body, depth));
                    // Beside an arm that goes on after a failure, what is left is what nobody tries again.
                    let decided = State { success: state.success || failed, ..state.clone() };
                    self.arm(arm, if says.is_none() { &decided } else { state }, depth);
                    failed |= says == Some(false) && !always_leaves(&arm.body, depth);
                }
            }
            ExprKind::Catch { body, handler, finally, .. } => {
                // What leaves the body did not fail; the handler runs when it did.
                let tried = State { success: true, ..state.clone() };
                let caught = handler.as_deref();
                let swallows = caught.is_some_and(|handler| !always_leaves(handler, depth));
                self.walk(body, if swallows { &tried } else { state }, depth);
                if let Some(handler) = caught {
                    self.walk(handler, &State { failure: true, ..state.clone() }, depth);
                }
                if let Some(finally) = finally {
                    self.walk(finally, state, depth);
                }
            }
            ExprKind::Loop { body, .. } => self.walk(body, &State { inner: true, ..state.clone() }, depth),
            ExprKind::Block(Block { statements, value, .. }) => {
                for statement in statements.iter().chain(value.as_deref()) {
                    self.walk(statement, state, depth);
                }
            }
            ExprKind::Let { value, otherwise, .. } => {
                if let Some(value) = value {
                    self.walk(value, state, depth);
                }
                if let Some(otherwise) = otherwise {
                    self.walk(otherwise, &State { failure: true, ..state.clone() }, depth);
                }
            }
            ExprKind::Call { callee, arguments, .. } if self.again.is_some() => {
                self.walk(callee, state, depth);
                for argument in arguments {
                    self.walk(&argument.value, state, depth);
                }
            }
            ExprKind::Binary { operator: BinaryOperator::Or, left, right } => {
                self.walk(left, state, depth);
                let failure = state.failure || outcome(left, depth) == Some(true);
                self.walk(right, &State { failure, ..state.clone() }, depth);
            }
            ExprKind::Field { base, .. } if self.again.is_some() => self.walk(base, state, depth),
            ExprKind::Assign { value, .. } | ExprKind::Try(value) | ExprKind::Await(value) => {
                self.walk(value, state, depth);
            }
            _ => {}
        }
    }

    fn arm(&mut self, arm: &Arm, state: &State, depth: usize) {
        let says = pattern_outcome(&arm.pattern, 6);
        let guard = arm.guard.as_ref();
        let guard_says = guard.and_then(|guard| outcome(guard, depth));
        let inside = State {
            success: state.success || (says == Some(true) || guard_says == Some(true)) && guard_says != Some(false),
            failure: state.failure || says == Some(false) || guard_says == Some(false),
            refused: state.refused || guard.is_some_and(|guard| is_refusal(guard, depth)),
            counted: state.counted || guard.is_some_and(|guard| compares(guard, depth)),
            inner: state.inner,
        };
        self.walk(&arm.body, &inside, depth);
    }

    fn goes_on(&mut self, state: &State) {
        self.goes_on_after_failure |= state.failure;
        self.endless |= state.failure && !state.counted;
        self.refused |= state.failure && state.refused;
        self.other_failure |= state.failure && !state.refused;
    }

    fn exit(&mut self, state: &State) {
        self.on_success |= state.success && !state.failure;
        self.bounded |= state.counted;
    }
}

/// Whether a statement always leaves the loop round it is in, but not by going on with the next.
fn always_leaves(expression: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &expression.kind {
        ExprKind::Return(_) | ExprKind::Throw(_) | ExprKind::Break(_) => true,
        ExprKind::Block(block) => {
            block.statements.iter().chain(block.value.as_deref()).any(|inner| always_leaves(inner, depth))
        }
        ExprKind::If { then, otherwise, .. } => {
            always_leaves(then, depth) && otherwise.as_deref().is_some_and(|other| always_leaves(other, depth))
        }
        ExprKind::Match { arms, .. } => !arms.is_empty() && arms.iter().all(|arm| always_leaves(&arm.body, depth)),
        ExprKind::Catch { body, handler, .. } => {
            always_leaves(body, depth) && handler.as_deref().is_none_or(|handler| always_leaves(handler, depth))
        }
        _ => false,
    }
}

/// Whether a condition compares numbers or times: a counter or deadline.
fn compares(condition: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &condition.kind {
        ExprKind::Binary { operator: BinaryOperator::Order, left, right } => {
            !about_status(left) && !about_status(right)
        }
        // `attempt == 5`, `attempt == MAX_ATTEMPTS`
        ExprKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::NotEqual, left, right } => {
            let counts = |e: &Expr| match &e.kind {
                ExprKind::Name(path) => repeats::counts_attempts(path.last()),
                ExprKind::Field { name, .. } => repeats::counts_attempts(name),
                _ => false,
            };
            counts(left) || counts(right)
        }
        ExprKind::Binary { left, right, .. } => compares(left, depth) || compares(right, depth),
        ExprKind::Unary { operand, .. } => compares(operand, depth),
        // `let Some(delay) = backoff.next_backoff()`: the policy ends it.
        ExprKind::Let { value: Some(value), .. } => compares(value, depth),
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { name, .. } => repeats::is_limit_method(name),
            ExprKind::Name(path) => repeats::is_limit(path.last()),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression is a reply's status: comparing it is no counter.
fn about_status(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(path) => repeats::is_status(path.last()),
        ExprKind::Field { base, name, .. } => repeats::is_status(name) || about_status(base),
        ExprKind::Call { callee, .. } => about_status(callee),
        _ => false,
    }
}

/// What a condition asks: `Some(true)` when it holds after success, `Some(false)` after failure.
fn outcome(condition: &Expr, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match &condition.kind {
        ExprKind::Let { pattern, .. } => pattern_outcome(pattern, 6),
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => outcome(operand, depth).map(|says| !says),
        ExprKind::Unary { operand, .. } | ExprKind::Await(operand) | ExprKind::Try(operand) => outcome(operand, depth),
        ExprKind::Call { callee, .. } => named_outcome(callee),
        ExprKind::Field { .. } | ExprKind::Name(_) => named_outcome(condition),
        ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
            outcome(left, depth).or_else(|| outcome(right, depth))
        }
        ExprKind::Binary { operator, left, right } if about_status(left) || about_status(right) => {
            status_outcome(*operator, if about_status(left) { right } else { left })
        }
        _ => None,
    }
}

/// Whether a condition holds when the server said that there were too many requests.
fn is_refusal(condition: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| is_refusal(expression, depth);
    match &condition.kind {
        ExprKind::Literal(Literal::Number(number)) => repeats::is_refusal(number),
        ExprKind::Name(path) => repeats::is_refusal(path.last()),
        ExprKind::Field { name, .. } => repeats::is_refusal(name),
        ExprKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::And, left, right } => {
            inside(left) || inside(right)
        }
        ExprKind::Call { callee, arguments, .. } => {
            inside(callee) || arguments.iter().any(|argument| inside(&argument.value))
        }
        _ => false,
    }
}

fn named_outcome(expression: &Expr) -> Option<bool> {
    let name = match &expression.kind {
        ExprKind::Field { name, .. } => name.as_str(),
        ExprKind::Name(path) => path.last(),
        _ => return None,
    };
    repeats::outcome(name)
}

/// A comparison of a status with a known one.
fn status_outcome(operator: BinaryOperator, with: &Expr) -> Option<bool> {
    let good = match &with.kind {
        ExprKind::Literal(Literal::Number(number)) => {
            number.parse::<u16>().is_ok_and(|code| (200..300).contains(&code))
        }
        ExprKind::Name(path) => repeats::is_good_status(path.last()),
        ExprKind::Field { name, .. } => repeats::is_good_status(name),
        _ => return None,
    };
    match operator {
        BinaryOperator::Equal => Some(good),
        BinaryOperator::NotEqual => Some(!good),
        // `status >= 500`, `status < 400`
        BinaryOperator::Order => None,
        _ => None,
    }
}

fn pattern_outcome(pattern: &Pattern, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match &pattern.kind {
        PatternKind::Variant { path, .. } => repeats::outcome_of_variant(path.last()),
        PatternKind::Bind { inner: Some(inner), .. } => pattern_outcome(inner, depth),
        PatternKind::Or(all) => all.iter().find_map(|one| pattern_outcome(one, depth)),
        _ => None,
    }
}
