//! A line that does not move: what it costs to leave it, and how many bytes a waiter takes.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::time::Instant;

use crate::alloc::Tally;
use crate::cell::{Contender, Lap};
use crate::cells::flow::ends;
use crate::kinds::{Gate, Line, Mailbox, Order, Sent};
use crate::peers::{MeetGates, MeetMailboxes};
use crate::poll::{at_once, poll};

/// What is asked about the line.
#[derive(Clone, Copy)]
pub enum Question {
    /// Somebody gives up, and joins again at the end.
    Cancel,
    /// On the heap, for each waiter; its future included.
    Bytes,
}

/// A line for a semaphore without permits.
pub struct ForPermit {
    pub waiters: usize,
    pub question: Question,
}

impl MeetGates for ForPermit {
    type Made = Contender;

    fn order(&self) -> Option<Order> {
        None
    }
    fn meet<G: Gate>(&self) -> Contender {
        let gate: &'static G = Box::leak(Box::new(G::new(1)));
        mem::forget(at_once(gate.enter()));
        contender(G::NAME, self.waiters, self.question, move |_| gate.enter())
    }
}

/// A line of senders for a full mailbox.
pub struct ForSlot {
    pub waiters: usize,
    pub question: Question,
}

impl MeetMailboxes<u64> for ForSlot {
    type Made = Contender;

    fn line(&self) -> Line {
        Line::bounded(self.waiters + 1, 1, 1)
    }
    fn meet<M: Mailbox<u64>>(&self) -> Contender {
        let (first, receiver) = M::open(self.line());
        mem::forget(receiver);
        let mut senders = ends(first, self.waiters + 1, M::another_sender);
        at_once(M::send(&mut senders[self.waiters], 0)).sent();
        let senders = senders.leak().as_mut_ptr();
        contender(M::NAME, self.waiters, self.question, move |place| {
            // SAFETY: the senders are leaked, `place` is below their number, and the former future of this place, the
            // only other user of its sender, has been dropped.
            M::send(unsafe { &mut *senders.add(place) }, 0)
        })
    }
}

fn contender<F: Future + 'static>(
    name: &'static str,
    waiters: usize,
    question: Question,
    join: impl FnMut(usize) -> F + 'static,
) -> Contender {
    let mut queue = Queue::new(waiters, join);
    match question {
        Question::Cancel => Contender::timed(name, move |operations| queue.cancel(operations)),
        Question::Bytes => Contender::weighed(name, move || {
            let tally = Tally::start();
            queue.fill();
            tally.live() / waiters as f64
        }),
    }
}

/// Places with a waiter each.
struct Queue<J, F> {
    join: J,
    places: Vec<Pin<Box<Option<F>>>>,
}

impl<J: FnMut(usize) -> F, F: Future> Queue<J, F> {
    fn new(places: usize, join: J) -> Self {
        Self { join, places: Vec::with_capacity(places) }
    }

    fn fill(&mut self) {
        for place in self.places.len()..self.places.capacity() {
            self.places.push(Box::pin(None));
            self.rejoin(place);
        }
    }

    /// Drops the waiter of a place and makes another.
    fn rejoin(&mut self, place: usize) {
        let mut waiter = self.places[place].as_mut();
        waiter.set(None);
        waiter.set(Some((self.join)(place)));
        let waiter = waiter.as_pin_mut().expect("just made");
        assert!(poll(waiter).is_none(), "the line does not move");
    }

    fn cancel(&mut self, operations: u64) -> Lap {
        self.fill();
        let places = self.places.len() as u64;
        let mut random = 1u64;
        let start = Instant::now();
        for _ in 0..operations {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.rejoin(((random >> 32) % places) as usize);
        }
        Lap { operations, time: start.elapsed() }
    }
}
