//! Loops and recursion: what they go over, what delays them, and whether they go round because something failed.

use super::Evaluator;
use super::terms::Spoken;
use super::value::{Callable, Data, Leaf, Value};
use crate::facts::{Recursion, Retry, Round, Schedule};
use crate::knowledge::libraries::ScheduleModel;
use crate::knowledge::words::words;
use crate::program::link::FunctionId;
use crate::program::tree::{
    Arm, BinaryOperator, Block, Expr, ExprKind, Function, Literal, LoopKind, Pattern, PatternKind,
};
use crate::span::Span;

/// Code nested deeper than this is not looked at.
const DEPTH: usize = 24;
/// A loop keeps this many of its delays.
const MAX_WAITS: usize = 4;

impl<'p> Evaluator<'p> {
    /// Enters a loop.
    pub(super) fn enter_round(&mut self, round: Round<'p>) {
        self.loops.push(self.facts.rounds.len());
        self.facts.rounds.push(round);
    }

    /// Notes that what sent requests since `first` runs at set times.
    pub(super) fn schedule(&mut self, model: &ScheduleModel, spoken: &Spoken<'_, 'p>, span: Span, first: usize) {
        // A list of what runs holds the times of each.
        let each: Vec<Option<Value<'p>>> = match &model.each {
            None => vec![None],
            Some(term) => match &*self.term(term, spoken).data {
                Data::List { items, rest } => items.iter().chain(rest).cloned().map(Some).collect(),
                _ => Vec::new(),
            },
        };
        for one in &each {
            let spoken = match one {
                Some(one) => &Spoken { receiver: Some(one), passed: spoken.passed, ..Spoken::default() },
                None => spoken,
            };
            let mut held = |term: &Option<String>| term.as_ref().map(|term| self.term(term, spoken));
            let (pattern, at, every, zone) =
                (held(&model.pattern), held(&model.at), held(&model.every), held(&model.zone));
            let starts: Vec<Value<'p>> = model.starts.iter().map(|term| self.term(term, spoken)).collect();
            let (default_zone, requests) = (model.default_zone.clone(), first..self.facts.requests.len());
            // Arguments belong to their call; the entries of a list stand for themselves.
            let own = one.is_some() && model.each.as_deref() != Some("*");
            let span = if own { self.written_at(one, span) } else { span };
            let sunday = model.sunday;
            self.facts.schedules.push(Schedule {
                span,
                pattern,
                at,
                every,
                zone,
                default_zone,
                sunday,
                requests,
                starts,
            });
        }
    }

    /// A timer that is given the function it is set in starts that function again and again.
    pub(super) fn starts_anew(&mut self, passed: &[super::calls::Passed<'p>], span: Span) {
        let running = passed.iter().find_map(|p| match &*p.value.data {
            Data::Callable(Callable::Function(id, _)) if self.calls.iter().any(|(other, _)| other == id) => Some(*id),
            _ => None,
        });
        let long = passed.iter().find(|p| !matches!(*p.value.data, Data::Callable(_))).map(|p| p.value.clone());
        let (Some(id), Some(every)) = (running, long) else { return };
        let of_it = |request: &crate::facts::Request<'p>| request.calls.iter().any(|(function, _)| *function == id);
        let Some(first) = self.facts.requests.iter().position(of_it) else { return };
        let last = self.facts.requests.iter().rposition(of_it).unwrap_or(first);
        self.facts.schedules.push(Schedule {
            span,
            pattern: None,
            at: None,
            every: Some(every),
            zone: None,
            default_zone: String::new(),
            sunday: 0,
            requests: first..last + 1,
            starts: Vec::new(),
        });
    }

    /// Where the first text of a value is written; the place of the call when it holds none.
    fn written_at(&self, value: &Option<Value<'p>>, call: Span) -> Span {
        let mut written = None;
        if let Some(value) = value {
            value.leaves(&|_| false, &mut |leaf| {
                if let Leaf::Text(_, span, _) = leaf
                    && span != Span::default()
                {
                    written.get_or_insert(span);
                }
            });
        }
        written.unwrap_or(call)
    }

    /// A delay: the loops around it are delayed.
    pub(super) fn waited(&mut self, span: Span, long: &Value<'p>) {
        self.wait_count += 1;
        for number in self.loops.iter().rev() {
            let Some(round) = self.facts.rounds.get_mut(*number) else { continue };
            if round.waits.len() < MAX_WAITS && !round.waits.iter().any(|(known, _)| *known == span) {
                round.waits.push((span, long.clone()));
            }
            // A pause before another attempt is none between the rounds of the loops around it.
            if round.retry.is_some() {
                break;
            }
        }
    }
}

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

/// Whether an expression is a range of numbers, perhaps turned round or stepped through.
pub(super) fn is_range(expression: &Expr) -> bool {
    range_within(expression, 4)
}

fn range_within(expression: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &expression.kind {
        ExprKind::Binary { operator: BinaryOperator::Range, .. } => true,
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { base, .. } => range_within(base, depth),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a range, as a loop goes over it, has an end.
fn ends(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Binary { operator: BinaryOperator::Range, right, .. } => {
            !matches!(right.kind, ExprKind::Literal(Literal::Null))
        }
        ExprKind::Call { callee, .. } => match &callee.kind {
            // `(0..).take(5)`
            ExprKind::Field { base, name, .. } => name == "take" || ends(base),
            _ => true,
        },
        _ => true,
    }
}

/// Whether a loop's body counts something up.
pub(super) fn advances(body: &Expr) -> bool {
    counts_up(body, DEPTH)
}

fn counts_up(expression: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| counts_up(expression, depth);
    match &expression.kind {
        // `offset += 100`, `page++`
        ExprKind::Assign { operator: Some(BinaryOperator::Add | BinaryOperator::Arithmetic), .. } => true,
        // `offset = offset + 100`
        ExprKind::Assign { value, .. } => matches!(&value.kind, ExprKind::Binary { operator: BinaryOperator::Add, .. }),
        ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(inside),
        ExprKind::If { then, otherwise, .. } => inside(then) || otherwise.as_deref().is_some_and(inside),
        ExprKind::Match { arms, .. } => arms.iter().any(|arm| inside(&arm.body)),
        ExprKind::Catch { body, .. } => inside(body),
        _ => false,
    }
}

/// Whether a loop has an end other than a failure.
pub(super) fn has_end(kind: &LoopKind, body: &Expr) -> bool {
    let endless = match kind {
        LoopKind::Forever => true,
        LoopKind::While(condition) => matches!(condition.kind, ExprKind::Literal(Literal::Boolean(true))),
        LoopKind::Counted { condition, .. } => condition.is_none(),
        LoopKind::Each { .. } => false,
    };
    !endless || is_left(body, false, DEPTH)
}

/// Whether something in a loop's body leaves it; what breaks out of an inner loop does not.
fn is_left(expression: &Expr, inner: bool, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let inside = |expression: &Expr| is_left(expression, inner, depth);
    match &expression.kind {
        ExprKind::Return(_) => true,
        ExprKind::Break(_) => !inner,
        ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(inside),
        ExprKind::If { condition, then, otherwise } => {
            inside(condition) || inside(then) || otherwise.as_deref().is_some_and(inside)
        }
        ExprKind::Match { subject, arms } => inside(subject) || arms.iter().any(|arm| inside(&arm.body)),
        ExprKind::Loop { body, .. } => is_left(body, true, depth),
        ExprKind::Let { value, otherwise, .. } => {
            value.as_deref().is_some_and(inside) || otherwise.as_deref().is_some_and(inside)
        }
        ExprKind::Catch { body, handler, finally, .. } => {
            inside(body) || [handler, finally].into_iter().flatten().any(|part| inside(part))
        }
        ExprKind::Assign { value, .. } | ExprKind::Try(value) | ExprKind::Await(value) => inside(value),
        ExprKind::Binary { left, right, .. } => inside(left) || inside(right),
        _ => false,
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
                for arm in arms {
                    let says = pattern_outcome(&arm.pattern, 6);
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
                ExprKind::Name(path) => says(
                    path.last(),
                    &["attempt", "attempts", "tries", "retries", "retry", "left", "remaining", "count"],
                ),
                ExprKind::Field { name, .. } => {
                    says(name, &["attempt", "attempts", "tries", "retries", "retry", "left", "remaining", "count"])
                }
                _ => false,
            };
            counts(left) || counts(right)
        }
        ExprKind::Binary { left, right, .. } => compares(left, depth) || compares(right, depth),
        ExprKind::Unary { operand, .. } => compares(operand, depth),
        // `let Some(delay) = backoff.next_backoff()`: the policy ends it.
        ExprKind::Let { value: Some(value), .. } => compares(value, depth),
        ExprKind::Call { callee, .. } => match &callee.kind {
            ExprKind::Field { name, .. } => {
                says(name, &["backoff", "exceeded", "exhausted", "expired", "cancelled", "elapsed"])
            }
            ExprKind::Name(path) => says(path.last(), &["exceeded", "exhausted", "expired", "cancelled"]),
            _ => false,
        },
        _ => false,
    }
}

fn says(name: &str, wanted: &[&str]) -> bool {
    words(name).iter().any(|word| wanted.contains(&word.as_str()))
}

/// Whether an expression is a reply's status: comparing it is no counter.
fn about_status(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(path) => says(path.last(), &["status", "code"]),
        ExprKind::Field { base, name, .. } => says(name, &["status", "code"]) || about_status(base),
        ExprKind::Call { callee, .. } => about_status(callee),
        _ => false,
    }
}

/// What a condition asks: `Some(true)` when it holds after success, `Some(false)` after failure.
fn outcome(condition: &Expr, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match &condition.kind {
        ExprKind::Let { pattern, .. } => pattern_outcome(pattern, 6),
        ExprKind::Unary { operator: crate::program::tree::UnaryOperator::Not, operand } => {
            outcome(operand, depth).map(|says| !says)
        }
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
        ExprKind::Literal(Literal::Number(number)) => number == "429",
        ExprKind::Name(path) => path.last() == "TOO_MANY_REQUESTS",
        ExprKind::Field { name, .. } => name == "TOO_MANY_REQUESTS",
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
    match name {
        "ok" | "is_ok" | "is_success" | "isSuccess" | "success" | "succeeded" | "isOk" => Some(true),
        "is_err" | "is_server_error" | "is_client_error" | "isErr" | "isError" | "failed" | "error" | "err" => {
            Some(false)
        }
        _ => None,
    }
}

/// A comparison of a status with a known one.
fn status_outcome(operator: BinaryOperator, with: &Expr) -> Option<bool> {
    let good = match &with.kind {
        ExprKind::Literal(Literal::Number(number)) => {
            number.parse::<u16>().is_ok_and(|code| (200..300).contains(&code))
        }
        ExprKind::Name(path) => matches!(path.last(), "OK" | "CREATED" | "NO_CONTENT" | "ACCEPTED"),
        ExprKind::Field { name, .. } => matches!(name.as_str(), "OK" | "CREATED" | "NO_CONTENT" | "ACCEPTED"),
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
        PatternKind::Variant { path, .. } => match path.last() {
            "Ok" => Some(true),
            "Err" => Some(false),
            _ => None,
        },
        PatternKind::Bind { inner: Some(inner), .. } => pattern_outcome(inner, depth),
        PatternKind::Or(all) => all.iter().find_map(|one| pattern_outcome(one, depth)),
        _ => None,
    }
}
