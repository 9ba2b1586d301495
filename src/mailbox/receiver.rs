//! The receiving handle, also as a `Stream`.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::error::TryRecvError;
use super::receiving::{Many, One, Receive, Receiving, ReceivingMany, Take, withdraw};
use super::seat::{Leaving, Listening, ReceiverSeat, poll_seat};
use super::shared::{Shared, mailbox_face};
use super::side::Ticket;
use crate::wait::{Drained, Finally, Onlooking, Wait, Watch, attempt};

/// Receives messages from a mailbox. Clone it for more receivers: each message goes to one of them.
///
/// It is also a `Stream`: see the [module](super) for how handles wait when they are polled. **In the `select!` loop of
/// a pool of workers use [`recv`](Self::recv)**: a dropped `next()` does not tell the mailbox, and the handle may be
/// woken for a message that it never comes to fetch (others still can).
pub struct Receiver<T> {
    pub(super) shared: Arc<Shared<T>>,
    seat: Option<ReceiverSeat>,
}

mailbox_face!(Receiver);

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, seat: None }
    }

    pub(super) fn watch(&mut self) -> (&Shared<T>, &mut Watch) {
        (&self.shared, self.seat.get_or_insert_with(Listening::new).as_mut().project().watch)
    }

    /// Any other operation ends what a poll of this handle had begun.
    #[inline(always)]
    pub(super) fn stand_up(&self) {
        if let Some(seat) = &self.seat {
            withdraw(&self.shared, &seat.waiter, Leaving::Always);
        }
    }

    /// Waits for a message; `None` means that none will come any more.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: a message that it was woken for stays in its place for the next receiver.
    #[inline(always)]
    pub fn recv(&self) -> Receiving<'_, T> {
        self.stand_up();
        Receiving::new(Wait::new(&*self.shared, Receive::new(One), Ticket::default()))
    }

    /// Takes a message if one is there that is not promised to another receiver; at capacity 0, if a sender is waiting.
    ///
    /// It never parks. It waits at most for another thread to leave a critical section, which moves one message. It
    /// may not be called from a signal handler.
    ///
    /// # Errors
    /// [`Closed`](TryRecvError::Closed) only when no message will come any more: while a permit may still send it is
    /// [`Empty`](TryRecvError::Empty).
    #[inline(always)]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.stand_up();
        match attempt(&*self.shared, &mut Receive::new(One), &mut Ticket::default()) {
            Some(Some(message)) => Ok(message),
            Some(None) => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Waits for a message on this thread: short for `recv().wait()`. Never call it inside a task.
    #[cfg(feature = "std")]
    #[inline]
    pub fn recv_blocking(&self) -> Option<T> {
        self.recv().wait()
    }

    /// Waits for at least one message and takes up to `limit`, behind what is in `buffer` already. Answers how many; 0
    /// means that none will come any more, or that `limit` is 0.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv): it takes messages only in the poll in which it answers.
    pub fn recv_many<'a>(&'a self, buffer: &'a mut Vec<T>, limit: usize) -> ReceivingMany<'a, T> {
        self.stand_up();
        ReceivingMany::new(Wait::new(&*self.shared, Receive::new(Many::new(buffer, limit)), Ticket::default()))
    }

    /// Takes up to `limit` messages that are there, behind what is in `buffer` already. Answers how many.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv). A `limit` of 0 is 0 and says nothing about the end.
    pub fn try_recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> Result<usize, TryRecvError> {
        self.stand_up();
        match attempt(&*self.shared, &mut Receive::new(Many::new(buffer, limit)), &mut Ticket::default()) {
            Some(0) if limit > 0 => Err(TryRecvError::Closed),
            Some(taken) => Ok(taken),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Polls for a message; the waiter belongs to this handle, is nudged in its turn, and nothing is withheld for it.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let next = ready!(self.poll_take(cx, One));
        if next.is_none() {
            *self.seat.get_or_insert_with(Listening::new).as_mut().project().ended = true;
        }
        Poll::Ready(next)
    }

    /// Polls for up to `limit` messages, as [`recv_many`](Self::recv_many) waits for them. A `limit` of 0 is ready with
    /// 0, and a wake-up that the handle has not used goes to the next.
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        if limit == 0 {
            // A message that it was told of is not taken now: somebody else is told.
            if let Some(seat) = &self.seat {
                withdraw(&self.shared, &seat.waiter, Leaving::IfTold);
            }
            return Poll::Ready(0);
        }
        self.poll_take(cx, Many::new(buffer, limit))
    }

    fn poll_take<M: Take<T>>(&mut self, cx: &mut Context<'_>, mode: M) -> Poll<M::Prize> {
        let mut request = Receive::new(mode);
        if self.seat.is_none() {
            // A handle that never has to wait never gets a seat.
            if let Some(prize) = attempt(&*self.shared, &mut request, &mut Ticket::default()) {
                return Poll::Ready(prize);
            }
        }
        let seat = self.seat.get_or_insert_with(Listening::new).as_mut().project();
        poll_seat(&self.shared, &mut request, seat.waiter, cx.waker())
    }

    /// Completes once the mailbox is closed and no message can come out of it any more.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the onlooker.
    pub fn drained(&self) -> Drained<'_> {
        Drained::new(Onlooking::new(&self.shared.draining))
    }

    /// Makes a handle that does not keep the mailbox open.
    pub fn downgrade(&self) -> super::WeakReceiver<T> {
        super::WeakReceiver::new(Arc::downgrade(&self.shared))
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Other receivers may take what is queued now.
        (0, None)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.ended)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.add_receiver();
        Self::new(Arc::clone(&self.shared))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let _watcher = self.seat.as_mut().map(|seat| seat.as_mut().project().watch.stop());
        // A waker that panics on the way keeps nobody here.
        let _leave = Finally(|| self.shared.remove_receiver());
        self.stand_up();
    }
}
