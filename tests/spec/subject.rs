//! What is put to the test: a primitive, and what one thread does with it.

use std::pin::Pin;
use std::task::Poll;

use super::{Answer, Id, Operation, Spec, WAITS};
use crate::common::Bell;

/// What a scenario may contain.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub close: bool,
    pub cancel: bool,
    /// Forms that park their thread. Then everybody lets go of everything in the end, and nobody blocks who holds
    /// anything.
    pub blocking: bool,
    /// Operations that are several steps, which only one thread alone can tell from one.
    pub long_steps: bool,
}

impl Mix {
    /// Everything that one thread can do alone.
    pub const WALK: Self = Self { close: true, cancel: true, blocking: false, long_steps: true };

    /// Whether to close when it comes to that: in a long walk seldom, because little happens afterwards.
    pub fn closes(self, pick: &mut Pick<'_>) -> bool {
        self.close && (!self.long_steps || pick(8) == 0)
    }
}

/// A choice: a number below its argument.
pub type Pick<'p> = dyn FnMut(usize) -> usize + 'p;

/// A primitive together with its specification.
pub trait Subject: Sync + Send + Sized {
    /// How many operations a thread has to do before something can go wrong between three.
    const OPERATIONS: usize = 3;

    /// What tells one primitive of this kind from another: a capacity, a fairness.
    type Setup: Copy + Sync + std::fmt::Debug;
    type Op: Operation;
    type Spec: Spec<Op = Self::Op>;
    /// What a thread has in its hands.
    type Hand<'a>: Hand<Op = Self::Op>
    where
        Self: 'a;

    fn new(setup: Self::Setup) -> Self;

    fn spec(setup: Self::Setup) -> Self::Spec;

    fn hand(&self, setup: Self::Setup, thread: usize) -> Self::Hand<'_>;

    /// What one can look at when everybody is done.
    fn looks() -> Vec<Self::Op>;
}

/// What a thread does.
pub trait Hand {
    type Op;

    /// The next operation, one that makes sense with what is in hand.
    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Self::Op;

    fn perform(&mut self, op: &Self::Op) -> Answer;

    /// Who waits.
    fn waiting(&self) -> Vec<(Id, bool)>;

    /// A poll of this wait.
    fn poll_of(id: Id) -> Self::Op;

    /// What has to be done next to have empty hands.
    fn let_go(&self) -> Option<Self::Op>;

    /// The last thing that a thread does where others are blocked, if that takes anything.
    fn farewell(&self) -> Option<Self::Op> {
        None
    }
}

/// A hand whose waits another may keep: one that forgets futures, and has wakers of its own.
pub trait Lend: Hand {
    type Wait: Future + ?Sized;

    /// The future of an operation that begins a wait.
    fn begin(&mut self, op: &Self::Op) -> Pin<Box<Self::Wait>>;

    /// What a wait has ended with is in hand from here on.
    fn end(&mut self, output: <Self::Wait as Future>::Output) -> Answer;

    /// The end of this wait without a result.
    fn cancel_of(id: Id) -> Self::Op;

    /// After a poll.
    fn polled(&mut self, output: Option<<Self::Wait as Future>::Output>) -> Answer {
        output.map_or(Answer::Pending, |output| self.end(output))
    }
}

/// The waits of one thread.
pub struct Waits<F: ?Sized> {
    next: Id,
    pub list: Vec<Wait<F>>,
}

/// A future polled by hand.
pub struct Wait<F: ?Sized> {
    pub id: Id,
    pub future: Pin<Box<F>>,
    bell: Bell,
    polls: usize,
}

impl<F: ?Sized> Wait<F> {
    fn is_woken(&self) -> bool {
        self.bell.wakes() > 0
    }
}

impl<F: Future + ?Sized> Wait<F> {
    fn poll(&mut self) -> Poll<F::Output> {
        self.bell.take_wakes();
        self.polls += 1;
        if self.polls % 2 == 0 {
            // Another task polls now and then; it is the one to be woken.
            self.bell = Bell::new();
        }
        self.future.as_mut().poll(&mut self.bell.context())
    }
}

impl<F: ?Sized> Waits<F> {
    pub fn of(thread: usize) -> Self {
        Self { next: thread as Id * WAITS, list: Vec::new() }
    }

    /// The name of a wait that is about to begin.
    pub fn name(&mut self) -> Id {
        self.next += 1;
        self.next - 1
    }

    pub fn waiting(&self) -> Vec<(Id, bool)> {
        self.list.iter().map(|wait| (wait.id, wait.is_woken())).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One of those who wait.
    pub fn any(&self, pick: &mut Pick<'_>) -> Option<Id> {
        (!self.is_empty()).then(|| self.list[pick(self.list.len())].id)
    }

    pub fn take(&mut self, id: Id) -> Wait<F> {
        let at = self.list.iter().position(|wait| wait.id == id).expect("it waits");
        self.list.remove(at)
    }
}

impl<F: Future> Waits<F> {
    /// Polls a future for the first time.
    pub fn start(&mut self, id: Id, future: F) -> Option<F::Output> {
        self.start_boxed(id, Box::pin(future))
    }
}

impl<F: Future + ?Sized> Waits<F> {
    /// Polls a future for the first time.
    pub fn start_boxed(&mut self, id: Id, future: Pin<Box<F>>) -> Option<F::Output> {
        self.poll_wait(Wait { id, future, bell: Bell::new(), polls: 0 })
    }

    pub fn poll(&mut self, id: Id) -> Option<F::Output> {
        let wait = self.take(id);
        self.poll_wait(wait)
    }

    fn poll_wait(&mut self, mut wait: Wait<F>) -> Option<F::Output> {
        match wait.poll() {
            Poll::Ready(output) => Some(output),
            Poll::Pending => {
                self.list.push(wait);
                None
            }
        }
    }
}
