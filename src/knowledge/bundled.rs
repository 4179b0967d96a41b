//! The texts under `rules/` that the program carries, as the build script lists them.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
