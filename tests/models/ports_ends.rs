//! The ends of ports: of one, of all, and of those who receive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::{queued, run};
use crate::mailbox::{
    self, Sender, TryRecvError,
    ports::{OpenError, Order, PortReceiver, Ports},
};
use crate::primitive::{model, spawn};

const KEY: u8 = 0;

/// A hub with one port of one slot.
fn one<T: Send + 'static>() -> (Ports<u8, T>, PortReceiver<u8, T>, Sender<T>) {
    let (ports, receiver) = mailbox::ports(Order::fair());
    let sender = ports.open(KEY, 1).unwrap();
    (ports, receiver, sender)
}

/// A message that counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Kills: a last port whose end tells nobody (`ports_ends_the_last_port_tells_nobody`); an end that comes before the
/// last message.
#[test]
fn the_last_sender_ends_those_who_wait() {
    model("ports_ends: last message, last sender dropped ∥ three recvs sleep", || {
        let (ports, receiver, sender) = one();
        drop(ports);
        let [first, second, third] = std::array::from_fn(|_| queued(receiver.recv()));
        let thread = spawn(move || {
            sender.try_send(7).unwrap();
            drop(sender);
        });
        assert_eq!(run(first), Some((KEY, 7)));
        assert_eq!((run(second), run(third)), (None, None));
        thread.join().unwrap();
        assert_eq!((receiver.waiting_receivers(), receiver.port_count()), (0, 0));
    });
}

/// Kills: a last opener that leaves and tells nobody (`ports_ends_the_last_opener_tells_nobody`), or that each of two
/// takes for the other.
#[test]
fn the_last_opener_ends_those_who_wait() {
    model("ports_ends: opener dropped ∥ opener dropped ∥ recv", || {
        let (ports, receiver) = mailbox::ports::<u8, u32>(Order::fair());
        let threads = [ports.clone(), ports].map(|ports| spawn(move || drop(ports)));
        assert_eq!(run(receiver.recv()), None);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a last port and a last opener that each see the other still there: both conditions are under one lock
/// (`ports_ends_an_end_is_looked_for_too_early`).
#[test]
fn the_last_port_and_the_last_opener_agree_on_the_end() {
    model("ports_ends: last opener dropped ∥ last sender dropped, recv", || {
        let (ports, receiver, sender) = one::<u32>();
        let thread = spawn(move || drop(ports));
        drop(sender);
        assert_eq!(run(receiver.recv()), None);
        thread.join().unwrap();
        assert_eq!(receiver.port_count(), 0);
    });
}

/// Kills: a close without ports that tells nobody (`ports_ends_a_close_without_ports_tells_nobody`).
#[test]
fn a_close_ends_those_who_wait() {
    model("ports_ends: close ∥ opener dropped, two recvs", || {
        let (ports, receiver) = mailbox::ports::<u8, u32>(Order::fair());
        let (closer, other) = (receiver.clone(), ports.clone());
        let waiting = queued(receiver.recv());
        let thread = spawn(move || (closer.close(), closer));
        drop(other);
        assert!(receiver.try_recv().is_err());
        assert_eq!(run(receiver.recv()), None);
        assert_eq!(run(waiting), None);
        assert!(thread.join().unwrap().0 && ports.is_closed());
    });
}

/// Kills: ends that are left to one receiver, who was woken and does not come (`ports_ends_a_close_wakes_one`).
#[test]
fn a_close_does_not_wait_for_one_who_does_not_come() {
    model("ports_ends: close ∥ two recvs sleep, one of them abandoned", || {
        let (_ports, receiver, _sender) = one::<u32>();
        let _abandoned = queued(receiver.recv());
        let closer = receiver.clone();
        let thread = spawn(move || (closer.close(), closer));
        assert_eq!(receiver.waiting_receivers(), 1);
        assert_eq!(run(receiver.recv()), None);
        assert!(thread.join().unwrap().0);
    });
}

/// Kills: a port that is opened beside the close, and stays open for ever (`ports_ends_a_close_misses_the_new_port`).
#[test]
fn a_port_is_opened_before_the_close_or_not_at_all() {
    model("ports_ends: open ∥ close", || {
        let (ports, receiver) = mailbox::ports::<u8, u32>(Order::fair());
        let closer = receiver.clone();
        let thread = spawn(move || (closer.close(), closer));
        match ports.open(KEY, 1) {
            Ok(sender) => {
                thread.join().unwrap();
                assert!(sender.is_closed());
            }
            Err(why) => {
                assert_eq!(why, OpenError::Closed);
                thread.join().unwrap();
            }
        }
        assert_eq!(run(receiver.recv()), None);
    });
}

/// Kills: an end that is received late, and takes the new port of that key away
/// (`ports_ends_an_old_end_forgets_the_new_port`).
#[test]
fn a_key_whose_port_has_ended_is_opened_again() {
    model("ports_ends: open again ∥ the old end is received", || {
        let (ports, receiver, sender) = one();
        drop(sender);
        let finder = receiver.clone();
        let thread = spawn(move || (finder.try_recv(), finder));
        let again = ports.open(KEY, 1).unwrap();
        again.try_send(7).unwrap();
        let (early, _finder) = thread.join().unwrap();
        assert_eq!(ports.open(KEY, 1).unwrap_err(), OpenError::Open);
        if early.is_err() {
            assert_eq!(run(receiver.recv_from(&KEY)), Some(7));
        }
        assert_eq!((receiver.keys(), receiver.port_count()), (vec![KEY], 1));
    });
}

/// Kills: a port of a key that has ended that opens while it is drained, or stays "draining" after its end.
#[test]
fn a_key_is_open_draining_or_free() {
    model("ports_ends: open again ∥ last sender dropped, last message received", || {
        let (ports, receiver, sender) = one();
        sender.try_send(7).unwrap();
        let taker = receiver.clone();
        let thread = spawn(move || {
            drop(sender);
            (run(taker.recv()), taker)
        });
        let again = ports.open(KEY, 1).or_else(|_| ports.open(KEY, 1));
        let (last, _taker) = thread.join().unwrap();
        assert_eq!(last, Some((KEY, 7)));
        let _sender = again.unwrap_or_else(|why| {
            assert!(matches!(why, OpenError::Open | OpenError::Draining));
            ports.open(KEY, 1).unwrap()
        });
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

/// Kills: a message that is accepted when the last receiver is gone, or that nobody drops.
#[test]
fn the_last_receiver_takes_the_queues_along() {
    model("ports_ends: last receiver dropped ∥ send", || {
        let drops = Arc::new(AtomicUsize::new(0));
        let (_ports, receiver, sender) = one();
        let message = Counted(Arc::clone(&drops));
        let thread = spawn(move || drop(receiver));
        drop(sender.try_send(message));
        thread.join().unwrap();
        assert_eq!((drops.load(SeqCst), sender.len(), sender.is_closed()), (1, 0, true));
    });
}

/// Kills: a port that is opened beside the last receiver's drop, and never closed
/// (`ports_ends_a_port_is_put_back_for_nobody`).
#[test]
fn a_port_is_opened_for_a_receiver_or_not_at_all() {
    model("ports_ends: last receiver dropped ∥ open", || {
        let (ports, receiver) = mailbox::ports::<u8, u32>(Order::fair());
        let thread = spawn(move || drop(receiver));
        let opened = ports.open(KEY, 1);
        thread.join().unwrap();
        assert!(opened.map_or_else(|why| why == OpenError::Closed, |sender| sender.is_closed()));
        assert_eq!(ports.open(KEY, 1).unwrap_err(), OpenError::Closed);
    });
}

/// Kills: a receiver of two that leaves and is taken for the last one, or is not; a message that is then dropped twice.
#[test]
fn two_receivers_leave_beside_a_send() {
    model("ports_ends: try_recvs, receiver dropped ∥ send, receiver dropped", || {
        let drops = Arc::new(AtomicUsize::new(0));
        let (_ports, receiver, sender) = one();
        let (message, other) = (Counted(Arc::clone(&drops)), receiver.clone());
        let thread = spawn(move || drop((other.try_recv(), other.try_recv(), other)));
        drop(sender.try_send(message));
        assert!(receiver.len() <= 1);
        drop(receiver);
        thread.join().unwrap();
        assert_eq!((drops.load(SeqCst), sender.is_closed()), (1, true));
    });
}
