//! Control flow: branches, arms, loops and blocks, and what decides whether code runs.

use super::change::{asks_for_change, binds_compared, mentions_change};
use super::shared::Kinds;
use super::value::{Data, Label, Value};
use super::{Evaluator, Frame};
use crate::facts::{Guard, Round, RoundKind};
use crate::program::tree::{Arm, Block, Expr, ExprKind, ItemKind, LoopKind, Pattern, PatternKind};
use crate::span::Span;

/// Entries of a map that a loop goes over one by one.
const MAX_UNROLLED: usize = 8;

impl<'p> Evaluator<'p> {
    /// The arms that a value may choose, each as if it were chosen; what comes of any of them is joined.
    pub(super) fn arms(&mut self, frame: &mut Frame<'p>, arms: &'p [Arm], subject: &Value<'p>) -> Value<'p> {
        let before = frame.variables.clone();
        let mut joined: Option<super::Variables<'p>> = None;
        let mut result: Option<Value<'p>> = None;
        let guards = self.guards.len();
        let (mut ran, mut asked) = (false, false);
        let (running, mut after) = (frame.tasks.clone(), Vec::new());
        // A result in a result is known as the inner one: what the outer one fails with is not in it.
        let nested = arms.iter().any(|arm| inner_result(&arm.pattern).is_some());
        let outer_failure = Value::new(Data::Failed(Value::unknown()));
        for arm in arms {
            frame.variables = before.clone();
            frame.left = false;
            let (pattern, subject, sure) = match inner_result(&arm.pattern) {
                Some(inner) => (inner, subject, false),
                None if nested && is_result(&arm.pattern, "Err") => (&arm.pattern, &outer_failure, false),
                None => (&arm.pattern, subject, true),
            };
            let mut decided = self.matches(frame, pattern, subject);
            if decided == Some(false) {
                continue;
            }
            decided = decided.filter(|_| sure);
            let narrowed = self.narrowed(frame, pattern, subject);
            self.bind(frame, pattern, &narrowed);
            if let Some(condition) = &arm.guard {
                let value = self.expression(frame, condition);
                let asks = asks_for_change(condition, &value);
                asked |= asks;
                // The arms behind run only because this condition did not hold.
                self.guards.push(Guard::new(condition, asks));
                match self.holds(frame, condition, &value) {
                    Some(false) => continue,
                    Some(true) => {}
                    None => decided = None,
                }
            }
            ran = true;
            let value =
                self.one_way(frame, &running, &mut after, |evaluator, frame| evaluator.expression(frame, &arm.body));
            if !frame.left {
                result = Some(result.map_or(value.clone(), |known| known.or(value)));
                let variables = std::mem::take(&mut frame.variables);
                joined = Some(joined.map_or_else(|| variables.clone(), |known| known.join(variables.clone())));
            }
            if decided == Some(true) {
                break;
            }
        }
        self.guards.truncate(guards);
        frame.left = joined.is_none() && ran;
        frame.tasks = if ran { after } else { running };
        frame.variables = joined.unwrap_or(before);
        let result = result.unwrap_or_else(Value::unknown);
        if asked { result.label(Label::Compared) } else { result }
    }

    pub(super) fn branch(
        &mut self,
        frame: &mut Frame<'p>,
        condition: &'p Expr,
        then: &'p Expr,
        otherwise: Option<&'p Expr>,
    ) -> Value<'p> {
        let before = frame.variables.clone();
        self.charge(before.len());
        let decided = self.expression(frame, condition);
        self.guards.push(Guard::new(condition, asks_for_change(condition, &decided)));
        if let Some(holds) = self.holds(frame, condition, &decided) {
            let value = match (holds, otherwise) {
                (true, _) => self.expression(frame, then),
                (false, Some(otherwise)) => {
                    frame.variables = before;
                    self.expression(frame, otherwise)
                }
                (false, None) => Value::nothing(),
            };
            self.guards.pop();
            return value;
        }
        let (running, mut after) = (frame.tasks.clone(), Vec::new());
        let in_first = self.narrow(frame, condition, true);
        let first = self.one_way(frame, &running, &mut after, |evaluator, frame| evaluator.expression(frame, then));
        let first_left = std::mem::take(&mut frame.left);
        let mut after_first = std::mem::replace(&mut frame.variables, before);
        let in_second = self.narrow(frame, condition, false);
        let second = self.one_way(frame, &running, &mut after, |evaluator, frame| {
            otherwise.map_or_else(Value::nothing, |otherwise| evaluator.expression(frame, otherwise))
        });
        frame.tasks = after;
        let second_left = std::mem::take(&mut frame.left);
        if first_left == second_left {
            Self::widen(&mut frame.variables, in_second);
            Self::widen(&mut after_first, in_first);
        }
        self.guards.pop();
        frame.left = first_left && second_left;
        match (first_left, second_left) {
            (true, false) => second,
            (false, true) => {
                frame.variables = after_first;
                first
            }
            _ => {
                frame.variables = after_first.join(std::mem::take(&mut frame.variables));
                let value = if otherwise.is_some() { first.or(second) } else { first };
                // What a comparison chose says whether anything changed.
                let compared = decided.has(Kinds::COMPARED);
                if compared && otherwise.is_some() { value.label(Label::Compared) } else { value }
            }
        }
    }

    pub(super) fn round(
        &mut self,
        frame: &mut Frame<'p>,
        whole: &'p Expr,
        kind: &'p LoopKind,
        body: &'p Expr,
    ) -> Value<'p> {
        let before = frame.variables.clone();
        let retry = super::retries::retry(kind, body);
        let (advances, ends) = (super::loops::advances(body), super::loops::has_end(kind, body));
        let round = |kind, over| Round { span: whole.span, kind, over, waits: Vec::new(), retry, advances, ends };
        let entered = match kind {
            LoopKind::Each { pattern, iterable, .. } => {
                let collection = self.expression(frame, iterable);
                let counted = super::loops::is_range(iterable);
                let each = if counted { RoundKind::Counted } else { RoundKind::Each };
                self.enter_round(round(each, collection.clone()));
                let pairs = matches!(&pattern.kind, PatternKind::List { elements, .. } if elements.len() == 2);
                let collection = match &*collection.data {
                    Data::Object { ty: None, .. } if pairs => self.entries(&collection),
                    _ => collection,
                };
                // Named things of which a few are known are gone over one by one: what is done with one is not done with another.
                if let (true, Data::List { items, rest: None }) = (pairs, &*collection.data)
                    && items.len() <= MAX_UNROLLED
                {
                    for element in items {
                        self.bind(frame, pattern, element);
                        self.expression(frame, body);
                        frame.left = false;
                    }
                    self.loops.pop();
                    return Value::nothing();
                }
                let element = self.element(&collection);
                if let Some(variants) = variants(&element) {
                    return self.rounds_apart(frame, pattern, body, &variants, before);
                }
                self.bind(frame, pattern, &element);
                None
            }
            LoopKind::While(condition) => {
                self.enter_round(round(RoundKind::While, Value::unknown()));
                self.receives = false;
                let tested = self.expression(frame, condition);
                // `while let Some(job) = inbox.recv().await`
                if std::mem::take(&mut self.receives)
                    && let Some(round) = self.loops.last().and_then(|number| self.facts.rounds.get_mut(*number))
                {
                    round.kind = RoundKind::Jobs;
                    if let ExprKind::Let { pattern, .. } = &condition.kind
                        && let Some(variants) = variants(&tested)
                    {
                        return self.rounds_apart(frame, pattern, body, &variants, before);
                    }
                }
                None
            }
            LoopKind::Forever => {
                self.enter_round(round(RoundKind::Forever, Value::unknown()));
                None
            }
            LoopKind::Counted { start, condition, update } => {
                if let Some(start) = start {
                    self.expression(frame, start);
                }
                // `for (;;)` counts nothing.
                let endless = condition.is_none() && update.is_none();
                let kind = if endless { RoundKind::Forever } else { RoundKind::Counted };
                self.enter_round(round(kind, Value::unknown()));
                if let Some(condition) = condition {
                    self.expression(frame, condition);
                }
                update.as_deref()
            }
        };
        self.last_round(frame, kind, body, entered, before)
    }

    /// A round for each variant that may come: what is done with one is not done with another.
    fn rounds_apart(
        &mut self,
        frame: &mut Frame<'p>,
        pattern: &'p Pattern,
        body: &'p Expr,
        variants: &[Value<'p>],
        before: super::Variables<'p>,
    ) -> Value<'p> {
        let entered = frame.variables.clone();
        let mut joined = before;
        for variant in variants {
            frame.variables = entered.clone();
            self.bind(frame, pattern, variant);
            self.expression(frame, body);
            frame.left = false;
            joined = joined.join(std::mem::take(&mut frame.variables));
        }
        frame.variables = joined;
        self.loops.pop();
        Value::nothing()
    }

    fn last_round(
        &mut self,
        frame: &mut Frame<'p>,
        kind: &'p LoopKind,
        body: &'p Expr,
        entered: Option<&'p Expr>,
        before: super::Variables<'p>,
    ) -> Value<'p> {
        let whole = body;
        let guards = self.guards.len();
        if let LoopKind::Each { pattern, .. } = kind
            && self.bound(frame, pattern).has(Kinds::COMPARED)
        {
            // Only what a comparison let through comes round.
            self.guards.push(Guard::new(whole, true));
        }
        let value = self.expression(frame, body);
        self.guards.truncate(guards);
        if let Some(update) = entered {
            self.expression(frame, update);
        }
        self.loops.pop();
        frame.left = false;
        frame.variables = before.join(std::mem::take(&mut frame.variables));
        if matches!(kind, LoopKind::Forever) { value } else { Value::nothing() }
    }

    pub(super) fn block(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Value<'p> {
        let (limits, scope, at) = (self.limits.len(), frame.scope, self.at);
        // Names that the block defines or imports are seen in it.
        if let Some(inner) = self.program.blocks.get(&(std::ptr::from_ref(block) as usize)) {
            (frame.scope, self.at) = (*inner, *inner);
        }
        // What the block declares anew hides what was there only inside it.
        let hidden: Vec<(std::rc::Rc<str>, Value<'p>)> = declared(block)
            .filter_map(|name| frame.variables.get_key_value(name).map(|(name, value)| (name.clone(), value.clone())))
            .collect();
        // What leaves an asynchronous block leaves nothing but the block.
        let apart = block.asynchrony != crate::program::tree::Asynchrony::None;
        let first = self.facts.requests.len();
        let around = apart.then(|| (frame.returned.take(), frame.returns.take()));
        let mut value = self.block_inside(frame, block);
        if let Some((returned, returns)) = around {
            let own = std::mem::replace(&mut frame.returned, returned);
            value = match (own, std::mem::take(&mut frame.left)) {
                (Some(own), true) => own,
                (Some(own), false) => own.or(value),
                (None, _) => value,
            };
            frame.returns = returns;
            value = self.pending(first, &[], value);
        }
        for (name, value) in hidden {
            frame.variables.insert(name, value);
        }
        self.limits.truncate(limits);
        (frame.scope, self.at) = (scope, at);
        value
    }

    fn block_inside(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Value<'p> {
        let guards = self.guards.len();
        let mut value = Value::nothing();
        for statement in &block.statements {
            // Functions are visible in the whole block; what they capture is looked up when they are called.
            if let ExprKind::Item(item) = &statement.kind
                && let ItemKind::Function(function) = &item.kind
            {
                let closure = self.closure(frame, function);
                frame.declared.insert(item.name.as_str().into());
                frame.variables.insert(item.name.as_str().into(), closure);
            }
        }
        for statement in &block.statements {
            if let ExprKind::Item(item) = &statement.kind
                && let ItemKind::Constant { value: Some(value), .. } = &item.kind
            {
                let value = super::name_label(self.expression(frame, value), &item.name)
                    .step(item.name_span, format!("`{}` is defined here", item.name));
                frame.declared.insert(item.name.as_str().into());
                frame.variables.insert(item.name.as_str().into(), value);
            }
        }
        for statement in &block.statements {
            let (lock, limits) = (self.lock.take(), self.limits.len());
            let dropped = self.expression(frame, statement);
            // A lock that the statement does not keep is given back at its end.
            if let Some(taken) = self.lock
                && !self.keeps_lock(frame, statement, taken)
            {
                self.limits.truncate(limits);
            }
            self.lock = lock.or(self.lock);
            let waits = matches!(statement.kind, ExprKind::Await(_) | ExprKind::Try(_) | ExprKind::Call { .. });
            if let Some(number) = super::terms::response_of(&dropped).filter(|_| waits) {
                self.facts.dropped.push(number);
            }
            if frame.left {
                self.guards.truncate(guards);
                return Value::nothing();
            }
            if let ExprKind::Let { pattern, value: Some(tested), otherwise: Some(_), .. } = &statement.kind {
                let asks = mentions_change(tested, 16) || binds_compared(frame, pattern, 8);
                self.guards.push(Guard::new(statement, asks));
            }
            // After `if … { return }` the rest runs only because the condition did not hold.
            if let ExprKind::If { condition, then, otherwise } = &statement.kind
                && (leaves(then) || otherwise.as_deref().is_some_and(leaves))
            {
                let asks = asks_for_change(condition, &self.condition_again(frame, condition));
                self.guards.push(Guard::new(condition, asks));
            }
        }
        if let Some(last) = &block.value {
            value = self.expression(frame, last);
        }
        self.guards.truncate(guards);
        value
    }

    /// Whether a statement keeps what the call at a place gives: `let held = lock.lock().await?`.
    fn keeps_lock(&self, frame: &Frame<'p>, statement: &Expr, call: Span) -> bool {
        let ExprKind::Let { value: Some(value), .. } = &statement.kind else { return false };
        let mut value = &**value;
        while value.span != call {
            value = match &value.kind {
                ExprKind::Await(inner) | ExprKind::Try(inner) => inner,
                ExprKind::Call { callee, .. } => match &callee.kind {
                    ExprKind::Field { base, name, .. } => {
                        let model = self.libraries(frame.scope).method(None, name, |_| true);
                        if !model.is_some_and(|model| model.same) {
                            return false;
                        }
                        base
                    }
                    _ => return false,
                },
                _ => return false,
            };
        }
        true
    }

    /// A condition's labels once more, without repeating what it does.
    fn condition_again(&mut self, frame: &mut Frame<'p>, condition: &'p Expr) -> Value<'p> {
        let facts = &self.facts;
        let (requests, sinks, reads) = (facts.requests.len(), facts.sinks.len(), facts.reads.len());
        let (concurrencies, compiled_in) = (facts.concurrencies.len(), facts.compiled_in.len());
        let value = self.expression(frame, condition);
        self.facts.requests.truncate(requests);
        self.facts.sinks.truncate(sinks);
        self.facts.reads.truncate(reads);
        self.facts.concurrencies.truncate(concurrencies);
        self.facts.compiled_in.truncate(compiled_in);
        value
    }

    pub(super) fn leave_with(&mut self, frame: &mut Frame<'p>, value: Value<'p>) {
        frame.returned = Some(match frame.returned.take() {
            Some(known) => known.or(value),
            None => value,
        });
        frame.left = true;
    }
}

/// `Ok(Ok(reply))`, `Ok(Err(error))`: the pattern of the inner result.
fn inner_result(pattern: &Pattern) -> Option<&Pattern> {
    let PatternKind::Variant { path, elements } = &pattern.kind else { return None };
    let [inner] = elements.as_slice() else { return None };
    (path.last() == "Ok" && (is_result(inner, "Ok") || is_result(inner, "Err"))).then_some(inner)
}

/// Whether a pattern is one half of a result.
fn is_result(pattern: &Pattern, half: &str) -> bool {
    matches!(&pattern.kind, PatternKind::Variant { path, .. } if path.last() == half)
}

/// The variants of an enum of the project that a value may be, when there are several.
fn variants<'p>(value: &Value<'p>) -> Option<Vec<Value<'p>>> {
    let Data::Union(all) = &*value.data else { return None };
    let is_variant = |one: &Value<'p>| matches!(&*one.data, Data::Object { ty: Some(_), variant: Some(_), .. });
    let labelled = |one: &Value<'p>| one.clone().labels_of(value);
    (all.len() <= MAX_UNROLLED && all.iter().all(is_variant)).then(|| all.iter().map(labelled).collect())
}

/// The names that the statements of a block bind by themselves.
fn declared(block: &Block) -> impl Iterator<Item = &str> {
    block.statements.iter().filter_map(|statement| match &statement.kind {
        ExprKind::Let { pattern, .. } => match &pattern.kind {
            PatternKind::Bind { name, .. } => Some(name.as_str()),
            _ => None,
        },
        ExprKind::Item(item) => match &item.kind {
            ItemKind::Constant { .. } => Some(item.name.as_str()),
            _ => None,
        },
        _ => None,
    })
}

/// Whether a statement always leaves the block around it.
fn leaves(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Return(_) | ExprKind::Throw(_) | ExprKind::Break(_) | ExprKind::Continue => true,
        ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(leaves),
        _ => false,
    }
}
