//! Mailboxes with slots, and messages of several sizes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hard::models::machines::fuzz(
    &["mailbox", "mailbox-blocks", "mailbox-unbounded"],
    bytes
));
