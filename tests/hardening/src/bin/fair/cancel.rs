//! What it costs to cancel, by how many wait.
//!
//! The time of all cancels in random order, per waiter, in one line of 100,000, and in a hundred lines of 1,000 beside
//! each other: both visit as much memory, so that caches do not come into it. The least of several interleaved
//! repetitions counts, because noise only ever adds.

use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use hardening::Random;
use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Monitor, Mutex, Semaphore, conditions};

const WAITERS: usize = 100_000;
const LINES: usize = 100;

/// At least so many repetitions, and more, up to so many, while the machine is too noisy to say.
const FEW: u32 = 7;
const MANY: u32 = 40;
/// After so many, ten times the limit is no noise.
const SURE: u32 = 3;

conditions! { enum Cond { Ever } }

/// The ratio between the two for the worst of all waits.
pub fn worst_ratio(limit: f64) -> f64 {
    let semaphores: Vec<_> = (0..LINES).map(|_| Semaphore::new(0)).collect();
    let mutexes: Vec<_> = (0..LINES).map(|_| Mutex::new(())).collect();
    let _locked: Vec<_> = mutexes.iter().map(Mutex::try_lock).collect();
    let doors: Vec<_> = (0..LINES).map(|_| Monitor::<(), Cond>::new(())).collect();
    let _inside: Vec<_> = doors.iter().map(Monitor::try_enter).collect();
    let monitors: Vec<_> = (0..LINES).map(|_| Monitor::<(), Cond>::new(())).collect();
    let empty: Vec<_> = (0..LINES).map(|_| mailbox::bounded::<u8>(1)).collect();
    let full: Vec<_> = (0..LINES).map(|_| full()).collect();
    let meetings: Vec<_> = (0..LINES).map(|_| mailbox::bounded::<u8>(0)).collect();
    let wait = |at: usize| monitors[at].try_enter().expect("nobody stays inside").wait(Cond::Ever);
    let ratios = [
        ratio("acquire", limit, |at| semaphores[at].acquire()),
        ratio("lock", limit, |at| mutexes[at].lock()),
        ratio("enter", limit, |at| doors[at].enter()),
        ratio("wait", limit, wait),
        ratio("send", limit, |at| full[at].0.send(1)),
        ratio("reserve", limit, |at| full[at].0.reserve()),
        ratio("recv", limit, |at| empty[at].1.recv()),
        ratio("send, capacity 0", limit, |at| meetings[at].0.send(1)),
        ratio("reserve, capacity 0", limit, |at| meetings[at].0.reserve()),
        ratio("recv, capacity 0", limit, |at| meetings[at].1.recv()),
    ];
    ratios.into_iter().fold(0.0, f64::max)
}

fn full() -> (Sender<u8>, Receiver<u8>) {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).expect("there is room");
    (tx, rx)
}

fn ratio<F: Future>(name: &str, limit: f64, make: impl Fn(usize) -> F) -> f64 {
    let (mut one, mut many) = (Duration::MAX, Duration::MAX);
    let mut repetitions = 0;
    let ratio = loop {
        let seed = u64::from(repetitions);
        one = one.min(cancel_all(seed, |_| make(0)));
        many = many.min(cancel_all(seed, |waiter| make(waiter % LINES)));
        repetitions += 1;
        let ratio = one.as_secs_f64() / many.as_secs_f64();
        let hopeless = repetitions >= SURE && ratio > 10.0 * limit;
        if hopeless || repetitions >= MANY || repetitions >= FEW && ratio <= limit {
            break ratio;
        }
    };
    let each = |all: Duration| all.as_nanos() / WAITERS as u128;
    println!("cancel {name}: ns={} of 1000: ns={} ratio={ratio:.2} repetitions={repetitions}", each(one), each(many));
    ratio
}

fn cancel_all<F: Future>(seed: u64, make: impl Fn(usize) -> F) -> Duration {
    let queue = |waiter| {
        let mut future = Box::pin(make(waiter));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "it has to wait");
        future
    };
    let mut waiters: Vec<Pin<Box<F>>> = (0..WAITERS).map(queue).collect();
    Random::new(seed).shuffle(&mut waiters);
    let begin = Instant::now();
    waiters.clear();
    begin.elapsed()
}
