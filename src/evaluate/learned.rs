//! What the evaluator learns in one pass for the next: joined within a pass, replaced by what a later pass learns, which
//! knew more when it ran.

use super::value::Value;
use crate::hash::FastMap;
use std::borrow::Borrow;
use std::hash::Hash;

/// Learned values by key.
pub(super) struct Learned<K, V> {
    pass: usize,
    values: FastMap<K, (usize, V)>,
}

impl<K, V> Default for Learned<K, V> {
    fn default() -> Self {
        Self { pass: 0, values: FastMap::default() }
    }
}

impl<'p, K: Hash + Eq> Learned<K, Value<'p>> {
    /// A new pass begins.
    pub(super) fn next_pass(&mut self) {
        self.pass += 1;
    }

    /// What is known of a key.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&Value<'p>>
    where
        K: Borrow<Q>,
    {
        self.values.get(key).map(|(_, value)| value)
    }

    /// One more value that the key may have.
    pub(super) fn learn(&mut self, key: K, value: Value<'p>) {
        let joined = match self.values.remove(&key) {
            Some((pass, known)) if pass == self.pass => known.or(value),
            _ => value,
        };
        self.values.insert(key, (self.pass, joined));
    }

    /// The value that the key has.
    pub(super) fn set(&mut self, key: K, value: Value<'p>) {
        self.values.insert(key, (self.pass, value));
    }
}
