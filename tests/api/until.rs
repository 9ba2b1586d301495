//! What waits with a deadline answer, on tasks and on threads.

use crate::common::lines::Cond;
use crate::common::lines::Cond::A;
use crate::common::{Bell, Deadline, now, queued, ready, until, watched};
use sempost::mailbox::{self, ReserveUntilError, SendUntilError};
use sempost::{AcquireUntilError, AddPermitsError, Elapsed, Monitor, Mutex, Semaphore, WaitTimeoutResult};
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);
/// Times that are over at once, soon, and never.
const NO_TIME: [Duration; 3] = [Duration::ZERO, Duration::from_nanos(1), SHORT];

#[test]
fn what_is_there_is_had_whatever_the_deadline() {
    assert_eq!(now(Semaphore::new(2).acquire_many(2).until(Deadline::past())).unwrap().num_permits(), 2);
    assert_eq!(*now(Mutex::new(7).lock().until(Deadline::past())).unwrap(), 7);
    assert_eq!(*now(Monitor::<_, Cond>::new(7).enter().until(Deadline::past())).unwrap(), 7);
    let (tx, rx) = mailbox::bounded(1);
    assert!(now(tx.send(7).until(Deadline::past())).is_ok());
    assert_eq!(now(rx.recv().until(Deadline::past())), Ok(Some(7)));
    assert_eq!(now(rx.recv_many(&mut Vec::new(), 1).until(Deadline::past())), Err(Elapsed));
    drop(tx);
    assert_eq!(now(rx.recv().until(Deadline::past())), Ok(None));
}

#[test]
fn every_future_that_waits_in_a_line_takes_a_deadline() {
    let semaphore = Arc::new(Semaphore::new(0));
    assert!(now(semaphore.acquire_owned().until(Deadline::past())).is_err());
    let mutex = Arc::new(Mutex::new(0));
    let _held = mutex.try_lock_owned();
    assert!(now(mutex.lock_owned().until(Deadline::past())).is_err());
    let monitor = Arc::new(Monitor::<_, Cond>::new(0));
    let (inside, ended) = now(monitor.try_enter_owned().unwrap().wait(A).until(Deadline::past()));
    assert_eq!((*inside, ended), (0, WaitTimeoutResult::TimedOut));
    let (tx, rx) = mailbox::bounded(1);
    let (message, rx) = now(rx.recv_owned().until(Deadline::past()));
    assert_eq!(message, Err(Elapsed));
    tx.try_send(0).unwrap();
    let (sent, tx) = now(tx.send_owned(1).until(Deadline::past()));
    assert!(sent == Err(SendUntilError::Elapsed(1)));
    assert_eq!(now(tx.reserve().until(Deadline::past())).unwrap_err(), ReserveUntilError::Elapsed);
    assert_eq!(now(tx.reserve_many(1).until(Deadline::past())).unwrap_err(), ReserveUntilError::Elapsed);
    assert_eq!(now(tx.clone().reserve_owned().until(Deadline::past())).unwrap_err(), ReserveUntilError::Elapsed);
    rx.close();
    assert_eq!(now(tx.reserve().until(Deadline::past())).unwrap_err(), ReserveUntilError::Closed);
    assert!(now(tx.send(1).until(Deadline::past())) == Err(SendUntilError::Closed(1)));
    assert_eq!(rx.sender_count(), 1);
}

#[test]
fn a_deadline_is_polled_after_the_wait_and_never_after_it_came() {
    let monitor = Monitor::<_, Cond>::new(0);
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &bell);
    let inside = monitor.try_enter().unwrap();
    deadline.come();
    for _ in 0..3 {
        crate::common::pending(&mut waiting, &bell);
    }
    assert_eq!(deadline.polls(), 2);
    drop(inside);
    assert!(ready(&mut waiting, &bell).1.timed_out());
}

#[test]
fn it_shows_what_it_waits_for() {
    let semaphore = Semaphore::new(0);
    let waiting = queued(semaphore.acquire().until(pending::<()>()), &Bell::new());
    assert_eq!(format!("{waiting:?}"), "Until { wait: Acquiring(Queued), late: false, .. }");
}

#[test]
fn errors_tell_why() {
    assert_eq!(Elapsed.to_string(), "deadline elapsed");
    assert_eq!(AcquireUntilError::Closed.to_string(), "semaphore closed");
    assert_eq!(format!("{:?} {}", SendUntilError::Elapsed(1), SendUntilError::Closed(1)), "Elapsed(..) mailbox closed");
    assert_eq!(SendUntilError::Closed(3).into_inner(), 3);
    assert!(SendUntilError::Closed(3).is_closed() && !SendUntilError::Closed(3).is_elapsed());
}

#[test]
fn a_thread_gives_up_when_its_time_is_over() {
    let semaphore = Semaphore::new(0);
    let mutex = Mutex::new(0);
    let _held = mutex.try_lock();
    let monitor = Monitor::<_, Cond>::new(0);
    let (tx, rx) = mailbox::bounded(1);
    for timeout in NO_TIME {
        assert_eq!(semaphore.acquire().wait_timeout(timeout).unwrap_err(), AcquireUntilError::Elapsed);
        assert_eq!(mutex.lock().wait_timeout(timeout).unwrap_err(), Elapsed);
        assert_eq!(rx.recv().wait_timeout(timeout), Err(Elapsed));
        tx.try_send(0).unwrap();
        assert!(tx.send(1).wait_timeout(timeout) == Err(SendUntilError::Elapsed(1)));
        assert_eq!(rx.try_recv(), Ok(0));
        let inside = monitor.enter().wait_timeout(timeout).unwrap();
        assert_eq!(monitor.enter().wait_timeout(timeout).unwrap_err(), Elapsed);
        let (inside, ended) = inside.wait(A).wait_timeout(timeout);
        assert!(ended.timed_out());
        let (inside, ended) = inside.wait_while(A, |_| true).wait_timeout(timeout);
        assert!(ended.timed_out());
        drop(inside);
    }
    assert_eq!((semaphore.waiters(), mutex.waiters(), monitor.entering(), monitor.waiters(A)), (0, 0, 0, 0));
    assert_eq!((tx.waiting_senders(), tx.waiting_receivers()), (0, 0));
}

/// Beyond all clocks: no overflow, and no end.
#[test]
fn a_thread_with_all_the_time_in_the_world_waits() {
    watched(String::new, || {
        let semaphore = Semaphore::new(0);
        let monitor = Monitor::<_, Cond>::new(0);
        let (tx, rx) = mailbox::bounded(1);
        thread::scope(|scope| {
            scope.spawn(|| semaphore.acquire().wait_timeout(Duration::MAX).unwrap().forget());
            scope.spawn(|| assert_eq!(rx.recv().wait_timeout(Duration::MAX), Ok(Some(7))));
            scope.spawn(|| {
                assert_eq!(monitor.enter_blocking().wait(A).wait_timeout(Duration::MAX).1, WaitTimeoutResult::Notified)
            });
            until(|| semaphore.waiters() + tx.waiting_receivers() + monitor.waiters(A) == 3);
            semaphore.add_permits(1);
            tx.try_send(7).unwrap();
            assert!(monitor.enter_blocking().notify_one(A));
        });
    });
}

/// A thread that was late stands at the door, without a clock.
#[test]
fn a_thread_whose_time_is_over_still_waits_for_its_turn_inside() {
    watched(String::new, || {
        let monitor = Monitor::<_, Cond>::new(0);
        let mut inside = monitor.try_enter().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let (inside, ended) = monitor.enter_blocking().wait(A).wait_timeout(SHORT);
                (*inside, ended)
            });
            until(|| monitor.entering() == 1);
            let waits = |guard: sempost::MonitorGuard<'_, u32, Cond>| {
                drop(guard);
                until(|| monitor.waiters(A) == 1 || waiting.is_finished());
            };
            waits(inside);
            inside = monitor.enter_blocking();
            if monitor.waiters(A) == 1 {
                until(|| monitor.entering() == 1);
            }
            *inside += 1;
            drop(inside);
            assert!(waiting.join().unwrap().1.timed_out());
        });
    });
}

/// The deadline of a thread may be any future that another thread brings about.
#[test]
fn a_thread_waits_until_a_future_comes() {
    watched(String::new, || {
        let semaphore = Semaphore::new(0);
        let (stop, stopped) = mailbox::bounded::<()>(1);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| semaphore.acquire().until(stopped.recv()).wait().map(drop));
            until(|| semaphore.waiters() == 1 && stop.waiting_receivers() == 1);
            stop.try_send(()).unwrap();
            assert_eq!(waiting.join().unwrap(), Err(AcquireUntilError::Elapsed));
            let waiting = scope.spawn(|| semaphore.acquire().until(stopped.recv()).wait().map(drop));
            until(|| semaphore.waiters() == 1);
            semaphore.add_permits(1);
            assert_eq!(waiting.join().unwrap(), Ok(()));
        });
        assert_eq!((semaphore.waiters(), semaphore.available_permits(), stop.waiting_receivers()), (0, 1, 0));
    });
}

#[test]
fn try_add_permits_adds_or_changes_nothing() {
    let semaphore = Semaphore::new(1);
    let bell = Bell::new();
    let mut waiting = queued(semaphore.acquire_many(3), &bell);
    for n in [Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS + 1, usize::MAX] {
        assert!(semaphore.try_add_permits(n).is_err());
    }
    assert_eq!((semaphore.available_permits(), bell.wakes()), (1, 0));
    assert_eq!(semaphore.try_add_permits(0), Ok(0));
    assert_eq!(semaphore.try_add_permits(2), Ok(2));
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut waiting, &bell).is_ok());
    assert_eq!(semaphore.try_add_permits(Semaphore::MAX_PERMITS - 3), Ok(Semaphore::MAX_PERMITS - 3));
    let error: AddPermitsError = semaphore.try_add_permits(1).unwrap_err();
    assert_eq!(error.to_string(), "more than MAX_PERMITS = usize::MAX >> 3 would be issued");
}

/// Kills: a thread that polls again and again, because its wait says that it was woken.
#[test]
fn a_thread_that_waits_for_a_predicate_parks() {
    let monitor = Monitor::plain(0);
    for at_the_entry in [false, true] {
        let inside = at_the_entry.then(|| now(monitor.enter()));
        let polls = AtomicUsize::new(0);
        let never = poll_fn(|_| {
            polls.fetch_add(1, SeqCst);
            Poll::<()>::Pending
        });
        let seen = thread::scope(|scope| {
            let waits = scope.spawn(|| *monitor.enter_when(|n| *n == 1).until(never).wait().unwrap() = 0);
            until(|| monitor.predicates() + monitor.entering() == 1 && polls.load(SeqCst) > 0);
            (0..1_000).for_each(|_| thread::yield_now());
            let seen = polls.load(SeqCst);
            *inside.unwrap_or_else(|| now(monitor.enter())) = 1;
            waits.join().unwrap();
            seen
        });
        // A stale wake-up is allowed.
        assert!(seen <= 3, "{seen} polls");
    }
}
