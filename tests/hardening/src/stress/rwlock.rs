//! Stress of one readers-writer lock.

use std::pin::pin;
use std::sync::Arc;

use sempost::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::section::{Counts, Section, Shape, User};
use super::{Log, Patience, until, yield_now};

impl Section for RwLock<Counts> {
    fn new(shape: &Shape) -> Self {
        Self::with_max_readers(Counts::default(), shape.readers)
    }

    async fn turn(self: &Arc<Self>, patience: Patience, user: &mut User) -> Option<bool> {
        match (user.writes(), user.random.below(8)) {
            (true, 0) => match self.try_write() {
                Some(guard) => write(guard, user).await,
                None => return Some(false),
            },
            (true, 1) => {
                let mut guard = until(pin!(self.write_owned()), patience).await?;
                user.enter(&mut guard);
                guard.left += 1;
            }
            (true, _) => write(until(pin!(self.write()), patience).await?, user).await,
            (false, 0) => match self.try_read() {
                Some(guard) => read(guard, user).await,
                None => return Some(false),
            },
            (false, 1) => user.look(&*until(pin!(self.read_owned()), patience).await?),
            (false, _) => read(until(pin!(self.read()), patience).await?, user).await,
        }
        Some(true)
    }

    fn block(&self, user: &mut User) {
        if user.writes() {
            let mut guard = self.write_blocking();
            user.enter(&mut guard);
            guard.left += 1;
        } else {
            user.look(&self.read_blocking());
        }
    }

    fn is_right(&self, _: &Log) -> bool {
        let free = self.readers() + self.waiters() == 0 && !self.is_write_locked();
        let counts = self.read_blocking();
        free && counts.entered == counts.left
    }
}

async fn read(guard: RwLockReadGuard<'_, Counts>, user: &mut User) {
    user.look(&guard);
    if user.random.one_in(4) {
        yield_now().await;
        user.look_again(&guard);
    }
}

async fn write(mut guard: RwLockWriteGuard<'_, Counts>, user: &mut User) {
    user.enter(&mut guard);
    let mine = guard.entered;
    if user.random.one_in(4) {
        yield_now().await;
    }
    if user.random.one_in(8) {
        *RwLockWriteGuard::map(guard, |counts| &mut counts.left) += 1;
        return;
    }
    guard.left += 1;
    if user.random.one_in(4) {
        let guard = RwLockWriteGuard::downgrade(guard);
        yield_now().await;
        // Nobody has written in between.
        user.log.tally.broken += u64::from((guard.entered, guard.left) != (mine, mine));
    }
}
