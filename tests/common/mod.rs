//! What the test binaries share: hostile and counting wakers, hand polling, a watchdog, and the
//! four runtimes.
//!
//! A binary takes it with `#[macro_use] #[path = "../common/mod.rs"] mod common;`.

#![allow(dead_code, unused_imports, unused_macros, unreachable_pub)] // no binary uses all of it

#[macro_use]
pub mod runtimes;
pub mod deadline;
pub mod kept;
pub mod lines;
pub mod random;
pub mod wakers;
pub mod watchdog;

pub use deadline::Deadline;
pub use kept::{forget, leak};
pub use random::Random;
pub use runtimes::{Abandon, Join, Rt};
pub use wakers::Bell;
pub use watchdog::watched;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls `future` once for the task behind `bell`.
pub fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>, bell: &Bell) -> Poll<F::Output> {
    future.as_mut().poll(&mut bell.context())
}

/// Polls `future` once and takes the output out of the `Ready`.
#[track_caller]
pub fn ready<F: Future + ?Sized>(future: &mut Pin<Box<F>>, bell: &Bell) -> F::Output {
    match poll(future, bell) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("expected Ready, got Pending"),
    }
}

/// Polls `future` once and insists on `Pending`.
#[track_caller]
pub fn pending<F: Future + ?Sized>(future: &mut Pin<Box<F>>, bell: &Bell) {
    assert!(poll(future, bell).is_pending(), "expected Pending, got Ready");
}

/// Boxes `future`, polls it once and insists on `Pending`: a waiter that stands in line.
#[track_caller]
pub fn queued<F: Future>(future: F, bell: &Bell) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    pending(&mut future, bell);
    future
}

/// The output of a future that must be done at its first poll.
#[track_caller]
pub fn now<F: Future>(future: F) -> F::Output {
    ready(&mut Box::pin(future), &Bell::new())
}

/// What `Poll::Ready` holds, for the `poll_*` methods of handles.
#[track_caller]
pub fn expect_ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("expected Ready, got Pending"),
    }
}

/// Calls `f` with a context for `bell`: for the `poll_*` methods of handles.
pub fn with<R>(bell: &Bell, f: impl FnOnce(&mut Context<'_>) -> R) -> R {
    f(&mut bell.context())
}

/// Runs `f`, insists that it panics, and returns the message.
#[track_caller]
pub fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("expected a panic"),
        Err(payload) => message_of(&*payload),
    }
}

/// The text of a panic payload.
pub fn message_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a payload that is no text".to_owned())
}

/// Insists that polling `future`, which must be done at its first poll, panics by `name` when
/// polled again.
#[track_caller]
pub fn second_poll_names<F: Future>(future: F, name: &str) {
    let (mut future, bell) = (Box::pin(future), Bell::new());
    drop(ready(&mut future, &bell));
    let message = panic_message(|| poll(&mut future, &bell).is_ready());
    assert!(message.contains(name), "{message:?} does not name {name}");
}

/// A message that counts its drops, and can be told to panic in one.
#[derive(Debug)]
pub struct Dropped {
    pub id: u32,
    pub count: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    pub panics: bool,
}

impl Dropped {
    /// A message counted in `count`.
    pub fn new(id: u32, count: &std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Self {
        Self { id, count: count.clone(), panics: false }
    }

    /// The same, but its drop panics.
    pub fn panicking(id: u32, count: &std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Self {
        Self { id, count: count.clone(), panics: true }
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if self.panics && !std::thread::panicking() {
            panic!("message {} panics in its drop", self.id);
        }
    }
}

/// Lets other threads run until `condition` holds.
pub fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}
