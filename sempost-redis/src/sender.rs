//! The sending handle.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use futures_sink::Sink;

use crate::error::{Error, SendError};
use crate::mailbox::{Core, Of, Stats};
use crate::payload::Payload;
use crate::sending::{Done, What};

type Sending = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Sends messages of one type. All clones share a connection, and what they send at the same time travels together.
///
/// As a `Sink` it collects as many messages as a [batch](crate::RemoteMailbox::batch) has, and collects the next ones
/// while these are on their way. `poll_flush` completes when the server has stored them, `poll_close` also asks whether
/// it still has what it stored before, and finishes this handle only. **Dropping a sink drops what was not flushed.**
///
/// | | |
/// |---|---|
/// | Accepted | `Ok` means that the server has stored the message; `appendfsync` decides what that means when it crashes |
/// | Order | the messages of one handle enter in order; a sink's buffer enters when it is sent |
/// | Bound | queued and leased messages together never exceed the capacity, on one primary |
/// | Repeats | a request whose answer was lost is repeated, and stored once |
/// | Cancellation | **a cancelled `send` may have been sent** |
/// | Waiting | without room, senders of a process wait in order of arrival; between processes there is no order. **One that is neither polled nor dropped holds up those of its process** |
pub struct Sender<T> {
    core: Arc<Core>,
    /// The first in line while they are on their way, with a future that knows what becomes of them.
    sink: Mutex<Outbox>,
    of: Of<T>,
}

/// What a handle does as a sink. The mutex around it is never locked: it makes the handle `Sync`.
#[derive(Default)]
struct Outbox {
    collected: VecDeque<Vec<u8>>,
    sending: Option<Sending>,
    closing: Closing,
}

#[derive(Default, PartialEq)]
enum Closing {
    #[default]
    Open,
    Checking,
    Done,
}

impl<T> Sender<T> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Sender { core, sink: Mutex::default(), of: PhantomData }
    }

    /// Closes the mailbox for all, and returns whether this call did it.
    ///
    /// What was sent before can be received. Receivers get `None` when all of it has been acknowledged, and waiting
    /// ones are woken. Sends that wait fail. A mailbox stays closed until it is
    /// [deleted](crate::RemoteMailbox::delete).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the mailbox may be closed or not.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`], [`Error::Refused`]; and [`Error::Forgotten`] if the server has forgotten messages of
    /// this process: then the mailbox is still open.
    pub async fn close_mailbox(&self) -> Result<bool, Error> {
        self.core.close().await
    }

    /// Asks whether the server still has the count of all that it accepted from this process.
    ///
    /// Each `send` asks that, too. This is for a process that has sent its last message, and `poll_close` of a sink
    /// does it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing. What it would have told, the next call tells.
    ///
    /// # Errors
    ///
    /// [`Error::Forgotten`] if the server has lost messages, [`Error::Unreachable`], [`Error::Refused`].
    pub async fn check(&self) -> Result<(), Error> {
        self.core.send(What::Check).await.map(drop).map_err(|refusal| refusal.error)
    }

    /// Returns how full the mailbox is.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience), [`Error::Refused`].
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.core.stats().await
    }

    /// Makes a sink that closes the mailbox for all when it is closed itself.
    ///
    /// A local mailbox closes with its last sender. Over a network nobody knows which one that is, so it has to be
    /// said.
    #[must_use]
    pub fn closing(self) -> ClosingSender<T> {
        ClosingSender { sender: self, closing: None }
    }

    fn outbox(&mut self) -> &mut Outbox {
        self.sink.get_mut().unwrap_or_else(|poison| poison.into_inner())
    }

    fn start(&mut self, what: What) {
        let core = self.core.clone();
        self.outbox().sending = Some(Box::pin(async move { core.send(what).await }));
    }

    /// Completes when nothing is on its way. What was certainly not sent is first in line again.
    fn poll_sending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let outbox = self.outbox();
        let Some(sending) = &mut outbox.sending else { return Poll::Ready(Ok(())) };
        let done = ready!(sending.as_mut().poll(cx));
        outbox.sending = None;
        Poll::Ready(done.map(drop).map_err(|refusal| {
            let later = std::mem::replace(&mut outbox.collected, refusal.rest);
            outbox.collected.extend(later);
            refusal.error
        }))
    }

    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.poll_sending(cx))?;
            if self.outbox().collected.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.start_batch();
        }
    }

    fn start_batch(&mut self) {
        let mut batch = std::mem::take(&mut self.outbox().collected);
        batch.make_contiguous();
        self.start(What::Messages(batch));
    }
}

impl<T: Payload> Sender<T> {
    /// Sends a message, waiting for room if the mailbox is full.
    ///
    /// # Cancel safety
    ///
    /// **The message may have been sent** if the future is dropped. If it was still waiting for room, it was not.
    ///
    /// # Errors
    ///
    /// The [`SendError`] has the message if it was certainly not sent. [`Error::Closed`], [`Error::Encode`],
    /// [`Error::Refused`]; [`Error::Forgotten`] if the server has forgotten *earlier* messages of this process;
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience).
    pub async fn send(&self, message: T) -> Result<(), SendError<T>> {
        let bytes = match message.encode() {
            Ok(bytes) => bytes,
            Err(error) => return Err(SendError { error: Error::Encode(error.into()), message: None }),
        };
        match self.core.send(What::Messages([bytes].into())).await {
            Ok(_) => Ok(()),
            Err(refusal) => {
                let message = refusal.rest.into_iter().next().and_then(|bytes| T::decode(bytes).ok());
                Err(SendError { error: refusal.error, message })
            }
        }
    }
}

/// After an error, what was certainly not sent is still there, and the next flush tries again. With
/// [`Error::Unreachable`] it is not known what became of the batch, and it is not sent again.
impl<T: Payload> Sink<T> for Sender<T> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.outbox().closing == Closing::Done {
            return Poll::Ready(Err(Error::Closed));
        }
        // What is on its way gets on, and the next messages are collected meanwhile.
        if let Poll::Ready(Err(error)) = self.poll_sending(cx) {
            return Poll::Ready(Err(error));
        }
        let batch = self.core.shared.batch;
        if self.outbox().collected.len() >= batch {
            ready!(self.poll_sending(cx))?;
            self.start_batch();
            if let Poll::Ready(Err(error)) = self.poll_sending(cx) {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: T) -> Result<(), Error> {
        let bytes = message.encode().map_err(|error| Error::Encode(error.into()))?;
        self.outbox().collected.push_back(bytes);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_flushed(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.outbox().closing == Closing::Done {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_flushed(cx))?;
        if self.outbox().closing == Closing::Open {
            self.outbox().closing = Closing::Checking;
            self.start(What::Check);
        }
        let checked = ready!(self.poll_sending(cx));
        self.outbox().closing = Closing::Done;
        Poll::Ready(checked)
    }
}

/// A clone has a buffer of its own, which is empty.
impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender::new(self.core.clone())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("core", &self.core).finish_non_exhaustive()
    }
}

type ClosingMailbox = Pin<Box<dyn Future<Output = Result<bool, Error>> + Send>>;

/// A [`Sender`] as a sink that closes the mailbox when it is closed: [`Sender::closing`] makes it.
pub struct ClosingSender<T> {
    sender: Sender<T>,
    closing: Option<Mutex<ClosingMailbox>>,
}

impl<T: Payload> Sink<T> for ClosingSender<T> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.sender).poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: T) -> Result<(), Error> {
        Pin::new(&mut self.sender).start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.sender).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(Pin::new(&mut self.sender).poll_close(cx))?;
        let core = self.sender.core.clone();
        let closing = self.closing.get_or_insert_with(|| Mutex::new(Box::pin(async move { core.close().await })));
        let closed = ready!(closing.get_mut().unwrap_or_else(|poison| poison.into_inner()).as_mut().poll(cx));
        // A second call finds it closed.
        self.closing = None;
        Poll::Ready(closed.map(drop))
    }
}

impl<T> fmt::Debug for ClosingSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosingSender").field("sender", &self.sender).finish_non_exhaustive()
    }
}
