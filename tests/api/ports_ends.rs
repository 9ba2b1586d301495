//! Ports: opening, closing, and every end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::common::{Bell, Dropped, now, panic_message, pending, queued, ready};
use futures::SinkExt;
use futures::executor::block_on;
use sempost::mailbox::ports::{AdoptError, OpenError, Order, PortReceiver, Ports};
use sempost::mailbox::{self, MAX_CAPACITY, SendError, TryRecvError, TrySendError};

fn fair() -> (Ports<char, u32>, PortReceiver<char, u32>) {
    mailbox::ports(Order::fair())
}

/// The end: no opener, or closed, and each port finished; in every order.
#[test]
fn the_receivers_find_the_end_when_no_port_is_left_and_none_can_come() {
    for order in 0..6 {
        let (ports, receiver) = fair();
        let bell = Bell::new();
        let other = ports.clone();
        let (a, b) = (ports.open('a', 1).unwrap(), other.open('b', 1).unwrap());
        let mut waiting = queued(receiver.recv(), &bell);
        let (mut a, mut b, mut openers) = (Some(a), Some(b), Some((ports, other)));
        for step in 0..3 {
            pending(&mut waiting, &bell);
            bell.take_wakes();
            match (order + step * (1 + order / 3)) % 3 {
                0 => drop(a.take()),
                1 => drop(b.take()),
                _ => drop(openers.take()),
            }
        }
        assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, None), "order {order}");
        assert_eq!((receiver.try_recv(), receiver.port_count()), (Err(TryRecvError::Closed), 0));
    }
}

#[test]
fn a_clone_of_the_opener_keeps_the_receivers_waiting() {
    let (ports, receiver) = fair();
    let other = ports.clone();
    drop(ports);
    let bell = Bell::new();
    let mut waiting = queued(receiver.recv(), &bell);
    let a = other.open('a', 1).unwrap();
    a.try_send(1).unwrap();
    assert_eq!(ready(&mut waiting, &bell), Some(('a', 1)));
}

#[test]
fn close_lets_the_messages_out_and_nothing_in() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 2).unwrap();
    let b = ports.open_unbounded('b').unwrap();
    a.try_send(1).unwrap();
    a.try_send(2).unwrap();
    let bell = Bell::new();
    let mut sending = queued(a.send(3), &bell);
    assert!(receiver.close() && !receiver.close());
    assert!(receiver.is_closed() && ports.is_closed() && a.is_closed() && b.is_closed());
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Err(SendError(3))));
    assert_eq!(b.try_send(4), Err(TrySendError::Closed(4)));
    assert!(matches!(ports.open('c', 1), Err(OpenError::Closed)));
    assert_eq!((now(receiver.recv()), now(receiver.recv_from(&'a'))), (Some(('a', 1)), Some(2)));
    assert_eq!((now(receiver.recv()), receiver.port_count()), (None, 0));
}

#[test]
fn close_wakes_every_receiver() {
    for open in [false, true] {
        let (ports, receiver) = fair();
        let tx = open.then(|| ports.open('a', 1).unwrap());
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut line = bells.each_ref().map(|bell| queued(receiver.recv(), bell));
        let mut from = tx.as_ref().map(|_| queued(receiver.recv_from(&'a'), &bells[0]));
        assert!(receiver.close());
        from.iter_mut().for_each(|from| assert_eq!(ready(from, &bells[0]), None));
        for (waiter, bell) in line.iter_mut().zip(&bells) {
            assert!(bell.wakes() > 0);
            assert_eq!(ready(waiter, bell), None, "open {open}");
        }
    }
}

/// Catches an end that is left to one that was woken and does not come.
#[test]
fn close_reaches_those_who_wait_beside_an_abandoned_stream() {
    let (ports, receiver) = fair();
    let (_a, _b) = (ports.open('a', 1).unwrap(), ports.open('b', 1).unwrap());
    let (bell, other) = (Bell::new(), Bell::new());
    let mut abandoned = receiver.clone();
    assert!(abandoned.poll_recv(&mut bell.context()).is_pending());
    let mut line = [0, 1].map(|_| queued(receiver.recv(), &other));
    assert!(receiver.close());
    assert!(bell.wakes() == 1 && other.wakes() == 2);
    line.iter_mut().for_each(|waiter| assert_eq!(ready(waiter, &other), None));
}

#[test]
fn a_permit_made_before_the_close_may_still_send() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 1).unwrap();
    let permit = a.try_reserve().unwrap();
    receiver.close();
    let bell = Bell::new();
    let mut waiting = queued(receiver.recv(), &bell);
    permit.send(7).unwrap();
    assert_eq!((ready(&mut waiting, &bell), now(receiver.recv())), (Some(('a', 7)), None));
}

#[test]
fn close_port_closes_one() {
    let (ports, receiver) = fair();
    let [a, b] = ['a', 'b'].map(|key| ports.open(key, 2).unwrap());
    a.try_send(1).unwrap();
    assert!(!receiver.close_port(&'z') && receiver.close_port(&'a') && !receiver.close_port(&'a'));
    assert_eq!((a.is_closed(), b.is_closed(), receiver.is_closed()), (true, false, false));
    assert_eq!((now(receiver.recv_from(&'a')), now(receiver.recv_from(&'a'))), (Some(1), None));
    assert!(ports.open('a', 1).is_ok());
}

#[test]
fn the_last_receiver_takes_all_queues_along() {
    let count = Arc::new(AtomicUsize::new(0));
    let (ports, receiver) = mailbox::ports(Order::fair());
    let senders: Vec<_> = (0..10).map(|key| ports.open(key, 10).unwrap()).collect();
    for (tx, id) in senders.iter().zip(0..) {
        (0..10).for_each(|_| tx.try_send(Dropped::new(id, &count)).unwrap());
    }
    let bell = Bell::new();
    let mut sending = queued(senders[3].send(Dropped::new(3, &count)), &bell);
    drop(receiver.clone());
    assert!(!ports.is_closed() && senders.iter().all(|tx| !tx.is_closed()));
    drop(receiver);
    assert_eq!((count.load(Ordering::SeqCst), bell.wakes()), (100, 1));
    assert_eq!(ready(&mut sending, &bell).unwrap_err().0.id, 3);
    assert!(senders.iter().all(|tx| tx.is_closed() && tx.receiver_count() == 0));
    assert!(ports.is_closed() && matches!(ports.open(99, 1), Err(OpenError::Closed)));
    assert!(senders[0].downgrade().upgrade().is_some());
}

#[test]
fn a_key_is_opened_again_when_its_source_has_ended() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 2).unwrap();
    assert!(matches!(ports.open('a', 1), Err(OpenError::Open)));
    a.try_send(1).unwrap();
    drop(a);
    assert!(matches!(ports.open('a', 1), Err(OpenError::Draining)));
    assert_eq!((now(receiver.recv()), receiver.port_count()), (Some(('a', 1)), 1));
    let again = ports.open('a', 1).expect("at once, before the end is received");
    assert_eq!((receiver.port_count(), receiver.keys()), (1, vec!['a']));
    again.try_send(2).unwrap();
    assert_eq!(now(receiver.recv()), Some(('a', 2)));
    drop((ports, again));
    assert_eq!(now(receiver.recv()), None);
}

#[test]
fn a_permit_keeps_a_closed_source_draining() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 2).unwrap();
    let permits = [a.try_reserve().unwrap(), a.try_reserve().unwrap()];
    receiver.close_port(&'a');
    assert!(matches!(ports.open('a', 1), Err(OpenError::Draining)));
    let [sends, lapses] = permits;
    sends.send(7).unwrap();
    assert_eq!(now(receiver.recv_from(&'a')), Some(7));
    assert!(matches!(ports.open('a', 1), Err(OpenError::Draining)));
    drop(lapses);
    assert!(ports.open('a', 1).is_ok());
}

#[test]
fn an_adopted_mailbox_is_a_source_with_what_is_in_it() {
    for (tx, rx) in [mailbox::bounded(3), mailbox::unbounded()] {
        let (ports, receiver) = fair();
        let bell = Bell::new();
        let mut polled = rx;
        assert!(polled.poll_recv(&mut bell.context()).is_pending());
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let weak = polled.downgrade();
        let mut waiting = queued(receiver.recv(), &Bell::new());
        ports.adopt('a', polled).unwrap();
        assert_eq!(bell.held(), 0, "the waker of the former owner is gone");
        assert_eq!((ready(&mut waiting, &bell), receiver.len()), (Some(('a', 1)), 1));
        assert_eq!(now(receiver.recv_from(&'a')), Some(2));
        tx.try_send(3).unwrap();
        assert_eq!(weak.upgrade().unwrap().try_recv(), Ok(3), "documented: past the port");
        drop(tx);
        assert_eq!((now(receiver.recv_from(&'a')), receiver.keys()), (None, vec![]));
    }
}

#[test]
fn a_closed_mailbox_is_adopted_and_ends() {
    let (ports, receiver) = fair();
    for messages in 0..2 {
        let (tx, rx) = mailbox::bounded(3);
        (0..messages).for_each(|i| tx.try_send(i).unwrap());
        drop(tx);
        ports.adopt('a', rx).unwrap();
        assert_eq!(receiver.port_count(), 1);
        (0..messages).for_each(|i| assert_eq!(now(receiver.recv_from(&'a')), Some(i)));
        assert_eq!(now(receiver.recv_from(&'a')), None);
    }
    assert_eq!((receiver.try_recv(), receiver.port_count()), (Err(TryRecvError::Empty), 0));
}

#[test]
fn what_cannot_be_adopted_comes_back() {
    let (ports, receiver) = fair();
    let (_a, (tx, rx)) = (ports.open('a', 1).unwrap(), mailbox::bounded(2));
    tx.try_send(7).unwrap();
    let error = ports.adopt('a', rx).unwrap_err();
    assert_eq!((format!("{error:?}"), error.to_string()), ("Refused(Open, ..)".into(), "port not opened".into()));
    assert_eq!(std::error::Error::source(&error).map(ToString::to_string), Some("port open already".into()));
    let (rx, other) = (error.into_inner(), tx.clone());
    let second = rx.clone();
    let error = ports.adopt('b', rx).unwrap_err();
    assert_eq!((format!("{error:?}"), error.to_string()), ("Shared(..)".into(), "mailbox has other receivers".into()));
    drop(second);
    let rx = error.into_inner();
    assert_eq!((rx.len(), rx.receiver_count(), other.is_closed()), (1, 1, false));
    let (_meets, meeting) = mailbox::bounded(0);
    let error = ports.adopt('b', meeting).unwrap_err();
    assert!(matches!(&error, AdoptError::Rendezvous(rx) if !rx.is_closed()));
    assert_eq!((format!("{error:?}"), error.to_string()), ("Rendezvous(..)".into(), "mailbox has capacity 0".into()));
    assert_eq!((receiver.port_count(), receiver.keys()), (1, vec!['a']));
    receiver.close();
    let error = ports.adopt('b', rx).unwrap_err();
    assert!(
        matches!(&error, AdoptError::Refused(OpenError::Closed, _)) && OpenError::Closed.to_string() == "ports closed"
    );
    assert_eq!(error.into_inner().try_recv(), Ok(7));
    assert_eq!(OpenError::Draining.to_string(), "port still draining");
}

/// Catches an argument that is checked after something has changed, or after foreign code was asked.
#[test]
fn a_capacity_that_is_no_ports_panics_before_anything_is_done() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let (ports, receiver) = mailbox::ports::<char, u32>(Order::classes(|_| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        0
    }));
    assert!(panic_message(|| ports.open('a', 0)).contains("at least 1"));
    assert!(panic_message(|| ports.open('a', MAX_CAPACITY + 1)).contains("MAX_CAPACITY"));
    assert_eq!((ASKED.load(Ordering::Relaxed), ports.port_count(), receiver.keys()), (0, 0, vec![]));
    assert_eq!(ports.open('a', MAX_CAPACITY).unwrap().capacity(), Some(MAX_CAPACITY));
}

#[test]
fn a_class_that_panics_opens_nothing() {
    static PANICS: AtomicBool = AtomicBool::new(true);
    let (ports, receiver) = mailbox::ports::<char, u32>(Order::classes(|_| {
        assert!(!PANICS.load(Ordering::Relaxed), "no class");
        0
    }));
    let (tx, rx) = mailbox::bounded(1);
    assert_eq!(panic_message(|| ports.open('a', 1)), "no class");
    assert_eq!(panic_message(|| ports.adopt('a', rx)), "no class");
    assert_eq!((ports.port_count(), receiver.keys(), tx.is_closed()), (0, vec![], true));
    PANICS.store(false, Ordering::Relaxed);
    let a = ports.open('a', 1).unwrap();
    a.try_send(1).unwrap();
    assert_eq!(receiver.try_recv(), Ok(('a', 1)));
    drop((a, ports));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn counts_tell_ports_messages_and_receivers() {
    let (ports, receiver) = fair();
    assert!(receiver.is_empty() && receiver.keys().is_empty() && ports.port_count() == 0);
    let [a, b] = ['a', 'b'].map(|key| ports.open(key, 5).unwrap());
    (0..3).for_each(|i| a.try_send(i).unwrap());
    b.try_send(1).unwrap();
    let mut keys = receiver.keys();
    keys.sort_unstable();
    assert_eq!((keys, receiver.len(), receiver.port_count(), ports.port_count()), (vec!['a', 'b'], 4, 2, 2));
    while receiver.try_recv().is_ok() {}
    let waiting = [queued(receiver.recv(), &Bell::new()), queued(receiver.recv(), &Bell::new())];
    assert_eq!((receiver.is_empty(), receiver.waiting_receivers()), (true, 2));
    drop((waiting, b));
    assert_eq!((receiver.waiting_receivers(), receiver.port_count()), (0, 2), "the end is to be received");
    assert_eq!((receiver.try_recv(), receiver.port_count()), (Err(TryRecvError::Empty), 1));
    let (other, stranger) = (receiver.clone(), fair().1);
    assert!(receiver.same_ports(&other) && !receiver.same_ports(&stranger));
}

#[test]
fn the_senders_are_ordinary_ones() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 4).unwrap();
    now(a.reserve()).unwrap().send(1).unwrap();
    a.try_reserve_many(2).unwrap().zip(2..).for_each(|(permit, n)| permit.send(n).unwrap());
    let owned = now(a.clone().reserve_owned()).unwrap();
    let bell = Bell::new();
    let mut sending = queued(a.send(5), &bell);
    drop(owned.send(4).unwrap());
    assert_eq!(a.len(), 4);
    (1..=4).for_each(|n| assert_eq!(now(receiver.recv()), Some(('a', n))));
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Ok(())));
    drop(sending);
    let weak = a.downgrade();
    let mut sink = weak.upgrade().unwrap();
    block_on(SinkExt::send(&mut sink, 6)).unwrap();
    a.send_blocking(7).unwrap();
    assert_eq!(a.force_send(8).unwrap(), None);
    let taken: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok()).map(|(_, n)| n).collect();
    assert_eq!(taken, [5, 6, 7, 8]);
    drop((a, sink));
    assert!(weak.upgrade().is_none());
    assert_eq!(now(receiver.recv_from(&'a')), None);
}

/// Catches openers that cannot end what they opened, and an end that is told too early or not at all.
#[test]
fn an_opener_closes_all_ports_and_the_end_is_told() {
    let (ports, receiver) = fair();
    let a = ports.open('a', 2).unwrap();
    a.try_send(1).unwrap();
    let bell = Bell::new();
    let watcher = receiver.clone();
    let mut drained = queued(watcher.drained(), &bell);
    assert!(ports.close() && !ports.close() && !receiver.close() && ports.is_closed());
    assert_eq!(ports.open('b', 2).unwrap_err(), OpenError::Closed);
    assert_eq!(a.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(receiver.try_recv(), Ok(('a', 1)));
    pending(&mut drained, &bell); // The end of the port was not received yet.
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    ready(&mut drained, &bell);
}
