//! Mutexes and monitors.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hard::models::machines::fuzz(&["mutex", "monitor"], bytes));
