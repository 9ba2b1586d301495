//! The methods of a receiver of ports.

use super::{Call, Does, Row, Scene, State, begun, blocking, each, row};
use crate::common::{Bell, queued};
use futures::stream::{FusedStream, Stream};
use sempost::mailbox;
use sempost::mailbox::ports::{Order, PortReceiver};
use std::any::Any;
use std::future::ready;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

type Receiver = PortReceiver<u8, u32>;

fn scene(state: State, future: bool) -> Scene<Receiver> {
    let (ports, mut handle) = mailbox::ports(Order::fair());
    let tx = ports.open(1, 9).unwrap();
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
    let seen = Rc::clone(&watch);
    Scene {
        state,
        handle: Some(handle),
        bell,
        sleeper,
        asleep,
        supply: Box::new(move || {
            let _ = &ports;
            tx.try_send(1).unwrap();
        }),
        turn,
        used: Box::new(move || watch.is_empty()),
        waiting: Box::new(move || seen.waiting_receivers()),
    }
}

fn turn(handle: &mut Receiver, bell: &Bell) -> bool {
    handle.poll_recv(&mut bell.context()).is_ready()
}

use Does::{Ends, Leaves, Looks, Passes, Uses};

const METHODS: &[Row<Receiver, 1>] = &[
    row!("recv", [Leaves], |rx, _cx| begun(rx.recv())),
    Row { name: "recv, wait", does: [Leaves], run: recv_on_a_thread },
    row!("recv, until", [Leaves], |rx, _cx| begun(rx.recv().until(ready(())))),
    row!("recv, wait_timeout", [Leaves], |rx, _cx| rx.recv().wait_timeout(Duration::ZERO)),
    row!("recv_owned", [Leaves], move |rx| begun(rx.recv_owned())),
    row!("recv_many", [Leaves], |rx, _cx| begun(rx.recv_many(&mut Vec::new(), 2)).0),
    row!("recv_many, limit 0", [Leaves], |rx, _cx| begun(rx.recv_many(&mut Vec::new(), 0)).0),
    row!("recv_from, unknown", [Leaves], |rx, _cx| begun(rx.recv_from(&9)).0),
    row!("recv_from_owned, unknown", [Leaves], move |rx| begun(rx.recv_from_owned(&9))),
    row!("try_recv", [Leaves], |rx, _cx| rx.try_recv()),
    row!("try_recv_from", [Leaves], |rx, _cx| rx.try_recv_from(&1)),
    row!("try_recv_from, unknown", [Leaves], |rx, _cx| rx.try_recv_from(&9)),
    row!("try_recv_many", [Leaves], |rx, _cx| rx.try_recv_many(&mut Vec::new(), 2)),
    row!("try_recv_many, limit 0", [Leaves], |rx, _cx| rx.try_recv_many(&mut Vec::new(), 0)),
    row!("poll_recv", [Uses], |rx, cx| rx.poll_recv(&mut cx)),
    row!("poll_recv_many", [Uses], |rx, cx| rx.poll_recv_many(&mut cx, &mut Vec::new(), 2)),
    row!("poll_recv_many, limit 0", [Passes], |rx, cx| rx.poll_recv_many(&mut cx, &mut Vec::new(), 0)),
    row!("Stream::poll_next", [Uses], |rx, cx| Pin::new(&mut rx).poll_next(&mut cx)),
    row!("FusedStream::is_terminated", [Looks], |rx, _cx| rx.is_terminated()),
    row!("Drop::drop", [Leaves], move |rx| drop(rx)),
    Row { name: "recv_blocking", does: [Leaves], run: recv_blocking },
    row!("drained", [Looks], |rx, _cx| begun(rx.drained())),
    row!("port_len", [Looks], |rx, _cx| rx.port_len(&1)),
    row!("close", [Ends], |rx, _cx| rx.close()),
    row!("close_port, unknown", [Looks], |rx, _cx| rx.close_port(&9)),
    row!("is_closed", [Looks], |rx, _cx| rx.is_closed()),
    row!("len", [Looks], |rx, _cx| rx.len()),
    row!("is_empty", [Looks], |rx, _cx| rx.is_empty()),
    row!("keys", [Looks], |rx, _cx| rx.keys()),
    row!("port_count", [Looks], |rx, _cx| rx.port_count()),
    row!("waiting_receivers", [Looks], |rx, _cx| rx.waiting_receivers()),
    row!("same_ports", [Looks], |rx, _cx| rx.same_ports(&rx)),
    row!("Clone::clone", [Looks], |rx, _cx| rx.clone()),
    row!("Debug::fmt", [Looks], |rx, _cx| format!("{rx:?}")),
];

fn recv_on_a_thread(rx: Receiver, call: &Call<'_>, during: &mut dyn FnMut()) -> Option<Receiver> {
    let other = rx.clone();
    blocking(rx, call, during, |rx| _ = rx.recv().wait(), || _ = other.close())
}

fn recv_blocking(rx: Receiver, call: &Call<'_>, during: &mut dyn FnMut()) -> Option<Receiver> {
    let other = rx.clone();
    blocking(rx, call, during, |rx| _ = rx.recv_blocking(), || _ = other.close())
}

/// Kills: an operation that keeps a turn which it does not use, and a look that gives it away.
#[test]
fn each_method_of_a_receiver_of_ports_uses_passes_or_keeps_the_turn() {
    println!("{} runs", each(METHODS, 0, "ports", scene));
}

#[cfg(not(miri))]
#[test]
fn no_method_of_a_receiver_of_ports_is_missing() {
    super::sources::assert_complete_in("src/mailbox/ports", "PortReceiver", METHODS.iter().map(|row| row.name));
}
