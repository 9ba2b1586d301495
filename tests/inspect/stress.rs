//! Snapshots during stress, and nothing that stays behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::sink::SinkExt;
use futures::stream::StreamExt;
use sempost::inspect;
use sempost::mailbox::{self, ports::Order};
use sempost::{Condvar, Monitor, Mutex, RwLock, Semaphore, oneshot};

use crate::alone;
use crate::common::{Abandon, Random, Rt, watched};

const TASKS: usize = 16;
const TURNS: usize = if cfg!(debug_assertions) { 500 } else { 5_000 };

/// Kills: a row that is removed twice, one that is never removed, and a snapshot that deadlocks with a drop.
#[test]
fn snapshots_during_stress_leave_nothing_behind() {
    let _alone = alone();
    let body = || {
        let (stop, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (stopped, looks) = (Arc::clone(&stop), Arc::clone(&taken));
        let looker = std::thread::spawn(move || {
            let mut count = 0_usize;
            while !stopped.load(Ordering::Relaxed) {
                let snapshot = inspect::snapshot();
                assert!(snapshot.to_dot().len() + snapshot.to_json().len() > snapshot.to_string().len() / 2);
                count += 1;
                looks.store(true, Ordering::Relaxed);
            }
            count
        });
        Rt::TokioMulti.block_on(async {
            let tasks: Vec<_> = (0..TASKS).map(|seed| Rt::TokioMulti.spawn(user(seed as u64 + 1))).collect();
            futures::future::join_all(tasks).await;
        });
        stop.store(true, Ordering::Relaxed);
        looker.join().unwrap()
    };
    let snapshots = watched(|| inspect::snapshot().to_string(), body);
    let left = inspect::snapshot();
    assert!(left.is_empty(), "{left}");
    assert!(snapshots > 0);
    println!("snapshots={snapshots}");
}

/// What all tasks share.
struct Shared {
    pool: Semaphore,
    mutex: Mutex<u64>,
    lock: RwLock<u64>,
    monitor: Monitor<u64>,
    condvar: Condvar,
}

static SHARED: Shared = Shared {
    pool: Semaphore::new(3),
    mutex: Mutex::new(0),
    lock: RwLock::new(0),
    monitor: Monitor::plain(0),
    condvar: Condvar::new(),
};

async fn user(seed: u64) {
    let mut random = Random::new(seed);
    let (tx, rx) = mailbox::bounded::<usize>(1);
    for turn in 0..TURNS {
        match random.below(16) {
            0 => drop(SHARED.pool.acquire_many(1 + random.below(3)).await),
            1 => *SHARED.mutex.lock().await += 1,
            2 => *SHARED.lock.write().await += 1,
            3 => drop(SHARED.lock.read().await),
            4 => *SHARED.monitor.enter().await += 1,
            5 => {
                let guard = SHARED.mutex.lock().await;
                // Given up before it is notified, or after.
                Abandon::after(random.below(3), SHARED.condvar.wait(guard)).await;
            }
            6 => {
                SHARED.condvar.notify_all();
                Abandon::after(1, SHARED.pool.acquire_many(3)).await;
            }
            7 => {
                let _ = tx.try_send(turn);
                Abandon::after(1, rx.recv()).await;
            }
            n => rare(n, &mut random).await,
        }
    }
}

/// Parts, deadlines, handles that are polled, and what is made anew each time.
async fn rare(n: usize, random: &mut Random) {
    let polls = random.below(3);
    match n {
        8 => {
            let (tx, rx) = oneshot::channel();
            let _ = if polls > 0 { tx.send(1) } else { Ok(()) };
            Abandon::after(polls, rx).await;
        }
        9 => {
            let (tx, rx) = mailbox::credits::<u32>(2, |_| 1);
            let _ = futures::join!(Abandon::after(polls, tx.send(1)), Abandon::after(1, tx.reserve(2)));
            let lease = Abandon::after(1, rx.recv()).await.flatten();
            Abandon::after(polls, tx.send(2)).await;
            drop(lease.map(|lease| lease.map(u64::from)));
        }
        10 => {
            let guard = SHARED.lock.write().await;
            let guard = sempost::RwLockWriteGuard::downgrade(guard);
            Abandon::after(1, SHARED.lock.write()).await;
            drop(sempost::RwLockReadGuard::map(guard, |data| data));
        }
        11 => {
            let turn = random.below(2) as u64;
            if let Some(mut guard) = Abandon::after(polls, SHARED.monitor.enter_when(move |n| n % 2 == turn)).await {
                *guard += 1;
            }
        }
        12 => {
            if let Ok(mut permits) = SHARED.pool.try_acquire_many(2) {
                let one = permits.split(1).unwrap();
                Abandon::after(polls, SHARED.pool.acquire()).await;
                permits.merge(one).unwrap();
            }
        }
        13 => {
            let (mut tx, mut rx) = mailbox::bounded::<u32>(1);
            Abandon::after(polls, tx.send(1)).await;
            Abandon::after(1, tx.feed(2)).await;
            Abandon::after(polls, rx.next()).await;
            Abandon::after(1, tx.close()).await;
        }
        14 => {
            let deadline = Abandon::after(polls, std::future::pending::<()>());
            let guard = SHARED.mutex.lock().await;
            drop(SHARED.condvar.wait_while(guard, |n| *n % 2 == 0).until(deadline).await);
        }
        _ => {
            let (ports, rx) = mailbox::ports::<u32, u32>(Order::fair());
            let tx = ports.open(1, 1).unwrap();
            Abandon::after(polls, rx.recv_from(&1)).await;
            let _ = tx.try_send(1);
            futures::join!(Abandon::after(1, rx.recv_from(&1)), Abandon::after(polls, rx.recv()));
        }
    }
}
