//! Sections 2.10 and 2.11: memory orderings, and the laws of futures, streams and sinks.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, expect_ready, now, panic_message, queued, second_poll_names, watched, with};
use crate::race::race;
use crate::{CAPACITIES, on_every_line, open};
use futures::stream::FusedStream;
use futures::{FutureExt, Sink, Stream, StreamExt};
use sempost::mailbox::{self, TryRecvError};
use sempost::{Monitor, Mutex, Semaphore};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// concurrent-queue#17, EL 2.5.3, parking_lot#323 and more, spin RUSTSEC-2019-0013, oneshot#72: orderings that were too
/// weak where the hardware is; here what was written before a gift is read after it, though written and read relaxed.
/// Only the models can show it for all hardware: `two_threads_are_never_inside_together`, and every claim in a guard
/// there.
#[test]
fn b129_what_was_written_before_a_gift_is_read_after_it() {
    race(150, |round| {
        let (data, semaphore) = (AtomicUsize::new(0), Semaphore::new(0));
        let write = || {
            data.store(7, Relaxed);
            semaphore.add_permits(1);
        };
        let read = || semaphore.acquire_blocking().map(|_permit| data.load(Relaxed));
        assert_eq!(round.both(write, read).1, Ok(7));
    });
    for capacity in CAPACITIES {
        race(100, |round| {
            let (data, (tx, rx)) = (AtomicUsize::new(0), open(capacity));
            let write = || {
                data.store(7, Relaxed);
                tx.send_blocking(()).unwrap();
            };
            assert_eq!(round.both(write, || rx.recv_blocking().map(|()| data.load(Relaxed))).1, Some(7));
        });
    }
    race(100, |round| {
        let (data, monitor, mutex) = (AtomicUsize::new(0), Monitor::<_, Cond>::new(false), Mutex::new(0));
        let write = || {
            data.store(7, Relaxed);
            let mut inside = monitor.enter_blocking();
            *inside = true;
            inside.notify_all(A);
            drop(inside);
            *mutex.lock_blocking() += 1;
        };
        let read = || {
            drop(monitor.enter_blocking().wait_while(A, |set| !*set).wait());
            *mutex.lock_blocking() += 1;
            data.load(Relaxed)
        };
        assert_eq!((round.both(write, read).1, mutex.into_inner()), (7, 2));
    });
}

/// tokio-util#4214, futures 46560aa5, tokio#7686, #7462, futures#2130, async-lock#20, EL 5.3.0: laws of futures, sinks
/// and streams that were broken; here ready means that the next `start_send` succeeds (unless the sink was closed),
/// flushed that nothing is left, `None` is final, close happens once, sizes are not promised, and a future that has
/// answered says so by name.
#[test]
fn b131_the_laws_of_futures_sinks_and_streams() {
    watched(String::new, || {
        for capacity in CAPACITIES {
            let (mut tx, mut rx) = open(capacity);
            let bell = Bell::new();
            let mut sink = Pin::new(&mut tx);
            for i in 0..capacity.unwrap_or(10).max(1) {
                assert!(expect_ready(with(&bell, |cx| sink.as_mut().poll_ready(cx))).is_ok());
                assert!(expect_ready(with(&bell, |cx| sink.as_mut().poll_ready(cx))).is_ok(), "ready is no use of it");
                assert!(sink.as_mut().start_send(i).is_ok());
            }
            let flushed = with(&bell, |cx| sink.as_mut().poll_flush(cx)).is_ready();
            assert_eq!(flushed, capacity != Some(0), "at capacity 0 flushed means taken");
            assert!(!rx.is_terminated() && rx.size_hint() == (0, None));
            for i in 0..capacity.unwrap_or(10).max(1) {
                assert_eq!(now(rx.next()), Some(i));
            }
            expect_ready(with(&bell, |cx| sink.as_mut().poll_flush(cx))).unwrap();
            assert!(rx.next().now_or_never().is_none() && !rx.is_terminated());
            for _ in 0..2 {
                expect_ready(with(&bell, |cx| sink.as_mut().poll_close(cx))).unwrap();
            }
            // Adapters ask again while another sink of theirs is closing.
            assert!(expect_ready(with(&bell, |cx| sink.as_mut().poll_ready(cx))).is_ok(), "nothing is in hand");
            assert_eq!(sink.as_mut().start_send(7).unwrap_err().into_inner(), Some(7));
            for _ in 0..3 {
                assert_eq!(now(rx.next()), None, "final");
                assert!(rx.is_terminated() && rx.size_hint() == (0, None));
            }
            assert_eq!((rx.close(), rx.close(), rx.try_recv()), (false, false, Err(TryRecvError::Closed)));
        }
        on_every_line(|line| {
            let bell = Bell::new();
            let mut waiter = line.queue(&bell);
            (line.one)();
            assert!(!waiter.is_terminated() && waiter.finished(&bell) && waiter.is_terminated());
            assert!(panic_message(|| waiter.finished(&bell)).contains(line.name));
        });
        let (tx, rx) = mailbox::bounded(1);
        second_poll_names(tx.send(1), "Sending");
        second_poll_names(rx.recv(), "Receiving");
        second_poll_names(Semaphore::new(1).acquire(), "Acquiring");
        // A future that is ready is never cancelled: what it was given is its own until it is dropped.
        let semaphore = Semaphore::new(0);
        let mut granted = queued(semaphore.acquire(), &Bell::new());
        semaphore.add_permits(1);
        semaphore.close();
        assert!(granted.as_mut().now_or_never().unwrap().is_ok());
    });
}
