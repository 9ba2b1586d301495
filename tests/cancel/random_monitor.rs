//! Random operations on one monitor, hand-polled, against the rules of the page written down as a
//! second, naïve monitor: a door, two lines, and who holds it.

use crate::common::lines::Cond;
use crate::common::{Bell, Random, ready};
use sempost::{Monitor, MonitorGuard};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

type Guard = MonitorGuard<'static, (), Cond>;
type Wait = Pin<Box<dyn Future<Output = Guard>>>;

const CONDITIONS: [Cond; 2] = [Cond::A, Cond::B];

/// Why somebody is at the door, or was handed the monitor.
#[derive(Debug, Clone, Copy)]
enum Call {
    /// It asked to enter.
    Entry,
    /// It was notified of a condition, at a time.
    Notified(usize, u32),
    /// It was handed the monitor by a signal, at a time.
    Signalled(usize, u32),
}

#[derive(Debug, Clone, Copy)]
struct Waiter {
    id: usize,
    /// When it joined the line of its condition.
    joined: u32,
}

/// The rules, written naïvely.
#[derive(Debug, Default)]
struct Model {
    clock: u32,
    occupied: bool,
    /// Handed over, and not yet inside.
    granted: Option<(usize, Call)>,
    door: VecDeque<(usize, Call)>,
    lines: [VecDeque<Waiter>; 2],
}

impl Model {
    fn leave(&mut self) {
        self.granted = self.door.pop_front();
        self.occupied = self.granted.is_some();
    }

    fn wait(&mut self, id: usize, condition: usize) {
        self.clock += 1;
        self.lines[condition].push_back(Waiter { id, joined: self.clock });
        self.leave();
    }

    fn notify(&mut self, condition: usize, n: usize) -> usize {
        self.clock += 1;
        let moved = n.min(self.lines[condition].len());
        for waiter in self.lines[condition].drain(..moved) {
            self.door.push_back((waiter.id, Call::Notified(condition, self.clock)));
        }
        moved
    }

    fn signal_and_leave(&mut self, condition: usize) -> bool {
        self.clock += 1;
        match self.lines[condition].pop_front() {
            Some(first) => {
                self.granted = Some((first.id, Call::Signalled(condition, self.clock)));
                true
            }
            None => {
                self.leave();
                false
            }
        }
    }

    /// The longest waiter of a condition that was waiting already at `time`.
    fn heir(&mut self, condition: usize, time: u32) -> Option<usize> {
        let first = self.lines[condition].front().filter(|first| first.joined < time)?.id;
        self.lines[condition].pop_front();
        Some(first)
    }

    fn pass_on(&mut self, call: Call) {
        if let Call::Notified(condition, time) = call {
            let heir = self.heir(condition, time);
            self.door.extend(heir.map(|heir| (heir, call)));
        }
    }

    fn dropped(&mut self, id: usize) {
        if let Some((_, call)) = self.granted.filter(|(granted, _)| *granted == id) {
            let heir = match call {
                Call::Signalled(condition, time) => self.heir(condition, time),
                _ => None,
            };
            match heir {
                Some(heir) => self.granted = Some((heir, call)),
                None => {
                    self.pass_on(call);
                    self.leave();
                }
            }
        } else if let Some(at) = self.door.iter().position(|(waiting, _)| *waiting == id) {
            let (_, call) = self.door.remove(at).unwrap();
            self.pass_on(call);
        } else {
            self.lines.iter_mut().for_each(|line| line.retain(|waiter| waiter.id != id));
        }
    }
}

struct World {
    monitor: &'static Monitor<(), Cond>,
    model: Model,
    inside: Option<Guard>,
    waiting: Vec<(usize, Wait, Bell)>,
    next: usize,
}

impl World {
    fn queue(&mut self, mut wait: Wait) -> usize {
        let bell = Bell::new();
        assert!(wait.as_mut().poll(&mut bell.context()).is_pending());
        self.next += 1;
        self.waiting.push((self.next, wait, bell));
        self.next
    }

    fn step(&mut self, random: &mut Random) -> String {
        let (what, condition) = (random.below(8), random.below(2));
        let c = CONDITIONS[condition];
        match (what, self.inside.take()) {
            (0 | 1, None) if !self.model.occupied => {
                self.inside = Some(self.monitor.try_enter().expect("free"));
                self.model.occupied = true;
                "enter".to_owned()
            }
            (0, inside) if self.model.occupied => {
                self.inside = inside;
                let id = self.queue(Box::pin(self.monitor.enter()));
                self.model.door.push_back((id, Call::Entry));
                format!("{id} comes to the door")
            }
            (1 | 2, Some(guard)) => {
                let id = self.queue(Box::pin(guard.wait(c)));
                self.model.wait(id, condition);
                format!("{id} waits for {condition}")
            }
            (3, Some(guard)) => {
                let n = random.below(3);
                assert_eq!(guard.notify_many(c, n), self.model.notify(condition, n));
                self.inside = Some(guard);
                format!("notify {n} of {condition}")
            }
            (4, Some(guard)) => {
                assert_eq!(guard.signal_and_leave(c), self.model.signal_and_leave(condition));
                format!("signal {condition}")
            }
            (5, Some(guard)) => {
                drop(guard);
                self.model.leave();
                "leave".to_owned()
            }
            (6, inside) if !self.waiting.is_empty() => {
                self.inside = inside;
                let (id, wait, _bell) = self.waiting.swap_remove(random.below(self.waiting.len()));
                drop(wait);
                self.model.dropped(id);
                format!("{id} gives up")
            }
            (_, None) => match self.model.granted.take() {
                Some((id, _)) => {
                    let at = self.waiting.iter().position(|(waiting, ..)| *waiting == id);
                    let (_, mut wait, bell) = self.waiting.swap_remove(at.expect("it waits"));
                    self.inside = Some(ready(&mut wait, &bell));
                    format!("{id} gets in")
                }
                None => String::new(),
            },
            (_, inside) => {
                self.inside = inside;
                String::new()
            }
        }
    }

    /// The monitor and the model agree on everything that can be seen.
    fn compare(&self) {
        let model = &self.model;
        assert_eq!(self.monitor.is_occupied(), model.occupied);
        assert_eq!(self.monitor.entering(), model.door.len());
        for (condition, line) in CONDITIONS.into_iter().zip(&model.lines) {
            assert_eq!(self.monitor.waiters(condition), line.len());
        }
        for (id, _, bell) in &self.waiting {
            let granted = model.granted.is_some_and(|(granted, _)| granted == *id);
            assert_eq!(bell.wakes(), usize::from(granted), "{id}");
        }
    }
}

#[test]
fn random_operations_follow_the_rules_of_the_page() {
    for seed in 0..4_000 {
        let mut random = Random::new(seed);
        let monitor = &*crate::common::leak(Monitor::<(), Cond>::new(()));
        let (inside, waiting) = (None, Vec::new());
        let mut world = World { monitor, model: Model::default(), inside, waiting, next: 0 };
        let mut log = Vec::new();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..80 {
                log.push(world.step(&mut random));
                world.compare();
            }
        }));
        if let Err(payload) = done {
            log.retain(|line| !line.is_empty());
            eprintln!("seed {seed}: {log:?}\n{:?}", world.model);
            std::panic::resume_unwind(payload);
        }
    }
}
