//! Ports: every message is found by a receiver that is awake, whoever sleeps, leaves or looks meanwhile.

use std::task::{Context, Poll};

use super::{Bell, glance, here, poll, queued, run, run_by};
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
fn sent(sender: Sender<u32>) -> Sender<u32> {
    sender.try_send(7).unwrap();
    sender
}

/// Kills: a receiver that joins after a look under another hold of the lock; an announcement that looks first who
/// sleeps (`ports_an_announcement_looks_twice`).
#[test]
fn nothing_arrives_between_the_look_and_the_wait() {
    model("ports: two sources send ∥ the first polls of two recvs", || {
        let (ports, receiver, sender) = one();
        let other = ports.open(1, 1).unwrap();
        let thread = spawn(move || (sent(sender), sent(other)));
        let both = run(receiver.recv()).unwrap().0 + run(receiver.recv()).unwrap().0;
        let _senders = thread.join().unwrap();
        assert_eq!((both, receiver.waiting_receivers()), (KEY + 1, 0));
    });
}

/// Kills: a recv that was woken and leaves with its token (`ports_a_token_leaves_with_its_receiver`).
#[test]
fn a_recv_that_leaves_hands_its_token_on() {
    model("ports: recv cancelled ∥ send, another recv sleeps", || {
        let (_ports, receiver, sender) = one();
        let (gone, next) = (queued(receiver.recv()), queued(receiver.recv()));
        let thread = spawn(move || sent(sender));
        drop(gone);
        assert_eq!(run(next), Some((KEY, 7)));
        let _senders = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: a token that is counted as received by one who left it to another: the next message then wakes nobody
/// (`ports_a_token_is_counted_out_twice`).
#[test]
fn tokens_are_counted_by_those_who_receive_them() {
    model("ports: two sources send ∥ one of two recvs cancelled", || {
        let (ports, receiver, sender) = one();
        let other = ports.open(1, 1).unwrap();
        let (gone, next) = (queued(receiver.recv()), queued(receiver.recv()));
        let thread = spawn(move || {
            sender.try_send(7).unwrap();
            other.try_send(8).unwrap();
            (sender, other)
        });
        drop(gone);
        let first = run(next).unwrap();
        assert_eq!(first.1 + run(receiver.recv()).unwrap().1, 15);
        let _senders = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: a polled handle that leaves with its token, or stays counted among those who sleep
/// (`ports_a_dropped_handle_stays_asleep`).
#[test]
fn a_polled_handle_that_leaves_hands_its_token_on() {
    model("ports: a polled handle dropped ∥ send, another sleeps", || {
        let (_ports, mut receiver, sender) = one();
        let (mut gone, waker) = (receiver.clone(), here());
        let cx = &mut Context::from_waker(&waker);
        assert!(gone.poll_recv(cx).is_pending() && receiver.poll_recv(cx).is_pending());
        let thread = spawn(move || sent(sender));
        drop(gone);
        assert_eq!(run_by(|cx| receiver.poll_recv(cx), &waker), Some((KEY, 7)));
        let _senders = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: a notification that comes between the poll that found nothing and the putting back, and is overlooked
/// (`ports_a_notification_during_the_poll_is_overlooked`); one that finds its port taken and leaves no note
/// (`ports_a_taken_port_takes_no_note`).
#[test]
fn a_message_that_comes_while_its_port_is_polled_is_found() {
    model("ports: two sends ∥ recv, recv", || {
        let (_ports, receiver, sender) = one();
        let thread = spawn(move || {
            sender.try_send(1).unwrap();
            sender.try_send(2).unwrap();
            sender
        });
        assert_eq!(run(receiver.recv()), Some((KEY, 1)));
        assert_eq!(run(receiver.recv()), Some((KEY, 2)));
        let _senders = thread.join().unwrap();
        assert!(receiver.try_recv().is_err());
    });
}

/// Kills: an adopted mailbox that is looked at without a waker (`ports_an_adopted_mailbox_has_no_waker`); a message
/// before the first look that nobody is told of.
#[test]
fn a_message_that_comes_while_its_mailbox_is_adopted_is_found() {
    model("ports: adopt ∥ send, recv sleeps", || {
        let (ports, receiver) = mailbox::ports(Order::fair());
        let (sender, adopted) = mailbox::bounded(1);
        let waiting = queued(receiver.recv());
        let thread = spawn(move || sent(sender));
        ports.adopt(KEY, adopted).unwrap();
        assert_eq!(run(waiting), Some((KEY, 7)));
        let _senders = thread.join().unwrap();
    });
}

/// Kills: a second message that its receiver sleeps through: the first one neither looks for it nor tells
/// (`ports_the_crowd_is_not_told`).
#[test]
fn the_second_message_wakes_the_second_receiver() {
    model("ports: two sends ∥ two recvs sleep", || {
        let (_ports, receiver, sender) = one();
        let (first, second) = (queued(receiver.recv()), queued(receiver.recv()));
        let thread = spawn(move || {
            sender.try_send(1).unwrap();
            sender.try_send(2).unwrap();
            sender
        });
        assert_eq!(run(first), Some((KEY, 1)));
        assert_eq!(run(second), Some((KEY, 2)));
        let _senders = thread.join().unwrap();
        assert_eq!(receiver.waiting_receivers(), 0);
    });
}

/// Kills: a herd that is woken for one message, by a putting back without a look
/// (`ports_the_crowd_is_woken_without_a_look`).
#[test]
fn one_message_wakes_one_of_two() {
    model("ports: send ∥ the first of two recvs polled, wakes counted", || {
        let (_ports, receiver, sender) = one();
        let ((first, waker), (second, other)) = (Bell::new(), Bell::new());
        let (mut one, mut two) = (Box::pin(receiver.recv()), Box::pin(receiver.recv()));
        assert!(poll(&mut one, &waker).is_pending() && poll(&mut two, &other).is_pending());
        let thread = spawn(move || sent(sender));
        let early = poll(&mut one, &waker).is_ready() || poll(&mut one, &waker).is_ready();
        let asleep = receiver.waiting_receivers();
        let _sender = thread.join().unwrap();
        assert_eq!(asleep, if early { 1 } else { 2 });
        assert!(early || poll(&mut one, &waker).is_ready());
        assert_eq!((first.wakes(), second.wakes(), glance(&mut two)), (1, 0, None));
    });
}

/// Kills: a message that two receivers both take, or both leave, when each looks at a port of its own.
#[test]
fn two_receivers_find_the_messages_of_two_sources() {
    model("ports: two sources send, recv ∥ two try_recvs", || {
        let (ports, receiver, sender) = one();
        let (other, taker) = (ports.open(1, 1).unwrap(), receiver.clone());
        let thread = spawn(move || {
            let taken = [taker.try_recv(), taker.try_recv()].map(|taken| taken.map_or(0, |(_, n)| n));
            (taken[0] + taken[1], taker)
        });
        sender.try_send(1).unwrap();
        other.try_send(2).unwrap();
        let mine = receiver.try_recv().map_or(0, |(_, n)| n);
        let (theirs, _taker) = thread.join().unwrap();
        let rest: u32 = std::iter::from_fn(|| receiver.try_recv().ok()).map(|(_, n)| n).sum();
        assert_eq!(mine + theirs + rest, 3);
    });
}

/// Kills: a late wait that leaves with its token, and neither looks nor hands it on
/// (`ports_a_late_wait_keeps_its_token`).
#[test]
fn a_token_that_meets_the_deadline_is_used_or_goes_on() {
    model("ports: recv, late ∥ send, another recv sleeps", || {
        let (_ports, receiver, sender) = one();
        let mut polls = 0;
        let second_poll = std::future::poll_fn(move |_| {
            polls += 1;
            if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
        });
        let (mut late, behind) = (queued(receiver.recv().until(second_poll)), queued(receiver.recv()));
        let thread = spawn(move || sent(sender));
        match glance(&mut late).unwrap() {
            Ok(found) => assert_eq!(found, Some((KEY, 7))),
            Err(Elapsed) => assert_eq!(run(behind), Some((KEY, 7))),
        }
        let _sender = thread.join().unwrap();
    });
}

/// Kills: a batch that leaves a message, and does not tell one who fell asleep meanwhile
/// (`ports_a_batch_tells_nobody`).
#[test]
fn a_batch_leaves_the_rest_to_the_next() {
    model("ports: recv_many of two ∥ the first poll of recv, three queued", || {
        let (ports, receiver) = mailbox::ports(Order::fair());
        let sender = ports.open_unbounded(KEY).unwrap();
        (1..=3).for_each(|n| sender.try_send(n).unwrap());
        let other = receiver.clone();
        let thread = spawn(move || {
            let mut batch = Vec::new();
            other.recv_many(&mut batch, 2).wait();
            (batch, other)
        });
        let mine = run(receiver.recv());
        let (batch, _other) = thread.join().unwrap();
        let rest = std::iter::from_fn(|| receiver.try_recv().ok());
        assert_eq!(batch.into_iter().chain(mine).chain(rest).map(|(_, n)| n).sum::<u32>(), 6);
    });
}
