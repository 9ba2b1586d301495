//! Mutexes: alone and contended; beside `tokio::sync`.

#[path = "common/mod.rs"]
mod common;

use std::sync::Arc;

use common::{poll_once, rounds, runtime};
use criterion::{Criterion, criterion_group, criterion_main};

fn lock_unlock(c: &mut Criterion) {
    let mut group = c.benchmark_group("mutex: lock and unlock, alone");
    let (ours, tokios) = (sempost::Mutex::new(0u64), tokio::sync::Mutex::new(0u64));
    group.bench_function("sempost", |b| b.iter(|| poll_once(async { *ours.lock().await += 1 })));
    group.bench_function("tokio", |b| b.iter(|| poll_once(async { *tokios.lock().await += 1 })));
}

fn four_tasks(c: &mut Criterion) {
    let mut group = c.benchmark_group("mutex: four tasks, a yield inside");
    let runtime = runtime();
    let (ours, tokios) = (Arc::new(sempost::Mutex::new(0u64)), Arc::new(tokio::sync::Mutex::new(0u64)));
    group.bench_function("sempost", |b| {
        b.iter(|| {
            let ours = Arc::clone(&ours);
            rounds(&runtime, 4, move |_| {
                let mutex = Arc::clone(&ours);
                async move {
                    let mut count = mutex.lock().await;
                    tokio::task::yield_now().await;
                    *count += 1;
                }
            });
        });
    });
    group.bench_function("tokio", |b| {
        b.iter(|| {
            let tokios = Arc::clone(&tokios);
            rounds(&runtime, 4, move |_| {
                let mutex = Arc::clone(&tokios);
                async move {
                    let mut count = mutex.lock().await;
                    tokio::task::yield_now().await;
                    *count += 1;
                }
            });
        });
    });
}

criterion_group!(benches, lock_unlock, four_tasks);
criterion_main!(benches);
