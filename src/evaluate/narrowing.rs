//! What a condition says about the types of variables: `error instanceof HTTPError`, `isAxiosError(error)`, and what is made
//! of such questions.

use super::value::{Callable, Data, Value};
use super::{Evaluator, Frame, Variables};
use crate::program::link::{Resolved, ScopeId, TypeId};
use crate::program::tree::{BinaryOperator, Expr, ExprKind, Function, PatternKind, Type, UnaryOperator};
use std::rc::Rc;

/// Conditions within conditions, and functions that ask for others, are looked at this far.
const MAX_DEPTH: usize = 12;

/// A variable whose alternatives a condition left fewer of.
pub(super) struct Narrowed<'p> {
    name: Rc<str>,
    before: Value<'p>,
    after: Value<'p>,
}

/// Where a question about a variable is asked: there, or in a function that is given it.
#[derive(Clone)]
struct Asked<'p> {
    /// The module whose names are seen.
    scope: ScopeId,
    /// The parameter of the function and the variable it is given.
    parameter: Option<(&'p str, Rc<str>)>,
}

/// A type that a condition asks for.
#[derive(PartialEq)]
enum Wanted {
    /// The project's own.
    Own(TypeId),
    /// A library's, by its canonical name.
    Library(Rc<str>),
}

/// What answers a question about its argument.
enum Teller<'p> {
    /// A library's function that asks for a type.
    Model(Rc<str>),
    /// A function of the project.
    Function(&'p Function, ScopeId),
}

impl<'p> Evaluator<'p> {
    /// Leaves variables only what they may be where a condition holds, or where it does not.
    pub(super) fn narrow(&mut self, frame: &mut Frame<'p>, condition: &'p Expr, holds: bool) -> Vec<Narrowed<'p>> {
        let mut narrowed = Vec::new();
        let asked = Asked { scope: frame.scope, parameter: None };
        self.narrow_to(frame, condition, holds, &asked, MAX_DEPTH, &mut narrowed);
        narrowed
    }

    /// Gives variables back what they were where the code goes on after both ways, unless they were set meanwhile.
    pub(super) fn widen(variables: &mut Variables<'p>, narrowed: Vec<Narrowed<'p>>) {
        for Narrowed { name, before, after } in narrowed.into_iter().rev() {
            if variables.get(&name).is_some_and(|now| now.data.is(&after.data)) {
                variables.insert(name, before);
            }
        }
    }

    fn narrow_to(
        &mut self,
        frame: &mut Frame<'p>,
        condition: &'p Expr,
        holds: bool,
        asked: &Asked<'p>,
        depth: usize,
        narrowed: &mut Vec<Narrowed<'p>>,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &condition.kind {
            ExprKind::Unary { operator: UnaryOperator::Not, operand } => {
                self.narrow_to(frame, operand, !holds, asked, depth, narrowed);
            }
            ExprKind::Binary { operator, left, right }
                if matches!((operator, holds), (BinaryOperator::And, true) | (BinaryOperator::Or, false)) =>
            {
                self.narrow_to(frame, left, holds, asked, depth, narrowed);
                self.narrow_to(frame, right, holds, asked, depth, narrowed);
            }
            ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
                let before = frame.variables.clone();
                let (mut first, mut second) = (Vec::new(), Vec::new());
                self.narrow_to(frame, left, holds, asked, depth, &mut first);
                if first.is_empty() {
                    return;
                }
                frame.variables = before.clone();
                self.narrow_to(frame, left, !holds, asked, depth, &mut second);
                self.narrow_to(frame, right, holds, asked, depth, &mut second);
                frame.variables = before;
                narrowed.extend(either(frame, &first, &second));
            }
            ExprKind::Binary { operator: BinaryOperator::Is, left, right } => {
                let Some(name) = asked.variable(left) else { return };
                let Some(wanted) = self.wanted(frame, right, asked) else { return };
                self.keep(frame, name, &wanted, holds, narrowed);
            }
            ExprKind::Call { callee, arguments, construct: false, .. } => {
                let [argument] = arguments.as_slice() else { return };
                let Some(name) = asked.variable(&argument.value) else { return };
                match self.told_by(frame, callee, asked) {
                    Some(Teller::Model(ty)) => self.keep(frame, name, &Wanted::Library(ty), holds, narrowed),
                    Some(Teller::Function(function, scope)) => {
                        let Some((parameter, body)) = question(function) else { return };
                        let asked = Asked { scope, parameter: Some((parameter, name)) };
                        self.narrow_to(frame, body, holds, &asked, depth, narrowed);
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }

    /// What a name or a part of one stands for; evaluating it does nothing.
    fn named_value(&mut self, frame: &mut Frame<'p>, expression: &'p Expr, asked: &Asked<'p>) -> Option<Value<'p>> {
        let plain = |expression: &Expr| matches!(expression.kind, ExprKind::Name(_));
        match &expression.kind {
            ExprKind::Name(_) => {}
            ExprKind::Field { base, .. } if plain(base) => {}
            _ => return None,
        }
        if asked.parameter.is_none() {
            return Some(self.expression(frame, expression));
        }
        let mut other = self.frame(asked.scope, None);
        let around = std::mem::replace(&mut self.at, asked.scope);
        let value = self.expression(&mut other, expression);
        self.at = around;
        Some(value)
    }

    fn wanted(&mut self, frame: &mut Frame<'p>, named: &'p Expr, asked: &Asked<'p>) -> Option<Wanted> {
        let value = self.named_value(frame, named, asked)?;
        match &*value.data {
            Data::Callable(Callable::Constructor(ty, None)) => Some(Wanted::Own(*ty)),
            Data::Callable(Callable::External(name, None)) => {
                Some(Wanted::Library(self.libraries(asked.scope).canonical(name).into()))
            }
            _ => None,
        }
    }

    /// What a call says about the type of its argument.
    fn told_by(&mut self, frame: &mut Frame<'p>, callee: &'p Expr, asked: &Asked<'p>) -> Option<Teller<'p>> {
        let value = self.named_value(frame, callee, asked)?;
        let libraries = self.libraries(asked.scope);
        let model = match &*value.data {
            Data::Callable(Callable::External(name, None)) => libraries.function(name),
            Data::Callable(Callable::External(name, Some(held))) => match &*held.data {
                Data::Instance { ty, .. } => libraries.method(Some(ty), name, |_| false),
                _ => None,
            },
            Data::Callable(Callable::Function(id, _)) => {
                let entry = self.program.functions.get(id.0)?;
                return Some(Teller::Function(entry.function, entry.scope));
            }
            Data::Callable(Callable::Closure { function, scope, .. }) => {
                return Some(Teller::Function(function, *scope));
            }
            _ => None,
        };
        model?.tells.as_deref().map(|ty| Teller::Model(ty.into()))
    }

    /// Keeps of a variable's alternatives those that may be of a type, or those that may be of another.
    fn keep(
        &self,
        frame: &mut Frame<'p>,
        name: Rc<str>,
        wanted: &Wanted,
        holds: bool,
        narrowed: &mut Vec<Narrowed<'p>>,
    ) {
        let Some(before) = frame.variables.get(&name).cloned() else { return };
        let all = before.alternatives();
        let kept = || all.iter().filter(|one| self.is_a(one, wanted) != Some(!holds));
        // Of what nothing is known but the type, at least what the project makes of the type is known.
        let learned = |one: &Value<'p>| match (&*one.data, wanted) {
            (Data::Unknown, Wanted::Own(ty)) if holds => Some(Self::open(*ty).labels_of(one)),
            _ => None,
        };
        if kept().count() == all.len() && kept().all(|one| learned(one).is_none()) {
            return;
        }
        let kept = kept().map(|one| learned(one).unwrap_or_else(|| one.clone()));
        // What was caught may always be something else.
        let after = match Value::any_of(kept) {
            Some(kept) => kept.labels_of(&before),
            None => Value::unknown(),
        };
        frame.variables.insert(name.clone(), after.clone());
        narrowed.push(Narrowed { name, before, after });
    }

    /// Whether a value is of a type or of one made from it; none when it may or may not be.
    fn is_a(&self, value: &Value<'p>, wanted: &Wanted) -> Option<bool> {
        match (&*value.data, wanted) {
            (Data::Object { ty: Some(own), .. }, Wanted::Own(wanted)) => {
                if self.extends(*own, &mut |one| one == &Wanted::Own(*wanted), MAX_DEPTH) {
                    return Some(true);
                }
                // A value that is only known to be of a base may be of this one.
                let below = self.extends(*wanted, &mut |one| one == &Wanted::Own(*own), MAX_DEPTH);
                (!below).then_some(false)
            }
            (Data::Object { ty: Some(own), .. }, Wanted::Library(name)) => {
                let mut other = false;
                let is = self.extends(
                    *own,
                    &mut |one| {
                        other |= matches!(one, Wanted::Library(_));
                        matches!(one, Wanted::Library(base) if self.comes_from(self.at, base, name))
                    },
                    MAX_DEPTH,
                );
                match (is, other) {
                    (true, _) => Some(true),
                    (false, true) => None,
                    (false, false) => Some(false),
                }
            }
            (Data::Instance { .. }, Wanted::Own(_)) => Some(false),
            (Data::Instance { ty, .. }, Wanted::Library(name)) => {
                if self.comes_from(self.at, ty, name) {
                    return Some(true);
                }
                // A library has errors that are told apart by their types where its model has one for all.
                let library = |name: &str| name.split("::").next().map(str::to_owned);
                (library(ty) != library(name)).then_some(false)
            }
            _ => None,
        }
    }

    fn comes_from(&self, scope: ScopeId, ty: &str, name: &str) -> bool {
        let libraries = self.libraries(scope);
        ty == name || libraries.ty(ty).is_some_and(|model| model.is.iter().any(|base| base == name))
    }

    /// Whether a type, or one that it extends, passes a test.
    fn extends(&self, ty: TypeId, test: &mut dyn FnMut(&Wanted) -> bool, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        if test(&Wanted::Own(ty)) {
            return true;
        }
        let Some(entry) = self.program.types.get(ty.0) else { return false };
        let mut bases = entry.definition.into_iter().flat_map(|definition| &definition.extends);
        bases.any(|base| {
            if let Some(base) = self.program.resolve_type(entry.scope, base) {
                return self.extends(base, test, depth);
            }
            let Type::Named { path, .. } = base else { return false };
            match self.program.resolve(entry.scope, path) {
                Some(Resolved::External(name)) => {
                    test(&Wanted::Library(self.libraries(entry.scope).canonical(&name).into()))
                }
                _ => false,
            }
        })
    }
}

impl<'p> Asked<'p> {
    /// The variable that an expression names, where the question is asked.
    fn variable(&self, expression: &Expr) -> Option<Rc<str>> {
        let ExprKind::Name(path) = &expression.kind else { return None };
        let name = path.single()?;
        match &self.parameter {
            None => Some(name.into()),
            Some((parameter, given)) => (*parameter == name).then(|| given.clone()),
        }
    }
}

/// What variables may be after one of two ways to narrow them.
fn either<'p>(frame: &mut Frame<'p>, first: &[Narrowed<'p>], second: &[Narrowed<'p>]) -> Vec<Narrowed<'p>> {
    let mut narrowed: Vec<Narrowed<'p>> = Vec::new();
    for one in first {
        let last = |all: &[Narrowed<'p>]| all.iter().rfind(|other| other.name == one.name).map(|one| one.after.clone());
        let (Some(a), Some(b), Some(before)) = (last(first), last(second), frame.variables.get(&one.name).cloned())
        else {
            continue;
        };
        let after = a.or(b).labels_of(&before);
        if after.alternatives().len() == before.alternatives().len() && after.fingerprint() == before.fingerprint() {
            continue;
        }
        frame.variables.insert(one.name.clone(), after.clone());
        narrowed.push(Narrowed { name: one.name.clone(), before, after });
    }
    narrowed
}

/// The parameter of a function of one, and the condition that it gives back.
fn question(function: &Function) -> Option<(&str, &Expr)> {
    let [parameter] = function.parameters.as_slice() else { return None };
    let PatternKind::Bind { name, inner: None, .. } = &parameter.pattern.kind else { return None };
    let mut body = function.body.as_ref()?;
    for _ in 0..MAX_DEPTH {
        body = match &body.kind {
            ExprKind::Return(Some(value)) => value,
            ExprKind::Block(block) => match (block.statements.as_slice(), &block.value) {
                ([], Some(value)) => value,
                ([only], None) => only,
                _ => return None,
            },
            _ => return Some((name, body)),
        };
    }
    None
}
