//! C14 on the mailbox: capacities and demands at their limits.

use crate::common::{now, panic_message};
use sempost::mailbox::{self, MAX_CAPACITY};

#[test]
fn c14_mailbox_capacities_up_to_the_limit_are_exact_and_allocate_nothing_ahead() {
    for capacity in [0, 1, 2, 31, 1_024, MAX_CAPACITY - 1, MAX_CAPACITY] {
        let (tx, rx) = mailbox::bounded::<[u64; 64]>(capacity);
        assert_eq!((tx.capacity(), rx.capacity()), (Some(capacity), Some(capacity)));
        assert_eq!((tx.remaining(), tx.is_full()), (capacity, capacity == 0));
    }
}

#[test]
fn c14_mailbox_a_capacity_above_the_limit_panics_at_the_call() {
    for capacity in [MAX_CAPACITY + 1, usize::MAX] {
        let message = panic_message(|| mailbox::bounded::<u8>(capacity));
        assert!(message.contains("MAX_CAPACITY") || message.contains(&MAX_CAPACITY.to_string()), "{message}");
    }
}

#[test]
fn c14_mailbox_reserving_more_than_the_capacity_panics_at_the_call() {
    let (tx, _rx) = mailbox::bounded::<u8>(3);
    for n in [4, usize::MAX] {
        let message = panic_message(|| drop(tx.reserve_many(n)));
        assert!(message.contains('3'), "{message:?} names the limit");
        panic_message(|| drop(tx.try_reserve_many(n)));
    }
    assert_eq!((tx.remaining(), now(tx.reserve_many(3)).unwrap().len()), (3, 3));
}

#[test]
fn c14_mailbox_a_limit_beyond_what_is_there_takes_what_is_there() {
    let (tx, rx) = mailbox::bounded(3);
    (0..3).for_each(|i| tx.try_send(i).unwrap());
    let mut taken = Vec::new();
    assert_eq!(now(rx.recv_many(&mut taken, usize::MAX)), 3);
    tx.try_send(3).unwrap();
    assert_eq!(rx.try_recv_many(&mut taken, usize::MAX), Ok(1));
    assert_eq!(taken, [0, 1, 2, 3]);
}

#[test]
fn c14_mailbox_zero_sized_messages_are_counted_like_others() {
    let (tx, rx) = mailbox::unbounded();
    (0..10_000).for_each(|_| tx.try_send(()).unwrap());
    assert_eq!(rx.len(), 10_000);
    (0..10_000).for_each(|_| assert_eq!(rx.try_recv(), Ok(())));
    assert!(rx.is_empty() && rx.try_recv().is_err());
}

#[test]
fn c14_mailbox_messages_of_any_alignment_and_size_arrive_whole() {
    #[derive(Debug, PartialEq, Clone)]
    #[repr(align(4096))]
    struct Page(u8);
    let (tx, rx) = mailbox::bounded(3);
    for round in 0..10 {
        (0..3).for_each(|i| tx.try_send(Page(round + i)).unwrap());
        (0..3).for_each(|i| assert_eq!(rx.try_recv(), Ok(Page(round + i))));
    }
    let (tx, rx) = mailbox::unbounded();
    (0..50_u8).for_each(|i| tx.try_send(Box::new([i; 5_000])).unwrap());
    (0..50_u8).for_each(|i| assert_eq!(*rx.try_recv().unwrap(), [i; 5_000]));
    let (tx, rx) = mailbox::unbounded();
    (0..50_u8).for_each(|i| tx.try_send([i; 3_000]).unwrap());
    (0..50_u8).for_each(|i| assert_eq!(rx.try_recv().unwrap(), [i; 3_000]));
}

#[test]
fn c14_mailbox_counts_hold_around_the_edges_of_blocks() {
    for n in [1, 2, 63, 64, 65, 126, 127, 128, 129, 255, 256, 257, 1_000] {
        let (tx, rx) = mailbox::bounded(n);
        for round in 0..3 {
            for i in 0..n {
                assert_eq!((tx.len(), tx.is_full()), (i, false));
                tx.try_send(round * n + i).unwrap();
            }
            assert!(tx.is_full() && tx.try_send(0).is_err());
            for i in 0..n {
                assert_eq!((rx.len(), rx.remaining()), (n - i, i));
                assert_eq!(rx.try_recv(), Ok(round * n + i));
            }
            assert!(rx.is_empty());
        }
    }
}
