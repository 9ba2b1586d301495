//! Mailboxes: alone, ping-pong, and many to one; beside `tokio::sync::mpsc`.

#[path = "common/mod.rs"]
mod common;

use common::{poll_once, runtime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::sync::mpsc;

fn alone(c: &mut Criterion) {
    let mut group = c.benchmark_group("mailbox: send and receive, alone");
    let (sender, receiver) = sempost::mailbox::bounded(16);
    group.bench_function("sempost", |b| {
        b.iter(|| poll_once(async { (sender.send(1u64).await.is_ok(), receiver.recv().await) }));
    });
    let (sender, mut receiver) = mpsc::channel(16);
    group.bench_function("tokio", |b| {
        b.iter(|| poll_once(async { (sender.send(1u64).await.is_ok(), receiver.recv().await) }));
    });
}

fn ping_pong(c: &mut Criterion) {
    let mut group = c.benchmark_group("mailbox: there and back, two tasks");
    let runtime = runtime();
    let (there, at_there) = sempost::mailbox::bounded(1);
    let (back, at_back) = sempost::mailbox::bounded(1);
    runtime.spawn(async move {
        while let Some(ball) = at_there.recv().await {
            back.send(ball).await.expect("somebody plays");
        }
    });
    group.bench_function("sempost", |b| {
        b.iter(|| runtime.block_on(async { (there.send(1u64).await.is_ok(), at_back.recv().await) }));
    });
    let (there, mut at_there) = mpsc::channel(1);
    let (back, mut at_back) = mpsc::channel(1);
    runtime.spawn(async move {
        while let Some(ball) = at_there.recv().await {
            back.send(ball).await.expect("somebody plays");
        }
    });
    group.bench_function("tokio", |b| {
        b.iter(|| runtime.block_on(async { (there.send(1u64).await.is_ok(), at_back.recv().await) }));
    });
}

const MESSAGES: u64 = 1_000;

fn four_to_one(c: &mut Criterion) {
    for capacity in [1, 16, 128] {
        let mut group = c.benchmark_group(format!("mailbox: four to one, capacity {capacity}"));
        group.throughput(Throughput::Elements(4 * MESSAGES));
        let runtime = runtime();
        group.bench_function("sempost", |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let (sender, receiver) = sempost::mailbox::bounded(capacity);
                    for _ in 0..4 {
                        let sender = sender.clone();
                        tokio::spawn(async move {
                            for message in 0..MESSAGES {
                                sender.send(message).await.expect("the receiver is there");
                            }
                        });
                    }
                    drop(sender);
                    while receiver.recv().await.is_some() {}
                });
            });
        });
        group.bench_function("tokio", |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let (sender, mut receiver) = mpsc::channel(capacity);
                    for _ in 0..4 {
                        let sender = sender.clone();
                        tokio::spawn(async move {
                            for message in 0..MESSAGES {
                                sender.send(message).await.expect("the receiver is there");
                            }
                        });
                    }
                    drop(sender);
                    while receiver.recv().await.is_some() {}
                });
            });
        });
    }
}

criterion_group!(benches, alone, ping_pong, four_to_one);
criterion_main!(benches);
