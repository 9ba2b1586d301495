//! Sequences that once went wrong, each found by reading the code against its contract.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures::{Sink, Stream};
use sempost::Semaphore;
use sempost::mailbox::{self, TryRecvError};

use crate::common::{Bell, expect_ready, now, panic_message, pending, poll, queued, ready, with};

/// What panics in `body` is expected, and its message nobody's business.
fn survive(body: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(body)).is_err(), "a waker was to panic");
}

#[test]
fn a_poll_for_no_messages_answers_at_once_and_leaves_a_nudge_alone() {
    let (tx, rx) = mailbox::bounded(4);
    let mut stream = rx.clone();
    let (nudged, waiting) = (Bell::new(), Bell::new());
    let mut buffer = Vec::new();
    assert!(with(&nudged, |cx| stream.poll_recv_many(cx, &mut buffer, 1)).is_pending());
    let mut receiving = queued(rx.recv(), &waiting);
    tx.try_send(1).unwrap();
    assert_eq!(expect_ready(with(&nudged, |cx| stream.poll_recv_many(cx, &mut buffer, 0))), 0);
    drop(stream);
    assert_eq!((waiting.wakes(), ready(&mut receiving, &waiting)), (1, Some(1)));
}

#[test]
fn a_receiver_whose_drop_wakes_a_panicking_waker_is_gone_all_the_same() {
    let (tx, rx) = mailbox::bounded(4);
    let mut stream = rx.clone();
    let nudged = Bell::new();
    assert!(with(&nudged, |cx| Pin::new(&mut stream).poll_next(cx)).is_pending());
    let evil = Bell::panicking();
    let receiving = queued(rx.recv(), &evil);
    tx.try_send(1).unwrap();
    survive(|| drop(stream));
    assert_eq!(tx.receiver_count(), 1);
    drop(receiving);
    drop(rx);
    assert!(tx.is_closed());
}

#[test]
fn a_sender_whose_drop_wakes_a_panicking_waker_is_gone_all_the_same() {
    let (mut tx, rx) = mailbox::bounded(1);
    let other = tx.clone();
    other.try_send(1).unwrap();
    let (nudged, evil) = (Bell::new(), Bell::panicking());
    assert!(with(&nudged, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending());
    let sending = queued(other.send(2), &evil);
    assert_eq!(rx.try_recv(), Ok(1));
    survive(|| drop(tx));
    assert_eq!(rx.sender_count(), 1);
    drop(sending);
    drop(other);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn nothing_is_taken_from_a_sender_between_the_turns_of_a_close() {
    let (tx, rx) = mailbox::bounded(0);
    let bells: Vec<_> = (0..70).map(|_| Bell::new()).collect();
    let mut sends: Vec<_> = bells.iter().zip(0..).map(|(bell, id)| queued(tx.send(id), bell)).collect();
    let taken = Arc::new(Mutex::new(None));
    let (seen, receiver) = (Arc::clone(&taken), rx.clone());
    bells[0].on_wake(move || *seen.lock().unwrap() = Some(receiver.try_recv()));
    tx.close_mailbox();
    assert_eq!(taken.lock().unwrap().take(), Some(Err(TryRecvError::Closed)));
    for (id, (send, bell)) in sends.iter_mut().zip(&bells).enumerate() {
        assert_eq!(ready(send, bell).unwrap_err().into_inner(), id);
    }
    bells[0].unhook();
}

#[test]
fn at_capacity_0_a_permits_message_goes_to_whoever_waits() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    let other = queued(rx.recv(), &Bell::new());
    let first = tx.try_reserve().unwrap();
    let _second = tx.try_reserve().unwrap();
    drop(other);
    first.send(7).unwrap();
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(7)));
}

#[test]
fn at_capacity_0_try_recv_takes_from_a_sender_past_a_receiver_that_is_set_aside() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    let permit = tx.try_reserve().unwrap();
    let mut sending = queued(tx.send(1), &Bell::new());
    assert_eq!(rx.try_recv(), Ok(1));
    permit.send(2).unwrap();
    assert_eq!((now(&mut sending), ready(&mut receiving, &bell)), (Ok(()), Some(2)));
}

#[test]
fn a_future_whose_poll_panicked_has_answered() {
    let (tx, rx) = mailbox::bounded(2);
    let evil = Bell::panicking();
    let receiving = queued(rx.recv(), &evil);
    let mut sending = Box::pin(tx.send(1));
    survive(|| assert!(poll(&mut sending, &Bell::new()).is_pending()));
    assert!(panic_message(|| poll(&mut sending, &Bell::new())).contains("Sending"));
    drop((sending, receiving));
    assert_eq!((rx.len(), rx.remaining(), rx.try_recv()), (1, 1, Ok(1)));
    assert_eq!(rx.remaining(), 2);
}

#[test]
fn at_capacity_0_a_second_start_send_panics_before_anything_is_lost() {
    let (mut tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut sink = Pin::new(&mut tx);
    sink.as_mut().start_send(1).unwrap();
    assert!(sink.as_mut().poll_flush(&mut bell.context()).is_pending());
    assert!(panic_message(|| sink.as_mut().start_send(2)).contains("start_send"));
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(expect_ready(sink.poll_flush(&mut bell.context())).is_ok());
}

#[test]
fn a_nudge_for_a_message_that_somebody_else_took_covers_no_other() {
    let (tx, rx) = mailbox::bounded(1);
    let mut abandoned = rx.clone();
    assert!(with(&Bell::new(), |cx| abandoned.poll_recv(cx)).is_pending());
    tx.try_send(0).unwrap();
    assert_eq!(rx.try_recv(), Ok(0));
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(1)));
}

#[test]
fn a_nudge_for_a_slot_that_somebody_else_took_covers_no_other() {
    let (mut abandoned, rx) = mailbox::bounded(1);
    let tx = abandoned.clone();
    tx.try_send(0).unwrap();
    assert!(with(&Bell::new(), |cx| Pin::new(&mut abandoned).poll_ready(cx)).is_pending());
    assert_eq!(rx.try_recv(), Ok(0));
    tx.try_send(1).unwrap();
    let bell = Bell::new();
    let mut sending = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Ok(())));
}

#[test]
fn recv_many_takes_what_was_there_when_it_looked() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let bell = Bell::new();
    let again = tx.clone();
    // A producer that keeps up: whenever it is woken it sends once more.
    bell.on_wake(move || {
        let _ = again.try_send(9);
    });
    let _sending = queued(tx.send(3), &bell);
    let mut buffer = Vec::new();
    assert_eq!(now(rx.recv_many(&mut buffer, usize::MAX)), 2);
    assert_eq!(buffer, [1, 2]);
    bell.unhook();
}

#[test]
fn a_receiver_kept_for_a_permit_leaves_other_senders_their_message() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    let sending = queued(tx.send(1), &Bell::new());
    let mut reserving = queued(tx.reserve(), &Bell::new());
    drop(sending);
    let permit = now(&mut reserving).unwrap();
    let _second = queued(tx.send(2), &Bell::new());
    pending(&mut receiving, &bell);
    permit.send(3).unwrap();
    assert_eq!(ready(&mut receiving, &bell), Some(3));
}

#[test]
fn an_unbounded_mailbox_is_never_full_whatever_is_reserved() {
    let (tx, _rx) = mailbox::unbounded::<u8>();
    let _first = tx.try_reserve_many(mailbox::MAX_CAPACITY);
    let _second = tx.try_reserve_many(mailbox::MAX_CAPACITY);
    assert_eq!((tx.try_send(1), tx.try_send(2), tx.remaining()), (Ok(()), Ok(()), usize::MAX));
}

#[test]
fn a_handle_that_stops_polling_keeps_no_waker() {
    let (tx, rx) = mailbox::bounded::<u8>(1);
    let mut stream = rx.clone();
    let bell = Bell::new();
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    assert_eq!(stream.try_recv(), Err(TryRecvError::Empty));
    assert_eq!((bell.held(), tx.waiting_receivers()), (0, 0));
}

#[test]
fn a_cancel_whose_wake_panics_hands_its_slot_on_once() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let mut first = queued(tx.send(1), &Bell::new());
    let evil = Bell::panicking();
    let second = queued(tx.send(2), &evil);
    assert_eq!(rx.try_recv(), Ok(0));
    survive(|| assert_eq!(first.as_mut().cancel(), Some(1)));
    drop(first);
    assert_eq!(tx.remaining(), 0, "the slot is the second's");
    drop(second);
    assert_eq!(tx.remaining(), 1);
}

#[test]
fn a_permits_send_at_capacity_0_leaves_no_slot_behind() {
    let (tx, rx) = mailbox::bounded(0);
    for n in 0..3 {
        let bell = Bell::new();
        let mut receiving = queued(rx.recv(), &bell);
        tx.try_reserve().unwrap().send(n).unwrap();
        assert_eq!(ready(&mut receiving, &bell), Some(n));
        assert!(tx.is_full() && tx.try_send(7).is_err_and(|error| error.is_full()), "nobody is waiting");
    }
}

#[test]
fn permits_that_come_back_after_close_open_nothing() {
    let (tx, rx) = mailbox::unbounded();
    let held: Vec<_> = (0..3).map(|_| tx.try_reserve_many(mailbox::MAX_CAPACITY).unwrap()).collect();
    tx.close_mailbox();
    drop(held);
    assert!(tx.try_send(1).is_err_and(|error| error.is_closed()));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_reservation_that_sleeps_at_an_unbounded_mailbox_stops_no_message() {
    let (tx, rx) = mailbox::unbounded();
    tx.try_send(0).unwrap();
    let _held: Vec<_> = (0..3).map(|_| tx.try_reserve_many(mailbox::MAX_CAPACITY).unwrap()).collect();
    let sleeping = Bell::new();
    let _fourth = queued(tx.reserve_many(mailbox::MAX_CAPACITY), &sleeping);
    assert_eq!((rx.try_recv(), sleeping.wakes()), (Ok(0), 0), "what messages need is not granted");
    for n in 1..100 {
        assert_eq!(tx.try_send(n), Ok(()));
        assert_eq!(now(&mut Box::pin(tx.send(n))), Ok(()));
    }
    assert_eq!(rx.len(), 198);
}

/// Whoever had to wait clones the next one's waker first; if it is not needed, it is dropped with the prize in hand.
#[test]
fn a_waker_that_panics_when_it_is_not_needed_takes_nothing_along() {
    let brittle = Bell::new();
    brittle.on_drop(|| panic!("a brittle waker"));

    let (tx, rx) = mailbox::bounded(1);
    drop(queued(rx.recv(), &Bell::new()));
    tx.try_send(1).unwrap();
    survive(|| _ = poll(&mut Box::pin(rx.recv()), &brittle));
    assert_eq!(rx.try_recv(), Ok(1));

    let semaphore = Semaphore::new(2);
    let both = semaphore.try_acquire_many(2).unwrap();
    drop(queued(semaphore.acquire_many(2), &Bell::new()));
    drop(both);
    survive(|| _ = poll(&mut Box::pin(semaphore.acquire_many(2)), &brittle));
    assert_eq!(semaphore.available_permits(), 2);

    let mutex = sempost::Mutex::new(());
    let held = mutex.try_lock().unwrap();
    drop(queued(mutex.lock(), &Bell::new()));
    drop(held);
    survive(|| _ = poll(&mut Box::pin(mutex.lock()), &brittle));
    assert!(!mutex.is_locked());
}

/// After the close nothing comes that would wake anybody else: what abandoned handles were told of must not be theirs
/// alone.
#[test]
fn a_close_leaves_no_message_to_abandoned_handles_alone() {
    for capacity in [Some(2), None] {
        let (tx, rx) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
        let mut abandoned = [(); 3].map(|()| rx.clone());
        for stream in &mut abandoned[..2] {
            assert!(with(&Bell::new(), |cx| stream.poll_recv(cx)).is_pending());
        }
        let waiting = Bell::new();
        let mut receiving = queued(rx.recv(), &waiting);
        assert!(with(&Bell::new(), |cx| abandoned[2].poll_recv(cx)).is_pending());
        let mut last = queued(rx.recv(), &waiting);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(waiting.wakes(), 0, "both messages are for handles so far");
        drop(tx);
        assert_eq!(ready(&mut receiving, &waiting), Some(1));
        assert_eq!(ready(&mut last, &waiting), Some(2));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}
