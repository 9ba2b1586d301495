//! What only ports can show, clauses 7 to 17: panics, ends, threads, and many at once.

use crate::c17::{WAITERS, cancelled_flat, on_a_small_stack};
use crate::common::lines::{receiving_any, receiving_from};
use crate::common::{Bell, Dropped, now, panic_message, pending, poll, queued, ready, until, watched};
use crate::ports::{Hub, rest, two};
use sempost::mailbox::ports::{OpenError, Order, PortReceiver};
use sempost::mailbox::{self, MAX_CAPACITY, SendError, TryRecvError, TrySendError};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

const PANIC: &str = "this waker panics";

/// Kills: a message that is lost, or comes later, because a waker panics while it is in hand.
#[test]
fn c07_ports_a_message_in_hand_goes_back_to_the_front() {
    let receives: [fn(&PortReceiver<char, u32>); 4] = [
        |rx| assert!(rx.try_recv().is_err()),
        |rx| assert!(poll(&mut Box::pin(rx.recv()), &Bell::new()).is_pending()),
        |rx| assert!(rx.try_recv_from(&'a').is_err()),
        |rx| assert!(poll(&mut Box::pin(rx.recv_from(&'a')), &Bell::new()).is_pending()),
    ];
    for (at, receive) in receives.into_iter().enumerate() {
        let (_ports, rx, a, _b) = two();
        let calm = Bell::new();
        let woken = queued(rx.recv(), &calm);
        let (hostile, last) = (Bell::panicking(), Bell::new());
        let next = queued(rx.recv(), &hostile);
        let mut third = queued(rx.recv(), &last);
        (0..3).for_each(|i| a.try_send(i).unwrap());
        assert_eq!((calm.wakes(), panic_message(|| receive(&rx))), (1, PANIC.into()), "form {at}");
        assert_eq!((hostile.wakes(), rx.len()), (1, 3));
        drop((woken, next));
        assert_eq!((last.wakes(), ready(&mut third, &last)), (1, Some(('a', 0))));
        assert_eq!(rest(&rx, 'a'), [1, 2]);
    }
}

#[test]
fn c07_ports_the_next_in_the_line_of_a_source_may_panic() {
    let (_ports, rx, a, _b) = two();
    let (first, hostile, last) = (Bell::new(), Bell::panicking(), Bell::new());
    let mut seeking = queued(rx.recv_from(&'a'), &first);
    let next = queued(rx.recv_from(&'a'), &hostile);
    let mut third = queued(rx.recv_from(&'a'), &last);
    (0..3).for_each(|i| a.try_send(i).unwrap());
    assert_eq!(panic_message(|| poll(&mut seeking, &first).is_ready()), PANIC);
    assert_eq!((hostile.wakes(), rx.len()), (1, 3));
    drop((seeking, next));
    assert_eq!((last.wakes(), ready(&mut third, &last), rest(&rx, 'a')), (1, Some(0), vec![1, 2]));
}

/// Each of these ends is that of all sources: those who wait are woken, and the state is whole.
#[test]
fn c07_ports_an_end_wakes_the_rest() {
    let ends: [fn(Hub); 4] = [
        |(_ports, rx, _a, _b)| _ = rx.close(),
        |(ports, _rx, a, b)| drop((a, b, ports)),
        |(_ports, rx, _a, _b)| _ = rx.close_port(&'a'),
        |(_ports, _rx, a, _b)| drop(a),
    ];
    for (at, end) in ends.into_iter().enumerate() {
        let hub = two();
        let rx = hub.1.clone();
        let bells: [_; 6] = std::array::from_fn(|i| if i % 3 == 0 { Bell::panicking() } else { Bell::new() });
        let mut from: Vec<_> = bells[..3].iter().map(|bell| queued(rx.recv_from(&'a'), bell)).collect();
        let mut any: Vec<_> = bells[3..].iter().map(|bell| queued(rx.recv(), bell)).collect();
        assert_eq!(panic_message(|| end(hub)), PANIC, "end {at}");
        assert_eq!(bells[0].wakes(), 1);
        bells.iter().for_each(Bell::unhook);
        for (waiter, bell) in from.iter_mut().zip(&bells) {
            assert!(bell.wakes() == 1 && ready(waiter, bell).is_none(), "end {at}");
        }
        for (waiter, bell) in any.iter_mut().zip(&bells[3..]) {
            assert!(bell.wakes() > 0 && ready(waiter, bell).is_none(), "end {at}");
        }
        drop((from, any));
        assert_eq!((rx.try_recv_from(&'a'), rx.waiting_receivers()), (Err(TryRecvError::Closed), 0));
    }
}

/// Kills: one who is counted as waiting for a source for ever, so that nobody else gets its messages.
#[test]
fn c07_ports_one_whose_waker_panics_as_it_is_dropped_waits_no_more() {
    for place in 0..2 {
        let (_ports, rx, a, _b) = two();
        let (hostile, calm, last) = (Bell::new(), Bell::new(), Bell::new());
        hostile.on_drop(|| panic!("this drop panics"));
        let mut line = [Some(&hostile), Some(&calm)];
        line.rotate_left(place);
        let [first, second] = line.map(|bell| queued(rx.recv_from(&'a'), bell.unwrap()));
        let mut any = queued(rx.recv(), &last);
        let (gone, mut stays) = if place == 0 { (first, second) } else { (second, first) };
        assert_eq!(panic_message(|| drop(gone)), "this drop panics");
        hostile.unhook();
        a.try_send(1).unwrap();
        a.try_send(2).unwrap();
        assert_eq!((calm.wakes(), last.wakes(), ready(&mut stays, &calm)), (1, 0, Some(1)));
        assert_eq!((last.wakes(), ready(&mut any, &last)), (1, Some(('a', 2))));
    }
}

#[test]
fn c07_ports_messages_whose_drop_panics_are_dropped_all_the_same() {
    let count = Arc::new(AtomicUsize::new(0));
    let (ports, rx) = mailbox::ports(Order::fair());
    let senders: Vec<_> = (0..3).map(|key| ports.open(key, 4).unwrap()).collect();
    for tx in &senders {
        (0..4).for_each(|id| tx.try_send(Dropped { id, count: count.clone(), panics: id == 1 }).unwrap());
    }
    let bell = Bell::new();
    let mut sending = queued(senders[2].send(Dropped::new(9, &count)), &bell);
    assert!(panic_message(|| drop(rx)).contains("panics in its drop"));
    assert_eq!((count.load(Ordering::SeqCst), bell.wakes()), (12, 1));
    assert!(ready(&mut sending, &bell).is_err() && senders.iter().all(|tx| tx.is_closed()));
}

#[test]
fn c08_ports_a_try_leaves_nobody_in_any_line() {
    let (ports, rx, a, _b) = two();
    let (bell, mut buffer) = (Bell::new(), Vec::new());
    watched(String::new, || {
        assert!(rx.try_recv().is_err() && rx.try_recv_many(&mut buffer, 9).is_err());
        assert!(rx.try_recv_from(&'a').is_err() && rx.try_recv_from(&'z').is_err());
        assert!(ports.open('a', 1).is_err());
    });
    assert_eq!((rx.waiting_receivers(), rx.port_count()), (0, 2));
    let mut from = queued(rx.recv_from(&'a'), &bell);
    a.try_send(1).unwrap();
    assert_eq!((rx.try_recv_from(&'a'), rx.try_recv()), (Err(TryRecvError::Empty), Err(TryRecvError::Empty)));
    assert_eq!((bell.wakes(), ready(&mut from, &bell)), (1, Some(1)));
}

#[test]
fn c08_ports_tries_from_many_threads_take_each_message_once() {
    let (_ports, rx, a, b) = two();
    let got = AtomicUsize::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            for tx in [a, b] {
                scope.spawn(move || (0..2_000).for_each(|i| tx.send_blocking(i).unwrap()));
            }
            for at in 0..2 {
                let (rx, got) = (&rx, &got);
                scope.spawn(move || {
                    while got.load(Ordering::Relaxed) < 4_000 {
                        let found = if at == 0 { rx.try_recv().is_ok() } else { rx.try_recv_from(&'a').is_ok() };
                        got.fetch_add(usize::from(found), Ordering::Relaxed);
                        thread::yield_now();
                    }
                });
            }
        });
    });
    assert_eq!((rx.len(), got.into_inner()), (0, 4_000));
}

/// Of each port: nothing is accepted after it, grants are revoked, permits stand, and the end is final.
#[test]
fn c11_ports_close_is_one_moment_of_each_port() {
    let (ports, rx) = mailbox::ports(Order::fair());
    let (full, held) = (ports.open('f', 1).unwrap(), ports.open('h', 2).unwrap());
    full.try_send(1).unwrap();
    let (bell, end) = (Bell::new(), Bell::new());
    let mut granted = queued(full.send(2), &bell);
    assert_eq!((rx.try_recv(), bell.wakes()), (Ok(('f', 1)), 1));
    let permit = held.try_reserve().unwrap();
    let mut waiting = queued(rx.recv(), &end);
    assert!(rx.close());
    assert_eq!(ready(&mut granted, &bell), Err(SendError(2)), "what was granted is revoked");
    assert_eq!(held.try_send(3), Err(TrySendError::Closed(3)));
    pending(&mut waiting, &end);
    assert_eq!((rx.try_recv(), rx.try_recv_from(&'h')), (Err(TryRecvError::Empty), Err(TryRecvError::Empty)));
    assert_eq!(rx.try_recv_from(&'f'), Err(TryRecvError::Closed));
    permit.send(4).unwrap();
    assert_eq!(ready(&mut waiting, &end), Some(('h', 4)));
    for _ in 0..3 {
        assert_eq!((now(rx.recv()), rx.try_recv()), (None, Err(TryRecvError::Closed)));
        assert!(matches!(ports.open('n', 1), Err(OpenError::Closed)) && !rx.close());
    }
}

#[test]
fn c12_ports_the_last_receiver_takes_all_queues_along() {
    let count = Arc::new(AtomicUsize::new(0));
    let (ports, rx) = mailbox::ports(Order::fair());
    let a = ports.open('a', 3).unwrap();
    let b = ports.open_unbounded('b').unwrap();
    let permit = a.try_reserve().unwrap();
    let future = queued(rx.clone().recv_from_owned(&'b'), &Bell::new());
    [&a, &b].iter().for_each(|tx| tx.try_send(Dropped::new(1, &count)).unwrap());
    drop(rx);
    assert_eq!((count.load(Ordering::SeqCst), a.is_closed()), (0, false), "a future has a receiver, too");
    drop(future);
    assert_eq!((count.load(Ordering::SeqCst), a.receiver_count(), b.receiver_count()), (2, 0, 0));
    assert!(permit.send(Dropped::new(2, &count)).is_err() && b.try_send(Dropped::new(3, &count)).is_err());
    assert_eq!((count.load(Ordering::SeqCst), a.len() + b.len()), (4, 0));
}

/// Kills: a waiter of a port that is gone, and acts on the port that has its slot now.
#[test]
fn c14_ports_a_slot_that_is_used_again_is_another_port() {
    let (ports, rx, a, _b) = two();
    let bell = Bell::new();
    let (early, late) = (rx.recv_from(&'a'), rx.recv_from(&'a'));
    let asleep = [0, 1, 2].map(|_| queued(rx.recv_from(&'a'), &bell));
    let mut first = queued(rx.recv_from(&'b'), &bell);
    drop(a);
    let [mut called, second, third] = asleep;
    assert_eq!(ready(&mut called, &bell), None);
    // It has the slot of `a`.
    let c = ports.open('c', 4).unwrap();
    let mut waiting = queued(rx.recv_from(&'c'), &bell);
    drop((second, early));
    assert_eq!(now(late), None);
    bell.take_wakes();
    c.try_send(7).unwrap();
    drop(third);
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(7)));
    pending(&mut first, &bell);
    assert_eq!((rx.port_count(), rx.try_recv_from(&'c')), (2, Err(TryRecvError::Empty)));
}

#[test]
fn c14_ports_a_capacity_out_of_bounds_panics_at_the_call() {
    let (ports, rx, _a, _b) = two();
    for capacity in [0, MAX_CAPACITY + 1, usize::MAX] {
        assert!(panic_message(|| ports.open('c', capacity)).contains("a port"));
    }
    assert_eq!((rx.port_count(), rx.keys().len()), (2, 2));
    assert!(ports.open('c', MAX_CAPACITY).is_ok());
    // A limit is no size.
    let (a, b) = (ports.open('x', 2).unwrap(), ports.open('y', 2).unwrap());
    [&a, &b].into_iter().for_each(|tx| (0..2).for_each(|i| tx.try_send(i).unwrap()));
    let mut buffer = Vec::new();
    assert_eq!((now(rx.recv_many(&mut buffer, usize::MAX)), buffer.capacity() < 100), (4, true));
}

#[test]
fn c15_ports_show_their_state_and_who_waits() {
    let (ports, rx, a, _b) = two();
    let waiting = [0, 1].map(|_| queued(rx.recv(), &Bell::new()));
    let from = queued(rx.recv_from(&'a'), &Bell::new());
    assert_eq!(rx.waiting_receivers(), 2, "those who wait for one source are not counted");
    let hub = " { order: Fair, ports: 2, closed: false, openers: 1, receivers: 1, waiting_receivers: 2 }";
    assert_eq!(format!("{rx:?}"), format!("PortReceiver{hub}"));
    drop((waiting, from, a));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let hub = " { order: Fair, ports: 1, closed: false, openers: 1, receivers: 1, waiting_receivers: 0 }";
    assert_eq!(format!("{ports:?}"), format!("Ports{hub}"));
}

/// After a panic there is no poison.
#[test]
fn c15_ports_are_whole_after_a_panic() {
    let (ports, rx, a, _b) = two();
    let hostile = Bell::panicking();
    let waiting = queued(rx.recv(), &hostile);
    assert_eq!(panic_message(|| a.try_send(1)), PANIC);
    drop(waiting);
    assert!(ports.open('c', 1).is_ok());
    assert_eq!((rx.try_recv(), rx.port_count()), (Ok(('a', 1)), 3));
}

#[test]
fn c16_ports_tasks_and_threads_are_served_in_one_order() {
    let (_ports, rx, a, b) = two();
    watched(String::new, || {
        let bells = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
        let mut first = queued(rx.recv(), &bells[0]);
        let mut seeker = queued(rx.recv_from(&'b'), &bells[2]);
        // A thread that looks once more is counted already. Its deadline is polled when it has joined the line.
        let in_line = AtomicBool::new(false);
        let deadline = poll_fn(|_| {
            in_line.store(true, Ordering::Relaxed);
            Poll::<()>::Pending
        });
        thread::scope(|scope| {
            let any = scope.spawn(|| rx.recv().until(deadline).wait());
            until(|| in_line.load(Ordering::Relaxed) && rx.waiting_receivers() == 2);
            let mut last = queued(rx.recv(), &bells[1]);
            a.try_send(1).unwrap();
            assert!(!any.is_finished());
            assert_eq!(ready(&mut first, &bells[0]), Some(('a', 1)));
            a.try_send(2).unwrap();
            assert_eq!(any.join().unwrap(), Ok(Some(('a', 2))));
            a.try_send(3).unwrap();
            assert_eq!((bells[1].wakes(), ready(&mut last, &bells[1])), (1, Some(('a', 3))));
            let from = scope.spawn(|| rx.recv_from(&'b').wait());
            b.try_send(4).unwrap();
            assert_eq!(ready(&mut seeker, &bells[2]), Some(4));
            b.try_send(5).unwrap();
            assert_eq!(from.join().unwrap(), Some(5));
        });
    });
}

#[test]
fn c16_ports_ends_reach_waiting_threads() {
    watched(String::new, || {
        let (_ports, rx, a, _b) = two();
        thread::scope(|scope| {
            let any: Vec<_> = (0..2).map(|_| scope.spawn(|| rx.recv().wait())).collect();
            let from: Vec<_> = (0..2).map(|_| scope.spawn(|| rx.recv_from(&'a').wait())).collect();
            let owned = scope.spawn(|| rx.clone().recv_owned().wait().0);
            until(|| rx.waiting_receivers() == 3);
            drop(a);
            from.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), None));
            assert!(rx.close());
            any.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), None));
            assert_eq!(owned.join().unwrap(), None);
        });
    });
}

#[test]
fn c17_ports_a_cancelled_line_is_flat() {
    cancelled_flat(receiving_any);
    cancelled_flat(receiving_from);
}

#[test]
fn c17_ports_ends_are_told_in_one_call() {
    for end in 0..3 {
        on_a_small_stack(move || {
            let ((ports, rx, a, b), bell) = (two(), Bell::new());
            let mut any: Vec<_> = (0..WAITERS).map(|_| queued(rx.recv(), &bell)).collect();
            let mut from: Vec<_> = (0..WAITERS).map(|_| queued(rx.recv_from(&'a'), &bell)).collect();
            match end {
                0 => assert!(rx.close()),
                1 => drop((ports, a, b)),
                _ => assert!(rx.close_port(&'a')),
            }
            assert!(from.iter_mut().all(|waiter| ready(waiter, &bell).is_none()));
            assert!(end == 2 || any.iter_mut().all(|waiter| ready(waiter, &bell).is_none()));
            drop((any, from));
            assert_eq!(bell.held(), 0);
        });
    }
}

#[test]
fn c17_ports_of_a_hundred_thousand_sources_the_last_receiver_takes_all() {
    on_a_small_stack(|| {
        let (ports, rx) = mailbox::ports::<usize, usize>(Order::fair());
        let senders: Vec<_> = (0..WAITERS).map(|key| ports.open(key, 1).unwrap()).collect();
        senders.iter().for_each(|tx| tx.try_send(7).unwrap());
        drop(rx);
        assert!(senders.iter().all(|tx| tx.is_closed() && tx.is_empty()));
    });
}
