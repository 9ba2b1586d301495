//! Models: every race of every primitive, run through all its interleavings by the model checker.
//!
//! They are compiled into the crate's own tests under `--cfg sempost_loom`, and only there. What is lost in a model is
//! seen as a deadlock; what is doubled, by a count; what two hold at once, by the claim in every guard.
//!
//! Wakers are counted by `std` atomics, which the checker does not see: they order nothing and add no interleavings.
//! `closed()` and `drained()` are carried by another crate that it does not see either. Only a listener that begins
//! while no other listens has a model.
//!
//! `tests/hardening/models` runs them: `short` for every change, `long` with more turns, waiters and threads (`pick`).
//! What a model *kills* is what it is for; a name in brackets is that of a fault in `faults`, which
//! `tests/hardening/faults/run` plants to see this very model fail.

mod barrier;
mod close;
mod condvar;
mod credits;
mod ends;
mod enter_when;
mod fairness;
mod handles;
mod latch;
mod limit;
mod lines;
mod machine;
mod mailbox;
mod mailbox_quick;
mod monitor;
mod mutex;
mod notices;
mod oneshot;
mod points;
mod ports;
mod ports_ends;
mod ports_from;
mod rendezvous;
#[expect(unsafe_code, reason = "a cell that the checker watches")]
mod rwlock;
mod semaphore;
mod sharing;
mod until;
mod wakers;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use crate::primitive::{Thread, current, park};

/// A task that is never run: it counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Bell {
    fn new() -> (Arc<Self>, Waker) {
        let bell = Arc::new(Self::default());
        (Arc::clone(&bell), Waker::from(bell))
    }

    fn wakes(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// A task that is run by the thread that made it.
struct Runner(Thread);

impl Wake for Runner {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The waker of the task that this thread runs.
fn here() -> Waker {
    Waker::from(Arc::new(Runner(current())))
}

/// Polls once for the task behind `waker`.
fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>, waker: &Waker) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(waker))
}

/// Polls once for nobody.
fn glance<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    match poll(future, Waker::noop()) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A future that waits in line, for nobody so far.
fn queued<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(glance(&mut future).is_none());
    future
}

/// Runs a task to its end on this thread, which sleeps between the polls until the task's waker is called.
fn run<F: Future>(future: F) -> F::Output {
    let waker = here();
    let mut future = pin!(future);
    run_by(|cx| future.as_mut().poll(cx), &waker)
}

/// The same for what is no future but has a `poll_` method.
fn run_by<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>, waker: &Waker) -> T {
    loop {
        match poll(&mut Context::from_waker(waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => park(),
        }
    }
}
