//! Stress of a mailbox with credits: messages of many weights, leases that end in every way, and three ways to end.

mod sender;
mod worker;

use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicIsize};

use sempost::mailbox;
use sempost::mailbox::credits::CreditReceiver;

use super::mailbox::End;
use super::{Blocker, Lane, Log, Note, Tally, Task, Workload};
use crate::Random;
use sender::Sending;
use worker::Worker;

/// How many do what to which mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many credits there are.
    pub limit: usize,
    /// Tasks that send.
    pub senders: u32,
    /// Tasks that receive.
    pub workers: u32,
    /// Threads that send, and as many that receive, by the blocking forms.
    pub blockers: u32,
    /// How many messages each has to send.
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
    /// Credits of permits and leases, counted without the mailbox's help.
    held: AtomicIsize,
    /// Set once a `close` has returned: nothing is accepted any more.
    closed: AtomicBool,
}

/// From nothing to seven.
fn weigh(note: &Note) -> usize {
    (note.id() % 8) as usize
}

impl Scene {
    fn is_closed(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `close`.
        self.closed.load(Acquire)
    }

    fn close(&self, close: impl FnOnce() -> bool, log: &mut Log) {
        log.tally.closes += u64::from(close());
        // ORDERING: Release; pairs with the Acquire in `is_closed`.
        self.closed.store(true, Release);
    }

    fn senders(&self) -> u32 {
        self.shape.senders + self.shape.blockers
    }

    /// How many ids there are.
    fn ids(&self) -> u32 {
        self.senders() * self.shape.quota
    }

    /// So many credits were got. They are too many if there are more than the limit.
    fn got(&self, credits: usize, log: &mut Log) {
        // ORDERING: AcqRel; a count that is too high is one, whatever else is seen.
        let held = self.held.fetch_add(credits as isize, AcqRel) + credits as isize;
        log.tally.broken += u64::from(held > self.shape.limit as isize);
    }

    /// So many are about to go back.
    fn let_go(&self, credits: usize) {
        // ORDERING: AcqRel, as above.
        self.held.fetch_sub(credits as isize, AcqRel);
    }
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let (sender, receiver) = mailbox::credits(shape.limit, weigh);
    let (held, closed) = (AtomicIsize::new(0), AtomicBool::new(false));
    let scene = Arc::new(Scene { shape, lane: Lane::claim(), held, closed });
    let mut random = Random::new(seed);
    let (mut tasks, mut blockers) = (Vec::<Task>::new(), Vec::<Blocker>::new());
    for number in 0..scene.senders() {
        let sending = Sending::new(number, sender.clone(), Arc::clone(&scene), Random::new(random.next_u64()));
        if number < shape.senders {
            tasks.push(Box::pin(sending.run()));
        } else {
            blockers.push(Box::new(|| sending.block()));
        }
    }
    for number in 0..shape.workers + shape.blockers {
        let seed = Random::new(random.next_u64());
        let worker = Worker::new(receiver.clone(), number == 0, Arc::clone(&scene), seed);
        if number < shape.workers {
            tasks.push(Box::pin(worker.run()));
        } else {
            blockers.push(Box::new(|| worker.block()));
        }
    }
    random.shuffle(&mut tasks);
    // It never receives, and it keeps the queue only where the workers stay.
    let keeper = (shape.end != End::Left).then_some(receiver);
    let seen = keeper.clone();
    Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders: Vec::new(),
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| verdict(&scene, keeper, &logs)),
    }
}

fn verdict(scene: &Scene, keeper: Option<CreditReceiver<Note>>, logs: &[Log]) -> Tally {
    let mut all = Log::default();
    logs.iter().for_each(|log| all.merge(log));
    let mut tally = all.tally;

    // Got, but never accepted.
    tally.dup += all.got.clone().without(&all.sent).len();
    // Accepted and not got: nobody's while the workers stayed, and otherwise exactly what was dropped.
    let left = all.sent.clone().without(&all.got).len();
    tally.lost += if keeper.is_some() { left } else { 0 };
    let mut known = all.sent;
    tally.broken += known.add(&all.dropped);
    let (left, dropped) = (known.without(&all.got).len(), scene.lane.dropped());
    tally.lost += left.saturating_sub(dropped);
    tally.dup += dropped.saturating_sub(left);

    // All credits are back.
    tally.broken += u64::from(scene.held.load(Acquire) != 0);
    tally.broken += keeper.map_or(0, |it| {
        u64::from(it.available_credits() != scene.shape.limit || it.leased() + it.granted_credits() != 0)
            + u64::from(it.waiting_senders() != 0)
    });
    tally
}
