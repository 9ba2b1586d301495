//! Who passes whom in a line of up to 64 waiters that come, are served, and give up at random.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use hardening::Random;

const PLACES: usize = 64;

/// Something that one can wait for.
pub trait Line {
    type Wait: Future;

    /// Begins a wait.
    fn ask(&mut self, random: &mut Random) -> Self::Wait;

    /// Asks without waiting; answers whether it was served.
    fn attempt(&mut self) -> bool;

    /// A wait is over.
    fn served(&mut self, output: <Self::Wait as Future>::Output);

    /// Gives back what was taken, or makes what is waited for.
    fn give(&mut self);
}

#[derive(Debug, Default)]
pub struct Tally {
    pub operations: u64,
    /// Newcomers that were served while somebody waited, and waiters that were woken before one who came earlier.
    pub overtakes: u64,
    /// The most newcomers that passed a single waiter.
    pub most: u64,
}

struct Bell {
    place: usize,
    rung: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.lock().unwrap().push(self.place);
    }
}

struct Waiter<F> {
    future: Pin<Box<F>>,
    ticket: u64,
    overtaken: u64,
    asleep: bool,
}

struct Crowd<'a, L: Line> {
    line: &'a mut L,
    fifo: bool,
    random: Random,
    places: [Option<Waiter<L::Wait>>; PLACES],
    wakers: Vec<Waker>,
    rung: Arc<Mutex<Vec<usize>>>,
    tickets: u64,
    tally: Tally,
}

/// Random operations. With `fifo` those who wait must also be woken in their order.
pub fn run<L: Line>(line: &mut L, fifo: bool, operations: u64, seed: u64) -> Tally {
    let rung = Arc::new(Mutex::new(Vec::new()));
    let bell = |place| Waker::from(Arc::new(Bell { place, rung: Arc::clone(&rung) }));
    let wakers = (0..PLACES).map(bell).collect();
    let (places, random) = ([const { None }; PLACES], Random::new(seed));
    let mut crowd = Crowd { line, fifo, random, places, wakers, rung, tickets: 0, tally: Tally::default() };
    while crowd.tally.operations < operations {
        crowd.step();
        crowd.hear();
        crowd.tally.operations += 1;
    }
    crowd.tally
}

impl<L: Line> Crowd<'_, L> {
    fn step(&mut self) {
        let at = self.random.below(PLACES);
        match self.random.below(8) {
            0 | 1 => self.line.give(),
            2 if self.line.attempt() => self.passed(u64::MAX),
            3 => drop(self.places[at].take()),
            4.. => self.poll(at),
            _ => {}
        }
    }

    fn poll(&mut self, at: usize) {
        let (old, mut waiter) = match self.places[at].take() {
            Some(waiter) => (true, waiter),
            None => {
                let future = Box::pin(self.line.ask(&mut self.random));
                (false, Waiter { future, ticket: self.tickets, overtaken: 0, asleep: true })
            }
        };
        match waiter.future.as_mut().poll(&mut Context::from_waker(&self.wakers[at])) {
            Poll::Ready(output) => {
                self.line.served(output);
                if !old {
                    self.passed(u64::MAX);
                } else if waiter.asleep && !self.fifo {
                    // Nobody told it, so it came as a newcomer to those before it.
                    self.passed(waiter.ticket);
                }
            }
            Poll::Pending => {
                self.tickets += u64::from(!old);
                waiter.asleep = true;
                self.places[at] = Some(waiter);
            }
        }
    }

    /// Somebody was served who stands after all up to `ticket`: they have been overtaken. First come, first served, who
    /// was woken has left the line.
    fn passed(&mut self, ticket: u64) {
        let (fifo, mut anybody) = (self.fifo, false);
        let before = |waiter: &&mut Waiter<_>| waiter.ticket < ticket && (waiter.asleep || !fifo);
        for waiter in self.places.iter_mut().flatten().filter(before) {
            waiter.overtaken += 1;
            self.tally.most = self.tally.most.max(waiter.overtaken);
            anybody = true;
        }
        self.tally.overtakes += u64::from(anybody);
    }

    /// Takes note of who was woken.
    fn hear(&mut self) {
        let rung = std::mem::take(&mut *self.rung.lock().unwrap());
        for at in rung {
            let Some(woken) = &mut self.places[at] else { continue };
            woken.asleep = false;
            let ticket = woken.ticket;
            let earlier = |waiter: &Waiter<_>| waiter.asleep && waiter.ticket < ticket;
            let passed = self.fifo && self.places.iter().flatten().any(earlier);
            self.tally.overtakes += u64::from(passed);
        }
    }
}
