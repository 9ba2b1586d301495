//! One thread's executor: up to 64 tasks, one bit each.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::AcqRel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use super::{Log, Task};

/// Which tasks are to be polled, and how their thread waits for one.
struct Ready {
    bits: AtomicU64,
    #[cfg(not(sempost_inject))]
    thread: thread::Thread,
}

impl Ready {
    fn wake(&self, bit: u64) {
        // ORDERING: AcqRel; pairs with the swap in `wait`.
        let _before = self.bits.fetch_or(bit, AcqRel);
        #[cfg(not(sempost_inject))]
        if _before == 0 {
            self.thread.unpark();
        }
    }

    fn wait(&self, idle: &mut impl FnMut()) -> u64 {
        loop {
            // ORDERING: AcqRel; pairs with `wake`.
            match self.bits.swap(0, AcqRel) {
                0 => {
                    idle();
                    self.rest();
                }
                bits => return bits,
            }
        }
    }

    #[cfg(not(sempost_inject))]
    fn rest(&self) {
        thread::park();
    }

    // The host's parking is not seen into by a race detector, and there are pauses enough.
    #[cfg(sempost_inject)]
    fn rest(&self) {
        // ORDERING: Relaxed; it only saves writes, and the swap in `wait` comes after it.
        while self.bits.load(std::sync::atomic::Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
    }
}

struct Bit {
    ready: Arc<Ready>,
    bit: u64,
}

impl Wake for Bit {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ready.wake(self.bit);
    }
}

/// What comes of tasks that are done.
pub struct Done {
    /// Their notes.
    pub logs: Vec<Log>,
    /// Others may be about to drop the last of theirs. A race detector does not see how counted pointers order that
    /// with freeing them, so these are kept until everybody has been met.
    _wakers: Vec<Waker>,
}

/// Runs `tasks` on this thread until all are done.
///
/// # Panics
/// With more than 64.
pub fn drive(tasks: Vec<Task>) -> Done {
    drive_watched(tasks, || {})
}

/// Like [`drive`]; calls `idle` whenever no task has anything to do.
///
/// # Panics
/// With more than 64.
pub fn drive_watched(tasks: Vec<Task>, mut idle: impl FnMut()) -> Done {
    assert!(tasks.len() <= 64, "a bit for every task");
    let ready = Arc::new(Ready {
        bits: AtomicU64::new(0),
        #[cfg(not(sempost_inject))]
        thread: thread::current(),
    });
    let mut slots: Vec<_> = tasks
        .into_iter()
        .enumerate()
        .map(|(i, task)| (Some(task), Waker::from(Arc::new(Bit { ready: ready.clone(), bit: 1 << i }))))
        .collect();
    let mut logs = Vec::new();
    let mut due = (0..slots.len()).fold(0_u64, |bits, i| bits | 1 << i);
    while logs.len() < slots.len() {
        while due != 0 {
            let (task, waker) = &mut slots[due.trailing_zeros() as usize];
            due &= due - 1;
            let Some(running) = task else { continue };
            if let Poll::Ready(log) = running.as_mut().poll(&mut Context::from_waker(waker)) {
                *task = None;
                logs.push(log);
            }
        }
        if logs.len() < slots.len() {
            due = ready.wait(&mut idle);
        }
    }
    Done { logs, _wakers: slots.into_iter().map(|(_, waker)| waker).collect() }
}
