//! Expressions and control flow.

use super::value::{Callable, Data, Label, Piece, Value};
use super::{Evaluator, Frame, join};
use crate::facts::{Guard, Round, RoundKind};
use crate::knowledge::words::words;
use crate::program::link::Resolved;
use crate::program::tree::{
    Argument, Arm, BinaryOperator, Block, Entry, EntryKey, Expr, ExprKind, ItemKind, Literal, LoopKind, Path, Pattern,
    PatternKind, TemplatePart, UnaryOperator,
};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Entries of a map that a loop goes over one by one.
const MAX_UNROLLED: usize = 8;
/// Room left on the stack before it grows, and by how much (bytes).
const RED_ZONE: usize = 128 * 1024;
const STACK: usize = 4 * 1024 * 1024;
/// Values thrown that are kept for whoever catches them.
const MAX_THROWN: usize = 16;

impl<'p> Evaluator<'p> {
    /// Evaluates an expression. Out of fuel it gives unknown.
    pub(super) fn expression(&mut self, frame: &mut Frame<'p>, expression: &'p Expr) -> Value<'p> {
        let Some(fuel) = self.fuel.checked_sub(1) else { return Value::unknown() };
        self.fuel = fuel;
        self.spent += 1;
        let value = stacker::maybe_grow(RED_ZONE, STACK, || self.kind(frame, expression));
        if !frame.left && frame.answers.contains(&expression.span) {
            self.answer(frame, &value, expression.span);
        }
        value
    }

    fn kind(&mut self, frame: &mut Frame<'p>, expression: &'p Expr) -> Value<'p> {
        let span = expression.span;
        match &expression.kind {
            ExprKind::Literal(literal) => match literal {
                Literal::Text(text) => Value::text(text, span),
                Literal::Bytes(bytes) => Value::text(&String::from_utf8_lossy(bytes), span),
                Literal::Number(text) => Value::new(Data::Number(text.as_str().into())),
                Literal::Boolean(value) => Value::new(Data::Boolean(*value)),
                Literal::Null => Value::nothing(),
            },
            ExprKind::Template(parts) => {
                let mut pieces = Vec::new();
                for part in parts {
                    match part {
                        TemplatePart::Text { span, text } => pieces.push(Piece::Known(text.as_str().into(), *span)),
                        TemplatePart::Hole { value, style } => {
                            let value = self.expression(frame, value);
                            let value = self.as_text(&value).unwrap_or(value);
                            let value = self.shown(value, *style, span);
                            let value = self.printed(frame.scope, &value, *style);
                            match &*value.data {
                                Data::Text(inner) if value.labels.is_empty() => pieces.extend(inner.iter().cloned()),
                                _ => pieces.push(Piece::Hole(value)),
                            }
                        }
                    }
                }
                Value::new(Data::Text(pieces))
            }
            ExprKind::Name(path) => self.name(frame, path),
            ExprKind::Field { base, name, name_span, .. } => {
                let base = self.expression(frame, base);
                self.field(&base, name, *name_span)
            }
            ExprKind::Index { base, index } => {
                let base = self.expression(frame, base);
                if let ExprKind::Binary { operator: BinaryOperator::Range, left, right } = &index.kind {
                    self.expression(frame, index);
                    // What is left of a list, or of a text behind a fixed beginning, is made of what the whole is made of.
                    // A few characters of a text are not the text.
                    let behind = matches!(left.kind, ExprKind::Literal(Literal::Number(_)))
                        && matches!(right.kind, ExprKind::Literal(Literal::Null));
                    return match &*base.data {
                        Data::List { .. } => base,
                        _ if behind => base,
                        _ => Value::unknown(),
                    };
                }
                let index = self.expression(frame, index);
                match index.known_text() {
                    Some(key) => self.field(&base, &key, span),
                    None => self.element(&base),
                }
            }
            ExprKind::Call { callee, arguments, construct, types } => {
                let value = self.call(frame, expression, callee, arguments, *construct);
                match types.as_slice() {
                    // `reply.json::<Patient>()`: what is not known otherwise is of the type that is asked for.
                    [ty] if matches!(*value.data, Data::Unknown) => {
                        self.typed(frame.scope, frame.owner, Some(ty), "").labels_of(&value)
                    }
                    _ => value,
                }
            }
            ExprKind::Object { ty, entries } => self.object(frame, ty.as_ref(), entries),
            ExprKind::List(arguments) => self.list(frame, arguments),
            ExprKind::Closure(function) => self.closure(frame, function),
            ExprKind::Assign { target, operator, value } => {
                let mut value = self.expression(frame, value);
                if operator.is_some() {
                    let old = self.expression(frame, target);
                    // What a round of a loop adds is joined with what was there before it, where the loop ends.
                    let chooses =
                        matches!(operator, Some(BinaryOperator::Default | BinaryOperator::Or | BinaryOperator::And));
                    value = match &*old.data {
                        // `held ??= made`: the one or the other.
                        Data::Unknown | Data::Nothing if chooses => value,
                        _ if chooses => old.or(value),
                        Data::Text(_) => old.concat(&value),
                        _ => old.clone().or(old.concat(&value)),
                    };
                }
                if self.guards.iter().any(|guard| guard.asks_for_change) {
                    value = value.label(Label::Compared);
                }
                self.assign(frame, target, value);
                Value::nothing()
            }
            ExprKind::Let { pattern, ty, value, otherwise } => {
                let declared = ty.as_ref().map(|ty| self.typed(frame.scope, frame.owner, Some(ty), ""));
                let value = match value {
                    Some(value) => self.expression(frame, value),
                    None => Value::unknown(),
                };
                let value = match declared {
                    Some(declared) if matches!(*value.data, Data::Unknown) => declared.labels_of(&value),
                    _ => match ty {
                        Some(ty) => self.conform(frame.scope, frame.owner, value, ty, span),
                        None => value,
                    },
                };
                self.bind(frame, pattern, &value);
                if let Some(otherwise) = otherwise {
                    let before = frame.variables.clone();
                    self.expression(frame, otherwise);
                    frame.variables = before;
                    frame.left = false;
                }
                value
            }
            ExprKind::If { condition, then, otherwise } => self.branch(frame, condition, then, otherwise.as_deref()),
            ExprKind::Match { subject, arms } => {
                let subject_value = self.expression(frame, subject);
                let guard = Guard { span: subject.span, asks_for_change: asks_for_change(subject, &subject_value) };
                self.guards.push(guard);
                let result = self.arms(frame, arms, &subject_value);
                self.guards.pop();
                result
            }
            ExprKind::Loop { kind, body } => self.round(frame, expression, kind, body),
            ExprKind::Await(inner) => {
                let value = self.expression(frame, inner);
                let value = self.awaited(frame, value, span);
                self.wait(frame, value)
            }
            ExprKind::Try(inner) => self.expression(frame, inner),
            ExprKind::Catch { body, pattern, handler, finally } => {
                let before = frame.variables.clone();
                let first = self.facts.requests.len();
                let value = self.expression(frame, body);
                let mut result = (!frame.left).then_some(value);
                let body_left = std::mem::take(&mut frame.left);
                if let Some(handler) = handler {
                    // It may have failed anywhere: before any of its assignments or after all.
                    let after = frame.variables.clone();
                    frame.variables = join(before, after.clone());
                    if let Some(pattern) = pattern {
                        let error = self.failures(first);
                        self.bind(frame, pattern, &error);
                    }
                    let failed = first..self.facts.requests.len();
                    let around = std::mem::take(&mut self.thrown);
                    let handled = self.expression(frame, handler);
                    let thrown = std::mem::replace(&mut self.thrown, around);
                    // What was caught goes no further; what the handler throws does.
                    self.replace_failures(failed, thrown.into_iter().reduce(Value::or));
                    let handler_left = std::mem::take(&mut frame.left);
                    if !handler_left {
                        result = Some(result.map_or(handled.clone(), |known| known.or(handled)));
                    }
                    frame.variables = match (body_left, handler_left) {
                        (false, true) => after,
                        (true, false) => std::mem::take(&mut frame.variables),
                        _ => join(after, std::mem::take(&mut frame.variables)),
                    };
                    frame.left = body_left && handler_left;
                } else {
                    frame.left = body_left;
                }
                if let Some(finally) = finally {
                    let left = std::mem::take(&mut frame.left);
                    self.expression(frame, finally);
                    frame.left |= left;
                }
                result.unwrap_or_else(Value::nothing)
            }
            ExprKind::Return(value) => {
                let value = value.as_ref().map_or_else(Value::nothing, |value| self.expression(frame, value));
                self.leave_with(frame, value);
                Value::nothing()
            }
            ExprKind::Throw(value) => {
                let value = self.expression(frame, value);
                if self.thrown.len() < MAX_THROWN {
                    self.thrown.push(value);
                }
                frame.left = true;
                Value::nothing()
            }
            ExprKind::Break(value) => {
                let value = value.as_ref().map_or_else(Value::nothing, |value| self.expression(frame, value));
                frame.left = true;
                value
            }
            ExprKind::Continue => {
                frame.left = true;
                Value::nothing()
            }
            ExprKind::Binary { operator, left, right } => self.binary(frame, *operator, left, right),
            ExprKind::Unary { operator, operand } => {
                let value = self.expression(frame, operand);
                match operator {
                    UnaryOperator::Reference | UnaryOperator::MutableReference => value,
                    UnaryOperator::Not => match &*value.data {
                        Data::Boolean(known) => Value::new(Data::Boolean(!known)).labels_of(&value),
                        _ => Value::unknown().labels_of(&value),
                    },
                    UnaryOperator::Arithmetic => Value::unknown(),
                }
            }
            ExprKind::Block(block) => self.block(frame, block),
            ExprKind::Item(_) => Value::nothing(),
            ExprKind::Cast { value, .. } => self.expression(frame, value),
            ExprKind::Opaque(parts) => {
                for part in parts {
                    self.expression(frame, part);
                }
                Value::unknown()
            }
        }
    }

    /// What waiting for an instance of a library's type does, when its model says so.
    pub(super) fn awaited(&mut self, frame: &mut Frame<'p>, value: Value<'p>, span: crate::span::Span) -> Value<'p> {
        let Data::Instance { ty, .. } = &*value.data else { return value };
        let Some(method) = self.libraries(self.at).ty(ty).and_then(|model| model.awaited.as_deref()) else {
            return value;
        };
        let first = self.facts.requests.len();
        self.external_method(frame, &value, method, &[], span, first).0
    }

    /// The arms that a value may choose, each as if it were chosen; what comes of any of them is joined.
    fn arms(&mut self, frame: &mut Frame<'p>, arms: &'p [Arm], subject: &Value<'p>) -> Value<'p> {
        let before = frame.variables.clone();
        let mut joined: Option<super::Variables<'p>> = None;
        let mut result: Option<Value<'p>> = None;
        let guards = self.guards.len();
        let (mut ran, mut asked) = (false, false);
        let (running, mut after) = (frame.tasks.clone(), Vec::new());
        for arm in arms {
            frame.variables = before.clone();
            frame.left = false;
            let mut decided = self.matches(frame, &arm.pattern, subject);
            if decided == Some(false) {
                continue;
            }
            let narrowed = self.narrowed(frame, &arm.pattern, subject);
            self.bind(frame, &arm.pattern, &narrowed);
            if let Some(condition) = &arm.guard {
                let value = self.expression(frame, condition);
                let asks = asks_for_change(condition, &value);
                asked |= asks;
                // The arms behind run only because this condition did not hold.
                self.guards.push(Guard { span: condition.span, asks_for_change: asks });
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
                joined = Some(joined.map_or_else(|| variables.clone(), |known| join(known, variables.clone())));
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

    fn name(&mut self, frame: &Frame<'p>, path: &Path) -> Value<'p> {
        if let Some((name, value)) = path.single().and_then(|name| frame.variables.get_key_value(name)) {
            // `fetch` handed in from outside is still what sends requests.
            let sends = |model: &crate::knowledge::libraries::CallModel| !model.sends.is_empty();
            let stands_in = matches!(*value.data, Data::Unknown)
                && value.labels.is_empty()
                && self.libraries(frame.scope).function(name).is_some_and(sends);
            return if stands_in {
                Value::new(Data::Callable(Callable::External(name.clone(), None)))
            } else {
                value.clone()
            };
        }
        match self.resolve(frame, path) {
            Some(Resolved::External(name)) if name.ends_with('!') => self.macro_by_argument(frame, path, name),
            Some(Resolved::Function(id)) => self.function_of_path(frame, path, id),
            Some(Resolved::External(name)) if path.segments.len() > 1 => {
                self.derived(frame, path).unwrap_or_else(|| self.resolved(Resolved::External(name)))
            }
            Some(resolved) => self.resolved(resolved),
            None => self.derived(frame, path).unwrap_or_else(Value::unknown),
        }
    }

    /// `log::$level!(…)` in a macro that was given the level: the argument is a part of the name.
    fn macro_by_argument(&mut self, frame: &Frame<'p>, path: &Path, name: String) -> Value<'p> {
        let last = path.last().trim_end_matches('!');
        let given = frame.variables.get(last).map(|value| value.data.clone());
        if let (Some(given), [.., _]) = (given, path.segments.as_slice())
            && let Data::Callable(Callable::External(word, _)) = &*given
        {
            let mut meant = path.clone();
            if let Some(last) = meant.segments.last_mut() {
                *last = format!("{word}!");
            }
            if let Some(resolved) = self.resolve(frame, &meant) {
                return self.resolved(resolved);
            }
        }
        self.resolved(Resolved::External(name))
    }

    /// Resolves a path, `Self` being the type around the running function.
    pub(super) fn resolve(&self, frame: &Frame<'p>, path: &Path) -> Option<Resolved> {
        if let ([first, rest @ ..], Some(owner)) = (path.segments.as_slice(), frame.owner)
            && first == "Self"
        {
            let Some(name) = rest.first() else { return Some(Resolved::Type(owner)) };
            return self.program.member(owner, name);
        }
        if let [first, name] = path.segments.as_slice()
            && let Some(ty) = frame.generics.get(first.as_str())
        {
            return self.program.member(*ty, name);
        }
        self.program.resolve(frame.scope, path)
    }

    fn object(&mut self, frame: &mut Frame<'p>, ty: Option<&'p Path>, entries: &'p [Entry]) -> Value<'p> {
        let (ty, variant) = match ty.and_then(|path| self.resolve(frame, path)) {
            Some(Resolved::Type(id)) => (Some(id), None),
            Some(Resolved::Variant(id, variant)) => (Some(id), Some(Rc::from(variant))),
            _ => (None, None),
        };
        let mut fields = BTreeMap::new();
        let mut open = false;
        for entry in entries {
            let value = self.expression(frame, &entry.value);
            // What an option is set to says where it is set.
            let value = match &*value.data {
                Data::Boolean(_) => value.step(entry.value.span, "set here"),
                _ => value,
            };
            let key: Rc<str> = match &entry.key {
                EntryKey::Name(name) => name.as_str().into(),
                EntryKey::Computed(key) => match self.expression(frame, key).known_text() {
                    Some(key) => key.into(),
                    None => {
                        open = true;
                        continue;
                    }
                },
                EntryKey::Spread => {
                    open |= spread(&mut fields, &value, ty.is_some());
                    continue;
                }
            };
            let value = super::name_label(value, &key);
            if let Some(ty) = ty {
                match &variant {
                    Some(variant) => self.learn_field(ty, &super::places::payload(variant, &key), &value),
                    None => self.learn_field(ty, &key, &value),
                }
            }
            fields.insert(key, value);
        }
        Value::new(Data::Object { ty, variant, fields, open })
    }

    fn list(&mut self, frame: &mut Frame<'p>, arguments: &'p [Argument]) -> Value<'p> {
        let mut items = Vec::new();
        let mut rest: Option<Value<'p>> = None;
        for argument in arguments {
            let value = self.expression(frame, &argument.value);
            if argument.spread {
                let element = self.element(&value);
                rest = Some(rest.map_or(element.clone(), |known| known.or(element)));
            } else {
                items.push(value);
            }
        }
        Value::new(Data::List { items, rest })
    }

    /// Any one element of a collection.
    pub(super) fn element(&mut self, value: &Value<'p>) -> Value<'p> {
        let element = match &*value.data {
            Data::List { items, rest } => {
                items.iter().chain(rest).cloned().reduce(Value::or).unwrap_or_else(Value::unknown)
            }
            Data::Object { fields, .. } => fields.values().cloned().reduce(Value::or).unwrap_or_else(Value::unknown),
            Data::Union(all) => {
                let all = all
                    .iter()
                    .filter(|one| !matches!(&*one.data, Data::List { items, rest: None } if items.is_empty()));
                all.map(|one| self.element(one)).reduce(Value::or).unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        };
        value
            .labels
            .iter()
            .filter(|label| matches!(label, Label::Body(_) | Label::Content(..) | Label::UserInput))
            .fold(element, |element, label| element.label(label.clone()))
    }

    fn binary(
        &mut self,
        frame: &mut Frame<'p>,
        operator: BinaryOperator,
        left: &'p Expr,
        right: &'p Expr,
    ) -> Value<'p> {
        let a = self.expression(frame, left);
        let b = match operator {
            // The right side runs only when the left side says so.
            BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Default => {
                let asks = operator == BinaryOperator::And && asks_for_change(left, &a);
                self.guards.push(Guard { span: left.span, asks_for_change: asks });
                let before = frame.variables.clone();
                let b = self.expression(frame, right);
                frame.variables = join(before, std::mem::take(&mut frame.variables));
                self.guards.pop();
                b
            }
            _ => self.expression(frame, right),
        };
        let number = |value: &Value<'p>| matches!(*value.data, Data::Number(_) | Data::Boolean(_));
        match operator {
            BinaryOperator::Add if matches!(*a.data, Data::Text(_)) || matches!(*b.data, Data::Text(_)) => a.concat(&b),
            // Two values of which nothing is known may be text: what is known about them stays in the sum.
            BinaryOperator::Add if !number(&a) && !number(&b) => a.concat(&b),
            BinaryOperator::Default | BinaryOperator::Or => match &*a.data {
                Data::Nothing => b,
                Data::Object { .. } | Data::List { .. } | Data::Instance { .. } | Data::Callable(_) => a,
                _ if a.known_text().is_some_and(|text| !text.is_empty()) && !matches!(*a.data, Data::Boolean(_)) => a,
                Data::Union(all) => {
                    let kept = all.iter().filter(|one| !matches!(*one.data, Data::Nothing)).cloned().reduce(Value::or);
                    kept.unwrap_or_else(Value::unknown).or(b.label(Label::Default))
                }
                _ => a.or(b.label(Label::Default)),
            },
            BinaryOperator::Sequence => b,
            BinaryOperator::Range => Value::many(Value::unknown().labels_of(&a).labels_of(&b)),
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                let fixed = |value: &Value<'p>| {
                    value.known_text().is_some()
                        || matches!(&*value.data, Data::Nothing | Data::Callable(_))
                        || matches!(&*value.data, Data::Object { variant: Some(_), .. })
                };
                let about = |value: &Value<'p>| value.any_label(&|label| matches!(label, Label::Meta(_)));
                let fetched = |value: &Value<'p>| value.any_label(&|label| matches!(label, Label::Body(_)));
                let compares = !about(&a) && !about(&b) && (fetched(&a) || fetched(&b) || (!fixed(&a) && !fixed(&b)));
                let decided = super::matching::same(&a, &b).map(|same| same == (operator == BinaryOperator::Equal));
                let value = decided.map_or_else(Value::unknown, |decided| Value::new(Data::Boolean(decided)));
                if compares { value.label(Label::Compared) } else { value }
            }
            BinaryOperator::And => match &*b.data {
                Data::Unknown | Data::Boolean(_) | Data::Nothing => Value::unknown().labels_of(&a).labels_of(&b),
                _ if matches!(*a.data, Data::Nothing) => a,
                _ => a.labels.iter().filter(|l| matches!(l, Label::Compared)).fold(b, |b, l| b.label(l.clone())),
            },
            _ => Value::unknown(),
        }
    }

    /// `Type::default`, `Type::parse`, `TypeBuilder::new`: an associated function that the project does not write is
    /// derived, and gives an instance of the type.
    fn derived(&self, frame: &Frame<'p>, path: &Path) -> Option<Value<'p>> {
        let mut owner = path.clone();
        owner.segments.pop()?;
        let ty = match self.resolve(frame, &owner)? {
            Resolved::Type(ty) => ty,
            Resolved::External(_) => {
                let builder = owner.segments.last_mut()?;
                *builder = builder.strip_suffix("Builder")?.to_owned();
                match self.resolve(frame, &owner)? {
                    Resolved::Type(ty) => ty,
                    _ => return None,
                }
            }
            _ => return None,
        };
        let own = self.program.types.get(ty.0).is_some_and(|entry| entry.definition.is_some());
        own.then(|| Value::new(Data::Callable(Callable::Derived(ty))))
    }

    fn branch(
        &mut self,
        frame: &mut Frame<'p>,
        condition: &'p Expr,
        then: &'p Expr,
        otherwise: Option<&'p Expr>,
    ) -> Value<'p> {
        let before = frame.variables.clone();
        let decided = self.expression(frame, condition);
        self.guards.push(Guard { span: condition.span, asks_for_change: asks_for_change(condition, &decided) });
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
        let first = self.one_way(frame, &running, &mut after, |evaluator, frame| evaluator.expression(frame, then));
        let first_left = std::mem::take(&mut frame.left);
        let after_first = std::mem::replace(&mut frame.variables, before);
        let second = self.one_way(frame, &running, &mut after, |evaluator, frame| {
            otherwise.map_or_else(Value::nothing, |otherwise| evaluator.expression(frame, otherwise))
        });
        frame.tasks = after;
        let second_left = std::mem::take(&mut frame.left);
        self.guards.pop();
        frame.left = first_left && second_left;
        match (first_left, second_left) {
            (true, false) => second,
            (false, true) => {
                frame.variables = after_first;
                first
            }
            _ => {
                frame.variables = join(after_first, std::mem::take(&mut frame.variables));
                let value = if otherwise.is_some() { first.or(second) } else { first };
                // What a comparison chose says whether anything changed.
                let compared = decided.any_label(&|label| matches!(label, Label::Compared));
                if compared && otherwise.is_some() { value.label(Label::Compared) } else { value }
            }
        }
    }

    fn round(&mut self, frame: &mut Frame<'p>, whole: &'p Expr, kind: &'p LoopKind, body: &'p Expr) -> Value<'p> {
        let before = frame.variables.clone();
        let retry = super::loops::retry(kind, body);
        let advances = super::loops::advances(body);
        let round = |kind, over| Round { span: whole.span, kind, over, waits: Vec::new(), retry, advances };
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
                self.bind(frame, pattern, &element);
                None
            }
            LoopKind::While(condition) => {
                self.enter_round(round(RoundKind::While, Value::unknown()));
                self.expression(frame, condition);
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
                self.enter_round(round(RoundKind::Counted, Value::unknown()));
                if let Some(condition) = condition {
                    self.expression(frame, condition);
                }
                update.as_deref()
            }
        };
        self.last_round(frame, kind, body, entered, before)
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
            && self.bound(frame, pattern).any_label(&|label| matches!(label, Label::Compared))
        {
            // Only what a comparison let through comes round.
            self.guards.push(Guard { span: whole.span, asks_for_change: true });
        }
        let value = self.expression(frame, body);
        self.guards.truncate(guards);
        if let Some(update) = entered {
            self.expression(frame, update);
        }
        self.loops.pop();
        frame.left = false;
        frame.variables = join(before, std::mem::take(&mut frame.variables));
        if matches!(kind, LoopKind::Forever) { value } else { Value::nothing() }
    }

    fn block(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Value<'p> {
        let (alone, scope, at) = (self.alone, frame.scope, self.at);
        // Names that the block defines or imports are seen in it.
        if let Some(inner) = self.program.blocks.get(&(std::ptr::from_ref(block) as usize)) {
            (frame.scope, self.at) = (*inner, *inner);
        }
        let value = self.block_inside(frame, block);
        (self.alone, frame.scope, self.at) = (alone, scope, at);
        value
    }

    fn block_inside(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Value<'p> {
        let first = self.facts.requests.len();
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
            self.expression(frame, statement);
            if frame.left {
                self.guards.truncate(guards);
                return Value::nothing();
            }
            if let ExprKind::Let { pattern, value: Some(tested), otherwise: Some(_), .. } = &statement.kind {
                let asks = mentions_change(tested, 16) || binds_compared(frame, pattern, 8);
                self.guards.push(Guard { span: statement.span, asks_for_change: asks });
            }
            // After `if … { return }` the rest runs only because the condition did not hold.
            if let ExprKind::If { condition, then, otherwise } = &statement.kind
                && (leaves(then) || otherwise.as_deref().is_some_and(leaves))
            {
                let asks = asks_for_change(condition, &self.condition_again(frame, condition));
                self.guards.push(Guard { span: condition.span, asks_for_change: asks });
            }
        }
        if let Some(last) = &block.value {
            value = self.expression(frame, last);
        }
        self.guards.truncate(guards);
        if block.asynchrony == crate::program::tree::Asynchrony::None { value } else { self.pending(first, &[], value) }
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

/// Whether a statement always leaves the block around it.
fn leaves(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Return(_) | ExprKind::Throw(_) | ExprKind::Break(_) | ExprKind::Continue => true,
        ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(leaves),
        _ => false,
    }
}

/// Puts the entries of a value among the fields of an object. `fills`: they stand for what is not written, instead of
/// replacing what is written before. Gives whether there may be more than is known.
fn spread<'p>(fields: &mut BTreeMap<Rc<str>, Value<'p>>, value: &Value<'p>, fills: bool) -> bool {
    let mut open = false;
    let all = value.alternatives();
    for one in &all {
        let Data::Object { fields: spread, open: more, .. } = &*one.data else {
            open |= !matches!(*one.data, Data::Nothing | Data::Boolean(_));
            continue;
        };
        open |= more;
        for (key, value) in spread {
            match fields.remove(key) {
                Some(known) if fills => fields.insert(key.clone(), known),
                // One of several possibilities: what was there may stay.
                Some(known) if all.len() > 1 => fields.insert(key.clone(), known.or(value.clone())),
                _ => fields.insert(key.clone(), value.clone()),
            };
        }
    }
    open
}

impl Evaluator<'_> {
    /// Whether a function that chooses elements asks if they change anything.
    pub(super) fn chooses_changed(&self, function: &Value<'_>) -> bool {
        let body = match &*function.data {
            Data::Callable(Callable::Closure { function, .. }) => function.body.as_ref(),
            Data::Callable(Callable::Function(id, _)) => {
                self.program.functions.get(id.0).and_then(|entry| entry.function.body.as_ref())
            }
            _ => None,
        };
        body.is_some_and(|body| chooses(body, 16))
    }
}

/// A choice by membership or comparison, besides what [`mentions_change`] knows.
fn chooses(expression: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| chooses(expression, depth);
    mentions_change(expression, depth)
        || match &expression.kind {
            ExprKind::Block(block) => block.statements.iter().chain(block.value.as_deref()).any(inside),
            ExprKind::Unary { operand, .. } => inside(operand),
            ExprKind::Binary { operator: BinaryOperator::NotEqual, .. } => true,
            ExprKind::Binary { left, right, .. } => inside(left) || inside(right),
            ExprKind::Call { callee, arguments, .. } => {
                matches!(&callee.kind, ExprKind::Field { name, .. } if name == "contains")
                    || arguments.iter().any(|argument| inside(&argument.value))
                    || inside(callee)
            }
            ExprKind::Field { base, .. } => inside(base),
            _ => false,
        }
}

/// Whether a pattern bound what a comparison chose.
fn binds_compared(frame: &Frame<'_>, pattern: &Pattern, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &pattern.kind {
        PatternKind::Bind { name, .. } => frame
            .variables
            .get(name.as_str())
            .is_some_and(|value| value.any_label(&|label| matches!(label, Label::Compared))),
        PatternKind::Variant { elements, .. } => elements.iter().any(|inner| binds_compared(frame, inner, depth)),
        _ => false,
    }
}

/// Whether a condition asks if anything changes: a comparison decided it, or it names emptiness, a difference or a dirty state.
fn asks_for_change(condition: &Expr, value: &Value<'_>) -> bool {
    value.any_label(&|label| matches!(label, Label::Compared)) || mentions_change(condition, 16)
}

fn mentions_change(expression: &Expr, depth: usize) -> bool {
    const WORDS: &[&str] = &[
        "empty",
        "dirty",
        "changed",
        "changes",
        "change",
        "modified",
        "diff",
        "differs",
        "different",
        "difference",
        "stale",
        "unchanged",
        "delta",
        "eq",
        "ne",
        "equals",
        "equal",
        "compare",
        "same",
        "etag",
        "hash",
        "checksum",
        "version",
        "revision",
    ];
    let named = |name: &str| words(name).iter().any(|word| WORDS.contains(&word.as_str()));
    let Some(depth) = depth.checked_sub(1) else { return false };
    let inside = |expression: &Expr| mentions_change(expression, depth);
    match &expression.kind {
        ExprKind::Name(path) => named(path.last()),
        ExprKind::Field { base, name, .. } => named(name) || inside(base),
        ExprKind::Call { callee, arguments, .. } => {
            inside(callee) || arguments.iter().any(|argument| inside(&argument.value))
        }
        ExprKind::Let { value: Some(value), .. } => inside(value),
        ExprKind::Unary { operand, .. } | ExprKind::Await(operand) | ExprKind::Try(operand) => inside(operand),
        ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, left, right } => {
            inside(left) || inside(right)
        }
        _ => false,
    }
}
