//! One condition variable and several mutexes, one after the other; and waits that are forgotten.

use futures::future::FusedFuture;

use crate::common::{Bell, forget, panic_message, pending, poll, queued, ready};
use sempost::{Condvar, Fairness, Mutex};

fn fresh() -> (Condvar, Mutex<u32>) {
    (Condvar::new(), Mutex::new(0))
}

#[test]
fn a_refused_wait_is_over() {
    let (condvar, mutex) = fresh();
    let other = Mutex::new(0);
    let _waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &Bell::new());
    let mut second = Box::pin(condvar.wait(other.try_lock().unwrap()));
    panic_message(|| poll(&mut second, &Bell::new()).is_ready());
    assert!(second.is_terminated());
    assert!(!other.is_locked());
    let message = panic_message(|| poll(&mut second, &Bell::new()).is_ready());
    assert!(message.contains("CondvarWaiting") && message.contains("after"), "{message}");
}

#[test]
fn a_refused_wait_whose_waker_panics_releases_its_mutex() {
    let (condvar, mutex) = fresh();
    let other = Mutex::new(0);
    let _waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &Bell::new());
    let mut second = Box::pin(condvar.wait(other.try_lock().unwrap()));
    let bell = Bell::new();
    bell.on_drop(|| panic!("this drop panics"));
    assert_eq!(panic_message(|| poll(&mut second, &bell).is_ready()), "this drop panics");
    bell.unhook();
    drop(second);
    assert!(!other.is_locked());
}

#[test]
fn another_mutex_may_be_used_when_all_have_left() {
    let (condvar, mutex) = fresh();
    let other = Mutex::new(0);
    let (bell, next) = (Bell::new(), Bell::new());
    drop(queued(condvar.wait(other.try_lock().unwrap()), &Bell::new()));
    let mut first = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    let mut second = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    condvar.notify_all();
    // Both are on their way to the first mutex, one holds it, one waits for it.
    let guard = ready(&mut first, &bell);
    let mut third = queued(condvar.wait(other.try_lock().unwrap()), &next);
    assert!(condvar.notify_one());
    drop(ready(&mut third, &next));
    drop(guard);
    drop(ready(&mut second, &bell));
    assert!(!other.is_locked() && !mutex.is_locked());
}

#[test]
fn a_forgotten_wait_outlives_its_mutex() {
    for notified in [false, true] {
        let condvar = Condvar::new();
        let mutex = Box::new(Mutex::new(0));
        forget(queued(condvar.wait(mutex.try_lock().unwrap()), &Bell::new()));
        if notified {
            condvar.notify_one();
        }
        drop(mutex);
        assert_eq!(condvar.notify_all(), usize::from(!notified), "it reaches nothing of the mutex");
        // Whatever now has the address: another waiter is refused, or stands behind the forgotten one.
        let other = Box::new(Mutex::new(0));
        let mut waiting = Box::pin(condvar.wait(other.try_lock().unwrap()));
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll(&mut waiting, &Bell::new())));
        assert!(polled.is_err() || condvar.waiters() == 1);
        drop(waiting);
        assert!(!other.is_locked());
        break_free(&condvar);
    }
}

/// A condition variable with a forgotten wait may be moved, dropped, asked.
fn break_free(condvar: &Condvar) {
    assert_eq!((condvar.waiters(), condvar.notify_all()), (0, 0));
    assert!(format!("{condvar:?}").starts_with("Condvar { waiters: 0, notified: "));
}

#[test]
fn a_forgotten_wait_is_carried_along() {
    let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, Fairness::Unfair));
    let (bell, lost) = (Bell::new(), Bell::new());
    let mut first = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    forget(queued(condvar.wait(mutex.try_lock().unwrap()), &lost));
    let mut third = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    let condvar_moved_not = &condvar;
    assert_eq!(condvar_moved_not.notify_all(), 3);
    drop(ready(&mut first, &bell));
    drop(ready(&mut third, &bell));
    assert_eq!((lost.wakes(), mutex.waiters()), (1, 1));
    drop((first, third));
    let moved = Box::new(mutex);
    assert!(moved.try_lock().is_some());
}

#[test]
fn what_was_given_to_one_mutexs_waiter_is_not_passed_on_to_anothers() {
    let condvar = Condvar::new();
    let [first, second] = [Mutex::new(0), Mutex::new(0)];
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut carrier = queued(condvar.wait(first.try_lock().unwrap()), &bells[0]);
    let carried = queued(condvar.wait(first.try_lock().unwrap()), &bells[1]);
    assert_eq!(condvar.notify_all(), 2);
    drop(ready(&mut carrier, &bells[0]));
    let mut newcomer = queued(condvar.wait(second.try_lock().unwrap()), &bells[2]);
    drop(carried);
    pending(&mut newcomer, &bells[2]);
    assert_eq!((bells[2].wakes(), first.is_locked(), condvar.waiters()), (0, false, 1));
}
