//! Waiting, and giving up.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use crate::Random;

/// How long one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until there is an answer.
    Endless,
    /// For so many polls, at least one.
    Polls(usize),
}

impl Patience {
    /// One to three polls.
    pub fn short(random: &mut Random) -> Self {
        Self::Polls(1 + random.below(3))
    }

    /// One to three polls, in `percent` of all cases.
    pub fn pick(random: &mut Random, percent: usize) -> Self {
        if random.below(100) < percent { Self::short(random) } else { Self::Endless }
    }
}

/// Polls `future` for as long as `patience` lasts; others run between two polls.
pub async fn until<F: Future>(mut future: Pin<&mut F>, patience: Patience) -> Option<F::Output> {
    let Patience::Polls(mut left) = patience else { return Some(future.await) };
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if left <= 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

/// Lets others run.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
