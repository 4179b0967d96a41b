//! `cargo cerbo-lint`.

fn main() {}
