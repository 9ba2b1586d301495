//! Sending all messages of an iterator.
//!
//! The iterator is foreign code, so `next` is called with no lock held. It is called only for the message that is sent
//! next: nothing has to be kept that was taken ahead. A sender that was woken for one slot continues while slots are
//! free, so a receiver that empties the mailbox costs one task switch. No slot is held for a message that does not
//! exist yet.

use core::fmt;
use core::iter::FusedIterator;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::error::{SendError, SendUntilError};
use super::sender::Sender;
use super::sending::{Send, conclude, in_time, unsent};
use super::shared::Shared;
use super::state::PendingSend;
use crate::wait::{NAME, Own, Poller, TURN, Ticket, Wait, named_future, polled_twice};

/// An iterator of the messages that were not sent: the one that was not accepted, and the rest.
#[derive(Clone, Debug)]
#[must_use = "these messages were not sent"]
pub struct Unsent<I: Iterator> {
    first: Option<I::Item>,
    rest: Option<I>,
}

impl<I: Iterator> Iterator for Unsent<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.first.take().or_else(|| {
            let next = self.rest.as_mut()?.next();
            if next.is_none() {
                self.rest = None;
            }
            next
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let first = usize::from(self.first.is_some());
        let (least, most) = self.rest.as_ref().map_or((0, Some(0)), I::size_hint);
        (least.saturating_add(first), most.and_then(|most| most.checked_add(first)))
    }
}

impl<I: Iterator> FusedIterator for Unsent<I> {}

pin_project! {
    /// A send that starts again with the next message. `sending` is set while there is a current message.
    pub(crate) struct SendMany<'a, I: Iterator> {
        shared: &'a Shared<I::Item>,
        #[pin]
        send: Wait<&'a Shared<I::Item>, Send<I::Item>>,
        sending: bool,
        rest: Own<Option<I>>,
        done: bool,
    }
}

impl<'a, I: Iterator> SendMany<'a, I> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn new(shared: &'a Shared<I::Item>, finished: bool, items: I) -> Self {
        let payload = PendingSend::new(Ticket::of(false, finished), 1, None);
        let send = Wait::new(shared, Send::new(), payload);
        Self { shared, send, sending: false, rest: Own::new(Some(items)), done: false }
    }

    /// Makes sure that there is a current message. Returns `false` if none is left.
    fn load(mut self: Pin<&mut Self>) -> bool {
        if self.sending && self.send.is_done() {
            // A waker panicked in the poll in which the send ended. If the message is still here, it was not sent.
            let message = self.as_mut().project().send.payload().message.take();
            self.as_mut().sent();
            let mut this = self.as_mut().project();
            *this.sending = message.is_some();
            *this.send.as_mut().payload().message = message;
        }
        let this = self.project();
        if !*this.sending {
            // If this panics, the iterator stays, with all that it has not yielded.
            let next = this.rest.get_mut().as_mut().and_then(I::next);
            *this.sending = next.is_some();
            *this.send.payload().message = next;
        }
        *this.done = !*this.sending;
        *this.sending
    }

    fn sent(self: Pin<&mut Self>) {
        let this = self.project();
        *this.sending = false;
        this.send.renew(this.shared);
    }

    fn unsent(self: Pin<&mut Self>, first: Option<I::Item>) -> Unsent<I> {
        let this = self.project();
        *this.done = true;
        Unsent { first, rest: this.rest.get_mut().take() }
    }

    pub(crate) fn poll_as(
        mut self: Pin<&mut Self>,
        poller: Poller<'_>,
        name: &str,
    ) -> Poll<Result<(), SendError<Unsent<I>>>> {
        if self.done {
            polled_twice(name);
        }
        for _ in 0..TURN {
            if !self.as_mut().load() {
                return Poll::Ready(Ok(()));
            }
            match ready!(self.as_mut().project().send.poll_as(poller, name, |_, p, sent, _| conclude(p, sent))) {
                Ok(()) => self.as_mut().sent(),
                Err(SendError(first)) => return Poll::Ready(Err(SendError(self.unsent(Some(first))))),
            }
        }
        // With fast receivers, or an unbounded mailbox, it would never yield to other tasks.
        poller.wake();
        Poll::Pending
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.send.is_woken()
    }
}

type Timely<I> = Result<(), SendUntilError<Unsent<I>>>;

impl<I: Iterator> SendMany<'_, I> {
    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Timely<I>> {
        self.poll_as(poller, NAME).map_err(|SendError(unsent)| SendUntilError::Closed(unsent))
    }

    pub(crate) fn poll_late(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Timely<I>> {
        if self.done {
            polled_twice(NAME);
        }
        // The current message is tried a last time. No other is sent after it.
        if self.sending && self.as_mut().load() {
            match ready!(self.as_mut().project().send.poll_late(
                poller,
                |_, p, sent, _| conclude(p, sent),
                in_time,
                |_, p| unsent(p)
            )) {
                Ok(()) => self.as_mut().sent(),
                Err(SendUntilError::Elapsed(first)) => {
                    return Poll::Ready(Err(SendUntilError::Elapsed(self.unsent(Some(first)))));
                }
                Err(SendUntilError::Closed(first)) => {
                    return Poll::Ready(Err(SendUntilError::Closed(self.unsent(Some(first)))));
                }
            }
        }
        if !self.as_mut().load() {
            return Poll::Ready(Ok(()));
        }
        let first = self.as_mut().project().send.payload().message.take();
        Poll::Ready(Err(SendUntilError::Elapsed(self.unsent(first))))
    }
}

impl<I: Iterator> fmt::Debug for SendMany<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.send.fmt(f)
    }
}

named_future! {
    /// Waits to send all messages of an iterator. Made by [`Sender::send_many`].
    ///
    /// # Cancel safety
    /// Messages that were accepted stay sent. The current message and the rest of the iterator are dropped with the
    /// future. [`cancel`](Self::cancel) gives them back instead. **At capacity 0 a receiver may have taken the current
    /// message at that very moment**: then it was sent, and `cancel` returns only the rest.
    pub struct SendingMany['a, I] where [I: Iterator] = SendMany<'a, I>
        => Result<(), SendError<Unsent<I>>>, until Result<(), SendUntilError<Unsent<I>>>;
}

impl<I: Iterator> SendingMany<'_, I> {
    /// Cancels the send, and returns the messages that were not sent. Returns `None` if the future was ready before.
    /// Afterwards it is finished.
    ///
    /// At capacity 0 a receiver may have taken the current message at that very moment: then it is not among them.
    pub fn cancel(self: Pin<&mut Self>) -> Option<Unsent<I>> {
        let mut wait = self.project().wait;
        if wait.done {
            return None;
        }
        let first = wait.as_mut().project().send.stop().message.take();
        Some(wait.unsent(first))
    }
}

impl<T> Sender<T> {
    /// Sends all messages of an iterator, in order, and waits whenever no slot is free.
    ///
    /// The next message is taken from the iterator when the one before was accepted, with no lock held. One poll sends
    /// at most 64 messages and then lets other tasks run. If the iterator panics nothing is lost: what it yielded was
    /// sent, and `cancel` gives the rest back.
    ///
    /// # Cancel safety
    /// Messages that were accepted stay sent. [`SendingMany::cancel`] gives the rest back, without the current message
    /// if, at capacity 0, a receiver has taken it at that very moment.
    ///
    /// # Errors
    /// If the mailbox is closed it gives back the message that was not accepted, and the rest.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::bounded(2);
    /// let (sent, sum) = futures::join!(sender.send_many(1..=10), async {
    ///     let mut sum = 0;
    ///     for _ in 0..10 {
    ///         sum += receiver.recv().await.unwrap();
    ///     }
    ///     sum
    /// });
    /// assert!(sent.is_ok() && sum == 55);
    /// receiver.close();
    /// let unsent = sender.send_many(11..=13).await.unwrap_err().into_inner();
    /// assert_eq!(unsent.collect::<Vec<_>>(), [11, 12, 13]);
    /// # });
    /// ```
    #[doc(alias = "send_all")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send_many<I>(&self, messages: I) -> SendingMany<'_, I::IntoIter>
    where
        I: IntoIterator<Item = T>,
    {
        SendingMany::new(SendMany::new(&self.shared, self.cancel_poll(), messages.into_iter()))
    }
}
