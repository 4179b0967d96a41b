//! The evaluator: runs the program tree with abstract values and writes down facts.
//!
//! Functions run in the context of their callers, under bounds: call depth, recursion, and fuel per entry point.
//! What it does not know is [`value::Data::Unknown`]; it always ends.

mod acceptance;
mod answers;
mod arguments;
mod calls;
mod change;
mod collections;
mod commands;
mod control;
mod conversions;
mod derived_forms;
mod documents;
mod effects;
mod expressions;
mod failed;
mod files;
mod filters;
mod functions;
mod given;
mod handed;
mod hooks;
mod injection;
mod isolation;
mod learned;
mod lines;
mod log_wrappers;
mod loops;
mod matching;
mod models;
mod narrowing;
mod places;
mod printing;
mod requests;
mod retries;
pub mod shared;
mod sinks;
mod switches;
mod tasks;
mod terms;
mod texts;
pub mod times;
mod types;
mod urls;
pub mod value;
pub mod variables;

use crate::facts::{Facts, Guard};
use crate::hash::{FastMap, FastSet};
use crate::knowledge::libraries::{Libraries, Models};
use crate::program::link::{ConstantId, FunctionId, Program, ScopeId, TypeId};
use crate::program::tree::{Function, Type};
use crate::span::Span;
use learned::Learned;
use std::collections::BTreeMap;
use std::rc::Rc;
use value::{Callable, Value};
use variables::Variables;

/// Calls nested deeper than this give unknown.
const MAX_CALLS: usize = 24;
/// Expressions evaluated for one entry point at most.
const FUEL: usize = 200_000;
/// Expressions evaluated in one pass before entry points get [`LATE_FUEL`] only, and this many more for each function of
/// the program. Integrations that people write take some fifty for each of their functions; bundled code that calls
/// itself through tables of functions takes all there is.
const PASS_FUEL: usize = 200_000;
const FUNCTION_FUEL: usize = 60;
/// Expressions evaluated for an entry point once the pass has used up its own share.
const LATE_FUEL: usize = 2_000;
/// Expressions evaluated for an entry point once the pass has used up twice its share.
const LAST_FUEL: usize = 100;

/// Variables that are gone through in the time that one expression takes.
const VARIABLES_FOR_ONE: usize = 16;

/// One running function.
pub(crate) struct Frame<'p> {
    /// Number, to know the closures made in it.
    id: usize,
    scope: ScopeId,
    owner: Option<TypeId>,
    variables: Variables<'p>,
    /// The types that the function's type parameters stand for.
    generics: BTreeMap<&'p str, TypeId>,
    /// Names bound in this frame; others are captured.
    declared: FastSet<Rc<str>>,
    returned: Option<Value<'p>>,
    /// The statement just run leaves the block: what follows is not reached this way.
    left: bool,
    /// Requests it waited for.
    waited: Vec<usize>,
    /// Tasks started in this function and not yet waited for.
    tasks: Vec<usize>,
    /// What the function says it gives back.
    returns: Option<&'p Type>,
    /// Where the values stand that the function gives back, when they may be answers to requests.
    answers: Rc<answers::Answers>,
}

impl<'p> Frame<'p> {
    /// The variables around it that it changed.
    fn changed_since(&self, before: &Variables<'p>) -> Variables<'p> {
        let changed = self.variables.iter().filter(|(name, value)| {
            !self.declared.contains(*name) && before.get(*name).is_none_or(|old| !old.data.is(&value.data))
        });
        changed.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// A task that runs by itself.
struct Task {
    requests: Vec<usize>,
    /// The innermost loop it was started in, by number.
    started_in: Option<usize>,
    span: Span,
    awaited: bool,
    /// Something that drives several at once took it over and is reported itself.
    driven: bool,
    /// Requests of the tasks that were running when it started.
    beside: Vec<Vec<usize>>,
}

/// The evaluator's state.
pub struct Evaluator<'p> {
    program: &'p Program<'p>,
    models: &'p Models,
    is_test: &'p dyn Fn(Span) -> bool,
    /// Whether a test is running.
    in_test: bool,
    facts: Facts<'p>,
    fields: Learned<(TypeId, Rc<str>), Value<'p>>,
    constants: FastMap<ConstantId, Option<Value<'p>>>,
    /// What functions assign to constants and module variables.
    assigned: Learned<ConstantId, Value<'p>>,
    /// Instances that names outside the project stand for, as the program changes them.
    globals: FastMap<Rc<str>, Value<'p>>,
    /// What closures assign to variables of frames that were not running them.
    escaped: FastMap<usize, Variables<'p>>,
    /// Every closure that was made, by place, to be run at the end when nothing called it.
    closures: BTreeMap<Span, Callable<'p>>,
    /// Closures that ran, with how often code outside the project ran them.
    ran: FastMap<Span, usize>,
    /// What promises of models were settled with, by number.
    resolved: Vec<Option<Value<'p>>>,
    /// What the first parameter of the function that ran last held when it ended.
    last_parameter: Option<Value<'p>>,
    /// Values thrown since the innermost handler began.
    thrown: Vec<Value<'p>>,
    /// Errors of requests, by number of the request.
    errors: FastMap<usize, Value<'p>>,
    /// What was assigned to fields of functions.
    members: FastMap<(FunctionId, Rc<str>), Value<'p>>,
    /// What frameworks inject.
    injected: injection::Injected<'p>,
    /// What was put into channels, by their names.
    channels: Learned<Rc<str>, Value<'p>>,
    /// The channel and place of the modelled call being made.
    making: (Option<Rc<str>>, Span),
    /// What becomes of what the function gives back that runs next.
    asked: Option<answers::Asked>,
    /// What becomes of what closures give back that names say are run for someone outside, by place.
    handlers: FastMap<Span, answers::Asked>,
    /// What functions are called with by the types they were declared with, by place.
    taking: FastMap<Span, &'p [String]>,
    /// Whether something was taken out of a channel since this was last asked.
    receives: bool,
    /// Whether a channel brought what a function was asked for through another one.
    answered: bool,
    /// The module being run.
    at: ScopeId,
    frames: usize,
    /// The types written at the call being made.
    explicit: Vec<Option<TypeId>>,
    calls: Vec<(FunctionId, Span)>,
    /// What runs in each of these calls, and whether the program's own code calls it by its name.
    bodies: Vec<(&'p Function, bool)>,
    /// Whether the call being made is one of something by its name.
    by_name: bool,
    /// Closures being run, by where they are written.
    inside: Vec<Span>,
    /// Files being run by code that starts them.
    running: Vec<ScopeId>,
    /// Loops being run, outermost first: numbers of [`Facts::rounds`].
    loops: Vec<usize>,
    /// Delays met so far.
    wait_count: usize,
    guards: Vec<Guard>,
    /// Limits of one that are held now, by the places that took them.
    limits: Vec<Span>,
    /// The last lock taken in the statement that runs.
    lock: Option<Span>,
    tasks: Vec<Task>,
    entered: FastSet<FunctionId>,
    /// Functions that another one called, in any pass.
    called: FastSet<FunctionId>,
    /// Closures that something else called, in any pass, by where they are written.
    called_closures: FastSet<Span>,
    /// Results of calls that leave no facts behind, by what they were called with.
    summaries: FastMap<u64, (Value<'p>, Vec<Value<'p>>)>,
    /// Expressions spent on a function while it left no facts.
    barren: FastMap<FunctionId, usize>,
    /// Expressions spent on a closure, by where it is written, while it left no facts.
    barren_closures: FastMap<Span, usize>,
    /// Conversions that are under way.
    converting: Vec<FunctionId>,
    /// The conversions from each type of the project, once they were asked for.
    conversions: Option<BTreeMap<usize, Vec<FunctionId>>>,
    /// How often each sink was reached.
    sunk: FastMap<Span, usize>,
    /// Places where the environment was read.
    looked_up: FastSet<Span>,
    /// Elements that were seen.
    shown: FastSet<Span>,
    /// The variables that the dynamic function about to be called runs among; afterwards what it changed of them.
    dynamic: Option<Variables<'p>>,
    /// Calls being made that keep what is written from the program's output.
    captured: usize,
    fuel: usize,
    spent: usize,
}

/// Evaluates a whole program, from each function that nothing calls, with unknown arguments. `is_test` says which code is
/// a test: what tests put into the program's fields and channels is seen by tests only.
pub fn evaluate<'p>(program: &'p Program<'p>, models: &'p Models, is_test: &'p dyn Fn(Span) -> bool) -> Facts<'p> {
    let mut evaluator = Evaluator {
        program,
        models,
        is_test,
        in_test: false,
        facts: Facts::default(),
        fields: Learned::default(),
        constants: FastMap::default(),
        assigned: Learned::default(),
        globals: FastMap::default(),
        escaped: FastMap::default(),
        members: FastMap::default(),
        closures: BTreeMap::new(),
        ran: FastMap::default(),
        resolved: Vec::new(),
        last_parameter: None,
        thrown: Vec::new(),
        errors: FastMap::default(),
        injected: injection::Injected::default(),
        channels: Learned::default(),
        making: (None, Span::default()),
        asked: None,
        handlers: FastMap::default(),
        taking: FastMap::default(),
        receives: false,
        answered: false,
        at: ScopeId(0),
        frames: 0,
        explicit: Vec::new(),
        calls: Vec::new(),
        bodies: Vec::new(),
        by_name: false,
        inside: Vec::new(),
        running: Vec::new(),
        loops: Vec::new(),
        wait_count: 0,
        guards: Vec::new(),
        limits: Vec::new(),
        lock: None,
        tasks: Vec::new(),
        entered: FastSet::default(),
        called: FastSet::default(),
        called_closures: FastSet::default(),
        summaries: FastMap::default(),
        barren: FastMap::default(),
        barren_closures: FastMap::default(),
        converting: Vec::new(),
        conversions: None,
        sunk: FastMap::default(),
        looked_up: FastSet::default(),
        shown: FastSet::default(),
        dynamic: None,
        captured: 0,
        fuel: FUEL,
        spent: 0,
    };
    evaluator.note_exported();
    // The first pass learns what constructors put into fields; the second sees them everywhere. Who asks through a channel
    // and is answered through another sees the answer in the third.
    for pass in 0..3 {
        if pass == 2 && !evaluator.answered {
            break;
        }
        evaluator.facts = Facts::default();
        evaluator.fields.next_pass();
        evaluator.assigned.next_pass();
        evaluator.channels.next_pass();
        evaluator.injected.settings.next_pass();
        evaluator.tasks.clear();
        evaluator.constants.clear();
        evaluator.escaped.clear();
        evaluator.closures.clear();
        evaluator.ran.clear();
        evaluator.errors.clear();
        evaluator.resolved.clear();
        evaluator.entered.clear();
        evaluator.summaries.clear();
        evaluator.barren.clear();
        evaluator.barren_closures.clear();
        evaluator.sunk.clear();
        evaluator.looked_up.clear();
        evaluator.shown.clear();
        evaluator.spent = 0;
        evaluator.run();
    }
    evaluator.facts.derived_forms = evaluator.derived_forms();
    evaluator.facts
}

impl<'p> Evaluator<'p> {
    fn run(&mut self) {
        self.start(Span::default(), Self::wire);
        for (scope, statement) in &self.program.statements {
            self.start(statement.span, |this| {
                this.at = *scope;
                let mut frame = this.frame(*scope, None);
                this.expression(&mut frame, statement);
            });
        }
        for (index, entry) in self.program.constants.iter().enumerate() {
            self.start(entry.item.name_span, |this| {
                this.constant(ConstantId(index));
            });
        }
        // What the first pass saw called runs in the context of its callers, not by itself: they may guard it.
        for index in 0..self.program.functions.len() {
            if !self.called.contains(&FunctionId(index)) && !self.entered.contains(&FunctionId(index)) {
                self.enter(FunctionId(index));
            }
        }
        let called = self.called_closures.clone();
        self.run_uncalled_closures(&|closure| !called.contains(&closure));
        for index in 0..self.program.functions.len() {
            if !self.entered.contains(&FunctionId(index)) {
                self.enter(FunctionId(index));
            }
        }
        self.run_uncalled_closures(&|_| true);
        self.report_tasks();
    }

    /// Notes that a function was run by another one. What a test calls, only the test calls so: unless it is of a test
    /// itself, it still runs by itself.
    fn note_called(&mut self, id: FunctionId, function: &Function, by_another: bool) {
        if self.in_test && !(self.is_test)(function.span) {
            return;
        }
        self.entered.insert(id);
        if by_another {
            self.called.insert(id);
        }
    }

    /// What nothing called may still be called from outside: handlers, exported functions in objects, timers.
    fn run_uncalled_closures(&mut self, among: &dyn Fn(Span) -> bool) {
        // Running one can make others.
        for _ in 0..4 {
            let waiting: Vec<Callable<'p>> = self
                .closures
                .iter()
                .filter(|(span, _)| !self.ran.contains_key(span) && among(**span))
                .map(|(_, closure)| closure.clone())
                .collect();
            if waiting.is_empty() {
                return;
            }
            for closure in waiting {
                let Callable::Closure { function, .. } = &closure else { continue };
                let span = function.span;
                self.start(span, |this| {
                    this.asked = Some(answers::Asked::WhenShaped);
                    this.call_closure(None, &closure, None, Vec::new(), span);
                });
            }
        }
    }

    /// The place that a fact belongs to: for what a project's own macro does, the call of the macro.
    pub(super) fn site(&self, span: Span) -> Span {
        let is_macro =
            |id: &FunctionId| self.program.functions.get(id.0).is_some_and(|entry| entry.item.name.ends_with('!'));
        let calls = self.calls.iter().rev().take_while(|(id, _)| is_macro(id));
        calls.last().map_or(span, |(_, call)| *call)
    }

    /// The models of the language that a scope is written in.
    fn libraries(&self, scope: ScopeId) -> &'p Libraries {
        self.models.of(self.program.scopes.get(scope.0).map_or("", |scope| scope.namespace))
    }

    fn refuel(&mut self) {
        let share = PASS_FUEL + FUNCTION_FUEL * self.program.functions.len();
        self.fuel = match self.spent / share {
            0 => FUEL,
            1 => LATE_FUEL,
            _ => LAST_FUEL,
        };
    }

    /// Copying, comparing and joining the variables of a function takes time too: thousands of them are those of a bundle.
    fn charge(&mut self, variables: usize) {
        let cost = variables / VARIABLES_FOR_ONE;
        self.fuel = self.fuel.saturating_sub(cost);
        self.spent += cost;
    }

    fn enter(&mut self, id: FunctionId) {
        let Some(entry) = self.program.functions.get(id.0) else { return };
        let span = entry.function.span;
        self.entered.insert(id);
        self.start(span, |this| {
            // The only way to make the evaluator fail on purpose, to see what is left when it does.
            #[cfg(test)]
            assert_ne!(entry.item.name, "fails_in_the_evaluator");
            this.asked = (!this.called.contains(&id)).then_some(answers::Asked::WhenShaped);
            let (value, _) = this.call_function(id, None, Vec::new(), span);
            if this.libraries(entry.scope).ends_with_error_of(&entry.item.name) {
                this.ended_with(entry.scope, &value, entry.item.name_span);
            }
        });
    }

    /// A task started in a loop and not waited for in the same round runs beside those of the next rounds; one started
    /// while others run, beside those. What the outermost of nested tasks says stands for the inner ones.
    fn report_tasks(&mut self) {
        let mut covered: FastSet<(usize, Option<usize>)> = FastSet::default();
        for task in std::mem::take(&mut self.tasks).into_iter().rev() {
            if task.driven || task.requests.is_empty() {
                continue;
            }
            if task.started_in.is_some() && !task.awaited {
                let known = |request: &usize| covered.contains(&(*request, task.started_in));
                if task.requests.iter().all(known) {
                    continue;
                }
                covered.extend(task.requests.iter().map(|request| (*request, task.started_in)));
                let branches = vec![task.requests];
                self.facts.concurrencies.push(crate::facts::Concurrency {
                    span: task.span,
                    branches,
                    many: true,
                    limits: Vec::new(),
                });
            } else if !task.beside.is_empty() {
                let branches = task.beside.into_iter().chain([task.requests]).collect();
                self.facts.concurrencies.push(crate::facts::Concurrency {
                    span: task.span,
                    branches,
                    many: false,
                    limits: Vec::new(),
                });
            }
        }
    }

    fn constant(&mut self, id: ConstantId) -> Value<'p> {
        let value = match self.constants.get(&id) {
            Some(Some(value)) => value.clone(),
            // A constant that needs itself.
            Some(None) => Value::unknown(),
            None => self.first_value(id),
        };
        match self.assigned.get(&id) {
            Some(assigned) => value.or(assigned.clone()),
            None => value,
        }
    }

    fn first_value(&mut self, id: ConstantId) -> Value<'p> {
        self.constants.insert(id, None);
        let Some(entry) = self.program.constants.get(id.0) else { return Value::unknown() };
        let around = std::mem::replace(&mut self.at, entry.scope);
        let mut frame = self.frame(entry.scope, None);
        let value = match entry.value {
            Some(expression) => {
                let value = self.expression(&mut frame, expression);
                entry.ty.map_or(value.clone(), |ty| self.as_declared(entry.scope, None, value, ty))
            }
            None => self.typed(entry.scope, None, entry.ty, &entry.item.name),
        };
        self.at = around;
        self.note_handler(entry.scope, entry.item, entry.ty, &value);
        let value = name_label(value, &entry.item.name)
            .step(entry.item.name_span, format!("`{}` is defined here", entry.item.name));
        // Running it may have changed it: what was assigned meanwhile stands.
        if let Some(Some(changed)) = self.constants.get(&id) {
            return changed.clone();
        }
        self.constants.insert(id, Some(value.clone()));
        value
    }

    /// A frame for a function of this scope.
    fn frame(&mut self, scope: ScopeId, owner: Option<TypeId>) -> Frame<'p> {
        self.frames += 1;
        Frame {
            id: self.frames,
            scope,
            owner,
            variables: Variables::default(),
            generics: BTreeMap::new(),
            declared: FastSet::default(),
            returned: None,
            left: false,
            waited: Vec::new(),
            tasks: Vec::new(),
            returns: None,
            answers: Rc::default(),
        }
    }
}

/// Labels a value with the name that holds it, when that name says something about the API or a credential, or that it is encrypted.
fn name_label<'p>(value: Value<'p>, name: &str) -> Value<'p> {
    thread_local! {
        // The same names come by again and again, and splitting them into words is slow.
        static TELLING: std::cell::RefCell<FastMap<String, bool>> = std::cell::RefCell::default();
    }
    let telling = TELLING.with_borrow_mut(|known| match known.get(name) {
        Some(telling) => *telling,
        None => {
            let telling = crate::knowledge::words::names_product(name)
                || crate::knowledge::words::credential_name(name).is_some()
                || crate::knowledge::words::names_encryption(name)
                || crate::knowledge::api::api().identifies(name);
            known.insert(name.to_owned(), telling);
            telling
        }
    });
    if telling { value.label(value::Label::Named(name.into())) } else { value }
}
