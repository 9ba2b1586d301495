//! Waiting for permits, and for the close.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sempost::{Fairness, Semaphore};

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Scene, awaiting};

pub(super) fn touch(semaphore: &Semaphore) {
    drop(semaphore.try_acquire());
    drop(semaphore.try_acquire_many(2));
    semaphore.add_permits(0);
    assert!(!format!("{semaphore:?} {} {}", semaphore.waiters(), semaphore.available_permits()).is_empty());
    drop(poll(&mut Box::pin(semaphore.acquire()), &Bell::new()));
}

fn end<P: Send + 'static, E>(permit: Result<P, E>) -> End {
    permit.map_or(End::Closed, |permit| End::Served(Box::new(permit)))
}

/// Waiters for `need` permits each of a semaphore that their futures borrow.
fn borrowed(semaphore: Semaphore, need: usize) -> Scene {
    let (semaphore, loan): (&'static Semaphore, Loan<_>) = lend(semaphore);
    let given = Arc::new(AtomicUsize::new(semaphore.available_permits()));
    let books = Arc::clone(&given);
    let give = move |n: usize| {
        given.fetch_add(n, Ordering::Relaxed);
        semaphore.add_permits(n);
    };
    let all = give.clone();
    Scene::new(move || awaiting(semaphore.acquire_many(need), end), move || give(need))
        .batch(move || all(3 * need))
        .close(move || assert!(semaphore.close()))
        .touch(move || touch(semaphore))
        .audit(move || {
            assert_eq!(semaphore.available_permits(), books.load(Ordering::Relaxed));
            assert_eq!(semaphore.waiters(), 0);
        })
        .lent(loan)
}

/// The same with futures that keep the semaphore.
fn owned(semaphore: Semaphore, need: usize) -> Scene {
    let semaphore = Arc::new(semaphore);
    let given = Arc::new(AtomicUsize::new(semaphore.available_permits()));
    let (books, [a, b, c, d, e]) = (Arc::clone(&given), [0; 5].map(|_| Arc::clone(&semaphore)));
    let give = move |n: usize| {
        given.fetch_add(n, Ordering::Relaxed);
        a.add_permits(n);
    };
    let all = give.clone();
    Scene::new(move || awaiting(b.acquire_many_owned(need), end), move || give(need))
        .batch(move || all(3 * need))
        .close(move || assert!(c.close()))
        .touch(move || touch(&d))
        .audit(move || {
            assert_eq!(e.available_permits(), books.load(Ordering::Relaxed));
            assert_eq!(e.waiters(), 0);
        })
}

fn closed() -> Scene {
    let (semaphore, loan) = lend(Semaphore::new(0));
    Scene::new(
        move || awaiting(semaphore.closed(), |()| End::served()),
        move || {
            semaphore.close();
        },
    )
    .batch(move || assert!(semaphore.close()))
    .never_closes("the close is what it waits for")
    .touch(move || touch(semaphore))
    .lent(loan)
}

pub(super) const ALL: &[Operation] = &[
    ("Semaphore::acquire", || borrowed(Semaphore::new(0), 1)),
    ("Semaphore::acquire_many", || borrowed(Semaphore::new(2), 3)),
    ("Semaphore::acquire_owned", || owned(Semaphore::new(0), 1)),
    ("Semaphore::acquire_many_owned", || owned(Semaphore::new(1), 2)),
    ("Semaphore::acquire, of a limited one", || borrowed(Semaphore::with_limit(0, 64), 1)),
    ("Semaphore::acquire, Barging", || borrowed(barging(1_000), 1)),
    ("Semaphore::acquire_many, Barging 0", || borrowed(barging(0), 2)),
    ("Semaphore::acquire_many_owned, Unfair", || owned(Semaphore::with_fairness(0, Fairness::Unfair), 2)),
    ("Semaphore::closed", closed),
];

pub(super) fn barging(overtakes: usize) -> Semaphore {
    Semaphore::with_fairness(0, Fairness::Barging { overtakes })
}
