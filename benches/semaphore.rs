//! Semaphores: what one operation costs alone, handed over, and cancelled; beside `tokio::sync`.

#[path = "common/mod.rs"]
mod common;

use std::sync::Arc;

use common::{poll_once, rounds, runtime};
use criterion::{Criterion, criterion_group, criterion_main};

fn acquire_release(c: &mut Criterion) {
    let mut group = c.benchmark_group("semaphore: acquire and release, alone");
    let (ours, tokios) = (sempost::Semaphore::new(1), tokio::sync::Semaphore::new(1));
    group.bench_function("sempost", |b| {
        b.iter(|| poll_once(async { drop(ours.acquire().await) }));
    });
    group.bench_function("tokio", |b| {
        b.iter(|| poll_once(async { drop(tokios.acquire().await) }));
    });
}

fn four_tasks(c: &mut Criterion) {
    let mut group = c.benchmark_group("semaphore: four tasks, two permits, a yield inside");
    let runtime = runtime();
    let (ours, tokios) = (Arc::new(sempost::Semaphore::new(2)), Arc::new(tokio::sync::Semaphore::new(2)));
    group.bench_function("sempost", |b| {
        b.iter(|| {
            let ours = Arc::clone(&ours);
            rounds(&runtime, 4, move |_| {
                let semaphore = Arc::clone(&ours);
                async move {
                    let _permit = semaphore.acquire().await;
                    tokio::task::yield_now().await;
                }
            });
        });
    });
    group.bench_function("tokio", |b| {
        b.iter(|| {
            let tokios = Arc::clone(&tokios);
            rounds(&runtime, 4, move |_| {
                let semaphore = Arc::clone(&tokios);
                async move {
                    let _permit = semaphore.acquire().await;
                    tokio::task::yield_now().await;
                }
            });
        });
    });
}

fn cancel_queued(c: &mut Criterion) {
    let mut group = c.benchmark_group("semaphore: queue and cancel");
    let (ours, tokios) = (sempost::Semaphore::new(0), tokio::sync::Semaphore::new(0));
    group.bench_function("sempost", |b| b.iter(|| poll_once(ours.acquire()).is_none()));
    group.bench_function("tokio", |b| b.iter(|| poll_once(tokios.acquire()).is_none()));
}

criterion_group!(benches, acquire_release, four_tasks, cancel_queued);
criterion_main!(benches);
