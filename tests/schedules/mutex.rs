//! One at a time among many.

use std::sync::Arc;

use super::{Alone, below, impatient, schedule, task};
use crate::{Fairness, Mutex, MutexGuard, OwnedMutexGuard};

/// `count` tasks of one kind; then the data is looked at.
fn crowd<T, F>(mutex: Mutex<T>, count: usize, one: impl Fn(usize, Arc<Mutex<T>>) -> F) -> T
where
    F: Future<Output = ()> + Send + 'static,
{
    let mutex = Arc::new(mutex);
    let crowd: Vec<_> = (0..count).map(|i| task(one(i, Arc::clone(&mutex)))).collect();
    for one in crowd {
        shuttle::future::block_on(one).expect("no task fails");
    }
    assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    Arc::into_inner(mutex).expect("all tasks have ended").into_inner()
}

async fn increment(count: &mut usize) {
    let before = *count;
    shuttle::future::yield_now().await;
    *count = before + 1;
}

#[test]
fn six_tasks_count() {
    schedule("mutex: six tasks count", || {
        let count = crowd(Mutex::new(0), 6, |_, mutex| async move { increment(&mut *mutex.lock().await).await });
        assert_eq!(count, 6);
    });
}

#[test]
fn whoever_leaves_unlocks_nothing_and_keeps_nothing() {
    schedule("mutex: seven tasks, all impatient first", || {
        let count = crowd(Mutex::new(0), 7, |_, mutex| async move {
            drop(impatient(mutex.lock()).await);
            increment(&mut *mutex.lock().await).await;
        });
        assert_eq!(count, 7);
    });
}

#[test]
fn guards_that_own_and_guards_of_a_part() {
    schedule("mutex: owned and mapped guards", || {
        let (left, right) = crowd(Mutex::new((0, 0)), 6, |i, mutex| async move {
            if i % 2 == 0 {
                let guard = mutex.lock_owned().await;
                increment(&mut OwnedMutexGuard::map(guard, |pair| &mut pair.0)).await;
            } else {
                let guard = mutex.lock().await;
                increment(&mut MutexGuard::map(guard, |pair| &mut pair.1)).await;
            }
        });
        assert_eq!((left, right), (3, 3));
    });
}

#[test]
fn a_try_finds_it_free_or_not() {
    schedule("mutex: tries among waiters", || {
        let alone = Arc::new(Alone::default());
        crowd(Mutex::new(()), 6, |i, mutex| {
            let alone = alone.clone();
            async move {
                if i % 2 == 0 {
                    if let Some(_guard) = mutex.try_lock() {
                        alone.visit().await;
                    }
                } else {
                    let _guard = mutex.lock().await;
                    alone.visit().await;
                }
            }
        });
    });
}

#[test]
fn newcomers_pass_a_bounded_number_of_times() {
    schedule("mutex: barging", || {
        let barging = Fairness::Barging { overtakes: 2 };
        let count = crowd(Mutex::with_fairness(0, barging), 6, |_, mutex| async move {
            if below(3) == 0 {
                drop(impatient(mutex.lock()).await);
            }
            increment(&mut *mutex.lock().await).await;
        });
        assert_eq!(count, 6);
    });
}

#[test]
fn an_unbounded_line_comes_through() {
    schedule("mutex: unbounded", || {
        let count = crowd(Mutex::with_fairness(0, Fairness::Unfair), 6, |_, mutex| async move {
            drop(impatient(mutex.lock()).await);
            increment(&mut *mutex.lock().await).await;
        });
        assert_eq!(count, 6);
    });
}

#[test]
fn threads_and_tasks_lock_in_turn() {
    schedule("mutex: threads and tasks", || {
        let count = crowd(Mutex::new(0), 3, |_, mutex| async move {
            let other = Arc::clone(&mutex);
            let thread = shuttle::thread::spawn(move || *other.lock_blocking() += 1);
            increment(&mut *mutex.lock().await).await;
            thread.join().unwrap();
        });
        assert_eq!(count, 6);
    });
}
