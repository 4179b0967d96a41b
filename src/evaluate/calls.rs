//! Calls: arguments, functions of the project in the context of their caller, closures, pending values.

use super::value::{Callable, Data, Label, Piece, Value};
use super::{Evaluator, Frame, MAX_CALLS, Task};
use crate::facts::Concurrency;
use crate::program::link::{FunctionId, Resolved};
use crate::program::tree::{
    Argument, Asynchrony, Attribute, Expr, ExprKind, Function, HoleStyle, Item, PatternKind, TemplatePart,
    UnaryOperator,
};
use crate::span::Span;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// An evaluated argument.
pub(super) struct Passed<'p> {
    pub value: Value<'p>,
    pub span: Span,
    pub style: HoleStyle,
}

impl<'p> Evaluator<'p> {
    pub(super) fn call(
        &mut self,
        frame: &mut Frame<'p>,
        whole: &'p Expr,
        callee: &'p Expr,
        arguments: &'p [Argument],
    ) -> Value<'p> {
        let first_request = self.facts.requests.len();
        let (called, receiver) = match &callee.kind {
            ExprKind::Field { base, name, .. } => {
                let receiver = self.expression(frame, base);
                (self.method(&receiver, name), Some((base.as_ref(), receiver, name.as_str())))
            }
            _ => (vec![self.expression(frame, callee)], None),
        };
        let mut passed = Vec::new();
        for argument in arguments {
            let value = self.expression(frame, &argument.value);
            if argument.spread
                && let Data::List { items, .. } = &*value.data
            {
                passed.extend(items.iter().map(|v| Passed {
                    value: v.clone(),
                    span: argument.value.span,
                    style: HoleStyle::Display,
                }));
                continue;
            }
            passed.push(Passed { value, span: argument.value.span, style: style(&argument.value) });
        }
        let mut result: Option<Value<'p>> = None;
        for value in called {
            let Data::Callable(callable) = &*value.data else { continue };
            let given = match callable {
                Callable::Function(id, _) => {
                    let receiver = receiver.as_ref().map(|(_, value, _)| value.clone());
                    let values = passed.iter().map(|p| p.value.clone().step(p.span, "passed on here")).collect();
                    let (value, after) = self.call_function(*id, receiver, values, whole.span);
                    self.write_back(frame, *id, receiver_place(callee), arguments, after);
                    value
                }
                Callable::Closure { .. } => {
                    let values = passed.iter().map(|p| p.value.clone()).collect();
                    self.call_closure(callable.clone(), values)
                }
                Callable::Constructor(ty, variant) => {
                    let fields: std::collections::BTreeMap<Rc<str>, Value<'p>> = passed
                        .iter()
                        .enumerate()
                        .map(|(index, p)| (Rc::from(index.to_string()), p.value.clone()))
                        .collect();
                    for (name, value) in &fields {
                        self.learn_field(*ty, name, value);
                    }
                    Value::new(Data::Object { ty: Some(*ty), variant: variant.clone(), fields, open: false })
                }
                Callable::External(name, _) => self.external(frame, name, None, &passed, whole.span, first_request),
            };
            result = Some(result.map_or(given.clone(), |known| known.or(given)));
        }
        if let Some(result) = result {
            return result;
        }
        match receiver {
            Some((place, receiver, name)) => {
                let (value, updated) = self.external_method(frame, &receiver, name, &passed, whole.span, first_request);
                if let Some(updated) = updated {
                    self.assign(frame, place, updated);
                }
                value
            }
            None => Value::unknown(),
        }
    }

    /// What a method call on a value can reach in the project.
    fn method(&mut self, receiver: &Value<'p>, name: &str) -> Vec<Value<'p>> {
        let mut found = Vec::new();
        for one in receiver.alternatives() {
            let one = match &*one.data {
                Data::Pending { value, .. } => value.clone(),
                _ => one,
            };
            match &*one.data {
                Data::Object { ty: Some(ty), .. } => {
                    for id in self.program.methods(*ty, name) {
                        found.push(Value::new(Data::Callable(Callable::Function(id, None))));
                    }
                    if found.is_empty() {
                        let field = self.declared_field(*ty, name);
                        if matches!(*field.data, Data::Callable(_)) {
                            found.push(field);
                        }
                    }
                }
                Data::Object { fields, .. } => {
                    found.extend(fields.get(name).filter(|v| matches!(*v.data, Data::Callable(_))).cloned())
                }
                _ => {}
            }
        }
        found
    }

    /// Runs a function of the project. Gives its result and what the receiver and parameters hold afterwards.
    pub(super) fn call_function(
        &mut self,
        id: FunctionId,
        receiver: Option<Value<'p>>,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> (Value<'p>, Vec<Value<'p>>) {
        let Some(entry) = self.program.functions.get(id.0) else { return (Value::unknown(), Vec::new()) };
        let again = self.calls.iter().filter(|(other, _)| *other == id).count();
        let function = entry.function;
        let Some(body) = function.body.as_ref().filter(|_| self.calls.len() < MAX_CALLS && again < 2) else {
            return (self.typed(entry.scope, entry.owner, function.returns.as_ref(), ""), Vec::new());
        };
        let key = summary_key(id, receiver.as_ref(), &arguments);
        if let Some(summary) = key.and_then(|key| self.summaries.get(&key)) {
            return summary.clone();
        }
        if self.barren.get(&id).is_some_and(|spent| *spent > BARREN) {
            return (self.typed(entry.scope, entry.owner, function.returns.as_ref(), ""), Vec::new());
        }
        let (facts, fuel) = (self.fact_count(), self.fuel);
        self.entered.insert(id);
        if self.calls.last().is_some_and(|(caller, _)| *caller != id) {
            self.called.insert(id);
        }
        let mut frame = Frame::new(entry.scope, entry.owner);
        let mut given = arguments.into_iter();
        let mut receiver = receiver;
        for (index, parameter) in function.parameters.iter().enumerate() {
            let is_receiver = index == 0 && function.has_receiver;
            let value = match if is_receiver { receiver.take().or_else(|| given.next()) } else { given.next() } {
                Some(value) if function.variadic && index + 1 == function.parameters.len() => {
                    let items = std::iter::once(value).chain(given.by_ref()).collect();
                    Value::new(Data::List { items, rest: None })
                }
                Some(value) => match (&*value.data, &parameter.ty) {
                    (Data::Unknown, Some(_)) => {
                        self.typed(entry.scope, entry.owner, parameter.ty.as_ref(), "").labels_of(&value)
                    }
                    _ => value,
                },
                None if is_receiver => entry.owner.map_or_else(Value::unknown, Self::open),
                None => match &parameter.default {
                    Some(default) => self.expression(&mut frame, default),
                    None => self.typed(entry.scope, entry.owner, parameter.ty.as_ref(), ""),
                },
            };
            self.bind(&mut frame, &parameter.pattern, &value);
        }
        self.log_arguments(&frame, entry.item, function);
        let first = self.facts.requests.len();
        self.calls.push((id, span));
        let value = self.body(&mut frame, body);
        self.calls.pop();
        let value = match &*value.data {
            Data::Unknown if function.returns.is_some() => {
                self.typed(entry.scope, entry.owner, function.returns.as_ref(), "").labels_of(&value)
            }
            _ => value,
        };
        let after = function.parameters.iter().map(|p| self.bound(&frame, &p.pattern)).collect();
        let value = if function.asynchrony == Asynchrony::None { value } else { self.pending(first, value) };
        let result = (value, after);
        if self.fact_count() == facts {
            let spent = fuel.saturating_sub(self.fuel);
            self.barren.entry(id).and_modify(|all| *all = all.saturating_add(spent)).or_insert(spent);
        }
        // Called like this it leaves nothing behind but its result: the next call of this kind need not run it.
        if let Some(key) = key.filter(|_| self.fact_count() == facts && self.fuel > 0 && fuel - self.fuel >= SMALL) {
            self.summaries.insert(key, result.clone());
        }
        result
    }

    /// What an attribute of a function logs of its arguments when it is entered.
    fn log_arguments(&mut self, frame: &Frame<'p>, item: &'p Item, function: &'p Function) {
        for attribute in &item.attributes {
            let Some(name) = self.attribute_name(frame, attribute) else { continue };
            let libraries = self.libraries(frame.scope);
            let Some(model) = libraries.attribute(&name) else { continue };
            let words = |argument: &'p Argument| match &argument.value.kind {
                ExprKind::Name(path) => Some((path.last(), [].as_slice())),
                ExprKind::Call { callee, arguments, .. } => match &callee.kind {
                    ExprKind::Name(path) => Some((path.last(), arguments.as_slice())),
                    _ => None,
                },
                _ => None,
            };
            let given: Vec<(&str, &[Argument])> = attribute.arguments.iter().filter_map(words).collect();
            if given.iter().any(|(word, _)| *word == model.skip_all) {
                continue;
            }
            let skipped: Vec<&str> = given
                .iter()
                .filter(|(word, _)| *word == model.skip)
                .flat_map(|(_, names)| names.iter().filter_map(words).map(|(name, _)| name))
                .collect();
            let values = function.parameters.iter().filter_map(|parameter| match &parameter.pattern.kind {
                PatternKind::Bind { name, .. } if !skipped.contains(&name.as_str()) => {
                    let value = frame.variables.get(name.as_str())?;
                    Some((self.printed(value, HoleStyle::Debug, 6), parameter.pattern.span, HoleStyle::Debug))
                }
                _ => None,
            });
            let values = values.collect();
            self.log(attribute.span, values);
        }
    }

    fn attribute_name(&self, frame: &Frame<'p>, attribute: &Attribute) -> Option<String> {
        match self.program.resolve(frame.scope, &attribute.path)? {
            Resolved::External(name) => Some(name),
            _ => None,
        }
    }

    /// How much was written down so far.
    fn fact_count(&self) -> usize {
        let facts = &self.facts;
        facts.requests.len()
            + facts.logs.len()
            + facts.concurrencies.len()
            + facts.compiled_in.len()
            + facts.reads.len()
            + self.tasks.len()
    }

    fn body(&mut self, frame: &mut Frame<'p>, body: &'p Expr) -> Value<'p> {
        let value = self.expression(frame, body);
        let value = match (frame.returned.take(), frame.left) {
            (Some(returned), true) => returned,
            (Some(returned), false) => returned.or(value),
            (None, _) => value,
        };
        // A result chosen by asking whether something changed carries that on.
        if value.any_label(&|label| matches!(label, Label::Compared)) { value.label(Label::Compared) } else { value }
    }

    pub(super) fn bound(&self, frame: &Frame<'p>, pattern: &crate::program::tree::Pattern) -> Value<'p> {
        match &pattern.kind {
            crate::program::tree::PatternKind::Bind { name, .. } => {
                frame.variables.get(name.as_str()).cloned().unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        }
    }

    /// Puts what a function left in a mutable receiver or argument back into the caller's place.
    fn write_back(
        &mut self,
        frame: &mut Frame<'p>,
        id: FunctionId,
        receiver: Option<&'p Expr>,
        arguments: &'p [Argument],
        after: Vec<Value<'p>>,
    ) {
        let Some(function) = self.program.functions.get(id.0).map(|entry| entry.function) else { return };
        let mut after = after.into_iter();
        if function.has_receiver
            && let (Some(place), Some(value)) = (receiver, after.next())
            && is_place(place)
        {
            self.assign(frame, place, value);
        }
        for (argument, value) in arguments.iter().zip(after) {
            if let ExprKind::Unary { operator: UnaryOperator::MutableReference, operand } = &argument.value.kind {
                self.assign(frame, operand, value);
            }
        }
    }

    /// Runs a closure, or any other callable value, with values.
    pub(super) fn call_value(&mut self, callable: &Value<'p>, arguments: Vec<Value<'p>>, span: Span) -> Value<'p> {
        match &*callable.data {
            Data::Callable(Callable::Function(id, receiver)) => {
                self.call_function(*id, receiver.clone(), arguments, span).0
            }
            Data::Callable(closure @ Callable::Closure { .. }) => self.call_closure(closure.clone(), arguments),
            _ => Value::unknown(),
        }
    }

    fn call_closure(&mut self, callable: Callable<'p>, arguments: Vec<Value<'p>>) -> Value<'p> {
        let Callable::Closure { function, scope, captured } = callable else { return Value::unknown() };
        let function: &'p Function = function;
        let Some(body) = &function.body else { return Value::unknown() };
        if self.calls.len() >= MAX_CALLS || self.fuel == 0 {
            return Value::unknown();
        }
        let mut frame = Frame::new(scope, None);
        frame.variables = (*captured).clone();
        let mut given = arguments.into_iter();
        for parameter in &function.parameters {
            let value = given.next().unwrap_or_else(|| self.typed(scope, None, parameter.ty.as_ref(), ""));
            self.bind(&mut frame, &parameter.pattern, &value);
        }
        let first = self.facts.requests.len();
        // Depth is bounded through the call stack, which needs an entry for closures too.
        self.calls.push((FunctionId(usize::MAX), function.span));
        let value = self.body(&mut frame, body);
        self.calls.pop();
        if function.asynchrony == Asynchrony::None { value } else { self.pending(first, value) }
    }

    /// A value that comes with the requests sent since `first`.
    pub(super) fn pending(&self, first: usize, value: Value<'p>) -> Value<'p> {
        let requests = (first..self.facts.requests.len()).collect();
        Value::new(Data::Pending { requests, task: None, value })
    }

    /// Waits for a pending value; its task then no longer runs beside anything.
    pub(super) fn wait(&mut self, frame: &mut Frame<'p>, value: Value<'p>) -> Value<'p> {
        match &*value.data {
            Data::Pending { task, value, .. } => {
                if let Some(task) = task {
                    frame.tasks.retain(|other| other != task);
                    let here = self.loops.last().map(|(number, _)| *number);
                    if let Some(task) = self.tasks.get_mut(*task)
                        && task.started_in == here
                    {
                        task.awaited = true;
                    }
                }
                value.clone()
            }
            _ => value,
        }
    }

    /// Starts a task.
    pub(super) fn spawn(&mut self, frame: &mut Frame<'p>, value: &Value<'p>, first: usize, span: Span) -> Value<'p> {
        let (mut requests, inner) = match &*value.data {
            Data::Pending { requests, value, .. } => (requests.clone(), value.clone()),
            _ => (Vec::new(), value.clone()),
        };
        requests.extend(first..self.facts.requests.len());
        requests.sort_unstable();
        requests.dedup();
        let number = self.tasks.len();
        let beside: Vec<Vec<usize>> =
            frame.tasks.iter().filter_map(|task| self.tasks.get(*task)).map(|task| task.requests.clone()).collect();
        if !beside.is_empty() && !requests.is_empty() {
            let branches = beside.into_iter().chain([requests.clone()]).collect();
            self.facts.concurrencies.push(Concurrency { span, branches, many: false });
        }
        let started_in = self.loops.last().map(|(number, _)| *number);
        self.tasks.push(Task { requests: requests.clone(), started_in, span, awaited: false });
        frame.tasks.push(number);
        Value::new(Data::Pending { requests, task: Some(number), value: inner })
    }
}

/// Expressions spent on a function in one pass without a fact before it is no longer run: what has nothing to do with
/// requests would otherwise be run in every context.
const BARREN: usize = 20_000;
/// Values with more parts than this are not compared.
const KEY_PARTS: usize = 24;
/// Expressions: what runs shorter is run again rather than remembered.
const SMALL: usize = 8;

/// What a function's result depends on, hashed: itself and the values it is called with. None when a value is too large or
/// may be a callable, which sees more than its own parts.
fn summary_key(id: FunctionId, receiver: Option<&Value<'_>>, arguments: &[Value<'_>]) -> Option<u64> {
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    id.hash(&mut hasher);
    receiver.is_some().hash(&mut hasher);
    let mut parts = KEY_PARTS;
    for value in receiver.into_iter().chain(arguments) {
        hash_value(value, &mut hasher, &mut parts)?;
    }
    Some(hasher.finish())
}

fn hash_value(value: &Value<'_>, hasher: &mut impl Hasher, parts: &mut usize) -> Option<()> {
    *parts = parts.checked_sub(1)?;
    std::mem::discriminant(&*value.data).hash(hasher);
    value.labels.hash(hasher);
    match &*value.data {
        Data::Unknown | Data::Nothing => {}
        Data::Number(number) => number.hash(hasher),
        Data::Boolean(value) => value.hash(hasher),
        Data::Text(pieces) => {
            for piece in pieces {
                match piece {
                    Piece::Known(text, span) => (text, span).hash(hasher),
                    Piece::Hole(value) => hash_value(value, hasher, parts)?,
                }
            }
        }
        Data::Object { ty, variant, fields, open } => {
            (ty, variant, open, fields.len()).hash(hasher);
            for (name, value) in fields {
                name.hash(hasher);
                hash_value(value, hasher, parts)?;
            }
        }
        Data::List { items, rest } => {
            (items.len(), rest.is_some()).hash(hasher);
            for value in items.iter().chain(rest) {
                hash_value(value, hasher, parts)?;
            }
        }
        Data::Instance { ty, state } => {
            (ty, state.len()).hash(hasher);
            for (name, value) in state {
                name.hash(hasher);
                hash_value(value, hasher, parts)?;
            }
        }
        Data::Union(all) => {
            all.len().hash(hasher);
            for value in all {
                hash_value(value, hasher, parts)?;
            }
        }
        Data::Callable(_) | Data::Pending { .. } => return None,
    }
    Some(())
}

fn receiver_place(callee: &Expr) -> Option<&Expr> {
    match &callee.kind {
        ExprKind::Field { base, .. } => Some(base),
        _ => None,
    }
}

fn is_place(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(path) => path.single().is_some(),
        ExprKind::Field { base, .. } => is_place(base),
        ExprKind::Unary { operand, .. } => is_place(operand),
        _ => false,
    }
}

/// How an argument is written out when it reaches a log.
fn style(argument: &Expr) -> HoleStyle {
    let ExprKind::Template(parts) = &argument.kind else { return HoleStyle::Display };
    let debug = parts.iter().any(|part| matches!(part, TemplatePart::Hole { style: HoleStyle::Debug, .. }));
    if debug { HoleStyle::Debug } else { HoleStyle::Display }
}
