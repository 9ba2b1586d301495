//! Mailboxes with slots: every message once, in order, and no slot lost.

use std::pin::Pin;

use futures_sink::Sink;

use super::{Bell, glance, here, poll, queued, run, run_by};
use crate::mailbox::{self, TrySendError};
use crate::primitive::{model, pick, spawn};

/// A few messages through `capacity`, one at a time, with an end.
fn some_through(name: &str, capacity: Option<usize>) {
    model(name, move || {
        let (sender, receiver) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
        let thread = spawn(move || {
            sender.send_blocking(1).unwrap();
            (2..=pick(2, 3)).for_each(|n| run(sender.send(n)).unwrap());
        });
        assert_eq!(run(receiver.recv()), Some(1));
        (2..=pick(2, 3)).for_each(|n| assert_eq!(receiver.recv_blocking(), Some(n)));
        assert_eq!(receiver.recv_blocking(), None);
        thread.join().unwrap();
    });
}

/// Kills: a receive that frees a slot and wakes no sender; a send that wakes no receiver.
#[test]
fn messages_arrive_in_order_through_one_slot() {
    some_through("mailbox: send ∥ recv, capacity 1", Some(1));
}

/// Kills: the same with a slot to spare, where a lost wake-up shows only at the end.
#[test]
fn messages_arrive_in_order_through_two_slots() {
    some_through("mailbox: send ∥ recv, capacity 2", Some(2));
}

/// Kills: a send that never waits and therefore forgets to wake.
#[test]
fn messages_arrive_in_order_without_a_limit() {
    some_through("mailbox: send ∥ recv, unbounded", None);
}

/// Kills: a cancelled receiver that takes its message, or the wake-up for it, along (`mailbox_dropped_claim_is_kept`).
#[test]
fn a_recv_that_leaves_loses_no_message() {
    model("mailbox: recv cancelled ∥ send, two receivers", || {
        let (sender, receiver) = mailbox::bounded(1);
        let other = receiver.clone();
        let gone = queued(receiver.recv());
        let threads = [
            spawn(move || sender.send_blocking(7).unwrap()),
            spawn(move || assert_eq!(other.recv_blocking(), Some(7))),
        ];
        drop(gone);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a message given to a receiver's node; the other receiver would then see the later one first.
#[test]
fn a_recv_that_leaves_reorders_no_messages() {
    model("mailbox: recv cancelled ∥ two sends of one sender", || {
        let (sender, receiver) = mailbox::bounded(2);
        let other = receiver.clone();
        let mut gone = queued(receiver.recv());
        let thread = spawn(move || {
            sender.send_blocking(1).unwrap();
            sender.send_blocking(2).unwrap();
        });
        let first = glance(&mut gone).flatten();
        drop(gone);
        let second = other.recv_blocking();
        assert_eq!(second, Some(if first.is_some() { 2 } else { 1 }));
        if first.is_none() {
            assert_eq!(run(receiver.recv()), Some(2));
        }
        thread.join().unwrap();
        assert_eq!(other.recv_blocking(), None);
    });
}

/// Kills: a cancelled send whose message is both given back and received, or neither; a slot that goes with it.
#[test]
fn a_send_that_leaves_was_sent_or_gives_its_message_back() {
    model("mailbox: send cancelled ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let mut parked = queued(sender.send(2));
        let thread = spawn(move || {
            assert_eq!(receiver.recv_blocking(), Some(1));
            assert!(receiver.len() <= 1);
            (receiver.try_recv().ok(), receiver)
        });
        assert!(sender.try_reserve().is_err(), "somebody waits");
        let sent = matches!(glance(&mut parked), Some(Ok(())));
        let back = if sent { None } else { parked.as_mut().cancel() };
        drop(parked);
        let (early, receiver) = thread.join().unwrap();
        let received = early.or_else(|| receiver.try_recv().ok());
        assert_eq!((sent, received.or(back)), (received.is_some(), Some(2)));
        assert_eq!((receiver.remaining(), receiver.waiting_senders()), (1, 0));
    });
}

/// Kills: a slot granted to a sender that leaves and kept from the one behind it.
#[test]
fn a_slot_whose_sender_leaves_goes_to_the_next() {
    model("mailbox: recv ∥ send cancelled ∥ the next sender", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let gone = queued(sender.send(2));
        let (next, other) = (sender.clone(), receiver.clone());
        let threads =
            [spawn(move || next.send_blocking(3).unwrap()), spawn(move || assert_eq!(other.recv_blocking(), Some(1)))];
        drop(gone);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: two receivers woken for one message, or one message delivered twice.
#[test]
fn two_senders_and_two_receivers_exchange_each_message_once() {
    model("mailbox: two sends ∥ two recvs", || {
        let (sender, receiver) = mailbox::bounded(1);
        let (other_sender, other_receiver) = (sender.clone(), receiver.clone());
        let thread = spawn(move || {
            other_sender.send_blocking(1).unwrap();
            other_receiver.recv_blocking().unwrap()
        });
        run(sender.send(2)).unwrap();
        let mine = run(receiver.recv()).unwrap();
        assert_eq!(mine + thread.join().unwrap(), 3);
        assert_eq!((receiver.len(), receiver.remaining()), (0, 1));
    });
}

/// Kills: an eviction that takes a claimed message without leaving one in its place.
#[test]
fn a_claim_survives_an_eviction() {
    model("mailbox: force_send ∥ a claimed recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let claimed = queued(receiver.recv());
        let thread = spawn(move || {
            sender.send_blocking(1).unwrap();
            sender.force_send(2).unwrap()
        });
        let taken = run(claimed);
        let evicted = thread.join().unwrap();
        let left = receiver.recv_blocking();
        assert_eq!(
            (taken, evicted, left),
            if evicted.is_some() { (Some(2), Some(1), None) } else { (Some(1), None, Some(2)) }
        );
    });
}

/// Kills: a nudge that is dropped with its handle; something withheld for a handle that never looks.
#[test]
fn a_handle_that_is_dropped_passes_its_nudge_on() {
    model("mailbox: a nudged handle dropped ∥ send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let mut handle = receiver.clone();
        assert!(handle.poll_recv(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
        let threads = [spawn(move || sender.send_blocking(7).unwrap()), spawn(move || drop(handle))];
        assert_eq!(receiver.recv_blocking(), Some(7));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a nudged handle that finds nothing and goes to sleep out of line, or is never nudged again.
#[test]
fn a_handle_that_finds_nothing_is_nudged_again() {
    model("mailbox: a handle polled ∥ send ∥ a thief", || {
        let (sender, mut handle) = mailbox::bounded(1);
        let thief = handle.clone();
        let waker = here();
        assert!(handle.poll_recv(&mut std::task::Context::from_waker(&waker)).is_pending());
        let thread = spawn(move || (1..=2).for_each(|n| sender.send_blocking(n).unwrap()));
        let stolen = thief.try_recv().ok();
        let mine = run_by(|cx| handle.poll_recv(cx), &waker);
        assert_eq!(mine, Some(if stolen.is_some() { 2 } else { 1 }));
        drop(thief);
        thread.join().unwrap();
    });
}

/// Kills: a lapsed slot that goes to nobody.
#[test]
fn a_slot_that_lapses_goes_to_a_parked_sender() {
    model("mailbox: a sink's slot lapses ∥ a parked sender ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let mut sink = sender.clone();
        run_by(|cx| Pin::new(&mut sink).poll_ready(cx), &here()).unwrap();
        let threads = [
            spawn(move || sender.send_blocking(7).unwrap()),
            spawn(move || run_by(|cx| Pin::new(&mut sink).poll_flush(cx), &here()).unwrap()),
        ];
        assert_eq!(run(receiver.recv()), Some(7));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((receiver.remaining(), receiver.recv_blocking()), (1, None));
    });
}

/// Kills: a sink's waiter that is not nudged when a message is received, or sends into a slot that it does not hold.
#[test]
fn a_sink_waits_for_its_slot() {
    model("mailbox: a sink sends ∥ recv", || {
        let (mut sink, receiver) = mailbox::bounded(1);
        let thread = spawn(move || {
            for n in 1..=pick(2, 3) {
                run_by(|cx| Pin::new(&mut sink).poll_ready(cx), &here()).unwrap();
                Pin::new(&mut sink).start_send(n).unwrap();
            }
        });
        assert_eq!(receiver.recv_blocking(), Some(1));
        (2..=pick(2, 3)).for_each(|n| assert_eq!(run(receiver.recv()), Some(n)));
        thread.join().unwrap();
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a dropped permit whose slot stays reserved (`mailbox_permit_drops_its_slot`).
#[test]
fn a_dropped_permit_gives_its_slot_to_the_next() {
    model("mailbox: a permit dropped ∥ reserve ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let permit = sender.clone().try_reserve_owned().unwrap();
        let threads =
            [spawn(move || permit.release()), spawn(move || run(sender.reserve_owned()).unwrap().send(7).unwrap())];
        assert_eq!(run(receiver.recv()), Some(7));
        let _senders = threads.map(|thread| thread.join().unwrap());
        assert_eq!((receiver.remaining(), receiver.waiting_senders()), (1, 0));
    });
}

/// Kills: a large reservation that small ones pass, or that gathers slots and keeps them when it leaves.
#[test]
fn a_large_reservation_that_leaves_lets_the_small_ones_through() {
    model("mailbox: reserve_many cancelled ∥ send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(2);
        sender.try_send(1).unwrap();
        let large = queued(sender.reserve_many(2));
        let (small, other) = (sender.clone(), receiver.clone());
        let threads =
            [spawn(move || small.send_blocking(2).unwrap()), spawn(move || assert_eq!(other.recv_blocking(), Some(1)))];
        drop(large);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a batch that takes more than is unclaimed, or frees slots without waking their senders.
#[test]
fn a_batch_takes_what_is_there() {
    model("mailbox: recv_many ∥ send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let other = receiver.clone();
        let thread = spawn(move || {
            (1..=2).for_each(|n| sender.send_blocking(n).unwrap());
            sender
        });
        let thief = spawn(move || (other.try_recv().ok(), other));
        let mut batch = Vec::new();
        assert!(receiver.recv_many(&mut batch, 2).wait() > 0);
        let (_sender, (taken, _other)) = (thread.join().unwrap(), thief.join().unwrap());
        _ = receiver.try_recv_many(&mut batch, 2);
        assert_eq!((batch.len(), batch.is_sorted()), (if taken.is_some() { 1 } else { 2 }, true));
    });
}

/// Kills: a `try_recv` that takes a claimed message; a claim left without one.
#[test]
fn a_try_takes_only_above_the_claims() {
    model("mailbox: try_recv ∥ send ∥ a waiting recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let waiting = queued(receiver.recv());
        let thief = receiver.clone();
        let thread = spawn(move || (sender.try_send(7), sender));
        let other = spawn(move || (thief.try_recv(), thief));
        assert_eq!(run(waiting), Some(7));
        let ((sent, _sender), (stolen, _thief)) = (thread.join().unwrap(), other.join().unwrap());
        assert!(sent.is_ok() && stolen.is_err());
    });
}

/// Kills: a `try_send` that passes a parked sender, in a slot that is not enough for it or that was just freed.
#[test]
fn a_try_never_passes_a_parked_sender() {
    model("mailbox: try_send ∥ recv ∥ a parked sender", || {
        let (sender, receiver) = mailbox::bounded(2);
        sender.try_send(1).unwrap();
        let parked = queued(sender.reserve_many(2));
        let (other, taker) = (sender.clone(), receiver.clone());
        let trier = spawn(move || (other.try_send(3), other));
        let thread = spawn(move || (taker.try_recv(), taker));
        let permits = run(parked).unwrap();
        let ((tried, _other), (taken, _taker)) = (trier.join().unwrap(), thread.join().unwrap());
        assert_eq!((tried, taken), (Err(TrySendError::Full(3)), Ok(1)));
        permits.for_each(|permit| permit.send(2).unwrap());
        assert_eq!(receiver.len(), 2);
    });
}

/// Kills: a message that wakes its receiver twice, or a receiver woken by none
/// (`mailbox_quick_push_forgets_the_receiver`).
#[test]
fn one_message_wakes_one_receiver_once() {
    model("mailbox: send ∥ two receivers, wakes counted", || {
        let (sender, receiver) = mailbox::bounded(2);
        let ((first, waker), (second, other)) = (Bell::new(), Bell::new());
        let (mut one, mut two) = (Box::pin(receiver.recv()), Box::pin(receiver.recv()));
        assert!(poll(&mut one, &waker).is_pending() && poll(&mut two, &other).is_pending());
        let senders = [(sender.clone(), 1), (sender, 2)];
        let threads = senders.map(|(sender, n)| spawn(move || (sender.try_send(n).unwrap(), sender)));
        let early = (poll(&mut one, &waker), first.wakes());
        let _senders = threads.map(|thread| thread.join().unwrap());
        assert!(early.1 <= 1);
        assert_eq!((first.wakes(), second.wakes()), (1, 1));
        assert!(early.0.is_ready() || poll(&mut one, &waker).is_ready());
        assert!(poll(&mut two, &other).is_ready());
    });
}
