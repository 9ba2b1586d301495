//! One primitive, in which there is nothing to get until an event of the scene: what a cell of the table is played on.

use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::calm::calm;

/// What a waiter was given, until it is dropped: a permit, a guard.
pub(crate) type Keep = Box<dyn Any + Send>;

/// How a wait ended.
pub(crate) enum End {
    Served(Keep),
    Closed,
    /// The deadline came first. Some have something to keep all the same: a guard.
    Late(Keep),
}

impl End {
    /// Served, with nothing to keep.
    pub(crate) fn served() -> Self {
        Self::Served(Box::new(()))
    }

    /// Late, with nothing to keep.
    pub(crate) fn late() -> Self {
        Self::Late(Box::new(()))
    }
}

/// A future or a polled handle: something that waits in the scene.
pub(crate) trait Guest: Send {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End>;
}

/// A future, and what its output means.
struct Awaiting<F, E>(Pin<Box<F>>, E);

impl<F: Future + Send, E: FnMut(F::Output) -> End + Send> Guest for Awaiting<F, E> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.0.as_mut().poll(cx).map(&mut self.1)
    }
}

/// A handle, and how it is polled.
struct Polling<H, P>(H, P);

impl<H: Send, P: FnMut(&mut H, &mut Context<'_>) -> Poll<End> + Send> Guest for Polling<H, P> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        (self.1)(&mut self.0, cx)
    }
}

pub(crate) fn awaiting<F>(future: F, end: impl FnMut(F::Output) -> End + Send + 'static) -> Box<dyn Guest>
where
    F: Future + Send + 'static,
{
    Box::new(Awaiting(Box::pin(future), end))
}

pub(crate) fn polling<H: Send + 'static>(
    handle: H,
    poll: impl FnMut(&mut H, &mut Context<'_>) -> Poll<End> + Send + 'static,
) -> Box<dyn Guest> {
    Box::new(Polling(handle, poll))
}

type Event = Box<dyn Fn()>;

/// One primitive, what happens to it, and its books.
pub(crate) struct Scene {
    /// A fresh waiter.
    pub(crate) make: Box<dyn Fn() -> Box<dyn Guest>>,
    /// Gives what serves one waiter.
    pub(crate) one: Event,
    /// How often it could not, for somebody was in the way.
    pub(crate) missed: Box<dyn Fn() -> usize>,
    /// Gives what serves three, all at once.
    pub(crate) batch: Result<Event, &'static str>,
    pub(crate) close: Result<Event, &'static str>,
    /// The deadline of one waiter comes; they are counted as they are made.
    pub(crate) late: Result<Box<dyn Fn(usize)>, &'static str>,
    /// Comes back to the primitive in every way that does not wait, and leaves nothing changed.
    pub(crate) touch: Arc<dyn Fn() + Send + Sync>,
    /// Insists that nothing was lost or doubled. Nobody waits any more, and everything was given back.
    pub(crate) audit: Box<dyn Fn()>,
    /// Whether the next is served only when what the one before was given is dropped.
    pub(crate) in_turn: bool,
    /// Whether what is given while nobody waits is there for the next.
    pub(crate) memory: Result<(), &'static str>,
    /// Whether a grant is the end of it, so that who is given up then has nothing to hand on.
    pub(crate) taken_when_granted: bool,
    /// Whether the next in line clones its waker once more when it becomes the first.
    pub(crate) joins_again: bool,
    /// What the waiters borrow. Dropped last.
    loans: Vec<Box<dyn Any>>,
}

impl Scene {
    pub(crate) fn new(make: impl Fn() -> Box<dyn Guest> + 'static, one: impl Fn() + 'static) -> Self {
        Self {
            make: Box::new(make),
            one: Box::new(one),
            missed: Box::new(|| 0),
            batch: Err("it lets in one at a time"),
            close: Err("it cannot be closed"),
            late: Err("it has no deadline"),
            touch: Arc::new(|| ()),
            audit: Box::new(|| ()),
            in_turn: false,
            memory: Ok(()),
            taken_when_granted: false,
            joins_again: false,
            loans: Vec::new(),
        }
    }

    pub(crate) fn missed(self, missed: impl Fn() -> usize + 'static) -> Self {
        Self { missed: Box::new(missed), ..self }
    }

    pub(crate) fn batch(self, batch: impl Fn() + 'static) -> Self {
        Self { batch: Ok(Box::new(batch)), ..self }
    }

    pub(crate) fn close(self, close: impl Fn() + 'static) -> Self {
        Self { close: Ok(Box::new(close)), ..self }
    }

    pub(crate) fn never_closes(self, reason: &'static str) -> Self {
        Self { close: Err(reason), ..self }
    }

    pub(crate) fn late(self, late: impl Fn(usize) + 'static) -> Self {
        Self { late: Ok(Box::new(late)), ..self }
    }

    pub(crate) fn touch(self, touch: impl Fn() + Send + Sync + 'static) -> Self {
        Self { touch: Arc::new(touch), ..self }
    }

    pub(crate) fn audit(self, audit: impl Fn() + 'static) -> Self {
        Self { audit: Box::new(audit), ..self }
    }

    /// Something that comes before the audit.
    pub(crate) fn before_audit(self, before: impl Fn() + 'static) -> Self {
        let audit = self.audit;
        let both = move || {
            before();
            audit();
        };
        Self { audit: Box::new(both), ..self }
    }

    pub(crate) fn in_turn(self) -> Self {
        Self { in_turn: true, ..self }
    }

    pub(crate) fn forgets(self, reason: &'static str) -> Self {
        Self { memory: Err(reason), ..self }
    }

    /// A grant is the end of it.
    pub(crate) fn once(self) -> Self {
        Self { taken_when_granted: true, ..self }
    }

    /// The first in line joins another line.
    pub(crate) fn joins_again(self) -> Self {
        Self { joins_again: true, ..self }
    }

    /// A scene of a mailbox of capacity 0.
    pub(crate) fn meets(self, capacity: usize) -> Self {
        if capacity == 0 { self.forgets("a rendezvous needs both") } else { self }
    }

    /// A scene of senders, who at capacity 0 hold their messages out.
    pub(crate) fn of_senders(self, capacity: usize) -> Self {
        Self { taken_when_granted: capacity == 0, ..self.meets(capacity) }
    }

    pub(crate) fn lent(mut self, loan: impl Any) -> Self {
        self.loans.push(Box::new(loan));
        self
    }
}

/// Three times the same, also if a waker panics: what was given then was given.
pub(crate) fn thrice(give: impl Fn()) {
    (0..3).for_each(|_| _ = calm(&give));
}

/// What was sent and what arrived, by number.
#[derive(Default)]
pub(crate) struct Books {
    next: u32,
    /// Accepted by the mailbox, by a sender's own word.
    accepted: BTreeSet<u32>,
    /// Given back to its sender.
    returned: BTreeSet<u32>,
    pub(crate) received: Vec<u32>,
}

/// Books that many write.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Books>>);

impl Ledger {
    /// A panic of a guest while the books are open leaves them as right as they were.
    pub(crate) fn open(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new message.
    pub(crate) fn number(&self) -> u32 {
        let mut books = self.open();
        books.next += 1;
        books.next
    }

    pub(crate) fn accept(&self, message: u32) {
        assert!(self.open().accepted.insert(message), "message {message} was accepted twice");
    }

    /// It was not accepted after all.
    pub(crate) fn refuse(&self, message: u32) {
        assert!(self.open().accepted.remove(&message));
        self.give_back(message);
    }

    pub(crate) fn give_back(&self, message: u32) {
        assert!(self.open().returned.insert(message), "message {message} was given back twice");
    }

    pub(crate) fn receive(&self, message: u32) {
        self.open().received.push(message);
    }

    /// Insists that each message arrived at most once, whatever was accepted arrived, and what was given back did not.
    pub(crate) fn balance(&self) {
        let books = self.open();
        let arrived: BTreeSet<_> = books.received.iter().copied().collect();
        assert_eq!(arrived.len(), books.received.len(), "doubled: {:?}", books.received);
        let lost: Vec<_> = books.accepted.difference(&arrived).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        let both: Vec<_> = books.returned.intersection(&arrived).collect();
        assert!(both.is_empty(), "given back and received: {both:?}");
    }
}
