//! Waiting for one source: in its line, called by name, and beside those who wait for any.

use std::task::Poll;

use super::{glance, queued, run};
use crate::Elapsed;
use crate::mailbox::{
    self, Sender,
    ports::{Order, PortReceiver, Ports},
};
use crate::primitive::{model, spawn};

const KEY: u8 = 0;

/// A hub with one port of two slots.
fn one() -> (Ports<u8, u32>, PortReceiver<u8, u32>, Sender<u32>) {
    let (ports, receiver) = mailbox::ports(Order::fair());
    let sender = ports.open(KEY, 2).unwrap();
    (ports, receiver, sender)
}

/// Sends a message. The port stays open.
fn sent(sender: Sender<u32>, message: u32) -> Sender<u32> {
    sender.try_send(message).unwrap();
    sender
}

/// Kills: a seeker that looks, and asks to be called afterwards (`ports_from_a_seeker_is_not_called`).
#[test]
fn nothing_arrives_between_the_look_and_the_call() {
    model("ports_from: two sends ∥ the first polls of two recv_froms", || {
        let (_ports, receiver, sender) = one();
        let thread = spawn(move || sent(sent(sender, 1), 2));
        assert_eq!(run(receiver.recv_from(&KEY)), Some(1));
        assert_eq!(run(receiver.recv_from(&KEY)), Some(2));
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a line that stops when its first leaves (`ports_from_the_first_keeps_its_right`).
#[test]
fn the_first_that_leaves_lets_the_next_look() {
    model("ports_from: the first cancelled ∥ two sends, the next in line", || {
        let (_ports, receiver, sender) = one();
        let (gone, next) = (queued(receiver.recv_from(&KEY)), queued(receiver.recv_from(&KEY)));
        let thread = spawn(move || sent(sent(sender, 1), 2));
        drop(gone);
        assert_eq!(run(next), Some(1));
        assert_eq!(run(receiver.recv_from(&KEY)), Some(2));
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a port that stays kept for one who left (`ports_from_a_kept_port_is_not_offered`).
#[test]
fn the_only_one_that_leaves_offers_the_port_to_any() {
    model("ports_from: the only seeker cancelled ∥ send, recv sleeps", || {
        let (_ports, receiver, sender) = one();
        let (gone, any) = (queued(receiver.recv_from(&KEY)), queued(receiver.recv()));
        let thread = spawn(move || sent(sender, 7));
        drop(gone);
        assert_eq!(run(any), Some((KEY, 7)));
        let _sender = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: a first that gives the line away before it has left: it then takes back what the next asked for
/// (`ports_from_the_line_goes_on_too_early`).
#[test]
fn the_next_is_called_after_the_first_has_left() {
    model("ports_from: the first cancelled, then send ∥ the next", || {
        let (_ports, receiver, sender) = one();
        let gone = queued(receiver.clone().recv_from_owned(&KEY));
        let next = queued(receiver.recv_from(&KEY));
        let thread = spawn(move || {
            drop(gone);
            sent(sender, 7)
        });
        assert_eq!(run(next), Some(7));
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a `recv` that takes what somebody waits for (`ports_from_any_takes_what_is_sought`); a seeker that does not
/// tell of what is left (`ports_from_a_seeker_tells_nobody`).
#[test]
fn one_who_seeks_goes_before_one_who_takes_any() {
    model("ports_from: two sends ∥ recv_from and recv sleep", || {
        let (_ports, receiver, sender) = one();
        let (any, from) = (queued(receiver.recv()), queued(receiver.recv_from(&KEY)));
        let thread = spawn(move || sent(sent(sender, 1), 2));
        assert_eq!(run(from), Some(1));
        assert_eq!(run(any), Some((KEY, 2)));
        let _sender = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: one message that both get, or neither, where both look at once.
#[test]
fn one_message_is_for_one_of_both() {
    model("ports_from: send ∥ recv_from sleeps, two try_recvs", || {
        let (_ports, receiver, sender) = one();
        let from = queued(receiver.recv_from(&KEY));
        let thief = receiver.clone();
        let thread = spawn(move || {
            sender.try_send(7).unwrap();
            (sender, thief.try_recv().is_ok() || thief.try_recv().is_ok(), thief)
        });
        assert_eq!(run(from), Some(7));
        let (_sender, stolen, _thief) = thread.join().unwrap();
        assert!(!stolen && receiver.try_recv().is_err());
    });
}

/// Kills: messages that two in line get out of order, or a second that is not called when the first has its message.
#[test]
fn two_in_line_are_served_in_order() {
    model("ports_from: two sends ∥ two recv_froms", || {
        let (_ports, receiver, sender) = one();
        let (first, second) = (queued(receiver.recv_from(&KEY)), queued(receiver.recv_from(&KEY)));
        let thread = spawn(move || sent(sent(sender, 1), 2));
        assert_eq!(run(first), Some(1));
        assert_eq!(run(second), Some(2));
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a try that leaves without a word what came while it was counted as a seeker
/// (`ports_from_a_try_leaves_the_port_kept`).
#[test]
fn a_try_leaves_what_it_does_not_take() {
    model("ports_from: try_recv_from ∥ send, recv sleeps", || {
        let (_ports, receiver, sender) = one();
        let (any, taker) = (queued(receiver.recv()), receiver.clone());
        let thread = spawn(move || (taker.try_recv_from(&KEY).ok(), taker));
        sender.try_send(1).unwrap();
        sender.try_send(2).unwrap();
        let mine = run(any).unwrap().1;
        let (theirs, _taker) = thread.join().unwrap();
        assert!(theirs != Some(mine) && theirs.is_none_or(|n| n + mine == 3));
    });
}

/// Kills: a port that one who was served puts back for all, though another has joined its line
/// (`ports_from_any_passes_who_joins_late`).
#[test]
fn a_port_is_kept_for_one_who_joins_its_line() {
    model("ports_from: recv_from is served ∥ recv_from joins, try_recv", || {
        let (_ports, receiver, sender) = one();
        let _sender = sent(sent(sender, 1), 2);
        let other = receiver.clone();
        let thread = spawn(move || (run(other.recv_from(&KEY)), other));
        let mut mine = Box::pin(receiver.recv_from(&KEY));
        let early = glance(&mut mine);
        assert!(early.is_some() || receiver.try_recv().is_err(), "it is before me");
        let mine = early.unwrap_or_else(|| run(mine)).unwrap();
        let (theirs, _other) = thread.join().unwrap();
        assert_eq!(mine + theirs.unwrap(), 3);
    });
}

/// Kills: a late seeker that was called, and neither takes the message nor lets the next have it.
#[test]
fn a_call_that_meets_the_deadline_is_used_or_goes_on() {
    model("ports_from: recv_from, late ∥ send, the next in line", || {
        let (_ports, receiver, sender) = one();
        let mut polls = 0;
        let second_poll = std::future::poll_fn(move |_| {
            polls += 1;
            if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
        });
        let mut late = queued(receiver.recv_from(&KEY).until(second_poll));
        let next = queued(receiver.recv_from(&KEY));
        let thread = spawn(move || sent(sender, 7));
        match glance(&mut late).unwrap() {
            Ok(found) => assert_eq!(found, Some(7)),
            Err(Elapsed) => assert_eq!(run(next), Some(7)),
        }
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a close that only the first of a line learns of (`ports_from_the_line_outlives_its_port`).
#[test]
fn a_close_ends_all_in_line() {
    model("ports_from: send, close ∥ three recv_froms", || {
        let (_ports, receiver, sender) = one();
        let [first, mut second, third] = std::array::from_fn(|_| queued(receiver.recv_from(&KEY)));
        let closer = receiver.clone();
        let thread = spawn(move || (sent(sender, 7), closer.close(), closer));
        assert_eq!(run(first), Some(7));
        assert_eq!(run(&mut second), None);
        // The second is still there: it has nothing to pass on.
        assert_eq!(run(third), None);
        assert!(thread.join().unwrap().1);
    });
}
