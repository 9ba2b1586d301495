//! The bounded buffer as a monitor in which nobody signals: by predicates, with waits that are dropped or late.

use std::pin::pin;

use sempost::{Fairness, Monitor, MonitorGuard, NoConditions};

use super::shop::{Buffer, Items, Own, Shop, deadline};
use super::{Patience, until};
use crate::Random;

pub type Unsignalled = Monitor<Items>;
type Guard<'a> = MonitorGuard<'a, Items, NoConditions>;

impl Shop for Unsignalled {
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
        let there_is = move |items: &Items| !items.lacks(condition);
        let guard = match (patience, own.random.below(4)) {
            (_, 0) => until(pin!(self.enter_when(there_is)), patience).await?,
            (Patience::Polls(polls), 1) => self.enter_when(there_is).until(deadline(polls)).await.ok()?,
            // Who is late comes back with the guard.
            (Patience::Polls(polls), 2) => {
                let guard = until(pin!(self.enter()), patience).await?;
                let (guard, ended) = guard.wait_for(there_is).until(deadline(polls)).await;
                if ended.timed_out() {
                    return None;
                }
                guard
            }
            _ => {
                let guard = until(pin!(self.enter()), patience).await?;
                until(pin!(guard.wait_for(there_is)), patience).await?
            }
        };
        own.log.acquired();
        Some(guard)
    }

    fn block_for(&self, condition: Buffer) -> Guard<'_> {
        match condition {
            Buffer::NotFull => self.enter_when_blocking(|items| !items.lacks(Buffer::NotFull)),
            Buffer::NotEmpty => self.enter_blocking().wait_for(|items| !items.lacks(Buffer::NotEmpty)).wait(),
        }
    }

    fn leave(&self, _: Guard<'_>, _: Buffer, _: bool, _: &mut Random) {}

    fn users(&self) -> usize {
        self.predicates() + self.entering() + usize::from(self.is_occupied())
    }
}
