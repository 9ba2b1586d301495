//! The bounded buffer as a monitor with its two conditions.

use std::pin::pin;

use sempost::{Fairness, Monitor, MonitorGuard};

use super::shop::{Buffer, Items, Own, Shop};
use super::{Patience, until};
use crate::Random;

pub type Signalled = Monitor<Items, Buffer>;
type Guard<'a> = MonitorGuard<'a, Items, Buffer>;

impl Shop for Signalled {
    type Guard<'a> = Guard<'a>;

    fn open(items: Items, fairness: Fairness) -> Self {
        Self::with_fairness(items, fairness)
    }

    async fn enter(&self) -> Guard<'_> {
        self.enter().await
    }

    fn block(&self) -> Guard<'_> {
        self.enter_blocking()
    }

    async fn enter_for<'a>(&'a self, condition: Buffer, patience: Patience, own: &mut Own) -> Option<Guard<'a>> {
        let tried = if own.random.one_in(8) { self.try_enter() } else { None };
        let mut guard = match tried {
            Some(guard) => guard,
            None => until(pin!(self.enter()), patience).await?,
        };
        own.log.acquired();
        if own.random.one_in(2) {
            return until(pin!(guard.wait_while(condition, |items| items.lacks(condition))), patience).await;
        }
        while guard.lacks(condition) {
            guard = until(pin!(guard.wait(condition)), patience).await?;
            own.log.acquired();
        }
        Some(guard)
    }

    fn block_for(&self, condition: Buffer) -> Guard<'_> {
        self.enter_blocking().wait_while(condition, |items| items.lacks(condition)).wait()
    }

    fn leave(&self, guard: Guard<'_>, condition: Buffer, all: bool, random: &mut Random) {
        match random.below(8) {
            _ if all => _ = guard.notify_all(condition),
            0 | 1 => _ = guard.signal_and_leave(condition),
            2 => _ = guard.notify_all(condition),
            3 => _ = guard.notify_many(condition, 2),
            _ => _ = guard.notify_one(condition),
        }
    }

    fn users(&self) -> usize {
        let waiters = self.waiters(Buffer::NotFull) + self.waiters(Buffer::NotEmpty);
        waiters + self.entering() + usize::from(self.is_occupied())
    }
}
