//! Expressions.

use super::change::asks_for_change;
use super::shared::Kinds;
use super::value::{Callable, Data, Label, Piece, Value};
use super::{Evaluator, Frame};
use crate::facts::Guard;
use crate::program::link::Resolved;
use crate::program::tree::{
    Argument, BinaryOperator, Entry, EntryKey, Expr, ExprKind, Literal, Path, TemplatePart, UnaryOperator,
};
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Room left on the stack before it grows, and by how much (bytes).
const RED_ZONE: usize = 128 * 1024;
const STACK: usize = 4 * 1024 * 1024;
/// Values thrown that are kept for whoever catches them.
const MAX_THROWN: usize = 16;
/// A list that another one is added to keeps this many elements.
const MAX_APPENDED: usize = 256;
/// The environment in which every name that nothing defines is a variable.
pub(super) const EVERY_NAME: &str = "*";

impl<'p> Evaluator<'p> {
    /// Evaluates an expression. Out of fuel it gives unknown.
    pub(super) fn expression(&mut self, frame: &mut Frame<'p>, expression: &'p Expr) -> Value<'p> {
        let Some(fuel) = self.fuel.checked_sub(1) else { return Value::unknown() };
        self.fuel = fuel;
        self.spent += 1;
        let value = stacker::maybe_grow(RED_ZONE, STACK, || self.kind(frame, expression));
        if !frame.left && frame.answers.at.contains(&expression.span) {
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
                Literal::Pattern(pattern) => {
                    let state = BTreeMap::from([("pattern".into(), Value::text(pattern, span))]);
                    Value::new(Data::Instance { ty: "RegExp".into(), state })
                }
                Literal::Null => Value::nothing(),
            },
            ExprKind::Template(parts) => {
                let mut pieces = Vec::new();
                for part in parts {
                    match part {
                        TemplatePart::Text { span, text } => pieces.push(Piece::Known(text.as_str().into(), *span)),
                        TemplatePart::Hole { value, style } => {
                            let value = self.expression(frame, value);
                            let value = self.as_written(&value, *style, span);
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
            ExprKind::Name(path) => self.name(frame, path, span),
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
                    let from = match &left.kind {
                        ExprKind::Literal(Literal::Number(from)) if behind => from.parse::<usize>().ok(),
                        _ => None,
                    };
                    return match (&*base.data, from) {
                        (Data::List { items, rest }, Some(from)) => {
                            let items = items.iter().skip(from).cloned().collect();
                            Value::new(Data::List { items, rest: rest.clone() }).labels_of(&base)
                        }
                        (Data::List { .. }, None) => base,
                        _ if behind => base,
                        _ => Value::unknown(),
                    };
                }
                let index = self.expression(frame, index);
                // One of several keys, each of them known, is one of several parts.
                let keys: Option<Vec<String>> = index.alternatives().iter().map(Value::known_text).collect();
                match keys {
                    Some(keys) => {
                        let parts: Vec<Value<'p>> = keys.iter().map(|key| self.field(&base, key, span)).collect();
                        Value::any_of(parts).unwrap_or_else(Value::unknown)
                    }
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
                    [ty] => self.as_declared(frame.scope, frame.owner, value, ty),
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
                        Data::List { items, rest } if let Data::List { items: added, rest: more } = &*value.data => {
                            let items = items.iter().chain(added).take(MAX_APPENDED).cloned().collect();
                            let rest = rest.clone().or_else(|| more.clone());
                            Value::new(Data::List { items, rest })
                        }
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
                let guard = Guard::new(subject, asks_for_change(subject, &subject_value));
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
            ExprKind::Try(inner) => {
                let value = self.expression(frame, inner);
                self.tried(frame, value, span)
            }
            ExprKind::Catch { body, pattern, handler, finally } => {
                let before = frame.variables.clone();
                let first = self.facts.requests.len();
                let around = std::mem::take(&mut self.thrown);
                let value = self.expression(frame, body);
                let caught = std::mem::replace(&mut self.thrown, around);
                let mut result = (!frame.left).then_some(value);
                let body_left = std::mem::take(&mut frame.left);
                if let Some(handler) = handler {
                    // It may have failed anywhere: before any of its assignments or after all.
                    let after = frame.variables.clone();
                    frame.variables = before.join(after.clone());
                    if let Some(pattern) = pattern {
                        let failed = self.failures(first);
                        let error = Value::any_of(caught.into_iter().chain([failed])).unwrap_or_else(Value::unknown);
                        self.bind(frame, pattern, &error);
                    }
                    let failed = first..self.facts.requests.len();
                    let around = std::mem::take(&mut self.thrown);
                    let handled = self.expression(frame, handler);
                    let thrown = std::mem::replace(&mut self.thrown, around);
                    self.throw(thrown.iter().cloned());
                    // What was caught goes no further; what the handler throws does.
                    self.replace_failures(failed, Value::any_of(thrown));
                    let handler_left = std::mem::take(&mut frame.left);
                    if !handler_left {
                        result = Some(result.map_or(handled.clone(), |known| known.or(handled)));
                    }
                    frame.variables = match (body_left, handler_left) {
                        (false, true) => after,
                        (true, false) => std::mem::take(&mut frame.variables),
                        _ => after.join(std::mem::take(&mut frame.variables)),
                    };
                    frame.left = body_left && handler_left;
                } else {
                    self.throw(caught);
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
                self.throw([value]);
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

    fn name(&mut self, frame: &Frame<'p>, path: &Path, span: Span) -> Value<'p> {
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
        if let Some(name) = path.single()
            && self.libraries(frame.scope).environment(EVERY_NAME)
        {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            return if is_name { self.environment(name, span) } else { Value::unknown() };
        }
        match self.resolve(frame, path) {
            Some(Resolved::External(name)) if name.ends_with('!') => self.macro_by_argument(frame, path, name),
            Some(Resolved::Function(id)) => self.function_of_path(frame, path, id),
            Some(Resolved::External(name)) if self.variable_of(&name).is_some() => {
                let variable = self.variable_of(&name).unwrap_or_default().to_owned();
                self.environment(&variable, span)
            }
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
        let mut rest: Vec<Label> = Vec::new();
        for entry in entries {
            let value = self.expression(frame, &entry.value);
            let value = self.as_object(value);
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
                    rest.extend(origins(&value));
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
        rest.into_iter().fold(Value::new(Data::Object { ty, variant, fields, open }), Value::label)
    }

    fn list(&mut self, frame: &mut Frame<'p>, arguments: &'p [Argument]) -> Value<'p> {
        let mut items = Vec::new();
        let mut rest: Option<Value<'p>> = None;
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.expression(frame, &argument.value);
            if argument.spread {
                // What stands last keeps its places.
                if let Data::List { items: last, rest: None } = &*value.data
                    && index + 1 == arguments.len()
                    && rest.is_none()
                    && items.len() + last.len() <= MAX_APPENDED
                {
                    items.extend(last.iter().cloned());
                    continue;
                }
                let element = self.element(&value);
                rest = Some(rest.map_or(element.clone(), |known| known.or(element)));
            } else {
                items.push(value);
            }
        }
        Value::new(Data::List { items, rest })
    }

    /// Keeps what is thrown for whoever catches it.
    fn throw(&mut self, values: impl IntoIterator<Item = Value<'p>>) {
        let room = MAX_THROWN.saturating_sub(self.thrown.len());
        self.thrown.extend(values.into_iter().take(room));
    }

    /// Any one element of a collection.
    pub(super) fn element(&mut self, value: &Value<'p>) -> Value<'p> {
        let element = match &*value.data {
            Data::List { items, rest } => {
                Value::any_of(items.iter().chain(rest).cloned()).unwrap_or_else(Value::unknown)
            }
            Data::Object { fields, .. } => Value::any_of(fields.values().cloned()).unwrap_or_else(Value::unknown),
            Data::Union(all) => {
                let all = all
                    .iter()
                    .filter(|one| !matches!(&*one.data, Data::List { items, rest: None } if items.is_empty()))
                    .filter(|one| !matches!(*one.data, Data::Failed(_)));
                Value::any_of(all.map(|one| self.element(one))).unwrap_or_else(Value::unknown)
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
                let asks = operator != BinaryOperator::Default && asks_for_change(left, &a);
                self.guards.push(Guard::new(left, asks));
                let before = frame.variables.clone();
                let around = frame.left;
                let narrowed = match operator {
                    BinaryOperator::Default => Vec::new(),
                    _ => self.narrow(frame, left, operator == BinaryOperator::And),
                };
                let b = self.expression(frame, right);
                Self::widen(&mut frame.variables, narrowed);
                // What leaves on the right (`check || exit`) leaves only when the left side says so.
                let leaves = std::mem::replace(&mut frame.left, around) && !around;
                let after = std::mem::take(&mut frame.variables);
                frame.variables = if leaves { before } else { before.join(after) };
                self.guards.pop();
                b
            }
            _ => self.expression(frame, right),
        };
        if let Some(computed) = super::times::computed(operator, &a, &b) {
            return computed.labels_of(&a).labels_of(&b);
        }
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
                    let kept = Value::any_of(all.iter().filter(|one| !matches!(*one.data, Data::Nothing)).cloned());
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
                let about = |value: &Value<'p>| value.has(Kinds::META);
                let fetched = |value: &Value<'p>| value.has(Kinds::BODY);
                let compares = !about(&a) && !about(&b) && (fetched(&a) || fetched(&b) || (!fixed(&a) && !fixed(&b)));
                let decided = super::matching::same(&a, &b).map(|same| same == (operator == BinaryOperator::Equal));
                let value = decided.map_or_else(Value::unknown, |decided| Value::new(Data::Boolean(decided)));
                let known = a.has(Kinds::COMPARED) || b.has(Kinds::COMPARED);
                if compares || known { value.label(Label::Compared) } else { value }
            }
            // How many changes there are says whether there is one.
            BinaryOperator::Order if a.has(Kinds::COMPARED) || b.has(Kinds::COMPARED) => {
                Value::unknown().label(Label::Compared)
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
}

/// Where the entries of a value come from that is not known: settings by their name. What is read of an object that they
/// were put into may be one of them.
pub(super) fn origins<'v, 'p>(value: &'v Value<'p>) -> impl Iterator<Item = Label> + use<'v, 'p> {
    let unknown = matches!(*value.data, Data::Unknown);
    let origin = |label: &&Label| matches!(label, Label::Environment(_) | Label::Prefix(_) | Label::Named(_));
    value.labels.iter().filter(move |_| unknown).filter(origin).cloned()
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
