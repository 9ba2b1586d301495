//! tokio's `sync_semaphore` and `sync_semaphore_owned` (tokio 1.53.1 and what its main branch had at ea91b33), as
//! `Semaphore`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_semaphore | 28 | 24 | 5 |
//! | sync_semaphore_owned | 10 | 10 | 1 |
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `acquire_many` takes a `u32` | a `usize` |
//! | the owned forms take the `Arc` | they borrow it, and clone it |
//! | `blocking_acquire` | `acquire_blocking`, short for `acquire().wait()` |
//! | `blocking_acquire_many`, `…_owned`, `…_many_owned` | `.wait()` on the future |
//! | to take away permits that are out, one waits for them | `reduce_permits`: what is out is owed |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `sync_semaphore: merge_unrelated_permits`, `sync_semaphore_owned: merge_unrelated_permits` | no panic: the other permit comes back, untouched |
//! | `sync_semaphore: blocking_acquire_in_async_context`, `sync_semaphore: blocking_acquire_many_in_async_context` | no test: no runtime is known here, so none can be found around a blocking call; the docs forbid it |
//! | `sync_semaphore: blocking_acquire_owned_in_async_context`, `sync_semaphore: blocking_acquire_many_owned_in_async_context` | the same |

mod threads;

use crate::common::panic_message;
use sempost::{Semaphore, TryAcquireError};
use std::sync::Arc;

/// sync_semaphore: no_permits
#[test]
fn a_semaphore_may_begin_without_permits() {
    assert_eq!(Semaphore::new(0).available_permits(), 0);
}

/// sync_semaphore: try_acquire
#[test]
fn to_try_fails_while_the_permit_is_out() {
    let semaphore = Semaphore::new(1);
    {
        let _permit = semaphore.try_acquire().unwrap();
        assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    }
    assert!(semaphore.try_acquire().is_ok());
}

/// sync_semaphore_owned: try_acquire
#[test]
fn to_try_for_an_owned_permit_fails_while_it_is_out() {
    let semaphore = Arc::new(Semaphore::new(1));
    {
        let _permit = semaphore.try_acquire_owned().unwrap();
        assert_eq!(semaphore.try_acquire_owned().unwrap_err(), TryAcquireError::NoPermits);
    }
    assert!(semaphore.try_acquire_owned().is_ok());
}

/// sync_semaphore_owned: try_acquire_many
#[test]
fn to_try_for_many_takes_any_share_of_what_is_there() {
    let semaphore = Arc::new(Semaphore::new(42));
    {
        let _all = semaphore.try_acquire_many_owned(42).unwrap();
        assert!(semaphore.try_acquire_owned().is_err());
    }
    let _most = semaphore.try_acquire_many_owned(32).unwrap();
    let _rest = semaphore.try_acquire_many_owned(10).unwrap();
    assert!(semaphore.try_acquire_owned().is_err());
}

runtime_matrix! {
    /// sync_semaphore: acquire
    async fn a_task_waits_for_a_permit_that_is_out(rt) {
        let semaphore = Arc::new(Semaphore::new(1));
        let permit = semaphore.try_acquire().unwrap();
        let line = semaphore.clone();
        let task = rt.spawn(async move { line.acquire().await.is_ok() });
        rt.until(|| semaphore.waiters() == 1).await;
        drop(permit);
        assert!(task.await);
    }

    /// sync_semaphore_owned: acquire
    async fn a_task_waits_for_an_owned_permit_that_is_out(rt) {
        let semaphore = Arc::new(Semaphore::new(1));
        let permit = semaphore.try_acquire_owned().unwrap();
        let task = rt.spawn(semaphore.acquire_owned());
        rt.until(|| semaphore.waiters() == 1).await;
        drop(permit);
        assert!(task.await.is_ok());
    }

    /// sync_semaphore_owned: acquire_many
    async fn a_task_that_has_some_waits_for_more(rt) {
        let semaphore = Arc::new(Semaphore::new(42));
        let most = semaphore.try_acquire_many_owned(32).unwrap();
        let line = semaphore.clone();
        let task = rt.spawn(async move {
            let some = line.acquire_many_owned(10).await.unwrap();
            let more = line.acquire_many_owned(32).await.unwrap();
            (some.num_permits(), more.num_permits())
        });
        rt.until(|| semaphore.waiters() == 1).await;
        drop(most);
        assert_eq!((task.await, semaphore.available_permits()), ((10, 32), 42));
    }

    /// sync_semaphore: add_permits
    async fn a_permit_that_is_added_goes_to_the_task_that_waits(rt) {
        let semaphore = Arc::new(Semaphore::new(0));
        let line = semaphore.clone();
        let task = rt.spawn(async move { line.acquire().await.is_ok() });
        semaphore.add_permits(1);
        assert!(task.await);
    }

    /// sync_semaphore_owned: add_permits
    async fn a_permit_that_is_added_goes_to_the_task_that_waits_for_an_owned_one(rt) {
        let semaphore = Arc::new(Semaphore::new(0));
        let task = rt.spawn(semaphore.acquire_owned());
        semaphore.add_permits(1);
        assert!(task.await.is_ok());
    }

    /// sync_semaphore: stress_test
    async fn after_a_thousand_tasks_all_permits_are_back(rt) {
        let semaphore = Arc::new(Semaphore::new(5));
        let tasks: Vec<_> = (0..1000).map(|_| semaphore.clone()).map(|line| {
            rt.spawn(async move { drop(line.acquire().await.unwrap()) })
        }).collect();
        for task in tasks {
            task.await;
        }
        let _all = [(); 5].map(|()| semaphore.try_acquire().unwrap());
        assert!(semaphore.try_acquire().is_err());
    }

    /// sync_semaphore_owned: stress_test
    async fn after_a_thousand_tasks_all_owned_permits_are_back(rt) {
        let semaphore = Arc::new(Semaphore::new(5));
        let tasks: Vec<_> = (0..1000).map(|_| semaphore.clone()).map(|line| {
            rt.spawn(async move { drop(line.acquire_owned().await.unwrap()) })
        }).collect();
        for task in tasks {
            task.await;
        }
        let _all = [(); 5].map(|()| semaphore.try_acquire_owned().unwrap());
        assert!(semaphore.try_acquire_owned().is_err());
    }
}

/// A semaphore for each pair of small numbers: its permits, and how many are added or taken.
fn each_pair(claim: impl Fn(Semaphore, usize, usize)) {
    for size in 0..4 {
        for change in 0..4 {
            claim(Semaphore::new(size), size, change);
        }
    }
}

/// sync_semaphore: add_permits_open
#[test]
fn added_permits_are_there() {
    each_pair(|semaphore, size, add| {
        semaphore.add_permits(add);
        assert_eq!((semaphore.available_permits(), semaphore.is_closed()), (size + add, false));
    });
}

/// sync_semaphore: add_permits_closed
#[test]
fn added_permits_are_there_also_after_close() {
    each_pair(|semaphore, size, add| {
        semaphore.close();
        semaphore.add_permits(add);
        assert_eq!((semaphore.available_permits(), semaphore.is_closed()), (size + add, true));
    });
}

/// sync_semaphore: forget
#[test]
fn a_forgotten_permit_never_comes_back() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    permit.forget();
    assert_eq!(semaphore.available_permits(), 0);
    assert!(semaphore.try_acquire().is_err());
}

/// sync_semaphore_owned: forget
#[test]
fn a_forgotten_owned_permit_never_comes_back() {
    let semaphore = Arc::new(Semaphore::new(1));
    let permit = semaphore.try_acquire_owned().unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    permit.forget();
    assert_eq!(semaphore.available_permits(), 0);
    assert!(semaphore.try_acquire_owned().is_err());
}

/// sync_semaphore: forget_open
#[test]
fn of_the_pool_as_many_are_forgotten_as_are_there() {
    each_pair(|semaphore, size, forget| {
        assert_eq!(semaphore.forget_permits(forget), size.min(forget));
        assert_eq!((semaphore.available_permits(), semaphore.is_closed()), (size.saturating_sub(forget), false));
    });
}

/// sync_semaphore: forget_closed
#[test]
fn of_the_pool_as_many_are_forgotten_as_are_there_also_after_close() {
    each_pair(|semaphore, size, forget| {
        semaphore.close();
        assert_eq!(semaphore.forget_permits(forget), size.min(forget));
        assert_eq!((semaphore.available_permits(), semaphore.is_closed()), (size.saturating_sub(forget), true));
    });
}

/// sync_semaphore: merge
#[test]
fn merged_permits_come_back_together() {
    let semaphore = Semaphore::new(3);
    {
        let mut first = semaphore.try_acquire().unwrap();
        assert_eq!(semaphore.available_permits(), 2);
        let second = semaphore.try_acquire_many(2).unwrap();
        assert!(first.merge(second).is_ok());
        assert_eq!((first.num_permits(), semaphore.available_permits()), (3, 0));
    }
    assert_eq!(semaphore.available_permits(), 3);
}

/// sync_semaphore_owned: merge
#[test]
fn merged_owned_permits_come_back_together() {
    let semaphore = Arc::new(Semaphore::new(3));
    {
        let mut first = semaphore.try_acquire_owned().unwrap();
        assert_eq!(semaphore.available_permits(), 2);
        let second = semaphore.try_acquire_many_owned(2).unwrap();
        assert!(first.merge(second).is_ok());
        assert_eq!((first.num_permits(), semaphore.available_permits()), (3, 0));
    }
    assert_eq!(semaphore.available_permits(), 3);
}

/// sync_semaphore: merge_unrelated_permits
#[test]
fn a_permit_of_another_semaphore_is_not_merged_and_comes_back() {
    let (here, there) = (Semaphore::new(3), Semaphore::new(3));
    let mut first = here.try_acquire().unwrap();
    let second = first.merge(there.try_acquire().unwrap()).unwrap_err();
    assert_eq!((first.num_permits(), second.num_permits()), (1, 1));
    drop((first, second));
    assert_eq!((here.available_permits(), there.available_permits()), (3, 3));
}

/// sync_semaphore_owned: merge_unrelated_permits
#[test]
fn an_owned_permit_of_another_semaphore_is_not_merged_and_comes_back() {
    let [here, there] = [(); 2].map(|()| Arc::new(Semaphore::new(3)));
    let mut first = here.try_acquire_owned().unwrap();
    let second = first.merge(there.try_acquire_owned().unwrap()).unwrap_err();
    assert_eq!((first.num_permits(), second.num_permits()), (1, 1));
    drop((first, second));
    assert_eq!((here.available_permits(), there.available_permits()), (3, 3));
}

/// Splits three permits of five up, down to nothing, and looks what each part brings back.
macro_rules! split_up {
    ($semaphore:ident, $three:expr) => {
        let mut first = $three;
        let mut second = first.split(1).unwrap();
        let none = first.split(0).unwrap();
        assert_eq!([first.num_permits(), second.num_permits(), none.num_permits()], [2, 1, 0]);
        assert_eq!($semaphore.available_permits(), 2, "to split gives nothing back");
        drop(first);
        assert_eq!($semaphore.available_permits(), 4);
        let last = second.split(1).unwrap();
        assert_eq!((second.num_permits(), last.num_permits()), (0, 1));
        assert!(second.split(1).is_none());
        drop((second, none));
        assert_eq!($semaphore.available_permits(), 4);
        drop(last);
        assert_eq!($semaphore.available_permits(), 5);
    };
}

/// sync_semaphore: split
#[test]
fn each_part_of_a_permit_brings_its_share_back() {
    let semaphore = Semaphore::new(5);
    split_up!(semaphore, semaphore.try_acquire_many(3).unwrap());
}

/// sync_semaphore_owned: split
#[test]
fn each_part_of_an_owned_permit_brings_its_share_back() {
    let semaphore = Arc::new(Semaphore::new(5));
    split_up!(semaphore, semaphore.try_acquire_many_owned(3).unwrap());
}

/// sync_semaphore: add_max_amount_permits
#[test]
fn as_many_permits_as_possible_may_be_added() {
    let semaphore = Semaphore::new(0);
    semaphore.add_permits(Semaphore::MAX_PERMITS);
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
}

/// sync_semaphore: add_more_than_max_amount_permits1
#[test]
fn to_add_as_many_as_possible_to_one_panics() {
    let semaphore = Semaphore::new(1);
    assert!(panic_message(|| semaphore.add_permits(Semaphore::MAX_PERMITS)).contains("MAX_PERMITS"));
    assert_eq!(semaphore.available_permits(), 1);
}

/// sync_semaphore: add_more_than_max_amount_permits2
#[test]
fn to_add_one_to_as_many_as_possible_panics() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS - 1);
    semaphore.add_permits(1);
    assert!(panic_message(|| semaphore.add_permits(1)).contains("MAX_PERMITS"));
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
}

/// sync_semaphore: panic_when_exceeds_maxpermits
#[test]
fn to_begin_with_more_than_possible_panics() {
    assert!(panic_message(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).contains("MAX_PERMITS"));
}

/// sync_semaphore: no_panic_at_maxpermits
#[test]
fn one_may_begin_with_as_many_as_possible() {
    assert_eq!(Semaphore::new(Semaphore::MAX_PERMITS).available_permits(), Semaphore::MAX_PERMITS);
    Semaphore::new(Semaphore::MAX_PERMITS - 1).add_permits(1);
}
