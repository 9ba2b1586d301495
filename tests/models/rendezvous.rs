//! Capacity 0: a message changes hands, or it does not; there is nothing in between.

use std::pin::Pin;

use futures_sink::Sink;

use super::{glance, here, queued, run, run_by};
use crate::mailbox::{self, TryRecvError};
use crate::primitive::{model, pick, spawn};

/// Kills: a sender that completes before it is met; a meeting that wakes only one side.
#[test]
fn a_sender_and_a_receiver_meet() {
    model("rendezvous: send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(0);
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

/// Kills: two receivers that take one offer, or an offer that is taken and sent.
#[test]
fn two_pairs_meet() {
    model("rendezvous: two sends ∥ two recvs", || {
        let (sender, receiver) = mailbox::bounded(0);
        let other = sender.clone();
        let waiting = [queued(receiver.recv()), queued(receiver.recv())];
        let threads = [(sender, 1), (other, 2)].map(|(sender, n)| spawn(move || (sender.send_blocking(n), sender)));
        let sum: u32 = waiting.map(|waiting| run(waiting).unwrap()).iter().sum();
        let senders = threads.map(|thread| thread.join().unwrap());
        assert!(sum == 3 && senders.iter().all(|(sent, _)| sent.is_ok()));
        drop(senders);
        assert_eq!((receiver.len(), receiver.recv_blocking()), (0, None));
    });
}

/// Kills: a message that is both taken and given back, or neither (`rendezvous_an_offer_that_leaves_is_counted`).
#[test]
fn a_cancelled_send_was_taken_or_not() {
    model("rendezvous: send cancelled ∥ try_recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let mut parked = queued(sender.send(7));
        let other = receiver.clone();
        let threads = [receiver, other].map(|receiver| spawn(move || receiver.try_recv().ok()));
        let back = parked.as_mut().cancel();
        drop(parked);
        let taken = threads.map(|thread| thread.join().unwrap());
        assert_eq!([back, taken[0], taken[1]].into_iter().flatten().collect::<Vec<_>>(), [7]);
        assert_eq!(sender.waiting_senders(), 0);
    });
}

/// Kills: a receiver that was called by a sender which left, and is not called by the next.
#[test]
fn a_receiver_whose_sender_left_keeps_its_place() {
    model("rendezvous: send cancelled ∥ recv ∥ another send", || {
        let (sender, receiver) = mailbox::bounded(0);
        let gone = queued(sender.send(1));
        let next = sender.clone();
        let threads = [
            spawn(move || next.send_blocking(2).unwrap()),
            spawn(move || {
                let first = receiver.recv_blocking();
                let last = if first == Some(1) { receiver.recv_blocking() } else { first };
                assert_eq!(last, Some(2));
            }),
        ];
        drop(gone);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a receiver that leaves after it was called and takes the call along.
#[test]
fn a_call_whose_receiver_leaves_goes_to_the_next() {
    model("rendezvous: recv cancelled ∥ send ∥ another recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let gone = queued(receiver.recv());
        let next = receiver.clone();
        let threads =
            [spawn(move || sender.send_blocking(7).unwrap()), spawn(move || assert_eq!(next.recv_blocking(), Some(7)))];
        drop(gone);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a message that was sent to a waiting receiver and is lost when that one leaves.
#[test]
fn what_was_sent_to_a_receiver_that_leaves_is_delivered() {
    model("rendezvous: try_send ∥ recv cancelled ∥ send", || {
        let (sender, receiver) = mailbox::bounded(0);
        let gone = queued(receiver.recv());
        let (trier, other) = (sender.clone(), receiver.clone());
        let threads = [
            spawn(move || usize::from(trier.try_send(1).is_ok())),
            spawn(move || {
                drop(sender);
                std::iter::from_fn(|| other.recv_blocking()).count()
            }),
        ];
        drop(gone);
        let [sent, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(sent, received);
    });
}

/// Kills: a `try_recv` that passes a receiver in line, or takes what somebody was called for.
#[test]
fn a_try_never_passes_a_waiting_receiver() {
    model("rendezvous: try_recv ∥ send ∥ a waiting recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let waiting = queued(receiver.recv());
        let thief = receiver.clone();
        let thread = spawn(move || (sender.send_blocking(7), sender));
        let other = spawn(move || (thief.try_recv(), thief));
        assert_eq!(run(waiting), Some(7));
        let ((sent, _sender), (stolen, _thief)) = (thread.join().unwrap(), other.join().unwrap());
        assert_eq!((sent, stolen), (Ok(()), Err(TryRecvError::Empty)));
    });
}

/// Kills: a reservation that is served without a receiver, or a receiver set aside for nobody.
#[test]
fn a_reservation_sets_one_receiver_aside() {
    model("rendezvous: reserve ∥ recv ∥ send", || {
        let (sender, receiver) = mailbox::bounded(0);
        let (parked, other) = (sender.clone().reserve_owned(), sender.clone());
        let reserver = spawn(move || run(parked).unwrap().send(1).unwrap());
        let thread = spawn(move || (other.send_blocking(2), other));
        assert_eq!(run(receiver.recv()).unwrap() + run(receiver.recv()).unwrap(), 3);
        let (_reserver, (sent, _other)) = (reserver.join().unwrap(), thread.join().unwrap());
        assert_eq!((sent, receiver.try_recv()), (Ok(()), Err(TryRecvError::Empty)));
    });
}

/// Kills: a reservation that leaves and keeps its receiver from those behind it.
#[test]
fn a_reservation_that_leaves_sets_nobody_aside() {
    model("rendezvous: reserve cancelled ∥ recv ∥ send", || {
        let (sender, receiver) = mailbox::bounded(0);
        let gone = queued(sender.clone().reserve_owned());
        let threads = [spawn(move || drop(gone)), spawn(move || sender.send_blocking(7).unwrap())];
        assert_eq!(receiver.recv_blocking(), Some(7));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a permit that is dropped and leaves its receiver set aside for ever.
/// (`rendezvous_a_dropped_permit_keeps_its_receiver`)
#[test]
fn a_permit_that_is_dropped_lets_its_receiver_go() {
    model("rendezvous: a permit dropped ∥ send", || {
        let (sender, receiver) = mailbox::bounded(0);
        let waiting = queued(receiver.recv());
        let permit = sender.clone().try_reserve_owned().unwrap();
        let threads = [spawn(move || drop(permit)), spawn(move || sender.send_blocking(7).unwrap())];
        assert_eq!(run(waiting), Some(7));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a sink's flush that answers before its message was taken, or never.
#[test]
fn a_sink_is_flushed_when_its_message_was_taken() {
    model("rendezvous: a sink flushes ∥ recv", || {
        let (mut sink, receiver) = mailbox::bounded(0);
        let thread = spawn(move || {
            for n in 1..=pick(2, 3) {
                run_by(|cx| Pin::new(&mut sink).poll_ready(cx), &here()).unwrap();
                Pin::new(&mut sink).start_send(n).unwrap();
                run_by(|cx| Pin::new(&mut sink).poll_flush(cx), &here()).unwrap();
            }
        });
        (1..=pick(2, 3)).for_each(|n| assert_eq!(receiver.recv_blocking(), Some(n)));
        thread.join().unwrap();
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a receiver polled by hand that is called, finds nothing and sleeps through the next call.
#[test]
fn a_glance_that_finds_nothing_keeps_its_place() {
    model("rendezvous: send cancelled ∥ glance, then recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let mut waiting = queued(receiver.recv());
        let thread = spawn(move || {
            let mut gone = Box::pin(sender.send(1));
            let met = glance(&mut gone).is_some();
            if met || gone.as_mut().cancel().is_none() {
                return true;
            }
            drop(gone);
            sender.send_blocking(2).unwrap();
            false
        });
        let first = glance(&mut waiting).unwrap_or_else(|| run(waiting));
        let met = thread.join().unwrap();
        assert_eq!(first, Some(if met { 1 } else { 2 }));
    });
}
