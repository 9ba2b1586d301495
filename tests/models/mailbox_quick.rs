//! The quick half of a mailbox: one message, one slot, one to tell – while that one leaves, or the mailbox closes.

use super::{glance, queued, run};
use crate::mailbox::{self, Receiver, TryRecvError};
use crate::primitive::{model, spawn};

/// Kills: a quick push that claims its message for a receiver that leaves, and tells nobody else; one that reorders.
#[test]
fn a_push_for_a_receiver_that_leaves_is_for_the_next() {
    model("quick: two pushes ∥ the granted recv cancelled ∥ another recv", || {
        let (sender, receiver) = mailbox::bounded(2);
        let gone = queued(receiver.recv());
        let other = receiver.clone();
        let threads = [
            spawn(move || (1..=2).for_each(|n| sender.try_send(n).unwrap())),
            spawn(move || assert_eq!([(); 2].map(|()| run(other.recv())), [Some(1), Some(2)])),
        ];
        drop(gone);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// Kills: a quick pop whose slot goes with the sender that leaves, or to one after the close.
#[test]
fn a_pop_for_a_sender_that_leaves_is_for_the_next() {
    model("quick: pop ∥ the granted send cancelled ∥ close, two parked senders", || {
        let (sender, receiver) = mailbox::bounded(2);
        (1..=2).for_each(|n| sender.try_send(n).unwrap());
        let (mut gone, next) = (queued(sender.send(3)), queued(sender.send(4)));
        let (popper, closer) = (receiver.clone(), receiver.clone());
        let threads = [
            spawn(move || (popper.try_recv() == Ok(1)).then_some(popper).unwrap()),
            spawn(move || closer.close().then_some(closer).unwrap()),
        ];
        assert_eq!(gone.as_mut().cancel(), Some(3));
        let sent = run(next).is_ok();
        let _receivers = threads.map(|thread| thread.join().unwrap());
        let left: Vec<_> = std::iter::from_fn(|| receiver.recv_blocking()).collect();
        assert_eq!(left, if sent { vec![2, 4] } else { vec![2] });
        assert_eq!((sender.remaining(), sender.waiting_senders()), (2, 0));
    });
}

/// Kills: a claim used for a message that is not there any more; a quick receive of what is claimed.
#[test]
fn a_claim_is_for_whatever_is_in_front() {
    model("quick: a claim used ∥ force_send ∥ try_recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        let claimed = queued(receiver.recv());
        sender.try_send(1).unwrap();
        let thief = receiver.clone();
        let forcer = spawn(move || (sender.force_send(2).unwrap(), sender));
        let other = spawn(move || (thief.try_recv(), thief));
        let taken = run(claimed);
        let ((evicted, _sender), (stolen, _thief)) = (forcer.join().unwrap(), other.join().unwrap());
        let left = receiver.try_recv();
        match (taken, evicted) {
            (Some(2), Some(1)) => assert_eq!((stolen, left), (Err(TryRecvError::Empty), Err(TryRecvError::Empty))),
            (Some(1), None) => assert!(stolen == Ok(2) && left.is_err() || stolen.is_err() && left == Ok(2)),
            other => panic!("taken and evicted: {other:?}"),
        }
    });
}

/// Kills: a granted slot used without a look at the close, or without a word to the receiver that waits.
#[test]
fn a_granted_slot_is_used_for_a_waiting_receiver_or_void() {
    model("quick: a granted slot used ∥ close ∥ a waiting recv", || {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(1).unwrap();
        let mut granted = queued(sender.send(2));
        assert_eq!(receiver.try_recv(), Ok(1));
        let (closer, waiting) = (receiver.clone(), receiver.clone());
        let threads = [
            spawn(move || {
                closer.close();
                None
            }),
            spawn(move || waiting.recv_blocking()),
        ];
        let sent = glance(&mut granted).expect("a slot was granted").is_ok();
        let [_, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(received, sent.then_some(2));
        assert_eq!(receiver.recv_blocking(), None);
    });
}

/// What is left, in its order.
fn drain(receiver: &Receiver<u32>) -> Vec<u32> {
    let left: Vec<_> = std::iter::from_fn(|| receiver.recv_blocking()).collect();
    assert!(left.is_sorted());
    left
}

/// Kills: a quick receive that takes the last message of a closed mailbox and ends nobody's wait.
#[test]
fn who_drains_a_closed_mailbox_sees_the_end() {
    model("quick: two drain a closed mailbox ∥ a permit dropped", || {
        let (sender, receiver) = mailbox::bounded(3);
        (1..=2).for_each(|n| sender.try_send(n).unwrap());
        let permit = sender.clone().try_reserve_owned().unwrap();
        assert!(sender.close_mailbox());
        let other = receiver.clone();
        let holder = spawn(move || drop(permit.release()));
        let thread = spawn(move || drain(&other));
        let mut all = drain(&receiver);
        all.extend(thread.join().unwrap());
        all.sort_unstable();
        holder.join().unwrap();
        assert_eq!((all, receiver.try_recv()), (vec![1, 2], Err(TryRecvError::Closed)));
    });
}

/// Kills: a message that is lost, doubled or torn where one block ends and a spare one begins.
#[test]
fn messages_cross_into_a_spare_block() {
    model("quick: three large sends ∥ recv, unbounded, blocks of four", || {
        let (sender, receiver) = mailbox::unbounded();
        // No larger than it has to be: threads of the checker have small stacks.
        let large = |n: u64| [n; 22];
        (0..5).for_each(|n| sender.try_send(large(n)).unwrap());
        (0..5).for_each(|n| assert_eq!(receiver.try_recv().unwrap(), large(n)));
        (5..7).for_each(|n| sender.try_send(large(n)).unwrap());
        let thread = spawn(move || (7..10).for_each(|n| sender.try_send(large(n)).unwrap()));
        (5..10).for_each(|n| assert_eq!(run(receiver.recv()).unwrap(), large(n)));
        thread.join().unwrap();
        assert!(receiver.recv_blocking().is_none());
    });
}
