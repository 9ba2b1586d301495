//! Giving up a reservation, before and after it became permits.

use crate::common::{Bell, now, queued, ready};
use crate::spec::mailbox::{Ends, Room};
use crate::spec::story::stories;
use sempost::mailbox::{self};

stories! {
    Ends<u32>;

    a_dropped_grant_of_a_reserve_goes_to_a_waiting_send(Room::of(1)):
        "try_send 1; reserve a; send b 2; try_recv: 1; drop a; poll b: ok"

    a_dropped_permit_goes_to_a_waiting_send(Room::of(1)):
        "try_reserve: ok; send a 2: waits; permit_drop; poll a: ok"

    a_dropped_head_of_many_lets_smaller_ones_through(Room::of(3)):
        "try_send 1; reserve a 3; reserve b; reserve c 2; drop a; poll b: ok; permit_drop; poll c: ok"

    a_dropped_grant_of_many_serves_several(Room::of(2)):
        "try_send 1; try_send 2; reserve a 2; send b 3; reserve c; try_recv: 1; try_recv: 2; drop a; poll b: ok; \
         poll c: ok"

    the_rest_of_a_dropped_batch_goes_to_the_next(Room::of(3)):
        "reserve a 3: ok; permit_send 1; reserve b 2: waits; permit_drop 2; poll b: ok; try_recv: 1"

    a_granted_reserve_is_revoked_by_close(Room::of(1)):
        "try_send 1; reserve a; try_recv: 1; close; poll a: closed; try_recv: closed"

    at_capacity_0_a_reserve_in_line_that_is_dropped_sets_nobody_aside(Room::of(0)):
        "reserve a: waits; drop a; recv b; try_send 1: ok; poll b: 1"

    at_capacity_0_a_dropped_permit_gives_its_receiver_back(Room::of(0)):
        "recv a; try_reserve: ok; try_send 1: no; permit_drop; poll a: waits; try_send 1: ok; poll a: 1"

    a_reserve_dropped_in_line_leaves_the_mailbox_as_full_as_it_was(Room::of(1)):
        "try_send 1; reserve a; drop a; try_reserve: no; len: 1; remaining: 0"
}

#[test]
fn a_granted_reserve_revoked_and_dropped_unseen_leaves_the_mailbox_terminal() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let granted = queued(tx.reserve(), &a);
    assert_eq!(rx.try_recv(), Ok(1));
    let mut drained = queued(rx.drained(), &b);
    rx.close();
    ready(&mut drained, &b);
    drop(granted);
    assert_eq!(now(rx.recv()), None);
}

#[test]
fn a_dropped_owned_reserve_takes_its_sender_along() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let reserving = queued(tx.clone().reserve_owned(), &bell);
    assert_eq!(rx.sender_count(), 2);
    drop(reserving);
    assert_eq!(rx.sender_count(), 1);
}

#[test]
fn the_last_owned_reserve_dropped_in_line_closes_the_mailbox() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let reserving = queued(tx.reserve_owned(), &Bell::new());
    assert_eq!(rx.try_recv(), Ok(1));
    let mut waiting = queued(rx.recv(), &bell);
    drop(reserving);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell), None);
}

#[test]
fn an_unpolled_owned_reserve_dropped_closes_the_mailbox() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    drop(tx.reserve_owned());
    assert_eq!(ready(&mut waiting, &bell), None);
}

#[test]
fn a_dropped_owned_permit_gives_its_slot_and_its_sender_up() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let other = tx.clone();
    let permit = now(tx.reserve_owned()).unwrap();
    assert_eq!(rx.sender_count(), 2, "an owned permit counts as a sender");
    let mut sending = queued(other.send(2), &bell);
    drop(permit);
    assert_eq!((rx.sender_count(), bell.wakes()), (1, 1));
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}
