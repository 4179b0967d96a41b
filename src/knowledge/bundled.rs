//! The data under `rules/` that the program carries, as JSON that the build script makes of it.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
