//! What values are, shared between them, with the answers to questions that are asked of the same data again and again.

use super::value::{Callable, Data, Label, Piece, Value};
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::{BitOr, BitOrAssign, Deref};
use std::rc::Rc;

/// What a value is, shared. It never changes, so what was found out about it once stays true.
#[derive(Clone)]
pub struct Shared<'p>(Rc<Node<'p>>);

struct Node<'p> {
    data: Data<'p>,
    fingerprint: u64,
    kinds: Kinds,
    /// How many levels of data are in it.
    depth: u16,
}

/// Data is not nested deeper than this: what goes through it, and what lets go of it, needs a level of the stack for each.
const MAX_NESTED: u16 = 128;

/// A set of kinds of labels, and of kinds of values that are more than their parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// [`Label::Compared`].
    pub const COMPARED: Self = Self(1);
    /// [`Label::Body`].
    pub const BODY: Self = Self(2);
    /// [`Label::Meta`].
    pub const META: Self = Self(4);
    /// A function or a value still to come.
    pub const DEFERRED: Self = Self(8);
    const NONE: Self = Self(0);

    /// Whether the sets have a kind in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn of(labels: &[Label]) -> Self {
        labels.iter().fold(Self::NONE, |all, label| {
            all | match label {
                Label::Compared => Self::COMPARED,
                Label::Body(_) => Self::BODY,
                Label::Meta(_) => Self::META,
                _ => Self::NONE,
            }
        })
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Kinds {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl Shared<'_> {
    /// Whether both are one and the same.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Where it is kept: the same for what [`Self::is`] one and the same, while it is kept.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<()>() as usize
    }

    /// A number that data built alike, from the same places, shares.
    pub fn fingerprint(&self) -> u64 {
        self.0.fingerprint
    }
}

impl<'p> Deref for Shared<'p> {
    type Target = Data<'p>;

    fn deref(&self) -> &Data<'p> {
        &self.0.data
    }
}

impl<'p> From<Data<'p>> for Shared<'p> {
    fn from(data: Data<'p>) -> Self {
        let (data, reader) = match (read(&data), data) {
            (reader, data) if reader.depth <= MAX_NESTED => (data, reader),
            // A function that is written below many others is one without what it sees of them.
            (_, Data::Callable(Callable::Closure { function, scope, owner, frame, captured: _ })) => {
                let captured = Default::default();
                let data = Data::Callable(Callable::Closure { function, scope, owner, frame, captured });
                let reader = read(&data);
                (data, reader)
            }
            _ => (Data::Unknown, read(&Data::Unknown)),
        };
        let Reader { hasher, kinds, depth } = reader;
        Self(Rc::new(Node { data, fingerprint: hasher.finish(), kinds, depth }))
    }
}

fn read(data: &Data<'_>) -> Reader<impl Hasher + use<>> {
    let hasher = foldhash::quality::FixedState::default().build_hasher();
    let mut reader = Reader { hasher, kinds: Kinds::NONE, depth: 0 };
    reader.read(data);
    reader
}

impl Value<'_> {
    /// A number that values built alike, from the same places and with the same labels, share. The way they came is not in it.
    pub fn fingerprint(&self) -> u64 {
        if self.labels.is_empty() {
            return self.data.fingerprint();
        }
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        self.data.fingerprint().hash(&mut hasher);
        self.labels.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether this value, or anything in it that is text or not known, has a label of these kinds.
    pub fn has(&self, kinds: Kinds) -> bool {
        self.data.0.kinds.meets(kinds) || Kinds::of(&self.labels).meets(kinds)
    }
}

/// Goes through the immediate parts of data; theirs were gone through when they were made.
struct Reader<H> {
    hasher: H,
    kinds: Kinds,
    depth: u16,
}

impl<H: Hasher> Reader<H> {
    fn read(&mut self, data: &Data<'_>) {
        std::mem::discriminant(data).hash(&mut self.hasher);
        match data {
            Data::Unknown | Data::Nothing => {}
            Data::Namespace(scope) => scope.hash(&mut self.hasher),
            Data::Number(number) => number.hash(&mut self.hasher),
            Data::Boolean(value) => value.hash(&mut self.hasher),
            Data::Text(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Known(text, span) => (text, span).hash(&mut self.hasher),
                        Piece::Hole(value) => self.part(value),
                    }
                }
            }
            Data::Object { ty, variant, fields, open } => {
                (ty, variant, open).hash(&mut self.hasher);
                self.named(fields);
            }
            Data::List { items, rest } => {
                (items.len(), rest.is_some()).hash(&mut self.hasher);
                items.iter().chain(rest).for_each(|value| self.part(value));
            }
            Data::Instance { ty, state } => {
                ty.hash(&mut self.hasher);
                self.named(state);
            }
            Data::Pending { requests, task, value } => {
                self.kinds |= Kinds::DEFERRED;
                (requests, task).hash(&mut self.hasher);
                self.part(value);
            }
            Data::Failed(error) => self.part(error),
            Data::Union(all) => all.iter().for_each(|value| self.part(value)),
            Data::Callable(callable) => self.callable(callable),
        }
    }

    fn named<'v, 'p: 'v>(&mut self, fields: impl IntoIterator<Item = (&'v Rc<str>, &'v Value<'p>)>) {
        for (name, value) in fields {
            name.hash(&mut self.hasher);
            self.part(value);
        }
    }

    fn part(&mut self, value: &Value<'_>) {
        value.fingerprint().hash(&mut self.hasher);
        self.kinds |= value.data.0.kinds;
        self.depth = self.depth.max(value.data.0.depth.saturating_add(1));
        if matches!(*value.data, Data::Unknown | Data::Text(_)) {
            self.kinds |= Kinds::of(&value.labels);
        } else if value.labels.contains(&Label::Compared) {
            // Whatever a comparison chose says so, a list or an object too.
            self.kinds |= Kinds::COMPARED;
        }
    }

    fn callable(&mut self, callable: &Callable<'_>) {
        std::mem::discriminant(callable).hash(&mut self.hasher);
        match callable {
            Callable::Function(id, receiver) => {
                id.hash(&mut self.hasher);
                receiver.iter().for_each(|value| self.part(value));
            }
            Callable::Closure { function, scope, owner, captured, frame: _ } => {
                std::ptr::from_ref(*function).hash(&mut self.hasher);
                (scope, owner).hash(&mut self.hasher);
                self.named(&**captured);
            }
            Callable::Constructor(ty, variant) => (ty, variant).hash(&mut self.hasher),
            Callable::Derived(ty) => ty.hash(&mut self.hasher),
            Callable::External(path, receiver) => {
                path.hash(&mut self.hasher);
                receiver.iter().for_each(|value| self.part(value));
            }
        }
        // What a function sees is not part of the value that holds it.
        self.kinds = Kinds::DEFERRED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn nesting_is_bounded_and_what_is_too_deep_keeps_its_labels() {
        let mut value = Value::nothing();
        for _ in 0..100_000 {
            let fields = BTreeMap::from([(Rc::from("inner"), value.label(Label::Default))]);
            value = Value::new(Data::Object { ty: None, variant: None, fields, open: false });
        }
        assert!(value.data.0.depth <= MAX_NESTED);
        let mut levels = 0;
        while let Data::Object { fields, .. } = &*value.data.clone() {
            let Some(inner) = fields.get("inner") else { break };
            assert!(inner.labels.contains(&Label::Default));
            value = inner.clone();
            levels += 1;
        }
        assert!(levels > 0 && matches!(*value.data, Data::Unknown));
    }
}
