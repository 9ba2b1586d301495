//! Whom to wake, gathered under a lock and carried out after it.
//!
//! # Invariants
//! - (B1) Exactly the slots `next..len` hold a waker.
//!
//! A turn is counted in waits, not in wakers: who was nudged has none, and takes as long to serve.

use core::mem::MaybeUninit;
use core::task::Waker;

/// How many grants one turn under a lock may make: nobody who wants the lock waits for more than these.
pub(crate) const TURN: usize = 64;

/// Whom a node wakes: the task that polled it last, or the thread that is parked in it.
#[derive(Debug)]
pub(crate) enum Wake {
    Task(Waker),
    #[cfg(feature = "std")]
    Thread(crate::primitive::Thread),
}

impl From<Waker> for Wake {
    #[inline(always)]
    fn from(waker: Waker) -> Self {
        Self::Task(waker)
    }
}

#[cfg(feature = "std")]
impl From<crate::primitive::Thread> for Wake {
    #[inline(always)]
    fn from(thread: crate::primitive::Thread) -> Self {
        Self::Thread(thread)
    }
}

impl Wake {
    #[inline(always)]
    pub(crate) fn wake(self) {
        match self {
            Self::Task(waker) => waker.wake(),
            #[cfg(feature = "std")]
            Self::Thread(thread) => unpark(thread),
        }
    }

    /// Moves it from a node to `tell`, which is empty: what was there would be forgotten.
    ///
    /// Not by an assignment, which would look whether there was something to drop; and not the whole `Option`, whose words
    /// would be stored in other pairs than they are read in next: the reader then waits until they are in the cache.
    #[inline(always)]
    pub(crate) fn hand_over(node: &mut Option<Self>, tell: &mut Option<Self>) {
        debug_assert!(tell.is_none(), "one is told at a time");
        if let Some(wake) = node.take() {
            core::mem::forget(tell.replace(wake));
        }
    }

    /// Wakes, and sees to it that a panic does not meet another one (C7).
    ///
    /// Taken apart at once, so that a waker stays in registers: for what is read in other pairs of words than it was stored in,
    /// see [`hand_over`](Self::hand_over).
    #[inline(always)]
    pub(crate) fn call(self) {
        match self {
            Self::Task(waker) => call(waker, Waker::wake),
            #[cfg(feature = "std")]
            Self::Thread(thread) => call(thread, unpark),
        }
    }

    /// [Calls](Self::call) the one to tell, if there is one. The look at the panic comes first: behind the other, it costs those
    /// an instruction who tell nobody.
    #[inline(always)]
    pub(crate) fn tell(tell: &mut Option<Self>) {
        if super::panics::is_panicking() {
            tell.take().into_iter().for_each(Self::call);
        } else if let Some(wake) = tell.take() {
            wake.wake();
        }
    }
}

#[inline(always)]
fn call<T>(sleeper: T, wake: fn(T)) {
    if super::panics::is_panicking() { call_carefully(sleeper, wake) } else { wake(sleeper) }
}

#[cold]
fn call_carefully<T>(sleeper: T, wake: fn(T)) {
    let mut sleeper = Some(sleeper);
    super::each(|| sleeper.take().map(wake).is_some());
}

/// A call, so that what wakes a task stays small.
#[cfg(feature = "std")]
#[inline(never)]
fn unpark(thread: crate::primitive::Thread) {
    thread.unpark();
}

/// Who is asking: a task, by its waker, or the thread that runs right now.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// Its waker.
    Task(&'a Waker),
    /// This one. The cell says whether it may park: nothing foreign has run since the last look at its place.
    #[cfg(feature = "std")]
    Thread(&'a core::cell::Cell<bool>),
}

impl Who<'_> {
    /// Clones a foreign waker: never under a lock.
    #[inline(always)]
    pub(crate) fn to_wake(self) -> Wake {
        match self {
            Self::Task(waker) => Wake::Task(waker.clone()),
            #[cfg(feature = "std")]
            Self::Thread(_) => Wake::Thread(crate::primitive::current()),
        }
    }

    /// Wakes the one who asks, who is running: it is to come back after others.
    pub(crate) fn wake(self) {
        match self {
            Self::Task(waker) => waker.wake_by_ref(),
            #[cfg(feature = "std")]
            Self::Thread(_) => crate::primitive::current().unpark(),
        }
    }

    /// Notes whether a thread may park without another look at its place.
    #[inline(always)]
    pub(crate) fn may_park(self, may: bool) {
        match self {
            Self::Task(_) => _ = may,
            #[cfg(feature = "std")]
            Self::Thread(parks) => parks.set(may),
        }
    }

    /// Whether `wake` already wakes the one who asks. Compares two pointers, runs nothing foreign.
    pub(crate) fn is_woken_by(self, wake: &Wake) -> bool {
        match (self, wake) {
            (Self::Task(waker), Wake::Task(kept)) => waker.will_wake(kept),
            #[cfg(feature = "std")]
            (Self::Thread(_), Wake::Thread(kept)) => kept.id() == crate::primitive::current().id(),
            #[cfg(feature = "std")]
            _ => false,
        }
    }
}

/// At most [`TURN`] wakers, in the order of their grants. Making one writes three words.
pub(crate) struct Wakes {
    next: usize,
    len: usize,
    /// How many were served in this turn.
    served: usize,
    slots: [MaybeUninit<Wake>; TURN],
}

impl Wakes {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self { next: 0, len: 0, served: 0, slots: [const { MaybeUninit::uninit() }; TURN] }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.next == self.len && !self.is_full()
    }

    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.served >= TURN
    }

    /// Notes that one was served, and its waker, if it has one: a nudged waiter was woken before.
    ///
    /// # Panics
    /// On a batch that is full of wakers, which means that a grant loop did not ask [`is_full`](Self::is_full).
    pub(crate) fn push(&mut self, wake: Option<Wake>) {
        self.served += 1;
        if let Some(wake) = wake {
            self.slots[self.len].write(wake);
            self.len += 1;
        }
    }

    /// Ends the first wait of a line and notes whom to wake.
    pub(crate) fn end_front<X>(&mut self, line: &mut super::List<X>, stage: super::Stage) {
        let mut tell = None;
        line.end_front(stage, &mut tell);
        self.push(tell);
    }

    /// The next to wake. An emptied batch has all its room back.
    pub(crate) fn pop(&mut self) -> Option<Wake> {
        if self.next == self.len {
            (self.next, self.len, self.served) = (0, 0, 0);
            return None;
        }
        let at = self.next;
        self.next += 1;
        // SAFETY: (B1) – it was in `next..len`, and is not any more.
        Some(unsafe { self.slots[at].assume_init_read() })
    }
}

impl Drop for Wakes {
    // Nobody gathers wakers and forgets them; but should a panic come between, a leak would be a lost wake-up.
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_empty() {
            super::each(|| self.pop().map(Wake::wake).is_some());
        }
    }
}
