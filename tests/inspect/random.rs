//! Random programs that are correct: no circle in them lasts. And the harmless circles that do.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use sempost::inspect;
use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Mutex, RwLock, Semaphore};

use crate::alone;
use crate::common::{Abandon, Bell, Random, Rt, pending, ready, watched};

const TASKS: usize = 16;
/// All tasks together.
const OPERATIONS: usize = if cfg!(debug_assertions) { 40_000 } else { 1_000_000 };

/// What the tasks of a run share. Locks are taken in the order of the table.
struct Shared {
    locks: [Arc<Mutex<u64>>; 4],
    pool: Arc<Semaphore>,
    data: RwLock<u64>,
    tx: Sender<u64>,
    rx: Receiver<u64>,
}

/// Kills: a circle that outlasts what it was made of, in correct programs.
#[test]
fn correct_programs_are_no_suspects_for_a_second() {
    let _alone = alone();
    for special in [false, true] {
        let (looks, passing, lasting) = watched(|| inspect::snapshot().to_string(), || run(special));
        println!("operations={OPERATIONS} special={special} snapshots={looks} passing={passing} suspects={lasting}");
        assert_eq!(lasting, 0);
        assert!(inspect::snapshot().is_empty(), "{}", inspect::snapshot());
    }
}

/// How many snapshots were taken, with how many circles of any age, and of more than a second.
fn run(special: bool) -> (usize, usize, usize) {
    let (tx, rx) = mailbox::bounded(4);
    let locks = std::array::from_fn(|_| Arc::new(Mutex::new(0)));
    let shared = Arc::new(Shared { locks, pool: Arc::new(Semaphore::new(4)), data: RwLock::new(0), tx, rx });
    let (stop, passing) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (stopped, passed) = (Arc::clone(&stop), Arc::clone(&passing));
    let looker = std::thread::spawn(move || {
        let (mut looks, mut lasting) = (0, 0);
        while !stopped.load(Relaxed) {
            let snapshot = inspect::snapshot();
            passed.fetch_add(snapshot.suspects(Duration::ZERO).len(), Relaxed);
            lasting += snapshot.suspects(Duration::from_secs(1)).len();
            looks += 1;
            std::thread::yield_now();
        }
        (looks, lasting)
    });
    Rt::TokioMulti.block_on(async {
        let tasks = (0..TASKS as u64).map(|seed| {
            let shared = Arc::clone(&shared);
            Rt::TokioMulti.spawn(async move {
                let mut random = Random::new(seed + 1);
                for _ in 0..OPERATIONS / TASKS {
                    one(&shared, &mut random, special).await;
                }
            })
        });
        futures::future::join_all(tasks.collect::<Vec<_>>()).await;
    });
    stop.store(true, Relaxed);
    let (looks, lasting) = looker.join().unwrap();
    (looks, passing.load(Relaxed), lasting)
}

async fn one(shared: &Shared, random: &mut Random, special: bool) {
    let (low, high) = (random.below(3), 3);
    match random.below(if special { 10 } else { 7 }) {
        0 => {
            let mut first = shared.locks[low].lock().await;
            let second = shared.locks[high].lock().await;
            *first += *second;
        }
        1 => drop(shared.pool.acquire_many(1 + random.below(4)).await),
        2 => {
            let _permit = shared.pool.acquire().await;
            *shared.locks[low].lock().await += 1;
        }
        3 => *shared.data.write().await += 1,
        4 => drop(shared.data.read().await),
        // Given up, with or without a turn.
        5 => drop(Abandon::after(1 + random.below(2), shared.locks[low].lock()).await),
        6 => {
            let sent = shared.tx.try_send(1).is_ok();
            let _ = Abandon::after(1 + usize::from(sent), shared.rx.recv()).await;
        }
        7 => {
            let first = async { drop(shared.locks[low].lock().await) };
            let second = async { drop(shared.pool.acquire().await) };
            futures::join!(first, second);
        }
        8 => {
            let mut all: FuturesUnordered<_> = (0..3).map(|at| shared.locks[at].lock()).collect();
            while let Some(mut guard) = all.next().await {
                *guard += 1;
            }
        }
        _ => {
            // The guard moves to another task, which gives it back.
            let guard = shared.locks[low].lock_owned().await;
            let moved = Rt::TokioMulti.spawn(async move { drop(guard) });
            moved.await;
        }
    }
}

/// A branch that holds a lock over a timer, and one that waits for it: the task seems to wait for itself.
#[test]
fn a_branch_that_holds_a_lock_over_a_timer_is_a_harmless_suspect() {
    let _alone = alone();
    let (task, lock) = (Bell::new(), Mutex::new(0));
    let guard = ready(&mut Box::pin(lock.lock()), &task);
    let mut other = Box::pin(lock.lock());
    pending(&mut other, &task);
    assert_eq!(inspect::snapshot().suspects(Duration::ZERO).len(), 1);
    drop(guard);
    drop(ready(&mut other, &task));
}

/// A guard that another task has got: who acquired it seems to wait for itself.
#[test]
fn a_guard_that_was_moved_is_shown_where_it_was_acquired() {
    let _alone = alone();
    let (a, lock) = (Bell::new(), Arc::new(Mutex::new(0)));
    let moved = ready(&mut Box::pin(lock.lock_owned()), &a);
    let mut again = pin!(lock.lock());
    assert!(std::future::Future::poll(again.as_mut(), &mut a.context()).is_pending());
    let other = std::thread::spawn(move || {
        assert_eq!(inspect::snapshot().suspects(Duration::ZERO).len(), 1);
        drop(moved);
    });
    other.join().unwrap();
    assert!(inspect::snapshot().suspects(Duration::ZERO).is_empty());
}
