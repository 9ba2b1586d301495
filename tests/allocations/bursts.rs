//! Blocks of messages: what a burst leaves behind, and what large messages cost.

use super::counting::{BYTES, allocations, grown_since};
use sempost::mailbox;

/// Sixteen messages of 256 bytes are in one block, which goes on being used: with a kilobyte a block, every round would
/// allocate and free.
#[test]
fn c13_mailbox_rounds_of_large_messages_allocate_nothing() {
    let (tx, rx) = mailbox::bounded(16);
    let round = || {
        (0..16).for_each(|i| tx.try_send([i; 256]).unwrap());
        (0..16).for_each(|i| assert_eq!(rx.try_recv(), Ok([i; 256])));
    };
    round();
    let (count, ()) = allocations(|| (0..10).for_each(|_| round()));
    assert_eq!(count, 0);
}

/// What a mailbox keeps after `messages` were queued and taken.
pub(super) fn kept_after<T>(capacity: Option<usize>, messages: usize, make: impl Fn(usize) -> T) -> isize {
    let (tx, rx) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
    let before = BYTES.get();
    for i in 0..messages {
        assert!(tx.try_send(make(i)).is_ok());
    }
    for _ in 0..messages {
        assert!(rx.try_recv().is_ok());
    }
    grown_since(before)
}

#[test]
fn c13_mailbox_after_a_burst_of_a_million_little_is_kept() {
    let kept = kept_after(None, 1_000_000, |i| i as u64);
    assert!(kept <= 4_096, "{kept} bytes kept");
    let kept = kept_after(Some(1_000_000), 1_000_000, |i| i as u64);
    assert!(kept <= 4_096, "{kept} bytes kept by a bounded one");
}

#[test]
fn c13_mailbox_at_most_one_spare_block_of_large_messages_stays() {
    let kept = kept_after(None, 1_000, |i| [i as u8; 3_000]);
    assert!(kept <= 2 * 3_000 + 256, "{kept} bytes kept");
}
