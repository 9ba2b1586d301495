//! A bounded buffer, whatever those that put and take wait with: four who put, and four who take.

use crate::common::{Random, Rt};
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::thread;

pub(crate) const SLOTS: usize = 3;
pub(crate) const ITEMS: usize = 250;

pub(crate) trait Buffer: Send + Sync + 'static {
    fn put(&self, item: usize) -> impl Future<Output = ()> + Send;
    fn take(&self) -> impl Future<Output = usize> + Send;
    fn put_blocking(&self, item: usize);
    fn take_blocking(&self) -> usize;
    /// How many wait or are inside.
    fn users(&self) -> usize;
}

/// Polls a future so many times, and then drops it without another look: perhaps it was told of something meanwhile.
/// Whoever has no end of patience sleeps until it is woken.
pub(crate) async fn leave_after<F: Future>(turns: usize, rt: Rt, future: F) -> Option<F::Output> {
    if turns == usize::MAX {
        return Some(future.await);
    }
    let mut future = Box::pin(future);
    for _ in 0..turns {
        if let Poll::Ready(output) = futures::poll!(future.as_mut()) {
            return Some(output);
        }
        rt.yield_now().await;
    }
    None
}

/// How often a task of this number polls before it gives up.
type Patience = fn(usize, &mut Random) -> usize;

const PATIENT: Patience = |_, _| usize::MAX;

/// Half of them give up again and again. The others never do, so that a notification that one takes along is missed.
pub(crate) const IMPATIENT: Patience = |number, random| if number % 2 == 0 { usize::MAX } else { 1 + random.below(6) };

pub(crate) async fn passes_each_item_once(rt: Rt, buffer: Arc<impl Buffer>) {
    passes(rt, &buffer, 0, PATIENT).await;
    assert_eq!(buffer.users(), 0);
}

pub(crate) async fn survives_random_cancels(rt: Rt, buffer: Arc<impl Buffer>) {
    passes(rt, &buffer, 0, IMPATIENT).await;
    assert_eq!(buffer.users(), 0);
}

/// Of those who put, and of those who take, half are threads.
pub(crate) async fn threads_and_tasks_share(rt: Rt, buffer: Arc<impl Buffer>) {
    passes(rt, &buffer, 2, PATIENT).await;
    assert_eq!(buffer.users(), 0);
}

/// Each item comes through once. Of the four on each side so many are threads.
pub(crate) async fn passes(rt: Rt, buffer: &Arc<impl Buffer>, threads: usize, patience: Patience) {
    let (mut blocked, mut producers, mut consumers) = (Vec::new(), Vec::new(), Vec::new());
    for p in 0..4 {
        let (theirs, ours) = (buffer.clone(), buffer.clone());
        if p < threads {
            blocked.push(thread::spawn(move || {
                (0..ITEMS).for_each(|i| theirs.put_blocking(p * ITEMS + i));
                Vec::new()
            }));
            blocked.push(thread::spawn(move || (0..ITEMS).map(|_| ours.take_blocking()).collect()));
            continue;
        }
        producers.push(rt.spawn(async move {
            let mut random = Random::new(p as u64);
            for i in 0..ITEMS {
                // One that was given up has put nothing: it is tried again.
                while leave_after(patience(p, &mut random), rt, theirs.put(p * ITEMS + i)).await.is_none() {
                    rt.yield_now().await;
                }
            }
        }));
        consumers.push(rt.spawn(async move {
            let mut random = Random::new(100 + p as u64);
            let mut got = Vec::new();
            while got.len() < ITEMS {
                match leave_after(patience(p, &mut random), rt, ours.take()).await {
                    Some(item) => got.push(item),
                    None => rt.yield_now().await,
                }
            }
            got
        }));
    }
    let mut all = Vec::new();
    for consumer in consumers {
        all.extend(consumer.await);
    }
    for producer in producers {
        producer.await;
    }
    rt.until(|| blocked.iter().all(|thread| thread.is_finished())).await;
    blocked.into_iter().for_each(|thread| all.extend(thread.join().unwrap()));
    all.sort_unstable();
    assert_eq!(all, (0..4 * ITEMS).collect::<Vec<_>>());
}
