//! Events that happen once (closed, drained), with any number of listeners. Built on `event-listener`.
//!
//! That crate calls wakers under the lock of its list. A waker that re-enters it would deadlock, and one that panics
//! would keep other listeners from being woken. So it never sees a real waker. It gets a proxy, which only notes that
//! it was called. Then the announcement wakes the noted tasks, with no lock held and panics contained.
//!
//! The hot queues do not use it: one wait and wake costs two to three times what a list under the short lock costs.

use alloc::sync::{Arc, Weak};
use alloc::task;
use core::fmt;
use core::future::Future;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::task::{Context, Poll, Waker};

use event_listener::{Event, EventListener};
use pin_project_lite::pin_project;

use super::named::named_future;
use super::panics::{DropGuarded, run_all};
use super::until::{Elapsed, NAME};
use super::waiting::polled_twice;
use super::wakes::Poller;
use crate::lock::Lock;
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::const_fn;
use crate::record::{CLOSE, Place, Tag, TagRef, WaitRecord};

/// An event that happens once and then has happened forever.
pub(crate) struct OneTimeEvent {
    happened: AtomicBool,
    event: Event,
    /// Made for the first listener that has to wait. The proxies refer to it weakly.
    called: Lock<Option<Arc<Called>>>,
}

/// A stack of proxies that `event-listener` has called, and whose tasks are still to be woken.
struct Called(Lock<Option<Arc<Proxy>>>);

struct Proxy {
    called: Weak<Called>,
    next: Lock<Option<Arc<Proxy>>>,
    waker: Lock<Option<Waker>>,
}

impl task::Wake for Proxy {
    fn wake(self: Arc<Self>) {
        let Some(called) = self.called.upgrade() else { return };
        let mut first = called.0.lock();
        *self.next.lock() = first.take();
        *first = Some(self);
    }
}

impl Called {
    fn pop(&self) -> Option<Arc<Proxy>> {
        let mut first = self.0.lock();
        let proxy = first.take()?;
        *first = proxy.next.lock().take();
        Some(proxy)
    }
}

impl OneTimeEvent {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { happened: AtomicBool::new(false), event: Event::new(), called: Lock::new(None) }
        }
    }

    /// Notes that the event has happened, for those who will listen. It wakes nobody.
    pub(crate) fn note(&self) {
        // ORDERING: Release; pairs with the Acquire in `happened`.
        self.happened.store(true, Release);
    }

    /// Makes the event happen, and wakes all listeners. Called with no lock held.
    pub(crate) fn announce(&self) {
        self.note();
        // A listener that registers later takes this lock after us, and then sees that the event has happened.
        let Some(called) = self.called.lock().clone() else { return };
        self.event.notify(usize::MAX);
        run_all(|| {
            let Some(proxy) = called.pop() else { return false };
            let waker = proxy.waker.lock().take();
            waker.into_iter().for_each(Waker::wake);
            true
        });
    }

    fn happened(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `announce`.
        self.happened.load(Acquire)
    }

    fn proxy(&self, waker: Waker) -> Arc<Proxy> {
        let spare = Arc::new(Called(Lock::new(None)));
        let called = Arc::clone(self.called.lock().get_or_insert_with(|| Arc::clone(&spare)));
        let called = Arc::downgrade(&called);
        Arc::new(Proxy { called, next: Lock::new(None), waker: Lock::new(Some(waker)) })
    }
}

impl fmt::Debug for OneTimeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeEvent").field("happened", &self.happened()).finish_non_exhaustive()
    }
}

/// A registered listener.
struct Registered {
    listener: EventListener,
    proxy: Arc<Proxy>,
}

impl Drop for Registered {
    // A finished announcement may still have the proxy on its stack. It must not keep the waker alive.
    fn drop(&mut self) {
        let waker = self.proxy.waker.lock().take();
        drop(DropGuarded::new(waker));
    }
}

/// What a listener keeps between two polls.
pub(crate) struct Listener(Option<Registered>);

impl Listener {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Whether it is registered with an event.
    pub(crate) fn is_registered(&self) -> bool {
        self.0.is_some()
    }

    /// Stops listening. Returns the waker, which is foreign.
    pub(crate) fn stop(&mut self) -> DropGuarded<Waker> {
        DropGuarded::new(self.0.take().and_then(|registered| registered.proxy.waker.lock().take()))
    }

    /// Checks the event first, and registers only if it has not happened.
    pub(crate) fn poll(&mut self, event: &OneTimeEvent, poller: Poller<'_>) -> Poll<()> {
        if !event.happened() {
            let fresh = match poller {
                Poller::Task(waker) => waker.clone(),
                #[cfg(feature = "std")]
                Poller::Thread(_) => super::blocking::waker(),
            };
            let registered = match &mut self.0 {
                Some(registered) => {
                    let old = registered.proxy.waker.lock().replace(fresh);
                    drop(DropGuarded::new(old));
                    registered
                }
                None => {
                    let proxy = event.proxy(fresh);
                    self.0.insert(Registered { listener: event.event.listen(), proxy })
                }
            };
            let noted = Waker::from(Arc::clone(&registered.proxy));
            let poll = Pin::new(&mut registered.listener).poll(&mut Context::from_waker(&noted));
            // The event may have happened between the check and the registration. Then no call will come.
            if poll.is_pending() && !event.happened() {
                return Poll::Pending;
            }
        }
        self.0 = None;
        Poll::Ready(())
    }
}

pin_project! {
    /// The wait for an event.
    pub(crate) struct EventWait<'a> {
        event: &'a OneTimeEvent,
        listener: Listener,
        done: bool,
        tag: TagRef<'a>,
        born: Place,
        record: WaitRecord,
        #[pin]
        _pinned: PhantomPinned,
    }
}

impl<'a> EventWait<'a> {
    /// `tag` is that of the primitive.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn new(event: &'a OneTimeEvent, tag: &'a Tag) -> Self {
        let (tag, born, record) = (TagRef::new(tag), Place::here(), WaitRecord::new());
        Self { event, listener: Listener::new(), done: false, tag, born, record, _pinned: PhantomPinned }
    }

    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<()> {
        let this = self.project();
        if *this.done {
            polled_twice(name);
        }
        let poll = this.listener.poll(this.event, poller);
        *this.done = poll.is_ready();
        if *this.done {
            this.record.end();
        } else {
            this.record.poll(this.tag.get(), poller.origin(*this.born), CLOSE);
        }
        poll
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.event.happened()
    }
}

impl EventWait<'_> {
    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Result<(), Elapsed>> {
        self.poll_as(poller, NAME).map(Ok)
    }

    pub(crate) fn poll_late(self: Pin<&mut Self>, _: Poller<'_>) -> Poll<Result<(), Elapsed>> {
        let this = self.project();
        if core::mem::replace(this.done, true) {
            polled_twice(NAME);
        }
        let _waker = this.listener.stop();
        this.record.end();
        Poll::Ready(if this.event.happened() { Ok(()) } else { Err(Elapsed) })
    }
}

impl fmt::Debug for EventWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event.fmt(f)
    }
}

named_future! {
    /// Completes when a semaphore or a mailbox has been closed. Made by `closed()`.
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing else notices.
    pub struct AwaitingClosed['a] where [] = EventWait<'a> => (), until Result<(), Elapsed>;
}

named_future! {
    /// Completes when a mailbox is closed and no message can come out of it any more. Made by
    /// [`Receiver::drained`](crate::mailbox::Receiver::drained).
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing else notices.
    pub struct AwaitingDrained['a] where [] = EventWait<'a> => (), until Result<(), Elapsed>;
}
