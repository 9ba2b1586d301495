//! Polled handles, evictions and batches: what is told, and what is taken by force or by the dozen.

use std::pin::Pin;

use futures_sink::Sink;

use super::{glance, here, queued, run, run_by};
use crate::mailbox::{self, TrySendError};
use crate::primitive::{model, pick, spawn};

/// Kills: an abandoned handle that keeps slots from a sender which waits.
#[test]
fn an_abandoned_reservation_keeps_no_slot() {
    model("handles: poll_reserve abandoned ∥ two recvs ∥ send", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let mut abandoned = sender.clone();
        assert!(abandoned.poll_reserve(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
        let threads = [spawn(move || sender.send_blocking(2).unwrap()), spawn(move || drop(abandoned))];
        assert_eq!([run(receiver.recv()), receiver.recv_blocking()], [Some(1), Some(2)]);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a nudge that is spent on a handle whose slot somebody else took, and that is never given again.
#[test]
fn a_reservation_polled_by_hand_gets_its_slot() {
    model("handles: poll_reserve ∥ recv ∥ a thief", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let (mut handle, thief) = (sender.clone(), sender.clone());
        let waker = here();
        assert!(handle.poll_reserve(&mut std::task::Context::from_waker(&waker)).is_pending());
        let threads = [
            spawn(move || {
                let taken = (0..pick(1, 2)).filter_map(|_| receiver.recv_blocking()).sum::<u32>();
                (taken, Some(receiver))
            }),
            spawn(move || (u32::from(thief.try_send(10).is_ok()), None)),
        ];
        drop(sender);
        let polled = handle.poll_reserve(&mut std::task::Context::from_waker(&waker)).map(|permit| permit.unwrap());
        let reserved = polled.map(|permit| permit.send(100).unwrap()).is_ready();
        drop(handle);
        let [(taken, receiver), (stolen, _)] = threads.map(|thread| thread.join().unwrap());
        let left: u32 = std::iter::from_fn(|| receiver.as_ref().unwrap().recv_blocking()).sum();
        assert_eq!(taken + left, 1 + 10 * stolen + 100 * u32::from(reserved));
    });
}

/// Kills: two evictions that take one message, or a slot that is filled twice.
#[test]
fn two_evictions_take_two_messages() {
    model("handles: force_send ∥ force_send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let threads = [(sender.clone(), 2), (sender, 4)]
            .map(|(sender, n)| spawn(move || sender.force_send(n).unwrap().unwrap_or(0)));
        let mut sum = receiver.try_recv().unwrap_or(0);
        sum += threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>();
        sum += std::iter::from_fn(|| receiver.recv_blocking()).sum::<u32>();
        assert_eq!(sum, 7);
    });
}

/// Kills: an eviction of a slot that is reserved (`handles_force_passes_a_permit`).
#[test]
fn what_is_reserved_is_not_evicted() {
    model("handles: force_send ∥ a permit's send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let permit = sender.clone().try_reserve_owned().unwrap();
        let forcer = sender.clone();
        let threads = [
            spawn(move || {
                drop(permit.send(1).unwrap());
                0
            }),
            spawn(move || match forcer.force_send(2) {
                Ok(evicted) => 2 - evicted.unwrap_or(0),
                Err(TrySendError::Full(_)) => 0,
                Err(_) => panic!("it is open"),
            }),
        ];
        let first = receiver.try_recv().unwrap_or(0);
        let [_, forced] = threads.map(|thread| thread.join().unwrap());
        drop(sender);
        assert!(receiver.len() <= 1);
        assert_eq!(first + receiver.recv_blocking().unwrap_or(0), 1 + forced);
    });
}

/// Kills: a batch that was cancelled with messages in it, or whose claim goes with it.
#[test]
fn a_batch_that_is_cancelled_leaves_all_messages() {
    model("handles: recv_many cancelled ∥ send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(2);
        let other = receiver.clone();
        let mut buffer = Vec::new();
        let gone = queued(receiver.recv_many(&mut buffer, 2));
        let threads = [
            spawn(move || {
                (1..=pick(1, 2)).for_each(|n| sender.send_blocking(n).unwrap());
                Some(1)
            }),
            spawn(move || other.recv_blocking()),
        ];
        drop(gone);
        let [_, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((received, buffer.len()), (Some(1), 0));
        assert_eq!(receiver.recv_blocking(), if pick(false, true) { Some(2) } else { None });
    });
}

/// Kills: a batch that takes from the middle, or wakes too few of those who wait for its slots
/// (`handles_a_batch_wakes_nobody`).
#[test]
fn a_batch_frees_all_its_slots() {
    model("handles: recv_many ∥ two parked senders", || {
        let (sender, receiver) = mailbox::bounded(2);
        (1..=2).for_each(|n| sender.try_send(n).unwrap());
        let other = sender.clone();
        let threads = [(sender, 3), (other, 4)].map(|(sender, n)| spawn(move || sender.send_blocking(n).unwrap()));
        let mut batch = Vec::new();
        assert!(receiver.recv_many(&mut batch, 2).wait() == 2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(receiver.try_recv_many(&mut batch, 4), Ok(2));
        batch[2..].sort_unstable();
        assert_eq!(batch, [1, 2, 3, 4]);
    });
}

/// Kills: a handle at capacity 0 that is called for an offer and does not find it, or takes it twice.
#[test]
fn a_handle_meets_a_sender() {
    model("handles: capacity 0, poll_recv ∥ send ∥ a send cancelled", || {
        let (sender, mut handle) = mailbox::bounded(0);
        let gone = queued(sender.clone().reserve_owned());
        let waker = here();
        assert!(handle.poll_recv(&mut std::task::Context::from_waker(&waker)).is_pending());
        let threads = [spawn(move || sender.send_blocking(7).unwrap()), spawn(move || drop(gone))];
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), Some(7));
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), None);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a message forced on a receiver that leaves, and lost there.
#[test]
fn what_was_forced_on_a_receiver_that_leaves_is_delivered() {
    model("handles: capacity 0, force_send ∥ recv cancelled ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let gone = queued(receiver.recv());
        let other = receiver.clone();
        let threads = [
            spawn(move || usize::from(sender.force_send(7).is_ok())),
            spawn(move || usize::from(other.recv_blocking().is_some())),
        ];
        drop(gone);
        let [sent, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((sent, receiver.len()), (received, 0));
    });
}

/// Kills: a reservation at capacity 0 that close leaves asleep, or that keeps its receiver after it.
#[test]
fn a_reservation_and_its_receiver_see_the_close() {
    model("handles: capacity 0, close ∥ reserve ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(0);
        let (parked, closer) = (queued(sender.reserve()), sender.clone());
        let threads = [
            spawn(move || {
                closer.close_mailbox();
                0
            }),
            spawn(move || receiver.recv_blocking().unwrap_or(0)),
        ];
        let sent = run(parked).is_ok_and(|permit| permit.send(7).is_ok());
        let [_, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(received, if sent { 7 } else { 0 });
        assert_eq!((sender.waiting_senders(), sender.waiting_receivers()), (0, 0));
    });
}

/// Kills: a sink whose message waits in the outbox and is lost, doubled or passed when its slot lapsed.
#[test]
fn a_message_in_the_outbox_is_sent_once() {
    model("handles: a sink's outbox ∥ recv ∥ another sender", || {
        let (sender, receiver) = mailbox::bounded(1);
        let mut sink = sender.clone();
        run_by(|cx| Pin::new(&mut sink).poll_ready(cx), &here()).unwrap();
        run_by(|cx| Pin::new(&mut sink).poll_flush(cx), &here()).unwrap();
        let thread = spawn(move || {
            Pin::new(&mut sink).start_send(2).unwrap();
            run_by(|cx| Pin::new(&mut sink).poll_flush(cx), &here()).unwrap();
        });
        let sent = (0..pick(1, 2)).filter(|_| sender.try_send(10).is_ok()).count() as u32;
        drop(sender);
        let sum: u32 = std::iter::from_fn(|| run(receiver.recv())).sum();
        assert_eq!((sum, receiver.len()), (2 + 10 * sent, 0));
        thread.join().unwrap();
    });
}

/// Kills: a stream that ends, or a second handle that sleeps, while there is a message for each.
#[test]
fn two_handles_share_two_messages() {
    model("handles: two polled handles ∥ two sends", || {
        let (sender, mut handle) = mailbox::bounded(2);
        let mut other = handle.clone();
        assert!(other.poll_recv(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
        let thread = spawn(move || (1..=2).for_each(|n| sender.try_send(n).unwrap()));
        let waker = here();
        let taken = [run_by(|cx| handle.poll_recv(cx), &waker), run_by(|cx| other.poll_recv(cx), &waker)];
        assert_eq!(taken, [Some(1), Some(2)]);
        thread.join().unwrap();
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), None);
        let mut late = Box::pin(handle.recv());
        assert_eq!(glance(&mut late), Some(None));
    });
}
