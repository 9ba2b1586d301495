//! Slots that are reserved.

use core::cell::Cell;
use core::fmt;
use core::iter::FusedIterator;
use core::mem::ManuallyDrop;

use super::error::SendError;
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Fx, Post};
use crate::wait::{Ask, Attempt, Finally, State, attempt, decide};

/// A slot, reserved for one message. Dropping it gives the slot to the next sender.
///
/// **A permit that is forgotten holds its slot, and the end of the stream, for ever.**
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct SendPermit<'a, T> {
    shared: &'a Shared<T>,
}

impl<'a, T> SendPermit<'a, T> {
    /// For whoever was just given a permit.
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        Self { shared }
    }

    /// Sends into the slot, also when the mailbox was closed meanwhile.
    ///
    /// # Errors
    /// Gives the message back, only if the last receiver is gone.
    pub fn send(self, message: T) -> Result<(), SendError<T>> {
        send_reserved(ManuallyDrop::new(self).shared, message)
    }
}

impl<T> Drop for SendPermit<'_, T> {
    fn drop(&mut self) {
        release(self.shared, 1);
    }
}

impl<T> fmt::Debug for SendPermit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendPermit").field(&self.shared).finish()
    }
}

/// Several reserved slots: an iterator of [`SendPermit`]s. What is left when it is dropped is given back at once.
#[must_use = "permits that are dropped at once reserve nothing"]
pub struct SendPermits<'a, T> {
    shared: &'a Shared<T>,
    left: usize,
}

impl<'a, T> SendPermits<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, left: usize) -> Self {
        Self { shared, left }
    }
}

impl<'a, T> Iterator for SendPermits<'a, T> {
    type Item = SendPermit<'a, T>;

    fn next(&mut self) -> Option<SendPermit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(SendPermit::new(self.shared))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for SendPermits<'_, T> {}

impl<T> FusedIterator for SendPermits<'_, T> {}

impl<T> Drop for SendPermits<'_, T> {
    fn drop(&mut self) {
        release(self.shared, self.left);
    }
}

impl<T> fmt::Debug for SendPermits<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendPermits").field("left", &self.left).field("mailbox", &self.shared).finish()
    }
}

/// A slot, reserved for one message, that keeps its [`Sender`] and counts as one. Dropping it drops both.
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct OwnedSendPermit<T> {
    sender: Option<Sender<T>>,
}

impl<T> OwnedSendPermit<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        Self { sender: Some(sender) }
    }

    /// Sends into the slot, also when the mailbox was closed meanwhile, and gives the sender back.
    ///
    /// # Errors
    /// Gives the message back, and the sender, only if the last receiver is gone.
    ///
    /// # Examples
    /// ```
    /// use sempost::mailbox;
    ///
    /// let (sender, receiver) = mailbox::bounded(1);
    /// let sender = sender.try_reserve_owned().unwrap().send("one").unwrap();
    /// assert_eq!(receiver.try_recv(), Ok("one"));
    ///
    /// let permit = sender.try_reserve_owned().unwrap();
    /// drop(receiver);
    /// let (sender, refused) = permit.send("two").unwrap_err();
    /// assert!(sender.is_closed() && refused.into_inner() == "two");
    /// ```
    pub fn send(self, message: T) -> Result<Sender<T>, (Sender<T>, SendError<T>)> {
        let sender = self.spend();
        match send_reserved(sender.shared(), message) {
            Ok(()) => Ok(sender),
            Err(error) => Err((sender, error)),
        }
    }

    /// Gives the slot to the next sender, and the sender back.
    pub fn release(self) -> Sender<T> {
        let sender = self.spend();
        release(sender.shared(), 1);
        sender
    }

    /// The sender; the slot is the caller's to use or to give back.
    fn spend(mut self) -> Sender<T> {
        self.sender.take().expect("a permit is spent once")
    }
}

impl<T> Drop for OwnedSendPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            release(sender.shared(), 1);
        }
    }
}

impl<T> fmt::Debug for OwnedSendPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedSendPermit").field(&self.sender).finish()
    }
}

/// A message for a slot that is reserved.
struct Deliver<'a, T> {
    message: &'a mut Option<T>,
    spent: &'a Cell<bool>,
}

impl<T> Ask for Deliver<'_, T> {
    type Core = Shared<T>;
    type Prize = ();
    type Extra = ();

    fn attempt(&mut self, (): &mut (), post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<()> {
        let gone = post.receiver_count == 0;
        if !gone && !post.queue.has_room() {
            return Attempt::Provide;
        }
        post.permits -= 1;
        self.spent.set(true);
        if let Some(message) = if gone { None } else { self.message.take() } {
            if post.capacity > 0 {
                post.use_slot();
            }
            post.push(message, effects);
        }
        Attempt::Done(())
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}

fn send_reserved<T>(shared: &Shared<T>, message: T) -> Result<(), SendError<T>> {
    let (mut message, spent) = (Some(message), Cell::new(false));
    // If no block can be had for the message, the permit goes back all the same.
    let _back = Finally(|| {
        if !spent.get() {
            release(shared, 1);
        }
    });
    attempt(shared, &mut Deliver { message: &mut message, spent: &spent }, &mut ());
    message.map_or(Ok(()), |message| Err(SendError(message)))
}

/// Gives permits back: their slots go to the next senders.
pub(super) fn release<T>(shared: &Shared<T>, permits: usize) {
    if permits > 0 {
        decide(shared, |post, effects| {
            post.permits -= permits;
            if post.capacity == 0 { post.settle(effects) } else { post.free_slots(permits, effects) }
        });
    }
}
