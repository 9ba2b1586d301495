//! Mutexes, monitors, readers-writer locks, latches and barriers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(
    &["mutex", "monitor", "rwlock", "monitor-predicates", "latch", "barrier"],
    bytes
));
