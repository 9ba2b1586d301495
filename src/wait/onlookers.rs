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

use super::waiting::polled_twice;
use super::{Foreign, each};
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
    pub(crate) fn poll(&mut self, onlookers: &Onlookers, waker: &Waker) -> Poll<()> {
        if !onlookers.happened() {
            let fresh = waker.clone();
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

macro_rules! watch {
    ($(#[$meta:meta])* $Name:ident) => {
        pin_project! {
            $(#[$meta])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<'a> {
                onlookers: &'a Onlookers,
                watch: Watch,
                answered: bool,
                #[pin]
                _pinned: PhantomPinned,
            }
        }

        impl<'a> $Name<'a> {
            pub(crate) fn new(onlookers: &'a Onlookers) -> Self {
                Self { onlookers, watch: Watch::new(), answered: false, _pinned: PhantomPinned }
            }

            /// Waits on this thread. Never call it inside a task.
            #[cfg(feature = "std")]
            pub fn wait(self) {
                park_until(self, None);
            }

            /// Waits on this thread for at most `timeout`, and tells whether it has happened.
            #[cfg(feature = "std")]
            pub fn wait_timeout(self, timeout: core::time::Duration) -> bool {
                park_until(self, std::time::Instant::now().checked_add(timeout))
            }
        }

        impl Future for $Name<'_> {
            type Output = ();

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.project();
                if *this.answered {
                    polled_twice(stringify!($Name));
                }
                let poll = this.watch.poll(this.onlookers, cx.waker());
                *this.answered = poll.is_ready();
                poll
            }
        }

        impl futures_core::FusedFuture for $Name<'_> {
            fn is_terminated(&self) -> bool {
                self.answered
            }
        }

        impl fmt::Debug for $Name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($Name)).field(self.onlookers).finish()
            }
        }
    };
}

watch! {
    /// Completes when a semaphore or a mailbox has been closed. Made by `closed()`.
    ///
    /// # Cancel safety
    /// Dropping it forgets the onlooker; nothing else notices.
    Closed
}

watch! {
    /// Completes when a mailbox is closed and no message can come out of it any more. Made by
    /// [`Receiver::drained`](crate::mailbox::Receiver::drained).
    ///
    /// # Cancel safety
    /// Dropping it forgets the onlooker; nothing else notices.
    Drained
}

/// Polls on this thread until the event or the deadline.
#[cfg(feature = "std")]
fn park_until(watch: impl Future<Output = ()>, deadline: Option<std::time::Instant>) -> bool {
    struct Unpark(std::thread::Thread);

    impl task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut watch = core::pin::pin!(watch);
    loop {
        if watch.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return true;
        }
        match deadline.map(|at| at.saturating_duration_since(std::time::Instant::now())) {
            None => std::thread::park(),
            Some(left) if left.is_zero() => return false,
            Some(left) => std::thread::park_timeout(left),
        }
    }
}
