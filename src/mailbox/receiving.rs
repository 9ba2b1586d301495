//! Waiting for messages: one at a time or many.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::seat::Leaving;
use super::shared::Shared;
use super::side::Ticket;
use super::state::{Fx, Post};
use crate::lock::LockGuard;
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, Elapsed, Foreign, Link, Own, Quick, Request, Stage, State, TURN, Wait,
    Waiter, Wake, attempt, award, award_quickly, decide, each, named_future,
};

/// How to take what is there.
pub(crate) trait Take<T> {
    type Prize;

    /// Takes what is there, if it takes no more than that; `claimed` if it gives up a claim for it.
    #[inline(always)]
    fn take_quickly(&mut self, _: &mut Post<T>, _claimed: bool, _tell: &mut Option<Wake>) -> Quick<Self::Prize> {
        Quick::Ask
    }

    /// Takes from the `available` messages, of which there is at least one.
    fn take(&mut self, post: &mut Post<T>, available: usize, effects: &mut Fx<T>) -> Attempt<Self::Prize>;

    /// Whether there is room for at least one.
    fn has_room(&mut self) -> bool {
        true
    }

    /// Makes room, outside the lock.
    fn prepare(&mut self, _shared: &Shared<T>) {}

    /// What there is to answer when nothing more is there: `None` if it is worth waiting.
    fn so_far(&mut self) -> Option<Self::Prize>;

    /// The answer at the end.
    fn end(&mut self) -> Self::Prize;

    /// What can be put back.
    fn message(prize: Self::Prize) -> Option<T>;
}

/// One message.
pub(crate) struct One;

impl<T> Take<T> for One {
    type Prize = Option<T>;

    #[inline(always)]
    fn take_quickly(&mut self, post: &mut Post<T>, claimed: bool, tell: &mut Option<Wake>) -> Quick<Option<T>> {
        if claimed { post.use_claim_quickly(tell) } else { post.receive_quickly(tell) }
    }

    fn take(&mut self, post: &mut Post<T>, _: usize, effects: &mut Fx<T>) -> Attempt<Option<T>> {
        Attempt::Done(post.take(effects))
    }

    fn so_far(&mut self) -> Option<Option<T>> {
        None
    }

    fn end(&mut self) -> Option<T> {
        None
    }

    fn message(prize: Option<T>) -> Option<T> {
        prize
    }
}

/// Up to `left` messages more, into a buffer.
pub(crate) struct Many<'a, T> {
    buffer: Own<&'a mut Vec<T>>,
    left: usize,
    taken: usize,
}

impl<'a, T> Many<'a, T> {
    pub(super) fn new(buffer: &'a mut Vec<T>, limit: usize) -> Self {
        Self { buffer: Own::new(buffer), left: limit, taken: 0 }
    }
}

impl<T> Take<T> for Many<'_, T> {
    type Prize = usize;

    // Never more than fits: a `Vec` must not grow under the lock.
    fn take(&mut self, post: &mut Post<T>, available: usize, effects: &mut Fx<T>) -> Attempt<usize> {
        if self.taken == 0 {
            // What comes while we take is for the next call: producers who keep up must not hold us for ever.
            self.left = self.left.min(available);
        }
        let buffer = self.buffer.get_mut();
        let room = buffer.capacity() - buffer.len();
        let turn = available.min(self.left).min(room).min(TURN);
        let before = buffer.len();
        post.take_many(turn, effects, |message| buffer.push(message));
        self.taken += buffer.len() - before;
        self.left -= buffer.len() - before;
        if self.left == 0 || post.available() == 0 && self.taken > 0 {
            Attempt::Done(self.taken)
        } else {
            Attempt::Provide
        }
    }

    fn has_room(&mut self) -> bool {
        let buffer = self.buffer.get_mut();
        self.left == 0 || buffer.capacity() > buffer.len()
    }

    fn prepare(&mut self, shared: &Shared<T>) {
        let there = shared.read(|post| post.queue.len());
        self.buffer.get_mut().reserve(there.clamp(1, TURN).min(self.left));
    }

    fn so_far(&mut self) -> Option<usize> {
        (self.taken > 0 || self.left == 0).then_some(self.taken)
    }

    fn end(&mut self) -> usize {
        self.taken
    }

    fn message(_: usize) -> Option<T> {
        None
    }
}

/// The request for messages.
pub(crate) struct Receive<T, M> {
    mode: M,
    _messages: PhantomData<fn() -> T>,
}

impl<T, M> Receive<T, M> {
    #[inline(always)]
    pub(super) fn new(mode: M) -> Self {
        Self { mode, _messages: PhantomData }
    }
}

impl<T, M: Take<T>> Ask for Receive<T, M> {
    type Core = Shared<T>;
    type Prize = M::Prize;
    type Extra = Ticket;

    #[inline(always)]
    fn quick(&mut self, _: &mut Ticket, post: &mut Post<T>, tell: &mut Option<Wake>) -> Quick<M::Prize> {
        self.mode.take_quickly(post, false, tell)
    }

    fn attempt(&mut self, _: &mut Ticket, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<M::Prize> {
        let available = post.available();
        if available > 0 {
            return self.mode.take(post, available, effects);
        }
        match self.mode.so_far() {
            Some(prize) => Attempt::Done(prize),
            None if post.is_terminal() => Attempt::Done(self.mode.end()),
            None => Attempt::Wait,
        }
    }

    fn provide(&mut self, shared: &Shared<T>) {
        self.mode.prepare(shared);
    }

    fn undo(shared: &Shared<T>, prize: M::Prize) {
        let Some(message) = M::message(prize) else { return };
        loop {
            let mut post = shared.lock().lock();
            if !post.queue.has_room_in_front() {
                drop(post);
                shared.stock();
                continue;
            }
            let mut effects = Effects::new();
            let mut back = post.put_back(message, &mut effects).err();
            drop(post);
            shared.carry_out(&mut effects);
            // Once the end was announced nobody is left to receive it.
            return each(|| back.take().map(drop).is_some());
        }
    }
}

impl<T, M: Take<T>> Request for Receive<T, M> {
    fn prepare(&mut self, ticket: &mut Ticket, post: &mut Post<T>) {
        post.receivers.number(ticket);
    }

    fn enqueue(&mut self, post: &mut Post<T>, node: Link<Ticket>, _: &mut Option<Wake>) {
        post.receivers.enqueue(node);
    }

    fn joined(&mut self, post: &mut Post<T>, effects: &mut Fx<T>) {
        if post.capacity == 0 {
            // A reservation may have waited for one more receiver, or one set aside is not needed any more.
            post.settle(effects);
        }
    }

    fn look(&mut self, post: &mut Post<T>, node: Link<Ticket>, effects: &mut Fx<T>) -> Attempt<M::Prize> {
        let available = match post.capacity {
            0 => {
                let seat = post.receivers.line.contents(node).0.is_seat();
                usize::from(post.has_supply_for(seat))
            }
            _ => post.available(),
        };
        if available == 0 {
            return self.mode.so_far().map_or(Attempt::Wait, |prize| {
                post.receivers.withdraw(node);
                post.settle(effects);
                Attempt::Done(prize)
            });
        }
        if !self.mode.has_room() {
            return Attempt::Provide;
        }
        // Out of the line first: taking the last message of a closed mailbox ends the wait of everybody in it.
        post.receivers.withdraw(node);
        match self.mode.take(post, available, effects) {
            Attempt::Done(prize) => Attempt::Done(prize),
            // There is more, but one turn is enough for a waiter that was only told to look.
            _ => self.mode.so_far().map_or(Attempt::Wait, Attempt::Done),
        }
    }

    fn rearm(&mut self, post: &mut Post<T>, node: Link<Ticket>, effects: &mut Fx<T>) {
        post.receivers.rearm(node);
        if post.capacity == 0 {
            // It may have declined a message because it is kept for another: somebody else can have it.
            post.settle(effects);
        }
    }

    // A buffer may be unable to grow.
    #[inline(always)]
    fn equip(&mut self, shared: &Shared<T>, stage: Stage) {
        if stage == Stage::Granted {
            self.mode.prepare(shared);
        }
    }

    /// Gives the claim up for what is at the front.
    #[inline(always)]
    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, ticket: &mut Ticket) -> M::Prize {
        if stage != Stage::Granted {
            return self.mode.end();
        }
        let mut post = shared.lock().lock();
        let mut tell = None;
        if let Quick::Done(prize) = self.mode.take_quickly(&mut post, true, &mut tell) {
            drop(post);
            return award_quickly::<Self>(shared, &mut tell, prize);
        }
        self.redeem_properly(shared, ticket, post)
    }

    fn leave(&mut self, post: &mut Post<T>, node: Link<Ticket>, effects: &mut Fx<T>) {
        post.receivers.withdraw(node);
        post.settle(effects);
    }

    fn hand_on(&mut self, post: &mut Post<T>, _: &mut Ticket, effects: &mut Fx<T>) {
        post.claims -= 1;
        post.settle(effects);
    }
}

impl<T, M: Take<T>> Receive<T, M> {
    #[inline(never)]
    fn redeem_properly(
        &mut self,
        shared: &Shared<T>,
        ticket: &mut Ticket,
        mut post: LockGuard<'_, Post<T>>,
    ) -> M::Prize {
        let mut effects = Effects::new();
        post.claims -= 1;
        let available = post.available();
        let verdict = self.mode.take(&mut post, available, &mut effects);
        drop(post);
        match verdict {
            Attempt::Done(prize) => award::<Self>(shared, &mut effects, prize),
            _ => {
                shared.carry_out(&mut effects);
                attempt(shared, self, ticket).unwrap_or_else(|| self.mode.end())
            }
        }
    }
}

impl<'a, T, M: Take<T>> Conclude<&'a Shared<T>> for Receive<T, M> {
    type Output = M::Prize;

    #[inline(always)]
    fn conclude(&mut self, _: &'a Shared<T>, _: &mut Ticket, prize: M::Prize) -> M::Prize {
        prize
    }
}

/// Takes a handle's waiter out of the line, as far as `leaving` says; a nudge it had goes to the next.
pub(super) fn withdraw<T>(shared: &Shared<T>, waiter: &Waiter<Ticket>, leaving: Leaving) {
    let Some(node) = waiter.link() else { return };
    let waker = decide(shared, |post, effects| {
        let queued = waiter.stage() == Some(Stage::Queued);
        if !queued || leaving == Leaving::IfTold && !post.receivers.was_told(node) {
            return Foreign::new(None);
        }
        post.receivers.withdraw(node);
        post.settle(effects);
        Foreign::new(waiter.wake(post).take())
    });
    drop(waker);
}

named_future! {
    /// Waits for a message. Made by [`Receiver::recv`](super::Receiver::recv); `None` means that none will come any more.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. It never holds a message: one that it was woken for stays in the queue, in its place,
    /// and the next receiver is woken for it.
    pub struct Receiving['a, T] where [] = Wait<&'a Shared<T>, Receive<T, One>>
        => Option<T>, until Result<Option<T>, Elapsed>;
}

named_future! {
    /// Waits for messages. Made by [`Receiver::recv_many`](super::Receiver::recv_many); answers how many were taken.
    ///
    /// # Cancel safety
    /// As [`Receiving`]; messages that are in the buffer were received.
    pub struct ReceivingMany['a, T] where [] = Wait<&'a Shared<T>, Receive<T, Many<'a, T>>>
        => usize, until Result<usize, Elapsed>;
}
