//! Giving up a send: it was not sent, its value comes back, its slot goes to the next.

use crate::common::{Bell, Dropped, now, queued, ready};
use crate::spec::mailbox::{Ends, Room};
use crate::spec::story::stories;
use sempost::mailbox::{self, TryRecvError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

stories! {
    Ends<u32>;

    cancel_in_line_gives_the_value_back(Room::of(1)):
        "try_send 1; send a 2; cancel a: ok; try_recv: 1; try_recv: no"

    cancel_after_the_grant_gives_the_value_back_and_passes_the_slot_on(Room::of(1)):
        "try_send 1; send a 2; send b 3; try_recv: 1; cancel a: ok; poll b: ok; try_recv: 3"

    a_dropped_send_was_not_sent(Room::of(1)):
        "try_send 1; send a 2; drop a; try_recv: 1; try_recv: no"

    a_send_dropped_with_its_slot_was_not_sent(Room::of(1)):
        "try_send 1; send a 2; try_recv: 1; len: 0; remaining: 0; drop a; remaining: 1; try_recv: no"

    a_granted_send_is_revoked_by_close_and_gives_the_value_back(Room::of(1)):
        "try_send 1; send a 2; try_recv: 1; close; poll a: closed; try_recv: closed"

    a_send_in_line_at_close_gives_the_value_back_to_cancel(Room::of(1)):
        "try_send 1; send a 2; close; cancel a: ok"

    at_capacity_0_cancel_in_line_gives_the_value_back(Room::of(0)):
        "send a 7; cancel a: ok; try_recv: no"

    at_capacity_0_cancel_after_try_recv_took_the_value_comes_too_late(Room::of(0)):
        "send a 7; try_recv: 7; cancel a: late"

    at_capacity_0_a_dropped_head_lets_the_next_sender_meet_the_receiver(Room::of(0)):
        "send a 1; send b 2; drop a; try_recv: 2; poll b: ok"

    at_capacity_0_a_sender_that_leaves_lets_the_woken_receiver_keep_its_place(Room::of(0)):
        "recv a; recv b; send c 1; drop c; poll a: waits; send d 2; poll a: 2; poll b: waits"

    a_dropped_head_that_asked_for_many_lets_a_send_through(Room::of(2)):
        "try_send 1; reserve a 2; send b 2; try_send 3: no; drop a; poll b: ok"

    a_cancelled_send_makes_room_for_a_try_send(Room::of(1)):
        "try_send 1; send a 2; try_recv: 1; try_send 3: no; drop a; try_send 3: ok"
}

#[test]
fn cancel_before_the_first_poll_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(sending.as_mut().cancel(), Some(7));
    drop(sending);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn cancel_after_the_send_gives_nothing() {
    let (tx, rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(ready(&mut sending, &Bell::new()), Ok(()));
    assert_eq!(sending.as_mut().cancel(), None);
    assert_eq!(rx.try_recv(), Ok(7));
}

#[test]
fn cancel_twice_gives_the_value_once() {
    let (tx, _rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(sending.as_mut().cancel(), Some(7));
    assert_eq!(sending.as_mut().cancel(), None);
}

#[test]
fn a_dropped_send_drops_its_value_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(1);
    drop(tx.send(Dropped::new(0, &count)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    tx.try_send(Dropped::new(1, &count)).unwrap();
    drop(queued(tx.send(Dropped::new(2, &count)), &Bell::new()));
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let granted = queued(tx.send(Dropped::new(3, &count)), &Bell::new());
    drop(rx.try_recv());
    drop(granted);
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[test]
fn at_capacity_0_a_send_taken_and_then_dropped_loses_nothing() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(0);
    let sending = queued(tx.send(Dropped::new(7, &count)), &Bell::new());
    let taken = rx.try_recv().unwrap();
    drop(sending);
    assert_eq!((taken.id, count.load(Ordering::SeqCst)), (7, 0));
}

#[test]
fn on_an_unbounded_mailbox_send_is_done_at_its_first_poll() {
    let (tx, rx) = mailbox::unbounded();
    (0..100).for_each(|i| assert_eq!(now(tx.send(i)), Ok(())));
    drop(tx.send(100));
    assert_eq!(rx.len(), 100);
}
