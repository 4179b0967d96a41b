//! Maps and sets with a fast hash, for the inside of the evaluator: their order is the same in every run.

use std::collections::{HashMap, HashSet};

/// A map with a fast hash.
pub type FastMap<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// A set with a fast hash.
pub type FastSet<T> = HashSet<T, foldhash::fast::FixedState>;
