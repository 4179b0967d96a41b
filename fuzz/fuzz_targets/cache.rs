#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cerbo_lint_fuzz::cached(bytes));
