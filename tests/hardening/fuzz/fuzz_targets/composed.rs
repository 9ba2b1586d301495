//! Ports, and mailboxes with credits.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(&["ports", "credits"], bytes));
