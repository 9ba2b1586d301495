//! Names that nobody else has.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

/// A number that differs between calls, processes and machines: std's hasher has keys of the system's randomness.
pub(crate) fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    // Relaxed: a count that nothing depends on.
    hasher.write_u64(CALLS.fetch_add(1, Relaxed));
    hasher.write_u32(std::process::id());
    hasher.write_u128(SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_nanos()));
    hasher.finish()
}

/// A name of 32 hexadecimal digits.
pub(crate) fn name() -> String {
    format!("{:016x}{:016x}", random(), random())
}
