//! A wait for a condition that is repeated while a predicate holds.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::guard::{Exclusive, Guard};
use super::site::Site;
use super::waiting::{ConditionWait, WaitTimeoutResult};
use crate::wait::{NAME, Poller};

type Data<S> = <<S as Site>::Owner as Exclusive>::Data;

pin_project! {
    pub(crate) struct WaitWhile<H, S, F>
    where
        H: Deref<Target = <S as Site>::Owner>,
        S: Site,
    {
        #[pin]
        wait: ConditionWait<H, S>,
        holds: F,
    }
}

impl<H, S, F> WaitWhile<H, S, F>
where
    H: Deref<Target = S::Owner>,
    S: Site,
    F: FnMut(&mut Data<S>) -> bool,
{
    pub(crate) fn new(wait: ConditionWait<H, S>, holds: F) -> Self {
        Self { wait, holds }
    }

    /// The predicate runs with the guard in hand, and outside every short lock.
    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        let mut this = self.project();
        loop {
            let mut guard = match this.wait.as_mut().take_owner() {
                Some(owner) => Guard::new(owner, this.wait.origin(&poller)),
                None => ready!(this.wait.as_mut().poll_as(poller, name)),
            };
            if !(this.holds)(&mut guard) {
                return Poll::Ready(guard);
            }
            this.wait.as_mut().renew(guard.into_owner());
            // This poll joins the queue again.
            let again = this.wait.as_mut().poll_as(poller, name);
            debug_assert!(again.is_pending(), "a condition has no memory");
            if again.is_pending() {
                return Poll::Pending;
            }
        }
    }

    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        self.poll_as(poller, NAME).map(|guard| (guard, WaitTimeoutResult::Notified))
    }

    pub(crate) fn poll_late(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        let this = self.project();
        let (mut guard, _) = ready!(this.wait.poll_late(poller));
        let holds = (this.holds)(&mut guard);
        Poll::Ready((guard, if holds { WaitTimeoutResult::TimedOut } else { WaitTimeoutResult::Notified }))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.wait.is_done()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.wait.is_woken()
    }
}

impl<H, S, F> fmt::Debug for WaitWhile<H, S, F>
where
    H: Deref<Target = S::Owner>,
    S: Site,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wait.fmt(f)
    }
}
