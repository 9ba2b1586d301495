//! Stress of one mutex.

use std::pin::pin;
use std::sync::Arc;

use sempost::{Mutex, MutexGuard};

use super::section::{Counts, Section, Shape, User};
use super::{Log, Patience, until, yield_now};

impl Section for Mutex<Counts> {
    fn new(shape: &Shape) -> Self {
        Self::with_fairness(Counts::default(), shape.fairness)
    }

    async fn turn(self: &Arc<Self>, patience: Patience, user: &mut User) -> Option<bool> {
        match user.random.below(8) {
            0 => match self.try_lock() {
                Some(guard) => inside(guard, user).await,
                None => return Some(false),
            },
            1 => {
                let mut guard = until(pin!(self.lock_owned()), patience).await?;
                user.enter(&mut guard);
                guard.left += 1;
            }
            _ => inside(until(pin!(self.lock()), patience).await?, user).await,
        }
        Some(true)
    }

    fn block(&self, user: &mut User) {
        let mut guard = self.lock_blocking();
        user.enter(&mut guard);
        guard.left += 1;
    }

    fn is_right(&self, all: &Log) -> bool {
        let free = !self.is_locked() && self.waiters() == 0;
        let counts = self.lock_blocking();
        free && counts.entered == all.tally.acquires && counts.left == counts.entered
    }
}

async fn inside(mut guard: MutexGuard<'_, Counts>, user: &mut User) {
    user.enter(&mut guard);
    if user.random.one_in(4) {
        yield_now().await;
    }
    if user.random.one_in(8) {
        *MutexGuard::map(guard, |counts| &mut counts.left) += 1;
    } else {
        guard.left += 1;
    }
}
