//! A line of jobs over one connection, without a task of its own.
//!
//! Callers put a job into the queue and wait for its result. One of them – whoever holds the mutex – polls the *driver*
//! for all: a future without end that takes the jobs out of the queue, as many as there are at a time. So jobs that
//! come while the server is busy go together. If that caller has its result or is dropped, the mutex passes to the next
//! one, and the driver goes on where it stood.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use sempost::oneshot;

/// Jobs that were not started.
pub(crate) struct Queue<J> {
    jobs: Mutex<VecDeque<J>>,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Queue { jobs: Mutex::default() }
    }
}

impl<J> Queue<J> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, VecDeque<J>> {
        self.jobs.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

pub(crate) type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Lets others join a request before it is made.
///
/// Callers that were served together come back one after the other. Without this the first would go alone, the others
/// after it, and so on for ever: two requests instead of one.
#[derive(Default)]
pub(crate) struct Lingering {
    served: usize,
    expected: usize,
    turns: u32,
}

/// How often others get a turn before a request. Once is not enough where several threads run them.
const TURNS: u32 = 3;

impl Lingering {
    /// Begins to gather jobs for a request. So many wait already; those that were served may come back.
    pub(crate) fn begin(&mut self, waiting: usize) {
        self.expected = waiting + self.served;
        self.turns = 0;
    }

    /// Whether to let all others that can run have a turn first.
    pub(crate) fn lingers(&mut self, jobs: usize, cx: &Context<'_>) -> bool {
        let lingers = jobs < self.expected && self.turns < TURNS;
        if lingers {
            self.turns += 1;
            cx.waker().wake_by_ref();
        } else {
            self.served = jobs;
        }
        lingers
    }
}

pub(crate) struct Line<J> {
    queue: Arc<Queue<J>>,
    driver: sempost::Mutex<Driver>,
}

impl<J> Line<J> {
    pub(crate) fn new<D: Future<Output = ()> + Send + 'static>(drive: impl FnOnce(Arc<Queue<J>>) -> D) -> Self {
        let queue = Arc::new(Queue::default());
        let driver: Driver = Box::pin(drive(queue.clone()));
        Line { queue, driver: sempost::Mutex::new(driver) }
    }

    /// Waits for the result of a job. If this future is dropped, the job's `done` is closed.
    pub(crate) async fn submit<R>(&self, job: J, mut done: oneshot::Receiver<R>) -> R {
        self.queue.lock().push_back(job);
        let mut locking = pin!(self.driver.lock());
        let mut driver = None;
        poll_fn(|cx| {
            if driver.is_none()
                && let Poll::Ready(guard) = locking.as_mut().poll(cx)
            {
                driver = Some(guard);
            }
            if let Some(driver) = &mut driver {
                let end = driver.as_mut().poll(cx);
                assert!(end.is_pending(), "a driver has no end");
            }
            Pin::new(&mut done).poll(cx)
        })
        .await
        .expect("a driver drops no job before it is done")
    }
}
