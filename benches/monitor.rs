//! Monitors: the bounded buffer, beside the same buffer from a `tokio::sync::Mutex` and two `Notify`s.

#[path = "common/mod.rs"]
mod common;

use std::collections::VecDeque;
use std::sync::Arc;

use common::{rounds, runtime};
use criterion::{Criterion, criterion_group, criterion_main};

const CAPACITY: usize = 8;

sempost::conditions! { enum Buffer { NotFull, NotEmpty } }

type Monitor = sempost::Monitor<VecDeque<usize>, Buffer>;

async fn put(monitor: &Monitor, item: usize) {
    let mut buffer = monitor.enter().await.wait_while(Buffer::NotFull, |b| b.len() == CAPACITY).await;
    buffer.push_back(item);
    buffer.notify_one(Buffer::NotEmpty);
}

async fn take(monitor: &Monitor) {
    let mut buffer = monitor.enter().await.wait_while(Buffer::NotEmpty, |b| b.is_empty()).await;
    buffer.pop_front();
    buffer.notify_one(Buffer::NotFull);
}

/// The usual substitute where there is no condition variable.
#[derive(Default)]
struct Substitute {
    buffer: tokio::sync::Mutex<VecDeque<usize>>,
    not_full: tokio::sync::Notify,
    not_empty: tokio::sync::Notify,
}

impl Substitute {
    async fn put(&self, item: usize) {
        loop {
            let notified = self.not_full.notified();
            let mut buffer = self.buffer.lock().await;
            if buffer.len() < CAPACITY {
                buffer.push_back(item);
                return self.not_empty.notify_one();
            }
            drop(buffer);
            notified.await;
        }
    }

    async fn take(&self) {
        loop {
            let notified = self.not_empty.notified();
            let mut buffer = self.buffer.lock().await;
            if buffer.pop_front().is_some() {
                return self.not_full.notify_one();
            }
            drop(buffer);
            notified.await;
        }
    }
}

fn bounded_buffer(c: &mut Criterion) {
    for pairs in [1, 4] {
        let mut group = c.benchmark_group(format!("monitor: bounded buffer, {pairs} × {pairs}"));
        let runtime = runtime();
        let ours = Arc::new(Monitor::new(VecDeque::new()));
        let substitute = Arc::new(Substitute::default());
        group.bench_function("sempost", |b| {
            b.iter(|| {
                let ours = Arc::clone(&ours);
                rounds(&runtime, 2 * pairs, move |task| {
                    let monitor = Arc::clone(&ours);
                    async move { if task % 2 == 0 { put(&monitor, task).await } else { take(&monitor).await } }
                });
            });
        });
        group.bench_function("tokio, mutex and notify", |b| {
            b.iter(|| {
                let substitute = Arc::clone(&substitute);
                rounds(&runtime, 2 * pairs, move |task| {
                    let buffer = Arc::clone(&substitute);
                    async move { if task % 2 == 0 { buffer.put(task).await } else { buffer.take().await } }
                });
            });
        });
    }
}

criterion_group!(benches, bounded_buffer);
criterion_main!(benches);
