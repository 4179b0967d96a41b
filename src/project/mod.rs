//! What is there: files, their kinds, which of them matter, and the packages they belong to.

pub mod behind_ignore;
pub mod changes;
pub mod context;
pub mod exposure;
pub mod gate;
mod git;
pub mod git_index;
pub mod image;
pub mod javascript;
pub mod kind;
pub mod look;
pub mod neighbourhood;
pub mod npm_package;
pub mod packages;
pub mod read;
pub mod select;
pub mod served;
pub mod shard;
pub mod shell;
pub mod sides;
pub mod staged;
pub mod stamp;
pub mod texts;
pub mod walk;
