//! Section 2.7: panics in the code of others, and what nobody thought could be reached.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, Dropped, expect_ready, now, panic_message, poll, queued, ready, watched, with};
use crate::{CAPACITIES, open};
use futures::{Sink, StreamExt};
use sempost::mailbox::{self, Receiver, TryRecvError, TryReserveError};
use sempost::{Monitor, Mutex, Semaphore};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

/// Whether `body` panics.
pub(crate) fn panics(body: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(body)).is_err()
}

/// tokio#7094: a message whose drop panicked while the queue was drained leaked the rest; here the rest is dropped, in
/// one block and in many, and whoever waits for the end is told.
#[test]
fn b112_a_message_that_panics_takes_no_other_along() {
    watched(String::new, || {
        for (capacity, all) in [(Some(3), 3), (Some(500), 500), (None, 3), (None, 500)] {
            let count = Arc::new(AtomicUsize::new(0));
            let bell = Bell::new();
            let (tx, rx) = open(capacity);
            for id in 0..all {
                let message = if id == 0 { Dropped::panicking(id, &count) } else { Dropped::new(id, &count) };
                tx.try_send(message).unwrap();
            }
            let mut closed = queued(tx.closed(), &bell);
            let parked = capacity.map(|_| queued(tx.send(Dropped::new(all, &count)), &bell));
            assert_eq!(panic_message(|| drop(rx)), "message 0 panics in its drop");
            assert_eq!((count.load(SeqCst), bell.wakes()), (all as usize, 1 + usize::from(parked.is_some())));
            ready(&mut closed, &bell);
            parked.into_iter().for_each(|mut parked| assert!(ready(&mut parked, &bell).is_err()));
        }
    });
}

/// async-channel and crossfire, by running: they still leak two of three; here on every way in which messages are
/// dropped by the mailbox, in a panic, too.
#[test]
fn b113_on_every_way_out_the_rest_is_dropped() {
    watched(String::new, || {
        let three = |count: &Arc<AtomicUsize>| {
            let (tx, rx) = mailbox::bounded(3);
            (0..3).for_each(|id| tx.try_send(Dropped::panicking(id, count)).unwrap());
            (tx, rx)
        };
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = three(&count);
        assert!(panics(|| drop((tx, rx))));
        assert_eq!(count.swap(0, SeqCst), 3, "the sender first");
        let (tx, rx) = three(&count);
        assert!(panics(|| drop((rx, tx))));
        assert_eq!(count.swap(0, SeqCst), 3, "the receiver first");
        let (tx, rx) = three(&count);
        let message = panic_message(|| {
            let _ends = (tx, rx);
            panic!("the first panic");
        });
        assert_eq!((message.as_str(), count.swap(0, SeqCst)), ("the first panic", 3));
        let (tx, rx) = three(&count);
        assert!(panics(|| drop(tx.force_send(Dropped::new(3, &count)))), "the evicted one");
        assert_eq!((count.swap(0, SeqCst), rx.len()), (1, 3));
        assert!(panics(|| drop(rx)));
        assert_eq!(count.swap(0, SeqCst), 3);
        let (mut tx, rx) = mailbox::bounded(1);
        expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap();
        tx.try_send(Dropped::panicking(0, &count)).unwrap();
        Pin::new(&mut tx).start_send(Dropped::panicking(1, &count)).unwrap();
        assert!(panics(|| drop(tx)), "the one in the outbox");
        assert_eq!((count.load(SeqCst), rx.is_closed()), (1, true));
        assert!(panics(|| drop(rx)));
        assert_eq!(count.load(SeqCst), 2);
    });
}

/// tokio#8560: a permit was dropped after its send had panicked, and its slot came back twice; here a send whose wake
/// panics has used its permit, once, and the slot is exact.
#[test]
fn b114_a_send_that_panics_uses_its_permit_once() {
    watched(String::new, || {
        let brittle = Bell::panicking();
        let (tx, rx) = mailbox::bounded(2);
        let mut first = queued(rx.recv(), &brittle);
        let permit = tx.try_reserve().unwrap();
        assert!(panics(|| permit.send(1).unwrap()));
        assert_eq!((tx.len(), tx.remaining(), ready(&mut first, &Bell::new())), (1, 1, Some(1)));
        let mut second = queued(rx.recv(), &brittle);
        let owned = tx.clone().try_reserve_owned().unwrap();
        assert!(panics(|| drop(owned.send(2))));
        assert_eq!((tx.len(), tx.remaining(), tx.sender_count()), (1, 1, 1));
        assert_eq!(ready(&mut second, &Bell::new()), Some(2));
        let mut third = queued(rx.recv(), &brittle);
        let mut batch = tx.try_reserve_many(2).unwrap();
        assert!(panics(|| batch.next().unwrap().send(3).unwrap()));
        assert_eq!((tx.len(), tx.remaining()), (1, 0));
        drop(batch);
        assert_eq!((tx.remaining(), ready(&mut third, &Bell::new()), tx.remaining()), (1, Some(3), 2));

        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().unwrap();
        let waiting = queued(semaphore.acquire(), &brittle);
        assert!(panics(|| drop(permit)));
        drop(waiting);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// tokio#3434, #3674, #7990: panics in a drop, in `try_recv` and in `recv_many` into a buffer that was not empty; here
/// every call at the end of a mailbox answers.
#[test]
fn b115_every_call_at_the_end_answers() {
    watched(String::new, || {
        for capacity in CAPACITIES {
            let (mut tx, mut rx) = open(capacity);
            assert_eq!((tx.close_mailbox(), rx.close(), tx.is_closed(), rx.is_closed()), (true, false, true, true));
            let mut buffer = vec![7];
            assert_eq!((rx.try_recv(), now(rx.recv()), rx.recv_blocking()), (Err(TryRecvError::Closed), None, None));
            assert_eq!(rx.try_recv_many(&mut buffer, 3), Err(TryRecvError::Closed));
            assert_eq!((now(rx.recv_many(&mut buffer, 3)), now(rx.recv_many(&mut buffer, 0))), (0, 0));
            assert_eq!(expect_ready(with(&Bell::new(), |cx| rx.poll_recv_many(cx, &mut buffer, 3))), 0);
            assert_eq!((expect_ready(with(&Bell::new(), |cx| rx.poll_recv(cx))), now(rx.next())), (None, None));
            assert_eq!(buffer, [7]);
            assert!(tx.try_send(1).is_err() && tx.force_send(1).is_err() && now(tx.send(1)).is_err());
            assert!(tx.send_blocking(1).is_err() && now(tx.reserve()).is_err() && now(tx.reserve_many(1)).is_err());
            assert!(matches!(tx.try_reserve(), Err(TryReserveError::Closed)));
            assert!(matches!(tx.try_reserve_many(0), Err(TryReserveError::Closed)));
            assert!(tx.clone().try_reserve_owned().is_err() && now(tx.clone().reserve_owned()).is_err());
            assert!(expect_ready(with(&Bell::new(), |cx| tx.poll_reserve(cx).map(|permit| permit.is_err()))));
            assert!(expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).is_err());
            assert!(Pin::new(&mut tx).start_send(1).is_err());
            expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_flush(cx))).unwrap();
            expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_close(cx))).unwrap();
            now(rx.drained());
            now(rx.closed());
            assert_eq!((rx.len(), rx.is_empty(), rx.waiting_receivers(), rx.waiting_senders()), (0, true, 0, 0));
            assert!(!format!("{tx:?} {rx:?}").is_empty());
        }
    });
}

/// How many steps a story of B116 chooses from.
const STEPS: usize = 9;

/// The output of `future` if it is ready.
fn poll_once<F: Future>(future: &mut Pin<Box<F>>, bell: &Bell) -> Option<F::Output> {
    match poll(future, bell) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// oneshot 0.1.2, 0.1.11: poll and drop against send reached an `unreachable!`; here every string of five steps out of
/// nine – a sending and a receiving future and a stream polled and dropped, tries, close – has an end that accounts for
/// every message.
#[test]
fn b116_every_short_story_of_a_mailbox_has_an_end() {
    watched(String::new, || {
        let bell = Bell::new();
        for (capacity, story) in [0, 1].into_iter().flat_map(|c| (0..STEPS.pow(5)).map(move |story| (c, story))) {
            let count = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = mailbox::bounded(capacity);
            let (mut sending, mut receiving, mut stream) = (None, None, None::<Receiver<Dropped>>);
            let (mut made, mut sent, mut received) = (0, 0, 0);
            let mut make = || {
                made += 1;
                Dropped::new(made, &count)
            };
            let mut left = story;
            // The last step gives the sending up.
            for step in 0..6 {
                match if step == 5 { 1 } else { left % STEPS } {
                    0 => {
                        let future = sending.get_or_insert_with(|| Box::pin(tx.send(make())));
                        if let Some(outcome) = poll_once(future, &bell) {
                            sent += usize::from(outcome.is_ok());
                            sending = None;
                        }
                    }
                    1 => {
                        let back = sending.take().map(|mut future| future.as_mut().cancel());
                        // One that was taken at a rendezvous is sent, though its future was never told.
                        sent += usize::from(back.is_some_and(|message| message.is_none()));
                    }
                    2 => {
                        let future = receiving.get_or_insert_with(|| Box::pin(rx.recv()));
                        if let Some(outcome) = poll_once(future, &bell) {
                            received += usize::from(outcome.is_some());
                            receiving = None;
                        }
                    }
                    3 => receiving = None,
                    4 => sent += usize::from(tx.try_send(make()).is_ok()),
                    5 => received += usize::from(rx.try_recv().is_ok()),
                    6 => drop(tx.close_mailbox()),
                    7 => {
                        let polled = with(&bell, |cx| stream.get_or_insert_with(|| rx.clone()).poll_recv(cx));
                        received += usize::from(matches!(polled, Poll::Ready(Some(_))));
                    }
                    _ => stream = None,
                }
                left /= STEPS;
            }
            drop((sending, receiving, stream));
            assert_eq!(received + rx.len(), sent, "story {story} at capacity {capacity}");
            drop((tx, rx));
            assert_eq!(count.load(SeqCst), made as usize, "story {story} at capacity {capacity}");
        }
    });
}

/// usync#12, spin RUSTSEC-2023-0031: a panic while others waited, and a second one on top of it; here whoever panics
/// inside lets the next in, even by wakers that panic themselves.
#[test]
fn b117_who_panics_inside_lets_the_next_in() {
    watched(String::new, || {
        let in_a_panic = |inside: &mut dyn FnMut()| {
            assert_eq!(panic_message(inside), "inside");
        };
        let (brittle, bell) = (Bell::panicking(), Bell::new());
        let mutex = Mutex::new(0);
        let mut held = mutex.try_lock();
        let gone = queued(mutex.lock(), &brittle);
        let mut next = queued(mutex.lock(), &bell);
        in_a_panic(&mut || {
            let _guard = held.take();
            panic!("inside");
        });
        drop(gone);
        assert_eq!((brittle.take_wakes(), bell.take_wakes()), (1, 1));
        drop(ready(&mut next, &bell));

        let monitor = Monitor::<_, Cond>::new(0);
        let mut inside = monitor.try_enter();
        let gone = queued(monitor.enter(), &brittle);
        let mut next = queued(monitor.enter(), &bell);
        in_a_panic(&mut || {
            let _guard = inside.take();
            panic!("inside");
        });
        drop(gone);
        assert_eq!((brittle.take_wakes(), bell.take_wakes()), (1, 1));
        drop(ready(&mut next, &bell).wait(A));
        assert!(!monitor.is_occupied());

        let semaphore = Semaphore::new(3);
        let mut held = semaphore.try_acquire_many(3).ok();
        let line = [&brittle, &bell, &brittle].map(|bell| queued(semaphore.acquire(), bell));
        in_a_panic(&mut || {
            let _permits = held.take();
            panic!("inside");
        });
        assert_eq!((brittle.take_wakes(), bell.take_wakes()), (2, 1));
        drop(line);
        assert_eq!(semaphore.available_permits(), 3);

        let (tx, rx) = mailbox::bounded::<u32>(2);
        let mut held = tx.try_reserve_many(2).ok();
        let line = [&brittle, &bell].map(|bell| queued(tx.reserve(), bell));
        in_a_panic(&mut || {
            let _permits = held.take();
            panic!("inside");
        });
        assert_eq!((brittle.take_wakes(), bell.take_wakes()), (1, 1));
        drop(line);
        assert_eq!((tx.remaining(), rx.len()), (2, 0));
    });
}
