//! The sending handle.

use alloc::sync::Arc;
use core::marker::PhantomData;
use core::task::{Context, Poll, ready};

use super::error::{Closed, TryReserveError, TrySendError};
use super::owned::Owner;
use super::permit::{OwnedSendPermit, SendPermit, SendPermits};
use super::reserving::{Lapsing, Many, One, Purpose, Reserve, Reserving, ReservingMany, ReservingOwned};
use super::seat::{Leaving, Marks, Seat, SenderSeat};
use super::sending::{Send, Sending, withdraw};
use super::shared::{Shared, mailbox_face};
use super::state::{Fx, Post, Shut};
use crate::wait::{Ask, Attempt, Finally, Quick, Wait, Wake, attempt};

/// Sends messages into a mailbox. Clone it for more senders; the mailbox closes with the last.
///
/// It is also a `Sink`: see the [module](super) for how handles wait when they are polled.
/// With `SinkExt` in scope `sender.send(v)` on a `&mut Sender` is `SinkExt`'s.
pub struct Sender<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) seat: Option<SenderSeat<T>>,
}

mailbox_face!(Sender);

impl<T> Sender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, seat: None }
    }

    pub(crate) fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    /// Whether this handle is finished. Any other operation ends what a poll of this handle had begun.
    #[inline(always)]
    pub(super) fn stand_up(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| self.leave_seat(seat, Leaving::UnlessOffered))
    }

    /// Ends what polls of this handle had begun, and returns whether the handle is finished.
    #[cold]
    pub(super) fn leave_seat(&self, seat: &SenderSeat<T>, leaving: Leaving) -> bool {
        // Whatever the wakers do that are called for the one, the other is done too.
        let _lapse = Finally(|| {
            if seat.marks.take() {
                self.shared.lapse();
            }
        });
        withdraw(&self.shared, &seat.waiter, leaving);
        seat.marks.is_finished()
    }

    /// Leaves the mailbox, unless the handle is `gone` already. A waker that panics on the way keeps nobody here.
    pub(super) fn leave(&self, gone: impl Fn(&Marks) -> bool) {
        let gone = self.seat.as_ref().is_some_and(|seat| gone(&seat.marks));
        let _leave = Finally(|| {
            if !gone {
                self.shared.remove_sender();
            }
        });
        if let Some(seat) = &self.seat {
            self.leave_seat(seat, Leaving::Always);
        }
    }

    /// Sends a message, waiting for a slot if there is none. On an unbounded mailbox it never waits. At capacity 0 it
    /// completes when a receiver has taken the message.
    ///
    /// **It is a future, on an unbounded mailbox, too: `let _ = sender.send(message)` compiles and sends nothing.**
    /// Clippy warns of it (`clippy::let_underscore_future`, on by default). What sends at once and is no future is
    /// [`try_send`](Self::try_send), which is never full there.
    ///
    /// # Cancel safety
    /// A future that is dropped before it was ready did *not* send; [`Sending::cancel`] gives the message back. **At
    /// capacity 0 a receiver may have taken it at that very moment**: then `cancel` returns `None`, and the message was
    /// sent.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[inline(always)]
    pub fn send(&self, message: T) -> Sending<'_, T> {
        Sending::new(Wait::new(&*self.shared, Send::new(), Send::offer(message, self.stand_up())))
    }

    /// Sends a message if a slot is free and nobody waits for it; at capacity 0, if a receiver is waiting.
    ///
    /// It never parks. It waits at most for another thread to leave a critical section, which moves one message: box what
    /// is larger than a kilobyte. It may not be called from a signal handler.
    ///
    /// # Errors
    /// Gives the message back. On an unbounded mailbox never [`Full`](TrySendError::Full).
    #[inline(always)]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let mut message = Some(message);
        let sent = if self.stand_up() {
            Some(Err(Shut))
        } else {
            attempt(&*self.shared, &mut TrySend(PhantomData), &mut message)
        };
        match (sent, message) {
            (None, Some(message)) => Err(TrySendError::Full(message)),
            (Some(Err(Shut)), Some(message)) => Err(TrySendError::Closed(message)),
            _ => Ok(()),
        }
    }

    /// Sends a message on this thread: short for `send(message).wait()`. Never call it inside a task.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[cfg(feature = "std")]
    #[inline]
    pub fn send_blocking(&self, message: T) -> Result<(), super::SendError<T>> {
        self.send(message).wait()
    }

    /// Sends a message without waiting, ahead of senders who wait; if no slot is free, the oldest message makes way and is
    /// returned.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed, or if every slot is reserved, so that nothing can make way. At
    /// capacity 0 as [`try_send`](Self::try_send).
    pub fn force_send(&self, message: T) -> Result<Option<T>, TrySendError<T>> {
        let mut message = Some(message);
        let sent = if self.stand_up() {
            Some(Err(Shut))
        } else {
            attempt(&*self.shared, &mut ForceSend(PhantomData), &mut message)
        };
        match (sent, message) {
            (None, Some(message)) => Err(TrySendError::Full(message)),
            (Some(Err(Shut)), Some(message)) => Err(TrySendError::Closed(message)),
            (Some(Ok(evicted)), _) => Ok(evicted),
            _ => Ok(None),
        }
    }

    /// Waits for a slot, for a message that is not there yet. At capacity 0 it sets a waiting receiver aside.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line; a slot that was granted already goes to the next sender.
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed.
    pub fn reserve(&self) -> Reserving<'_, T> {
        Reserving::new(self.reservation(1))
    }

    /// Waits for `n` slots at once. No slots succeed at once, unless closed.
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

    /// Like [`reserve`](Self::reserve), but keeps the sender, which comes back with the permit.
    pub fn reserve_owned(self) -> ReservingOwned<T> {
        let demand = Reserve::<T, One>::demand(&self.shared, 1, self.stand_up());
        ReservingOwned::new(Wait::new(Owner(self), Reserve::new(), demand))
    }

    /// Reserves a slot if one is free and nobody waits for it.
    ///
    /// # Errors
    /// [`TryReserveError::Full`], [`TryReserveError::Closed`].
    pub fn try_reserve(&self) -> Result<SendPermit<'_, T>, TryReserveError> {
        self.ask_for(1).map(|()| SendPermit::new(&self.shared))
    }

    /// Reserves `n` slots if they are free and nobody waits.
    ///
    /// # Errors
    /// As [`try_reserve`](Self::try_reserve).
    ///
    /// # Panics
    /// If `n` is above the capacity (at capacity 0: above 1).
    #[track_caller]
    pub fn try_reserve_many(&self, n: usize) -> Result<SendPermits<'_, T>, TryReserveError> {
        self.ask_for(n).map(|()| SendPermits::new(&self.shared, n))
    }

    /// Like [`try_reserve`](Self::try_reserve), but keeps the sender.
    ///
    /// # Errors
    /// As [`try_reserve`](Self::try_reserve); gives the sender back.
    pub fn try_reserve_owned(self) -> Result<OwnedSendPermit<T>, (Self, TryReserveError)> {
        match self.ask_for(1) {
            Ok(()) => Ok(OwnedSendPermit::new(self)),
            Err(error) => Err((self, error)),
        }
    }

    #[inline(always)]
    #[track_caller]
    fn reservation<P: Purpose>(&self, n: usize) -> Wait<&Shared<T>, Reserve<T, P>> {
        let demand = Reserve::<T, P>::demand(&self.shared, n, self.stand_up());
        Wait::new(&*self.shared, Reserve::new(), demand)
    }

    #[track_caller]
    fn ask_for(&self, n: usize) -> Result<(), TryReserveError> {
        let mut demand = Reserve::<T, Many>::demand(&self.shared, n, self.stand_up());
        match attempt(&*self.shared, &mut Reserve::<T, Many>::new(), &mut demand) {
            Some(Ok(_)) => Ok(()),
            Some(Err(Shut)) => Err(TryReserveError::Closed),
            None => Err(TryReserveError::Full),
        }
    }

    /// Polls for a slot; the waiter belongs to this handle, is nudged in its turn, and nothing is withheld for it.
    ///
    /// The permit borrows the handle. **A service that is polled to be ready and called later cannot keep it**, and a
    /// permit that is dropped in between is anybody's: such a service uses `Sink`'s `poll_ready` and `start_send`, which
    /// keep the slot in the handle, or an [`OwnedSendPermit`] of [`reserve_owned`](Self::reserve_owned).
    pub fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<SendPermit<'_, T>, Closed>> {
        let slot = ready!(self.poll_slot(cx));
        let shared = &*self.shared;
        Poll::Ready(slot.and_then(|()| {
            let mut post = crate::wait::Core::lock(shared).lock();
            let held = self.seat.as_ref().is_some_and(|seat| seat.marks.take());
            if post.closed || !held {
                return Err(Closed);
            }
            post.unready(1);
            super::reserving::to_permits(&mut post, 1);
            drop(post);
            Ok(SendPermit::new(shared))
        }))
    }

    /// Makes a handle that does not keep the mailbox open.
    pub fn downgrade(&self) -> super::WeakSender<T> {
        super::WeakSender::new(Arc::downgrade(&self.shared))
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        if self.seat.as_ref().is_some_and(|seat| seat.marks.is_finished()) {
            return Self { shared, seat: Some(Seat::finished()) };
        }
        shared.add_sender();
        Self::new(shared)
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let _watcher = self.seat.as_mut().map(|seat| seat.as_mut().project().watch.stop());
        self.leave(Marks::is_finished);
    }
}

/// A message for a slot that is free right now.
struct TrySend<T>(PhantomData<fn(T)>);

impl<T> Ask for TrySend<T> {
    type Core = Shared<T>;
    type Prize = Result<(), Shut>;
    type Extra = Option<T>;

    #[inline(always)]
    fn quick(&mut self, message: &mut Option<T>, post: &mut Post<T>, tell: &mut Option<Wake>) -> Quick<Self::Prize> {
        post.send_quickly(message, tell)
    }

    fn attempt(&mut self, message: &mut Option<T>, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        post.try_send(message, effects)
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}

/// A message that will not wait.
struct ForceSend<T>(PhantomData<fn(T)>);

impl<T> Ask for ForceSend<T> {
    type Core = Shared<T>;
    type Prize = Result<Option<T>, Shut>;
    type Extra = Option<T>;

    fn attempt(&mut self, message: &mut Option<T>, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if post.closed || post.capacity == 0 {
            return match post.try_send(message, effects) {
                Attempt::Done(sent) => Attempt::Done(sent.map(|()| None)),
                Attempt::Wait => Attempt::Wait,
                Attempt::Provide => Attempt::Provide,
            };
        }
        let evict = post.free() < 1;
        if evict && post.queue.len() == 0 {
            return Attempt::Wait;
        }
        if !post.queue.has_room() {
            return Attempt::Provide;
        }
        // The count of messages stays, and with it every claim.
        let evicted = if evict { post.queue.pop(&mut effects.litter.retired) } else { None };
        if let Some(message) = message.take() {
            post.push(message, effects);
        }
        Attempt::Done(Ok(evicted))
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}

/// Only for [`Sender::poll_reserve`] and the sink, which share a waiter.
pub(super) type Slot<T> = Reserve<T, Lapsing>;
