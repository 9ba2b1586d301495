//! Waiting for a latch.

use std::sync::Arc;

use sempost::Latch;

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Scene, awaiting};

fn touch(latch: &Latch) {
    assert!(!latch.count_down_many(0));
    assert!(!format!("{latch:?} {} {} {}", latch.waiters(), latch.count(), latch.is_open()).is_empty());
    _ = poll(&mut Box::pin(latch.wait()), &Bell::new());
}

fn wait() -> Scene {
    let (latch, loan): (&'static Latch, Loan<_>) = lend(Latch::new(1));
    Scene::new(move || awaiting(latch.wait(), |()| End::served()), move || _ = latch.count_down())
        .batch(move || assert!(latch.count_down()))
        .never_closes("it opens once, and that is no close")
        .touch(move || touch(latch))
        .audit(move || assert_eq!(latch.waiters(), 0))
        .lent(loan)
}

fn wait_owned() -> Scene {
    let latch = Arc::new(Latch::new(1));
    let [a, b, c, d] = [0; 4].map(|_| Arc::clone(&latch));
    Scene::new(move || awaiting(a.wait_owned(), |()| End::served()), move || _ = latch.count_down())
        .batch(move || assert!(b.count_down_many(2)))
        .never_closes("it opens once, and that is no close")
        .touch(move || touch(&c))
        .audit(move || assert_eq!(d.waiters(), 0))
}

pub(super) const ALL: &[Operation] = &[("Latch::wait", wait), ("Latch::wait_owned", wait_owned)];
