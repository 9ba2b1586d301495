//! Reserving slots, before there are messages for them.

use core::marker::PhantomData;

use super::error::{Closed, ReserveUntilError, TryReserveError};
use super::owned::Owner;
use super::permit::{OwnedSendPermit, SendPermit, SendPermits, release};
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Fx, MAX_CAPACITY, MailboxState, PendingSend, UNBOUNDED};
use crate::record::Origin;
use crate::wait::{
    Attempt, Link, Operation, Primitive, Stage, Ticket, Wait, Waitable, Wake, attempt, decide, named_future,
};

impl<T> Sender<T> {
    /// Waits for a slot, before there is a message for it. At capacity 0 it sets aside a receiver that waits in `recv`.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait. A slot that was granted already goes to the next sender.
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn reserve(&self) -> Reserving<'_, T> {
        Reserving::new(self.reservation(1))
    }

    /// Waits for `n` slots at once. If `n` is 0 it never waits.
    ///
    /// # Cancel safety
    /// As [`reserve`](Self::reserve).
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed.
    ///
    /// # Panics
    /// At the call, if `n` is above the capacity (at capacity 0: above 1).
    #[track_caller]
    pub fn reserve_many(&self, n: usize) -> ReservingMany<'_, T> {
        ReservingMany::new(self.reservation(n))
    }

    /// Like [`reserve`](Self::reserve), but the future owns the sender, and then the permit does.
    ///
    /// # Cancel safety
    /// As [`reserve`](Self::reserve). The sender is dropped with the future.
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed. **Then the sender is dropped.**
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn reserve_owned(self) -> ReservingOwned<T> {
        let demand = Reserve::<T, OnePermit>::payload(&self.shared, 1, self.cancel_poll());
        ReservingOwned::new(Wait::new(Owner(self), Reserve::new(), demand))
    }

    /// Reserves a slot, if one is free and no earlier sender waits for it. Where senders may pass
    /// ([`bounded_with`](super::bounded_with)), it may pass those that wait.
    ///
    /// # Errors
    /// [`Full`](TryReserveError::Full) if no slot is free or an earlier sender waits for it,
    /// [`Closed`](TryReserveError::Closed) if the mailbox is closed.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_reserve(&self) -> Result<SendPermit<'_, T>, TryReserveError> {
        let origin = Origin::here();
        self.try_reserve_slots(1).map(|()| SendPermit::new(&self.shared, origin))
    }

    /// Reserves `n` slots, if they are free and no earlier sender waits for them.
    ///
    /// # Errors
    /// As [`try_reserve`](Self::try_reserve).
    ///
    /// # Panics
    /// If `n` is above the capacity (at capacity 0: above 1).
    #[track_caller]
    pub fn try_reserve_many(&self, n: usize) -> Result<SendPermits<'_, T>, TryReserveError> {
        let origin = Origin::here();
        self.try_reserve_slots(n).map(|()| SendPermits::new(&self.shared, n, origin))
    }

    /// Like [`try_reserve`](Self::try_reserve), but the permit owns the sender.
    ///
    /// # Errors
    /// As [`try_reserve`](Self::try_reserve). Gives the sender back.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_reserve_owned(self) -> Result<OwnedSendPermit<T>, (Self, TryReserveError)> {
        match self.try_reserve_slots(1) {
            Ok(()) => Ok(OwnedSendPermit::new(self, Origin::here())),
            Err(error) => Err((self, error)),
        }
    }

    #[inline(always)]
    #[track_caller]
    fn reservation<P: Purpose>(&self, n: usize) -> Wait<&Shared<T>, Reserve<T, P>> {
        let demand = Reserve::<T, P>::payload(&self.shared, n, self.cancel_poll());
        Wait::new(&*self.shared, Reserve::new(), demand)
    }

    #[track_caller]
    pub(super) fn try_reserve_slots(&self, n: usize) -> Result<(), TryReserveError> {
        let mut demand = Reserve::<T, ManyPermits>::payload(&self.shared, n, self.cancel_poll());
        match attempt(&*self.shared, &mut Reserve::<T, ManyPermits>::new(), &mut demand) {
            Some(Ok(_)) => Ok(()),
            Some(Err(Closed)) => Err(TryReserveError::Closed),
            None => Err(TryReserveError::Full),
        }
    }
}

/// The operation of reserving slots, for the purpose `P`.
pub(crate) struct Reserve<T, P>(PhantomData<fn() -> (T, P)>);

/// What reserved slots are for.
pub(crate) trait Purpose {
    /// Whether they become permits, which stay valid after close.
    const PERMITS: bool = true;
}

/// For one permit.
pub(crate) struct OnePermit;
/// For an iterator of permits.
pub(crate) struct ManyPermits;
/// For the next message of a sink. Such a slot can lapse.
pub(crate) struct HandleSlot;

impl Purpose for OnePermit {}
impl Purpose for ManyPermits {}
impl Purpose for HandleSlot {
    const PERMITS: bool = false;
}

impl<T, P: Purpose> Reserve<T, P> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }

    /// # Panics
    /// If the mailbox can never have that many slots.
    #[track_caller]
    pub(super) fn payload(shared: &Shared<T>, need: usize, finished: bool) -> PendingSend<T> {
        let most = if shared.capacity == UNBOUNDED { MAX_CAPACITY } else { shared.capacity.max(1) };
        assert!(need <= most, "cannot reserve {need} slots of a mailbox of capacity {most}");
        PendingSend::new(Ticket::of(false, finished), need, None)
    }

    /// Takes free slots. They count as granted until they become permits.
    fn take(&self, state: &mut MailboxState<T>, need: usize) {
        if state.capacity > 0 {
            state.hold_slots(need);
        } else {
            state.set_aside += need;
            state.announce_rendezvous();
        }
        if P::PERMITS {
            state.make_permits(need);
        } else {
            state.ready += need;
        }
    }
}

impl<T, P: Purpose> Operation for Reserve<T, P> {
    type On = Shared<T>;
    /// How many slots.
    type Output = Result<usize, Closed>;
    type Payload = PendingSend<T>;

    fn try_slow(
        &mut self,
        pending: &mut PendingSend<T>,
        state: &mut MailboxState<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        if pending.ticket.is_finished() || state.closed {
            return Attempt::Done(Err(Closed));
        }
        let need = pending.need;
        let may = match state.capacity {
            _ if need == 0 => true,
            0 => state.may_take_receivers(need),
            _ if state.has_line() => state.pass(need),
            _ => state.may_take(need) && need as i64 <= state.reservable(),
        };
        if !may {
            return Attempt::Wait;
        }
        if state.capacity > 0 {
            state.use_announced(need);
        }
        self.take(state, need);
        state.settle_line(effects);
        Attempt::Done(Ok(need))
    }

    fn undo(shared: &Shared<T>, output: Self::Output) {
        match output {
            Ok(slots) if P::PERMITS => release(shared, slots),
            Ok(slots) => decide(shared, |state, effects| {
                state.unready(slots);
                state.give_back(slots, effects);
            }),
            Err(Closed) => {}
        }
    }
}

impl<T, P: Purpose> Waitable for Reserve<T, P> {
    const HINT: usize = 1;

    fn enqueue(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, _: &mut Option<Wake>) {
        state.enqueue_sender(node);
    }

    fn retry(
        &mut self,
        state: &mut MailboxState<T>,
        node: Link<PendingSend<T>>,
        woken: bool,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        let need = state.senders.payload(node).need;
        let free = match state.capacity {
            0 => state.free_receivers(),
            _ => usize::try_from(state.reservable()).unwrap_or(0),
        };
        if woken && state.closed {
            state.remove_sender(node);
            return Attempt::Done(Err(Closed));
        }
        if !state.may_take_in_turn(node, woken, free) {
            return Attempt::Wait;
        }
        state.take_in_turn(node, free);
        self.take(state, need);
        state.settle_line(effects);
        Attempt::Done(Ok(need))
    }

    fn rearm(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, _: &mut Fx<T>) {
        state.rearm_sender(node);
    }

    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, pending: &mut PendingSend<T>) -> Self::Output {
        let mut state = shared.lock().lock();
        if stage != Stage::Granted || state.closed {
            return Err(Closed);
        }
        state.make_permits(pending.need);
        Ok(pending.need)
    }

    fn leave(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, effects: &mut Fx<T>) {
        state.withdraw_sender(node, effects);
    }

    fn hand_on(&mut self, state: &mut MailboxState<T>, pending: &mut PendingSend<T>, effects: &mut Fx<T>) {
        state.give_back(pending.need, effects);
    }

    fn wants(pending: &PendingSend<T>) -> usize {
        pending.need
    }
}

/// What a reservation with a deadline returns.
fn in_time<P>(reserved: Result<P, Closed>) -> Result<P, ReserveUntilError> {
    reserved.map_err(|Closed| ReserveUntilError::Closed)
}

named_future! {
    /// Waits for a slot. Made by [`Sender::reserve`].
    ///
    /// # Cancel safety
    /// Dropping it ends the wait. A slot that was granted already goes to the next sender.
    pub struct Reserving['a, T] where []
        = Wait<&'a Shared<T>, Reserve<T, OnePermit>>
        => Result<SendPermit<'a, T>, Closed>:
            |shared, _, slots, origin| slots.map(|_| SendPermit::new(shared, origin)),
        until Result<SendPermit<'a, T>, ReserveUntilError>: in_time,
        elapsed: |_, _| Err(ReserveUntilError::Elapsed);
}

named_future! {
    /// Waits for several slots at once. Made by [`Sender::reserve_many`].
    ///
    /// # Cancel safety
    /// As [`Reserving`].
    pub struct ReservingMany['a, T] where []
        = Wait<&'a Shared<T>, Reserve<T, ManyPermits>>
        => Result<SendPermits<'a, T>, Closed>:
            |shared, _, slots, origin| slots.map(|n| SendPermits::new(shared, n, origin)),
        until Result<SendPermits<'a, T>, ReserveUntilError>: in_time,
        elapsed: |_, _| Err(ReserveUntilError::Elapsed);
}

named_future! {
    /// Like [`Reserving`], but owns the sender. Made by [`Sender::reserve_owned`].
    ///
    /// # Cancel safety
    /// As [`Reserving`]. The sender is dropped with the future, and also if the result is no permit.
    pub struct ReservingOwned[T] where [] = Wait<Owner<Sender<T>>, Reserve<T, OnePermit>>
        => Result<OwnedSendPermit<T>, Closed>:
            |owner: Owner<_>, _, slots, origin| slots.map(|_| OwnedSendPermit::new(owner.0, origin)),
        until Result<OwnedSendPermit<T>, ReserveUntilError>: in_time,
        elapsed: |_, _| Err(ReserveUntilError::Elapsed);
}
