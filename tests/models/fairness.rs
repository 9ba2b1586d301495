//! Newcomers, nudged waiters, and what neither may lose.

use std::sync::Arc;

use super::{glance, here, poll, queued, run};
use crate::primitive::{model, spawn};
use crate::{Fairness, Mutex, Semaphore, mailbox};

fn barging(permits: usize, overtakes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::with_fairness(permits, Fairness::Barging { overtakes }))
}

/// Kills: a nudge that is lost when a newcomer takes what it was about, or when the nudged one is dropped.
#[test]
fn a_release_meets_a_newcomer_and_a_cancel() {
    model("fairness: barging release ∥ newcomer ∥ cancel", || {
        let semaphore = barging(0, 1);
        let (gone, next) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        let newcomer = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(newcomer.try_acquire())), spawn(move || drop(gone))];
        semaphore.add_permits(1);
        drop(run(next).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a head that finds nothing and goes back to sleep without a look under the same lock.
#[test]
fn a_head_and_a_newcomer_want_the_same_permit() {
    model("fairness: barging, three at one permit", || {
        let semaphore = barging(1, 1);
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || drop(semaphore.acquire_blocking().unwrap()))
        });
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a bound that two newcomers who come at once can both use up.
#[test]
fn one_overtake_is_for_one_newcomer() {
    model("fairness: barging, try ∥ try, one overtake", || {
        let semaphore = barging(1, 1);
        let held = semaphore.try_acquire_owned().unwrap();
        let head = queued(semaphore.acquire_owned());
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || semaphore.try_acquire().map(drop).is_ok())
        });
        drop(held);
        assert_ne!(threads.map(|thread| thread.join().unwrap()), [true; 2]);
        drop(run(head).unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: an unlock that offers the mutex, and a waiter and a newcomer that both take it.
#[test]
fn an_unbounded_mutex_is_still_one_at_a_time() {
    model("fairness: unbounded, lock ∥ lock ∥ try", || {
        let mutex = Arc::new(Mutex::with_fairness(0, Fairness::Unfair));
        let (other, third) = (Arc::clone(&mutex), Arc::clone(&mutex));
        let threads = [
            spawn(move || {
                *other.lock_blocking() += 1;
                1
            }),
            spawn(move || {
                third.try_lock().map_or(0, |mut count| {
                    *count += 1;
                    1
                })
            }),
        ];
        *run(mutex.lock()) += 1;
        let turns = threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>();
        assert_eq!((*mutex.try_lock().unwrap(), mutex.waiters()), (turns + 1, 0));
    });
}

/// Kills: an abandoned lock that keeps another one of the same task from what is free.
#[test]
fn an_abandoned_lock_does_not_stop_another_one() {
    model("fairness: unbounded, futurelock", || {
        let mutex = Arc::new(Mutex::with_fairness(0, Fairness::Unfair));
        let guard = mutex.try_lock_owned().unwrap();
        let other = Arc::clone(&mutex);
        let task = move || {
            let mut abandoned = Box::pin(other.lock());
            if poll(&mut abandoned, &here()).is_pending() {
                *run(other.lock()) += 1;
            }
        };
        let threads = [spawn(task), spawn(move || drop(guard))];
        *run(mutex.lock()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(mutex.waiters(), 0);
        assert!(mutex.try_lock().is_some());
    });
}

/// Kills: a nudge that dies with the waiter that was nudged, while the unlock that nudges is under way.
/// (`fairness_cancelled_nudge_is_not_passed_on`)
#[test]
fn a_nudged_waiter_that_is_dropped_passes_its_nudge_on() {
    model("fairness: unlock nudges ∥ cancel", || {
        let mutex = Arc::new(Mutex::with_fairness(0, Fairness::Barging { overtakes: 0 }));
        let guard = mutex.try_lock_owned().unwrap();
        let (gone, next) = (queued(mutex.lock_owned()), queued(mutex.lock_owned()));
        let threads = [spawn(move || drop(guard)), spawn(move || drop(gone))];
        *run(next) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}

/// Kills: a close that forgets who was nudged, or a permit that is lost with a nudge.
#[test]
fn close_meets_a_nudge_and_a_waiter_that_looks() {
    model("fairness: close ∥ release ∥ look", || {
        let semaphore = barging(0, 0);
        let (mut first, second) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        let (closer, giver) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [spawn(move || _ = closer.close()), spawn(move || _ = giver.add_permits(1))];
        let looked = glance(&mut first);
        assert!(run(second).is_err());
        let held = match looked {
            Some(answer) => answer,
            None => run(first),
        };
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits() + usize::from(held.is_ok()), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a woken sender that gives up, or a newcomer that takes its slot, and a sender behind it that sleeps on.
#[test]
fn a_free_slot_meets_a_newcomer_and_a_cancel() {
    model("fairness: barging mailbox, receive ∥ newcomer ∥ cancel", || {
        let (sender, receiver) = mailbox::bounded_with(1, Fairness::Barging { overtakes: 1 });
        sender.try_send(0).unwrap();
        let (mut gone, mut next) = (queued(sender.send(1)), queued(sender.send(2)));
        let (newcomer, taker) = (sender.clone(), receiver.clone());
        let threads = [
            spawn(move || usize::from(newcomer.try_send(3).is_ok())),
            spawn(move || usize::from(taker.try_recv().is_ok())),
        ];
        assert_eq!(gone.as_mut().cancel(), Some(1));
        let [passed, received] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(received, 1);
        if passed == 1 {
            assert_eq!(receiver.try_recv(), Ok(3));
        }
        assert_eq!(glance(&mut next), Some(Ok(())), "the slot is free");
        assert_eq!(receiver.try_recv(), Ok(2));
    });
}

/// Kills: a bound on overtakes that the fast path and the slow one count apart.
#[test]
fn one_overtake_is_for_one_sender() {
    model("fairness: barging mailbox, try ∥ reserve, one overtake", || {
        let (sender, receiver) = mailbox::bounded_with(2, Fairness::Barging { overtakes: 1 });
        (0..2).for_each(|n| sender.try_send(n).unwrap());
        let first = queued(sender.send(2));
        let (one, other) = (sender.clone(), sender.clone());
        let threads = [spawn(move || one.try_send(3).is_ok()), spawn(move || other.try_reserve().map(drop).is_ok())];
        assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
        assert_ne!(threads.map(|thread| thread.join().unwrap()), [true; 2]);
        run(first).unwrap();
    });
}
