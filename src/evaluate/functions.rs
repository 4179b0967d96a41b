//! Functions of the project, run in the context of their callers, and closures.

use super::answers::{Answers, Asked};
use super::calls::{Passed, Receiver};
use super::shared::Kinds;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame, MAX_CALLS};
use crate::facts::{SinkKind, Written};
use crate::program::link::{FunctionId, Resolved};
use crate::program::tree::{Argument, Asynchrony, Attribute, Expr, ExprKind, Function, HoleStyle, Item, PatternKind};
use crate::span::Span;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// Code outside the project runs a closure in at most this many contexts.
const MAX_OUTSIDE_RUNS: usize = 16;

impl<'p> Evaluator<'p> {
    /// Runs a function of the project for a running one: a dynamic function runs among its variables.
    pub(super) fn call_among(
        &mut self,
        frame: &mut Frame<'p>,
        id: FunctionId,
        receiver: Option<Value<'p>>,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> (Value<'p>, Vec<Value<'p>>) {
        let dynamic = self.program.functions.get(id.0).is_some_and(|entry| entry.function.dynamic);
        if !dynamic {
            return self.call_function(id, receiver, arguments, span);
        }
        self.dynamic = Some(frame.variables.clone());
        let result = self.call_function(id, receiver, arguments, span);
        if let Some(changed) = self.dynamic.take() {
            for (name, value) in changed.iter() {
                frame.variables.insert(name.clone(), value.clone());
            }
        }
        result
    }

    /// Runs a function of the project. Gives its result and what the receiver and parameters hold afterwards.
    pub(super) fn call_function(
        &mut self,
        id: FunctionId,
        receiver: Option<Value<'p>>,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> (Value<'p>, Vec<Value<'p>>) {
        let (asked, by_name) = (self.asked.take(), std::mem::take(&mut self.by_name));
        let Some(entry) = self.program.functions.get(id.0) else { return (Value::unknown(), Vec::new()) };
        let again = self.calls.iter().filter(|(other, _)| *other == id).count();
        let function = entry.function;
        if self.calls.last().is_some_and(|(caller, _)| *caller == id) {
            self.recurses(id, function, span);
        }
        let Some(body) = function.body.as_ref().filter(|_| self.calls.len() < MAX_CALLS && again < 2) else {
            return (self.typed(entry.scope, entry.owner, function.returns.as_ref(), ""), Vec::new());
        };
        let receiver = receiver.map(|receiver| self.of_owner(id, receiver));
        let among = self.dynamic.take().filter(|_| function.dynamic);
        let key = if function.dynamic { None } else { summary_key(id, receiver.as_ref(), &arguments) };
        if asked.is_none()
            && let Some(summary) = key.and_then(|key| self.summaries.get(&key))
        {
            self.last_parameter = summary.1.get(usize::from(function.has_receiver)).cloned();
            return summary.clone();
        }
        if self.barren.get(&id).is_some_and(|spent| *spent > BARREN) {
            return (self.typed(entry.scope, entry.owner, function.returns.as_ref(), ""), Vec::new());
        }
        let (facts, fuel) = (self.fact_count(), self.fuel);
        let thrown = self.thrown.len();
        self.note_called(id, function, self.calls.last().is_some_and(|(caller, _)| *caller != id));
        let explicit = std::mem::take(&mut self.explicit);
        // What an interface writes once for all its types runs for the type it is called on.
        let owner = match (entry.owner, receiver.as_ref().map(|receiver| &*receiver.data)) {
            (Some(owner), Some(Data::Object { ty: Some(ty), .. })) if self.is_interface(owner) => Some(*ty),
            (owner, _) => owner,
        };
        let mut frame = self.frame(entry.scope, owner);
        frame.generics = self.generics(entry.scope, function, &arguments, &explicit);
        if let Some(among) = &among {
            frame.variables = among.clone();
        }
        frame.returns = function.returns.as_ref();
        let around = std::mem::replace(&mut self.at, entry.scope);
        let receiver = match receiver {
            Some(receiver) => Some(receiver),
            None if function.has_receiver && self.calls.is_empty() => entry.owner.map(Self::open),
            None => None,
        };
        let asked = if self.answers(entry.scope, entry.item, function) { Some(Asked::Always) } else { asked };
        if let Some(asked) = asked {
            frame.answers = Rc::new(Answers::of(body, asked));
        }
        self.bind_parameters(&mut frame, function, receiver, arguments);
        self.log_arguments(&mut frame, entry.item, function);
        let first = self.facts.requests.len();
        self.calls.push((id, span));
        self.bodies.push((function, by_name));
        let value = self.body(&mut frame, body);
        self.bodies.pop();
        self.calls.pop();
        if self.calls.is_empty() {
            self.scheduled_by_attribute(&mut frame, entry.item, first);
            self.concurrent_by_attribute(&mut frame, entry.item, owner, first);
        }
        self.at = around;
        let value = match &*value.data {
            Data::Unknown if function.returns.is_some() => {
                self.typed(entry.scope, owner, function.returns.as_ref(), "").labels_of(&value)
            }
            _ => match &function.returns {
                Some(ty) => {
                    let value = self.failing_as(entry.scope, value, ty, span);
                    self.conform(entry.scope, owner, value, ty, span)
                }
                None => value,
            },
        };
        let after = function.parameters.iter().map(|p| self.bound(&frame, &p.pattern)).collect();
        let value =
            if function.asynchrony == Asynchrony::None { value } else { self.pending(first, &frame.waited, value) };
        self.last_parameter = self.first_parameter(&frame, function);
        self.dynamic = among.map(|before| frame.changed_since(&before));
        let result = (value, after);
        if self.fact_count() == facts {
            let spent = fuel.saturating_sub(self.fuel);
            self.barren.entry(id).and_modify(|all| *all = all.saturating_add(spent)).or_insert(spent);
        }
        // Called like this it leaves nothing behind but its result: the next call of this kind need not run it.
        if let Some(key) = key.filter(|_| {
            self.fact_count() == facts && self.thrown.len() == thrown && self.fuel > 0 && fuel - self.fuel >= SMALL
        }) {
            self.summaries.insert(key, result.clone());
        }
        result
    }

    fn bind_parameters(
        &mut self,
        frame: &mut Frame<'p>,
        function: &'p Function,
        receiver: Option<Value<'p>>,
        arguments: Vec<Value<'p>>,
    ) {
        let (scope, owner) = (frame.scope, frame.owner);
        let mut given = arguments.into_iter();
        let mut receiver = receiver;
        for (index, parameter) in function.parameters.iter().enumerate() {
            let is_receiver = index == 0 && function.has_receiver;
            // A function called by its path gets its receiver as an argument, where the language has that.
            let by_path = is_receiver && receiver.is_none() && owner.is_some();
            let next = match is_receiver {
                true => receiver.take().or_else(|| if by_path { given.next() } else { None }),
                false => given.next(),
            };
            let value = match next {
                Some(value) if function.variadic && index + 1 == function.parameters.len() => {
                    let items = std::iter::once(value).chain(given.by_ref()).collect();
                    Value::new(Data::List { items, rest: None })
                }
                Some(value) => match (&*value.data, &parameter.ty) {
                    (Data::Object { ty: Some(_), .. } | Data::Text(_), Some(ty)) => {
                        self.conform(scope, owner, value, ty, parameter.pattern.span)
                    }
                    (Data::Unknown, Some(_)) => self.typed(scope, owner, parameter.ty.as_ref(), "").labels_of(&value),
                    (Data::Nothing, _) if let Some(default) = &parameter.default => self.expression(frame, default),
                    _ => value,
                },
                None if is_receiver => owner.map_or_else(Value::unknown, Self::open),
                // Called, and given nothing.
                None if function.variadic && index + 1 == function.parameters.len() && !self.calls.is_empty() => {
                    Value::new(Data::List { items: Vec::new(), rest: None })
                }
                None if let Some(value) = self.injected_by(frame, &parameter.attributes) => value,
                None if let Some(value) = self.taken(function, index - usize::from(function.has_receiver)) => value,
                None => match (&parameter.default, self.calls.is_empty()) {
                    // Nothing is known about what calls an entry point: its default is one possibility.
                    (Some(default), true) => {
                        let default = self.expression(frame, default);
                        let open = self.typed(scope, owner, parameter.ty.as_ref(), "");
                        if matches!(*open.data, Data::Unknown) { default } else { open.or(default) }
                    }
                    (Some(default), false) => self.expression(frame, default),
                    (None, _) => self.typed(scope, owner, parameter.ty.as_ref(), ""),
                },
            };
            let value = match &*value.data {
                Data::Unknown if !is_receiver => self.by_convention(frame, function, index, value),
                _ => value,
            };
            self.bind(frame, &parameter.pattern, &value);
        }
    }

    /// What a parameter of which nothing is known gets by convention: its name and those beside it say so.
    fn by_convention(&self, frame: &Frame<'p>, function: &Function, index: usize, value: Value<'p>) -> Value<'p> {
        let named = |at: usize, names: &[String]| match function.parameters.get(at).map(|p| &p.pattern.kind) {
            Some(PatternKind::Bind { name, .. }) => names.iter().any(|known| known == name.trim_start_matches('_')),
            _ => false,
        };
        for model in self.libraries(frame.scope).parameters() {
            for (position, ty) in model.types.iter().enumerate() {
                let Some(first) = index.checked_sub(position) else { break };
                if model.names.iter().enumerate().all(|(offset, names)| named(first + offset, names)) {
                    return Value::instance(ty).labels_of(&value);
                }
            }
        }
        value
    }

    /// What an attribute of a function logs of its arguments when it is entered.
    fn log_arguments(&mut self, frame: &mut Frame<'p>, item: &'p Item, function: &'p Function) {
        for attribute in &item.attributes {
            let Some(name) = self.attribute_name(frame, attribute) else { continue };
            let libraries = self.libraries(frame.scope);
            let Some(model) =
                libraries.attribute(&name).filter(|model| model.schedule.is_none() && model.limit.is_none())
            else {
                continue;
            };
            let words = |argument: &'p Argument| match &argument.value.kind {
                ExprKind::Name(path) => Some((path.last(), [].as_slice())),
                ExprKind::Call { callee, arguments, .. } => match &callee.kind {
                    ExprKind::Name(path) => Some((path.last(), arguments.as_slice())),
                    _ => None,
                },
                _ => None,
            };
            let given: Vec<(&str, &[Argument])> = attribute.arguments.iter().filter_map(words).collect();
            let fields = given.iter().filter(|(word, _)| *word == model.fields).flat_map(|(_, fields)| fields.iter());
            let fields: Vec<Written<'p>> = fields
                .filter(|field| field.name.is_some())
                .map(|field| {
                    let value = self.expression(frame, &field.value);
                    let value = self.printed(frame.scope, &value, HoleStyle::Display);
                    Written { value, span: field.value.span, style: HoleStyle::Display }
                })
                .collect();
            if given.iter().any(|(word, _)| *word == model.skip_all) {
                if !fields.is_empty() {
                    self.write(attribute.span, SinkKind::Log, fields, None);
                }
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
                    let value = self.printed(frame.scope, value, HoleStyle::Debug);
                    Some(Written { value, span: parameter.pattern.span, style: HoleStyle::Debug })
                }
                _ => None,
            });
            let values: Vec<Written<'p>> = values.collect();
            self.write(attribute.span, SinkKind::Log, values.into_iter().chain(fields).collect(), None);
        }
    }

    /// Notes that an attribute of a function lets it run by itself, with the requests it sent since `first`.
    fn scheduled_by_attribute(&mut self, frame: &mut Frame<'p>, item: &'p Item, first: usize) {
        for attribute in &item.attributes {
            let Some(name) = self.attribute_name(frame, attribute) else { continue };
            let libraries = self.libraries(frame.scope);
            let Some(schedule) = libraries.attribute(&name).and_then(|model| model.schedule.as_ref()) else { continue };
            let passed = self.passed_to(frame, attribute);
            self.schedule(schedule, &super::terms::Spoken::new(None, &passed), attribute.span, first);
        }
    }

    /// Notes that an attribute of a function or of its class lets it run several times at once, with the requests it sent
    /// since `first`.
    fn concurrent_by_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        item: &'p Item,
        owner: Option<crate::program::link::TypeId>,
        first: usize,
    ) {
        let program = self.program;
        let class = owner.and_then(|owner| program.types.get(owner.0));
        let of_class = class.into_iter().flat_map(|entry| &entry.item.attributes).map(|attribute| (attribute, true));
        for (attribute, whole) in item.attributes.iter().map(|attribute| (attribute, false)).chain(of_class) {
            let Some(name) = self.attribute_name(frame, attribute) else { continue };
            let Some(model) = self.libraries(frame.scope).attribute(&name) else { continue };
            let meant = if whole { model.runs.as_deref() == Some(item.name.as_str()) } else { model.runs.is_none() };
            let Some(limit) = model.limit.as_ref().filter(|_| meant) else { continue };
            let passed = self.passed_to(frame, attribute);
            let limit = self.term(limit, &super::terms::Spoken::new(None, &passed));
            let many = limit.known_text().and_then(|limit| limit.parse::<f64>().ok()).is_some_and(|limit| limit > 1.0);
            let sent: Vec<usize> = (first..self.facts.requests.len()).collect();
            if many && !sent.is_empty() {
                let branches = vec![sent];
                self.facts.concurrencies.push(crate::facts::Concurrency {
                    span: attribute.span,
                    branches,
                    many,
                    limits: self.limits.clone(),
                });
            }
        }
    }

    /// The arguments of an attribute.
    fn passed_to(&mut self, frame: &mut Frame<'p>, attribute: &'p Attribute) -> Vec<Passed<'p>> {
        let one = |argument: &'p Argument| Passed {
            value: self.expression(frame, &argument.value),
            span: argument.value.span,
            style: HoleStyle::Display,
            place: None,
        };
        attribute.arguments.iter().map(one).collect()
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
            + facts.sinks.len()
            + facts.switches.len()
            + facts.concurrencies.len()
            + facts.compiled_in.len()
            + facts.reads.len()
            + self.tasks.len()
            + self.wait_count
    }

    fn body(&mut self, frame: &mut Frame<'p>, body: &'p Expr) -> Value<'p> {
        let value = self.expression(frame, body);
        let value = match (frame.returned.take(), frame.left) {
            (Some(returned), true) => returned,
            (Some(returned), false) => returned.or(value),
            (None, _) => value,
        };
        // A result chosen by asking whether something changed carries that on.
        if value.has(Kinds::COMPARED) { value.label(Label::Compared) } else { value }
    }

    pub(super) fn bound(&self, frame: &Frame<'p>, pattern: &crate::program::tree::Pattern) -> Value<'p> {
        match &pattern.kind {
            crate::program::tree::PatternKind::Bind { name, .. } => {
                frame.variables.get(name.as_str()).cloned().unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        }
    }

    /// Puts what a function left in its receiver and in arguments that can be changed back into the caller's places.
    pub(super) fn write_back(
        &mut self,
        frame: &mut Frame<'p>,
        id: FunctionId,
        receiver: Option<&Receiver<'p>>,
        arguments: &'p [Argument],
        after: Vec<Value<'p>>,
    ) {
        let Some(function) = self.program.functions.get(id.0).map(|entry| entry.function) else { return };
        let mut after = after.into_iter();
        if function.has_receiver
            && let (Some((place, held, _)), Some(value)) = (receiver, after.next())
            && is_place(place)
            && !held.data.is(&value.data)
        {
            self.assign(frame, place, value);
        }
        for (argument, value) in arguments.iter().zip(after) {
            let is_shared =
                |one: &Value<'p>| matches!(&*one.data, Data::Object { .. } | Data::Instance { .. } | Data::List { .. });
            // After a branch that changed it, it is what it was or what it has become.
            let shared = match &*value.data {
                Data::Union(all) => all.iter().all(is_shared),
                _ => is_shared(&value),
            };
            let place = match &argument.value.kind {
                ExprKind::Unary { operator: crate::program::tree::UnaryOperator::MutableReference, operand } => operand,
                // Objects are handed over by reference.
                ExprKind::Name(path) if shared && path.single().is_some_and(|n| frame.variables.contains_key(n)) => {
                    let known = path.single().and_then(|name| frame.variables.get(name));
                    if known.is_none_or(|known| known.data.is(&value.data) || !same_kind(known, &value)) {
                        continue;
                    }
                    &argument.value
                }
                _ => continue,
            };
            self.assign(frame, place, value);
        }
    }

    /// A closure where it is written.
    pub(super) fn closure(&mut self, frame: &Frame<'p>, function: &'p Function) -> Value<'p> {
        self.charge(frame.variables.len());
        let closure = Callable::Closure {
            function,
            scope: frame.scope,
            owner: frame.owner,
            frame: frame.id,
            captured: frame.variables.clone(),
        };
        self.closures.insert(function.span, closure.clone());
        Value::new(Data::Callable(closure))
    }

    /// Runs a closure. `caller` is the frame that calls it, when one does: if it made the closure, the closure sees its
    /// variables as they are now and what it assigns is seen there.
    pub(super) fn call_closure(
        &mut self,
        caller: Option<&mut Frame<'p>>,
        closure: &Callable<'p>,
        receiver: Option<Value<'p>>,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> Value<'p> {
        let (asked, by_name) = (self.asked.take(), std::mem::take(&mut self.by_name));
        let Callable::Closure { function, scope, owner, frame: home, captured } = closure else {
            return Value::unknown();
        };
        let asked = self.handlers.get(&function.span).copied().or(asked);
        let function: &'p Function = function;
        let Some(body) = &function.body else { return Value::unknown() };
        let again = self.inside.iter().filter(|inside| **inside == function.span).count();
        if self.calls.len() >= MAX_CALLS || self.fuel == 0 || again > 1 {
            return Value::unknown();
        }
        if self.barren_closures.get(&function.span).is_some_and(|spent| *spent > BARREN) {
            return Value::unknown();
        }
        let (facts, fuel) = (self.fact_count(), self.fuel);
        *self.ran.entry(function.span).or_insert(0) += 1;
        if !self.calls.is_empty() {
            self.called_closures.insert(function.span);
        }
        let mut frame = self.frame(*scope, *owner);
        let at_home = caller.as_ref().is_some_and(|caller| caller.id == *home);
        let before = match &caller {
            Some(caller) if at_home => caller.variables.clone(),
            _ => match self.escaped.get(home) {
                Some(escaped) => captured.clone().join(escaped.clone()),
                None => captured.clone(),
            },
        };
        frame.variables = before.clone();
        self.charge(before.len());
        if let Some(asked) = asked {
            frame.answers = Rc::new(Answers::of(body, asked));
        }
        let around = std::mem::replace(&mut self.at, *scope);
        self.bind_parameters(&mut frame, function, receiver, arguments);
        let first = self.facts.requests.len();
        // Depth is bounded through the call stack, which needs an entry for closures too.
        self.calls.push((FunctionId(usize::MAX), span));
        self.bodies.push((function, by_name));
        self.inside.push(function.span);
        let value = self.body(&mut frame, body);
        self.inside.pop();
        self.bodies.pop();
        self.calls.pop();
        self.at = around;
        let changed = frame.changed_since(&before);
        if !changed.is_empty() {
            match caller {
                Some(caller) if at_home => caller.variables = std::mem::take(&mut caller.variables).join(changed),
                _ => {
                    let known = self.escaped.remove(home).unwrap_or_default();
                    self.escaped.insert(*home, known.join(changed));
                }
            }
        }
        if self.fact_count() == facts {
            let spent = fuel.saturating_sub(self.fuel);
            let all = self.barren_closures.entry(function.span).or_insert(0);
            *all = all.saturating_add(spent);
        }
        self.last_parameter = self.first_parameter(&frame, function);
        if function.asynchrony == Asynchrony::None { value } else { self.pending(first, &frame.waited, value) }
    }

    fn first_parameter(&self, frame: &Frame<'p>, function: &Function) -> Option<Value<'p>> {
        let parameter = function.parameters.get(usize::from(function.has_receiver))?;
        Some(self.bound(frame, &parameter.pattern))
    }

    /// Takes over what closures of this frame assigned while it was not the one that called them.
    pub(super) fn take_escaped(&mut self, frame: &mut Frame<'p>) {
        if let Some(escaped) = self.escaped.get(&frame.id) {
            frame.variables = std::mem::take(&mut frame.variables).join(escaped.clone());
        }
    }

    /// Code outside the project that is given functions may run them. Gives what they return, when that is known, beside
    /// the function itself: wrappers hand on the one or the other.
    pub(super) fn run_given(&mut self, frame: &mut Frame<'p>, passed: &[Passed<'p>]) -> Option<Value<'p>> {
        let mut result: Option<Value<'p>> = None;
        for given in passed.iter().flat_map(|p| functions_in(&p.value, 3)) {
            let wrapped = match &*given.data {
                Data::Callable(closure @ Callable::Closure { function, .. }) => {
                    if self.ran.get(&function.span).is_some_and(|runs| *runs >= MAX_OUTSIDE_RUNS) {
                        continue;
                    }
                    self.asked = Some(Asked::WhenShaped);
                    self.call_closure(Some(frame), closure, None, Vec::new(), function.span)
                }
                Data::Callable(Callable::Function(..)) => given.clone(),
                _ => continue,
            };
            let value = match &*wrapped.data {
                Data::Unknown | Data::Nothing | Data::Boolean(_) => given,
                _ => given.or(wrapped),
            };
            result = Some(result.map_or(value.clone(), |known| known.or(value)));
        }
        result
    }
}

/// The functions a value is or holds.
fn functions_in<'p>(value: &Value<'p>, depth: usize) -> Vec<Value<'p>> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    match &*value.data {
        Data::Callable(_) => vec![value.clone()],
        Data::Object { ty: None, fields, .. } => fields.values().flat_map(|v| functions_in(v, depth)).collect(),
        Data::List { items, rest } => items.iter().chain(rest).flat_map(|v| functions_in(v, depth)).collect(),
        Data::Union(all) => all.iter().flat_map(|v| functions_in(v, depth)).collect(),
        _ => Vec::new(),
    }
}

fn same_kind(a: &Value<'_>, b: &Value<'_>) -> bool {
    let alike = |a: &Value<'_>, b: &Value<'_>| std::mem::discriminant(&*a.data) == std::mem::discriminant(&*b.data);
    alike(a, b) || matches!(&*b.data, Data::Union(all) if all.iter().any(|one| alike(a, one)))
}

fn is_place(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(path) => path.single().is_some(),
        ExprKind::Field { base, .. } => is_place(base),
        ExprKind::Unary { operand, .. } => is_place(operand),
        _ => false,
    }
}

/// Expressions spent on a function in one pass without a fact before it is no longer run: what has nothing to do with
/// requests would otherwise be run in every context.
const BARREN: usize = 20_000;
/// Expressions: what runs shorter is run again rather than remembered.
const SMALL: usize = 8;

/// What a function's result depends on, hashed: itself and the values it is called with. None when one of them is or holds
/// something to call, which sees more than its own parts, or a value still to come.
fn summary_key(id: FunctionId, receiver: Option<&Value<'_>>, arguments: &[Value<'_>]) -> Option<u64> {
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    (id, receiver.is_some()).hash(&mut hasher);
    for value in receiver.into_iter().chain(arguments) {
        if value.has(Kinds::DEFERRED) {
            return None;
        }
        value.fingerprint().hash(&mut hasher);
    }
    Some(hasher.finish())
}
