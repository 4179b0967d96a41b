//! What the evaluator learns in one pass for the next: joined within a pass, replaced by what a later pass learns, which
//! knew more when it ran. What tests teach is known to tests only.

use super::value::Value;
use crate::hash::FastMap;
use std::borrow::Borrow;
use std::hash::Hash;

/// Learned values by key.
pub(super) struct Learned<K, V> {
    pass: usize,
    /// Whether a test is running.
    in_test: bool,
    values: FastMap<K, (usize, V)>,
    /// What tests taught.
    of_tests: FastMap<K, (usize, V)>,
}

impl<K, V> Default for Learned<K, V> {
    fn default() -> Self {
        Self { pass: 0, in_test: false, values: FastMap::default(), of_tests: FastMap::default() }
    }
}

impl<'p, K: Hash + Eq> Learned<K, Value<'p>> {
    /// A new pass begins.
    pub(super) fn next_pass(&mut self) {
        self.pass += 1;
    }

    /// What is learned and asked from now on is of tests, or of the program itself.
    pub(super) fn in_test(&mut self, in_test: bool) {
        self.in_test = in_test;
    }

    /// What is known of a key.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&Value<'p>>
    where
        K: Borrow<Q>,
    {
        let of_tests = self.of_tests.get(key).filter(|_| self.in_test);
        of_tests.or_else(|| self.values.get(key)).map(|(_, value)| value)
    }

    /// One more value that the key may have.
    pub(super) fn learn(&mut self, key: K, value: Value<'p>) {
        let (pass, values) = self.here();
        let joined = match values.remove(&key) {
            Some((known_in, known)) if known_in == pass => known.or(value),
            _ => value,
        };
        values.insert(key, (pass, joined));
    }

    /// The value that the key has.
    pub(super) fn set(&mut self, key: K, value: Value<'p>) {
        let (pass, values) = self.here();
        values.insert(key, (pass, value));
    }

    fn here(&mut self) -> (usize, &mut FastMap<K, (usize, Value<'p>)>) {
        (self.pass, if self.in_test { &mut self.of_tests } else { &mut self.values })
    }
}
