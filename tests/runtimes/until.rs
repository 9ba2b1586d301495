//! Deadlines on every runtime, by its own timer. What is asserted is what happens, not when.

use crate::common::Rt;
use crate::common::lines::Cond::{self, A};
use sempost::mailbox;
use sempost::{AcquireUntilError, Condvar, Elapsed, Monitor, Mutex, Semaphore, WaitTimeoutResult};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(2);

/// The runtime's own timer.
async fn timer(rt: Rt) {
    match rt {
        Rt::TokioMulti | Rt::TokioCurrent => tokio::time::sleep_until(tokio::time::Instant::now() + SOON).await,
        Rt::AsyncStd => drop(async_std::future::timeout(SOON, pending::<()>()).await),
        Rt::Smol => drop(smol::Timer::after(SOON).await),
    }
}

runtime_matrix! {
    async fn what_never_comes_is_given_up(rt) {
        let semaphore = Semaphore::new(0);
        assert_eq!(semaphore.acquire().until(timer(rt)).await.unwrap_err(), AcquireUntilError::Elapsed);
        let mutex = Mutex::new(0);
        let held = mutex.lock().await;
        assert_eq!(mutex.lock().until(timer(rt)).await.unwrap_err(), Elapsed);
        drop(held);
        for capacity in [0, 1] {
            let (tx, rx) = mailbox::bounded(capacity);
            assert_eq!(rx.recv().until(timer(rt)).await, Err(Elapsed));
            let unsent = tx.send_many(0..5).until(timer(rt)).await.unwrap_err().into_inner();
            assert_eq!(unsent.count(), 5 - capacity);
            assert_eq!(tx.send(7).until(timer(rt)).await.unwrap_err().into_inner(), 7);
            assert_eq!((tx.waiting_senders(), tx.waiting_receivers(), tx.len()), (0, 0, capacity));
        }
    }

    async fn what_comes_is_taken(rt) {
        let semaphore = Arc::new(Semaphore::new(0));
        let giver = semaphore.clone();
        let (tx, rx) = mailbox::bounded(0);
        let task = rt.spawn(async move {
            giver.add_permits(1);
            tx.send(7).await.is_ok()
        });
        assert!(semaphore.acquire().until(pending::<()>()).await.is_ok());
        assert_eq!(rx.recv().until(pending::<()>()).await, Ok(Some(7)));
        assert!(task.await);
    }

    async fn a_wait_for_a_condition_ends_inside(rt) {
        let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
        let (inside, ended) = monitor.enter().await.wait(A).until(timer(rt)).await;
        assert_eq!((*inside, ended), (0, WaitTimeoutResult::TimedOut));
        let (inside, ended) = inside.wait_while(A, |n| *n == 0).until(timer(rt)).await;
        assert!(ended.timed_out());
        let notifier = monitor.clone();
        let task = rt.spawn(async move {
            let mut inside = notifier.enter().await;
            *inside = 1;
            inside.notify_one(A)
        });
        let (inside, ended) = inside.wait_while(A, |n| *n == 0).until(pending::<()>()).await;
        assert_eq!((*inside, ended), (1, WaitTimeoutResult::Notified));
        drop(inside);
        assert!(task.await);
    }

    async fn a_wait_for_a_condition_variable_ends_with_the_mutex(rt) {
        let (mutex, condvar) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
        let (guard, ended) = condvar.wait(mutex.lock().await).until(timer(rt)).await;
        assert_eq!((*guard, ended, mutex.is_locked()), (0, WaitTimeoutResult::TimedOut, true));
        let (guard, ended) = condvar.wait_while(guard, |n| *n == 0).until(timer(rt)).await;
        assert!(ended.timed_out());
        let (theirs, notifier) = (mutex.clone(), condvar.clone());
        let task = rt.spawn(async move {
            *theirs.lock().await = 1;
            notifier.notify_one()
        });
        let (guard, ended) = condvar.wait_while(guard, |n| *n == 0).until(pending::<()>()).await;
        assert_eq!((*guard, ended), (1, WaitTimeoutResult::Notified));
        drop(guard);
        assert!(task.await);
        assert_eq!((condvar.waiters(), mutex.waiters(), mutex.is_locked()), (0, 0, false));
    }

    /// Whoever is late takes no notification along: as many are given as there are who have no deadline.
    async fn deadlines_among_notifications_lose_none(rt) {
        let (mutex, condvar) = (Arc::new(Mutex::new([0; 3])), Arc::new(Condvar::new()));
        let mut tasks = Vec::new();
        for i in 0..30 {
            let (mutex, condvar) = (mutex.clone(), condvar.clone());
            tasks.push(rt.spawn(async move {
                let mut counts = mutex.lock().await;
                if i % 2 == 0 {
                    counts[0] += 1;
                    condvar.wait(counts).await[1] += 1;
                } else {
                    let (mut counts, ended) = condvar.wait(counts).until(timer(rt)).await;
                    counts[2] += u32::from(ended == WaitTimeoutResult::Notified);
                }
            }));
        }
        rt.until(|| mutex.try_lock().is_some_and(|counts| counts[0] == 15)).await;
        for _ in 0..15 {
            let _in_the_way = mutex.lock().await;
            assert!(condvar.notify_one());
            rt.yield_now().await;
        }
        rt.until(|| mutex.try_lock().is_some_and(|counts| counts[1] + counts[2] == 15)).await;
        condvar.notify_all();
        for task in tasks {
            task.await;
        }
        assert_eq!(mutex.lock().await[1], 15);
    }

    async fn deadlines_among_waits_lose_nothing(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let mut tasks = Vec::new();
        for id in 0..4_u32 {
            let tx = tx.clone();
            tasks.push(rt.spawn(async move {
                let mut sent = 0;
                for n in 0..50 {
                    sent += u32::from(tx.send(id * 50 + n).until(timer(rt)).await.is_ok());
                    rt.yield_now().await;
                }
                sent
            }));
        }
        drop(tx);
        let mut received = 0;
        loop {
            match rx.recv().until(timer(rt)).await {
                Ok(Some(_)) => received += 1,
                Ok(None) => break,
                Err(Elapsed) => {}
            }
        }
        let mut sent = 0;
        for task in tasks {
            sent += task.await;
        }
        assert_eq!(received, sent);
    }
}
