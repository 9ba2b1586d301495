//! What only a mailbox with credits can show, of several clauses. The claims on its futures are in the tables.

use crate::c17::{WAITERS, on_a_small_stack};
use crate::common::{Bell, Deadline, Dropped, Random, expect_ready, forget, now, panic_message};
use crate::common::{pending, poll, queued, ready, watched, with};
use futures::sink::Sink;
use sempost::Semaphore;
use sempost::mailbox::credits::{CreditReceiver, CreditSender, Lease};
use sempost::mailbox::{self, SendError, TryRecvError, TryReserveError, TrySendError};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Numbers that weigh what they say.
fn numbers(limit: usize) -> (CreditSender<usize>, CreditReceiver<usize>) {
    mailbox::credits(limit, |n| *n)
}

/// Messages of one credit each.
fn ones<T>(limit: usize) -> (CreditSender<T>, CreditReceiver<T>) {
    mailbox::credits(limit, |_| 1)
}

fn counter() -> Arc<AtomicUsize> {
    Arc::default()
}

/// Puts a message into the outbox of a sink, where it waits.
fn outbox<T: Send + 'static>(tx: &CreditSender<T>, message: T, bell: &Bell) -> CreditSender<T> {
    let mut sink = tx.clone();
    assert!(Pin::new(&mut sink).start_send(message).is_ok());
    assert!(with(bell, |cx| Pin::new(&mut sink).poll_flush(cx)).is_pending());
    sink
}

/// Kills: a heavy head that leaves, and does not have the line looked at again.
#[test]
fn c02_credits_a_heavy_head_that_leaves_lets_the_lighter_ones_pass() {
    for late in [false, true] {
        let ((tx, rx), bells) = (numbers(4), [Bell::new(), Bell::new()]);
        tx.try_send(2).unwrap();
        let (deadline, mut light) = (Deadline::new(), Box::pin(tx.send(1)));
        let mut heavy = queued(tx.send(3).until(deadline.clone()), &Bell::new());
        pending(&mut light, &bells[0]);
        let mut lighter = queued(tx.send(1), &bells[1]);
        if late {
            deadline.come();
            assert_eq!(ready(&mut heavy, &Bell::new()).unwrap_err().into_inner(), 3);
        } else {
            drop(heavy);
        }
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1]);
        ready(&mut light, &bells[0]).unwrap();
        ready(&mut lighter, &bells[1]).unwrap();
        assert_eq!((rx.len(), tx.available_credits()), (3, 0));
    }
}

/// Kills: a dropped sink whose message stays in line.
#[test]
fn c02_credits_a_heavy_sink_that_leaves_lets_the_lighter_ones_pass() {
    let ((tx, rx), bell) = (numbers(4), Bell::new());
    tx.try_send(2).unwrap();
    let heavy = outbox(&tx, 3, &bell);
    let mut light = queued(tx.send(2), &bell);
    drop(heavy);
    assert_eq!((bell.wakes(), tx.waiting_senders(), tx.granted_credits()), (1, 0, 2));
    ready(&mut light, &bell).unwrap();
    assert_eq!((rx.len(), tx.available_credits(), bell.held()), (2, 0, 0));
}

/// Each state of a send, given up: not polled, in line, granted, refused.
#[test]
fn c02_credits_a_send_is_cancelled_in_each_state() {
    for gives_back in [false, true] {
        let ((tx, rx), count, bell) = (ones(1), counter(), Bell::new());
        tx.try_send(Dropped::new(0, &count)).unwrap();
        let end = |mut sending: Pin<Box<mailbox::credits::CreditSending<'_, Dropped>>>| {
            let back = gives_back.then(|| sending.as_mut().cancel().expect("it was not sent"));
            assert!(!gives_back || poll_panics(&mut sending), "it is finished");
            drop(sending);
            drop(back);
        };
        end(Box::pin(tx.send(Dropped::new(1, &count))));
        end(queued(tx.send(Dropped::new(2, &count)), &bell));
        let granted = queued(tx.send(Dropped::new(3, &count)), &bell);
        let mut behind = queued(tx.send(Dropped::new(4, &count)), &bell);
        drop(rx.try_recv().unwrap());
        assert_eq!((bell.wakes(), tx.granted_credits()), (1, 1));
        end(granted);
        assert_eq!(bell.wakes(), 2, "its credit goes on");
        assert_eq!(count.load(Ordering::SeqCst), 4);
        ready(&mut behind, &bell).unwrap();
        let refused = queued(tx.send(Dropped::new(5, &count)), &bell);
        rx.close();
        end(refused);
        assert_eq!((rx.try_recv().unwrap().id, rx.try_recv().unwrap_err()), (4, TryRecvError::Closed));
        assert_eq!((tx.available_credits(), count.load(Ordering::SeqCst), bell.held()), (1, 6, 0));
    }
}

fn poll_panics<F: Future>(future: &mut Pin<Box<F>>) -> bool {
    panic_message(|| drop(poll(future, &Bell::new()))).contains("CreditSending")
}

#[test]
fn c02_credits_a_reservation_and_its_permit_are_dropped_in_each_state() {
    let ((tx, rx), bell) = (numbers(3), Bell::new());
    drop(tx.reserve(2));
    let permit = now(tx.reserve(2)).unwrap();
    let waits = queued(tx.reserve(2), &bell);
    let mut behind = queued(tx.send(1), &bell);
    drop(permit);
    assert_eq!((bell.wakes(), tx.granted_credits()), (2, 3));
    drop(waits);
    assert_eq!((tx.available_credits(), tx.granted_credits()), (2, 1));
    ready(&mut behind, &bell).unwrap();
    drop(rx.try_recv().unwrap());
    assert_eq!((tx.available_credits(), tx.waiting_senders()), (3, 0));
}

/// Kills: a forgotten future or sink that stops the others or makes the end unsound.
#[test]
fn c02_credits_forgotten_futures_keep_what_they_were_granted_and_no_more() {
    let ((tx, rx), bell) = (ones(3), Bell::new());
    (0..3).for_each(|n| tx.try_send(n).unwrap());
    let owned = |n| tx.clone().send_owned(n);
    forget(queued(owned(10), &bell));
    forget(outbox(&tx, 11, &bell));
    let mut live = queued(tx.send(12), &bell);
    (0..3).for_each(|_| drop(rx.try_recv().unwrap()));
    ready(&mut live, &bell).unwrap();
    assert_eq!((tx.granted_credits(), tx.available_credits()), (1, 0), "the sink's message has entered");
    assert_eq!([rx.try_recv().unwrap().into_inner(), rx.try_recv().unwrap().into_inner()], [11, 12]);
    forget(queued(rx.recv(), &bell));
    assert_eq!((tx.available_credits(), rx.close()), (2, true));
    drop(live);
    drop((tx, rx));
}

/// Random sends, cancels, deadlines, leases and sinks on one thread: the books balance after each step.
#[test]
fn c02_credits_nothing_is_lost_in_random_histories() {
    for seed in 0..200 {
        let (mut random, bell, count) = (Random::new(seed), Bell::new(), counter());
        let (tx, rx) = mailbox::credits(5, |message: &Dropped| message.id as usize % 7);
        let (mut sends, mut sinks, mut leases) = (Vec::new(), Vec::new(), Vec::<Lease<Dropped>>::new());
        let mut made = 0;
        for _ in 0..200 {
            let pick = |n: usize, random: &mut Random| (n > 0).then(|| random.below(n));
            match random.below(8) {
                0 | 1 => {
                    sends.push(Box::pin(tx.send(Dropped::new(made, &count))));
                    made += 1;
                }
                2 if sinks.len() < 4 => {
                    let mut sink = tx.clone();
                    Pin::new(&mut sink).start_send(Dropped::new(made, &count)).unwrap();
                    sinks.push(sink);
                    made += 1;
                }
                3 => drop(pick(sends.len(), &mut random).map(|i| sends.swap_remove(i))),
                4 => drop(pick(sinks.len(), &mut random).map(|i| sinks.swap_remove(i))),
                5 => leases.extend(rx.try_recv()),
                6 => drop(pick(leases.len(), &mut random).map(|i| leases.swap_remove(i))),
                _ => {
                    if let Some(i) = pick(sends.len(), &mut random) {
                        if poll(&mut sends[i], &bell).is_ready() {
                            drop(sends.swap_remove(i));
                        }
                    }
                }
            }
            let held = tx.limit() - tx.available_credits() - tx.granted_credits();
            let out: usize = leases.iter().map(Lease::weight).sum();
            assert!(out <= held && held <= 5, "seed {seed}: {out} of {held}");
        }
        drop((sends, sinks, leases));
        while let Ok(lease) = rx.try_recv() {
            drop(lease);
        }
        assert_eq!((tx.available_credits(), tx.waiting_senders(), bell.held()), (5, 0, 0), "seed {seed}");
        assert_eq!(count.load(Ordering::SeqCst), made as usize, "seed {seed}");
    }
}

/// Kills: a lighter message, a newcomer or a try that passes the first in line.
#[test]
fn c03_credits_are_granted_in_the_order_of_asking() {
    let ((tx, rx), bell) = (numbers(3), Bell::new());
    tx.try_send(3).unwrap();
    let mut first = queued(tx.send(3), &bell);
    let second = outbox(&tx, 1, &bell);
    let mut third = queued(tx.reserve(2), &bell);
    let part = rx.try_recv().unwrap().split(2, |n| (n, ())).unwrap().0;
    assert_eq!((tx.available_credits(), tx.try_send(1), tx.waiting_senders()), (2, Err(TrySendError::Full(1)), 3));
    assert_eq!(tx.try_reserve(1).unwrap_err(), TryReserveError::Full);
    drop(part);
    ready(&mut first, &bell).unwrap();
    pending(&mut third, &bell);
    assert_eq!(rx.len(), 1, "the sink waits behind it");
    drop(rx.try_recv().unwrap());
    assert_eq!(rx.try_recv().unwrap().into_inner(), 1);
    assert_eq!(ready(&mut third, &bell).unwrap().weight(), 2);
    drop(second);
}

#[test]
fn c05_credits_many_cancels_in_random_order() {
    watched(String::new, || {
        let ((tx, _rx), bell) = (ones(1), Bell::new());
        tx.try_send(0).unwrap();
        let mut waiters: Vec<_> = (0..200_000).map(|n| queued(tx.send(n), &bell)).collect();
        Random::new(7).shuffle(&mut waiters);
        drop(waiters);
        assert_eq!((tx.waiting_senders(), bell.wakes(), bell.held()), (0, 0, 0));
    });
}

/// A message whose weighing and whose drop use the mailbox that it is sent to.
struct Talkative(Option<CreditSender<Talkative>>);

impl Talkative {
    fn talk(&self) -> usize {
        let Some(tx) = &self.0 else { return 1 };
        assert!(!format!("{tx:?} {} {}", tx.leased(), tx.is_closed()).is_empty());
        drop(tx.try_reserve(1));
        drop(tx.try_send(Self(None)));
        1
    }
}

impl Drop for Talkative {
    fn drop(&mut self) {
        self.talk();
    }
}

/// Catches an outbox that asks for its credits under a lock of its own: who joins the line between two turns of grants
/// has the next turn served, and those wakers may be anybody's, the outbox's own among them.
#[test]
fn c06_credits_a_sink_may_send_between_two_turns_of_grants() {
    watched(String::new, || {
        let (tx, rx) = numbers(200);
        tx.try_send(200).unwrap();
        let all = rx.try_recv().unwrap();
        let (first, others) = (Bell::new(), Bell::new());
        let mut waits = vec![queued(tx.send(1), &first)];
        waits.extend((1..65).map(|_| queued(tx.send(1), &others)));
        let sink = std::sync::Mutex::new(tx.clone());
        first.on_wake(move || {
            let mut sink = sink.lock().unwrap();
            let mut sink = Pin::new(&mut *sink);
            assert!(with(&Bell::new(), |cx| sink.as_mut().poll_ready(cx)).is_ready());
            sink.as_mut().start_send(1).unwrap();
        });
        drop(all);
        waits.iter_mut().for_each(|wait| ready(wait, &others).unwrap());
        assert_eq!((rx.len(), tx.leased()), (66, 66));
        first.unhook();
    });
}

#[test]
fn c06_credits_weighing_and_dropping_come_back_to_the_mailbox() {
    watched(String::new, || {
        let (tx, rx) = mailbox::credits(2, Talkative::talk);
        let talkative = || Talkative(Some(tx.clone()));
        assert!(tx.try_send(talkative()).is_ok());
        assert!(tx.try_send(talkative()).is_err(), "weighing has sent another one");
        let waiting = queued(tx.send(talkative()), &Bell::new());
        let sink = outbox(&tx, talkative(), &Bell::new());
        drop(rx.try_recv().unwrap_or_else(|_| panic!("a message")));
        drop((waiting, sink));
        drop(rx);
        assert!(tx.is_closed());
    });
}

#[path = "credits_ends.rs"]
mod ends;
