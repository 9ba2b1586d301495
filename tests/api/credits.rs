//! Mailboxes with credits: weights, leases, permits and counts.

use crate::common::{Bell, Deadline, expect_ready, now, panic_message, pending, poll, queued, ready, with};
use futures::sink::Sink;
use futures::stream::{FusedStream, Stream, StreamExt};
use sempost::mailbox::credits::{CreditReceiver, CreditSender, PermitSendError};
use sempost::mailbox::{self, ReserveUntilError, SendUntilError};
use sempost::mailbox::{TryRecvError, TryReserveError, TrySendError};
use sempost::{Elapsed, Semaphore};
use std::pin::Pin;

/// Numbers that weigh what they say.
fn numbers(limit: usize) -> (CreditSender<usize>, CreditReceiver<usize>) {
    mailbox::credits(limit, |n| *n)
}

#[test]
fn a_message_holds_its_credits_until_its_lease_ends() {
    let (tx, rx) = numbers(10);
    now(tx.send(7)).unwrap();
    assert_eq!((tx.available_credits(), tx.leased(), tx.limit(), tx.len()), (3, 7, 10, 1));
    let lease = now(rx.recv()).unwrap();
    assert_eq!((tx.available_credits(), lease.weight(), *lease, tx.len()), (3, 7, 7, 0));
    assert_eq!(tx.try_send(4), Err(TrySendError::Full(4)));
    drop(lease);
    assert_eq!((tx.available_credits(), tx.try_send(4)), (10, Ok(())));
}

#[test]
fn a_limit_that_is_no_limit_is_refused() {
    for (limit, word) in [(0, "limit of 0"), (Semaphore::MAX_PERMITS + 1, "MAX_PERMITS"), (usize::MAX, "MAX_PERMITS")] {
        let message = panic_message(|| mailbox::credits::<u8>(limit, |_| 1));
        assert!(message.contains(word), "{limit}: {message}");
    }
    let (tx, _rx) = mailbox::credits::<u8>(Semaphore::MAX_PERMITS, |_| usize::MAX);
    assert_eq!((tx.try_send(1), tx.available_credits()), (Ok(()), 0));
}

/// Kills: messages without weight that pass without limit.
#[test]
fn a_weight_of_0_counts_as_1() {
    let (tx, rx) = numbers(2);
    assert_eq!([tx.try_send(0), tx.try_send(0), tx.try_send(0)], [Ok(()), Ok(()), Err(TrySendError::Full(0))]);
    assert_eq!(rx.try_recv().unwrap().weight(), 1);
    assert_eq!(tx.try_reserve(0).unwrap().weight(), 1);
}

/// Kills: a message that waits for more credits than there are, and so for ever.
#[test]
fn a_message_above_the_limit_goes_alone() {
    let ((tx, rx), bell) = (numbers(3), Bell::new());
    tx.try_send(1).unwrap();
    let mut heavy = queued(tx.send(100), &bell);
    let first = rx.try_recv().unwrap();
    pending(&mut heavy, &bell);
    drop(first);
    ready(&mut heavy, &bell).unwrap();
    assert_eq!((tx.available_credits(), tx.try_send(1)), (0, Err(TrySendError::Full(1))));
    let lease = rx.try_recv().unwrap();
    assert_eq!((*lease, lease.weight()), (100, 3));
    drop(lease);
    assert_eq!(tx.available_credits(), 3);
}

#[test]
fn weigh_is_called_once_and_at_the_first_poll() {
    static CALLS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let calls = || CALLS.load(std::sync::atomic::Ordering::SeqCst);
    let (tx, rx) = mailbox::credits(1, |_: &u8| CALLS.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    let (mut first, bell) = (Box::pin(tx.send(1)), Bell::new());
    assert_eq!(calls(), 0, "inert until it is polled");
    ready(&mut first, &bell).unwrap();
    let mut second = queued(tx.send(2), &bell);
    pending(&mut second, &bell);
    drop(rx.try_recv().unwrap());
    ready(&mut second, &bell).unwrap();
    assert_eq!(calls(), 2);
    let late = queued(tx.send(3), &bell);
    drop(late);
    assert_eq!((calls(), now(tx.send(4).until(Deadline::past()))), (3, Err(SendUntilError::Elapsed(4))));
}

/// Kills: a panic of `weigh` that takes credits or the mailbox along.
#[test]
fn a_weigh_that_panics_takes_no_credits() {
    let (mut tx, rx) = mailbox::credits(2, |n: &u32| if *n == 13 { panic!("unlucky") } else { 1 });
    let bell = Bell::new();
    assert!(panic_message(|| tx.try_send(13)).contains("unlucky"));
    assert!(panic_message(|| Pin::new(&mut tx).start_send(13)).contains("unlucky"));
    assert!(panic_message(|| tx.try_reserve(1).unwrap().send(13)).contains("unlucky"));
    let mut sending = Box::pin(tx.send(13));
    assert!(panic_message(|| poll(&mut sending, &bell).is_ready()).contains("unlucky"));
    assert_eq!((sending.as_mut().cancel(), tx.available_credits(), tx.waiting_senders()), (Some(13), 2, 0));
    drop(sending);
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx))).is_ok());
    assert_eq!((tx.try_send(1), tx.try_send(2), rx.len(), tx.sender_count()), (Ok(()), Ok(()), 2, 1));
    drop(tx);
    assert_eq!(rx.try_recv().unwrap().into_inner() + rx.try_recv().unwrap().into_inner(), 3);
    assert_eq!(rx.try_recv().unwrap_err(), TryRecvError::Closed);
}

#[test]
fn a_lease_can_be_changed_mapped_and_given_back_early() {
    let (tx, rx) = mailbox::credits(10, String::len);
    tx.try_send("seven".to_owned()).unwrap();
    let mut lease = rx.try_recv().unwrap();
    lease.push_str(" and more");
    assert_eq!(
        (lease.weight(), format!("{lease:?}")),
        (5, r#"Lease { value: "seven and more", weight: 5 }"#.to_owned())
    );
    let mapped = lease.map(|text| text.len());
    assert_eq!((*mapped, mapped.weight(), tx.available_credits()), (14, 5, 5));
    assert_eq!((mapped.into_inner(), tx.available_credits()), (14, 10));
}

/// Kills: a message that is taken out, and takes its credits along or gives them back at once.
#[test]
fn a_message_that_is_taken_out_leaves_its_credits() {
    let (tx, rx) = mailbox::credits(10, String::len);
    tx.try_send("seven".to_owned()).unwrap();
    let (text, rest) = rx.try_recv().unwrap().take();
    drop(text);
    assert_eq!((rest.weight(), tx.available_credits()), (5, 5));
    let (first, second) = rest.split(2, |()| ((), ())).unwrap();
    drop(first);
    assert_eq!((second.weight(), tx.available_credits()), (2, 8));
    drop(second);
    assert_eq!(tx.available_credits(), 10);
}

#[test]
fn a_lease_whose_map_panics_gives_its_credits_back() {
    let (tx, rx) = numbers(5);
    for split in [false, true] {
        tx.try_send(5).unwrap();
        let lease = rx.try_recv().unwrap();
        let message = panic_message(|| {
            if split {
                drop(lease.split(2, |_| -> ((), ()) { panic!("no") }))
            } else {
                drop(lease.map(|_| panic!("no")))
            }
        });
        assert_eq!((message.as_str(), tx.available_credits()), ("no", 5));
    }
}

#[test]
fn the_parts_of_a_lease_give_their_own_credits_back() {
    let (tx, rx) = numbers(10);
    tx.try_send(9).unwrap();
    let whole = rx.try_recv().unwrap().split(10, |n| (n, n)).unwrap_err();
    assert_eq!((*whole, whole.weight()), (9, 9));
    let (first, second) = whole.split(4, |n| (n - 4, "four")).unwrap();
    assert_eq!((*first, first.weight(), *second, second.weight()), (5, 5, "four", 4));
    drop(first);
    assert_eq!(tx.available_credits(), 6);
    let (all, none) = second.split(0, |word| (word, ())).unwrap();
    assert_eq!((all.weight(), none.weight()), (4, 0));
    drop((all, none));
    assert_eq!(tx.available_credits(), 10);
}

/// Kills: a lease that needs its mailbox.
#[test]
fn a_lease_outlives_all_handles() {
    let (tx, rx) = numbers(4);
    tx.try_send(3).unwrap();
    let lease = rx.try_recv().unwrap();
    drop((tx, rx));
    assert_eq!(std::thread::spawn(move || lease.into_inner()).join().unwrap(), 3);
}

#[test]
fn a_forgotten_lease_keeps_its_credits() {
    let (tx, rx) = numbers(3);
    tx.try_send(2).unwrap();
    crate::common::forget(rx.try_recv().unwrap());
    assert_eq!((tx.available_credits(), tx.leased()), (1, 2));
    assert_eq!((tx.try_send(2), tx.try_send(1)), (Err(TrySendError::Full(2)), Ok(())));
}

/// Two workers, two credits: what the documentation warns of, and the way out.
#[test]
fn workers_that_send_into_the_mailbox_they_lease_from_wait_for_each_other() {
    let ((tx, rx), bell) = (numbers(2), Bell::new());
    tx.try_send(1).unwrap();
    tx.try_send(1).unwrap();
    let [first, second] = [rx.try_recv().unwrap(), rx.try_recv().unwrap()];
    let mut results = [queued(tx.send(1), &bell), queued(tx.send(1), &bell)];
    results.iter_mut().for_each(|result| pending(result, &bell));
    assert_eq!(first.into_inner() + second.into_inner(), 2);
    results.iter_mut().for_each(|result| ready(result, &bell).unwrap());
}

#[test]
fn a_permit_sends_a_message_of_at_most_its_weight() {
    let (tx, rx) = numbers(10);
    let permit = now(tx.reserve(6)).unwrap();
    assert_eq!((permit.weight(), tx.available_credits(), tx.leased()), (6, 4, 6));
    assert!(format!("{permit:?}").contains("weight: 6"));
    permit.send(2).unwrap();
    assert_eq!((tx.available_credits(), rx.len()), (8, 1));
    let refused = tx.try_reserve(3).unwrap().send(4).unwrap_err();
    assert_eq!((refused, tx.available_credits(), rx.len()), (PermitSendError::TooHeavy(4), 8, 1));
    assert_eq!(tx.try_reserve(9).unwrap_err(), TryReserveError::Full);
    drop(rx.try_recv().unwrap());
    // A permit of all credits sends whatever weighs more than all.
    tx.try_reserve(usize::MAX).unwrap().send(1_000).unwrap();
    assert_eq!((tx.available_credits(), rx.try_recv().unwrap().weight()), (0, 10));
}

/// Kills: an owned permit that keeps its credits or its place, or whose sender is lost or counted twice.
#[test]
fn an_owned_permit_gives_its_sender_back() {
    let (tx, rx) = numbers(10);
    let permit = now(tx.reserve_owned(6)).unwrap();
    assert_eq!((permit.weight(), rx.available_credits(), rx.sender_count()), (6, 4, 1));
    let tx = std::thread::spawn(move || permit.send(2).unwrap()).join().unwrap();
    assert_eq!((tx.available_credits(), rx.len(), rx.sender_count()), (8, 1, 1));
    let (tx, refused) = tx.try_reserve_owned(3).unwrap().send(4).unwrap_err();
    assert_eq!((refused, tx.available_credits(), rx.len()), (PermitSendError::TooHeavy(4), 8, 1));
    let (tx, error) = tx.try_reserve_owned(9).unwrap_err();
    let tx = tx.try_reserve_owned(8).unwrap().release();
    assert_eq!((error, tx.available_credits(), rx.sender_count()), (TryReserveError::Full, 8, 1));
    // It is the last sender, and is dropped with its permit.
    let permit = tx.try_reserve_owned(8).unwrap();
    assert_eq!((rx.try_recv().unwrap().into_inner(), rx.is_closed()), (2, false));
    drop(permit);
    assert_eq!((rx.available_credits(), rx.try_recv().unwrap_err()), (10, TryRecvError::Closed));
}

/// Kills: an owned permit that a close ends, or that holds up the end after it was spent.
#[test]
fn an_owned_permit_sends_after_the_close() {
    let ((tx, rx), bell) = (numbers(4), Bell::new());
    let permit = tx.clone().try_reserve_owned(3).unwrap();
    let waiting = [2, 2].map(|weight| queued(tx.clone().reserve_owned(weight), &bell));
    assert!(rx.close() && rx.try_recv().unwrap_err() == TryRecvError::Empty);
    waiting.into_iter().for_each(|mut waiting| assert!(ready(&mut waiting, &bell).is_err()));
    let (tx, error) = tx.try_reserve_owned(1).unwrap_err();
    assert_eq!((error, tx.sender_count()), (TryReserveError::Closed, 2));
    drop(permit.send(3).unwrap());
    assert_eq!((rx.try_recv().unwrap().into_inner(), rx.try_recv().unwrap_err()), (3, TryRecvError::Closed));
    let (tx, rx) = numbers(4);
    let permit = tx.try_reserve_owned(3).unwrap();
    drop(rx);
    let (tx, refused) = permit.send(3).unwrap_err();
    assert_eq!((refused, tx.available_credits()), (PermitSendError::Closed(3), 4));
}

/// Kills: an owned future that drops what waits in the outbox of its sink.
#[test]
fn an_owned_permit_keeps_the_outbox_of_its_sender() {
    let ((mut tx, rx), bell) = (numbers(4), Bell::new());
    tx.try_send(3).unwrap();
    Pin::new(&mut tx).start_send(2).unwrap();
    let mut reserving = queued(tx.reserve_owned(2), &bell);
    drop(rx.try_recv().unwrap());
    let mut tx = ready(&mut reserving, &bell).unwrap().send(2).unwrap();
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx))).is_ok());
    assert_eq!((rx.len(), tx.leased()), (2, 4));
}

#[test]
fn the_error_of_a_permit_says_why() {
    let (tx, rx) = numbers(2);
    let heavy = tx.try_reserve(1).unwrap().send(2).unwrap_err();
    let permit = tx.try_reserve(1).unwrap();
    drop(rx);
    let closed = permit.send(1).unwrap_err();
    assert_eq!(
        (heavy.is_too_heavy(), heavy.is_closed(), closed.is_too_heavy(), closed.is_closed()),
        (true, false, false, true)
    );
    assert_eq!((format!("{heavy:?}"), format!("{closed:?}")), ("TooHeavy(..)".to_owned(), "Closed(..)".to_owned()));
    assert_eq!(
        (heavy.to_string(), closed.to_string()),
        ("message heavier than reserved".to_owned(), "mailbox closed".to_owned())
    );
    assert_eq!((heavy.into_inner(), closed.into_inner(), tx.available_credits()), (2, 1, 2));
}

#[test]
fn deadlines_end_waits_for_credits() {
    let (tx, rx) = numbers(2);
    tx.try_send(2).unwrap();
    assert_eq!(now(tx.send(1).until(Deadline::past())), Err(SendUntilError::Elapsed(1)));
    assert_eq!(now(tx.reserve(1).until(Deadline::past())).unwrap_err(), ReserveUntilError::Elapsed);
    let reserving = tx.clone().reserve_owned(1).until(Deadline::past());
    assert_eq!((now(reserving).unwrap_err(), tx.sender_count()), (ReserveUntilError::Elapsed, 1));
    let (sent, tx) = now(tx.send_owned(1).until(Deadline::past()));
    assert_eq!((sent, tx.waiting_senders()), (Err(SendUntilError::Elapsed(1)), 0));
    drop(rx.try_recv().unwrap());
    let (received, rx) = now(rx.recv_owned().until(Deadline::past()));
    assert_eq!(received.map(drop), Err(Elapsed));
    // What is there is taken, however late it is.
    assert_eq!(now(tx.send(2).until(Deadline::past())), Ok(()));
    assert_eq!(now(rx.recv().until(Deadline::past())).unwrap().unwrap().into_inner(), 2);
    rx.close();
    assert_eq!(now(tx.send(1).until(Deadline::past())), Err(SendUntilError::Closed(1)));
    assert_eq!(now(tx.reserve(1).until(Deadline::past())).unwrap_err(), ReserveUntilError::Closed);
    assert!(now(rx.recv_owned().until(Deadline::past())).0.unwrap().is_none());
}

#[test]
fn owned_futures_give_their_handles_back() {
    let (tx, rx) = numbers(2);
    let (sent, tx) = now(tx.send_owned(1));
    let (lease, rx) = now(rx.recv_owned());
    assert_eq!((sent, lease.unwrap().into_inner(), tx.sender_count(), rx.receiver_count()), (Ok(()), 1, 1, 1));
    tx.try_send(2).unwrap();
    let mut waiting = queued(tx.clone().send_owned(1), &Bell::new());
    assert_eq!((tx.sender_count(), waiting.as_mut().cancel(), tx.waiting_senders()), (2, Some(1), 0));
    drop(waiting);
    drop(tx);
    drop(now(rx.recv()));
    assert!(now(rx.recv_owned()).0.is_none());
}

#[test]
fn a_receiver_is_a_stream_of_leases_and_takes_many() {
    let ((tx, mut rx), bell) = (numbers(6), Bell::new());
    (1..=3).for_each(|n| tx.try_send(n).unwrap());
    let mut buffer = Vec::new();
    assert_eq!(
        (now(rx.recv_many(&mut buffer, 2)), rx.try_recv_many(&mut buffer, 5), tx.available_credits()),
        (2, Ok(1), 0)
    );
    assert!(buffer.iter().map(|lease| **lease).eq(1..=3));
    buffer.clear();
    assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    tx.try_send(6).unwrap();
    assert_eq!((bell.wakes(), *now(rx.next()).unwrap(), rx.size_hint()), (1, 6, (0, None)));
    drop(tx);
    assert!(!rx.is_terminated() && now(rx.next()).is_none() && rx.is_terminated());
}

#[test]
fn weak_senders_do_not_keep_it_open() {
    let (tx, rx) = numbers(2);
    let weak = tx.downgrade();
    let again = weak.clone().upgrade().unwrap();
    assert!(again.same_mailbox(&tx) && !again.same_mailbox(&numbers(1).0) && rx.same_mailbox(&rx.clone()));
    assert_eq!((weak.sender_count(), weak.receiver_count(), again.try_send(1)), (2, 1, Ok(())));
    drop((tx, again));
    assert!(rx.is_closed() && weak.upgrade().is_none());
    assert_eq!(format!("{weak:?}"), "WeakCreditSender { sender_count: 0, receiver_count: 1, .. }");
    assert_eq!((rx.try_recv().unwrap().into_inner(), weak.sender_count()), (1, 0));
}

#[test]
fn what_waits_is_counted_and_shown() {
    let ((tx, rx), bell) = (numbers(2), Bell::new());
    let receiving = queued(rx.recv(), &bell);
    assert_eq!((tx.waiting_receivers(), rx.waiting_senders(), tx.is_empty()), (1, 0, true));
    drop(receiving);
    tx.try_send(2).unwrap();
    let sending = queued(tx.send(2), &bell);
    let counts = "limit: 2, available: 0, granted: 0, leased: 2, len: 1, closed: false, waiting_senders: 1, \
                  waiting_receivers: 0";
    assert_eq!(format!("{tx:?}"), format!("CreditSender {{ {counts} }}"));
    assert_eq!(format!("{rx:?}"), format!("CreditReceiver {{ {counts} }}"));
    let shown = format!("{sending:?} {:?} {:?}", tx.send(1), tx.reserve(1));
    for word in ["CreditSending(Acquiring(Queued { wants: 2 }))", "CreditSending(Fresh)", "CreditReserving(Fresh)"] {
        assert!(shown.contains(word), "{word} is not in {shown}");
    }
    assert_eq!((tx.waiting_senders(), rx.leased(), rx.available_credits()), (1, 2, 0));
    drop(rx.try_recv().unwrap());
    assert_eq!((tx.granted_credits(), tx.available_credits(), tx.leased()), (2, 0, 0));
}

#[test]
fn threads_wait_for_credits_and_messages() {
    let (tx, rx) = numbers(3);
    crate::common::watched(String::new, || {
        let sender = std::thread::spawn(move || (0..300).for_each(|n| tx.send_blocking(1 + n % 3).unwrap()));
        let mut sum = 0;
        while let Some(lease) = rx.recv_blocking() {
            sum += *lease;
        }
        sender.join().unwrap();
        assert_eq!((sum, rx.available_credits()), (600, 3));
    });
}
