//! A semaphore with a limit: a signal for a waiter is not lost, and what nobody waits for is kept once.

use std::sync::Arc;

use super::{glance, queued, run};
use crate::Semaphore;
use crate::primitive::{model, pick, spawn};

fn signal() -> Arc<Semaphore> {
    Arc::new(Semaphore::with_limit(0, 1))
}

/// Kills: a signal that is discarded because one is kept that a waiter has just taken, or is about to.
#[test]
fn a_signal_meets_its_waiter() {
    model("limit: signal ∥ acquire ∥ try", || {
        let semaphore = signal();
        let (signaller, other) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let signals = spawn(move || (0..pick(1, 2)).map(|_| signaller.add_permits(1)).sum::<usize>());
        let tries = spawn(move || drop(other.try_acquire()));
        run(semaphore.acquire()).unwrap().forget();
        tries.join().unwrap();
        assert!(semaphore.available_permits() <= 1);
        let added = signals.join().unwrap();
        assert!(semaphore.waiters() == 0 && semaphore.available_permits() <= added - 1);
    });
}

/// Kills: two signals for two waiters of which the limit swallows one (`limit_swallows_a_waiters_signal`).
#[test]
fn two_signals_for_two_waiters_serve_both() {
    model("limit: signal ∥ signal ∥ try, two waiters", || {
        let semaphore = signal();
        let waiters = [(); 2].map(|()| queued(semaphore.acquire_owned()));
        let [other, newcomer] = [(); 2].map(|()| Arc::clone(&semaphore));
        let signaller = spawn(move || other.add_permits(1));
        let thread = spawn(move || assert!(newcomer.try_acquire().is_err()));
        assert_eq!(semaphore.add_permits(1), 1);
        waiters.into_iter().for_each(|waiter| run(waiter).unwrap().forget());
        thread.join().unwrap();
        assert_eq!((signaller.join().unwrap(), semaphore.available_permits()), (1, 0));
    });
}

/// Kills: a binary semaphore that is given back and kept twice (`limit_keeps_what_comes_back`).
#[test]
fn a_permit_that_comes_back_beside_a_signal_is_kept_once() {
    model("limit: release ∥ signal ∥ try", || {
        let semaphore = signal();
        semaphore.add_permits(1);
        let permit = semaphore.try_acquire_owned().unwrap();
        let signaller = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(permit)), spawn(move || _ = signaller.add_permits(1))];
        let taken = semaphore.try_acquire().map(|permit| permit.forget()).is_ok();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let left = semaphore.available_permits();
        assert!(left == 1 || left == 0 && taken);
    });
}

/// Kills: a signal that is lost with the waiter to whom it was granted.
#[test]
fn a_signal_whose_waiter_leaves_is_kept_or_goes_on() {
    model("limit: signal ∥ cancel ∥ acquire", || {
        let semaphore = signal();
        let gone = queued(semaphore.acquire_owned());
        let signaller = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(gone)), spawn(move || _ = signaller.add_permits(1))];
        run(semaphore.acquire()).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(glance(&mut Box::pin(semaphore.acquire())).is_none());
    });
}
