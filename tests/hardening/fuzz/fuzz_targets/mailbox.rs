//! Mailboxes with slots, and messages of several sizes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardening::spec::machines::fuzz(
    &["mailbox", "mailbox-blocks", "mailbox-unbounded"],
    bytes
));
