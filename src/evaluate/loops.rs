//! Loops: what they go over, what delays them, and whether they end.

use super::Evaluator;
use super::terms::Spoken;
use super::value::{Callable, Data, Leaf, Value};
use crate::facts::{Round, Schedule};
use crate::knowledge::libraries::ScheduleModel;
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Literal, LoopKind};
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
pub(super) fn ends(expression: &Expr) -> bool {
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
