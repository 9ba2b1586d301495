//! Which circles are suspects, and which are not.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use sempost::inspect::{self, State, Why};
use sempost::mailbox;
use sempost::{Condvar, Fairness, Mutex, RwLock, Semaphore};

use crate::alone;
use crate::common::{Bell, pending, ready, with};

/// A task: its waker, and futures that it polls.
pub(crate) fn get<F: Future>(task: &Bell, future: F) -> F::Output {
    ready(&mut Box::pin(future), task)
}

pub(crate) type Wait<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

pub(crate) fn wait<'a, F: Future + 'a>(task: &Bell, future: F) -> Wait<'a, F::Output> {
    let mut future: Wait<'a, F::Output> = Box::pin(future);
    pending(&mut future, task);
    future
}

/// How many waits each circle has.
pub(crate) fn circles() -> Vec<usize> {
    inspect::snapshot().suspects(Duration::ZERO).iter().map(|suspect| suspect.hops().len()).collect()
}

/// Kills: a circle that is only seen if it is short, and one that is seen twice.
#[test]
fn five_philosophers_are_one_circle() {
    let _alone = alone();
    let tasks: [Bell; 5] = std::array::from_fn(|_| Bell::new());
    let forks: [Mutex<()>; 5] = std::array::from_fn(|_| Mutex::new(()));
    let _left: Vec<_> = (0..5).map(|i| get(&tasks[i], forks[i].lock())).collect();
    let mut right: Vec<_> = (0..4).map(|i| wait(&tasks[i], forks[i + 1].lock())).collect();
    assert!(circles().is_empty(), "the last can still eat");
    right.push(wait(&tasks[4], forks[0].lock()));
    assert_eq!(circles(), [5]);
    // Nobody outside of it makes a second one.
    let onlooker = Bell::new();
    let _behind = wait(&onlooker, forks[2].lock());
    assert_eq!(circles(), [5]);
    assert!(inspect::snapshot().suspects(Duration::from_secs(3600)).is_empty(), "it is not so old");
}

/// Kills: a suspect although somebody outside of the circle can give a permit back.
#[test]
fn a_semaphore_is_stuck_only_if_all_its_holders_are() {
    let _alone = alone();
    let (a, b, free) = (Bell::new(), Bell::new(), Bell::new());
    let pool = Semaphore::new(3);
    let _held = [get(&a, pool.acquire()), get(&b, pool.acquire())];
    let last = get(&free, pool.acquire());
    let _waits = [wait(&a, pool.acquire()), wait(&b, pool.acquire())];
    assert!(circles().is_empty());
    // A permit that is forgotten has no holder, and will not come back.
    last.unwrap().forget();
    assert_eq!(circles(), [2]);
}

/// Kills: a holder that could give back too little, and is taken for a way out.
#[test]
fn who_could_give_back_too_little_is_no_way_out() {
    let _alone = alone();
    let (a, b, free) = (Bell::new(), Bell::new(), Bell::new());
    let pool = Semaphore::new(4);
    let _held = [get(&a, pool.acquire()), get(&b, pool.acquire()), get(&free, pool.acquire())];
    let waits = [wait(&a, pool.acquire_many(2)), wait(&b, pool.acquire_many(2))];
    assert!(circles().is_empty(), "one is free, and one may be given back");
    drop(waits);
    assert_eq!(pool.forget_permits(1), 1);
    let _waits = [wait(&a, pool.acquire_many(2)), wait(&b, pool.acquire_many(2))];
    assert_eq!(circles(), [2]);
}

/// Kills: a first waiter that wants too much, and holds up one that holds what it wants.
#[test]
fn a_demand_that_can_never_be_met_holds_up_its_line() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let pool = Semaphore::new(3);
    let _a = get(&a, pool.acquire());
    let _b = wait(&b, pool.acquire_many(3));
    assert!(circles().is_empty(), "`a` is not stuck");
    let _more = wait(&a, pool.acquire());
    let snapshot = inspect::snapshot();
    let suspects = snapshot.suspects(Duration::ZERO);
    assert_eq!(suspects.len(), 1, "{snapshot}");
    let why: Vec<_> = suspects[0].hops().iter().map(|hop| hop.blocker().why()).collect();
    assert!(suspects[0].hops().iter().all(|hop| hop.waiter().state() == State::Queued));
    assert!(why.contains(&Why::Holds), "{snapshot}");
}

/// Kills: a writer for whom it is enough that one reader can leave.
#[test]
fn a_writer_needs_all_readers_to_leave() {
    let _alone = alone();
    let (a, b, free) = (Bell::new(), Bell::new(), Bell::new());
    let (data, other) = (RwLock::new(0), Mutex::new(0));
    let _reads = [get(&a, data.read()), get(&free, data.read())];
    let _b = get(&b, other.lock());
    let _writes = wait(&b, data.write());
    assert!(circles().is_empty());
    let _locks = wait(&a, other.lock());
    assert_eq!(circles(), [2]);
}

/// Kills: a task that is said to be stuck although it waits for something else, too.
#[test]
fn a_task_that_may_still_get_a_message_is_not_stuck() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let (one, two) = (Mutex::new(0), Mutex::new(0));
    let (_tx, rx) = mailbox::bounded::<u32>(1);
    let _held = (get(&a, one.lock()), get(&b, two.lock()));
    let _waits = (wait(&a, two.lock()), wait(&b, one.lock()));
    let message = wait(&a, rx.recv());
    assert!(circles().is_empty(), "with `select!` it may give up its lock");
    drop(message);
    assert_eq!(circles(), [2]);
}

/// Kills: branches of one task that lock in opposite orders, and are not seen because it is one task.
#[test]
fn two_branches_of_one_task_are_a_circle() {
    let _alone = alone();
    let task = Bell::new();
    let (one, two) = (Mutex::new(0), Mutex::new(0));
    let _held = (get(&task, one.lock()), get(&task, two.lock()));
    let _first = wait(&task, two.lock());
    assert_eq!(circles(), [1]);
    let _second = wait(&task, one.lock());
    assert_eq!(circles(), [1]);
}

/// The children of `FuturesUnordered` have wakers of their own: a circle through their task is missed.
#[test]
fn children_of_futures_unordered_count_as_tasks() {
    let _alone = alone();
    let (one, two) = (Mutex::new(0), Mutex::new(0));
    let task = Bell::new();
    let _held = (get(&task, one.lock()), get(&task, two.lock()));
    let mut children: FuturesUnordered<_> = [one.lock(), two.lock()].into_iter().collect();
    assert!(with(&task, |cx| children.poll_next_unpin(cx)).is_pending());
    let snapshot = inspect::snapshot();
    let (waiters, holders) = (snapshot.waiters(), snapshot.holders());
    let waits: Vec<_> = waiters.map(|(_, waiter)| waiter.actor()).collect();
    let holds: Vec<_> = holders.map(|(_, holder)| holder.actor()).collect();
    assert!(waits.iter().all(|actor| !holds.contains(actor)));
    assert!(circles().is_empty());
}

/// Kills: a wait for a condition that is said to wait for the mutex before it is notified, and not after.
#[test]
fn a_notified_waiter_waits_for_the_mutex() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let (condvar, mutex, other) = (Condvar::new(), Mutex::new(0), Mutex::new(0));
    let _other = get(&a, other.lock());
    let _waits = wait(&a, condvar.wait(get(&a, mutex.lock())));
    let _mutex = get(&b, mutex.lock());
    let _b = wait(&b, other.lock());
    assert!(circles().is_empty());
    assert!(condvar.notify_one());
    let snapshot = inspect::snapshot();
    assert!(snapshot.waiters().any(|(_, waiter)| waiter.state() == State::Woken), "{snapshot}");
    let mut waits = _waits;
    pending(&mut waits, &a);
    assert_eq!(circles(), [2]);
}

/// Kills: a waiter that was woken to retry, and looks as if it slept.
#[test]
fn a_waiter_that_was_woken_and_is_not_polled_is_shown_so() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let pool = Semaphore::with_fairness(1, Fairness::Barging { overtakes: 8 });
    let permit = get(&a, pool.acquire());
    let mut waits = wait(&b, pool.acquire());
    drop(permit);
    let state = || inspect::snapshot().waiters().next().map(|(_, waiter)| waiter.state());
    assert_eq!(state(), Some(State::Woken));
    let _passes = get(&a, pool.acquire());
    pending(&mut waits, &b);
    assert_eq!(state(), Some(State::Queued), "it was polled, and sleeps");
}

/// Kills: the first waker of a wait that another task polls, taken for its task.
#[test]
fn the_task_is_the_one_that_polled_last() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let mutex = Mutex::new(0);
    let _held = get(&b, mutex.lock());
    let mut waits = pin!(mutex.lock());
    assert!(with(&a, |cx| waits.as_mut().poll(cx)).is_pending());
    assert!(circles().is_empty());
    assert!(with(&b, |cx| waits.as_mut().poll(cx)).is_pending());
    assert_eq!(circles(), [1], "it waits for itself");
}
