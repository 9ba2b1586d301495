//! A semaphore that newcomers may pass against a plain model of it, over random operations.

use crate::common::{Bell, Random, poll};
use sempost::Fairness::{self, Barging, Unbounded};
use sempost::{Acquiring, Permit, Semaphore};
use std::pin::Pin;

const PERMITS: usize = 4;

/// A waiter, as the model sees it.
struct Waiter<'a> {
    future: Pin<Box<Acquiring<&'a Semaphore>>>,
    bell: Bell,
    need: usize,
    /// Wakes that it has not answered with a poll.
    heard: usize,
    overtaken: usize,
}

impl Waiter<'_> {
    fn sleeps(&self) -> bool {
        self.bell.wakes() == self.heard
    }
}

struct World<'a> {
    semaphore: &'a Semaphore,
    fairness: Fairness,
    held: Vec<Permit<'a>>,
    line: Vec<Waiter<'a>>,
    random: Random,
}

impl<'a> World<'a> {
    fn free(&self) -> usize {
        PERMITS - self.held.iter().map(Permit::num_permits).sum::<usize>()
    }

    /// Whether a newcomer has to be served, by the book.
    fn may_pass(&self, need: usize) -> bool {
        let most = match self.fairness {
            Barging { overtakes } => overtakes,
            Unbounded => usize::MAX,
            _ => 0,
        };
        need <= self.free() && self.line.first().is_none_or(|head| head.overtaken < most)
    }

    fn overtaken(&mut self) {
        self.line.iter_mut().for_each(|waiter| waiter.overtaken += 1);
    }

    fn come(&mut self) {
        let need = 1 + self.random.below(PERMITS - 1);
        let may = self.may_pass(need);
        if self.random.one_in(2) {
            let taken = self.semaphore.try_acquire_many(need).ok();
            assert_eq!(taken.is_some(), may, "try_acquire_many({need})");
            if let Some(permit) = taken {
                self.overtaken();
                self.held.push(permit);
            }
            return;
        }
        let (mut future, bell) = (Box::pin(self.semaphore.acquire_many(need)), Bell::new());
        match poll(&mut future, &bell) {
            std::task::Poll::Ready(permit) => {
                assert!(may, "acquire_many({need}) may not pass");
                self.overtaken();
                self.held.push(permit.unwrap());
            }
            std::task::Poll::Pending => {
                assert!(!may, "acquire_many({need}) must not wait");
                self.line.push(Waiter { future, bell, need, heard: 0, overtaken: 0 });
            }
        }
    }

    fn poll(&mut self, at: usize) {
        let (free, may_pass) = (self.free(), self.may_pass(self.line[at].need));
        let before: usize = self.line[..at].iter().map(|waiter| waiter.need).sum();
        let waiter = &mut self.line[at];
        waiter.heard = waiter.bell.wakes();
        if let std::task::Poll::Ready(permit) = poll(&mut waiter.future, &waiter.bell) {
            assert!(waiter.need <= free);
            let fits = before + waiter.need <= free;
            assert!(fits || may_pass, "nobody passes a first that was passed often enough");
            self.line.remove(at);
            if !fits {
                self.overtaken();
            }
            self.held.push(permit.unwrap());
        } else {
            assert!(!may_pass, "whoever is polled takes what is there, if it may");
            assert!(before + waiter.need > free, "there was enough for all up to this one");
        }
    }

    fn step(&mut self) {
        match self.random.below(6) {
            0 | 1 => self.come(),
            2 if !self.held.is_empty() => drop(self.held.swap_remove(self.random.below(self.held.len()))),
            3 if !self.line.is_empty() => drop(self.line.remove(self.random.below(self.line.len()))),
            _ if !self.line.is_empty() => {
                let at = self.random.below(self.line.len());
                // Mostly those who were woken, as an executor would; sometimes anybody.
                if !self.line[at].sleeps() || self.random.one_in(4) {
                    self.poll(at);
                }
            }
            _ => {}
        }
    }

    fn check(&self) {
        assert_eq!(self.semaphore.waiters(), self.line.len());
        assert_eq!(self.semaphore.available_permits(), self.free());
        // Whoever could be served in the order of the line has been woken. Without bound one who does not come is not
        // waited for, but the head is never left asleep.
        let mut rest = self.free();
        for waiter in &self.line {
            if waiter.need > rest || self.fairness == Unbounded && !waiter.sleeps() {
                break;
            }
            assert!(!waiter.sleeps(), "it sleeps, and {rest} are free");
            rest -= waiter.need;
        }
    }
}

fn walk(fairness: Fairness, seed: u64) {
    let semaphore = Semaphore::with_fairness(PERMITS, fairness);
    let mut world =
        World { semaphore: &semaphore, fairness, held: Vec::new(), line: Vec::new(), random: Random::new(seed) };
    for _ in 0..400 {
        world.step();
        world.check();
    }
    // Everybody comes to an end when those who are woken are polled and what is held comes back.
    while !world.line.is_empty() {
        world.held.clear();
        let woken = world.line.iter().position(|waiter| !waiter.sleeps());
        world.poll(woken.expect("somebody is woken while anybody waits"));
        world.check();
    }
    world.held.clear();
    assert_eq!((semaphore.available_permits(), semaphore.waiters()), (PERMITS, 0));
}

#[test]
fn bargers_keep_to_their_bound_and_lose_no_permit() {
    for seed in 0..150 {
        for overtakes in [0, 1, 3] {
            walk(Barging { overtakes }, seed);
        }
    }
}

#[test]
fn unbounded_bargers_lose_no_permit() {
    (0..300).for_each(|seed| walk(Unbounded, seed));
}
