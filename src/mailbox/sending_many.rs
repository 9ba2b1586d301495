//! Sending all that an iterator yields.
//!
//! The iterator is foreign, so it is asked with no lock held, and only for the message that is sent next: nothing is taken
//! out ahead that would have to be kept. A sender that was woken for one slot goes on for as long as there are more, so that
//! a receiver that empties the mailbox costs one task switch; no slot is held for a message that is not there yet.

use core::fmt;
use core::iter::FusedIterator;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::error::{SendError, SendUntilError};
use super::sender::Sender;
use super::sending::Send;
use super::shared::Shared;
use super::side::Ticket;
use super::state::Offer;
use crate::wait::{Late, NAME, Own, TURN, Wait, Who, named_future, polled_twice};

/// What was not sent of an iterator: the message that could not be sent, and the rest. An iterator again.
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
    /// A send that begins again with the next message; `sending` while one is on its way.
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
    fn new(shared: &'a Shared<I::Item>, shut: bool, items: I) -> Self {
        let offer = Offer::new(Ticket::new(false, shut), 1, None);
        let send = Wait::new(shared, Send::new(), offer);
        Self { shared, send, sending: false, rest: Own::new(Some(items)), done: false }
    }

    /// Has a message in hand that is on its way; `false` if there is none left.
    fn load(mut self: Pin<&mut Self>) -> bool {
        if self.sending && self.send.is_done() {
            // It was answered by a poll in which a waker panicked. If it is still here, it was not sent.
            let message = self.as_mut().project().send.brought().value.take();
            self.as_mut().sent();
            let mut this = self.as_mut().project();
            *this.sending = message.is_some();
            *this.send.as_mut().brought().value = message;
        }
        let this = self.project();
        if !*this.sending {
            // Should this panic, the iterator is still there, and so is whatever it has not yielded.
            let next = this.rest.get_mut().as_mut().and_then(I::next);
            *this.sending = next.is_some();
            *this.send.brought().value = next;
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
        who: Who<'_>,
        name: &str,
    ) -> Poll<Result<(), SendError<Unsent<I>>>> {
        if self.done {
            polled_twice(name);
        }
        for _ in 0..TURN {
            if !self.as_mut().load() {
                return Poll::Ready(Ok(()));
            }
            match ready!(self.as_mut().project().send.poll_as(who, name)) {
                Ok(()) => self.as_mut().sent(),
                Err(SendError(first)) => return Poll::Ready(Err(SendError(self.unsent(Some(first))))),
            }
        }
        // Receivers who keep up, or an unbounded mailbox, must not hold the task for ever.
        who.wake();
        Poll::Pending
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.send.is_woken()
    }
}

impl<I: Iterator> Late for SendMany<'_, I> {
    type Timely = Result<(), SendUntilError<Unsent<I>>>;

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        self.poll_as(who, NAME).map_err(|SendError(unsent)| SendUntilError::Closed(unsent))
    }

    fn poll_late(mut self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        if self.done {
            polled_twice(NAME);
        }
        // What is in hand has its last look, and nothing more is sent after it.
        if self.sending && self.as_mut().load() {
            match ready!(self.as_mut().project().send.poll_late(who)) {
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
        let first = self.as_mut().project().send.brought().value.take();
        Poll::Ready(Err(SendUntilError::Elapsed(self.unsent(first))))
    }
}

impl<I: Iterator> fmt::Debug for SendMany<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.send.fmt(f)
    }
}

named_future! {
    /// Waits to send all that an iterator yields. Made by [`Sender::send_many`].
    ///
    /// # Cancel safety
    /// What was sent was sent; the message in hand and the rest of the iterator are dropped with the future.
    /// [`cancel`](Self::cancel) gives them back instead. **At capacity 0 a receiver may have taken the one in hand at
    /// that very moment**: then it was sent, and `cancel` returns the rest alone.
    pub struct SendingMany['a, I] where [I: Iterator] = SendMany<'a, I>
        => Result<(), SendError<Unsent<I>>>, until Result<(), SendUntilError<Unsent<I>>>;
}

impl<I: Iterator> SendingMany<'_, I> {
    /// Gives up, and returns what was not sent; `None` if the future was ready before. Afterwards it is finished.
    ///
    /// At capacity 0 a receiver may have taken the message in hand at that very moment: then it is not among them.
    pub fn cancel(self: Pin<&mut Self>) -> Option<Unsent<I>> {
        let mut wait = self.project().wait;
        if wait.done {
            return None;
        }
        let first = wait.as_mut().project().send.stop().value.take();
        Some(wait.unsent(first))
    }
}

impl<T> Sender<T> {
    /// Sends all that `messages` yields, in order, waiting for a slot whenever there is none.
    ///
    /// The iterator is asked for one message at a time, when the one before was accepted, and with no lock held. It sends at
    /// most 64 messages in one poll and then lets others run. A panic of the iterator loses nothing: what it yielded was
    /// sent, and `cancel` gives the rest back.
    ///
    /// # Cancel safety
    /// What was sent was sent; [`SendingMany::cancel`] gives the rest back – without the message in hand if, at
    /// capacity 0, a receiver has taken it at that very moment.
    ///
    /// # Errors
    /// Gives the message that was not accepted and the rest back if the mailbox is closed.
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
    pub fn send_many<I>(&self, messages: I) -> SendingMany<'_, I::IntoIter>
    where
        I: IntoIterator<Item = T>,
    {
        SendingMany::new(SendMany::new(&self.shared, self.stand_up(), messages.into_iter()))
    }
}
