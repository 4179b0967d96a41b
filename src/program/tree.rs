//! The program tree: what every frontend produces and the evaluator runs.
//!
//! Nothing here says which language a node came from. Every node carries its [`Span`].

pub use super::definitions::*;
pub use super::expressions::*;
