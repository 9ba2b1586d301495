//! Waits that give up a guard and answer it again, and that begin again while a predicate holds.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::held::{Exclusive, Held};
use crate::wait::{Conclude, Late, NAME, Wait, Who};

/// A wait made of a guard. It leaves with its first poll, and answers the guard.
pub(crate) trait Absence {
    type Handle: Deref<Target: Exclusive>;

    /// Takes the guard's handle back, and the exclusion with it, if the wait has not begun.
    fn take_place(self: Pin<&mut Self>) -> Option<Self::Handle>;

    fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<Held<Self::Handle>>;

    /// Begins another wait, after an answer.
    fn renew(self: Pin<&mut Self>, place: Self::Handle);

    fn is_done(&self) -> bool;

    fn is_woken(&self) -> bool;
}

impl<H, R> Absence for Wait<H, R>
where
    H: Deref<Target = R::Core>,
    R: Conclude<H, Output = Held<H>, Core: Exclusive>,
{
    type Handle = H;

    fn take_place(self: Pin<&mut Self>) -> Option<H> {
        self.take_place()
    }

    fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<Held<H>> {
        self.poll_as(who, name)
    }

    fn renew(self: Pin<&mut Self>, place: H) {
        self.renew(place);
    }

    fn is_done(&self) -> bool {
        self.is_done()
    }

    fn is_woken(&self) -> bool {
        self.is_woken()
    }
}

pin_project! {
    /// A wait that begins again while a predicate holds.
    pub(crate) struct WaitWhile<W, F> {
        #[pin]
        wait: W,
        holds: F,
    }
}

impl<W, F> WaitWhile<W, F>
where
    W: Absence,
    F: FnMut(&mut <<W::Handle as Deref>::Target as Exclusive>::Data) -> bool,
{
    pub(crate) fn new(wait: W, holds: F) -> Self {
        Self { wait, holds }
    }

    /// Outside every lock of ours runs the predicate: with the guard in hand, as a procedure of its holder.
    pub(crate) fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<Held<W::Handle>> {
        let mut this = self.project();
        loop {
            let mut guard = match this.wait.as_mut().take_place() {
                Some(place) => Held::new(place),
                None => ready!(this.wait.as_mut().poll_as(who, name)),
            };
            if !(this.holds)(&mut guard) {
                return Poll::Ready(guard);
            }
            this.wait.as_mut().renew(guard.into_owner());
            // Begun anew, it joins the line with this very poll.
            let again = this.wait.as_mut().poll_as(who, name);
            debug_assert!(again.is_pending(), "a condition has no memory");
            if again.is_pending() {
                return Poll::Pending;
            }
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.wait.is_done()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.wait.is_woken()
    }
}

/// How a wait for a condition ended that had a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "whether it was notified is what the deadline was for"]
pub enum Ended {
    /// It was notified, or signalled; a `wait_while_until`: its predicate does not hold any more.
    Notified,
    /// The deadline came first; a `wait_while_until`: its predicate still holds.
    Elapsed,
}

impl Ended {
    /// Whether the deadline came first.
    pub fn is_elapsed(self) -> bool {
        self == Self::Elapsed
    }
}

impl<W, F> Late for WaitWhile<W, F>
where
    W: Absence + Late<Timely = (Held<<W as Absence>::Handle>, Ended)>,
    F: FnMut(&mut <<W::Handle as Deref>::Target as Exclusive>::Data) -> bool,
{
    type Timely = (Held<W::Handle>, Ended);

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        self.poll_as(who, NAME).map(|guard| (guard, Ended::Notified))
    }

    fn poll_late(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        let this = self.project();
        let (mut guard, _) = ready!(this.wait.poll_late(who));
        let ended = if (this.holds)(&mut guard) { Ended::Elapsed } else { Ended::Notified };
        Poll::Ready((guard, ended))
    }
}

impl<W: fmt::Debug, F> fmt::Debug for WaitWhile<W, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wait.fmt(f)
    }
}
