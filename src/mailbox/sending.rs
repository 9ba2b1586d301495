//! Waiting to send a message.

use core::cell::Cell;
use core::marker::PhantomData;
use core::pin::Pin;

use super::error::{SendError, SendUntilError};
use super::reserving::give_back;
use super::seat::Leaving;
use super::shared::Shared;
use super::side::Ticket;
use super::state::{Fx, Offer, Post, Shut};
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, Finally, Foreign, Link, Quick, Request, Stage, State, Wait, Waiter, Wake,
    award_quickly, decide, named_future,
};

/// The request to send the message that it brings along. In a mailbox with slots the message stays the sender's until it
/// is pushed; at capacity 0 a receiver takes it out of the node.
pub(crate) struct Send<T>(PhantomData<fn(T)>);

impl<T> Send<T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(super) fn offer(message: T, shut: bool) -> Offer<T> {
        Offer::new(Ticket::new(false, shut), 1, Some(message))
    }
}

impl<T> Ask for Send<T> {
    type Core = Shared<T>;
    type Prize = Result<(), Shut>;
    type Extra = Offer<T>;

    #[inline(always)]
    fn quick(&mut self, offer: &mut Offer<T>, post: &mut Post<T>, tell: &mut Option<Wake>) -> Quick<Self::Prize> {
        if offer.ticket.is_shut() { Quick::Ask } else { post.send_quickly(&mut offer.value, tell) }
    }

    fn attempt(&mut self, offer: &mut Offer<T>, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if offer.ticket.is_shut() {
            Attempt::Done(Err(Shut))
        } else if post.capacity == 0 && !post.closed {
            // A meeting needs both: the message is held out, and a receiver comes for it.
            Attempt::Wait
        } else {
            post.try_send(&mut offer.value, effects)
        }
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}

impl<T> Request for Send<T> {
    const LINE: usize = 1;

    fn prepare(&mut self, offer: &mut Offer<T>, post: &mut Post<T>) {
        post.senders.number(&mut offer.ticket);
    }

    fn enqueue(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Option<Wake>) {
        if post.capacity == 0 {
            // A message that is held out stands in the line of futures, whoever holds it: it can be taken at any time.
            post.senders.enqueue_offer(node);
            // Always with a message: one whose message is gone has answered.
            post.offers += 1;
        } else {
            post.senders.enqueue(node);
        }
    }

    fn joined(&mut self, post: &mut Post<T>, effects: &mut Fx<T>) {
        if post.capacity == 0 {
            post.settle(effects);
        }
    }

    fn look(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if post.free() < 1 {
            return Attempt::Wait;
        }
        if !post.queue.has_room() {
            return Attempt::Provide;
        }
        let value = post.senders.line.contents(node).0.value.take();
        post.senders.withdraw(node);
        if let Some(value) = value {
            post.push(value, effects);
        }
        Attempt::Done(Ok(()))
    }

    fn rearm(&mut self, post: &mut Post<T>, node: Link<Offer<T>>, _: &mut Fx<T>) {
        post.senders.rearm(node);
    }

    /// Granted means a slot, which is used now – unless the mailbox was closed meanwhile – or, at capacity 0, taken.
    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, offer: &mut Offer<T>) -> Self::Prize {
        if shared.capacity == 0 || stage != Stage::Granted {
            return if stage == Stage::Granted { Ok(()) } else { Err(Shut) };
        }
        let mut post = shared.lock().lock();
        let mut tell = None;
        if post.use_slot_quickly(&mut offer.value, &mut tell) {
            drop(post);
            return award_quickly::<Self>(shared, &mut tell, Ok(()));
        }
        let mut effects = Effects::new();
        loop {
            if post.closed {
                return Err(Shut);
            }
            if !post.queue.has_room() {
                drop(post);
                let stocked = Cell::new(false);
                // If no block can be had, the slot goes to the next.
                let back = Finally(|| {
                    if !stocked.get() {
                        decide(shared, |post, effects| give_back(post, 1, effects));
                    }
                });
                shared.stock();
                stocked.set(true);
                drop(back);
                post = shared.lock().lock();
                continue;
            }
            match offer.value.take() {
                Some(value) => {
                    post.use_slot();
                    post.push(value, &mut effects);
                }
                None => post.free_slots(1, &mut effects),
            }
            break;
        }
        drop(post);
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
    if post.capacity == 0 && !post.closed && post.senders.line.contents(node).0.value.is_some() {
        post.offers -= 1;
    }
    post.senders.withdraw(node);
    post.settle(effects);
}

/// Takes a handle's waiter out of the line, as far as `leaving` says; a nudge it had goes to the next.
pub(super) fn withdraw<T>(shared: &Shared<T>, waiter: &Waiter<Offer<T>>, leaving: Leaving) {
    let Some(node) = waiter.link() else { return };
    let waker = decide(shared, |post, effects| {
        let leaves = waiter.stage() == Some(Stage::Queued)
            && match leaving {
                Leaving::IfTold => post.senders.was_told(node),
                Leaving::UnlessOffered => post.capacity > 0 || post.senders.line.contents(node).0.value.is_none(),
                Leaving::Always => true,
            };
        if !leaves {
            return Foreign::new(None);
        }
        leave(post, node, effects);
        Foreign::new(waiter.wake(post).take())
    });
    drop(waker);
}

impl<'a, T> Conclude<&'a Shared<T>> for Send<T> {
    type Output = Result<(), SendError<T>>;

    #[inline(always)]
    fn conclude(&mut self, _: &'a Shared<T>, offer: &mut Offer<T>, prize: Self::Prize) -> Self::Output {
        match prize {
            Ok(()) => Ok(()),
            Err(Shut) => offer.value.take().map_or(Ok(()), |value| Err(SendError(value))),
        }
    }
}

named_future! {
    /// Waits to send a message. Made by [`Sender::send`](super::Sender::send).
    ///
    /// # Cancel safety
    /// Dropping it before it was ready means that the message was *not* sent; it is dropped with the future.
    /// [`cancel`](Self::cancel) gives it back instead. A slot that was granted already goes to the next sender.
    ///
    /// **At capacity 0 a receiver may have taken the message at that very moment**: then `cancel` returns `None`, and
    /// the message was sent.
    pub struct Sending['a, T] where [] = Wait<&'a Shared<T>, Send<T>>
        => Result<(), SendError<T>>, until Result<(), SendUntilError<T>>;
}

impl<T> Sending<'_, T> {
    /// Gives up, and returns the message if it was not sent. Afterwards the future is finished.
    ///
    /// `None` means that there is nothing to give back: the future was ready before or, **at capacity 0, a receiver
    /// took the message at that very moment**, and it was sent. So ask before you send it again.
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
    ///
    /// // At capacity 0: taken, and the sender has not been polled since.
    /// let (sender, receiver) = sempost::mailbox::bounded(0);
    /// let mut third = std::pin::pin!(sender.send("third"));
    /// assert!(third.as_mut().now_or_never().is_none(), "nobody receives");
    /// assert_eq!(receiver.try_recv(), Ok("third"));
    /// assert_eq!(third.cancel(), None);
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().value.take()
    }
}
