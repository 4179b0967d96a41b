//! `cerbo-lint`.

fn main() {}
