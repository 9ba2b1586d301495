//! The methods of a sender. It waits for a slot, or for its message in the outbox to be sent.

use super::{Call, Does, Row, Scene, State, begun, blocking, each, row};
use crate::common::{Bell, expect_ready, queued};
use futures::sink::Sink;
use sempost::mailbox::{self, Sender};
use std::any::Any;
use std::future::ready;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// What the handle waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// A slot, by `poll_reserve`; at capacity 0 a receiver.
    Slot,
    /// That the message in its outbox can be sent. (At capacity 0 a message is held out: nobody is told.)
    Outbox,
}

fn scene(capacity: usize, errand: Errand, state: State, future: bool) -> Scene<Sender<u32>> {
    let (mut handle, rx) = mailbox::bounded(capacity);
    let (bell, sleeper) = (Bell::new(), Bell::new());
    let mut other = handle.clone();
    let watch = handle.clone();
    (0..capacity as u32).for_each(|n| handle.try_send(n).unwrap());
    if errand == Errand::Outbox {
        Pin::new(&mut handle).start_send(10).unwrap();
    }
    if state != State::Fresh {
        assert!(!turn(errand)(&mut handle, &bell), "it has to wait");
    }
    let asleep: Box<dyn Any> = if !future {
        assert!(other.poll_reserve(&mut sleeper.context()).is_pending());
        Box::new(other)
    } else if capacity == 0 {
        Box::new(queued(other.reserve_owned(), &sleeper))
    } else {
        Box::new(queued(other.send_owned(20), &sleeper))
    };
    let mut receiving = Vec::new();
    let supply = move || {
        if capacity > 0 {
            assert!(rx.try_recv().is_ok());
            return;
        }
        // A receiver that waits. Whatever senders hold out is taken before.
        loop {
            let (received, receives) = begun(rx.clone().recv_owned());
            receiving.push(receives);
            if received.is_pending() {
                return;
            }
        }
    };
    let watch = Rc::new(watch);
    let seen = Rc::clone(&watch);
    Scene {
        state,
        handle: Some(handle),
        bell,
        sleeper,
        asleep,
        supply: Box::new(supply),
        turn: turn(errand),
        used: Box::new(move || watch.remaining() == 0),
        waiting: Box::new(move || seen.waiting_senders()),
    }
}

fn turn(errand: Errand) -> fn(&mut Sender<u32>, &Bell) -> bool {
    match errand {
        Errand::Slot => |handle, bell| handle.poll_reserve(&mut bell.context()).is_ready(),
        Errand::Outbox => |handle, bell| Pin::new(handle).poll_flush(&mut bell.context()).is_ready(),
    }
}

use Does::{Ends, Leaves, Looks, Not, Passes, Uses};

const FULL: Does = Not("the outbox is full: it panics, as the contract of `Sink` has it");

/// What each does to a handle that waits for a receiver at capacity 0, for a slot, for its outbox.
const METHODS: &[Row<Sender<u32>, 3>] = &[
    row!("send", [Leaves; 3], |tx, _cx| begun(tx.send(1))),
    Row { name: "send_blocking", does: [Leaves; 3], run: send_blocking },
    row!("send, until", [Leaves; 3], |tx, _cx| begun(tx.send(1).until(ready(())))),
    row!("send, wait_timeout", [Leaves; 3], |tx, _cx| tx.send(1).wait_timeout(Duration::ZERO)),
    row!("send_owned", [Leaves; 3], move |tx| begun(tx.send_owned(1))),
    row!("send_many", [Leaves; 3], |tx, _cx| begun(tx.send_many([1, 2]))),
    row!("try_send", [Leaves; 3], |tx, _cx| tx.try_send(1)),
    row!("force_send", [Leaves; 3], |tx, _cx| tx.force_send(1)),
    row!("reserve", [Leaves; 3], |tx, _cx| begun(tx.reserve())),
    row!("reserve_many", [Leaves; 3], |tx, _cx| begun(tx.reserve_many(1))),
    row!("reserve_owned", [Leaves; 3], move |tx| begun(tx.reserve_owned())),
    row!("try_reserve", [Leaves; 3], |tx, _cx| tx.try_reserve()),
    row!("try_reserve_many", [Leaves; 3], |tx, _cx| tx.try_reserve_many(1)),
    row!("try_reserve_owned", [Leaves; 3], move |tx| tx.try_reserve_owned()),
    row!("poll_reserve", [Uses; 3], |tx, cx| tx.poll_reserve(&mut cx)),
    // At capacity 0 it is ready at once, and wants nobody.
    row!("poll_ready", [Passes, Uses, Uses], |tx, cx| tx.poll_ready(&mut cx)),
    row!("start_send", [Passes, Uses, FULL], |tx, _cx| tx.start_send(1)),
    row!("Sink::poll_ready", [Passes, Uses, Uses], |tx, cx| Pin::new(&mut tx).poll_ready(&mut cx)),
    row!("Sink::start_send", [Passes, Uses, FULL], |tx, _cx| Pin::new(&mut tx).start_send(1)),
    row!("Sink::poll_flush", [Passes, Passes, Uses], |tx, cx| Pin::new(&mut tx).poll_flush(&mut cx)),
    row!("Sink::poll_close", [Leaves, Leaves, Uses], |tx, cx| Pin::new(&mut tx).poll_close(&mut cx)),
    row!("Drop::drop", [Leaves; 3], move |tx| drop(tx)),
    row!("close_mailbox", [Ends; 3], |tx, _cx| tx.close_mailbox()),
    row!("closed", [Looks; 3], |tx, _cx| begun(tx.closed())),
    row!("poll_closed", [Looks; 3], |tx, cx| tx.poll_closed(&mut cx)),
    row!("is_closed", [Looks; 3], |tx, _cx| tx.is_closed()),
    row!("len", [Looks; 3], |tx, _cx| tx.len()),
    row!("is_empty", [Looks; 3], |tx, _cx| tx.is_empty()),
    row!("is_full", [Looks; 3], |tx, _cx| tx.is_full()),
    row!("claimed", [Looks; 3], |tx, _cx| tx.claimed()),
    row!("granted_slots", [Looks; 3], |tx, _cx| tx.granted_slots()),
    row!("ready_slots", [Looks; 3], |tx, _cx| tx.ready_slots()),
    row!("reserved_slots", [Looks; 3], |tx, _cx| tx.reserved_slots()),
    row!("remaining", [Looks; 3], |tx, _cx| tx.remaining()),
    row!("capacity", [Looks; 3], |tx, _cx| tx.capacity()),
    row!("sender_count", [Looks; 3], |tx, _cx| tx.sender_count()),
    row!("receiver_count", [Looks; 3], |tx, _cx| tx.receiver_count()),
    row!("waiting_senders", [Looks; 3], |tx, _cx| tx.waiting_senders()),
    row!("waiting_receivers", [Looks; 3], |tx, _cx| tx.waiting_receivers()),
    row!("same_mailbox", [Looks; 3], |tx, _cx| tx.same_mailbox(&tx)),
    row!("downgrade", [Looks; 3], |tx, _cx| tx.downgrade()),
    row!("Clone::clone", [Looks; 3], |tx, _cx| tx.clone()),
    row!("Debug::fmt", [Looks; 3], |tx, _cx| format!("{tx:?}")),
];

fn send_blocking(tx: Sender<u32>, call: &Call<'_>, during: &mut dyn FnMut()) -> Option<Sender<u32>> {
    let other = tx.clone();
    blocking(tx, call, during, |tx| _ = tx.send_blocking(1), || _ = other.close_mailbox())
}

/// Kills: an operation that keeps a turn which it does not use (`c02_flush_keeps_an_unused_wake_up`), and a look that
/// gives it away.
#[test]
fn each_method_of_a_sender_uses_passes_or_keeps_the_turn() {
    let mut ran = 0;
    for capacity in [0, 1, 2] {
        for (at, errand) in [(usize::from(capacity > 0), Errand::Slot), (2, Errand::Outbox)] {
            if capacity > 0 || errand == Errand::Slot {
                let what = format!("capacity {capacity}, {errand:?}");
                ran += each(METHODS, at, &what, |state, future| scene(capacity, errand, state, future));
            }
        }
    }
    println!("{ran} runs");
}

#[cfg(not(miri))]
#[test]
fn no_method_of_a_sender_is_missing() {
    super::sources::assert_complete("Sender", METHODS.iter().map(|row| row.name));
}

/// Kills: a `start_send` that uses its slot and keeps the turn: who wants two then sleeps beside two.
#[test]
fn a_start_send_that_was_told_of_its_slot_has_no_turn_any_more() {
    let (mut tx, rx) = mailbox::bounded(2);
    let (bell, other) = (Bell::new(), tx.clone());
    (0..2).for_each(|n| tx.try_send(n).unwrap());
    assert!(tx.poll_reserve(&mut bell.context()).is_pending());
    (0..2).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
    Pin::new(&mut tx).start_send(2).unwrap();
    let sleeper = Bell::new();
    let _reserving = queued(other.reserve_many(2), &sleeper);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!((sleeper.wakes(), tx.remaining()), (1, 0), "both slots are granted");
}

/// Kills: an heir that is woken under the lock, and one whose panic leaves the handle in line.
#[test]
fn a_flush_whose_heir_comes_back_or_panics_has_passed_the_turn_on() {
    for panics in [false, true] {
        let (mut tx, rx) = mailbox::bounded(1);
        let (bell, heir, other) = (Bell::new(), Bell::new(), tx.clone());
        tx.try_send(1).unwrap();
        assert!(tx.poll_reserve(&mut bell.context()).is_pending());
        let mut sending = queued(other.send(2), &heir);
        assert_eq!(rx.try_recv(), Ok(1));
        let again = tx.clone();
        heir.on_wake(move || {
            assert!(again.is_full(), "the slot is granted");
            assert!(!panics, "this waker panics");
        });
        let flush = || Pin::new(&mut tx).poll_flush(&mut bell.context()).is_ready();
        let flushed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(flush));
        assert_eq!((flushed.is_err(), tx.waiting_senders()), (panics, 0));
        assert!(tx.poll_reserve(&mut bell.context()).is_pending(), "in line again");
        assert_eq!(crate::common::ready(&mut sending, &heir), Ok(()));
        assert_eq!((rx.try_recv(), bell.wakes()), (Ok(2), 2));
        assert!(expect_ready(tx.poll_reserve(&mut bell.context())).is_ok());
    }
}
