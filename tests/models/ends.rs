//! The ends of a mailbox, once more: what the last handle of a side does while the other side is at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::{glance, here, queued, run, run_by};
use crate::mailbox::{self, TryRecvError, TrySendError};
use crate::primitive::{model, pick, spawn};

/// A message that counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Kills: an end that is seen before the last message (B47: empty, then closed, and a message in between).
#[test]
fn the_last_message_comes_before_the_end() {
    model("ends: unbounded, try_recv ∥ send and last sender dropped", || {
        let (sender, receiver) = mailbox::unbounded();
        let other = sender.clone();
        let threads = [spawn(move || sender.try_send(7).unwrap()), spawn(move || drop(other))];
        let mut got = 0;
        for _ in 0..pick(1, 2) {
            match receiver.try_recv() {
                Ok(message) => got += message,
                Err(TryRecvError::Empty) => {}
                Err(_) => assert_eq!(got, 7, "closed before the message"),
            }
        }
        got += receiver.recv_blocking().unwrap_or(0);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((got, receiver.recv_blocking()), (7, None));
    });
}

/// Kills: a first message whose block goes astray when the last receiver goes, or that is dropped twice (B82).
/// (`ends_queue_outlives_the_last_receiver`)
#[test]
fn the_first_message_and_the_last_receiver() {
    model("ends: unbounded, two first sends ∥ last receiver dropped", || {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = mailbox::unbounded();
        let (other, mine, theirs) = (sender.clone(), Arc::clone(&drops), Arc::clone(&drops));
        let threads = [spawn(move || drop(other.try_send(Counted(theirs)))), spawn(move || drop(receiver))];
        drop(sender.try_send(Counted(mine)));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((drops.load(SeqCst), sender.len(), sender.is_closed()), (2, 0, true));
    });
}

/// Kills: a close between a send and its receive that loses the one or answers both wrongly (B80).
#[test]
fn close_send_and_try_recv_agree() {
    model("ends: close ∥ try_send ∥ try_recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let (closer, taker) = (receiver.clone(), receiver.clone());
        let threads = [spawn(move || u32::from(closer.close())), spawn(move || taker.try_recv().unwrap_or(0))];
        let sent = match sender.try_send(7) {
            Ok(()) => 7,
            Err(TrySendError::Closed(message)) => message - 7,
            Err(_) => panic!("a slot was free"),
        };
        let [closed, taken] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((closed, taken + receiver.recv_blocking().unwrap_or(0)), (1, sent));
    });
}

/// Kills: a receiver that joins after the end and sleeps through it (B34: receive, look at the end, register).
#[test]
fn a_receiver_polled_by_hand_misses_neither_message_nor_end() {
    model("ends: send and drop ∥ glances, then recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let thread = spawn(move || {
            sender.send_blocking(7).unwrap();
            drop(sender);
        });
        let mut waiting = Box::pin(receiver.recv());
        let first = glance(&mut waiting).or_else(|| glance(&mut waiting)).unwrap_or_else(|| run(waiting));
        assert_eq!((first, run(receiver.recv())), (Some(7), None));
        thread.join().unwrap();
    });
}

/// Kills: a sender that parks beside the close and is never told (B32, B39; `ends_close_forgets_parked_senders`).
#[test]
fn a_sender_that_parks_beside_the_close_is_told() {
    model("ends: close ∥ send parks ∥ last receiver dropped", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let (closer, other) = (sender.clone(), sender.clone());
        let threads = [
            spawn(move || {
                closer.close_mailbox();
                drop(receiver);
            }),
            spawn(move || assert!(other.send_blocking(2).is_err())),
        ];
        assert!(run(sender.send(3)).is_err());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((sender.len(), sender.waiting_senders()), (0, 0));
    });
}

/// Kills: a permit's message that is accepted when nobody is left, or lost with the last receiver.
#[test]
fn a_permits_message_comes_back_when_nobody_is_left() {
    model("ends: a permit's send ∥ last receiver dropped ∥ close", || {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = mailbox::bounded(1);
        let permit = sender.clone().try_reserve_owned().unwrap();
        let message = Counted(Arc::clone(&drops));
        let threads = [spawn(move || drop(receiver)), spawn(move || drop(permit.send(message)))];
        sender.close_mailbox();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((drops.load(SeqCst), sender.len(), sender.sender_count()), (1, 0, 1));
    });
}

/// Kills: an owned reservation that is cancelled and keeps its sender, so that the end never comes.
#[test]
fn a_cancelled_reservation_lets_its_sender_go() {
    model("ends: reserve_owned cancelled ∥ recv ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let gone = queued(sender.reserve_owned());
        let other = receiver.clone();
        let threads = [
            spawn(move || {
                drop(gone);
                0
            }),
            spawn(move || other.recv_blocking().unwrap_or(0)),
        ];
        let mine = run(receiver.recv()).unwrap_or(0);
        let [_, theirs] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((mine + theirs, receiver.is_closed()), (1, true));
    });
}

/// Kills: counts that wrap or contradict each other while a mailbox closes (B107), at the edge of a block.
#[test]
fn counts_stay_in_bounds_at_the_edge_of_a_block() {
    model("ends: len ∥ send ∥ recv and close, blocks of two", || {
        // No larger than it has to be: threads of the checker have small stacks.
        let large = |n: u64| [n; 33];
        let (sender, receiver) = mailbox::bounded(4);
        (0..2).for_each(|n| sender.try_send(large(n)).unwrap());
        let taker = receiver.clone();
        let threads = [
            spawn(move || {
                let sent = (2..pick(3, 4)).filter(|n| sender.try_send(large(*n)).is_ok()).count();
                (sent, 0)
            }),
            spawn(move || {
                let taken = (0..2).filter(|_| taker.try_recv().is_ok()).count();
                taker.close();
                (0, taken)
            }),
        ];
        for _ in 0..pick(1, 2) {
            assert!(receiver.len() <= 4 && receiver.remaining() <= 4);
        }
        let [(sent, _), (_, taken)] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((taken, receiver.len()), (2, sent));
        assert_eq!(std::iter::from_fn(|| receiver.recv_blocking()).count(), sent);
    });
}

/// Kills: a weak handle of a mailbox that is gone, brought back by two upgrades at once (B106;
/// `ends_upgrade_brings_the_dead_back`).
#[test]
fn two_upgrades_and_the_last_drop() {
    model("ends: upgrade ∥ upgrade ∥ last sender dropped", || {
        let (sender, receiver) = mailbox::unbounded();
        let weak = sender.downgrade();
        let threads = [weak.clone(), weak.clone()]
            .map(|weak| spawn(move || usize::from(weak.upgrade().is_some_and(|sender| sender.try_send(7).is_ok()))));
        drop(sender);
        let sent: usize = threads.map(|thread| thread.join().unwrap()).iter().sum();
        assert_eq!(std::iter::from_fn(|| receiver.recv_blocking()).count(), sent);
        assert!(weak.upgrade().is_none() && receiver.is_closed());
    });
}

/// Kills: a polled handle that sleeps through the end (`ends_close_forgets_handles`).
#[test]
fn handles_see_the_end() {
    model("ends: last sender dropped ∥ a handle polled ∥ a handle dropped", || {
        let (sender, mut handle) = mailbox::bounded::<u32>(1);
        let (mut gone, waker) = (handle.clone(), here());
        let cx = &mut std::task::Context::from_waker(&waker);
        assert!(gone.poll_recv(cx).is_pending() && handle.poll_recv(cx).is_pending());
        let threads = [spawn(move || drop(sender)), spawn(move || drop(gone))];
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), None);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((handle.waiting_receivers(), handle.receiver_count()), (0, 1));
    });
}
