//! Notifications without memory, for a mutex of one's own.

use futures::future::FusedFuture;

use crate::common::{Bell, leak, now, panic_message, pending, poll, queued, ready, watched};
use sempost::{Condvar, CondvarWaiting, Fairness, Mutex, MutexGuard, OwnedMutexGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FAIRNESS: [Fairness; 3] = [Fairness::Fifo, Fairness::Barging { overtakes: 2 }, Fairness::Unfair];

fn fresh() -> (Condvar, Mutex<u32>) {
    (Condvar::new(), Mutex::new(0))
}

#[test]
fn a_wait_releases_the_mutex_at_its_first_poll() {
    let (condvar, mutex) = fresh();
    let mut waiting = Box::pin(condvar.wait(mutex.try_lock().unwrap()));
    assert!(mutex.is_locked(), "inert until polled");
    pending(&mut waiting, &Bell::new());
    assert_eq!((mutex.is_locked(), condvar.waiters()), (false, 1));
}

#[test]
fn a_wait_lets_the_next_lock() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let guard = mutex.try_lock().unwrap();
    let mut locking = queued(mutex.lock(), &bell);
    let _waiting = queued(condvar.wait(guard), &Bell::new());
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut locking, &bell));
}

#[test]
fn a_notification_nobody_waits_for_is_lost() {
    let (condvar, mutex) = fresh();
    assert!(!condvar.notify_one());
    assert_eq!((condvar.notify_many(5), condvar.notify_all()), (0, 0));
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    pending(&mut waiting, &bell);
    assert_eq!((bell.wakes(), condvar.waiters()), (0, 1));
}

#[test]
fn borrowed_and_owned_guards_go_through_one_function() {
    let condvar = Condvar::new();
    let mutex = Arc::new(Mutex::new(0));
    let bell = Bell::new();
    let mut owned = queued(condvar.wait(mutex.try_lock_owned().unwrap()), &bell);
    let mut borrowed = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    condvar.notify_all();
    let guard: OwnedMutexGuard<i32> = ready(&mut owned, &bell);
    assert_eq!(bell.wakes(), 1, "the other in its turn");
    drop(guard);
    let guard: MutexGuard<'_, i32> = ready(&mut borrowed, &bell);
    assert!(std::ptr::eq(*MutexGuard::mutex(&guard), &*mutex));
    assert_eq!(bell.wakes(), 2);
}

#[test]
fn owned_waits_borrow_nothing() {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait_owned(mutex.try_lock_owned().unwrap()), &bell);
    let mut until = queued(condvar.wait_while_owned(mutex.try_lock_owned().unwrap(), |n| *n == 0), &bell);
    *mutex.try_lock().unwrap() = 1;
    condvar.notify_all();
    drop((condvar, mutex));
    drop(ready(&mut waiting, &bell));
    assert_eq!(*ready(&mut until, &bell), 1);
}

#[test]
fn the_mutex_is_the_notified_waiters_as_soon_as_it_is_polled() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let bell = Bell::new();
        let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
        assert!(condvar.notify_one());
        assert_eq!((bell.wakes(), condvar.waiters(), mutex.is_locked()), (1, 0, false));
        drop(ready(&mut waiting, &bell));
        assert_eq!((bell.wakes(), bell.held(), mutex.is_locked()), (1, 0, false));
    }
}

#[test]
fn a_notified_waiter_that_finds_the_mutex_held_stands_in_its_line() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let (bell, other) = (Bell::new(), Bell::new());
        let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
        let guard = mutex.try_lock().unwrap();
        assert!(condvar.notify_one());
        pending(&mut waiting, &bell);
        assert_eq!((bell.take_wakes(), mutex.waiters()), (1, 1));
        // Whoever polled it last is woken (C9).
        pending(&mut waiting, &other);
        drop(guard);
        assert_eq!((bell.wakes(), other.wakes(), bell.held()), (0, 1, 0));
        drop(ready(&mut waiting, &other));
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    }
}

#[test]
fn only_the_first_is_woken_and_takes_the_others_along() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let [mut first, mut second, mut third] =
            bells.each_ref().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell));
        assert_eq!((condvar.notify_many(2), condvar.notify_many(7)), (2, 1));
        let told = || bells.each_ref().map(Bell::wakes);
        assert_eq!((told(), mutex.waiters()), ([1, 0, 0], 0));
        let guard = ready(&mut first, &bells[0]);
        assert_eq!((told(), mutex.waiters()), ([1, 0, 0], 2));
        drop(guard);
        assert_eq!(told(), [1, 1, 0]);
        drop(ready(&mut second, &bells[1]));
        assert_eq!(told(), [1, 1, 1]);
        drop(ready(&mut third, &bells[2]));
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    }
}

#[test]
fn who_comes_first_while_the_mutex_is_held_costs_one_wake_more() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let mut line: Vec<_> = (0..1_000).map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &bell)).collect();
    let guard = mutex.try_lock().unwrap();
    assert_eq!(condvar.notify_all(), 1_000);
    pending(&mut line[0], &bell);
    assert_eq!((bell.wakes(), mutex.waiters()), (1, 1_000));
    drop(guard);
    line.iter_mut().for_each(|waiter| drop(ready(waiter, &bell)));
    assert_eq!(bell.wakes(), 1_001);
}

#[test]
fn a_notification_given_before_the_first_has_come_needs_no_wake() {
    let (condvar, mutex) = fresh();
    let bells = [Bell::new(), Bell::new()];
    let [mut first, mut second] = bells.each_ref().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell));
    assert!(condvar.notify_one() && condvar.notify_one() && !condvar.notify_one());
    drop(ready(&mut first, &bells[0]));
    drop(ready(&mut second, &bells[1]));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1]);
}

#[test]
fn notify_one_reaches_the_longest_waiter_and_nobody_else() {
    let (condvar, mutex) = fresh();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut line = bells.each_ref().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell));
    assert!(condvar.notify_one());
    for i in [2, 1] {
        pending(&mut line[i], &bells[i]);
    }
    drop(ready(&mut line[0], &bells[0]));
    assert_eq!((bells.each_ref().map(Bell::wakes), condvar.waiters(), mutex.waiters()), ([1, 0, 0], 2, 0));
}

#[test]
fn newcomers_pass_the_notified_as_the_mutex_says() {
    for (fairness, passes) in [(FAIRNESS[0], 0), (FAIRNESS[1], 2), (FAIRNESS[2], 10)] {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let bell = Bell::new();
        let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
        let guard = mutex.try_lock().unwrap();
        condvar.notify_one();
        pending(&mut waiting, &bell);
        drop(guard);
        let passed = (0..10).take_while(|_| mutex.try_lock().is_some()).count();
        assert_eq!(passed, passes, "{fairness:?}");
        drop(ready(&mut waiting, &bell));
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    }
}

#[test]
fn there_are_no_spurious_wake_ups() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    for _ in 0..100 {
        drop(now(mutex.lock()));
        pending(&mut waiting, &bell);
    }
    assert_eq!((bell.wakes(), condvar.waiters()), (0, 1));
}

#[test]
fn wait_while_returns_at_once_if_the_predicate_does_not_hold() {
    let (condvar, mutex) = fresh();
    let guard = now(condvar.wait_while(mutex.try_lock().unwrap(), |n| {
        *n += 9;
        *n == 0
    }));
    assert_eq!((*guard, mutex.is_locked(), condvar.waiters()), (9, true, 0));
}

#[test]
fn a_wait_is_terminated_when_it_has_answered() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let mut waiting = Box::pin(condvar.wait(mutex.try_lock().unwrap()));
    assert!(!waiting.is_terminated());
    pending(&mut waiting, &bell);
    assert!(!waiting.is_terminated());
    condvar.notify_one();
    let guard = ready(&mut waiting, &bell);
    assert!(waiting.is_terminated());
    let mut looks = Box::pin(condvar.wait_while(guard, |n| *n > 0));
    assert!(!looks.is_terminated());
    drop(ready(&mut looks, &bell));
    assert!(looks.is_terminated(), "it answered without having waited");
}

#[test]
fn wait_while_waits_until_the_predicate_is_false() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let bell = Bell::new();
        let mut waiting = queued(condvar.wait_while(mutex.try_lock().unwrap(), |n| *n < 3), &bell);
        for round in 1..=3 {
            let mut guard = mutex.try_lock().unwrap();
            *guard += 1;
            condvar.notify_one();
            if round == 2 {
                pending(&mut waiting, &bell);
            }
            drop(guard);
            if round < 3 {
                pending(&mut waiting, &bell);
                assert_eq!(condvar.waiters(), 1, "it waits again");
            }
        }
        assert_eq!((*ready(&mut waiting, &bell), bell.wakes()), (3, 4));
    }
}

#[test]
fn a_waker_may_come_back_in_every_way() {
    let (condvar, mutex) = (leak(Condvar::new()), leak(Mutex::new(0)));
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    for bell in &bells {
        bell.on_wake(|| {
            condvar.notify_one();
            drop(mutex.try_lock());
            assert!(condvar.waiters() + mutex.waiters() < 3);
        });
        bell.on_clone(|| drop(mutex.try_lock()));
        bell.on_drop(|| _ = condvar.notify_many(0));
    }
    watched(String::new, || {
        let mut line = bells.each_ref().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell));
        assert!(condvar.notify_one());
        assert_eq!(condvar.waiters(), 1, "the waker notified the second");
        for (waiter, bell) in line.iter_mut().zip(&bells) {
            drop(ready(waiter, bell));
            condvar.notify_one();
        }
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1]);
    });
}

#[test]
fn a_turn_moves_at_most_64() {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let most = AtomicUsize::new(0);
    watched(String::new, || {
        std::thread::scope(|scope| {
            let bell = Bell::new();
            let mut line: Vec<_> =
                (0..10_000).map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &bell)).collect();
            condvar.notify_all();
            let guard = mutex.try_lock().unwrap();
            let looks = scope.spawn(|| {
                // Whatever is seen between two turns is a multiple of a turn.
                while mutex.waiters() < 10_000 {
                    most.fetch_max(mutex.waiters() % 64, Ordering::Relaxed);
                }
            });
            pending(&mut line[0], &bell);
            looks.join().unwrap();
            drop(guard);
            line.iter_mut().for_each(|waiter| drop(ready(waiter, &bell)));
        });
    });
    // 10,000 is 156 turns and 16.
    assert!(matches!(most.into_inner(), 0 | 16));
}

#[test]
fn a_condvar_is_a_constant_and_shows_who_waits() {
    static CONDVAR: Condvar = Condvar::new();
    static MUTEX: Mutex<u32> = Mutex::new(0);
    assert_eq!(Condvar::default().waiters(), 0);
    let mut waiting = queued(CONDVAR.wait(MUTEX.try_lock().unwrap()), &Bell::new());
    assert_eq!(format!("{CONDVAR:?}"), "Condvar { waiters: 1, notified: 0 }");
    assert_eq!(format!("{waiting:?}"), "CondvarWaiting(Queued)");
    CONDVAR.notify_one();
    let guard = MUTEX.try_lock().unwrap();
    pending(&mut waiting, &Bell::new());
    assert_eq!(format!("{CONDVAR:?} {waiting:?}"), "Condvar { waiters: 0, notified: 0 } CondvarWaiting(Queued)");
    drop(guard);
    assert_eq!(format!("{waiting:?}"), "CondvarWaiting(Granted)");
}

#[test]
fn the_futures_can_be_named() {
    fn name<'a>(waiting: CondvarWaiting<&'a Mutex<u32>, &'a Condvar, u32>) -> impl Future {
        waiting
    }
    let (condvar, mutex) = fresh();
    drop(name(condvar.wait(mutex.try_lock().unwrap())));
    assert!(!mutex.is_locked());
}

#[test]
fn a_mutex_of_something_unsized_can_be_waited_with() {
    let condvar = Condvar::new();
    let mutex: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait_while(mutex.try_lock_owned().unwrap(), |bytes| bytes[0] == 1), &bell);
    mutex.try_lock().unwrap()[0] = 7;
    condvar.notify_one();
    assert_eq!(*ready(&mut waiting, &bell), [7, 2, 3]);
}

/// The wake of a notification without the mutex in hand may come between joining the line and releasing the mutex.
#[test]
fn a_thread_notified_while_it_is_about_to_wait_is_not_lost() {
    watched(String::new, || {
        for _ in 0..20_000 {
            let (condvar, mutex) = fresh();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for n in 1..=2 {
                        *mutex.lock_blocking() = n;
                        condvar.notify_one();
                    }
                });
                assert_eq!(*condvar.wait_while_blocking(mutex.lock_blocking(), |n| *n < 2), 2);
            });
            assert_eq!((condvar.waiters(), mutex.waiters(), mutex.is_locked()), (0, 0, false));
        }
    });
}

#[test]
fn a_second_mutex_is_refused_before_anything_changes() {
    for owned in [false, true] {
        let condvar = Condvar::new();
        let (mutex, other) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let (bell, next, refused) = (Bell::new(), Bell::new(), Bell::new());
        let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
        let guard = other.try_lock_owned().unwrap();
        let mut locking = queued(other.lock(), &next);
        let message = if owned {
            let mut second = Box::pin(condvar.wait(guard));
            panic_message(|| poll(&mut second, &refused).is_ready())
        } else {
            let mut second = Box::pin(condvar.wait_while(guard, |_| true));
            panic_message(|| poll(&mut second, &refused).is_ready())
        };
        assert!(message.contains("with another mutex"), "{message}");
        assert_eq!((next.wakes(), refused.held(), condvar.waiters()), (1, 0, 1));
        drop(ready(&mut locking, &next));
        assert!(condvar.notify_one());
        drop(ready(&mut waiting, &bell));
    }
}
