//! The receiving handle.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures_core::stream::{FusedStream, Stream};

use crate::auto_ack::AutoAck;
use crate::delivery::{Deferred, Delivery};
use crate::error::Error;
use crate::mailbox::{Core, DeadLetter, Of, Stats};
use crate::payload::Payload;
use crate::reading::{Fetched, Number, Raw, Reader};
use crate::settling::{Settlement, Verb};

type Fetching = Pin<Box<dyn Future<Output = (Reader, Result<Fetched, Error>)> + Send>>;

/// Receives messages of one type. Each clone is a receiver of its own, with a connection of its own.
///
/// It is a `Stream` that goes on after an error and ends when the mailbox is closed and all its messages, those of
/// other receivers too, have been acknowledged.
///
/// | | |
/// |---|---|
/// | Order | first deliveries come in the order of each sender; a message that is delivered again comes when its lease ran out |
/// | Cancellation | a dropped `recv` or `next` loses nothing: its request belongs to the handle, and the next call goes on with it |
/// | Abandoned | **a receiver that was polled and is not polled any more may sit on up to a [batch](crate::RemoteMailbox::batch) of messages until their leases end**; so does one that was dropped |
/// | Reconnect | after a connection broke, it asks for what was sent to it and did not come |
/// | Death | its messages come to others after their leases; the server forgets it a while later |
pub struct Receiver<T> {
    core: Arc<Core>,
    /// Never locked: it makes the handle `Sync`.
    inbox: Mutex<Inbox>,
    deferred: Arc<Mutex<Deferred>>,
    of: Of<T>,
}

struct Inbox {
    /// Not here while it fetches.
    reader: Option<Reader>,
    consumer: Arc<str>,
    fetching: Option<Fetching>,
    /// When the request was made that is on its way, if it renews leases.
    renewing: Option<Instant>,
    fetched: VecDeque<Raw>,
    /// What is above it was not handed out.
    highest: Number,
    ended: bool,
    terminated: bool,
}

impl Inbox {
    fn new(core: &Arc<Core>, deferred: &Arc<Mutex<Deferred>>) -> Self {
        let reader = Reader::new(core.clone(), deferred.clone());
        Inbox {
            consumer: reader.consumer.clone(),
            reader: Some(reader),
            fetching: None,
            renewing: None,
            fetched: VecDeque::new(),
            highest: (0, 0),
            ended: false,
            terminated: false,
        }
    }
}

impl<T> Receiver<T> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let deferred = Arc::default();
        let inbox = Mutex::new(Inbox::new(&core, &deferred));
        Receiver { core, inbox, deferred, of: PhantomData }
    }

    /// Closes the mailbox for all, and returns whether this call did it. See
    /// [`Sender::close_mailbox`](crate::Sender::close_mailbox).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the mailbox may be closed or not.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn close_mailbox(&self) -> Result<bool, Error> {
        self.core.close().await
    }

    /// Returns how full the mailbox is.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience), [`Error::Refused`].
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.core.stats().await
    }

    /// Returns up to `limit` dead letters, the oldest first.
    ///
    /// They stay until someone [deletes](Self::delete_dead_letter) them, and **there is no bound to them**. At the
    /// server they are entries of the stream `sempost:{name}:dead`.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience), [`Error::Refused`].
    pub async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, Error> {
        self.core.dead_letters(limit).await
    }

    /// Deletes a dead letter, and returns whether it was still there.
    ///
    /// To try it again, send its payload first and delete it then.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, it may be deleted or not.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience), [`Error::Refused`].
    pub async fn delete_dead_letter(&self, letter: &DeadLetter) -> Result<bool, Error> {
        self.core.delete_dead_letter(&letter.entry).await
    }

    /// Gives back what was fetched and not handed out: for a worker that stops.
    ///
    /// Others get it at once instead of after its lease, and it counts as delivered. What was to be acknowledged
    /// [later](Delivery::ack_later) is acknowledged. Deliveries that were handed out stay as they are. **What the
    /// server sends at this very moment comes to others after its lease.**
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, it may be done or not. What was not given back comes to others after its lease.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after some [patience](crate::RemoteMailbox::patience), [`Error::Refused`].
    pub async fn give_back(mut self) -> Result<(), Error> {
        let (core, deferred) = (self.core.clone(), self.deferred.clone());
        let idle = Inbox::new(&core, &deferred);
        let Inbox { consumer, fetched, highest, .. } = std::mem::replace(self.inbox(), idle);
        let mut settlements = self.deferred().send();
        settlements.extend(fetched.iter().map(|message| message.settlement(Verb::Nack, &consumer)));
        drop(self);
        core.give_back(&consumer, highest, &settlements).await
    }

    /// Makes a stream of messages, each of which is acknowledged when the next one is asked for.
    #[must_use]
    pub fn auto_ack(self) -> AutoAck<T> {
        AutoAck::new(self)
    }

    fn deferred(&self) -> MutexGuard<'_, Deferred> {
        self.deferred.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    fn inbox(&mut self) -> &mut Inbox {
        self.inbox.get_mut().unwrap_or_else(|poison| poison.into_inner())
    }

    /// The next message as it came.
    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Raw, Error>>> {
        let lease = self.core.shared.lease;
        loop {
            let mut tended = false;
            if let Some(fetching) = &mut self.inbox().fetching {
                let (reader, result) = ready!(fetching.as_mut().poll(cx));
                let inbox = self.inbox();
                inbox.fetching = None;
                inbox.reader = Some(reader);
                let renewed = inbox.renewing.take();
                match result {
                    Ok(fetched) => {
                        tended = renewed.is_some();
                        inbox.fetched.retain(|message| !fetched.lost.contains(&message.id));
                        for message in &mut inbox.fetched {
                            message.since = renewed.unwrap_or(message.since);
                        }
                        inbox.fetched.extend(fetched.messages);
                        inbox.highest = fetched.highest;
                        inbox.ended = fetched.ended;
                    }
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            if self.inbox().ended {
                self.inbox().terminated = true;
                return Poll::Ready(None);
            }
            let late = self.deferred().since.is_some_and(|since| since.elapsed() > lease / 4);
            let inbox = self.inbox();
            let stale = inbox.fetched.front().is_some_and(|message| message.since.elapsed() > lease / 2);
            if (tended || !(late || stale))
                && let Some(message) = inbox.fetched.pop_front()
            {
                return Poll::Ready(Some(Ok(message)));
            }
            self.start();
        }
    }

    /// Starts a request: for more messages, or only to keep the leases of those that are here.
    fn start(&mut self) {
        let batch = self.core.shared.batch;
        let inbox = self.inbox();
        let want = if inbox.fetched.is_empty() { batch } else { 0 };
        inbox.renewing = (want == 0).then(Instant::now);
        let renewals = inbox.fetched.iter().map(|message| message.settlement(Verb::Renew, &inbox.consumer)).collect();
        let mut reader = inbox.reader.take().expect("nothing is being fetched");
        inbox.fetching = Some(Box::pin(async move {
            let result = reader.fetch(renewals, want).await;
            (reader, result)
        }));
    }
}

impl<T: Payload> Receiver<T> {
    /// Waits for the next message. Returns `None` when the mailbox has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing. What the server has sent meanwhile comes with the next call.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] for a message that becomes a dead letter, [`Error::Refused`]; [`Error::Unreachable`] after
    /// some [patience](crate::RemoteMailbox::patience). After each of them one may go on.
    pub async fn recv(&mut self) -> Option<Result<Delivery<T>, Error>> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delivery<T>, Error>>> {
        let raw = match ready!(self.poll_raw(cx)) {
            Some(Ok(raw)) => raw,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        let (core, deferred) = (self.core.clone(), self.deferred.clone());
        let consumer = self.inbox().consumer.clone();
        let Raw { id, payload, attempts, .. } = raw;
        Poll::Ready(Some(match T::decode(payload) {
            Ok(message) => Ok(Delivery { message, id, attempts, consumer, core, deferred }),
            Err(source) => {
                self.deferred().push(Settlement { verb: Verb::Bury, consumer, id: id.clone(), attempts });
                Err(Error::Decode { id, source: source.into() })
            }
        }))
    }
}

impl<T: Payload> Stream for Receiver<T> {
    type Item = Result<Delivery<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(cx)
    }
}

impl<T: Payload> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.inbox.lock().unwrap_or_else(|poison| poison.into_inner()).terminated
    }
}

/// A clone is a receiver of its own: it has nothing of what this one has fetched.
impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver::new(self.core.clone())
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("core", &self.core).finish_non_exhaustive()
    }
}
