//! Semaphores of every fairness, with few permits and with as many as there can be.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(
    &["semaphore", "semaphore-huge", "semaphore-barging", "semaphore-unbounded", "semaphore-limited"],
    bytes
));
