//! Waiting for slots, before there is a message.

use core::marker::PhantomData;

use super::error::{Closed, ReserveUntilError};
use super::owned::Owner;
use super::permit::{OwnedSendPermit, SendPermit, SendPermits, release};
use super::sender::Sender;
use super::sending::leave;
use super::shared::Shared;
use super::side::Ticket;
use super::state::{Fx, Offer, Post, Shut, UNBOUNDED};
use crate::wait::{Ask, Attempt, Conclude, Core, Link, Request, Stage, State, Wait, Wake, decide, named_future};

/// The request for slots. `P` is what becomes of them.
pub(crate) struct Reserve<T, P>(PhantomData<fn() -> (T, P)>);

/// What becomes of slots.
pub(crate) trait Purpose {
    /// Whether they become permits, which stand even when the mailbox is closed.
    const PERMITS: bool = true;
}

/// One permit.
pub(crate) struct One;
/// An iterator of permits.
pub(crate) struct Many;
/// A slot of a handle that is about to send; it lapses easily.
pub(crate) struct Lapsing;

impl Purpose for One {}
impl Purpose for Many {}
impl Purpose for Lapsing {
    const PERMITS: bool = false;
}

impl<T, P: Purpose> Reserve<T, P> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }

    /// What it brings along.
    ///
    /// # Panics
    /// If the mailbox can never have that many slots.
    #[track_caller]
    pub(super) fn demand(shared: &Shared<T>, need: usize, shut: bool) -> Offer<T> {
        let most = if shared.capacity == UNBOUNDED { super::MAX_CAPACITY } else { shared.capacity.max(1) };
        assert!(need <= most, "cannot reserve {need} slots of a mailbox of capacity {most}");
        Offer::new(Ticket::new(false, shut), need, None)
    }

    /// The slots are taken out of what is free: they are a grant until they become permits.
    fn take(&self, post: &mut Post<T>, need: usize) {
        if post.capacity > 0 {
            post.hold_slots(need);
        } else {
            post.set_aside += need;
            post.cover_rendezvous();
        }
        if P::PERMITS {
            to_permits(post, need);
        } else {
            post.ready += need;
        }
    }
}

/// Granted slots become permits.
pub(super) fn to_permits<T>(post: &mut Post<T>, slots: usize) {
    post.permits += slots;
    if post.capacity == 0 {
        post.set_aside -= slots;
    }
}

/// Granted slots are not used. After close they are void already.
pub(super) fn give_back<T>(post: &mut Post<T>, slots: usize, effects: &mut Fx<T>) {
    if post.capacity > 0 || post.closed {
        return post.free_slots(slots, effects);
    }
    post.set_aside -= slots;
    post.settle(effects);
}

impl<T, P: Purpose> Ask for Reserve<T, P> {
    type Core = Shared<T>;
    /// How many, so that they can be given back.
    type Prize = Result<usize, Shut>;
    type Extra = Offer<T>;

    fn attempt(&mut self, offer: &mut Offer<T>, post: &mut Post<T>, _: &mut Fx<T>) -> Attempt<Self::Prize> {
        if offer.ticket.is_shut() || post.closed {
            return Attempt::Done(Err(Shut));
        }
        let need = offer.need;
        let may = match post.capacity {
            _ if need == 0 => true,
            0 => post.may_meet(need),
            _ => post.may_take(need) && need as i64 <= post.reservable(),
        };
        if !may {
            return Attempt::Wait;
        }
        self.take(post, need);
        Attempt::Done(Ok(need))
    }

    fn undo(shared: &Shared<T>, prize: Self::Prize) {
        match prize {
            Ok(slots) if P::PERMITS => release(shared, slots),
            Ok(slots) => decide(shared, |post, effects| {
                post.unready(slots);
                give_back(post, slots, effects);
            }),
            Err(Shut) => {}
        }
    }
}

impl<T, P: Purpose> Request for Reserve<T, P> {
    const LINE: usize = 1;

    fn prepare(&mut self, offer: &mut Offer<T>, post: &mut Post<T>) {
        post.senders.number(&mut offer.ticket);
    }

    fn enqueue(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Option<Wake>) {
        post.senders.enqueue(node);
    }

    fn look(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Fx<T>) -> Attempt<Self::Prize> {
        let need = post.senders.line.contents(node).0.need;
        let may = match post.capacity {
            0 => post.receivers_left() >= need,
            _ => need as i64 <= post.reservable(),
        };
        if !may && !post.closed {
            return Attempt::Wait;
        }
        post.senders.withdraw(node);
        if post.closed {
            return Attempt::Done(Err(Shut));
        }
        self.take(post, need);
        Attempt::Done(Ok(need))
    }

    fn rearm(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Fx<T>) {
        post.senders.rearm(node);
    }

    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, offer: &mut Offer<T>) -> Self::Prize {
        let mut post = shared.lock().lock();
        if stage != Stage::Granted || post.closed {
            return Err(Shut);
        }
        to_permits(&mut post, offer.need);
        Ok(offer.need)
    }

    fn leave(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) {
        leave(post, node, effects);
    }

    fn hand_on(&mut self, post: &mut Post<T>, offer: &mut Offer<T>, effects: &mut Fx<T>) {
        give_back(post, offer.need, effects);
    }

    fn wants(offer: &Offer<T>) -> usize {
        offer.need
    }
}

impl<'a, T> Conclude<&'a Shared<T>> for Reserve<T, One> {
    type Output = Result<SendPermit<'a, T>, Closed>;

    fn conclude(&mut self, shared: &'a Shared<T>, _: &mut Offer<T>, prize: Self::Prize) -> Self::Output {
        prize.map(|_| SendPermit::new(shared)).map_err(|Shut| Closed)
    }
}

impl<'a, T> Conclude<&'a Shared<T>> for Reserve<T, Many> {
    type Output = Result<SendPermits<'a, T>, Closed>;

    fn conclude(&mut self, shared: &'a Shared<T>, _: &mut Offer<T>, prize: Self::Prize) -> Self::Output {
        prize.map(|slots| SendPermits::new(shared, slots)).map_err(|Shut| Closed)
    }
}

impl<T> Conclude<Owner<Sender<T>>> for Reserve<T, One> {
    type Output = Result<OwnedSendPermit<T>, Closed>;

    fn conclude(&mut self, owner: Owner<Sender<T>>, _: &mut Offer<T>, prize: Self::Prize) -> Self::Output {
        prize.map(|_| OwnedSendPermit::new(owner.0)).map_err(|Shut| Closed)
    }
}

named_future! {
    /// Waits for a slot. Made by [`Sender::reserve`](super::Sender::reserve).
    ///
    /// # Cancel safety
    /// Dropping it leaves the line; a slot that was granted already goes to the next sender.
    pub struct Reserving['a, T] where []
        = Wait<&'a Shared<T>, Reserve<T, One>>
        => Result<SendPermit<'a, T>, Closed>, until Result<SendPermit<'a, T>, ReserveUntilError>;
}

named_future! {
    /// Waits for several slots at once. Made by [`Sender::reserve_many`](super::Sender::reserve_many).
    ///
    /// # Cancel safety
    /// As [`Reserving`].
    pub struct ReservingMany['a, T] where []
        = Wait<&'a Shared<T>, Reserve<T, Many>>
        => Result<SendPermits<'a, T>, Closed>, until Result<SendPermits<'a, T>, ReserveUntilError>;
}

named_future! {
    /// Like [`Reserving`], but keeps the sender. Made by [`Sender::reserve_owned`](super::Sender::reserve_owned).
    ///
    /// # Cancel safety
    /// As [`Reserving`]; the sender is dropped with the future, and with an answer that is no permit.
    pub struct ReservingOwned[T] where [] = Wait<Owner<Sender<T>>, Reserve<T, One>>
        => Result<OwnedSendPermit<T>, Closed>, until Result<OwnedSendPermit<T>, ReserveUntilError>;
}
