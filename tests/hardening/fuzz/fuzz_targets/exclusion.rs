//! Mutexes, monitors and readers-writer locks.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(&["mutex", "monitor", "rwlock"], bytes));
