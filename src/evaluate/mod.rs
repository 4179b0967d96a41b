//! The evaluator: runs the program tree with abstract values.

pub mod value;
