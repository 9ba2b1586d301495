//! A line of jobs over one connection, like [`Line`](crate::line::Line), for callers that may stop polling.
//!
//! Receivers are streams, and a stream may be polled once and then left alone for long. So nobody owns the driver:
//! whatever wakes it wakes all who wait, and the first of them that is polled drives it. That costs a wake each, which
//! is why senders, of which thousands may wait for room, stand in a `Line`.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use sempost::oneshot;

use crate::line::{Driver, Queue};

pub(crate) struct Relay<J> {
    queue: Arc<Queue<J>>,
    /// How many have asked for a poll since the driver was idle. Whoever raises it from 0 polls for all of them.
    /// AcqRel: each poll sees what those it polls for have put into the queue, and what the polls before it did.
    asked: AtomicUsize,
    /// Only locked by whoever polls for all, so it is always free.
    driver: Mutex<Driver>,
    waiting: Arc<Waiting>,
}

/// Those who wait, to be woken all together.
#[derive(Default)]
struct Waiting {
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    issued: u64,
    wakers: HashMap<u64, Waker>,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers: Vec<Waker> = self.lock().wakers.drain().map(|(_, waker)| waker).collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// A place among those who wait. It is given up when it is dropped.
struct Seat<'a> {
    waiting: &'a Waiting,
    number: u64,
}

impl<'a> Seat<'a> {
    fn new(waiting: &'a Waiting) -> Self {
        let mut seats = waiting.lock();
        seats.issued += 1;
        Seat { waiting, number: seats.issued }
    }

    fn sit(&self, waker: &Waker) {
        let waker = waker.clone();
        let old = self.waiting.lock().wakers.insert(self.number, waker);
        drop(old);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let old = self.waiting.lock().wakers.remove(&self.number);
        drop(old);
    }
}

impl<J> Relay<J> {
    pub(crate) fn new<D: Future<Output = ()> + Send + 'static>(drive: impl FnOnce(Arc<Queue<J>>) -> D) -> Self {
        let queue = Arc::new(Queue::default());
        let driver: Driver = Box::pin(drive(queue.clone()));
        Relay { queue, asked: AtomicUsize::new(0), driver: Mutex::new(driver), waiting: Arc::default() }
    }

    /// Waits for the result of a job. If this future is dropped, the job's `done` is closed.
    pub(crate) async fn submit<R>(&self, job: J, mut done: oneshot::Receiver<R>) -> R {
        self.queue.lock().push_back(job);
        let seat = Seat::new(&self.waiting);
        poll_fn(|cx| {
            // Before the driver is polled: what wakes it from then on wakes this one.
            seat.sit(cx.waker());
            self.poll();
            Pin::new(&mut done).poll(cx)
        })
        .await
        .expect("a driver drops no job before it is done")
    }

    /// Polls the driver, or leaves that to whoever is polling it at this moment.
    fn poll(&self) {
        if self.asked.fetch_add(1, AcqRel) > 0 {
            return;
        }
        let unwinding = Unwinding { asked: &self.asked, waiting: &self.waiting };
        let waker = Waker::from(self.waiting.clone());
        let mut served = 1;
        loop {
            let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
            let end = driver.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(end.is_pending(), "a driver has no end");
            drop(driver);
            match self.asked.compare_exchange(served, 0, AcqRel, Acquire) {
                Ok(_) => break,
                Err(asked) => served = asked,
            }
        }
        std::mem::forget(unwinding);
    }
}

/// If a driver panics, those who left the poll to it find out by themselves.
struct Unwinding<'a> {
    asked: &'a AtomicUsize,
    waiting: &'a Arc<Waiting>,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        // Release; pairs with the AcqRel of the next one that raises it.
        self.asked.store(0, Release);
        self.waiting.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicBool;

    use super::*;

    /// Kills: one that polls for all, and does not look again when it is done.
    #[test]
    fn a_job_that_comes_while_another_thread_polls_is_done_by_that_poll() {
        let (polling, submitted) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let relay = Relay::new(|queue: Arc<Queue<oneshot::Sender<()>>>| {
            let (polling, submitted, mut first) = (polling.clone(), submitted.clone(), true);
            poll_fn(move |_| {
                // Not in the condition: the lock would be held in the loop.
                let jobs: Vec<_> = queue.lock().drain(..).collect();
                jobs.into_iter().for_each(|job| job.send(()).expect("it waits"));
                if std::mem::take(&mut first) {
                    polling.wait();
                    submitted.wait();
                }
                std::task::Poll::Pending
            })
        });
        let submit = || {
            let (job, done) = oneshot::channel();
            relay.submit(job, done)
        };
        let woken = Arc::new(Woken::default());
        std::thread::scope(|threads| {
            let first = threads.spawn(|| smol::block_on(submit()));
            polling.wait();
            let mut second = std::pin::pin!(submit());
            let waker = Waker::from(woken.clone());
            // Not again: it would poll the driver itself.
            assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            submitted.wait();
            first.join().expect("it is done");
            assert!(woken.0.load(Acquire), "nobody did the second");
        });
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Release);
        }
    }
}
