//! The rare events – closed, drained – with any number of onlookers, carried by `event-listener`.
//!
//! That crate calls wakers under the lock of its list, so a waker that comes back would hang, and one that panics would
//! rob the others. Therefore it never sees a real one: it gets a proxy that only notes itself down, and whoever announces
//! the event wakes those who were noted afterwards, with no lock held and panics contained.
//!
//! It does not carry the hot lines: one wait and wake costs it two to three times what a list under the short lock costs.

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

use super::until::{Elapsed, Late, NAME};
use super::waiting::polled_twice;
use super::{Foreign, Who, each, named_future};
use crate::lock::Lock;
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::const_fn;

/// An event that happens once and then has happened for ever.
pub(crate) struct Onlookers {
    happened: AtomicBool,
    event: Event,
    /// Made by the first who has to wait; shared with the proxies, which outlive nothing.
    called: Lock<Option<Arc<Called>>>,
}

/// The proxies that the event reached and whose tasks are still to be woken.
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

impl Onlookers {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { happened: AtomicBool::new(false), event: Event::new(), called: Lock::new(None) }
        }
    }

    /// The event happens. Called with no lock held.
    pub(crate) fn announce(&self) {
        // ORDERING: Release; pairs with the Acquire in `happened`.
        self.happened.store(true, Release);
        // Whoever registers afterwards takes this lock after us, and then sees that it has happened.
        let Some(called) = self.called.lock().clone() else { return };
        self.event.notify(usize::MAX);
        each(|| {
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

impl fmt::Debug for Onlookers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onlookers").field("happened", &self.happened()).finish_non_exhaustive()
    }
}

/// A registered onlooker.
struct Seat {
    listener: EventListener,
    proxy: Arc<Proxy>,
}

impl Drop for Seat {
    // The proxy may have been noted down by an announcement that is over; its task must not be kept with it.
    fn drop(&mut self) {
        let waker = self.proxy.waker.lock().take();
        drop(Foreign::new(waker));
    }
}

/// What whoever watches keeps between two polls.
pub(crate) struct Watch(Option<Seat>);

impl Watch {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Watches no more; answers the waker, which is foreign.
    pub(crate) fn stop(&mut self) -> Foreign<Waker> {
        Foreign::new(self.0.take().and_then(|seat| seat.proxy.waker.lock().take()))
    }

    /// Looks at the state first and registers only if it has to wait.
    pub(crate) fn poll(&mut self, onlookers: &Onlookers, who: Who<'_>) -> Poll<()> {
        if !onlookers.happened() {
            let fresh = match who {
                Who::Task(waker) => waker.clone(),
                #[cfg(feature = "std")]
                Who::Thread(_) => super::blocking::waker(),
            };
            let watching = match &mut self.0 {
                Some(watching) => {
                    let old = watching.proxy.waker.lock().replace(fresh);
                    drop(Foreign::new(old));
                    watching
                }
                None => {
                    let proxy = onlookers.proxy(fresh);
                    self.0.insert(Seat { listener: onlookers.event.listen(), proxy })
                }
            };
            let noted = Waker::from(Arc::clone(&watching.proxy));
            let poll = Pin::new(&mut watching.listener).poll(&mut Context::from_waker(&noted));
            // It may have happened between the look and the listening: then nobody will call again.
            if poll.is_pending() && !onlookers.happened() {
                return Poll::Pending;
            }
        }
        self.0 = None;
        Poll::Ready(())
    }
}

pin_project! {
    /// The wait for an event.
    pub(crate) struct Onlooking<'a> {
        onlookers: &'a Onlookers,
        watch: Watch,
        answered: bool,
        #[pin]
        _pinned: PhantomPinned,
    }
}

impl<'a> Onlooking<'a> {
    pub(crate) fn new(onlookers: &'a Onlookers) -> Self {
        Self { onlookers, watch: Watch::new(), answered: false, _pinned: PhantomPinned }
    }

    pub(crate) fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<()> {
        let this = self.project();
        if *this.answered {
            polled_twice(name);
        }
        let poll = this.watch.poll(this.onlookers, who);
        *this.answered = poll.is_ready();
        poll
    }

    pub(crate) fn is_done(&self) -> bool {
        self.answered
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.onlookers.happened()
    }
}

impl Late for Onlooking<'_> {
    type Timely = Result<(), Elapsed>;

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        self.poll_as(who, NAME).map(Ok)
    }

    fn poll_late(self: Pin<&mut Self>, _: Who<'_>) -> Poll<Self::Timely> {
        let this = self.project();
        if core::mem::replace(this.answered, true) {
            polled_twice(NAME);
        }
        let _waker = this.watch.stop();
        Poll::Ready(if this.onlookers.happened() { Ok(()) } else { Err(Elapsed) })
    }
}

impl fmt::Debug for Onlooking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.onlookers.fmt(f)
    }
}

named_future! {
    /// Completes when a semaphore or a mailbox has been closed. Made by `closed()`.
    ///
    /// # Cancel safety
    /// Dropping it forgets the onlooker; nothing else notices.
    pub struct Closed['a] where [] = Onlooking<'a> => (), until Result<(), Elapsed>;
}

named_future! {
    /// Completes when a mailbox is closed and no message can come out of it any more. Made by
    /// [`Receiver::drained`](crate::mailbox::Receiver::drained).
    ///
    /// # Cancel safety
    /// Dropping it forgets the onlooker; nothing else notices.
    pub struct Drained['a] where [] = Onlooking<'a> => (), until Result<(), Elapsed>;
}
