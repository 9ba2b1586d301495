//! Credits: none is lost or doubled, and no message, whoever closes, leaves or gives a lease back meanwhile.

use std::pin::Pin;

use futures_sink::Sink;

use super::{Bell, here, queued, run, run_by};
use crate::mailbox::credits::{CreditReceiver, CreditSender, Lease};
use crate::mailbox::{SendError, TrySendError, credits};
use crate::primitive::{model, spawn};

/// A mailbox whose messages weigh what they say.
fn numbers(limit: usize) -> (CreditSender<usize>, CreditReceiver<usize>) {
    credits(limit, |weight| *weight)
}

/// A mailbox of one credit, and the lease that holds it.
fn one() -> (CreditSender<usize>, CreditReceiver<usize>, Lease<usize>) {
    let (sender, receiver) = numbers(1);
    sender.try_send(1).unwrap();
    let lease = receiver.try_recv().unwrap();
    (sender, receiver, lease)
}

/// Starts to send a message as a sink.
fn start(sink: &mut CreditSender<usize>, message: usize) {
    run_by(|cx| Pin::new(&mut *sink).poll_ready(cx), &here()).unwrap();
    Pin::new(sink).start_send(message).unwrap();
}

/// Waits until the outbox of a sink is empty.
fn flushed(sink: &mut CreditSender<usize>) -> Option<usize> {
    let flushed = run_by(|cx| Pin::new(&mut *sink).poll_flush(cx), &here());
    flushed.err().map(|error| error.into_inner().unwrap())
}

/// Kills: a lease whose end wakes no sender; credits that come back before the message is gone.
#[test]
fn a_lease_that_ends_lets_the_next_message_in() {
    model("credits: send ∥ recv, lease dropped", || {
        let (sender, receiver) = numbers(1);
        let thread = spawn(move || {
            run(sender.send(1)).unwrap();
            sender.send_blocking(1).unwrap();
        });
        assert_eq!(run(receiver.recv()).unwrap().into_inner(), 1);
        drop(run(receiver.recv()).unwrap());
        assert!(run(receiver.recv()).is_none());
        thread.join().unwrap();
        assert_eq!((receiver.available_credits(), receiver.leased()), (1, 0));
    });
}

/// Kills: a send that was granted and leaves with its credits (`credits_a_cancelled_send_keeps_its_credits`).
#[test]
fn a_send_that_leaves_hands_its_credits_on() {
    model("credits: send cancelled ∥ lease dropped, the next sender", || {
        let (sender, receiver, lease) = one();
        let mut gone = queued(sender.send(1));
        let thread = spawn(move || drop(lease));
        let next = queued(sender.send(1));
        assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
        assert!(sender.granted_credits() <= 1);
        assert_eq!(gone.as_mut().cancel(), Some(1));
        run(next).unwrap();
        thread.join().unwrap();
        assert_eq!((receiver.len(), receiver.waiting_senders(), receiver.available_credits()), (1, 0, 0));
    });
}

/// Kills: a message that was granted its credits and is both refused and received, or neither; credits that a refused
/// one keeps (`credits_a_refused_message_keeps_its_credits`).
#[test]
fn a_granted_send_is_received_or_comes_back() {
    model("credits: close ∥ lease dropped ∥ send", || {
        let (sender, receiver, lease) = one();
        let closer = receiver.clone();
        let threads = [spawn(move || drop(lease)), spawn(move || assert!(closer.close()))];
        let sent = run(sender.send(1));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(matches!(sent, Ok(()) | Err(SendError(1))));
        assert_eq!(receiver.try_recv().is_ok(), sent.is_ok());
        assert!(run(receiver.recv()).is_none());
        assert_eq!((receiver.available_credits(), receiver.waiting_senders()), (1, 0));
    });
}

/// Kills: senders that a close leaves in line (`credits_a_close_leaves_the_line`).
#[test]
fn a_close_ends_those_who_wait_for_credits() {
    model("credits: close ∥ close ∥ the first poll of send, another waits", || {
        let (sender, receiver, lease) = one();
        let other = receiver.clone();
        let waiting = queued(sender.send(1));
        let threads = [receiver, other].map(|closer| spawn(move || (u32::from(closer.close()), closer)));
        assert!(run(sender.send(1)).is_err() && run(waiting).is_err());
        let closed = threads.map(|thread| thread.join().unwrap());
        drop(lease);
        assert_eq!((closed[0].0 + closed[1].0, sender.available_credits(), sender.waiting_senders()), (1, 1, 0));
    });
}

/// Kills: a last receiver that leaves senders asleep (`credits_the_last_receiver_tells_no_sender`); a queued lease that
/// nobody drops.
#[test]
fn the_last_receiver_ends_those_who_wait_for_credits() {
    model("credits: receiver dropped ∥ receiver dropped, send waits", || {
        let (sender, receiver) = numbers(2);
        (0..2).for_each(|_| sender.try_send(1).unwrap());
        let (lease, other) = (receiver.try_recv().unwrap(), receiver.clone());
        let waiting = queued(sender.send(2));
        let thread = spawn(move || drop(other));
        assert!(!sender.is_closed() && sender.len() == 1);
        drop(receiver);
        assert!(run(waiting).is_err());
        assert_eq!(sender.try_send(1), Err(TrySendError::Closed(1)));
        thread.join().unwrap();
        drop(lease);
        assert_eq!((sender.available_credits(), sender.len()), (2, 0));
    });
}

/// Kills: a heavy message that light ones pass, or that goes with too few credits
/// (`credits_a_heavy_message_asks_for_one`).
#[test]
fn a_heavy_message_goes_alone() {
    model("credits: two leases dropped ∥ a heavy send, a light one behind", || {
        let (sender, receiver) = numbers(2);
        (0..2).for_each(|_| sender.try_send(1).unwrap());
        let leases = [(); 2].map(|()| receiver.try_recv().unwrap());
        let (heavy, light) = (queued(sender.send(9)), queued(sender.send(1)));
        let threads = leases.map(|lease| spawn(move || drop(lease)));
        assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
        run(heavy).unwrap();
        let lease = receiver.try_recv().unwrap();
        assert_eq!((*lease, lease.weight(), receiver.len()), (9, 2, 0));
        drop(lease);
        run(light).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((receiver.len(), receiver.available_credits()), (1, 1));
    });
}

/// Kills: a message in the outbox that nobody sends when its credits come, or whose sink sleeps on
/// (`credits_an_outbox_tells_no_sink`).
#[test]
fn a_message_in_the_outbox_enters_when_its_credits_come() {
    model("credits: lease dropped ∥ a sink starts, flushes", || {
        let (mut sink, receiver, lease) = one();
        let thread = spawn(move || drop(lease));
        start(&mut sink, 1);
        assert!(receiver.waiting_senders() <= 1 && receiver.len() <= 1);
        assert_eq!(flushed(&mut sink), None);
        thread.join().unwrap();
        assert_eq!((receiver.len(), receiver.available_credits(), receiver.waiting_senders()), (1, 0, 0));
    });
}

/// Kills: a sink that leaves its message, or its place in line, behind; credits that come to it as it leaves, and are
/// lost (`credits_a_dropped_outbox_keeps_its_credits`).
#[test]
fn a_sink_that_leaves_hands_its_credits_on() {
    model("credits: lease dropped ∥ a sink dropped, another sender waits", || {
        let (sender, receiver, lease) = one();
        let mut sink = sender.clone();
        let thread = spawn(move || drop(lease));
        start(&mut sink, 1);
        let next = queued(sender.send(1));
        drop(sink);
        thread.join().unwrap();
        // If the sink's message has entered, its lease ends here.
        drop(receiver.try_recv());
        run(next).unwrap();
        assert_eq!((receiver.len(), receiver.available_credits(), receiver.waiting_senders()), (1, 0, 0));
    });
}

/// Kills: a message in the outbox that a close leaves there for ever, because it looked for its credits only once
/// (`credits_an_outbox_looks_once`), or that is both received and given back; its credits with it.
#[test]
fn a_message_in_the_outbox_is_received_or_comes_back() {
    model("credits: close, then lease dropped ∥ a sink flushes", || {
        let (sender, receiver, lease) = one();
        let mut sink = sender.clone();
        start(&mut sink, 1);
        let thread = spawn(move || {
            drop(lease);
            receiver
        });
        sender.close_mailbox();
        let back = flushed(&mut sink);
        let receiver = thread.join().unwrap();
        assert_eq!((receiver.try_recv().is_ok(), back.unwrap_or(1)), (back.is_none(), 1));
        assert_eq!((receiver.available_credits(), receiver.waiting_senders()), (1, 0));
    });
}

/// Kills: an outbox that says that it is empty before its message has entered: the next one is then lost, or passes
/// (`credits_an_outbox_is_empty_too_early`).
#[test]
fn a_sinks_messages_stay_in_order() {
    model("credits: lease dropped, recv ∥ a sink sends two", || {
        let (mut sink, receiver, lease) = one();
        start(&mut sink, 1);
        let thread = spawn(move || {
            drop(lease);
            (run(receiver.recv()).unwrap().into_inner(), receiver)
        });
        start(&mut sink, 2);
        let (first, receiver) = thread.join().unwrap();
        assert_eq!((first, receiver.try_recv().unwrap().into_inner()), (1, 2));
    });
}

/// Kills: a sink that is polled by another task while its message enters, and wakes the old one
/// (`credits_the_first_task_is_kept`).
#[test]
fn an_outbox_wakes_the_task_that_polled_last() {
    model("credits: lease dropped ∥ a sink polled by two tasks", || {
        let (mut sink, _receiver, lease) = one();
        let ((_old, first), (new, second)) = (Bell::new(), Bell::new());
        let thread = spawn(move || drop(lease));
        start(&mut sink, 1);
        let mut polled = |waker| Pin::new(&mut sink).poll_flush(&mut std::task::Context::from_waker(waker)).is_ready();
        let early = polled(&first) || polled(&second);
        thread.join().unwrap();
        assert!(early || new.wakes() == 1);
        assert!(polled(&second));
    });
}

/// Kills: a permit whose surplus is lost, or is not told of (`credits_a_surplus_stays_with_its_message`).
#[test]
fn the_surplus_of_a_permit_goes_to_the_next() {
    model("credits: a permit sends less ∥ send ∥ send", || {
        let (sender, receiver) = numbers(3);
        let permit = sender.try_reserve(3).unwrap();
        let threads = [sender.clone(), sender.clone()].map(|other| spawn(move || run(other.send(1)).unwrap()));
        permit.send(1).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((receiver.len(), receiver.available_credits()), (3, 0));
    });
}

/// Kills: parts of a lease that give the same credits back twice, or not at all
/// (`credits_the_parts_of_a_lease_have_all_credits`).
#[test]
fn the_parts_of_a_lease_give_their_own_credits_back() {
    model("credits: a part dropped ∥ a part dropped ∥ a heavy send", || {
        let (sender, receiver) = numbers(2);
        sender.try_send(2).unwrap();
        let (mine, theirs) = receiver.try_recv().unwrap().split(1, |n| (n, n)).unwrap();
        let threads = [spawn(move || drop(mine)), spawn(move || drop(theirs))];
        run(sender.send(2)).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((receiver.len(), receiver.available_credits()), (1, 0));
    });
}
