//! The lines of the barrier.

use super::{Line, leak};
use sempost::Barrier;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

/// More than wait in line in any claim but that of the very many.
const SIZE: usize = 100;

fn touch(b: &Barrier) {
    assert!(!format!("{b:?} {} {}", b.waiters(), b.size()).is_empty());
    _ = super::super::poll(&mut Box::pin(b.wait()), &super::Bell::new());
}

/// All who are missing come. None of them is on the heap.
fn complete(b: &Barrier) {
    let mut arrival = pin!(b.wait());
    if arrival.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        complete(b);
    }
}

pub fn barrier() -> Line {
    let b = leak(Barrier::new(SIZE));
    Line::new("BarrierWaiting", || b.wait(), || complete(b)).waiters(|| b.waiters()).all().forgets().touch(|| touch(b))
}

/// So large that any number may wait, and none is let through.
pub fn barrier_of_many() -> Line {
    let b = leak(Barrier::new(usize::MAX));
    Line::new("BarrierWaiting", || b.wait(), || unreachable!("it is too large")).waiters(|| b.waiters())
}

pub fn barrier_owned() -> Line {
    let b = Arc::new(Barrier::new(SIZE));
    let (open, count, again) = (b.clone(), b.clone(), b.clone());
    Line::new("BarrierWaiting", move || b.wait_owned(), move || complete(&open))
        .waiters(move || count.waiters())
        .all()
        .forgets()
        .touch(move || touch(&again))
}

pub fn barrier_until() -> Line {
    let b = leak(Barrier::new(SIZE));
    Line::new("Until", || b.wait().until(pending::<()>()), || complete(b))
        .waiters(|| b.waiters())
        .all()
        .forgets()
        .touch(|| touch(b))
}

/// The lines of the barrier.
pub const BARRIER: &[fn() -> Line] = &[barrier, barrier_owned, barrier_until];
