//! Permits: reserved slots.

use core::cell::Cell;
use core::fmt;
use core::iter::FusedIterator;
use core::mem::ManuallyDrop;

use super::error::SendError;
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Fx, MailboxState};
use crate::record::{Hold, Origin};
use crate::wait::{Attempt, Defer, Operation, Primitive, attempt, decide};

/// A slot, reserved for one message. Dropping it gives the slot to the next sender.
///
/// **A permit that is forgotten (`mem::forget`) keeps its slot forever, and the receivers never see the end.**
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct SendPermit<'a, T> {
    shared: &'a Shared<T>,
    held: Hold,
}

impl<'a, T> SendPermit<'a, T> {
    /// The caller has just reserved the slot.
    pub(super) fn new(shared: &'a Shared<T>, origin: Origin<'_>) -> Self {
        Self { shared, held: Hold::new(shared.lock().tag(), origin, 1) }
    }

    /// Sends into the slot, even if the mailbox was closed meanwhile.
    ///
    /// # Errors
    /// Gives the message back. This happens only if the last receiver is gone.
    pub fn send(self, message: T) -> Result<(), SendError<T>> {
        let mut this = ManuallyDrop::new(self);
        this.held.end();
        send_reserved(this.shared, message)
    }
}

impl<T> Drop for SendPermit<'_, T> {
    fn drop(&mut self) {
        self.held.end();
        release(self.shared, 1);
    }
}

impl<T> fmt::Debug for SendPermit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendPermit").field(&self.shared).finish()
    }
}

/// Several reserved slots: an iterator of [`SendPermit`]s. Dropping it gives back the slots that are left, all at once.
#[must_use = "permits that are dropped at once reserve nothing"]
pub struct SendPermits<'a, T> {
    shared: &'a Shared<T>,
    left: usize,
    held: Hold,
}

impl<'a, T> SendPermits<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, left: usize, origin: Origin<'_>) -> Self {
        Self { shared, left, held: Hold::new(shared.lock().tag(), origin, left) }
    }
}

impl<'a, T> Iterator for SendPermits<'a, T> {
    type Item = SendPermit<'a, T>;

    fn next(&mut self) -> Option<SendPermit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        self.held.set_amount(self.left);
        Some(SendPermit { shared: self.shared, held: self.held.split(1) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for SendPermits<'_, T> {}

impl<T> FusedIterator for SendPermits<'_, T> {}

impl<T> Drop for SendPermits<'_, T> {
    fn drop(&mut self) {
        self.held.end();
        release(self.shared, self.left);
    }
}

impl<T> fmt::Debug for SendPermits<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendPermits").field("left", &self.left).field("mailbox", &self.shared).finish()
    }
}

/// A slot, reserved for one message, that owns its [`Sender`]. Dropping it gives the slot back and drops the sender.
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct OwnedSendPermit<T> {
    sender: Option<Sender<T>>,
    held: Hold,
}

impl<T> OwnedSendPermit<T> {
    pub(super) fn new(sender: Sender<T>, origin: Origin<'_>) -> Self {
        let held = Hold::new(sender.shared().lock().tag(), origin, 1);
        Self { sender: Some(sender), held }
    }

    /// Sends into the slot, even if the mailbox was closed meanwhile, and returns the sender.
    ///
    /// # Errors
    /// Gives the sender and the message back. This happens only if the last receiver is gone.
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
        let sender = self.into_sender();
        match send_reserved(sender.shared(), message) {
            Ok(()) => Ok(sender),
            Err(error) => Err((sender, error)),
        }
    }

    /// Gives the slot to the next sender, and returns this one.
    pub fn release(self) -> Sender<T> {
        let sender = self.into_sender();
        release(sender.shared(), 1);
        sender
    }

    /// Returns the sender. The caller uses the slot, or gives it back.
    fn into_sender(mut self) -> Sender<T> {
        self.sender.take().expect("a permit is spent once")
    }
}

impl<T> Drop for OwnedSendPermit<T> {
    fn drop(&mut self) {
        self.held.end();
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

/// The operation of sending into a reserved slot.
struct Deliver<'a, T> {
    message: &'a mut Option<T>,
    spent: &'a Cell<bool>,
}

impl<T> Operation for Deliver<'_, T> {
    type On = Shared<T>;
    type Output = ();
    type Payload = ();

    fn try_slow(&mut self, (): &mut (), state: &mut MailboxState<T>, effects: &mut Fx<T>) -> Attempt<()> {
        let gone = state.receiver_count == 0;
        if !gone && !state.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        state.permits -= 1;
        self.spent.set(true);
        if let Some(message) = if gone { None } else { self.message.take() } {
            if state.capacity > 0 {
                state.use_slot();
            }
            state.push(message, effects);
        }
        Attempt::Done(())
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        shared.add_block();
    }
}

pub(super) fn send_reserved<T>(shared: &Shared<T>, message: T) -> Result<(), SendError<T>> {
    let (mut message, spent) = (Some(message), Cell::new(false));
    // The permit is given back even if the allocation of a block panics.
    let _give_back = Defer(|| {
        if !spent.get() {
            release(shared, 1);
        }
    });
    attempt(shared, &mut Deliver { message: &mut message, spent: &spent }, &mut ());
    message.map_or(Ok(()), |message| Err(SendError(message)))
}

/// Gives permits back. Their slots go to the next senders.
pub(super) fn release<T>(shared: &Shared<T>, permits: usize) {
    if permits > 0 {
        decide(shared, |state, effects| {
            state.permits -= permits;
            if state.capacity == 0 { state.settle(effects) } else { state.free_slots(permits, effects) }
        });
    }
}
