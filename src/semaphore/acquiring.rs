//! Waiting for permits.

use core::ops::Deref;

use super::state::{Demand, Fx, Pool};
use super::{AcquireError, AcquireUntilError, MAX_PERMITS, Permits, Semaphore};
use crate::lock::Lock;
use crate::primitive::Ordering::Relaxed;
use crate::wait::{Ask, Attempt, Conclude, Core, Link, Quick, Request, Stage, State, Wait, Wake, named_future};

impl Core for Semaphore {
    type State = Pool;

    #[inline(always)]
    fn lock(&self) -> &Lock<Pool> {
        &self.pool
    }
}

/// The request for permits: how many is what it brings along.
pub(crate) struct Acquire;

/// # Panics
/// Above the number of permits that can ever exist.
#[inline(always)]
#[track_caller]
pub(super) fn demand(permits: usize) -> Demand {
    assert!(permits <= MAX_PERMITS, "cannot acquire {permits} permits: more than MAX_PERMITS");
    Demand::new(permits)
}

impl Ask for Acquire {
    type Core = Semaphore;
    type Prize = Result<usize, AcquireError>;
    type Extra = Demand;

    #[inline(always)]
    fn quick(&mut self, demand: &mut Demand, pool: &mut Pool, _: &mut Option<Wake>) -> Quick<Self::Prize> {
        if demand.permits > pool.available {
            return if pool.closed { Quick::Ask } else { Quick::Wait };
        }
        if pool.take(demand.permits) || !pool.closed && demand.permits > 0 && pool.overtake_quickly(demand.permits) {
            return Quick::Done(Ok(demand.permits));
        }
        // It is closed, or none are wanted, or somebody waits.
        Quick::Ask
    }

    fn attempt(&mut self, demand: &mut Demand, pool: &mut Pool, effects: &mut Fx) -> Attempt<Self::Prize> {
        pool.attempt(demand.permits, effects)
    }

    fn undo(semaphore: &Semaphore, prize: Self::Prize) {
        if let Ok(permits) = prize {
            drop(Permits::new(semaphore, permits));
        }
    }
}

impl Request for Acquire {
    fn enqueue(&mut self, pool: &mut Pool, node: Link<Demand>, tell: &mut Option<Wake>) {
        pool.enqueue(node, tell);
    }

    fn looks_uninvited(&self, pool: &mut Pool) -> bool {
        !pool.line.is_fifo()
    }

    fn look(&mut self, pool: &mut Pool, node: Link<Demand>, effects: &mut Fx) -> Attempt<Self::Prize> {
        pool.look(node, effects).map_or(Attempt::Wait, |permits| Attempt::Done(Ok(permits)))
    }

    fn rearm(&mut self, pool: &mut Pool, node: Link<Demand>, _: &mut Fx) {
        pool.line.rearm(node);
    }

    fn redeem(&mut self, semaphore: &Semaphore, stage: Stage, demand: &mut Demand) -> Self::Prize {
        if stage != Stage::Granted {
            return Err(AcquireError);
        }
        // ORDERING: Relaxed, without a partner; it is only shown.
        semaphore.redeemed.fetch_add(demand.permits, Relaxed);
        Ok(demand.permits)
    }

    fn wants(demand: &Demand) -> usize {
        demand.permits
    }

    fn leave(&mut self, pool: &mut Pool, node: Link<Demand>, effects: &mut Fx) {
        pool.line.withdraw(node);
        pool.settle(effects);
    }

    fn hand_on(&mut self, pool: &mut Pool, demand: &mut Demand, effects: &mut Fx) {
        pool.ungrant(demand.permits);
        pool.give_back(demand.permits, effects);
    }
}

impl<H: Deref<Target = Semaphore>> Conclude<H> for Acquire {
    type Output = Result<Permits<H>, AcquireError>;

    #[inline(always)]
    fn conclude(&mut self, place: H, _: &mut Demand, prize: Self::Prize) -> Self::Output {
        prize.map(|permits| Permits::new(place, permits))
    }
}

named_future! {
    /// Waits for permits. Made by [`Semaphore::acquire`] and its siblings; `H` is `&Semaphore` or `Arc<Semaphore>`.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. Permits that were granted already go to the next waiter, and if it stood at the head,
    /// those behind it who fit are served; a nudge goes to the next. Nothing is lost; asking again joins at the back.
    pub struct Acquiring[H] where [H: Deref<Target = Semaphore>]
        = Wait<H, Acquire> => Result<Permits<H>, AcquireError>, until Result<Permits<H>, AcquireUntilError>;
}
