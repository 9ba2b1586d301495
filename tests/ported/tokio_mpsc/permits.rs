//! Slots that are reserved, one by one and many at once.

use crate::common::{Bell, now, panic_message, queued, ready};
use sempost::Semaphore;
use sempost::mailbox::{self, TryRecvError, TryReserveError};

/// More than any mailbox holds.
const TOO_MANY: [usize; 2] = [Semaphore::MAX_PERMITS + 1, usize::MAX];

/// sync_mpsc: reserve_disarm
#[test]
fn slots_come_free_by_a_receive_and_by_a_dropped_permit_each_for_one_who_waits() {
    let (tx, rx) = mailbox::bounded(2);
    let [one, two, three, four] = [(); 4].map(|()| tx.clone());
    let (first, second) = (now(one.reserve()).unwrap(), now(two.reserve()).unwrap());
    let (bell3, bell4) = (Bell::new(), Bell::new());
    let _third = queued(three.reserve(), &bell3);
    let _fourth = queued(four.reserve(), &bell4);
    first.send(1).unwrap();
    assert_eq!(bell3.wakes(), 0, "a message holds its slot");
    assert_eq!(now(rx.recv()), Some(1));
    assert_eq!((bell3.wakes(), bell4.wakes()), (1, 0));
    drop(second);
    assert_eq!(bell4.wakes(), 1);
    drop(queued(one.reserve(), &Bell::new()));
}

/// sync_mpsc: reserve_many_above_cap
#[test]
fn reserving_more_than_the_capacity_panics_at_the_call() {
    let (tx, _rx) = mailbox::bounded::<()>(1);
    for n in [2].into_iter().chain(TOO_MANY) {
        assert!(panic_message(|| drop(tx.reserve_many(n))).contains("capacity"));
    }
    assert_eq!((tx.remaining(), tx.waiting_senders()), (1, 0));
}

/// sync_mpsc: try_reserve_many_edge_cases
#[test]
fn trying_to_reserve_more_than_the_capacity_panics_and_changes_nothing() {
    let (tx, rx) = mailbox::bounded::<()>(1);
    assert!(tx.try_reserve_many(0).unwrap().next().is_none());
    for n in TOO_MANY {
        assert!(panic_message(|| drop(tx.try_reserve_many(n))).contains("capacity"));
    }
    assert_eq!(tx.remaining(), 1);
    drop(rx);
    assert!(now(tx.reserve_many(0)).is_err());
}

/// sync_mpsc: try_reserve_many_zero
#[test]
fn trying_to_reserve_nothing_succeeds_also_when_full_but_not_when_closed() {
    let (tx, rx) = mailbox::bounded(1);
    assert!(tx.try_reserve_many(0).unwrap().next().is_none());
    tx.try_send(()).unwrap();
    assert!(tx.try_reserve_many(0).unwrap().next().is_none());
    drop(rx);
    assert_eq!(tx.try_reserve_many(0).unwrap_err(), TryReserveError::Closed);
}

/// sync_mpsc: reserve_many_zero
#[test]
fn reserving_nothing_succeeds_also_when_full_but_not_when_closed() {
    let (tx, rx) = mailbox::bounded(1);
    assert!(now(tx.reserve_many(0)).unwrap().next().is_none());
    now(tx.send(())).unwrap();
    assert!(now(tx.reserve_many(0)).unwrap().next().is_none());
    drop(rx);
    assert!(now(tx.reserve_many(0)).is_err());
}

/// sync_mpsc: try_reserve_fails
#[test]
fn a_held_permit_is_a_full_slot_until_it_is_used_up_or_dropped() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = tx.try_reserve().unwrap();
    assert_eq!(tx.try_reserve().unwrap_err(), TryReserveError::Full);
    permit.send("foo").unwrap();
    assert_eq!(now(rx.recv()), Some("foo"));
    drop(tx.try_reserve().unwrap());
    let _permit = tx.try_reserve().unwrap();
}

/// sync_mpsc: reserve_many_and_send
#[test]
fn each_permit_of_a_batch_sends_one_message() {
    let (tx, rx) = mailbox::bounded(100);
    for n in 0..100 {
        for permit in now(tx.reserve_many(n)).unwrap() {
            permit.send(n).unwrap();
            assert_eq!(now(rx.recv()), Some(n));
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

/// sync_mpsc: try_reserve_many_and_send
#[test]
fn each_permit_of_a_batch_that_was_tried_for_sends_one_message() {
    let (tx, rx) = mailbox::bounded(100);
    for n in 0..100 {
        for permit in tx.try_reserve_many(n).unwrap() {
            permit.send(n).unwrap();
            assert_eq!(now(rx.recv()), Some(n));
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

/// sync_mpsc: reserve_many_on_closed_channel
#[test]
fn without_a_receiver_no_batch_is_reserved() {
    let (tx, rx) = mailbox::bounded::<()>(100);
    drop(rx);
    assert!(now(tx.reserve_many(10)).is_err());
}

/// sync_mpsc: try_reserve_many_on_closed_channel
#[test]
fn without_a_receiver_a_batch_is_closed_and_not_full() {
    let (tx, rx) = mailbox::bounded::<usize>(100);
    drop(rx);
    assert_eq!(tx.try_reserve_many(10).unwrap_err(), TryReserveError::Closed);
}

/// sync_mpsc: try_reserve_many_full
#[test]
fn of_a_batch_what_is_not_used_comes_back_and_what_is_used_comes_back_by_receiving() {
    for n in 1..100 {
        for used in 0..n {
            let (tx, rx) = mailbox::bounded(n);
            let permits = tx.try_reserve_many(n).unwrap();
            assert_eq!((permits.len(), tx.remaining()), (n, 0));
            assert_eq!(tx.try_reserve_many(1).unwrap_err(), TryReserveError::Full);
            permits.take(used).for_each(|permit| permit.send(0).unwrap());
            assert_eq!(tx.remaining(), n - used);
            drop(tx.try_reserve_many(1).unwrap());
            if used > 0 {
                assert_eq!(tx.try_reserve_many(n - used + 1).unwrap_err(), TryReserveError::Full);
            }
            (0..used).for_each(|_| assert_eq!(now(rx.recv()), Some(0)));
            assert_eq!(tx.remaining(), n);
        }
    }
}

/// sync_mpsc: drop_permit_releases_permit
#[test]
fn a_dropped_permit_goes_to_who_waits() {
    let (tx, _rx) = mailbox::bounded::<()>(1);
    let permit = now(tx.reserve()).unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.reserve(), &bell);
    drop(permit);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiting, &bell).unwrap());
}

/// sync_mpsc: drop_permit_iterator_releases_permits
#[test]
fn a_dropped_batch_goes_as_a_whole_to_who_waits_for_as_many() {
    for n in 1..100 {
        let (tx, _rx) = mailbox::bounded::<()>(n);
        let permits = now(tx.reserve_many(n)).unwrap();
        let bell = Bell::new();
        let mut waiting = queued(tx.reserve_many(n), &bell);
        drop(permits);
        assert_eq!(bell.wakes(), 1);
        drop(ready(&mut waiting, &bell).unwrap());
        assert_eq!(tx.remaining(), n);
    }
}
