//! A small program that uses every primitive between threads, for platforms where the tests cannot be built: no
//! dependency but the crate, and it ends with a count.

use sempost::mailbox::bounded;
use sempost::{Monitor, Mutex, Semaphore, conditions};
use std::thread::scope;

conditions! { enum Count { Changed } }

const ROUNDS: usize = 1000;

fn main() {
    let (pool, sum, turns) = (Semaphore::new(2), Mutex::new(0), Monitor::<usize, Count>::new(0));
    let (sender, receiver) = bounded(3);
    let received = scope(|threads| {
        for _ in 0..3 {
            let sender = sender.clone();
            let (pool, sum, turns) = (&pool, &sum, &turns);
            threads.spawn(move || {
                for round in 0..ROUNDS {
                    let _permit = pool.acquire_blocking().unwrap();
                    *sum.lock_blocking() += round;
                    sender.send_blocking(round).unwrap();
                    let mut turns = turns.enter_blocking();
                    *turns += 1;
                    turns.notify_all(Count::Changed);
                }
            });
        }
        drop(sender);
        let receivers = [(); 2].map(|()| {
            let receiver = receiver.clone();
            threads.spawn(move || std::iter::from_fn(|| receiver.recv_blocking()).sum::<usize>())
        });
        let mut seen = turns.enter_blocking();
        while *seen < 3 * ROUNDS {
            seen = seen.wait(Count::Changed).wait();
        }
        receivers.map(|thread| thread.join().unwrap()).iter().sum::<usize>()
    });
    assert_eq!((received, sum.into_inner()), (3 * ROUNDS * (ROUNDS - 1) / 2, received));
    assert_eq!((pool.available_permits(), pool.waiters()), (2, 0));
    println!("smoke: bits={} received={received}", usize::BITS);
}
