//! How a future waits for a hub: for any port, by a token; or for one source, in its line.

use alloc::sync::Arc;
use core::fmt;
use core::hash::Hash;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::hub::{Hub, Look};
use crate::mailbox::receiving::{OneMessage, Receive};
use crate::mailbox::shared::Shared;
use crate::record::{Origin, Place};
use crate::wait::{Defer, NAME, Poller, Ticket, Wait, polled_twice};

/// One way to wait.
pub(crate) trait Search<K, T> {
    type Found;

    /// `None` means that nothing will come any more.
    fn poll(self: Pin<&mut Self>, hub: &Arc<Hub<K, T>>, poller: Poller<'_>) -> Poll<Option<Self::Found>>;

    /// Leaves all queues. What it was woken for goes to the next waiter.
    fn stop(self: Pin<&mut Self>, hub: &Hub<K, T>);

    /// Looks once more after it has left, without waiting.
    fn look(self: Pin<&mut Self>, hub: &Hub<K, T>) -> Poll<Option<Self::Found>>;

    /// Whether another poll may find more than the last one.
    fn is_woken(&self) -> bool;
}

/// The mailbox of tokens as the place of a wait.
pub(super) struct Tokens<K, T>(Arc<Hub<K, T>>);

impl<K, T> Deref for Tokens<K, T> {
    type Target = Shared<()>;

    fn deref(&self) -> &Shared<()> {
        &self.0.ready.tokens.shared
    }
}

pin_project! {
    /// A wait for any port. While it sleeps it is counted in the board, and waits for a token.
    pub(crate) struct Anywhere<K, T> {
        // It wants no message.
        idle: bool,
        born: Place,
        #[pin]
        token: Option<Wait<Tokens<K, T>, Receive<(), OneMessage>>>,
    }
}

impl<K, T> Anywhere<K, T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new() -> Self {
        Self::up_to(1)
    }

    /// A wait for one message, or for none if `limit` is 0.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn up_to(limit: usize) -> Self {
        Self { idle: limit == 0, born: Place::here(), token: None }
    }
}

impl<K: Clone + Eq + Hash, T> Search<K, T> for Anywhere<K, T> {
    type Found = (K, T);

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, hub: &Arc<Hub<K, T>>, poller: Poller<'_>) -> Poll<Option<(K, T)>> {
        let mut this = self.project();
        if *this.idle {
            return Poll::Ready(None);
        }
        loop {
            if let Some(token) = this.token.as_mut().as_pin_mut() {
                // A poll that panicked has ended the wait for the token: then this looks again.
                let got = if token.is_done() { None } else { ready!(token.poll_as(poller, NAME, |_, _, got, _| got)) };
                this.token.set(None);
                hub.ready.wake(got.is_some());
            }
            match hub.receive(true, poller.origin(*this.born)) {
                Look::Found(message) => return Poll::Ready(Some(message)),
                Look::End => return Poll::Ready(None),
                Look::Nothing => {
                    this.token.set(Some(Wait::born_at(
                        *this.born,
                        Tokens(Arc::clone(hub)),
                        Receive::new(OneMessage),
                        Ticket::default(),
                    )));
                }
                Look::Again => {
                    poller.wake();
                    return Poll::Pending;
                }
            }
        }
    }

    fn stop(self: Pin<&mut Self>, hub: &Hub<K, T>) {
        let mut token = self.project().token;
        if token.is_some() {
            // Counted out even if a waker panics.
            let _awake = Defer(|| hub.ready.wake(false));
            token.set(None);
        }
    }

    fn look(self: Pin<&mut Self>, hub: &Hub<K, T>) -> Poll<Option<(K, T)>> {
        loop {
            match hub.receive(false, Origin::thread(self.born)) {
                Look::Found(message) => return Poll::Ready(Some(message)),
                Look::End => return Poll::Ready(None),
                Look::Nothing => return Poll::Pending,
                Look::Again => {}
            }
        }
    }

    fn is_woken(&self) -> bool {
        self.token.as_ref().is_none_or(Wait::is_woken)
    }
}

pin_project! {
    /// A wait: the place, what the result is made of, and the way to wait.
    pub(crate) struct Searching<H, K, T, P, S>
    where
        H: Deref<Target = Arc<Hub<K, T>>>,
        S: Search<K, T>,
    {
        place: Option<H>,
        payload: P,
        #[pin]
        search: S,
    }

    impl<H, K, T, P, S> PinnedDrop for Searching<H, K, T, P, S>
    where
        H: Deref<Target = Arc<Hub<K, T>>>,
        S: Search<K, T>,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(place) = this.place {
                this.search.stop(place);
            }
        }
    }
}

impl<H, K, T, P, S> Searching<H, K, T, P, S>
where
    H: Deref<Target = Arc<Hub<K, T>>>,
    S: Search<K, T>,
{
    pub(super) fn new(place: H, payload: P, search: S) -> Self {
        Self { place: Some(place), payload, search }
    }

    #[inline(always)]
    pub(crate) fn poll_as<R>(
        self: Pin<&mut Self>,
        poller: Poller<'_>,
        name: &str,
        conclude: impl FnOnce(H, &mut P, Option<S::Found>) -> R,
    ) -> Poll<R> {
        let this = self.project();
        let Some(place) = this.place.as_ref() else { polled_twice(name) };
        let found = ready!(this.search.poll(place, poller));
        let place = this.place.take().expect("it was there a line ago");
        Poll::Ready(conclude(place, this.payload, found))
    }

    /// Polls after the deadline: looks, leaves all queues, and looks for what came in between.
    pub(crate) fn poll_late<R, U>(
        mut self: Pin<&mut Self>,
        poller: Poller<'_>,
        conclude: impl Fn(H, &mut P, Option<S::Found>) -> R,
        in_time: impl Fn(R) -> U,
        elapsed: impl FnOnce(H, &mut P) -> U,
    ) -> Poll<U> {
        if let Poll::Ready(result) = self.as_mut().poll_as(poller, NAME, &conclude) {
            return Poll::Ready(in_time(result));
        }
        let mut this = self.project();
        let place = this.place.as_ref().expect("a wait has a place");
        this.search.as_mut().stop(place);
        let found = this.search.look(place);
        let place = this.place.take().expect("it was there a line ago");
        Poll::Ready(match found {
            Poll::Ready(found) => in_time(conclude(place, this.payload, found)),
            Poll::Pending => elapsed(place, this.payload),
        })
    }

    pub(crate) fn is_done(&self) -> bool {
        self.place.is_none()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.search.is_woken()
    }
}

impl<H, K, T, P, S> fmt::Debug for Searching<H, K, T, P, S>
where
    H: Deref<Target = Arc<Hub<K, T>>>,
    S: Search<K, T>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_done(), self.is_woken()) {
            (true, _) => "Done",
            (false, true) => "Fresh",
            (false, false) => "Queued",
        })
    }
}
