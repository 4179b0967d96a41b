//! The variables of running functions. Branches and closures start from the same ones, so they share them until one changes.

use super::value::Value;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

/// Variables by name, shared until they are changed.
#[derive(Clone, Default)]
pub struct Variables<'p>(Rc<BTreeMap<Rc<str>, Value<'p>>>);

impl<'p> Variables<'p> {
    /// Gives a variable a value.
    pub(super) fn insert(&mut self, name: Rc<str>, value: Value<'p>) {
        Rc::make_mut(&mut self.0).insert(name, value);
    }

    /// The variables after one of two ways through the code: what they hold may be what either left there.
    #[must_use]
    pub(super) fn join(mut self, other: Self) -> Self {
        if Rc::ptr_eq(&self.0, &other.0) {
            return self;
        }
        // The larger one is changed; the order of alternatives stays.
        let swapped = other.0.len() > self.0.len();
        let smaller = if swapped { std::mem::replace(&mut self, other) } else { other };
        for (name, value) in smaller.0.iter() {
            let joined = match self.0.get(name) {
                Some(known) if known.data.is(&value.data) && Rc::ptr_eq(&known.labels, &value.labels) => continue,
                Some(known) if known.fingerprint() == value.fingerprint() => continue,
                Some(known) if swapped => value.clone().or(known.clone()),
                Some(known) => known.clone().or(value.clone()),
                None => value.clone(),
            };
            self.insert(name.clone(), joined);
        }
        self
    }
}

impl<'p> Deref for Variables<'p> {
    type Target = BTreeMap<Rc<str>, Value<'p>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'p> FromIterator<(Rc<str>, Value<'p>)> for Variables<'p> {
    fn from_iter<I: IntoIterator<Item = (Rc<str>, Value<'p>)>>(variables: I) -> Self {
        Self(Rc::new(variables.into_iter().collect()))
    }
}
