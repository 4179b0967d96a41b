//! Where the cache is, and `clean`.

use super::options::{CacheOptions, CleanOptions};
use super::output;
use crate::cache::Cache;
use crate::error::{Error, visible};
use std::ffi::OsStr;

/// The cache of a run; none when none is wanted, and where the user has no folder for caches.
pub(super) fn chosen(options: &CacheOptions) -> Option<Cache> {
    if options.no_cache { None } else { at(options.cache_dir.as_deref()) }
}

fn at(named: Option<&OsStr>) -> Option<Cache> {
    match named.filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(Cache::new(folder)),
        None => Cache::usual(),
    }
}

/// Takes out the cache.
///
/// # Errors
/// When something in it cannot be removed.
pub(super) fn clean(options: &CleanOptions) -> Result<(), Error> {
    let Some(cache) = at(options.cache_dir.as_deref()) else {
        return output::to_stdout(b"There is no folder for caches.\n");
    };
    let bytes = cache.clean()?;
    let folder = visible(&cache.folder().to_string_lossy());
    output::to_stdout(format!("{folder}: {:.1} MB removed\n", bytes as f64 / 1e6).as_bytes())
}
