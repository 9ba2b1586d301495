//! Acquiring permits.

use alloc::sync::Arc;
use core::ops::Deref;

use super::error::{AcquireError, AcquireUntilError, TryAcquireError};
use super::permit::{OwnedPermit, Permit, Permits};
use super::semaphore::Semaphore;
use super::state::{Fx, Pool};
use crate::primitive::Ordering::Relaxed;
use crate::record::{Origin, Place};
use crate::wait::{Attempt, Demand, Fast, Link, Operation, Stage, Wait, Waitable, Wake, attempt, named_future};

/// The operation of acquiring permits. Its payload is how many.
pub(crate) struct Acquire;

/// # Panics
/// Above the limit: such a demand could never be met.
#[inline(always)]
#[track_caller]
pub(super) fn demand(semaphore: &Semaphore, permits: usize) -> Demand {
    assert!(permits <= semaphore.limit, "cannot acquire {permits} permits: more than the limit, or than MAX_PERMITS");
    Demand::new(permits)
}

impl Operation for Acquire {
    type On = Semaphore;
    type Output = Result<usize, AcquireError>;
    type Payload = Demand;

    #[inline(always)]
    fn try_fast(
        &mut self,
        demand: &mut Demand,
        pool: &mut Pool,
        _: &mut Option<Wake>,
        again: bool,
    ) -> Fast<Self::Output> {
        if again {
            return Fast::Slow;
        }
        if demand.need > pool.available {
            return if pool.is_closed() { Fast::Slow } else { Fast::Wait };
        }
        if pool.take(demand.need) {
            return Fast::Done(Ok(demand.need));
        }
        if pool.is_closed() || demand.need == 0 {
            return Fast::Slow;
        }
        // A waiter comes first, unless a newcomer may pass it.
        if pool.line.is_fifo() {
            return Fast::Wait;
        }
        if pool.overtake_fast(demand.need) { Fast::Done(Ok(demand.need)) } else { Fast::Slow }
    }

    fn try_slow(&mut self, demand: &mut Demand, pool: &mut Pool, effects: &mut Fx) -> Attempt<Self::Output> {
        pool.acquire(demand.need, effects)
    }

    fn undo(semaphore: &Semaphore, output: Self::Output) {
        if let Ok(permits) = output {
            drop(Permits::new(semaphore, permits, Origin::none()));
        }
    }
}

impl Waitable for Acquire {
    fn enqueue(&mut self, pool: &mut Pool, node: Link<Demand>, to_wake: &mut Option<Wake>) {
        pool.enqueue(node, to_wake);
    }

    fn retry(&mut self, pool: &mut Pool, node: Link<Demand>, _woken: bool, effects: &mut Fx) -> Attempt<Self::Output> {
        if pool.line.is_fifo() {
            return Attempt::Wait;
        }
        pool.retry(node, effects).map_or(Attempt::Wait, |permits| Attempt::Done(Ok(permits)))
    }

    fn rearm(&mut self, pool: &mut Pool, node: Link<Demand>, _: &mut Fx) {
        pool.line.rearm(node);
    }

    fn redeem(&mut self, semaphore: &Semaphore, stage: Stage, demand: &mut Demand) -> Self::Output {
        if stage != Stage::Granted {
            return Err(AcquireError);
        }
        // ORDERING: Relaxed, without a partner: the count is only shown.
        semaphore.redeemed.fetch_add(demand.need, Relaxed);
        Ok(demand.need)
    }

    fn wants(demand: &Demand) -> usize {
        demand.need
    }

    fn leave(&mut self, pool: &mut Pool, node: Link<Demand>, effects: &mut Fx) {
        pool.line.withdraw(node);
        pool.settle(effects);
    }

    fn hand_on(&mut self, pool: &mut Pool, demand: &mut Demand, effects: &mut Fx) {
        pool.ungrant(demand.need);
        pool.give_back(demand.need, effects);
    }
}

impl Semaphore {
    /// Waits for one permit.
    ///
    /// The permit borrows the semaphore. [`acquire_owned`](Self::acquire_owned) returns one that can move into another
    /// task or thread.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line. A permit that was already granted goes to the next waiter.
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    #[doc(alias("wait", "P", "down", "sem_wait"))]
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn acquire(&self) -> Acquiring<&Self> {
        Acquiring::new(Wait::new(self, Acquire, Demand::new(1)))
    }

    /// Waits for `n` permits and takes them together. With `n` = 0 it never waits: it succeeds unless the semaphore is
    /// closed.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire).
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    ///
    /// # Panics
    /// At the call, if `n` is above the limit, which is [`MAX_PERMITS`](Self::MAX_PERMITS) unless
    /// [`with_limit`](Self::with_limit) sets it.
    #[inline(always)]
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> Acquiring<&Self> {
        Acquiring::new(Wait::new(self, Acquire, demand(self, n)))
    }

    /// Like [`acquire`](Self::acquire), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire).
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire).
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(sempost::Semaphore::new(1));
    /// let permit: sempost::OwnedPermit = semaphore.acquire_owned().await.unwrap();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # });
    /// ```
    #[doc(alias = "acquire_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn acquire_owned(self: &Arc<Self>) -> Acquiring<Arc<Self>> {
        Acquiring::new(Wait::new(Arc::clone(self), Acquire, Demand::new(1)))
    }

    /// Like [`acquire_many`](Self::acquire_many), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`acquire_many`](Self::acquire_many).
    ///
    /// # Errors
    /// As [`acquire_many`](Self::acquire_many).
    ///
    /// # Panics
    /// At the call, if `n` is above the limit, which is [`MAX_PERMITS`](Self::MAX_PERMITS) unless
    /// [`with_limit`](Self::with_limit) sets it.
    #[track_caller]
    pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> Acquiring<Arc<Self>> {
        Acquiring::new(Wait::new(Arc::clone(self), Acquire, demand(self, n)))
    }

    /// Takes one permit if it is available and no waiter comes first. With another [`Fairness`](crate::Fairness) than
    /// `Fifo` a newcomer may pass waiters.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It waits at most for another thread to leave a
    /// critical section of a few dozen instructions, so it must not be called from a signal handler.
    ///
    /// # Errors
    /// [`Closed`](TryAcquireError::Closed) once the semaphore is closed, even if permits are available;
    /// [`NoPermits`](TryAcquireError::NoPermits) otherwise.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_acquire(&self) -> Result<Permit<'_>, TryAcquireError> {
        try_acquire(self, Demand::new(1), Origin::here())
    }

    /// Takes `n` permits if they are available and no waiter comes first. With another [`Fairness`](crate::Fairness)
    /// than `Fifo` a newcomer may pass waiters.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Panics
    /// If `n` is above the limit, as [`acquire_many`](Self::acquire_many).
    #[inline(always)]
    #[track_caller]
    pub fn try_acquire_many(&self, n: usize) -> Result<Permit<'_>, TryAcquireError> {
        try_acquire(self, demand(self, n), Origin::here())
    }

    /// Like [`try_acquire`](Self::try_acquire), but keeps the `Arc`.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    #[doc(alias = "try_acquire_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_acquire_owned(self: &Arc<Self>) -> Result<OwnedPermit, TryAcquireError> {
        try_acquire(Arc::clone(self), Demand::new(1), Origin::here())
    }

    /// Like [`try_acquire_many`](Self::try_acquire_many), but keeps the `Arc`.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Panics
    /// If `n` is above the limit, as [`acquire_many`](Self::acquire_many).
    #[track_caller]
    pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Result<OwnedPermit, TryAcquireError> {
        try_acquire(Arc::clone(self), demand(self, n), Origin::here())
    }

    /// Waits for one permit on this thread. Short for `acquire().wait()`. Never call it inside a task.
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    #[doc(alias = "blocking_acquire")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn acquire_blocking(&self) -> Result<Permit<'_>, AcquireError> {
        self.acquire().wait()
    }
}

/// For primitives that wait in this line: the place is that of their own future.
impl Semaphore {
    pub(crate) fn acquire_at(self: &Arc<Self>, n: usize, place: Place) -> Acquiring<Arc<Self>> {
        Acquiring::new(Wait::born_at(place, Arc::clone(self), Acquire, Demand::new(n)))
    }

    #[inline(always)]
    pub(crate) fn try_acquire_by(
        self: &Arc<Self>,
        n: usize,
        origin: Origin<'_>,
    ) -> Result<OwnedPermit, TryAcquireError> {
        try_acquire(Arc::clone(self), Demand::new(n), origin)
    }
}

#[inline(always)]
fn try_acquire<H: Deref<Target = Semaphore>>(
    semaphore: H,
    mut demand: Demand,
    origin: Origin<'_>,
) -> Result<Permits<H>, TryAcquireError> {
    match attempt(&*semaphore, &mut Acquire, &mut demand) {
        Some(Ok(permits)) => Ok(Permits::new(semaphore, permits, origin)),
        Some(Err(AcquireError)) => Err(TryAcquireError::Closed),
        None => Err(TryAcquireError::NoPermits),
    }
}

named_future! {
    /// Waits for permits. Returned by [`Semaphore::acquire`] and its siblings. `H` is `&Semaphore` or `Arc<Semaphore>`.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line, and nothing is lost. Permits that were already granted go to the next waiter. So
    /// does a wake-up to retry. If it was first in line, the waiters behind it are served as far as the permits
    /// suffice. Another `acquire` joins at the back.
    pub struct Acquiring[H] where [H: Deref<Target = Semaphore>]
        = Wait<H, Acquire>
        => Result<Permits<H>, AcquireError>:
            |semaphore, _, acquired, origin| acquired.map(|n| Permits::new(semaphore, n, origin)),
        until Result<Permits<H>, AcquireUntilError>:
            |acquired| acquired.map_err(|AcquireError| AcquireUntilError::Closed),
        elapsed: |_, _| Err(AcquireUntilError::Elapsed);
}
