//! Tasks that never run, and the book that the models keep of them.
//!
//! A waker is a number in this table, so that to clone one costs nothing but the count.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::without_provenance;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::fault::{Kind, fail};

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
    TASKS[task.addr()].wakes.fetch_add(1, Relaxed);
}

fn forget(task: *const ()) {
    TASKS[task.addr()].held.fetch_sub(1, Relaxed);
}

/// What a waiter's wakers must have seen, by the model.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    wakes: [usize; 2],
    task: usize,
    asleep: bool,
}

/// What the wakers of all waiters of a string must have seen. A waiter is *asleep* from a pending poll until it is woken.
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
        for task in &TASKS {
            task.wakes.store(0, Relaxed);
            task.held.store(0, Relaxed);
        }
        Self { accounts: [Account::default(); WAITERS], waiters: 0 }
    }

    /// A waiter more; answers its number.
    pub fn add(&mut self) -> usize {
        self.waiters += 1;
        self.waiters - 1
    }

    /// The waker to poll a waiter with.
    pub fn waker(&self, id: usize) -> ManuallyDrop<Waker> {
        let task = 2 * id + self.accounts[id].task;
        // SAFETY: the functions of `TABLE` only count, on atomics that are always there.
        ManuallyDrop::new(unsafe { Waker::new(without_provenance(task), &TABLE) })
    }

    /// The waiter is polled for its other task from now on.
    pub fn swap(&mut self, id: usize) {
        self.accounts[id].task ^= 1;
    }

    pub fn sleeps(&mut self, id: usize) {
        self.accounts[id].asleep = true;
    }

    /// Wakes a waiter, unless it is awake.
    pub fn wakes(&mut self, id: usize) {
        let account = &mut self.accounts[id];
        account.wakes[account.task] += usize::from(account.asleep);
        account.asleep = false;
    }

    /// The waiter is gone, or has its answer.
    pub fn leaves(&mut self, id: usize) {
        self.accounts[id].asleep = false;
    }

    pub fn is_asleep(&self, id: usize) -> bool {
        self.accounts[id].asleep
    }

    /// Takes note of a wake that the model does not foretell.
    pub fn observe(&mut self, id: usize) {
        let account = &self.accounts[id];
        if account.asleep && TASKS[2 * id + account.task].wakes.load(Relaxed) > account.wakes[account.task] {
            self.wakes(id);
        }
    }

    /// Compares with what happened: everybody was woken as often as it should, and exactly the last waker of whoever sleeps
    /// is kept.
    pub fn check(&self) {
        for (id, account) in self.accounts[..self.waiters].iter().enumerate() {
            let real = |which| {
                let task: &Task = &TASKS[2 * id + which];
                (task.wakes.load(Relaxed), task.held.load(Relaxed))
            };
            let due = |which| (account.wakes[which], usize::from(account.asleep && account.task == which));
            let (real, due) = ([real(0), real(1)], [due(0), due(1)]);
            if real != due {
                let missed = (0..2).any(|which| real[which].0 < due[which].0 || real[which].1 < due[which].1);
                let kind = if missed { Kind::Asleep } else { Kind::Wrong };
                fail(kind, format!("waiter {id}: wakes and wakers kept of its tasks {real:?}, by the model {due:?}"));
            }
        }
    }
}
