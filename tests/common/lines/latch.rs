//! The lines of the latch.

use super::{Line, leak};
use sempost::Latch;
use std::future::pending;
use std::sync::Arc;

fn touch(l: &Latch) {
    assert!(!l.count_down_many(0));
    assert!(!format!("{l:?} {} {} {}", l.waiters(), l.count(), l.is_open()).is_empty());
    _ = super::super::poll(&mut Box::pin(l.wait()), &super::Bell::new());
}

pub fn latch() -> Line {
    let l = leak(Latch::new(1));
    Line::new("LatchWaiting", || l.wait(), || assert!(l.count_down())).waiters(|| l.waiters()).all().touch(|| touch(l))
}

pub fn latch_of_many() -> Line {
    let l = leak(Latch::new(3));
    Line::new("LatchWaiting", || l.wait(), || assert!(l.count_down_many(7)))
        .waiters(|| l.waiters())
        .all()
        .touch(|| touch(l))
}

pub fn latch_owned() -> Line {
    let l = Arc::new(Latch::new(1));
    let (open, count, again) = (l.clone(), l.clone(), l.clone());
    Line::new("LatchWaiting", move || l.wait_owned(), move || assert!(open.count_down()))
        .waiters(move || count.waiters())
        .all()
        .touch(move || touch(&again))
}

pub fn latch_until() -> Line {
    let l = leak(Latch::new(1));
    Line::new("Until", || l.wait().until(pending::<()>()), || assert!(l.count_down()))
        .waiters(|| l.waiters())
        .all()
        .touch(|| touch(l))
}

/// The lines of the latch.
pub const LATCH: &[fn() -> Line] = &[latch, latch_of_many, latch_owned, latch_until];
