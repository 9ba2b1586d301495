//! 100,000 waiters are woken by a thread with little stack, in turns.
//!
//! Every waker asks the primitive how many still wait. That it gets an answer means that the lock is free; and wakes
//! between which the answer stays the same belong to one turn, as does what it fell by.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Fairness, Monitor, Mutex, Semaphore, conditions};

pub const STACK: usize = 64 << 10;
pub const WAITERS: usize = 100_000;
/// The most that may be woken between two releases of the lock (C17).
pub const TURN: usize = 64;

#[derive(Debug, Default)]
pub struct Flat {
    /// The longest turn that was seen.
    pub turn: usize,
    /// Waiters that were not woken.
    pub lost: usize,
}

conditions! { enum Cond { Ever } }

/// A waker that all waiters share.
struct Watch {
    left: Box<dyn Fn() -> usize + Send + Sync>,
    wakes: AtomicUsize,
    before: AtomicUsize,
    run: AtomicUsize,
    turn: AtomicUsize,
}

impl Wake for Watch {
    fn wake(self: Arc<Self>) {
        let left = (self.left)();
        let before = self.before.swap(left, Relaxed);
        let run = if left == before { self.run.load(Relaxed) + 1 } else { 1 };
        self.run.store(run, Relaxed);
        self.turn.fetch_max(run.max(before.saturating_sub(left)), Relaxed);
        self.wakes.fetch_add(1, Relaxed);
    }
}

/// All waiters, each polled once.
struct Waiters<F> {
    futures: Vec<Pin<Box<F>>>,
    watch: Arc<Watch>,
}

impl<F: Future> Waiters<F> {
    fn new(left: impl Fn() -> usize + Send + Sync + 'static, make: impl Fn() -> F) -> Self {
        let watch = Arc::new(Watch {
            left: Box::new(left),
            wakes: AtomicUsize::new(0),
            before: AtomicUsize::new(WAITERS),
            run: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
        });
        let mut this = Self { futures: Vec::with_capacity(WAITERS), watch };
        for _ in 0..WAITERS {
            let mut future = Box::pin(make());
            assert!(this.poll(&mut future).is_pending(), "it has to wait");
            this.futures.push(future);
        }
        this
    }

    fn poll(&self, future: &mut Pin<Box<F>>) -> Poll<F::Output> {
        let waker = Waker::from(self.watch.clone());
        future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls them all, in order; each must have its answer.
    fn collect(&mut self) {
        for mut future in std::mem::take(&mut self.futures) {
            assert!(self.poll(&mut future).is_ready(), "it has been woken");
        }
    }

    /// How it went: the longest turn, and who was not woken.
    fn end(&self) -> Flat {
        Flat { turn: self.watch.turn.load(Relaxed), lost: WAITERS.abs_diff(self.watch.wakes.load(Relaxed)) }
    }
}

type Case = fn() -> Flat;

/// Every way to wake many.
pub fn all() -> Flat {
    let cases: [(&str, Case); 15] = [
        ("semaphore, close", || semaphore(Fairness::Fifo, |semaphore| assert!(semaphore.close()))),
        ("semaphore, add_permits", || semaphore(Fairness::Fifo, |semaphore| _ = semaphore.add_permits(WAITERS))),
        ("semaphore, barging, close", || {
            semaphore(Fairness::Barging { overtakes: 1 }, |semaphore| assert!(semaphore.close()))
        }),
        ("semaphore, unbounded, add_permits", semaphore_unbounded),
        ("mutex, from hand to hand", mutex),
        ("mutex, dropped in order", mutex_dropped),
        ("monitor, enter", monitor_enter),
        ("monitor, notify_all", monitor_notify_all),
        ("senders, close", || senders(1, |_, rx| assert!(rx.close()))),
        ("senders, capacity 0, close", || senders(0, |_, rx| assert!(rx.close()))),
        ("senders, try_recv_many", || senders(WAITERS, take_all)),
        ("reservations, close", reservations),
        ("receivers, close", || receivers(1, |tx| assert!(tx.close_mailbox()))),
        ("receivers, capacity 0, close", || receivers(0, |tx| assert!(tx.close_mailbox()))),
        ("handles, close", handles),
    ];
    let mut total = Flat::default();
    for (name, case) in cases {
        let flat = thread::Builder::new().stack_size(STACK).spawn(case).expect("a thread").join().expect(name);
        println!("flat {name}: waiters={WAITERS} turn={} lost={}", flat.turn, flat.lost);
        total.turn = total.turn.max(flat.turn);
        total.lost += flat.lost;
    }
    total
}

fn semaphore(fairness: Fairness, wake: fn(&Semaphore)) -> Flat {
    let semaphore = Arc::new(Semaphore::with_fairness(0, fairness));
    let looked_at = semaphore.clone();
    let mut waiters = Waiters::new(move || looked_at.waiters(), || semaphore.acquire());
    wake(&semaphore);
    let flat = waiters.end();
    waiters.collect();
    flat
}

/// Whoever is told stays in line, so how many of them belong to one turn does not show; only that all are woken.
fn semaphore_unbounded() -> Flat {
    let told = semaphore(Fairness::Unfair, |semaphore| _ = semaphore.add_permits(WAITERS));
    Flat { turn: 0, ..told }
}

fn mutex() -> Flat {
    let mutex = Arc::new(Mutex::new(()));
    let looked_at = mutex.clone();
    let guard = mutex.try_lock();
    let mut waiters = Waiters::new(move || looked_at.waiters(), || mutex.lock());
    drop(guard);
    waiters.collect();
    waiters.end()
}

/// Each is granted the mutex by the drop of the one before.
fn mutex_dropped() -> Flat {
    let mutex = Arc::new(Mutex::new(()));
    let looked_at = mutex.clone();
    let guard = mutex.try_lock();
    let mut waiters = Waiters::new(move || looked_at.waiters(), || mutex.lock());
    drop(guard);
    waiters.futures.clear();
    waiters.end()
}

fn monitor_enter() -> Flat {
    let monitor = Arc::new(Monitor::<(), Cond>::new(()));
    let looked_at = monitor.clone();
    let guard = monitor.try_enter();
    let mut waiters = Waiters::new(move || looked_at.entering(), || monitor.enter());
    drop(guard);
    waiters.collect();
    waiters.end()
}

fn monitor_notify_all() -> Flat {
    let monitor = Arc::new(Monitor::<(), Cond>::new(()));
    let looked_at = monitor.clone();
    let wait = || monitor.try_enter().expect("nobody stays inside").wait(Cond::Ever);
    let mut waiters = Waiters::new(move || looked_at.entering(), wait);
    let guard = monitor.try_enter().expect("nobody stays inside");
    assert_eq!(guard.notify_all(Cond::Ever), WAITERS);
    drop(guard);
    waiters.collect();
    waiters.end()
}

fn full(capacity: usize) -> (Arc<Sender<u8>>, Receiver<u8>) {
    let (tx, rx) = mailbox::bounded(capacity);
    (0..capacity).for_each(|_| tx.try_send(0).expect("there is room"));
    (Arc::new(tx), rx)
}

fn senders(capacity: usize, wake: fn(&Sender<u8>, &Receiver<u8>)) -> Flat {
    let (tx, rx) = full(capacity);
    let looked_at = tx.clone();
    let mut waiters = Waiters::new(move || looked_at.waiting_senders(), || tx.send(1));
    wake(&tx, &rx);
    let flat = waiters.end();
    waiters.collect();
    flat
}

fn take_all(_: &Sender<u8>, rx: &Receiver<u8>) {
    assert_eq!(rx.try_recv_many(&mut Vec::new(), WAITERS), Ok(WAITERS));
}

fn reservations() -> Flat {
    let (tx, rx) = full(1);
    let looked_at = tx.clone();
    let mut waiters = Waiters::new(move || looked_at.waiting_senders(), || tx.reserve());
    rx.close();
    let flat = waiters.end();
    waiters.collect();
    flat
}

fn receivers(capacity: usize, wake: fn(&Sender<u8>)) -> Flat {
    let (tx, rx) = mailbox::bounded(capacity);
    let tx = Arc::new(tx);
    let looked_at = tx.clone();
    let mut waiters = Waiters::new(move || looked_at.waiting_receivers(), || rx.recv());
    wake(&tx);
    let flat = waiters.end();
    waiters.collect();
    flat
}

/// Handles that are polled.
fn handles() -> Flat {
    let (tx, rx) = mailbox::bounded::<u8>(1);
    let tx = Arc::new(tx);
    let looked_at = tx.clone();
    let polled = || {
        let mut handle = rx.clone();
        std::future::poll_fn(move |cx| handle.poll_recv(cx))
    };
    let mut waiters = Waiters::new(move || looked_at.waiting_receivers(), polled);
    tx.close_mailbox();
    let flat = waiters.end();
    waiters.collect();
    flat
}
