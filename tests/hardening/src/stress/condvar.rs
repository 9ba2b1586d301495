//! The bounded buffer of two condition variables and a mutex, with waits that are dropped or too late.

use std::pin::pin;

use sempost::{Condvar, Fairness, Mutex, MutexGuard};

use super::shop::{Buffer, Items, Own, Shop, deadline};
use super::{Patience, until};
use crate::Random;

#[derive(Debug)]
pub struct Condvars {
    items: Mutex<Items>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Condvars {
    fn condvar(&self, condition: Buffer) -> &Condvar {
        match condition {
            Buffer::NotFull => &self.not_full,
            Buffer::NotEmpty => &self.not_empty,
        }
    }
}

impl Shop for Condvars {
    type Guard<'a> = MutexGuard<'a, Items>;

    fn open(items: Items, fairness: Fairness) -> Self {
        let items = Mutex::with_fairness(items, fairness);
        Self { items, not_full: Condvar::new(), not_empty: Condvar::new() }
    }

    async fn enter(&self) -> MutexGuard<'_, Items> {
        self.items.lock().await
    }

    fn block(&self) -> MutexGuard<'_, Items> {
        self.items.lock_blocking()
    }

    async fn enter_for<'a>(
        &'a self,
        condition: Buffer,
        patience: Patience,
        own: &mut Own,
    ) -> Option<MutexGuard<'a, Items>> {
        let mut guard = until(pin!(self.items.lock()), patience).await?;
        own.log.acquired();
        let condvar = self.condvar(condition);
        match patience {
            // Who is late comes back with the mutex, and may have been notified nevertheless.
            Patience::Polls(polls) if own.random.one_in(2) => {
                let waiting = condvar.wait_while(guard, |items| items.lacks(condition)).until(deadline(polls));
                let (guard, ended) = waiting.await;
                (!ended.timed_out()).then_some(guard)
            }
            _ if own.random.one_in(2) => {
                until(pin!(condvar.wait_while(guard, |items| items.lacks(condition))), patience).await
            }
            _ => {
                while guard.lacks(condition) {
                    guard = until(pin!(condvar.wait(guard)), patience).await?;
                    own.log.acquired();
                }
                Some(guard)
            }
        }
    }

    fn block_for(&self, condition: Buffer) -> MutexGuard<'_, Items> {
        self.condvar(condition).wait_while_blocking(self.items.lock_blocking(), |items| items.lacks(condition))
    }

    /// With the mutex in hand, or without.
    fn leave(&self, guard: MutexGuard<'_, Items>, condition: Buffer, all: bool, random: &mut Random) {
        let _held = (all || random.one_in(2)).then_some(guard);
        let condvar = self.condvar(condition);
        match random.below(8) {
            _ if all => _ = condvar.notify_all(),
            0 => _ = condvar.notify_all(),
            1 => _ = condvar.notify_many(2),
            _ => _ = condvar.notify_one(),
        }
    }

    fn users(&self) -> usize {
        let waiters = self.not_full.waiters() + self.not_empty.waiters() + self.items.waiters();
        waiters + usize::from(self.items.is_locked())
    }
}
