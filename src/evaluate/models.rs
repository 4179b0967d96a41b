//! Calls of other people's code, by their models.

use super::calls::Passed;
use super::terms::Spoken;
use super::value::{Callable, Data, Label, Value};
use super::{Evaluator, Frame};
use crate::facts::{Concurrency, Element, Retry, Round, RoundKind};
use crate::knowledge::libraries::{CallModel, CallsModel, Effect, Repetition, Term};
use crate::knowledge::repeats;
use crate::program::tree::Asynchrony;
use crate::span::Span;

/// Pending values within pending values are followed this far.
const MAX_NESTED: usize = 8;
/// Elements that a fold goes over one by one.
const MAX_FOLDED: usize = 16;

impl<'p> Evaluator<'p> {
    /// A function outside the project.
    pub(super) fn external(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> Value<'p> {
        let libraries = self.libraries(frame.scope);
        if let Some(id) = self.added_function(name, passed) {
            let values = passed.iter().map(|p| p.value.clone()).collect();
            return self.call_function(id, None, values, span).0;
        }
        match libraries.function(name) {
            // What stands in an element runs as what any other call is given.
            Some(model) if model.does.contains(&Effect::Element) => {
                if let Some(given) = passed.first()
                    && self.shown.insert(span)
                {
                    let tag = name.rsplit("::").find(|part| *part != "default").unwrap_or(name).to_ascii_lowercase();
                    self.facts.elements.push(Element { span, tag, attributes: given.value.clone() });
                }
                self.unknown_call(frame, None, passed)
            }
            Some(model) => match (&model.by, passed) {
                (Some(method), [receiver, rest @ ..]) if matches!(&*receiver.value.data, Data::Instance { ty, .. } if libraries.exact(libraries.canonical(ty), method)) => {
                    self.external_method(frame, &receiver.value.clone(), method, rest, span, first).0
                }
                _ => self.apply(frame, name, model, None, passed, span, first).0,
            },
            None if libraries.runs_programs() => self.program_named(frame, name, passed, span),
            None => match (method_by_path(name).filter(|_| libraries.methods_by_path()), passed) {
                (Some(method), [receiver, rest @ ..])
                    if libraries
                        .method(self.type_of(frame, &receiver.value, method).as_deref(), method, |_| true)
                        .is_some() =>
                {
                    let receiver = receiver.value.clone();
                    self.external_method(frame, &receiver, method, rest, span, first).0
                }
                _ => self.unknown_call(frame, None, passed),
            },
        }
    }

    /// A call of code that is neither in the project nor modelled: it may run what it is given.
    fn unknown_call(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
    ) -> Value<'p> {
        let mixed = Self::mixed(receiver, passed);
        match self.run_given(frame, passed) {
            Some(given) => given.labels_of(&mixed),
            // What is made of a value to come is to come with it.
            None => match receiver.map(|receiver| &*receiver.data) {
                Some(Data::Pending { requests, task, .. }) => {
                    Value::new(Data::Pending { requests: requests.clone(), task: *task, value: mixed })
                }
                _ => mixed,
            },
        }
    }

    /// The models' name for the type of a receiver.
    fn type_of(&self, frame: &Frame<'p>, receiver: &Value<'p>, name: &str) -> Option<std::rc::Rc<str>> {
        let libraries = self.libraries(frame.scope);
        receiver.alternatives().iter().find_map(|one| match &*one.data {
            Data::Instance { ty, .. } => Some(ty.clone()),
            // Shapes that every language has are types of their own to the models.
            Data::List { .. } => Some("list".into()),
            Data::Object { ty: None, .. } => Some("map".into()),
            Data::Object { ty: Some(class), .. } => self.library_base(*class).map(Into::into),
            Data::Text(_) => Some("text".into()),
            Data::Callable(_) => Some("function".into()),
            Data::Number(_) => Some("number".into()),
            Data::Pending { .. } if libraries.exact("pending", name) => Some("pending".into()),
            Data::Pending { value, .. } => match &*value.data {
                Data::Instance { ty, .. } => Some(ty.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    /// A method outside the project: its result, and what its receiver's place holds afterwards when it changes.
    pub(super) fn external_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: &Value<'p>,
        name: &str,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let libraries = self.libraries(frame.scope);
        // `request.then(…)`: what is sent when it is waited for is sent when something is to follow it.
        if let Data::Instance { ty, .. } = &*receiver.data
            && libraries.exact("pending", name)
            && !libraries.exact(ty, name)
            && libraries.ty(ty).is_some_and(|model| model.awaited.is_some())
        {
            let before = self.facts.requests.len();
            let sent = self.awaited(frame, receiver.clone(), span);
            let pending = self.pending(before, &[], sent);
            let task = self.spawn(frame, &pending, self.facts.requests.len(), span);
            return self.external_method(frame, &task, name, passed, span, first);
        }
        let ty = self.type_of(frame, receiver, name);
        // What may have failed is a result, whatever it is otherwise.
        let ty = ty.filter(|ty| {
            let shape = matches!(&**ty, "list" | "map" | "text" | "number" | "function");
            !(shape && libraries.exact("*", name) && receiver.parted().1.is_some())
        });
        let argument = |position: &String| {
            let position = position.parse::<usize>().ok()?;
            passed.get(position)?.value.known_text()
        };
        let holds = |model: &CallModel| {
            let there = model.given.as_ref().is_none_or(|term| {
                let value = self.term(term, &Spoken::new(Some(receiver), passed));
                !matches!(*value.data, Data::Nothing | Data::Unknown)
            });
            there
                && model.arity.is_none_or(|arity| arity == passed.len())
                && model.when.iter().all(|(position, text)| argument(position).is_some_and(|given| given == *text))
                && model.within.iter().all(|(position, [from, to])| {
                    let given = argument(position).and_then(|given| given.parse::<f64>().ok());
                    given.is_some_and(|given| (*from..=*to).contains(&given))
                })
        };
        match libraries.method(ty.as_deref(), name, holds) {
            Some(model) => match model.converts.then(|| self.converted_outwards(receiver, span)).flatten() {
                Some(made) => (made, None),
                None => self.apply(frame, name, model, Some(receiver), passed, span, first),
            },
            None => {
                let given = self.unknown_call(frame, Some(receiver), passed);
                let fluent = ty.as_deref().and_then(|ty| libraries.ty(ty)).is_some_and(|model| model.fluent);
                (if fluent { receiver.clone() } else { given }, None)
            }
        }
    }

    /// An unknown function's result depends on what went in; what it says about a response stays true.
    pub(super) fn mixed(receiver: Option<&Value<'p>>, passed: &[Passed<'p>]) -> Value<'p> {
        let inputs = receiver.into_iter().chain(passed.iter().map(|p| &p.value));
        let kept = |label: &&Label| matches!(label, Label::Body(_) | Label::Compared | Label::UserInput);
        // What is put together from what changed says so by its parts.
        let changed = inputs.clone().any(|value| match &*value.data {
            Data::Object { ty: None, fields, .. } => fields.values().any(|part| part.labels.contains(&Label::Compared)),
            _ => false,
        });
        let start = if changed { Value::unknown().label(Label::Compared) } else { Value::unknown() };
        inputs
            .flat_map(|value| {
                // A blocking call's reply is used without being waited for.
                let inner = match &*value.data {
                    Data::Pending { value, .. } => Some(value),
                    _ => None,
                };
                value.labels.iter().chain(inner.into_iter().flat_map(|inner| inner.labels.iter())).filter(kept)
            })
            .fold(start, |value, label| value.label(label.clone()))
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    pub(super) fn apply(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        model: &'p CallModel,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let channel =
            model.channel.as_ref().and_then(|term| self.term(term, &Spoken::new(receiver, passed)).known_text());
        let around = std::mem::replace(&mut self.making, (channel.map(Into::into), span));
        let applied = self.apply_here(frame, name, model, receiver, passed, span, first);
        self.making = around;
        applied
    }

    /// Whether a term speaks of a slot of the receiver that nothing it may be has.
    fn lacks(&self, receiver: &Value<'p>, term: &str) -> bool {
        let libraries = self.libraries(self.at);
        let Some(Term::Receiver(fields)) = libraries.term(term) else { return false };
        let Some(slot) = fields.first() else { return false };
        receiver.alternatives().iter().all(|one| match &*one.data {
            Data::Instance { ty, state } => {
                let computed = libraries.ty(ty).is_some_and(|model| model.fields.contains_key(slot));
                !computed && !state.contains_key(slot.as_str())
            }
            Data::Unknown => true,
            _ => false,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "one call's whole context")]
    fn apply_here(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        model: &'p CallModel,
        receiver: Option<&Value<'p>>,
        passed: &[Passed<'p>],
        span: Span,
        first: usize,
    ) -> (Value<'p>, Option<Value<'p>>) {
        let (resolver, tasks) = (self.resolved.len(), self.tasks.len());
        let mut spoken = Spoken { name, resolver, tasks, ..Spoken::new(receiver, passed) };
        self.resolved.push(None);
        let sent = self.facts.requests.len();
        let limit = model.limit.as_ref().and_then(|limit| self.term(limit, &spoken).known_text());
        let alone = limit.is_some_and(|limit| limit == "1");
        if let Some(calls) = &model.calls {
            let before = model.apart.then(|| frame.variables.clone());
            self.captured += usize::from(model.captures);
            let result = self.run_argument(frame, calls, &spoken, (alone, &model.does), span);
            self.captured -= usize::from(model.captures);
            if let Some(before) = before {
                frame.variables = before;
            }
            spoken.given = self.last_parameter.take();
            spoken.result = Some(result);
        }
        let mut result = match &model.result {
            Some(term) => self.term(term, &spoken),
            None => Self::mixed(receiver, passed),
        };
        for (slot, term) in &model.set {
            if receiver.is_some_and(|receiver| self.lacks(receiver, term)) {
                continue;
            }
            let value = self.term(term, &spoken);
            let value = match (&*value.data, passed.first()) {
                (Data::Boolean(_), Some(p)) => value.step(p.span, "set here"),
                _ => value,
            };
            // An option that is not given leaves what was set before; a slot that is not there is not handed on.
            let absent = term.contains('.') && matches!(*value.data, Data::Unknown) && value.labels.is_empty();
            if !matches!(*value.data, Data::Nothing) && !absent {
                result = self.with_field(&result, slot, value);
            }
        }
        if let Some(shift) = &model.shift {
            let by = self.term(&shift.by, &spoken);
            let units = shift.units.as_ref().and_then(|term| self.term(term, &spoken).known_text());
            result = super::times::shifted(&result, &by, units.as_deref().or(shift.unit.as_deref()), shift.back);
        }
        if let Some(shape) = &model.shape {
            result = self.shaped(shape, &spoken, span);
            spoken.result = Some(result.clone());
        }
        if !model.sends.is_empty() {
            if model.pages {
                let (over, kind) = (Value::unknown(), RoundKind::While);
                self.enter_round(Round {
                    span,
                    kind,
                    over,
                    waits: Vec::new(),
                    retry: None,
                    advances: true,
                    ends: true,
                });
            }
            result = self.send(frame, model, &spoken, result, span);
            if model.pages {
                self.loops.pop();
            }
        }
        if model.does.contains(&Effect::Wait) {
            self.starts_anew(passed, span);
        }
        self.switches(model, passed);
        for effect in &model.does {
            if *effect == Effect::Concurrent {
                let driven: Vec<Value<'p>> = match model.drives.as_slice() {
                    [] => passed.iter().map(|p| p.value.clone()).collect(),
                    terms => terms.iter().map(|term| self.term(term, &spoken)).collect(),
                };
                let driven: Vec<Value<'p>> =
                    driven.into_iter().map(|value| self.sent_when_awaited(frame, &value, span)).collect();
                if alone {
                    driven.iter().for_each(|value| self.take_over(frame, value, MAX_NESTED));
                } else {
                    self.concurrent(frame, &driven, span);
                }
                continue;
            }
            // What runs one after the other is not under way beside anything.
            if matches!(effect, Effect::Start | Effect::Spawn) && alone {
                continue;
            }
            if let Some(kind) = super::sinks::kind(*effect) {
                let before = self.facts.sinks.len();
                self.sink(frame.scope, kind, model, &spoken, span);
                self.masked(frame, before);
                continue;
            }
            result = self.effect(frame, *effect, model, &spoken, span, first, result);
        }
        if let Some(schedule) = &model.schedule {
            self.schedule(schedule, &spoken, span, sent);
        }
        if !model.then.is_empty() || !model.puts.is_empty() {
            spoken.sent = Some(match &*result.data {
                Data::Pending { value, .. } => value.clone(),
                _ => result.clone(),
            });
            for calls in &model.then {
                let given = self.run_argument(frame, calls, &spoken, (false, &[]), span);
                if let Some(slot) = &calls.into {
                    result = self.with_field(&result, slot, given);
                }
            }
        }
        if model.does.contains(&Effect::Line) && self.lines_up(span) {
            self.facts.requests.iter_mut().skip(sent).for_each(|request| request.limits.push(span));
        }
        for (argument, term) in &model.puts {
            let place = argument.parse().ok().and_then(|index: usize| passed.get(index)).and_then(|p| p.place);
            if let Some(place) = place {
                let value = self.term(term, &spoken);
                // What is put into an instance of the project's own is in its fields from then on.
                if let Data::Object { ty: Some(ty), variant: None, fields, .. } = &*value.data {
                    fields.iter().for_each(|(field, value)| self.learn_field(*ty, field, value));
                }
                self.assign(frame, place, value);
            }
        }
        let updated = model.mutates.then(|| result.clone());
        (result, updated)
    }

    /// Runs the function that a call was given, or each of a list of them.
    fn run_argument(
        &mut self,
        frame: &mut Frame<'p>,
        calls: &CallsModel,
        spoken: &Spoken<'_, 'p>,
        (alone, does): (bool, &[Effect]),
        span: Span,
    ) -> Value<'p> {
        // What follows the receiver is waited for with it; what comes in sequence waits for what came before.
        let (follows, in_sequence) = (does.contains(&Effect::Follow), does.contains(&Effect::Sequence));
        let function = self.term(&calls.function, spoken);
        if calls.how == Repetition::Fold {
            return self.fold(frame, calls, &function, spoken, span);
        }
        let mut given = |terms: &[String]| terms.iter().map(|term| self.term(term, spoken)).collect();
        let (mut with, with_all): (Vec<Value<'p>>, Vec<Value<'p>>) = (given(&calls.with), given(&calls.with_all));
        if let Some(form) = &calls.placeholders {
            let form = self.term(form, spoken).known_text().unwrap_or_default();
            let before = form.chars().filter(|letter| matches!(letter, '<' | '[')).count();
            with.splice(0..0, std::iter::repeat_n(Value::unknown(), before));
        }
        let (functions, more) = match &*function.data {
            Data::List { items, rest } => (items.iter().chain(rest).cloned().collect(), rest.is_some()),
            _ => (vec![function.clone()], true),
        };
        // Whoever asks from outside is not asked for by what runs here.
        let apart = (calls.how == Repetition::Inbound)
            .then(|| (std::mem::take(&mut self.loops), std::mem::take(&mut self.guards)));
        let at_once = matches!(calls.how, Repetition::Concurrent | Repetition::Jobs);
        let repeats = !matches!(calls.how, Repetition::Once | Repetition::Inbound);
        if repeats {
            let over = spoken.receiver.or(spoken.passed.first().map(|p| &p.value));
            let over = over.cloned().unwrap_or_else(Value::unknown);
            let again = calls.how == Repetition::Retry;
            let bounded =
                !calls.endless.iter().any(|term| self.term(term, spoken).alternatives().iter().any(is_endless));
            let retry = again.then_some(Retry { bounded, refused_only: false });
            let kind = match calls.how {
                Repetition::Retry => RoundKind::Counted,
                Repetition::Jobs => RoundKind::Jobs,
                _ => RoundKind::Each,
            };
            self.enter_round(Round { span, kind, over, waits: Vec::new(), retry, advances: false, ends: true });
        }
        let mut branches = Vec::new();
        let mut result: Option<Value<'p>> = None;
        self.last_parameter = None;
        let started = self.tasks.len();
        for function in &functions {
            let before = self.facts.requests.len();
            // What is handed over by name runs where it is named.
            let named = spoken.passed.iter().find(|p| p.value.data.is(&function.data));
            let at = named.map_or(span, |p| p.span);
            self.asked = calls.answers.map(Into::into);
            let all = !with_all.is_empty() && self.parameter_count(function) == Some(with_all.len());
            let with = if all { &with_all } else { &with };
            let mut value = self.call_value(Some(frame), function, with.clone(), at);
            self.asked = None;
            if apart.is_none() && !follows && self.is_eager(function) {
                value = self.started(frame, value, Some(Asynchrony::Eager), span);
            }
            let sent: Vec<usize> = (before..self.facts.requests.len()).collect();
            branches.extend((!sent.is_empty()).then_some(sent));
            if alone || at_once {
                // What runs it is reported itself, or runs one after the other.
                self.take_over(frame, &value, MAX_NESTED);
            }
            if alone {
                value = Self::arrived(value);
            }
            result = Some(result.map_or(value.clone(), |known| known.or(value)));
        }
        if alone || at_once {
            self.tasks.iter_mut().skip(started).for_each(|task| task.driven = true);
        }
        if repeats {
            let here = self.loops.pop();
            let of_the_round = self.tasks.iter_mut().skip(started).filter(|task| task.started_in == here);
            of_the_round.filter(|_| in_sequence || calls.how == Repetition::Retry).for_each(|task| task.driven = true);
        }
        if let Some((loops, guards)) = apart {
            (self.loops, self.guards) = (loops, guards);
        }
        if at_once && !alone && (branches.len() > 1 || (more && !branches.is_empty())) {
            self.facts.concurrencies.push(Concurrency { span, branches, many: more, limits: self.limits.clone() });
        }
        result.unwrap_or_else(Value::unknown)
    }

    /// How many arguments a function of the project takes.
    fn parameter_count(&self, function: &Value<'p>) -> Option<usize> {
        match &*function.data {
            Data::Callable(Callable::Closure { function, .. }) => Some(function.parameters.len()),
            Data::Callable(Callable::Function(id, _)) => {
                let function = self.program.functions.get(id.0)?.function;
                Some(function.parameters.len() - usize::from(function.has_receiver).min(function.parameters.len()))
            }
            _ => None,
        }
    }

    /// Runs a function for each element of the receiver, handing on what it gave before. Any number of further elements
    /// count as one.
    fn fold(
        &mut self,
        frame: &mut Frame<'p>,
        calls: &CallsModel,
        function: &Value<'p>,
        spoken: &Spoken<'_, 'p>,
        span: Span,
    ) -> Value<'p> {
        let mut with = calls.with.iter();
        let mut result = with.next().map_or_else(Value::unknown, |term| self.term(term, spoken));
        let elements = match spoken.receiver.map(|receiver| &*receiver.data) {
            Some(Data::List { items, rest }) => items.iter().chain(rest).take(MAX_FOLDED).cloned().collect(),
            _ => vec![spoken.receiver.map_or_else(Value::unknown, |receiver| self.element(receiver))],
        };
        let over = spoken.receiver.cloned().unwrap_or_else(Value::unknown);
        self.enter_round(Round {
            span,
            kind: RoundKind::Each,
            over,
            waits: Vec::new(),
            retry: None,
            advances: false,
            ends: true,
        });
        for element in elements {
            result = self.call_value(Some(frame), function, vec![result, element], span);
            if self.is_eager(function) {
                result = self.started(frame, result, Some(Asynchrony::Eager), span);
            }
        }
        self.loops.pop();
        result
    }

    /// A chain that is sent when it is waited for, sent.
    pub(super) fn sent_when_awaited(&mut self, frame: &mut Frame<'p>, value: &Value<'p>, span: Span) -> Value<'p> {
        match &*value.data {
            Data::Instance { .. } => self.awaited(frame, value.clone(), span),
            Data::List { items, rest } => {
                let items = items.iter().map(|item| self.sent_when_awaited(frame, item, span)).collect();
                let rest = rest.as_ref().map(|rest| self.sent_when_awaited(frame, rest, span));
                Value { data: Data::List { items, rest }.into(), ..value.clone() }
            }
            _ => value.clone(),
        }
    }
}

/// Whether a setting of how often something is tried again says: without end.
fn is_endless(setting: &Value<'_>) -> bool {
    match &*setting.data {
        Data::Boolean(endless) => *endless,
        Data::Callable(Callable::External(name, _)) => repeats::is_endless(name),
        _ => setting.known_text().is_some_and(|text| repeats::is_endless(&text)),
    }
}

/// The method that `package::Trait::method` names, called with its receiver as the first argument.
fn method_by_path(path: &str) -> Option<&str> {
    let (owner, method) = path.rsplit_once("::")?;
    let ty = owner.rsplit("::").next()?;
    let is_type = ty.starts_with(|c: char| c.is_ascii_uppercase()) && ty.contains(|c: char| c.is_ascii_lowercase());
    (is_type && owner.contains("::")).then_some(method)
}
