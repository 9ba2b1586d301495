//! How old messages are on arrival when they are sent at a steady pace, whatever the receiver does meanwhile.

use std::marker::PhantomData;
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::cell::{Contender, Lap, Pace, Paced};
use crate::cells::flow::ends;
use crate::executors::{self, Executor};
use crate::kinds::{Line, Mailbox, Received, Sent};
use crate::peers::MeetMailboxes;

pub struct Latency<E> {
    line: Line,
    executor: PhantomData<fn() -> E>,
}

/// The contender that sends nothing: what the timer and the executor are good for.
pub const TIMER: &str = "(timer alone)";

/// Everybody starts together, when all tasks are there.
const HEAD_START: Duration = Duration::from_millis(1);

impl<E: Executor> Latency<E> {
    pub fn new(line: Line) -> Self {
        Self { line, executor: PhantomData }
    }

    pub fn timer(&self) -> Contender {
        let line = self.line;
        Contender::paced(TIMER, move |pace| {
            run::<E>(line, pace, |executor, schedules, ages| {
                let keep = |schedule| executor.spawn(keep_pace(schedule, ages.clone()));
                schedules.into_iter().map(keep).collect()
            })
        })
    }
}

impl<E: Executor> MeetMailboxes<u64> for Latency<E> {
    type Made = Contender;

    fn line(&self) -> Line {
        self.line
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let line = self.line;
        Contender::paced(M::NAME, move |pace| {
            run::<E>(line, pace, |executor, schedules, ages| {
                let (sender, receiver) = M::open(line);
                let origin = schedules[0].origin;
                let mut tasks = Vec::new();
                for receiver in ends(receiver, line.receivers, M::another_receiver) {
                    tasks.push(executor.spawn(receive::<M>(receiver, origin, pace.messages, ages.clone())));
                }
                for (sender, schedule) in ends(sender, line.senders, M::another_sender).into_iter().zip(schedules) {
                    tasks.push(executor.spawn(send::<M>(sender, schedule)));
                }
                tasks
            })
        })
    }
}

type Ages = Arc<Mutex<Vec<u64>>>;

fn run<E: Executor>(line: Line, pace: Pace, start: impl FnOnce(&E, Vec<Schedule>, &Ages) -> Vec<E::Task>) -> Paced {
    let share = pace.messages.div_ceil(line.senders as u64);
    let executor = E::start();
    let origin = Instant::now() + HEAD_START;
    let interval = pace.messages_a_second.map(|rate| 1e9 * line.senders as f64 / rate);
    let schedules = (0..line.senders)
        .map(|sender| Schedule {
            origin,
            offset: interval.unwrap_or(0.0) * sender as f64 / line.senders as f64,
            interval,
            next: 0,
            end: share,
        })
        .collect();
    let ages = Ages::default();
    let tasks = start(&executor, schedules, &ages);
    executor.finish(tasks);
    let time = origin.elapsed();
    let ages = mem::take(&mut *ages.lock().expect("no task panics"));
    Paced { lap: Lap { operations: ages.len() as u64, time }, ages }
}

/// When a sender is to send, in nanoseconds since the origin.
struct Schedule {
    origin: Instant,
    offset: f64,
    interval: Option<f64>,
    next: u64,
    end: u64,
}

impl Schedule {
    /// Waits for the next moment. One that has passed is not waited for, and not postponed either.
    async fn next(&mut self) -> Option<u64> {
        if self.next == self.end {
            return None;
        }
        let n = self.next as f64;
        self.next += 1;
        let Some(interval) = self.interval else {
            return Some(nanos_since(self.origin));
        };
        let due = (self.offset + n * interval) as u64;
        while nanos_since(self.origin) < due {
            executors::yield_now().await;
        }
        Some(due)
    }
}

fn nanos_since(origin: Instant) -> u64 {
    Instant::now().saturating_duration_since(origin).as_nanos() as u64
}

async fn send<M: Mailbox<u64>>(mut sender: M::Sender, mut schedule: Schedule) {
    while let Some(due) = schedule.next().await {
        M::send(&mut sender, due).await.sent();
    }
}

async fn receive<M: Mailbox<u64>>(mut receiver: M::Receiver, origin: Instant, messages: u64, into: Ages) {
    let mut ages = Vec::with_capacity(messages as usize);
    while let Some(due) = M::recv(&mut receiver).await.received() {
        ages.push(nanos_since(origin).saturating_sub(due));
    }
    into.lock().expect("no task panics").append(&mut ages);
}

async fn keep_pace(mut schedule: Schedule, into: Ages) {
    let mut ages = Vec::with_capacity(schedule.end as usize);
    while let Some(due) = schedule.next().await {
        ages.push(nanos_since(schedule.origin).saturating_sub(due));
    }
    into.lock().expect("no task panics").append(&mut ages);
}
