//! A mapped guard writes through to its part, so a part with a longer life is no part with a shorter one.

use sempost::{MappedMutexGuard, MappedRwLockWriteGuard, MutexGuard};

fn same<'a>(guard: MappedMutexGuard<'a, &'static str>) -> MappedMutexGuard<'a, &'static str> {
    guard
}

fn shorter<'a>(guard: MappedMutexGuard<'a, &'static str>) -> MappedMutexGuard<'a, &'a str> {
    guard //~ error
}

fn whole<'a>(guard: MutexGuard<'a, &'static str>) -> MutexGuard<'a, &'a str> {
    guard //~ error
}

fn written<'a>(guard: MappedRwLockWriteGuard<'a, &'static str>) -> MappedRwLockWriteGuard<'a, &'a str> {
    guard //~ error
}

fn main() {
    let _ = (same, shorter, whole, written);
}
