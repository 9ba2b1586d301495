//! Senders send, receivers receive, until the last sender is gone.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Blocking, Line, Mailbox, Message, Received, Sent};
use crate::peers::{MeetBlocking, MeetMailboxes};

/// Between tasks.
pub struct Flow<E, T> {
    line: Line,
    kind: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Flow<E, T> {
    pub fn new(line: Line) -> Self {
        Self { line, kind: PhantomData }
    }
}

impl<E: Executor, T: Message> MeetMailboxes<T> for Flow<E, T> {
    type Made = Contender;

    fn line(&self) -> Line {
        self.line
    }
    fn meet<M: Mailbox<T>>(&self) -> Contender {
        let line = self.line;
        Contender::timed(M::NAME, move |operations| flow::<E, T, M>(line, operations))
    }
}

fn flow<E: Executor, T: Message, M: Mailbox<T>>(line: Line, operations: u64) -> Lap {
    let share = operations.div_ceil(line.senders as u64);
    let operations = share * line.senders as u64;
    let received = Arc::new(AtomicU64::new(0));
    let executor = E::start();
    let (sender, receiver) = M::open(line);

    let start = Instant::now();
    let mut tasks = Vec::with_capacity(line.senders + line.receivers);
    for receiver in ends(receiver, line.receivers, M::another_receiver) {
        tasks.push(executor.spawn(receive::<T, M>(receiver, received.clone())));
    }
    for sender in ends(sender, line.senders, M::another_sender) {
        tasks.push(executor.spawn(send::<T, M>(sender, share)));
    }
    executor.finish(tasks);
    let time = start.elapsed();

    assert_eq!(received.load(Relaxed), operations, "every message arrives once");
    Lap { operations, time }
}

async fn send<T: Message, M: Mailbox<T>>(mut sender: M::Sender, share: u64) {
    for n in 0..share {
        M::send(&mut sender, T::number(n)).await.sent();
    }
}

async fn receive<T: Message, M: Mailbox<T>>(mut receiver: M::Receiver, received: Arc<AtomicU64>) {
    let mut count = 0;
    while M::recv(&mut receiver).await.received().is_some() {
        count += 1;
    }
    received.fetch_add(count, Relaxed);
}

/// `count` handles, the first included.
pub fn ends<H>(first: H, count: usize, another: impl Fn(&H) -> H) -> Vec<H> {
    let mut ends = vec![first];
    while ends.len() < count {
        ends.push(another(&ends[0]));
    }
    ends
}

/// Between threads.
pub struct Threads(pub Line);

impl MeetBlocking for Threads {
    type Made = Contender;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Blocking>(&self) -> Contender {
        let line = self.0;
        Contender::timed(M::NAME, move |operations| threads::<M>(line, operations))
    }
}

fn threads<M: Blocking>(line: Line, operations: u64) -> Lap {
    let share = operations.div_ceil(line.senders as u64);
    let operations = share * line.senders as u64;
    let (sender, receiver) = M::open(line);
    let senders = ends(sender, line.senders, M::another_sender);
    let receivers = ends(receiver, line.receivers, M::another_receiver);

    let start = Instant::now();
    let received: u64 = thread::scope(|scope| {
        let receivers: Vec<_> = receivers
            .into_iter()
            .map(|mut receiver| {
                scope.spawn(move || {
                    let mut count = 0;
                    while M::recv(&mut receiver).is_some() {
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for sender in senders {
            scope.spawn(move || {
                for n in 0..share {
                    M::send(&sender, n);
                }
            });
        }
        receivers.into_iter().map(|receiver| receiver.join().expect("no thread panics")).sum()
    });
    let time = start.elapsed();

    assert_eq!(received, operations, "every message arrives once");
    Lap { operations, time }
}
