//! What is there: files, their kinds, which of them matter, and the packages they belong to.

pub mod behind_ignore;
pub mod changes;
pub mod context;
pub mod disk;
#[warn(clippy::disallowed_methods)]
pub mod exposure;
pub mod gate;
mod git;
pub mod git_index;
#[warn(clippy::disallowed_methods)]
pub mod image;
#[warn(clippy::disallowed_methods)]
pub mod javascript;
pub mod kind;
pub mod look;
pub mod neighbourhood;
#[warn(clippy::disallowed_methods)]
pub mod npm_package;
pub mod packages;
pub mod read;
pub mod select;
#[warn(clippy::disallowed_methods)]
pub mod served;
pub mod shard;
#[warn(clippy::disallowed_methods)]
pub mod shell;
#[warn(clippy::disallowed_methods)]
pub mod sides;
pub mod staged;
pub mod stamp;
pub mod texts;
pub mod walk;
