//! What a run leaves for the next one, so that what has not changed is not looked at again.
//!
//! A cache changes how long a run takes and nothing else: everything in it names the state of what it was made from, and
//! counts only while that state is still the same. What is missing, damaged, of another version or not ours is ignored, and
//! what cannot be written is left unwritten. It holds names of files, numbers, and words that reports show anyway; what may
//! be written is told by types ([`words`]), so that neither source text nor a secret gets into it.

mod folder;
pub mod judgements;
pub mod key;
pub mod looks;
pub mod shelf;
pub mod words;

pub use folder::Cache;
