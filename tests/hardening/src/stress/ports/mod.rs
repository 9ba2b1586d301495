//! Stress of ports: sources that come and go, receivers that want messages of any source or of one, and three ways to
//! end.

mod consumer;
mod producer;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use sempost::mailbox;
use sempost::mailbox::ports::{Order, PortReceiver};

use super::mailbox::End;
use super::{Blocker, Lane, Log, Note, Tally, Task, Workload};
use crate::Random;
use consumer::Consumer;
use producer::Producer;

/// How many do what to which ports.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many sources: each opens its port again and again.
    pub sources: u32,
    /// What a port holds; `None` is unbounded.
    pub capacity: Option<usize>,
    /// Whether some sources have a smaller class.
    pub classes: bool,
    /// Tasks that receive.
    pub receivers: u32,
    /// Threads that receive by the blocking forms.
    pub blockers: u32,
    /// How many messages each source has to send.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
    /// How it ends.
    pub end: End,
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

    fn close(&self, receiver: &PortReceiver<u32, Note>, log: &mut Log) {
        log.tally.closes += u64::from(receiver.close());
        // ORDERING: Release; pairs with the Acquire in `is_closed`.
        self.closed.store(true, Release);
    }

    fn is_ended(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `end`.
        self.ended.load(Acquire)
    }

    fn end(&self) {
        // ORDERING: Release; pairs with the Acquire in `is_ended`.
        self.ended.store(true, Release);
    }

    /// How many ids there are.
    fn ids(&self) -> u32 {
        self.shape.sources * self.shape.quota
    }
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let order = if shape.classes { Order::classes(|key: &u32| (key % 3) as u8) } else { Order::fair() };
    let (ports, receiver) = mailbox::ports(order);
    let (closed, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    let scene = Arc::new(Scene { shape, lane: Lane::claim(), closed, ended });
    let mut random = Random::new(seed);
    let mut seed_of = || Random::new(random.next_u64());
    let producer = |key| Producer::new(key, ports.clone(), Arc::clone(&scene), seed_of());
    let mut tasks: Vec<Task> = (0..shape.sources).map(producer).map(|it| Box::pin(it.run()) as _).collect();
    let mut consumer = |first| Consumer::new(receiver.clone(), first, Arc::clone(&scene), seed_of());
    tasks.extend((0..shape.receivers).map(|i| Box::pin(consumer(i == 0).run()) as Task));
    let blockers = (0..shape.blockers).map(|_| {
        let consumer = consumer(false);
        Box::new(|| consumer.block()) as Blocker
    });
    let blockers = blockers.collect();
    random.shuffle(&mut tasks);
    // A handle would keep the ports open: what is shown says only how far it is.
    let seen = Arc::clone(&scene);
    let state = Box::new(move || format!("closed {}, ended {}", seen.is_closed(), seen.is_ended()));
    Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders: Vec::new(),
        blockers,
        state,
        verdict: Box::new(move |logs| verdict(&scene, &logs)),
    }
}

fn verdict(scene: &Scene, logs: &[Log]) -> Tally {
    let mut all = Log::default();
    logs.iter().for_each(|log| all.merge(log));
    let mut tally = all.tally;

    // Got, but never accepted.
    tally.dup += all.got.clone().without(&all.sent).len();
    // Accepted and not got: nobody's while the receivers stayed, and otherwise exactly what was dropped.
    if scene.shape.end != End::Left {
        tally.lost += all.sent.clone().without(&all.got).len();
    }
    let mut known = all.sent;
    tally.broken += known.add(&all.dropped);
    let left = known.without(&all.got).len();
    let dropped = scene.lane.dropped();
    tally.lost += left.saturating_sub(dropped);
    tally.dup += dropped.saturating_sub(left);
    tally
}
