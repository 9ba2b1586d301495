//! Where one waits: the task, the future, and what became of it.

use std::sync::{Arc, Mutex, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Waker};

use crate::calm::{Calm, calm, in_a_panic};
use crate::common::Bell;
use crate::kinds::{Kind, Task};
use crate::scene::{End, Guest, Keep, Scene};

/// A waiter of a cell.
pub(crate) struct Spot {
    pub(crate) kind: Kind,
    pub(crate) task: Task,
    place: Arc<Place>,
}

/// What hooks of the waker reach, too.
pub(crate) struct Place {
    waiting: Mutex<Waiting>,
    /// Of the task, for polls from inside of a wake.
    bell: Weak<Bell>,
}

struct Waiting {
    guest: Option<Box<dyn Guest>>,
    fate: Fate,
}

/// What became of a waiter.
pub(crate) enum Fate {
    Waits,
    /// With what it was given, until that is dropped.
    Served(Option<Keep>),
    /// Its deadline came first.
    Late(Option<Keep>),
    Closed,
    /// It was given up, or its answer was a panic of a waker.
    Gone,
}

impl Waiting {
    fn poll(&mut self, waker: &Waker) {
        let Some(guest) = &mut self.guest else { return };
        if let Poll::Ready(end) = guest.poll(&mut Context::from_waker(waker)) {
            self.fate = match end {
                End::Served(keep) => Fate::Served(Some(keep)),
                End::Closed => Fate::Closed,
                End::Late(keep) => Fate::Late(Some(keep)),
            };
        }
    }

    fn waits(&self) -> bool {
        self.guest.is_some() && matches!(self.fate, Fate::Waits)
    }
}

impl Place {
    /// Takes the future away. Answers nothing while it is being polled.
    pub(crate) fn take_guest(&self) -> Option<Box<dyn Guest>> {
        let mut waiting = match self.waiting.try_lock() {
            Err(TryLockError::WouldBlock) => return None,
            Err(TryLockError::Poisoned(waiting)) => waiting.into_inner(),
            Ok(waiting) => waiting,
        };
        if waiting.waits() {
            waiting.fate = Fate::Gone;
        }
        waiting.guest.take()
    }

    /// Polls from inside of a wake, unless this very future is being polled.
    pub(crate) fn poll_inline(&self) {
        let Some(bell) = self.bell.upgrade() else { return };
        let Ok(mut waiting) = self.waiting.try_lock() else { return };
        if waiting.waits() {
            waiting.poll(bell.waker());
        }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Waiting) -> R) -> R {
        f(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Spot {
    /// A waiter that is not in line yet.
    pub(crate) fn new(kind: Kind, task: Task, guest: Box<dyn Guest>) -> Self {
        let waiting = Mutex::new(Waiting { guest: Some(guest), fate: Fate::Waits });
        let bell = task.bell().map_or_else(Weak::new, Arc::downgrade);
        let place = Arc::new(Place { waiting, bell });
        Self { kind, task, place }
    }

    pub(crate) fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place)
    }

    pub(crate) fn is_tame(&self) -> bool {
        self.kind == Kind::Tame
    }

    pub(crate) fn arm(&self, scene: &Scene) {
        self.task.arm(self.kind, scene, self);
    }

    pub(crate) fn waits(&self) -> bool {
        self.place.with(|waiting| waiting.waits())
    }

    pub(crate) fn is_served(&self) -> bool {
        self.place.with(|waiting| matches!(waiting.fate, Fate::Served(_)))
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.place.with(|waiting| matches!(waiting.fate, Fate::Closed))
    }

    /// Polls with the waker of its own task, if it still waits. Answers whether a waker panicked.
    pub(crate) fn poll(&self) -> bool {
        self.poll_with(self.task.waker())
    }

    /// Polls with another waker.
    pub(crate) fn poll_with(&self, waker: &Waker) -> bool {
        self.place.with(|waiting| {
            if !waiting.waits() {
                return false;
            }
            match calm(|| waiting.poll(waker)) {
                Calm::Done(()) => false,
                Calm::Raged => true,
                Calm::Answered => {
                    waiting.fate = Fate::Gone;
                    false
                }
            }
        })
    }

    /// What it was given, to be dropped by the caller.
    pub(crate) fn take_keep(&self) -> Option<Keep> {
        self.place.with(|waiting| match &mut waiting.fate {
            Fate::Served(keep) | Fate::Late(keep) => keep.take(),
            _ => None,
        })
    }

    /// Gives the wait up while a panic is under way.
    pub(crate) fn cancel_in_panic(&self) {
        let guest = self.place.take_guest();
        in_a_panic(|| drop(guest));
    }

    /// Gives the wait up. Answers whether a waker panicked.
    pub(crate) fn cancel(&self) -> bool {
        let guest = self.place.take_guest();
        calm(|| drop(guest)).raged()
    }
}
