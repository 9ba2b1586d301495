//! The lines of the crate.

use hardening::Random;
use sempost::Fairness::{self, Barging, Fifo};
use sempost::mailbox::{self, Receiver, Receiving, Sender, Sending};
use sempost::{Acquiring, Entering, Locking, Monitor, MonitorGuard, Mutex, MutexGuard, Permit, Semaphore, conditions};

use crate::order::{Line, Tally, run};

/// What all lines together came to.
#[derive(Debug, Default)]
pub struct Total {
    pub operations: u64,
    /// Where nobody may pass.
    pub overtakes: u64,
    /// How often somebody was passed more often than newcomers may.
    pub beyond: u64,
}

const SEED: u64 = 23;

pub fn all(operations: u64) -> Total {
    let mut total = Total::default();
    let (tx, rx) = mailbox::bounded(4);
    let monitor = Monitor::new(());
    total.fifo("semaphore", semaphore(Fifo, operations));
    total.fifo("mutex", mutex(Fifo, operations));
    total.fifo("monitor", run(&mut Door { monitor: &monitor, guard: None }, true, operations, SEED));
    total.fifo("senders", run(&mut Senders { tx: &tx, rx: &rx }, true, operations, SEED));
    let (tx, rx) = mailbox::bounded(4);
    total.fifo("receivers", run(&mut Receivers { tx: &tx, rx: &rx }, true, operations, SEED));
    for overtakes in [0, 1, 3, 8] {
        total.barging("semaphore", overtakes, semaphore(Barging { overtakes }, operations));
        total.barging("mutex", overtakes, mutex(Barging { overtakes }, operations));
        let (tx, rx) = mailbox::bounded_with(4, Barging { overtakes });
        total.barging("senders", overtakes, run(&mut Senders { tx: &tx, rx: &rx }, false, operations, SEED));
    }
    total
}

impl Total {
    fn fifo(&mut self, name: &str, tally: Tally) {
        println!("{name}: operations={} overtakes={}", tally.operations, tally.overtakes);
        self.operations += tally.operations;
        self.overtakes += tally.overtakes;
    }

    fn barging(&mut self, name: &str, overtakes: usize, tally: Tally) {
        println!("{name}, barging: operations={} most={} allowed={overtakes}", tally.operations, tally.most);
        self.operations += tally.operations;
        self.beyond += tally.most.saturating_sub(overtakes as u64);
    }
}

fn semaphore(fairness: Fairness, operations: u64) -> Tally {
    let semaphore = Semaphore::with_fairness(4, fairness);
    run(&mut Pool { semaphore: &semaphore, held: Vec::new() }, fairness == Fifo, operations, SEED)
}

fn mutex(fairness: Fairness, operations: u64) -> Tally {
    let mutex = Mutex::with_fairness((), fairness);
    run(&mut Turn { mutex: &mutex, guard: None }, fairness == Fifo, operations, SEED)
}

struct Pool<'a> {
    semaphore: &'a Semaphore,
    held: Vec<Permit<'a>>,
}

impl<'a> Line for Pool<'a> {
    type Wait = Acquiring<&'a Semaphore>;

    fn ask(&mut self, random: &mut Random) -> Self::Wait {
        self.semaphore.acquire_many(1 + random.below(3))
    }

    fn attempt(&mut self) -> bool {
        let permit = self.semaphore.try_acquire().ok();
        let served = permit.is_some();
        self.held.extend(permit);
        served
    }

    fn served(&mut self, permit: Result<Permit<'a>, sempost::AcquireError>) {
        self.held.push(permit.expect("it is open"));
    }

    fn give(&mut self) {
        self.held.pop();
    }
}

struct Turn<'a> {
    mutex: &'a Mutex<()>,
    guard: Option<MutexGuard<'a, ()>>,
}

impl<'a> Line for Turn<'a> {
    type Wait = Locking<&'a Mutex<()>, ()>;

    fn ask(&mut self, _: &mut Random) -> Self::Wait {
        self.mutex.lock()
    }

    fn attempt(&mut self) -> bool {
        let guard = self.mutex.try_lock();
        let served = guard.is_some();
        self.guard = guard.or(self.guard.take());
        served
    }

    fn served(&mut self, guard: MutexGuard<'a, ()>) {
        assert!(self.guard.replace(guard).is_none(), "two are inside");
    }

    fn give(&mut self) {
        self.guard = None;
    }
}

conditions! { enum Nothing { Ever } }

struct Door<'a> {
    monitor: &'a Monitor<(), Nothing>,
    guard: Option<MonitorGuard<'a, (), Nothing>>,
}

impl<'a> Line for Door<'a> {
    type Wait = Entering<&'a Monitor<(), Nothing>, (), Nothing>;

    fn ask(&mut self, _: &mut Random) -> Self::Wait {
        self.monitor.enter()
    }

    fn attempt(&mut self) -> bool {
        let guard = self.monitor.try_enter();
        let served = guard.is_some();
        self.guard = guard.or(self.guard.take());
        served
    }

    fn served(&mut self, guard: MonitorGuard<'a, (), Nothing>) {
        assert!(self.guard.replace(guard).is_none(), "two are inside");
    }

    fn give(&mut self) {
        self.guard = None;
    }
}

struct Senders<'a> {
    tx: &'a Sender<u8>,
    rx: &'a Receiver<u8>,
}

impl<'a> Line for Senders<'a> {
    type Wait = Sending<'a, u8>;

    fn ask(&mut self, _: &mut Random) -> Self::Wait {
        self.tx.send(1)
    }

    fn attempt(&mut self) -> bool {
        self.tx.try_send(2).is_ok()
    }

    fn served(&mut self, sent: Result<(), mailbox::SendError<u8>>) {
        sent.expect("it is open");
    }

    fn give(&mut self) {
        let _ = self.rx.try_recv();
    }
}

struct Receivers<'a> {
    tx: &'a Sender<u8>,
    rx: &'a Receiver<u8>,
}

impl<'a> Line for Receivers<'a> {
    type Wait = Receiving<'a, u8>;

    fn ask(&mut self, _: &mut Random) -> Self::Wait {
        self.rx.recv()
    }

    fn attempt(&mut self) -> bool {
        self.rx.try_recv().is_ok()
    }

    fn served(&mut self, message: Option<u8>) {
        message.expect("it is open");
    }

    fn give(&mut self) {
        let _ = self.tx.try_send(1);
    }
}
