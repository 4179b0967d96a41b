//! What the blobs that were judged lately hold, in bounded memory.
//!
//! A blob that was forgotten is judged again when a commit brings it back: that costs time and changes nothing that is told.

use super::judge::Hit;
use gix::ObjectId;
use std::collections::HashMap;
use std::sync::Arc;

/// What one blob holds.
pub(super) type Hits = Arc<[Hit]>;

/// Bytes after which the younger half becomes the older one, which is forgotten.
const HALF: usize = 32 * 1024 * 1024;
/// About what an entry takes without its hits.
const ENTRY: usize = 96;

/// The blobs that were judged lately.
pub(super) struct Known {
    young: HashMap<ObjectId, Hits>,
    old: HashMap<ObjectId, Hits>,
    bytes: usize,
    half: usize,
    /// Most blobs hold nothing: they share it.
    nothing: Hits,
}

impl Known {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        Self::with_half(HALF)
    }

    fn with_half(half: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), bytes: 0, half, nothing: Arc::new([]) }
    }

    /// What a blob holds, if it is known.
    pub(super) fn get(&self, blob: &ObjectId) -> Option<&Hits> {
        self.young.get(blob).or_else(|| self.old.get(blob))
    }

    /// Takes in what a blob holds.
    pub(super) fn insert(&mut self, blob: ObjectId, hits: &Hits) {
        self.bytes += ENTRY + hits.iter().map(Hit::bytes).sum::<usize>();
        let hits = if hits.is_empty() { &self.nothing } else { hits };
        self.young.insert(blob, hits.clone());
        if self.bytes > self.half {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Secret;

    fn id(number: u32) -> ObjectId {
        let mut bytes = [0_u8; 20];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ObjectId::from_bytes_or_panic(&bytes)
    }

    fn hits(number: usize) -> Hits {
        let text = "s".repeat(number);
        let secret = Secret::new(text.as_str());
        Arc::new([Hit { secret: secret.clone(), written: secret, rule: "url-userinfo", line: 1, certain: true }])
    }

    #[test]
    fn the_latest_are_known_and_the_rest_is_forgotten() {
        let mut known = Known::with_half(10_000);
        let nothing = known.nothing.clone();
        for number in 0..10_000 {
            known.insert(id(number), &nothing);
            assert!(known.young.len() + known.old.len() <= 2 * 10_000 / ENTRY + 2);
        }
        assert!(known.get(&id(9_999)).is_some_and(|hits| hits.is_empty()));
        assert!(known.get(&id(9_950)).is_some());
        assert!(known.get(&id(0)).is_none());
    }

    #[test]
    fn what_holds_much_counts_for_much() {
        let mut known = Known::with_half(10_000);
        known.insert(id(1), &hits(10));
        known.insert(id(2), &hits(6_000));
        assert_eq!(known.get(&id(1)).map(|hits| hits.len()), Some(1));
        known.insert(id(3), &hits(6_000));
        assert!(known.get(&id(1)).is_none());
        assert!(known.get(&id(3)).is_some());
    }
}
