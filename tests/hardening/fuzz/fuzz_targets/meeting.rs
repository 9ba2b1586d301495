//! Mailboxes without slots, and handles that come and go.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(&["rendezvous", "handles"], bytes));
