//! `Barrier` on every runtime.

use crate::common::{Abandon, Random};
use sempost::Barrier;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

runtime_matrix! {
    async fn in_each_round_all_have_come_and_one_leads(rt) {
        let barrier = Arc::new(Barrier::new(8));
        let round = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (barrier, round) = (barrier.clone(), round.clone());
            tasks.push(rt.spawn(async move {
                let mut led = 0;
                for i in 0..100 {
                    assert!(round.fetch_add(1, Ordering::SeqCst) >= 8 * i, "the round before is over");
                    led += usize::from(barrier.wait().await.is_leader());
                    assert!(round.load(Ordering::SeqCst) >= 8 * (i + 1), "all have come");
                    rt.yield_now().await;
                }
                led
            }));
        }
        let mut led = 0;
        for task in tasks {
            led += task.await;
        }
        assert_eq!((led, barrier.waiters()), (100, 0));
    }

    async fn threads_and_tasks_meet(rt) {
        let barrier = Arc::new(Barrier::new(4));
        let threads = [(); 2].map(|()| {
            let barrier = barrier.clone();
            thread::spawn(move || (0..100).filter(|_| barrier.wait_blocking().is_leader()).count())
        });
        let tasks = [(); 2].map(|()| {
            let barrier = barrier.clone();
            rt.spawn(async move {
                let mut led = 0;
                for _ in 0..100 {
                    led += usize::from(barrier.wait_owned().await.is_leader());
                }
                led
            })
        });
        let mut led = 0;
        for task in tasks {
            led += task.await;
        }
        led += threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>();
        assert_eq!(led, 100);
    }

    /// Kills: a wait that was given up and is counted, or a count that is lost with one that was not.
    async fn random_cancels_keep_the_meetings_whole(rt) {
        let barrier = Arc::new(Barrier::new(3));
        let (begun, led) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = Vec::new();
        for seed in 0..6 {
            let (barrier, begun, led) = (barrier.clone(), begun.clone(), led.clone());
            tasks.push(rt.spawn(async move {
                let mut random = Random::new(seed);
                for _ in 0..200 {
                    let waited = Abandon::after(1 + random.below(5), barrier.wait()).await;
                    if let Some(waited) = waited {
                        begun.fetch_add(1, Ordering::SeqCst);
                        led.fetch_add(usize::from(waited.is_leader()), Ordering::SeqCst);
                    }
                    rt.yield_now().await;
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        // A wait that was granted and given up has no result.
        let (waits, leaders) = (begun.load(Ordering::SeqCst), led.load(Ordering::SeqCst));
        assert!(waits <= 3 * leaders, "{waits} waits in {leaders} generations");
        assert_eq!(barrier.waiters(), 0);
    }
}
