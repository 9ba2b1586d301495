//! Stress of one mailbox: every way to send and to receive, given up at random, and three ways to end.

mod consumer;
mod producer;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use sempost::mailbox::{self, Receiver, Sender};

use super::{Lane, Log, Note, Tally, Workload};
use crate::Random;
use consumer::Consumer;
use producer::Producer;

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the last sender.
    Drained,
    /// Somebody closes it in the middle; what was accepted is received.
    Closed,
    /// The receivers leave, and the last takes the queue along.
    Left,
}

/// How many do what to which mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// `None` is unbounded.
    pub capacity: Option<usize>,
    /// Tasks that send.
    pub senders: u32,
    /// Tasks that receive.
    pub receivers: u32,
    /// Tasks that send without ever waiting for long, and as many that receive.
    pub bystanders: u32,
    /// Threads that send, and as many that receive, by the blocking forms.
    pub blockers: u32,
    /// How many messages each has to send.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
    /// How it ends.
    pub end: End,
    /// Whether an onlooker waits for the close. It meets a lock of the host in `event-listener`, which a race detector
    /// does not see into.
    pub onlooker: bool,
}

/// What everybody knows.
struct Scene {
    shape: Shape,
    lane: Lane,
    /// Set once a `close` has returned: nothing is accepted any more.
    closed: AtomicBool,
    /// Set once a receiver was told of the end: nothing is received any more.
    ended: AtomicBool,
}

impl Scene {
    fn is_closed(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `close`.
        self.closed.load(Acquire)
    }

    fn is_ended(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `end`.
        self.ended.load(Acquire)
    }

    fn end(&self) {
        // ORDERING: Release; pairs with the Acquire in `is_ended`.
        self.ended.store(true, Release);
    }

    fn close(&self, close: impl FnOnce() -> bool, log: &mut Log) {
        log.tally.closes += u64::from(close());
        // ORDERING: Release; pairs with the Acquire in `is_closed`.
        self.closed.store(true, Release);
    }

    fn senders(&self) -> u32 {
        self.shape.senders + self.shape.bystanders + self.shape.blockers
    }

    fn receivers(&self) -> u32 {
        self.shape.receivers + self.shape.bystanders + self.shape.blockers
    }

    /// How many ids there are.
    fn ids(&self) -> u32 {
        self.senders() * self.shape.quota
    }
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let (sender, receiver) = match shape.capacity {
        Some(capacity) => mailbox::bounded(capacity),
        None => mailbox::unbounded(),
    };
    let lane = Lane::claim();
    let scene = Arc::new(Scene { shape, lane, closed: AtomicBool::new(false), ended: AtomicBool::new(false) });
    let mut random = Random::new(seed);
    let weak = (sender.downgrade(), receiver.downgrade());
    let mut workload = Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks: Vec::new(),
        bystanders: Vec::new(),
        blockers: Vec::new(),
        state: Box::new(move || format!("{:?} {:?}", weak.0.upgrade(), weak.1.upgrade())),
        verdict: {
            let scene = scene.clone();
            Box::new(move |logs| verdict(&scene, &logs))
        },
    };
    cast(&mut workload, &scene, &sender, &receiver, &mut random);
    workload
}

fn cast(
    workload: &mut Workload,
    scene: &Arc<Scene>,
    sender: &Sender<Note>,
    receiver: &Receiver<Note>,
    random: &mut Random,
) {
    let shape = scene.shape;
    for number in 0..scene.senders() {
        let mut producer =
            |waits| Producer::new(number, sender.clone(), scene.clone(), Random::new(random.next_u64()), waits);
        if number < shape.senders {
            workload.tasks.push(Box::pin(producer(true).run()));
        } else if number < shape.senders + shape.bystanders {
            workload.bystanders.push(Box::pin(producer(false).run()));
        } else {
            let producer = producer(true);
            workload.blockers.push(Box::new(|| producer.block()));
        }
    }
    for number in 0..scene.receivers() {
        let mut consumer =
            |waits| Consumer::new(receiver.clone(), scene.clone(), Random::new(random.next_u64()), waits);
        if number < shape.receivers {
            workload.tasks.push(Box::pin(consumer(true).run()));
        } else if number < shape.receivers + shape.bystanders {
            workload.bystanders.push(Box::pin(consumer(false).run()));
        } else {
            let consumer = consumer(true);
            workload.blockers.push(Box::new(|| consumer.block()));
        }
    }
    if shape.onlooker && shape.end == End::Closed {
        workload.tasks.push(Box::pin(observe(receiver.downgrade(), scene.clone())));
    }
    random.shuffle(&mut workload.tasks);
}

/// Waits for the close, as an onlooker; the notes say whether it came too early.
async fn observe(receiver: mailbox::WeakReceiver<Note>, scene: Arc<Scene>) -> Log {
    let mut log = Log::default();
    // A strong handle for as long as it looks; it receives nothing, so it never keeps what others wait for.
    let Some(receiver) = receiver.upgrade() else { return log };
    receiver.closed().await;
    log.tally.broken += u64::from(!receiver.is_closed());
    receiver.drained().await;
    log.tally.broken += u64::from(!receiver.is_empty());
    scene.end();
    log
}

fn verdict(scene: &Scene, logs: &[Log]) -> Tally {
    let mut all = Log::default();
    logs.iter().for_each(|log| all.merge(log));
    let mut tally = all.tally;

    // Got, but never accepted. Whoever drops a future at capacity 0 does not learn whether its message was taken.
    let mut known = all.sent.clone();
    tally.broken += known.add(&all.dropped);
    let legal = if scene.shape.capacity == Some(0) { &known } else { &all.sent };
    tally.dup += all.got.clone().without(legal).len();

    // Accepted and not got: nobody's while the receivers stayed, and otherwise exactly what was dropped.
    if scene.shape.end != End::Left {
        tally.lost += all.sent.without(&all.got).len();
    }
    let left = known.without(&all.got).len();
    let dropped = scene.lane.dropped();
    tally.lost += left.saturating_sub(dropped);
    tally.dup += dropped.saturating_sub(left);
    tally
}
