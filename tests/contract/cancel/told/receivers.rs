//! The methods of a receiver.

use super::{Call, Does, Row, Scene, State, begun, blocking, each, row};
use crate::common::{Bell, queued};
use futures::stream::{FusedStream, Stream};
use sempost::mailbox::{self, Receiver};
use std::any::Any;
use std::future::ready;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

fn scene(capacity: Option<usize>, state: State, future: bool) -> Scene<Receiver<u32>> {
    let (tx, mut handle) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
    let (bell, sleeper) = (Bell::new(), Bell::new());
    let (mut other, watch) = (handle.clone(), Rc::new(handle.clone()));
    if state != State::Fresh {
        assert!(!turn(&mut handle, &bell), "it has to wait");
    }
    let asleep: Box<dyn Any> = if future {
        Box::new(queued(other.recv_owned(), &sleeper))
    } else {
        assert!(other.poll_recv(&mut sleeper.context()).is_pending());
        Box::new(other)
    };
    let mut sending = Vec::new();
    let supply = move || match capacity {
        Some(0) => sending.push(queued(tx.clone().send_owned(1), &Bell::new())),
        _ => tx.try_send(1).unwrap(),
    };
    let seen = Rc::clone(&watch);
    Scene {
        state,
        handle: Some(handle),
        bell,
        sleeper,
        asleep,
        supply: Box::new(supply),
        turn,
        // At capacity 0 messages are held out by senders.
        used: Box::new(move || watch.is_empty() && watch.waiting_senders() == 0),
        waiting: Box::new(move || seen.waiting_receivers()),
    }
}

fn turn(handle: &mut Receiver<u32>, bell: &Bell) -> bool {
    handle.poll_recv(&mut bell.context()).is_ready()
}

use Does::{Ends, Leaves, Looks, Passes, Uses};

const METHODS: &[Row<Receiver<u32>, 1>] = &[
    row!("recv", [Leaves], |rx, _cx| begun(rx.recv())),
    Row { name: "recv_blocking", does: [Leaves], run: recv_blocking },
    row!("recv, until", [Leaves], |rx, _cx| begun(rx.recv().until(ready(())))),
    row!("recv, wait_timeout", [Leaves], |rx, _cx| rx.recv().wait_timeout(Duration::ZERO)),
    row!("recv_owned", [Leaves], move |rx| begun(rx.recv_owned())),
    row!("recv_many", [Leaves], |rx, _cx| begun(rx.recv_many(&mut Vec::new(), 2)).0),
    row!("recv_many, limit 0", [Leaves], |rx, _cx| begun(rx.recv_many(&mut Vec::new(), 0)).0),
    row!("try_recv", [Leaves], |rx, _cx| rx.try_recv()),
    row!("try_recv_many", [Leaves], |rx, _cx| rx.try_recv_many(&mut Vec::new(), 2)),
    row!("try_recv_many, limit 0", [Leaves], |rx, _cx| rx.try_recv_many(&mut Vec::new(), 0)),
    row!("poll_recv", [Uses], |rx, cx| rx.poll_recv(&mut cx)),
    row!("poll_recv_many", [Uses], |rx, cx| rx.poll_recv_many(&mut cx, &mut Vec::new(), 2)),
    row!("poll_recv_many, limit 0", [Passes], |rx, cx| rx.poll_recv_many(&mut cx, &mut Vec::new(), 0)),
    row!("Stream::poll_next", [Uses], |rx, cx| Pin::new(&mut rx).poll_next(&mut cx)),
    row!("Stream::size_hint", [Looks], |rx, _cx| rx.size_hint()),
    row!("FusedStream::is_terminated", [Looks], |rx, _cx| rx.is_terminated()),
    row!("Drop::drop", [Leaves], move |rx| drop(rx)),
    row!("close", [Ends], |rx, _cx| rx.close()),
    row!("close_mailbox", [Ends], |rx, _cx| rx.close_mailbox()),
    row!("closed", [Looks], |rx, _cx| begun(rx.closed())),
    row!("poll_closed", [Looks], |rx, cx| rx.poll_closed(&mut cx)),
    row!("drained", [Looks], |rx, _cx| begun(rx.drained())),
    row!("is_closed", [Looks], |rx, _cx| rx.is_closed()),
    row!("len", [Looks], |rx, _cx| rx.len()),
    row!("is_empty", [Looks], |rx, _cx| rx.is_empty()),
    row!("is_full", [Looks], |rx, _cx| rx.is_full()),
    row!("claimed", [Looks], |rx, _cx| rx.claimed()),
    row!("granted_slots", [Looks], |rx, _cx| rx.granted_slots()),
    row!("ready_slots", [Looks], |rx, _cx| rx.ready_slots()),
    row!("reserved_slots", [Looks], |rx, _cx| rx.reserved_slots()),
    row!("remaining", [Looks], |rx, _cx| rx.remaining()),
    row!("capacity", [Looks], |rx, _cx| rx.capacity()),
    row!("sender_count", [Looks], |rx, _cx| rx.sender_count()),
    row!("receiver_count", [Looks], |rx, _cx| rx.receiver_count()),
    row!("waiting_senders", [Looks], |rx, _cx| rx.waiting_senders()),
    row!("waiting_receivers", [Looks], |rx, _cx| rx.waiting_receivers()),
    row!("same_mailbox", [Looks], |rx, _cx| rx.same_mailbox(&rx)),
    row!("downgrade", [Looks], |rx, _cx| rx.downgrade()),
    row!("Clone::clone", [Looks], |rx, _cx| rx.clone()),
    row!("Debug::fmt", [Looks], |rx, _cx| format!("{rx:?}")),
];

fn recv_blocking(rx: Receiver<u32>, call: &Call<'_>, during: &mut dyn FnMut()) -> Option<Receiver<u32>> {
    let other = rx.clone();
    blocking(rx, call, during, |rx| _ = rx.recv_blocking(), || _ = other.close())
}

/// Kills: an operation that keeps a turn which it does not use (`c02_batch_of_none_keeps_an_unused_wake_up`), and a
/// look that gives it away.
#[test]
fn each_method_of_a_receiver_uses_passes_or_keeps_the_turn() {
    let mut ran = 0;
    for capacity in [Some(0), Some(1), Some(2), None] {
        ran += each(METHODS, 0, &format!("capacity {capacity:?}"), |state, future| scene(capacity, state, future));
    }
    println!("{ran} runs");
}

#[cfg(not(miri))]
#[test]
fn no_method_of_a_receiver_is_missing() {
    super::sources::assert_complete("Receiver", METHODS.iter().map(|row| row.name));
}
