//! RawMutex: one at a time – the claim in every guard tells the checker – and handed over, never dropped.

use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Mutex, MutexGuard, OwnedMutexGuard};

fn fresh() -> Arc<Mutex<u32>> {
    Arc::new(Mutex::new(0))
}

/// Kills: an unlock that both hands over and frees; a lock without Acquire (`mutex_two_may_be_inside`).
#[test]
fn two_threads_are_never_inside_together() {
    model("mutex: lock ∥ lock", || {
        let mutex = fresh();
        let other = Arc::clone(&mutex);
        let thread = spawn(move || {
            *other.lock_blocking() += 1;
            (1..pick(2, 3)).for_each(|_| *run(other.lock()) += 1);
        });
        *mutex.lock_blocking() += 1;
        (1..pick(2, 3)).for_each(|_| *run(mutex.lock()) += 1);
        thread.join().unwrap();
        assert_eq!(*mutex.try_lock().unwrap(), 2 * pick(2, 3));
    });
}

/// Kills: a hand-over that skips one of two waiters.
#[test]
fn three_threads_each_get_their_turn() {
    model("mutex: three threads", || {
        let mutex = fresh();
        let threads = [(); 2].map(|()| {
            let mutex = Arc::clone(&mutex);
            spawn(move || *mutex.lock_blocking() += 1)
        });
        *run(mutex.lock()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*mutex.try_lock().unwrap(), 3);
    });
}

/// Kills: a dropped waiter that keeps the mutex it was handed (`mutex_unlock_frees_and_hands_over`).
#[test]
fn a_cancel_that_meets_its_hand_over_hands_it_on() {
    model("mutex: hand-over ∥ cancel", || {
        let mutex = fresh();
        let guard = mutex.try_lock_owned().unwrap();
        let (gone, next) = (queued(mutex.lock_owned()), queued(mutex.lock_owned()));
        let threads = [spawn(move || drop(guard)), spawn(move || drop(gone))];
        *run(next) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}

/// Kills: a cancel in the middle of the line that breaks it.
#[test]
fn a_cancel_in_the_middle_keeps_the_line() {
    model("mutex: unlock ∥ cancel in the middle", || {
        let mutex = fresh();
        let guard = mutex.try_lock_owned().unwrap();
        let [first, middle, last] = std::array::from_fn(|_| queued(mutex.lock_owned()));
        let threads = [spawn(move || drop(guard)), spawn(move || drop(middle))];
        *run(first) += 1;
        *run(last) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}

/// Kills: an unlock that frees the mutex before it hands it over, so that a newcomer passes.
#[test]
fn a_try_never_passes_a_waiter() {
    model("mutex: try ∥ unlock, two waiters", || {
        let mutex = fresh();
        let guard = mutex.try_lock_owned().unwrap();
        let (waiter, next) = (queued(mutex.lock_owned()), queued(mutex.lock_owned()));
        let thread = spawn(move || {
            drop(guard);
            *run(next) += 1;
        });
        for _ in 0..3 {
            assert!(mutex.try_lock().is_none());
        }
        *run(waiter) += 1;
        thread.join().unwrap();
        assert_eq!(*mutex.try_lock().unwrap(), 2);
    });
}

/// Kills: a mapped guard that does not unlock, or unlocks twice.
#[test]
fn a_mapped_guard_unlocks_from_another_thread() {
    model("mutex: a mapped guard dropped ∥ lock", || {
        let mutex = Arc::new(Mutex::new((0, 0)));
        let part = OwnedMutexGuard::map(mutex.try_lock_owned().unwrap(), |pair| &mut pair.0);
        let other = Arc::clone(&mutex);
        let threads = [
            spawn(move || {
                let mut part = part;
                *part += 1;
            }),
            spawn(move || other.lock_blocking().1 += 1),
        ];
        let mut part = MutexGuard::map(run(mutex.lock()), |pair| &mut pair.1);
        *part += 1;
        drop(part);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*mutex.try_lock().unwrap(), (1, 2));
    });
}

/// Kills: an unlock whose effects are lost when the one who unlocks has just locked.
#[test]
fn a_failed_try_leaves_the_line_alone() {
    model("mutex: try ∥ lock ∥ unlock", || {
        let mutex = fresh();
        let other = Arc::clone(&mutex);
        let thread = spawn(move || {
            *other.lock_blocking() += 1;
            other.try_lock().map(drop)
        });
        if let Some(mut guard) = mutex.try_lock() {
            *guard += 1;
        }
        *mutex.lock_blocking() += 1;
        thread.join().unwrap();
        assert_eq!(mutex.waiters(), 0);
        assert!(*mutex.try_lock().unwrap() >= 2);
    });
}

/// Kills: a waiter polled by hand that is handed the mutex and forgets it.
#[test]
fn a_glance_takes_the_mutex_or_leaves_it() {
    model("mutex: hand-over ∥ glance, then cancel", || {
        let mutex = fresh();
        let (guard, other) = (mutex.try_lock_owned().unwrap(), Arc::clone(&mutex));
        let threads = [spawn(move || drop(guard)), spawn(move || *other.lock_blocking() += 1)];
        let mut waiter = Box::pin(mutex.lock_owned());
        let got = glance(&mut waiter).or_else(|| glance(&mut waiter));
        drop(waiter);
        if let Some(mut guard) = got {
            *guard += 1;
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}
