//! Tasks that never run, and the book that is kept of them.
//!
//! A waker is a number in this table, so that to clone one costs nothing but the count.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::without_provenance;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{RawWaker, RawWakerVTable, Waker};

use hardening::spec::Id;

use crate::fault::{Kind, fail, insist};

/// The most waiters that one string makes.
const WAITERS: usize = 24;

struct Task {
    wakes: AtomicUsize,
    /// Wakers of it that somebody keeps. It wraps below zero if one is dropped twice.
    held: AtomicUsize,
}

/// Two for each waiter.
static TASKS: [Task; 2 * WAITERS] =
    [const { Task { wakes: AtomicUsize::new(0), held: AtomicUsize::new(0) } }; 2 * WAITERS];

/// Whether anybody was woken since the book was last told.
static RUNG: AtomicBool = AtomicBool::new(false);

/// How many waiters the string has made.
static USED: AtomicUsize = AtomicUsize::new(0);

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, forget);

fn clone(task: *const ()) -> RawWaker {
    TASKS[task.addr()].held.fetch_add(1, Relaxed);
    RawWaker::new(task, &TABLE)
}

fn wake(task: *const ()) {
    wake_by_ref(task);
    forget(task);
}

fn wake_by_ref(task: *const ()) {
    RUNG.store(true, Relaxed);
    TASKS[task.addr()].wakes.fetch_add(1, Relaxed);
}

fn forget(task: *const ()) {
    TASKS[task.addr()].held.fetch_sub(1, Relaxed);
}

/// What a waiter's wakers have seen.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    wakes: [u16; 2],
    task: u8,
    asleep: bool,
    waits: bool,
}

/// Who waits in a string, and who of them was woken. A waiter is *asleep* from a pending poll until it is woken.
pub struct Book {
    accounts: [Account; WAITERS],
    waiters: usize,
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.accounts[..self.waiters]).finish()
    }
}

impl Book {
    pub fn new() -> Self {
        for task in &TASKS[..2 * USED.swap(0, Relaxed)] {
            task.wakes.store(0, Relaxed);
            task.held.store(0, Relaxed);
        }
        Self { accounts: [Account::default(); WAITERS], waiters: 0 }
    }

    /// A waiter more; answers its number.
    pub fn add(&mut self) -> Id {
        self.waiters += 1;
        USED.store(self.waiters, Relaxed);
        (self.waiters - 1) as Id
    }

    fn account(&mut self, id: Id) -> &mut Account {
        &mut self.accounts[usize::from(id)]
    }

    /// The waker to poll a waiter with.
    pub fn waker(&self, id: Id) -> ManuallyDrop<Waker> {
        let task = 2 * usize::from(id) + usize::from(self.accounts[usize::from(id)].task);
        // SAFETY: the functions of `TABLE` only count, on atomics that are always there.
        ManuallyDrop::new(unsafe { Waker::new(without_provenance(task), &TABLE) })
    }

    /// The waiter is polled for its other task from now on.
    pub fn swap(&mut self, id: Id) {
        self.account(id).task ^= 1;
    }

    /// A poll of the waiter was pending.
    pub fn sleeps(&mut self, id: Id) {
        let account = self.account(id);
        (account.asleep, account.waits) = (true, true);
    }

    /// The waiter is gone, or has its answer.
    pub fn leaves(&mut self, id: Id) {
        let account = self.account(id);
        (account.asleep, account.waits) = (false, false);
    }

    pub fn is_asleep(&self, id: Id) -> bool {
        self.accounts[usize::from(id)].asleep
    }

    /// Takes note of who was woken.
    pub fn observe(&mut self) {
        if !RUNG.load(Relaxed) {
            return;
        }
        RUNG.store(false, Relaxed);
        for (account, tasks) in self.accounts[..self.waiters].iter_mut().zip(TASKS.chunks(2)) {
            let task = usize::from(account.task);
            let wakes = &mut account.wakes[task];
            if account.asleep && tasks[task].wakes.load(Relaxed) > usize::from(*wakes) {
                *wakes += 1;
                account.asleep = false;
            }
        }
    }

    /// Nobody was woken who was awake or by an older waker, exactly the last waker of whoever sleeps is kept, and those
    /// are asleep who should be.
    pub fn check(&self, is_at_rest: impl FnOnce(&[(Id, bool)]) -> bool) {
        let (mut waiting, mut there) = ([(0, false); WAITERS], 0);
        for (id, account) in self.accounts[..self.waiters].iter().enumerate() {
            let real = |which| {
                let task: &Task = &TASKS[2 * id + which];
                (task.wakes.load(Relaxed), task.held.load(Relaxed))
            };
            let keeps = |which| account.asleep && usize::from(account.task) == which;
            let due = |which: usize| (usize::from(account.wakes[which]), usize::from(keeps(which)));
            let (real, due) = ([real(0), real(1)], [due(0), due(1)]);
            if real != due {
                let missed = (0..2).any(|which| real[which].1 < due[which].1);
                let kind = if missed { Kind::Asleep } else { Kind::Wrong };
                fail(kind, format!("waiter {id}: wakes and wakers kept of its tasks {real:?}, and should be {due:?}"));
            }
            if account.waits {
                waiting[there] = (id as Id, !account.asleep);
                there += 1;
            }
        }
        let waiting = &waiting[..there];
        insist(is_at_rest(waiting), Kind::Asleep, || {
            format!("of those who wait other ones should be awake: {waiting:?}")
        });
    }
}
