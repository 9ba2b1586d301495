//! A scenario: three threads, three operations each or a few more, chosen by a seed; run as often as one likes.

use std::hint;
use std::sync::atomic::{AtomicU64, Ordering};

use hardening::Random;
use hardening::spec::subject::{Hand, Mix, Subject};
use hardening::spec::{Answer, Id};

use crate::check::{Violation, check};
use crate::history::{Event, History};
use crate::pool::{Barrier, THREADS, together};

/// What tells one scenario from another.
#[derive(Clone, Copy, Debug)]
pub struct Scenario<C> {
    pub setup: C,
    pub mix: Mix,
    pub seed: u64,
}

/// How a thread ends.
#[derive(Clone, Copy)]
enum Ending {
    /// With whatever it holds and waits for: forgotten, as far as the others can tell.
    Leave,
    /// It polls once more.
    Poll,
    /// With empty hands.
    LetGo,
}

/// What came out of many runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub histories: usize,
    pub overlapping: usize,
    pub operations: usize,
}

/// What one thread has of one run.
struct Part<O> {
    events: Vec<Event<O>>,
    waiting: Vec<(Id, bool)>,
    rest: Vec<(O, Answer)>,
}

impl<C: Copy + Sync + std::fmt::Debug> Scenario<C> {
    /// Runs it `runs` times, and checks each history.
    pub fn run<S: Subject<Setup = C>>(&self, runs: usize) -> (Tally, Option<String>) {
        let barrier = Barrier::default();
        let subjects: Vec<S> = (0..runs).map(|_| S::new(self.setup)).collect();
        let parts = together(&barrier, |me| -> Vec<_> {
            (0..runs).map(|run| self.take_part(me, run, &subjects[run], &barrier)).collect()
        });
        let mut parts = parts.map(IntoIterator::into_iter);
        let mut tally = Tally::default();
        for _ in 0..runs {
            let history = join(parts.each_mut().map(|part| part.next().expect("everybody ran as often")));
            tally.histories += 1;
            tally.overlapping += usize::from(history.overlaps());
            tally.operations += history.threads.iter().map(Vec::len).sum::<usize>();
            if let Err(violation) = check(S::spec(self.setup), &history) {
                return (tally, Some(self.finding(&history, &violation)));
            }
        }
        (tally, None)
    }

    fn take_part<S: Subject<Setup = C>>(&self, me: usize, run: usize, subject: &S, barrier: &Barrier) -> Part<S::Op> {
        // What is done depends on the scenario alone; the timing differs from run to run.
        let mut choice = Random::new(self.seed.wrapping_mul(THREADS as u64).wrapping_add(me as u64));
        let mut timing = Random::new(self.seed.rotate_left(32) ^ (run * THREADS + me) as u64);
        let ending = match choice.below(3) {
            _ if self.mix.blocking => Ending::LetGo,
            0 => Ending::Leave,
            1 => Ending::Poll,
            _ if self.mix.cancel => Ending::LetGo,
            _ => Ending::Poll,
        };
        let mut hand = subject.hand(self.setup, me);
        let mut events = Vec::with_capacity(S::OPERATIONS * 3);
        let skew = 1 << timing.below(5);
        barrier.wait();
        // What it then does with what it has in hand comes on top.
        for _ in 0..S::OPERATIONS {
            let op = hand.choose(&mut |limit| choice.below(limit), self.mix);
            (0..timing.below(skew)).for_each(|_| hint::spin_loop());
            events.push(observe(&mut hand, op));
        }
        match ending {
            Ending::Leave => {}
            Ending::Poll => {
                for (id, _) in hand.waiting() {
                    events.push(observe(&mut hand, S::Hand::poll_of(id)));
                }
            }
            Ending::LetGo => {
                while let Some(op) = hand.let_go() {
                    events.push(observe(&mut hand, op));
                }
            }
        }
        if self.mix.blocking {
            events.extend(hand.farewell().map(|op| observe(&mut hand, op)));
        }
        // Nobody does anything any more, so all wakers have been called that ever will be.
        barrier.wait();
        let waiting = hand.waiting();
        let looks = if me == 0 { S::looks() } else { Vec::new() };
        let rest = looks.into_iter().map(|op| (op.clone(), hand.perform(&op))).collect();
        barrier.wait();
        Part { events, waiting, rest }
    }

    fn finding<O: std::fmt::Debug>(&self, history: &History<O>, violation: &Violation) -> String {
        let Violation { explained, state } = violation;
        let total: usize = history.threads.iter().map(Vec::len).sum();
        format!("{self:?}\n{history}  explained: {explained} of {total} operations, and then it is\n  {state}\n")
    }
}

/// Calls an operation, and notes when.
fn observe<H: Hand>(hand: &mut H, op: H::Op) -> Event<H::Op> {
    /// Each moment has a number of its own, in every history.
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    let called = CLOCK.fetch_add(1, Ordering::SeqCst);
    let answer = hand.perform(&op);
    let returned = CLOCK.fetch_add(1, Ordering::SeqCst);
    Event { called, returned, op, answer }
}

fn join<O>(parts: [Part<O>; THREADS]) -> History<O> {
    let (mut waiting, mut rest) = (Vec::new(), Vec::new());
    let threads = parts.map(|part| {
        waiting.extend(part.waiting);
        rest.extend(part.rest);
        part.events
    });
    History { threads, waiting, rest }
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.histories += other.histories;
        self.overlapping += other.overlapping;
        self.operations += other.operations;
    }
}
