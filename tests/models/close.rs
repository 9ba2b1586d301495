//! Close and the ends of a mailbox: one moment, and what was accepted before it is delivered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::{glance, queued, run};
use crate::mailbox::{self, TryRecvError};
use crate::primitive::{model, spawn};

/// A message that counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Kills: a last sender that leaves without waking those who wait.
#[test]
fn the_last_sender_ends_every_receiver() {
    model("close: last sender dropped ∥ two recvs", || {
        let (sender, receiver) = mailbox::bounded::<u32>(1);
        let (copy, other) = (sender.clone(), receiver.clone());
        let threads = [spawn(move || drop(sender)), spawn(move || assert_eq!(other.recv_blocking(), None))];
        drop(copy);
        assert_eq!(run(receiver.recv()), None);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a last sender whose close ends a receiver although a message is there.
#[test]
fn a_message_sent_before_the_end_is_received() {
    model("close: send, then last sender dropped ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let other = receiver.clone();
        let threads = [
            spawn(move || usize::from(sender.try_send(7).is_ok())),
            spawn(move || usize::from(other.try_recv().is_ok())),
        ];
        let mine = usize::from(receiver.recv_blocking().is_some());
        let [sent, theirs] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((sent, mine + theirs), (1, 1));
    });
}

/// Kills: a message that is accepted after the last receiver has gone, or dropped twice, or leaked.
#[test]
fn the_last_receiver_takes_the_queue_along() {
    model("close: last receiver dropped ∥ sends", || {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = mailbox::bounded(1);
        let other = receiver.clone();
        let threads = [spawn(move || drop(receiver)), spawn(move || drop(other))];
        let sent: Vec<_> = (0..2).map(|_| sender.send_blocking(Counted(Arc::clone(&drops)))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(sent[1].is_err() && (sent[0].is_ok() || sender.is_closed()));
        drop(sent);
        assert_eq!((drops.load(SeqCst), sender.len()), (2, 0));
    });
}

/// Kills: a close that voids a permit, or an end announced while one is alive (`close_end_does_not_wait_for_permits`).
#[test]
fn a_permit_holds_the_end_back() {
    model("close: close ∥ permit send ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let permit = sender.clone().try_reserve_owned().unwrap();
        let threads = [spawn(move || drop(permit.send(7).unwrap())), spawn(move || assert!(sender.close_mailbox()))];
        assert_eq!(receiver.recv_blocking(), Some(7));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

/// Kills: a permit dropped after close that does not end those who wait for its message.
#[test]
fn a_permit_dropped_after_close_ends_who_waits() {
    model("close: close ∥ permit dropped ∥ recv", || {
        let (sender, receiver) = mailbox::bounded::<u32>(1);
        let permit = sender.clone().try_reserve_owned().unwrap();
        let waiting = queued(receiver.recv());
        let close = move || sender.close_mailbox().then_some(sender).unwrap();
        let threads = [spawn(move || permit.release()), spawn(close)];
        assert_eq!(run(waiting), None);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
        threads.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    });
}

/// Kills: a reservation that is granted by close, or becomes a permit after it.
#[test]
fn a_reservation_is_a_permit_or_closed() {
    model("close: close ∥ reserve ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let (parked, closer) = (queued(sender.reserve()), receiver.clone());
        let threads = [
            spawn(move || closer.close().then_some(closer).unwrap()),
            spawn(move || (receiver.try_recv() == Ok(1)).then_some(receiver).unwrap()),
        ];
        if let Ok(permit) = run(parked) {
            drop(permit);
        }
        let _handles = threads.map(|thread| thread.join().unwrap());
        assert_eq!((sender.remaining(), sender.waiting_senders()), (1, 0));
    });
}

/// Kills: a slot granted before close that still takes a message after it; a message both given back and received.
#[test]
fn a_granted_sender_pushes_before_close_or_not_at_all() {
    model("close: close ∥ a granted sender", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let mut parked = queued(sender.send(2));
        assert_eq!(receiver.try_recv(), Ok(1));
        let (closer, taker) = (receiver.clone(), receiver.clone());
        let thread = spawn(move || (closer.close(), closer));
        let other = spawn(move || (taker.close(), taker.try_recv(), taker));
        let sent = glance(&mut parked).unwrap().is_ok();
        let ((first, _closer), (second, taken, _taker)) = (thread.join().unwrap(), other.join().unwrap());
        assert!(first != second && taken.is_ok() == sent);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

/// Kills: a `try_send` that is accepted after close; two closes that both say that they did it.
#[test]
fn what_is_accepted_is_delivered() {
    model("close: close ∥ close ∥ try_send", || {
        let (sender, receiver) = mailbox::bounded(1);
        let closer = receiver.clone();
        let thread = spawn(move || (closer.close(), closer.is_closed()));
        let sent = sender.try_send(7).is_ok();
        let first = sender.close_mailbox();
        assert!(sender.try_send(8).is_err());
        assert_eq!(receiver.try_recv().is_ok(), sent);
        let (other, closed) = thread.join().unwrap();
        assert!(first != other && closed && (sent || other));
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a claim revoked by close; a receiver that ends although its message is there.
#[test]
fn a_claim_stands() {
    model("close: close ∥ send ∥ a waiting recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let waiting = queued(receiver.recv());
        let closer = receiver.clone();
        let thread = spawn(move || (closer.close(), closer));
        let other = spawn(move || (sender.try_send(7).is_ok(), sender));
        let received = run(waiting).is_some();
        let (closed, _closer) = thread.join().unwrap();
        let (sent, _sender) = other.join().unwrap();
        assert_eq!((closed, sent), (true, received));
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a parked sender at capacity 0 that is both taken and told that it was closed.
#[test]
fn a_parked_sender_meets_or_gets_its_message_back() {
    model("close: close ∥ send ∥ recv, capacity 0", || {
        let (sender, receiver) = mailbox::bounded(0);
        let parked = queued(sender.send(7));
        let closer = receiver.clone();
        let threads = [spawn(move || u32::from(closer.close())), spawn(move || receiver.recv_blocking().unwrap_or(0))];
        let sent = run(parked).is_ok();
        let [_, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(received, if sent { 7 } else { 0 });
    });
}

/// Kills: an upgrade that brings a mailbox back whose last sender has gone.
#[test]
fn a_weak_sender_comes_back_before_the_end_or_never() {
    model("close: upgrade ∥ last sender dropped ∥ recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let (weak, copy) = (sender.downgrade(), sender.clone());
        let threads = [
            spawn(move || {
                drop(sender);
                0
            }),
            spawn(move || weak.upgrade().map_or(0, |sender| usize::from(sender.try_send(7).is_ok()))),
        ];
        drop(copy);
        let received = usize::from(receiver.recv_blocking().is_some());
        let [_, sent] = threads.map(|thread| thread.join().unwrap());
        assert_eq!((received, receiver.recv_blocking()), (sent, None));
        assert!(receiver.is_closed());
    });
}

/// Kills: an upgrade that receives from a mailbox whose last receiver has gone.
#[test]
fn a_weak_receiver_comes_back_before_the_end_or_never() {
    model("close: upgrade ∥ last receiver dropped ∥ send", || {
        let (sender, receiver) = mailbox::bounded(1);
        let weak = receiver.downgrade();
        let threads = [
            spawn(move || {
                drop(receiver);
                None
            }),
            spawn(move || weak.upgrade().and_then(|receiver| receiver.try_recv().ok())),
        ];
        let sent = [sender.try_send(7).is_ok(), sender.send_blocking(8).is_ok()];
        let [_, received] = threads.map(|thread| thread.join().unwrap());
        assert!(received.is_none() || sent[0]);
        assert_eq!((sender.is_closed(), sender.len(), sender.receiver_count()), (true, 0, 0));
    });
}

/// Kills: a close that wakes a sender's waiter and leaves its slot taken by nobody.
#[test]
fn senders_that_wait_are_refused() {
    model("close: close ∥ two parked senders", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(0).unwrap();
        let (copy, closer) = (sender.clone(), receiver.clone());
        let threads = [
            spawn(move || copy.send_blocking(1).map_err(mailbox::SendError::into_inner)),
            spawn(move || {
                closer.close();
                Err(1)
            }),
        ];
        assert_eq!(run(sender.send(2)).map_err(mailbox::SendError::into_inner), Err(2));
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Err(1)));
        assert_eq!((receiver.recv_blocking(), receiver.recv_blocking()), (Some(0), None));
    });
}

/// Kills: a listener that begins while the mailbox closes, and hears neither what came before nor what comes after
/// (`close_a_listener_is_not_watched_for`, `close_what_came_before_is_not_noted`).
#[test]
fn who_begins_to_listen_hears_the_close_and_the_end() {
    model("close: last sender dropped ∥ try_recv ∥ closed() and drained() begin", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(7).unwrap();
        let other = receiver.clone();
        let threads = [spawn(move || drop(sender)), spawn(move || assert_eq!(other.try_recv(), Ok(7)))];
        let (mut closed, mut drained) = (Box::pin(receiver.closed()), Box::pin(receiver.drained()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((glance(&mut closed), glance(&mut drained)), (Some(()), Some(())));
    });
}
