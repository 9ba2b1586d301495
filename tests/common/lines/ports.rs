//! The lines of mailboxes with ports.

use super::super::{poll, queued, ready};
use super::{Bell, Line, leak};
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender};
use std::future::pending;

type Ends = (&'static Ports<u8, u32>, &'static Sender<u32>, &'static PortReceiver<u8, u32>);

/// An idle port. A message has passed it, to a receiver that slept: all spare blocks are there.
fn idle() -> Ends {
    let (ports, rx) = mailbox::ports(Order::fair());
    let (ports, rx) = (leak(ports), leak(rx));
    let tx = leak(ports.open(1, 4).unwrap());
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    tx.try_send(0).unwrap();
    assert_eq!(ready(&mut waiting, &bell), Some((1, 0)));
    (ports, tx, rx)
}

/// Comes back without taking or leaving a message.
fn touch((ports, tx, rx): Ends) {
    let counts = (rx.len(), rx.port_count(), rx.waiting_receivers(), rx.is_closed(), tx.len());
    assert!(!format!("{ports:?} {rx:?} {tx:?} {counts:?} {:?}", rx.keys()).is_empty());
    assert!(ports.open(1, 1).is_err() && !rx.close_port(&2) && rx.try_recv_from(&2).is_err());
    drop((ports.clone(), rx.clone()));
    assert!(poll(&mut Box::pin(rx.recv_from(&2)), &Bell::new()).is_ready());
    assert!(poll(&mut Box::pin(rx.recv_many(&mut Vec::new(), 0)), &Bell::new()).is_ready());
}

/// A line of those who wait for any port.
fn any<F>(name: &'static str, make: impl Fn(Ends) -> F + 'static) -> Line
where
    F: super::FusedFuture<Output: 'static> + 'static,
{
    let ends = idle();
    let send = move || ends.1.try_send(7).unwrap();
    Line::new(name, move || make(ends), send)
        .next(send)
        .waiters(move || ends.2.waiting_receivers())
        .touch(move || touch(ends))
}

/// A line of those who wait for one port.
fn from<F>(name: &'static str, make: impl Fn(Ends) -> F + 'static) -> Line
where
    F: super::FusedFuture<Output: 'static> + 'static,
{
    let ends = idle();
    let send = move || ends.1.try_send(7).unwrap();
    Line::new(name, move || make(ends), send).next(send).touch(move || touch(ends)).moves_up()
}

pub fn receiving_any() -> Line {
    any("ReceivingAny", |(_, _, rx)| rx.recv())
}

pub fn receiving_any_many() -> Line {
    any("ReceivingAnyMany", |(_, _, rx)| rx.recv_many(leak(Vec::new()), 3))
}

pub fn receiving_any_owned() -> Line {
    any("ReceivingAnyOwned", |(_, _, rx)| rx.clone().recv_owned())
}

pub fn receiving_any_until() -> Line {
    any("Until", |(_, _, rx)| rx.recv().until(pending::<()>()))
}

pub fn receiving_from() -> Line {
    from("ReceivingFrom", |(_, _, rx)| rx.recv_from(&1))
}

pub fn receiving_from_owned() -> Line {
    from("ReceivingFromOwned", |(_, _, rx)| rx.clone().recv_from_owned(&1))
}

pub fn receiving_from_until() -> Line {
    from("Until", |(_, _, rx)| rx.recv_from(&1).until(pending::<()>()))
}

/// The lines of mailboxes with ports.
pub const PORTS: &[fn() -> Line] = &[
    receiving_any,
    receiving_any_many,
    receiving_any_owned,
    receiving_any_until,
    receiving_from,
    receiving_from_owned,
    receiving_from_until,
];
