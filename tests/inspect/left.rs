//! Nothing is left behind, and nothing is left out: what was forgotten, what is not polled yet, what has moved.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::StreamExt;
use sempost::inspect::{self, State};
use sempost::mailbox::{self, ports::Order};
use sempost::{Condvar, Monitor, Mutex, RwLock, Semaphore};

use crate::alone;
use crate::common::{Bell, forget, pending, poll, ready};

/// Kills: a forgotten guard that is shown although its primitive is gone.
#[test]
fn what_was_forgotten_goes_with_its_primitive() {
    let _alone = alone();
    let bell = Bell::new();
    let mutex = Mutex::new(0);
    std::mem::forget(mutex.try_lock());
    assert_eq!(inspect::snapshot().holders().count(), 1, "it is locked for good");
    assert_eq!(mutex.into_inner(), 0);
    let pool = Semaphore::new(0);
    let mut wait = Box::pin(pool.acquire());
    pending(&mut wait, &bell);
    forget(wait);
    assert_eq!(inspect::snapshot().waiters().count(), 1, "it is still in line");
    drop(pool);
    let lock = RwLock::new(0);
    std::mem::forget(lock.try_read());
    drop(lock);
    let left = inspect::snapshot();
    assert!(left.is_empty(), "{left}");
}

sempost::conditions! { enum Cond { Any } }

/// Kills: a guard that was given to a wait for a condition, which nobody has polled: the mutex is locked, and it is not
/// said by whom.
#[test]
fn a_wait_for_a_condition_that_was_not_polled_holds_the_mutex() {
    let _alone = alone();
    let (condvar, mutex, monitor) = (Condvar::new(), Mutex::new(0), Monitor::<u32, Cond>::new(0));
    let lines = || inspect::snapshot().holders().map(|(_, holder)| holder.place().line()).collect::<Vec<_>>();
    let (line, guard) = (line!(), mutex.try_lock().unwrap());
    let mut wait = Box::pin(condvar.wait(guard));
    assert_eq!(lines(), [line]);
    pending(&mut wait, &Bell::new());
    assert_eq!(lines(), [0; 0]);
    drop(wait);
    let (line, guard) = (line!(), mutex.try_lock().unwrap());
    let wait = condvar.wait_while(guard, |_| true);
    assert_eq!(lines(), [line]);
    drop(wait);
    assert_eq!(lines(), [0; 0]);
    let (line, guard) = (line!(), monitor.try_enter().unwrap());
    let mut wait = Box::pin(guard.wait_for(|_| false));
    assert_eq!(lines(), [line]);
    pending(&mut wait, &Bell::new());
    assert_eq!(lines(), [0; 0]);
    drop(wait);
    let (line, guard) = (line!(), monitor.try_enter().unwrap());
    let wait = guard.wait_for(|_| true);
    assert_eq!(lines(), [line]);
    drop(wait);
    let (line, guard) = (line!(), monitor.try_enter().unwrap());
    let mut wait = Box::pin(guard.wait_while(Cond::Any, |_| false));
    assert_eq!(lines(), [line]);
    drop(ready(&mut wait, &Bell::new()));
    assert!(inspect::snapshot().is_empty());
}

/// Kills: a wait for a condition that goes on in another task, and is shown in the first.
#[test]
fn a_wait_for_a_condition_is_shown_in_the_task_that_polled_last() {
    let _alone = alone();
    let (a, b, other) = (Bell::new(), Bell::new(), Semaphore::new(1));
    let (condvar, mutex) = (Condvar::new(), Mutex::new(0));
    let _marks = ready(&mut Box::pin(other.acquire()), &b);
    let mut wait = Box::pin(condvar.wait(mutex.try_lock().unwrap()));
    pending(&mut wait, &a);
    pending(&mut wait, &b);
    let snapshot = inspect::snapshot();
    let holder = snapshot.holders().next().unwrap().1;
    assert_eq!(snapshot.waiters().next().unwrap().1.actor(), holder.actor());
}

/// Kills: the time of the first message, shown as that of the last.
#[test]
fn the_last_receive_is_shown_with_its_time() {
    let _alone = alone();
    let (tx, rx) = mailbox::bounded(2);
    let _shown = tx.try_reserve().unwrap();
    let age = || inspect::snapshot().primitives().next().unwrap().last_receiver().unwrap().age();
    let receive = || {
        tx.try_send(1).unwrap();
        rx.try_recv().unwrap();
    };
    receive();
    crate::common::until(|| age() > Duration::from_millis(30));
    let again = Instant::now();
    receive();
    let age = age();
    assert!(age <= again.elapsed(), "{age:?} is the time of another one");
}

/// Kills: an actor that takes its messages as a stream, or from one port, and is not known to have received.
#[test]
fn streams_and_ports_are_known_to_have_received() {
    let _alone = alone();
    let bell = Bell::new();
    let received = || inspect::snapshot().primitives().filter(|one| one.last_receiver().is_some()).count();
    let (tx, mut rx) = mailbox::bounded(2);
    let _shown = tx.try_reserve().unwrap();
    tx.try_send(1).unwrap();
    assert_eq!(ready(&mut Box::pin(rx.next()), &bell), Some(1));
    assert_eq!(received(), 1);
    let (ports, from) = mailbox::ports::<u32, u32>(Order::fair());
    let tx = ports.open(1, 2).unwrap();
    let _shown = tx.try_reserve().unwrap();
    tx.try_send(1).unwrap();
    assert_eq!(from.try_recv_from(&1), Ok(1));
    assert_eq!(received(), 2);
}

/// Kills: a requeued waiter that was handed the mutex, is not polled, and is said to wait.
#[test]
fn a_requeued_waiter_that_was_given_the_mutex_is_a_futurelock() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let (condvar, mutex) = (Condvar::new(), Mutex::new(0));
    let wait = |bell: &Bell| {
        let mut wait = Box::pin(condvar.wait(mutex.try_lock().unwrap()));
        pending(&mut wait, bell);
        wait
    };
    let (mut first, second) = (wait(&a), wait(&b));
    assert_eq!(condvar.notify_all(), 2);
    // The first leads: it locks, and the second is requeued.
    drop(ready(&mut first, &a));
    let snapshot = inspect::snapshot();
    assert_eq!(snapshot.waiters().map(|(_, one)| one.state()).collect::<Vec<_>>(), [State::Granted]);
    assert_eq!(snapshot.futurelocks(Duration::ZERO).count(), 1);
    drop(second);
    assert!(inspect::snapshot().is_empty());
}

/// Kills: a wait that ends late, and leaves its row; and one that goes on for the mutex without one.
#[test]
fn late_waits_leave_no_row() {
    let _alone = alone();
    let bell = Bell::new();
    let (pool, mutex, condvar) = (Semaphore::new(0), Mutex::new(0), Condvar::new());
    let now = || std::future::ready(());
    assert!(ready(&mut Box::pin(pool.acquire().until(now())), &bell).is_err());
    assert!(inspect::snapshot().is_empty());
    let guard = mutex.try_lock().unwrap();
    assert!(ready(&mut Box::pin(mutex.lock().until(now())), &bell).is_err());
    assert_eq!(inspect::snapshot().waiters().count(), 0);
    let deadline = crate::common::Deadline::default();
    let mut late = Box::pin(condvar.wait(guard).until(deadline.clone()));
    pending(&mut late, &bell);
    let taken = mutex.try_lock().unwrap();
    deadline.come();
    assert!(poll(&mut late, &bell).is_pending());
    let snapshot = inspect::snapshot();
    let (primitive, waiter) = snapshot.waiters().next().unwrap();
    assert_eq!((primitive.kind(), waiter.wants()), (inspect::Kind::Mutex, &inspect::Wants::Lock));
    drop(taken);
    assert!(ready(&mut late, &bell).1.timed_out());
    drop(late);
    assert!(inspect::snapshot().is_empty());
}

/// Kills: rows of owned guards that stay when guard and primitive go together, in one `Arc`.
#[test]
fn the_last_guard_takes_its_primitive_along() {
    let _alone = alone();
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.try_lock_owned().unwrap();
    drop(mutex);
    assert_eq!(inspect::snapshot().holders().count(), 1);
    drop(guard);
    let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
    let mut wait = Box::pin(monitor.try_enter_owned().unwrap().wait(Cond::Any));
    drop(monitor);
    pending(&mut wait, &Bell::new());
    assert_eq!(inspect::snapshot().waiters().count(), 1);
    drop(wait);
    assert!(inspect::snapshot().is_empty());
}
