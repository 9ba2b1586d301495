//! What a mailbox allocates to be made, and to go.

use super::counting::{BYTES, allocations, grown_since};
use sempost::mailbox;

/// The shared part, and no block before the first message.
#[test]
fn c13_mailbox_is_made_with_one_allocation() {
    let before = BYTES.get();
    assert_eq!(allocations(|| drop(mailbox::bounded::<u64>(16))).0, 1);
    assert_eq!(allocations(|| drop(mailbox::unbounded::<u64>())).0, 1);
    assert_eq!(grown_since(before), 0);
}

#[test]
fn c13_mailbox_a_handle_is_cloned_and_dropped_without_an_allocation() {
    let (tx, rx) = mailbox::bounded::<u64>(16);
    assert_eq!(allocations(|| drop(tx.clone())).0, 0);
    assert_eq!(allocations(|| drop(rx.clone())).0, 0);
    let (weak, other) = (tx.downgrade(), rx.downgrade());
    assert_eq!(allocations(|| drop((weak.upgrade(), other.upgrade()))).0, 0);
}

/// The close and the end are announced to listeners alone.
#[test]
fn c13_mailbox_ends_without_an_allocation() {
    let (tx, rx) = mailbox::bounded::<u64>(16);
    tx.try_send(1).unwrap();
    assert_eq!(allocations(|| drop(tx)).0, 0);
    assert_eq!(allocations(|| assert_eq!(rx.try_recv(), Ok(1))).0, 0);
    assert_eq!(allocations(|| drop(rx)).0, 0);
}
