//! Waiting to send a message.

use core::marker::PhantomData;
use core::ops::Deref;
use core::pin::Pin;

use super::error::SendError;
use super::shared::Shared;
use super::state::{Fx, Offer, Post, Shut};
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, Link, Own, Request, Stage, State, Wait, Waiter, decide, named_future,
};

/// Where a message is that is to be sent.
pub(crate) trait Outgoing<T> {
    fn message(&mut self) -> &mut Option<T>;
}

impl<T> Outgoing<T> for Own<Option<T>> {
    #[inline(always)]
    fn message(&mut self) -> &mut Option<T> {
        self.get_mut()
    }
}

impl<T> Outgoing<T> for &mut Option<T> {
    fn message(&mut self) -> &mut Option<T> {
        self
    }
}

/// The request to send what is in `value`: the future's own `Option`, or a handle's outbox.
///
/// In a mailbox with slots the message stays there until it is pushed. At capacity 0 it goes into the node, where a
/// receiver can take it.
pub(crate) struct Send<T, V = Own<Option<T>>> {
    pub(super) value: V,
    /// The handle was finished: it answers closed, whatever the mailbox says.
    shut: bool,
    seat: bool,
    _message: PhantomData<fn(T)>,
}

impl<T, V: Outgoing<T>> Send<T, V> {
    #[inline(always)]
    pub(super) fn new(value: V, shut: bool) -> Self {
        Self { value, shut, seat: false, _message: PhantomData }
    }

    pub(super) fn seated(value: V) -> Self {
        Self { seat: true, ..Self::new(value, false) }
    }
}

impl<T, V: Outgoing<T>> Ask for Send<T, V> {
    type Core = Shared<T>;
    type Prize = Result<(), Shut>;

    #[inline(always)]
    fn attempt(&mut self, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if self.shut {
            Attempt::Done(Err(Shut))
        } else if post.capacity == 0 && !post.closed {
            // A meeting needs both: the message is held out, and a receiver comes for it.
            Attempt::Wait
        } else {
            post.try_send(self.value.message(), effects)
        }
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}

impl<T, V: Outgoing<T>> Request for Send<T, V> {
    type Extra = Offer<T>;

    const LINE: usize = 1;

    fn extra(&mut self, post: &mut Post<T>) -> Offer<T> {
        let meeting = post.capacity == 0;
        let value = if meeting { self.value.message().take() } else { None };
        Offer { ticket: post.senders.ticket(self.seat && !meeting), need: 1, value }
    }

    fn enqueue(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) {
        post.senders.enqueue(node);
        if post.capacity == 0 {
            // Always with a message: one whose message is gone has answered.
            post.offers += 1;
            post.settle(effects);
        }
    }

    fn look(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if post.free < 1 {
            return Attempt::Wait;
        }
        if !post.queue.has_room() {
            return Attempt::Provide;
        }
        post.senders.withdraw(node);
        if let Some(value) = self.value.message().take() {
            post.take_slots(1);
            post.push(value, effects);
        }
        Attempt::Done(Ok(()))
    }

    fn rearm(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Fx<T>) {
        post.senders.rearm(node);
    }

    /// Granted means a slot, which is used now – unless the mailbox was closed meanwhile – or, at capacity 0, taken.
    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, extra: Offer<T>) -> Self::Prize {
        let value = self.value.message();
        if let Some(unsent) = extra.value {
            *value = Some(unsent);
        }
        if shared.capacity == 0 || stage != Stage::Granted {
            return if stage == Stage::Granted { Ok(()) } else { Err(Shut) };
        }
        let mut effects = Effects::new();
        loop {
            let mut post = shared.lock().lock();
            if post.closed {
                return Err(Shut);
            }
            if !post.queue.has_room() {
                drop(post);
                shared.stock();
                continue;
            }
            match value.take() {
                Some(value) => post.push(value, &mut effects),
                None => post.free_slots(1, &mut effects),
            }
            break;
        }
        shared.carry_out(&mut effects);
        Ok(())
    }

    fn leave(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) {
        leave(post, node, effects);
    }

    fn hand_on(&mut self, post: &mut Post<T>, offer: &mut Offer<T>, effects: &mut Fx<T>) {
        if post.capacity > 0 {
            post.free_slots(offer.need, effects);
        }
    }
}

/// A queued sender gives up, with what it holds out.
pub(super) fn leave<T>(post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) {
    // After close the offers are void, and not counted any more.
    if post.senders.line.contents(node).0.value.is_some() && !post.closed {
        post.offers -= 1;
    }
    post.senders.withdraw(node);
    post.settle(effects);
}

/// Takes a handle's waiter out of the line; a nudge it had goes to the next. One that holds a message out stays where it
/// is, unless it is the `last` thing that the handle does.
pub(super) fn withdraw<T>(shared: &Shared<T>, waiter: &Waiter<Offer<T>>, last: bool) {
    let Some(node) = waiter.link() else { return };
    let waker = decide(shared, |post, effects| {
        let queued = waiter.stage() == Some(Stage::Queued);
        if !queued || !last && post.senders.line.contents(node).0.value.is_some() {
            return None;
        }
        leave(post, node, effects);
        waiter.wake(post).take()
    });
    drop(waker);
}

impl<T, H: Deref<Target = Shared<T>>> Conclude<H> for Send<T> {
    type Output = Result<(), SendError<T>>;

    #[inline(always)]
    fn conclude(&mut self, _: H, prize: Self::Prize) -> Self::Output {
        match (prize, self.value.message().take()) {
            (Err(Shut), Some(value)) => Err(SendError(value)),
            _ => Ok(()),
        }
    }
}

named_future! {
    /// Waits to send a message. Made by [`Sender::send`](super::Sender::send).
    ///
    /// # Cancel safety
    /// Dropping it before it answered means that the message was *not* sent; it is dropped with the future.
    /// [`cancel`](Self::cancel) gives it back instead. A slot that was granted already goes to the next sender. (At
    /// capacity 0 a receiver may have taken the message already; then nothing is left to cancel.)
    pub struct Sending['a, T] where [] = Wait<&'a Shared<T>, Send<T>> => Result<(), SendError<T>>;
}

impl<T> Sending<'_, T> {
    /// Gives up, and answers the message if it was not sent. Afterwards the future is finished.
    ///
    /// # Examples
    /// ```
    /// use futures::FutureExt;
    ///
    /// let (sender, receiver) = sempost::mailbox::bounded(1);
    /// sender.try_send("first").unwrap();
    /// let mut second = std::pin::pin!(sender.send("second"));
    /// assert!(second.as_mut().now_or_never().is_none(), "the mailbox is full");
    /// assert_eq!(second.cancel(), Some("second"));
    /// # drop(receiver);
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        let mut wait = self.project().wait;
        let held_out = wait.as_mut().retire().and_then(|offer| offer.value);
        held_out.or_else(|| wait.stop().value.message().take())
    }
}
