//! The evaluator: runs the program tree with abstract values and writes down facts.
//!
//! Functions run in the context of their callers, under bounds: call depth, recursion, and fuel per entry point.
//! What it does not know is [`value::Data::Unknown`]; it always ends.

mod calls;
mod expressions;
mod models;
mod places;
mod types;
pub mod value;

use crate::facts::{Facts, Guard};
use crate::knowledge::libraries::{Libraries, Models};
use crate::program::link::{ConstantId, FunctionId, Program, ScopeId, TypeId};
use crate::span::Span;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use value::Value;

/// Calls nested deeper than this give unknown.
const MAX_CALLS: usize = 24;
/// Expressions evaluated for one entry point at most.
const FUEL: usize = 200_000;
/// Expressions evaluated in one pass before entry points get [`LATE_FUEL`] only.
const PASS_FUEL: usize = 20_000_000;
/// Expressions evaluated for an entry point once the pass has used up its own share.
const LATE_FUEL: usize = 2_000;

/// The variables of one running function.
pub(crate) type Variables<'p> = BTreeMap<Rc<str>, Value<'p>>;

/// One running function.
pub(crate) struct Frame<'p> {
    scope: ScopeId,
    owner: Option<TypeId>,
    variables: Variables<'p>,
    returned: Option<Value<'p>>,
    /// The statement just run leaves the block: what follows is not reached this way.
    left: bool,
    /// Tasks started in this function and not yet waited for.
    tasks: Vec<usize>,
}

/// A task that runs by itself.
struct Task {
    requests: Vec<usize>,
    /// The innermost loop it was started in, by number.
    started_in: Option<usize>,
    span: Span,
    awaited: bool,
}

/// The evaluator's state.
pub struct Evaluator<'p> {
    program: &'p Program<'p>,
    models: &'p Models,
    facts: Facts<'p>,
    fields: HashMap<(TypeId, Rc<str>), Value<'p>>,
    constants: HashMap<ConstantId, Option<Value<'p>>>,
    calls: Vec<(FunctionId, Span)>,
    loops: Vec<(usize, Span)>,
    loop_count: usize,
    guards: Vec<Guard>,
    tasks: Vec<Task>,
    entered: HashSet<FunctionId>,
    /// Functions that another one called, in any pass.
    called: HashSet<FunctionId>,
    /// Results of calls that leave no facts behind, by what they were called with.
    summaries: HashMap<u64, (Value<'p>, Vec<Value<'p>>)>,
    /// Expressions spent on a function while it left no facts.
    barren: HashMap<FunctionId, usize>,
    /// How often each log was reached.
    logged: HashMap<Span, usize>,
    fuel: usize,
    spent: usize,
}

/// Evaluates a whole program. `entries` are the functions to start from; functions that none of them reaches are
/// started afterwards with unknown arguments.
pub fn evaluate<'p>(program: &'p Program<'p>, models: &'p Models, entries: &[FunctionId]) -> Facts<'p> {
    let mut evaluator = Evaluator {
        program,
        models,
        facts: Facts::default(),
        fields: HashMap::new(),
        constants: HashMap::new(),
        calls: Vec::new(),
        loops: Vec::new(),
        loop_count: 0,
        guards: Vec::new(),
        tasks: Vec::new(),
        entered: HashSet::new(),
        called: HashSet::new(),
        summaries: HashMap::new(),
        barren: HashMap::new(),
        logged: HashMap::new(),
        fuel: FUEL,
        spent: 0,
    };
    // The first pass learns what constructors put into fields; the second sees them everywhere.
    for _ in 0..2 {
        evaluator.facts = Facts::default();
        evaluator.tasks.clear();
        evaluator.constants.clear();
        evaluator.entered.clear();
        evaluator.summaries.clear();
        evaluator.barren.clear();
        evaluator.logged.clear();
        evaluator.spent = 0;
        evaluator.run(entries);
    }
    evaluator.facts
}

impl<'p> Evaluator<'p> {
    fn run(&mut self, entries: &[FunctionId]) {
        for (scope, statement) in &self.program.statements {
            self.refuel();
            let mut frame = Frame::new(*scope, None);
            self.expression(&mut frame, statement);
        }
        for index in 0..self.program.constants.len() {
            self.refuel();
            self.constant(ConstantId(index));
        }
        for id in entries {
            self.enter(*id);
        }
        // What the first pass saw called runs in the context of its callers, not by itself: they may guard it.
        for index in 0..self.program.functions.len() {
            if !self.called.contains(&FunctionId(index)) && !self.entered.contains(&FunctionId(index)) {
                self.enter(FunctionId(index));
            }
        }
        for index in 0..self.program.functions.len() {
            if !self.entered.contains(&FunctionId(index)) {
                self.enter(FunctionId(index));
            }
        }
        self.report_tasks();
    }

    /// The models of the language that a scope is written in.
    fn libraries(&self, scope: ScopeId) -> &'p Libraries {
        self.models.of(self.program.scopes.get(scope.0).map_or("", |scope| scope.namespace))
    }

    fn refuel(&mut self) {
        self.fuel = if self.spent < PASS_FUEL { FUEL } else { LATE_FUEL };
    }

    fn enter(&mut self, id: FunctionId) {
        self.refuel();
        self.loops.clear();
        self.guards.clear();
        self.calls.clear();
        let Some(entry) = self.program.functions.get(id.0) else { return };
        self.call_function(id, None, Vec::new(), entry.function.span);
    }

    /// A task started in a loop and not waited for in the same round runs beside those of the next rounds.
    fn report_tasks(&mut self) {
        for task in std::mem::take(&mut self.tasks) {
            if task.started_in.is_some() && !task.awaited && !task.requests.is_empty() {
                let branches = vec![task.requests];
                self.facts.concurrencies.push(crate::facts::Concurrency { span: task.span, branches, many: true });
            }
        }
    }

    fn constant(&mut self, id: ConstantId) -> Value<'p> {
        match self.constants.get(&id) {
            Some(Some(value)) => return value.clone(),
            // A constant that needs itself.
            Some(None) => return Value::unknown(),
            None => {}
        }
        self.constants.insert(id, None);
        let Some(entry) = self.program.constants.get(id.0) else { return Value::unknown() };
        let mut frame = Frame::new(entry.scope, None);
        let value = match entry.value {
            Some(expression) => self.expression(&mut frame, expression),
            None => self.typed(entry.scope, None, entry.ty, &entry.item.name),
        };
        let value = name_label(value, &entry.item.name)
            .step(entry.item.name_span, format!("`{}` is defined here", entry.item.name));
        self.constants.insert(id, Some(value.clone()));
        value
    }
}

impl<'p> Frame<'p> {
    fn new(scope: ScopeId, owner: Option<TypeId>) -> Self {
        Self { scope, owner, variables: Variables::new(), returned: None, left: false, tasks: Vec::new() }
    }
}

/// Labels a value with the name that holds it, when that name says something about the API or a credential.
fn name_label<'p>(value: Value<'p>, name: &str) -> Value<'p> {
    thread_local! {
        // The same names come by again and again, and splitting them into words is slow.
        static TELLING: std::cell::RefCell<HashMap<String, bool>> = std::cell::RefCell::default();
    }
    let telling = TELLING.with_borrow_mut(|known| match known.get(name) {
        Some(telling) => *telling,
        None => {
            let telling = crate::knowledge::words::names_product(name)
                || crate::knowledge::words::credential_name(name).is_some();
            known.insert(name.to_owned(), telling);
            telling
        }
    });
    if telling { value.label(value::Label::Named(name.into())) } else { value }
}

/// Joins the variables of two ways through the code.
fn join<'p>(mut left: Variables<'p>, right: Variables<'p>) -> Variables<'p> {
    for (name, value) in right {
        match left.remove(&name) {
            Some(other) if !Rc::ptr_eq(&other.data, &value.data) => left.insert(name, other.or(value)),
            _ => left.insert(name, value),
        };
    }
    left
}
