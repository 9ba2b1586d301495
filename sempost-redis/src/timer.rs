//! Sleeping without a runtime: one thread for the whole process, started by the first sleep that is polled.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Timer {
    sleepers: Mutex<Sleepers>,
    changed: Condvar,
}

#[derive(Default)]
struct Sleepers {
    by_time: BTreeMap<(Instant, u64), Waker>,
    issued: u64,
    /// When the thread will look by itself; `None` while it waits for a first sleep. Nearly all sleeps are limits of
    /// time that are dropped long before, and to wake the thread for each would cost more than what they limit.
    looks: Option<Instant>,
}

fn timer() -> &'static Timer {
    static TIMER: OnceLock<&'static Timer> = OnceLock::new();
    TIMER.get_or_init(|| {
        let timer: &'static Timer = Box::leak(Box::default());
        std::thread::Builder::new()
            .name("sempost-redis-timer".into())
            .spawn(|| timer.run())
            .expect("the timer's thread can be started");
        timer
    })
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    fn run(&self) -> ! {
        let mut sleepers = self.lock();
        loop {
            let now = Instant::now();
            match sleepers.by_time.first_key_value().map(|(key, _)| *key) {
                Some(key) if key.0 <= now => {
                    let waker = sleepers.by_time.remove(&key);
                    // Foreign code: without the lock, and its panic must not end the thread.
                    drop(sleepers);
                    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.map(Waker::wake)));
                    sleepers = self.lock();
                }
                Some((at, _)) => {
                    sleepers.looks = Some(at);
                    let waited = self.changed.wait_timeout(sleepers, at - now);
                    sleepers = waited.unwrap_or_else(|poison| poison.into_inner()).0;
                }
                None => {
                    sleepers.looks = None;
                    sleepers = self.changed.wait(sleepers).unwrap_or_else(|poison| poison.into_inner());
                }
            }
        }
    }
}

/// Completes at a moment.
pub(crate) struct Sleep {
    at: Instant,
    key: Option<(Instant, u64)>,
}

pub(crate) fn sleep(time: Duration) -> Sleep {
    Sleep { at: Instant::now() + time, key: None }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.at {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let timer = timer();
        let mut sleepers = timer.lock();
        let key = self.key.unwrap_or_else(|| {
            sleepers.issued += 1;
            (self.at, sleepers.issued)
        });
        self.key = Some(key);
        let old = sleepers.by_time.insert(key, waker);
        let late = sleepers.looks.is_none_or(|looks| self.at < looks);
        if late {
            sleepers.looks = Some(self.at);
        }
        drop(sleepers);
        if late {
            timer.changed.notify_one();
        }
        drop(old);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.key.and_then(|key| timer().lock().by_time.remove(&key));
        drop(waker);
    }
}

/// The output of the future, or `None` if it takes longer.
pub(crate) async fn within<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    let (mut future, mut late) = (pin!(future), sleep(time));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Pin::new(&mut late).poll(cx).map(|()| None),
    })
    .await
}
