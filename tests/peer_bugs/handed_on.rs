//! Section 2.1, second half: what a waiter was given when it left goes to the next, and to nobody twice.

use crate::common::forget;
use crate::common::lines::Cond::{self, A, B};
use crate::common::lines::{CONDVAR, MONITOR, MUTEX};
use crate::common::{Bell, now, queued, ready, with};
use crate::race::race;
use crate::table::on_each;
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox::{self, TryRecvError};
use sempost::{Fairness, Monitor, Mutex, MutexGuard, OwnedMutexGuard, Semaphore};
use std::pin::Pin;
use std::sync::Arc;

/// cats-effect#3554: notified at the moment of the cancel, the wake-up was lost; here a cancel meets the release of a
/// permit and of a lock. Models: `a_cancel_that_meets_its_grant_hands_it_on`,
/// `a_cancel_that_meets_its_hand_over_hands_it_on`.
#[test]
fn b012_a_cancel_that_meets_a_release_loses_nothing() {
    race(400, |round| {
        let (semaphore, bell) = (Semaphore::new(0), Bell::new());
        let first = queued(semaphore.acquire(), &Bell::new());
        let mut second = queued(semaphore.acquire(), &bell);
        round.both(|| drop(first), || semaphore.add_permits(1));
        assert_eq!(bell.wakes(), 1);
        assert!(ready(&mut second, &bell).is_ok());
    });
    race(400, |round| {
        let (mutex, bell) = (Mutex::new(()), Bell::new());
        let held = mutex.try_lock().unwrap();
        let first = queued(mutex.lock(), &Bell::new());
        let mut second = queued(mutex.lock(), &bell);
        round.both(|| drop(first), || drop(held));
        assert_eq!(bell.wakes(), 1);
        drop(ready(&mut second, &bell));
    });
}

/// async-lock#46: a dropped upgrade future took the wrong steps back; here each kind of future is dropped at each
/// stage, and then the primitive works.
#[test]
fn b013_after_every_kind_of_dropped_future_it_works() {
    on_every_line(|line| {
        let bell = Bell::new();
        drop((line.make)());
        drop(line.queue(&bell));
        let mut polled_twice = line.queue(&bell);
        assert!(!polled_twice.finished(&Bell::new()));
        drop(polled_twice);
        let mut live = line.queue(&bell);
        (line.one)();
        assert!(bell.wakes() == 1 && live.finished(&bell));
    });
    let mutex = Arc::new(Mutex::new((1, 2)));
    drop(MutexGuard::map(now(mutex.lock()), |pair| &mut pair.0));
    drop(MutexGuard::try_map(now(mutex.lock()), |_| None::<&mut i32>));
    drop(OwnedMutexGuard::map(now(mutex.lock_owned()), |pair| &mut pair.1));
    assert!(mutex.try_lock().is_some());
}

/// async-std#452: a notification was skipped when somebody had been notified already; here two gifts before any poll
/// wake two waiters, of every kind.
#[test]
fn b014_two_gifts_before_any_poll_wake_two() {
    // With one slot the second gift waits until the first was taken.
    for capacity in [Some(0), Some(2), None] {
        let (tx, rx) = open(capacity);
        let bells = [Bell::new(), Bell::new()];
        let line = bells.each_ref().map(|bell| queued(rx.recv(), bell));
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1], "{capacity:?}");
        assert_eq!(line.map(|mut receiving| ready(&mut receiving, &Bell::new())), [Some(1), Some(2)]);
    }
    let (tx, rx) = mailbox::bounded(2);
    let bells = [Bell::new(), Bell::new()];
    let mut streams = [rx.clone(), rx.clone()];
    for (stream, bell) in streams.iter_mut().zip(&bells) {
        assert!(with(bell, |cx| stream.poll_recv(cx)).is_pending());
    }
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 1]);
    let _line = bells.each_ref().map(|bell| queued(tx.send(3), bell));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 1]);

    let semaphore = Semaphore::new(0);
    let _line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    semaphore.add_permits(1);
    semaphore.add_permits(1);
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 1]);

    let monitor = Monitor::<_, Cond>::new(());
    let line = bells.each_ref().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell));
    let inside = monitor.try_enter().unwrap();
    assert!(inside.notify_one(A) && inside.notify_one(A) && !inside.notify_one(A));
    drop(inside);
    for (mut waiting, bell) in line.into_iter().zip(&bells) {
        assert_eq!(bell.wakes(), 1);
        drop(ready(&mut waiting, bell));
    }
}

/// mea#39: a dropped acquire gave back the permits it missed, not those it had; here a demand that was met in part, in
/// full, or not at all leaves the exact count.
#[test]
fn b015_a_demand_met_in_part_gives_back_what_was_there() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 3 }, Fairness::Unfair] {
        for added in 0..5 {
            let semaphore = Semaphore::with_fairness(2, fairness);
            let waiting = queued(semaphore.acquire_many(5), &Bell::new());
            semaphore.add_permits(added);
            drop(waiting);
            assert_eq!(semaphore.available_permits(), 2 + added);
        }
    }
    let (tx, rx) = mailbox::bounded(4);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    for taken in [0, 1, 1] {
        let waiting = queued(tx.reserve_many(4), &Bell::new());
        assert!((0..taken).all(|_| rx.try_recv().is_ok()));
        drop(waiting);
        assert_eq!(tx.remaining(), 4 - rx.len());
    }
}

/// mea#41: a removed node kept its links, and to wake and then drop corrupted the list; here three nodes leave in every
/// order, with the gift before each of them, and it is always the first of those left who has it.
#[test]
fn b016_woken_and_dropped_in_any_order_the_line_stays_whole() {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (order, given) in ORDERS.iter().flat_map(|order| (0..3).map(move |given| (order, given))) {
        on_every_line(|line| {
            let bells = [Bell::new(), Bell::new(), Bell::new()];
            let mut waiters = bells.each_ref().map(|bell| Some(line.queue(bell)));
            for (gone, &i) in order.iter().enumerate() {
                if gone == given {
                    (line.one)();
                }
                waiters[i] = None;
                let left = 2 - gone;
                let is_right = |n: usize| n == left || n + 1 == left || line.all && n == 0;
                assert!((line.waiters)().is_none_or(is_right), "{left} are left");
                if let (true, Some(first)) = (gone >= given, waiters.iter().position(Option::is_some)) {
                    assert_eq!(bells[first].wakes(), 1, "the gift is with the first of those left");
                }
            }
            assert!(bells.iter().all(|bell| bell.held() == 0));
        });
    }
}

/// mea#132: the notification of a cancelled waiter was lost, or kept for later; here it goes on, and one for nobody is
/// nobody's.
#[test]
fn b017_a_notification_is_for_who_waits_and_is_not_stored() {
    let monitor = Monitor::<_, Cond>::new(());
    let inside = monitor.try_enter().unwrap();
    assert_eq!((inside.notify_one(A), inside.notify_many(A, 3), inside.notify_all(A)), (false, 0, 0));
    assert!(!inside.signal_and_leave(A));
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let first = queued(monitor.try_enter().unwrap().wait(A), &bells[0]);
    let mut second = queued(monitor.try_enter().unwrap().wait(A), &bells[1]);
    let other = queued(monitor.try_enter().unwrap().wait(B), &bells[2]);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 0], "nothing was stored");
    monitor.try_enter().unwrap().notify_one(A);
    drop(first);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    drop(ready(&mut second, &bells[1]));
    drop(other);
    assert_eq!((monitor.waiters(A), monitor.waiters(B), monitor.is_occupied()), (0, 0, false));
}

/// async-channel#49: a future that was polled and forgotten swallowed every notification; here it sits on one gift, and
/// a handle on no more than one wake-up.
#[test]
fn b018_a_forgotten_waiter_swallows_one_gift_and_no_more() {
    let live = Bell::new();
    for capacity in [Some(2), None] {
        let (tx, rx) = open(capacity);
        forget(queued(rx.recv(), &Bell::new()));
        let mut waiting = queued(rx.recv(), &live);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!((live.take_wakes(), ready(&mut waiting, &live)), (1, Some(1)));
    }
    let (tx, rx) = mailbox::bounded(2);
    (0..2).for_each(|i| tx.try_send(i).unwrap());
    forget(queued(tx.send(7), &Bell::new()));
    let mut waiting = queued(tx.reserve(), &live);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(0), Ok(1)));
    assert_eq!(live.take_wakes(), 1);
    drop(ready(&mut waiting, &live).unwrap());

    let (tx, rx) = mailbox::bounded(2);
    let mut abandoned = rx.clone();
    assert!(with(&Bell::new(), |cx| abandoned.poll_recv(cx)).is_pending());
    forget(abandoned);
    let mut waiting = queued(rx.recv(), &live);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!((live.take_wakes(), ready(&mut waiting, &live)), (1, Some(1)));

    let semaphore = Semaphore::new(0);
    forget(queued(semaphore.acquire_many(2), &Bell::new()));
    let mut waiting = queued(semaphore.acquire(), &live);
    semaphore.add_permits(3);
    assert_eq!(live.take_wakes(), 1);
    assert!(ready(&mut waiting, &live).is_ok());
}

/// zio#94, php-async#240, tenzir#6432: the race of B12 in channels and conditions; here a cancel meets a message, a
/// slot and a notification. Models: `a_recv_that_leaves_loses_no_message`,
/// `a_slot_whose_sender_leaves_goes_to_the_next`, `a_notified_waiter_that_leaves_passes_its_notification_on`,
/// `a_call_whose_receiver_leaves_goes_to_the_next`.
#[test]
fn b019_a_cancel_that_meets_a_message_or_a_notification_loses_nothing() {
    for capacity in CAPACITIES {
        race(200, |round| {
            let ((tx, rx), bell) = (open(capacity), Bell::new());
            let first = queued(rx.recv(), &Bell::new());
            let mut second = queued(rx.recv(), &bell);
            round.both(|| drop(first), || tx.try_send(7).unwrap());
            assert_eq!((bell.wakes(), ready(&mut second, &bell)), (1, Some(7)));
        });
    }
    race(300, |round| {
        let ((tx, rx), bell) = (mailbox::bounded(1), Bell::new());
        tx.try_send(0).unwrap();
        let first = queued(tx.send(1), &Bell::new());
        let mut second = queued(tx.send(2), &bell);
        round.both(|| drop(first), || assert_eq!(rx.try_recv(), Ok(0)));
        assert_eq!((bell.wakes(), ready(&mut second, &bell), rx.try_recv()), (1, Ok(()), Ok(2)));
    });
    race(300, |round| {
        let (monitor, bell) = (Monitor::<_, Cond>::new(()), Bell::new());
        let first = queued(monitor.try_enter().unwrap().wait(A), &Bell::new());
        let mut second = queued(monitor.try_enter().unwrap().wait(A), &bell);
        round.both(|| drop(first), || assert!(monitor.enter_blocking().notify_one(A)));
        assert_eq!(bell.wakes(), 1);
        drop(ready(&mut second, &bell));
    });
}

/// kanal, seen by running: a woken receiver that was dropped neither kept the message nor woke the next; here both.
#[test]
fn b020_a_woken_receiver_that_is_dropped_keeps_nothing() {
    for capacity in CAPACITIES {
        let ((tx, rx), bell) = (open(capacity), Bell::new());
        let woken = queued(rx.recv(), &bell);
        tx.try_send(1).unwrap();
        assert_eq!(bell.take_wakes(), 1);
        drop(woken);
        assert_eq!((rx.len(), rx.try_recv()), (1, Ok(1)), "{capacity:?}");

        let mut buffer = Vec::new();
        let woken = queued(rx.recv_many(&mut buffer, 2), &Bell::new());
        let mut next = queued(rx.recv(), &bell);
        tx.try_send(2).unwrap();
        drop(woken);
        assert_eq!((bell.take_wakes(), ready(&mut next, &bell), buffer.len()), (1, Some(2), 0), "{capacity:?}");
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

/// futures-locks#1: a future that owned the lock already was dropped without being polled, and nothing unlocked it;
/// here what was granted to nobody is free.
#[test]
fn b021_a_grant_whose_owner_is_dropped_unpolled_is_free() {
    on_every_line(|line| {
        let bell = Bell::new();
        let granted = line.queue(&bell);
        (line.one)();
        drop(granted);
        assert_eq!((bell.wakes(), bell.held()), (1, 0));
        let mut fresh = (line.make)();
        // A notification that finds nobody is lost; making the future has shown that the monitor is free.
        assert!(fresh.finished(&bell) || line.forgets);
    });
}

/// futures-util's `remove_waker(wake_another)` is the model fix: a woken waiter that is dropped wakes another; here a
/// chain of ten hands the exclusion from one to the next.
#[test]
fn b022_the_exclusion_goes_from_hand_to_hand() {
    on_each(&[MUTEX, MONITOR, CONDVAR].concat(), |line| {
        let bells: Vec<_> = (0..10).map(|_| Bell::new()).collect();
        let mut waiters: Vec<_> = bells.iter().map(|bell| Some(line.queue(bell))).collect();
        (line.one)();
        for i in 0..9 {
            assert_eq!((bells[i].wakes(), bells[i + 1].wakes()), (1, 0));
            waiters[i] = None;
        }
        assert!(waiters[9].as_mut().unwrap().finished(&bells[9]));
    });
}

/// crossfire#22: a waiter that got its item by a second try stayed registered, and the next wake-up went to it; here it
/// has left the line, be it a handle or an acquire that looked uninvited.
#[test]
fn b023_who_got_it_by_trying_is_not_registered_any_more() {
    let (stale, live) = (Bell::new(), Bell::new());
    let (tx, rx) = mailbox::bounded(1);
    let mut stream = rx.clone();
    assert!(with(&stale, |cx| stream.poll_recv(cx)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((stale.take_wakes(), stream.try_recv()), (1, Ok(1)));
    let mut receiving = queued(rx.recv(), &live);
    tx.try_send(2).unwrap();
    assert_eq!((stale.wakes(), live.take_wakes(), ready(&mut receiving, &live)), (0, 1, Some(2)));

    let mut sink = tx.clone();
    tx.try_send(3).unwrap();
    assert!(with(&stale, |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending());
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!((stale.take_wakes(), sink.try_send(4)), (1, Ok(())));
    let mut sending = queued(tx.send(5), &live);
    assert_eq!(rx.try_recv(), Ok(4));
    assert_eq!((stale.wakes(), live.take_wakes(), ready(&mut sending, &live)), (0, 1, Ok(())));

    let semaphore = Semaphore::with_fairness(0, Fairness::Unfair);
    let _told = queued(semaphore.acquire(), &stale);
    let mut uninvited = queued(semaphore.acquire(), &stale);
    let mut last = queued(semaphore.acquire(), &live);
    semaphore.add_permits(1);
    let permit = ready(&mut uninvited, &stale).unwrap();
    assert_eq!((stale.take_wakes(), semaphore.waiters()), (1, 2));
    drop(permit);
    assert_eq!(live.wakes(), 1, "the first was told before and is not waited for");
    assert!(ready(&mut last, &live).is_ok());
}
