//! Whether a pattern matches a value, and whether a condition holds, as far as that is known.

use super::value::{Callable, Data, Value};
use super::{Evaluator, Frame};
use crate::program::link::Resolved;
use crate::program::tree::{Expr, ExprKind, Path, Pattern, PatternKind, UnaryOperator};

/// Patterns within patterns are looked at this far.
const MAX_DEPTH: usize = 8;

impl<'p> Evaluator<'p> {
    /// Whether a pattern matches a value; none when it may or may not.
    pub(super) fn matches(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: &Value<'p>) -> Option<bool> {
        self.matches_to(frame, pattern, value, MAX_DEPTH)
    }

    fn matches_to(
        &mut self,
        frame: &mut Frame<'p>,
        pattern: &'p Pattern,
        value: &Value<'p>,
        depth: usize,
    ) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        if let Data::Union(all) = &*value.data {
            let all = all.clone();
            let mut decided = all.iter().map(|one| self.matches_to(frame, pattern, one, depth));
            let first = decided.next()??;
            return decided.all(|one| one == Some(first)).then_some(first);
        }
        match &pattern.kind {
            PatternKind::Wildcard => Some(true),
            PatternKind::Bind { name, inner, default } => {
                if inner.is_none() && default.is_none() && starts_as_constant(name) {
                    return self.is_constant(frame, &Path::scoped([name.as_str()]), value);
                }
                inner.as_ref().map_or(Some(true), |inner| self.matches_to(frame, inner, value, depth))
            }
            PatternKind::Value(expected) => {
                if let ExprKind::Name(path) = &expected.kind {
                    return self.is_constant(frame, path, value);
                }
                let expected = self.expression(frame, expected);
                same(&expected, value)
            }
            PatternKind::Object { ty, fields, .. } => {
                let own = ty.as_ref().map_or(Some(true), |path| self.is_variant(frame, path, value));
                if own == Some(false) {
                    return own;
                }
                let mut all = own;
                for (name, pattern) in fields {
                    let Data::Object { fields, .. } = &*value.data else { return None };
                    let decided = fields.get(name.as_str()).cloned();
                    let decided = decided.and_then(|field| self.matches_to(frame, pattern, &field, depth));
                    all = both(all, decided.or_else(|| always(pattern).then_some(true)));
                }
                all
            }
            PatternKind::Variant { path, elements } => {
                let mut all = self.is_variant(frame, path, value);
                for (index, pattern) in elements.iter().enumerate() {
                    let inner = match &*value.data {
                        Data::Failed(error) => Some(error.clone()),
                        Data::Object { variant: Some(_), fields, .. } => {
                            fields.get(index.to_string().as_str()).cloned()
                        }
                        _ => Some(value.clone()),
                    };
                    let decided = inner.and_then(|inner| self.matches_to(frame, pattern, &inner, depth));
                    all = both(all, decided.or_else(|| always(pattern).then_some(true)));
                }
                all
            }
            PatternKind::List { elements, rest: None } => {
                let Data::List { items, rest: None } = &*value.data else {
                    return elements.iter().all(always).then_some(true);
                };
                if items.len() != elements.len() {
                    return None;
                }
                let mut all = Some(true);
                for (pattern, item) in elements.iter().zip(items.clone()) {
                    all = both(all, self.matches_to(frame, pattern, &item, depth));
                }
                all
            }
            PatternKind::List { .. } => None,
            PatternKind::Or(patterns) => {
                let decided: Vec<Option<bool>> =
                    patterns.iter().map(|pattern| self.matches_to(frame, pattern, value, depth)).collect();
                if decided.contains(&Some(true)) {
                    return Some(true);
                }
                decided.iter().all(|one| *one == Some(false)).then_some(false)
            }
        }
    }

    /// Whether a value is the constant or the variant without payload that a path names.
    fn is_constant(&mut self, frame: &mut Frame<'p>, path: &Path, value: &Value<'p>) -> Option<bool> {
        match self.resolve(frame, path)? {
            Resolved::Constant(id) => same(&self.constant(id), value),
            Resolved::Variant(..) => self.is_variant(frame, path, value),
            Resolved::External(name) if name == "None" => match &*value.data {
                Data::Nothing => Some(true),
                Data::Unknown | Data::Union(_) | Data::Pending { .. } => None,
                _ => Some(false),
            },
            Resolved::External(name) => {
                let text = self.libraries(self.at).constant(&name)?.to_owned();
                value.known_text().map(|known| known == text)
            }
            _ => None,
        }
    }

    /// Whether a value is of the variant that a path names.
    fn is_variant(&mut self, frame: &mut Frame<'p>, path: &Path, value: &Value<'p>) -> Option<bool> {
        match (self.resolve(frame, path)?, &*value.data) {
            (Resolved::Variant(ty, name), Data::Object { ty: Some(own), variant: Some(variant), .. }) => {
                (ty == *own).then(|| **variant == *name)
            }
            (Resolved::Type(ty), Data::Object { ty: Some(own), .. }) => (ty == *own).then_some(true),
            (Resolved::External(name), Data::Failed(_)) => match name.as_str() {
                "Ok" => Some(false),
                "Err" => Some(true),
                _ => None,
            },
            (Resolved::External(name), Data::Nothing) if name == "Some" => Some(false),
            (Resolved::External(name), data) if name == "Some" => {
                (!matches!(data, Data::Unknown | Data::Pending { .. } | Data::Union(_))).then_some(true)
            }
            _ => None,
        }
    }

    /// The alternatives of a value that a pattern may match.
    pub(super) fn narrowed(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: &Value<'p>) -> Value<'p> {
        let Data::Union(all) = &*value.data else { return value.clone() };
        if always(pattern) {
            return value.clone();
        }
        let all = all.clone();
        let kept = all.iter().filter(|one| self.matches(frame, pattern, one) != Some(false)).cloned();
        let kept = Value::any_of(kept);
        kept.map_or_else(|| value.clone(), |kept| kept.labels_of(value))
    }

    /// Whether a condition, evaluated to a value, holds; none when it may or may not. What the source fixes for every run
    /// decides nothing: it is there to be changed.
    pub(super) fn holds(&mut self, frame: &mut Frame<'p>, condition: &'p Expr, value: &Value<'p>) -> Option<bool> {
        match &condition.kind {
            ExprKind::Let { pattern, value: Some(_), .. } => self.matches(frame, pattern, value),
            ExprKind::Literal(_) => None,
            ExprKind::Name(path) if path.single().is_none_or(|name| !frame.variables.contains_key(name)) => None,
            ExprKind::Unary { operator: UnaryOperator::Not, operand } => {
                if matches!(operand.kind, ExprKind::Let { .. }) {
                    return None;
                }
                let inner = match &*value.data {
                    Data::Boolean(known) => Value::new(Data::Boolean(!known)),
                    _ => return None,
                };
                self.holds(frame, operand, &inner).map(|holds| !holds)
            }
            _ => match &*value.data {
                Data::Boolean(known) => Some(*known),
                _ => None,
            },
        }
    }
}

/// Names of constants, variants and types begin with a capital where a pattern may mean a new variable too.
fn starts_as_constant(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// A pattern that matches whatever it is given.
fn always(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Wildcard => true,
        PatternKind::Bind { name, inner, .. } => match inner {
            Some(inner) => always(inner),
            None => !starts_as_constant(name),
        },
        PatternKind::List { elements, .. } => elements.iter().all(always),
        _ => false,
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether two values are equal, as far as that is known.
pub(super) fn same(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    match (&*a.data, &*b.data) {
        (
            Data::Object { ty: Some(a), variant: Some(av), fields: af, .. },
            Data::Object { ty: Some(b), variant: Some(bv), fields: bf, .. },
        ) if a == b => match av == bv {
            false => Some(false),
            true => (af.is_empty() && bf.is_empty()).then_some(true),
        },
        (Data::Nothing, Data::Nothing) => Some(true),
        (Data::Nothing, Data::Text(_) | Data::Number(_) | Data::Boolean(_)) => Some(false),
        (Data::Text(_) | Data::Number(_) | Data::Boolean(_), Data::Nothing) => Some(false),
        (Data::Callable(Callable::External(a, _)), Data::Callable(Callable::External(b, _))) if a == b => Some(true),
        (Data::Text(_), Data::Text(_)) | (Data::Number(_), Data::Number(_)) | (Data::Boolean(_), Data::Boolean(_)) => {
            Some(a.known_text()? == b.known_text()?)
        }
        _ => None,
    }
}
