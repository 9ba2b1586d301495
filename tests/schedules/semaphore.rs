//! Permits among many.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::{Alone, Count, below, impatient, schedule, task, tasks};
use crate::{Fairness, Semaphore};

fn with(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits))
}

/// Insists that all permits are back and nobody waits.
fn at_rest(semaphore: &Semaphore, permits: usize) {
    assert_eq!((semaphore.available_permits(), semaphore.waiters()), (permits, 0));
}

/// `count` tasks of one kind, and one that comes when they have ended.
fn crowd<F>(semaphore: &Arc<Semaphore>, count: usize, one: impl Fn(usize, Arc<Semaphore>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let crowd: Vec<_> = (0..count).map(|i| task(one(i, Arc::clone(semaphore)))).collect();
    for one in crowd {
        shuttle::future::block_on(one).expect("no task fails");
    }
}

#[test]
fn six_tasks_share_two_permits() {
    schedule("semaphore: six tasks, two permits", || {
        let (semaphore, inside) = (with(2), Count::new());
        crowd(&semaphore, 6, |_, semaphore| {
            let inside = inside.clone();
            async move {
                let permit = semaphore.acquire().await.unwrap();
                inside.add(1);
                shuttle::future::yield_now().await;
                assert!(semaphore.available_permits() < 2);
                drop(permit);
            }
        });
        assert_eq!(inside.get(), 6);
        at_rest(&semaphore, 2);
    });
}

#[test]
fn demands_of_all_sizes_are_met() {
    schedule("semaphore: demands of 1, 2 and 3", || {
        let semaphore = with(3);
        crowd(&semaphore, 6, |i, semaphore| async move {
            drop(semaphore.acquire_many(1 + i % 3).await.unwrap());
        });
        at_rest(&semaphore, 3);
    });
}

#[test]
fn whoever_leaves_takes_nothing_along() {
    schedule("semaphore: seven tasks, most of them impatient", || {
        let semaphore = with(2);
        crowd(&semaphore, 7, |i, semaphore| async move {
            drop(impatient(semaphore.acquire_many(1 + i % 2)).await);
            drop(semaphore.acquire().await.unwrap());
        });
        at_rest(&semaphore, 2);
    });
}

#[test]
fn small_ones_behind_a_head_that_leaves_are_served() {
    schedule("semaphore: a head that leaves before four small ones", || {
        // A permit for each, and nobody gives one back: that the head leaves has to be enough.
        let semaphore = with(4);
        crowd(&semaphore, 5, |i, semaphore| async move {
            if i == 0 {
                assert!(impatient(semaphore.acquire_many(8)).await.is_none());
            } else {
                semaphore.acquire().await.unwrap().forget();
            }
        });
        at_rest(&semaphore, 0);
    });
}

#[test]
fn close_lets_everybody_go() {
    tasks("semaphore: close under six waiters", || {
        let semaphore = with(1);
        let mut all: Vec<_> = (0..6)
            .map(|_| {
                let semaphore = Arc::clone(&semaphore);
                task(async move { drop(semaphore.acquire().await) })
            })
            .collect();
        all.push(task(async move {
            semaphore.close();
            assert!(semaphore.acquire().await.is_err());
        }));
        all
    });
}

#[test]
fn issued_permits_add_up() {
    schedule("semaphore: add, reduce, forget and acquire", || {
        let (semaphore, forgotten) = (with(2), Count::new());
        crowd(&semaphore, 6, |i, semaphore| {
            let forgotten = forgotten.clone();
            async move {
                match i {
                    0 => _ = semaphore.add_permits(2),
                    1 => semaphore.reduce_permits(1),
                    2 => forgotten.add(semaphore.forget_permits(1)),
                    _ => drop(semaphore.acquire().await.unwrap()),
                }
            }
        });
        at_rest(&semaphore, 3 - forgotten.get());
    });
}

#[test]
fn newcomers_pass_and_nobody_stays_behind() {
    schedule("semaphore: barging, tries among waiters", || {
        let semaphore = Arc::new(Semaphore::with_fairness(1, Fairness::Barging { overtakes: 1 }));
        let alone = Arc::new(Alone::default());
        crowd(&semaphore, 6, |i, semaphore| {
            let alone = alone.clone();
            async move {
                if i % 2 == 0 {
                    if let Ok(_permit) = semaphore.try_acquire() {
                        alone.visit().await;
                    }
                }
                let _permit = semaphore.acquire().await.unwrap();
                alone.visit().await;
            }
        });
        at_rest(&semaphore, 1);
    });
}

#[test]
fn whoever_keeps_a_waiter_that_it_no_longer_polls_gets_another() {
    schedule("semaphore: unbounded, the futurelock by five", || {
        let semaphore = Arc::new(Semaphore::with_fairness(1, Fairness::Unfair));
        crowd(&semaphore, 5, |_, semaphore| async move {
            let mut kept = std::pin::pin!(semaphore.acquire());
            let first = poll_fn(|cx| Poll::Ready(kept.as_mut().poll(cx))).await;
            drop(first);
            drop(semaphore.acquire().await.unwrap());
        });
        at_rest(&semaphore, 1);
    });
}

#[test]
fn barging_crowds_of_all_sizes_come_through() {
    schedule("semaphore: unbounded, impatient demands of 1 and 2", || {
        let semaphore = Arc::new(Semaphore::with_fairness(2, Fairness::Unfair));
        crowd(&semaphore, 6, |i, semaphore| async move {
            drop(impatient(semaphore.acquire_many(1 + i % 2)).await);
            drop(semaphore.acquire_many(2 - i % 2).await.unwrap());
        });
        at_rest(&semaphore, 2);
    });
}

#[test]
fn threads_and_tasks_stand_in_one_line() {
    schedule("semaphore: three threads and three tasks", || {
        let semaphore = with(1);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let semaphore = Arc::clone(&semaphore);
                shuttle::thread::spawn(move || drop(semaphore.acquire_blocking().unwrap()))
            })
            .collect();
        crowd(&semaphore, 3, |_, semaphore| async move {
            drop(semaphore.acquire().await.unwrap());
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        at_rest(&semaphore, 1);
    });
}

#[test]
fn parts_of_permits_are_permits() {
    schedule("semaphore: split and merge", || {
        let semaphore = with(4);
        crowd(&semaphore, 5, |_, semaphore| async move {
            let mut whole = semaphore.acquire_many_owned(2).await.unwrap();
            let mut half = whole.split(1).unwrap();
            if below(2) == 0 {
                half.merge(whole).unwrap();
            }
            drop(half);
        });
        at_rest(&semaphore, 4);
    });
}
