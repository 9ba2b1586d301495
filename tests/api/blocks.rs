//! Messages of all sizes across the boundaries of blocks, in random orders, against a plain `VecDeque`.

use crate::common::{Bell, Random, now, queued, ready};
use sempost::mailbox::{self, Receiver, Sender, TryRecvError, TrySendError};
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const UNBOUNDED: usize = usize::MAX;

thread_local! {
    /// Messages made and not dropped yet.
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// What a message holds; it tells its number, as far as it has room for it.
trait Body: PartialEq {
    fn of(number: u64) -> Self;
}

impl Body for () {
    fn of(_: u64) {}
}

impl Body for u8 {
    fn of(number: u64) -> Self {
        number as Self
    }
}

impl Body for u64 {
    fn of(number: u64) -> Self {
        number
    }
}

impl Body for String {
    fn of(number: u64) -> Self {
        format!("message {number}")
    }
}

impl<const N: usize> Body for [u64; N] {
    fn of(number: u64) -> Self {
        std::array::from_fn(|i| number + i as u64)
    }
}

/// As large as what it holds, and counted.
struct Message<B>(B);

impl<B: Body> Message<B> {
    fn new(number: u64) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(B::of(number))
    }
}

impl<B> Drop for Message<B> {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

struct World<'a, B> {
    tx: &'a Sender<Message<B>>,
    rx: &'a Receiver<Message<B>>,
    capacity: usize,
    queue: VecDeque<u64>,
    next: u64,
    random: Random,
}

impl<B: Body> World<'_, B> {
    fn fresh(&mut self) -> Message<B> {
        self.next += 1;
        Message::new(self.next)
    }

    fn sent(&mut self) {
        self.queue.push_back(self.next);
    }

    fn took(&mut self, message: Message<B>) {
        let oldest = self.queue.pop_front().expect("nothing is there");
        assert!(message.0 == B::of(oldest), "not the oldest");
    }

    fn send(&mut self) {
        let message = self.fresh();
        match self.random.below(4) {
            0 => assert!(self.tx.try_send(message).is_ok()),
            1 => assert!(now(self.tx.send(message)).is_ok()),
            2 => assert!(self.tx.try_reserve().unwrap().send(message).is_ok()),
            _ => assert!(self.tx.force_send(message).unwrap().is_none()),
        }
        self.sent();
    }

    fn send_to_a_full_one(&mut self) {
        let (message, bell) = (self.fresh(), Bell::new());
        match self.random.below(6) {
            0 => assert!(self.tx.try_send(message).is_err_and(|refused| refused.is_full())),
            1 => assert!(queued(self.tx.send(message), &bell).as_mut().cancel().is_some()),
            2 => {
                let evicted = self.tx.force_send(message).unwrap();
                self.took(evicted.expect("one makes way"));
                self.sent();
            }
            // Rarely, because to unwind is slow.
            3 if self.random.one_in(10) => {
                // Whoever receives tells a waker that panics: the message goes back, as the oldest.
                bell.on_wake(|| resume_unwind(Box::new("a waker")));
                let _parked = queued(self.tx.send(message), &bell);
                let (tries, rx) = (self.random.one_in(2), self.rx);
                let receive = || if tries { rx.try_recv().ok() } else { now(rx.recv()) };
                assert!(catch_unwind(AssertUnwindSafe(receive)).is_err());
            }
            _ => {
                let mut parked = queued(self.tx.send(message), &bell);
                self.receive();
                assert_eq!(bell.wakes(), 1);
                assert!(ready(&mut parked, &bell).is_ok());
                self.sent();
            }
        }
    }

    fn receive(&mut self) {
        match self.random.below(6) {
            0 | 1 => self.took(self.rx.try_recv().unwrap()),
            2 | 3 => self.took(now(self.rx.recv()).unwrap()),
            way => {
                let (mut many, limit) = (Vec::new(), 1 + self.random.below(9));
                let taken = match way {
                    4 => self.rx.try_recv_many(&mut many, limit).unwrap(),
                    _ => now(self.rx.recv_many(&mut many, limit)),
                };
                assert_eq!((taken, many.len()), (limit.min(self.queue.len()), taken));
                many.into_iter().for_each(|message| self.took(message));
            }
        }
    }

    fn receive_from_an_empty_one(&mut self) {
        let bell = Bell::new();
        assert_eq!(self.rx.try_recv().err(), Some(TryRecvError::Empty));
        let mut waiting = queued(self.rx.recv(), &bell);
        if self.random.one_in(2) {
            return;
        }
        self.send();
        assert_eq!((bell.wakes(), self.rx.try_recv().err()), (1, Some(TryRecvError::Empty)));
        let message = ready(&mut waiting, &bell).unwrap();
        self.took(message);
    }

    fn step(&mut self, filling: bool) {
        let send = self.random.below(5) < if filling { 4 } else { 1 };
        match (send, self.queue.len()) {
            (true, len) if len < self.capacity => self.send(),
            (true, _) => self.send_to_a_full_one(),
            (false, 0) => self.receive_from_an_empty_one(),
            (false, _) => self.receive(),
        }
        self.check();
    }

    fn check(&self) {
        assert_eq!((self.rx.len(), ALIVE.get()), (self.queue.len(), self.queue.len()));
    }

    /// Closes, if there is room with a permit alive, and receives what is left.
    fn close(&mut self) {
        let permit = self.tx.try_reserve().ok();
        assert!(self.rx.close());
        let (message, other) = (self.fresh(), self.fresh());
        assert!(self.tx.try_send(message).is_err_and(|refused| refused.is_closed()));
        assert!(matches!(self.tx.force_send(other), Err(TrySendError::Closed(_))));
        while !self.queue.is_empty() {
            self.receive();
            self.check();
        }
        if let Some(permit) = permit {
            assert_eq!(self.rx.try_recv().err(), Some(TryRecvError::Empty), "a permit is alive");
            let message = self.fresh();
            assert!(permit.send(message).is_ok());
            self.sent();
            self.receive();
        }
        assert_eq!(self.rx.try_recv().err(), Some(TryRecvError::Closed));
        assert!(now(self.rx.recv()).is_none());
        self.check();
    }
}

fn walk<B: Body>(capacity: usize, seed: u64) {
    let (tx, rx) = if capacity == UNBOUNDED { mailbox::unbounded() } else { mailbox::bounded(capacity) };
    let (mut random, queue) = (Random::new(seed), VecDeque::new());
    // Long enough for several blocks, where there is no limit.
    let turn = if capacity == UNBOUNDED { 1_000 } else { 50 + 4 * capacity };
    let mut filling = true;
    let mut world = World::<B> { tx: &tx, rx: &rx, capacity, queue, next: 0, random: random.clone() };
    for _ in 0..4_000 {
        filling ^= random.one_in(turn);
        world.step(filling);
    }
    // Every other mailbox is dropped with what is in it.
    if seed % 2 == 0 {
        world.close();
    }
    drop((tx, rx));
    assert_eq!(ALIVE.get(), 0, "alive after the mailbox");
}

fn walks<B: Body>() {
    for capacity in [1, 2, 3, 7, 64, UNBOUNDED] {
        (0..4).for_each(|seed| walk::<B>(capacity, seed));
    }
}

#[test]
fn messages_without_a_size() {
    walks::<()>();
}

#[test]
fn messages_of_a_byte() {
    walks::<u8>();
}

#[test]
fn messages_of_a_word() {
    walks::<u64>();
}

#[test]
fn messages_that_own_memory() {
    walks::<String>();
}

#[test]
fn messages_of_256_bytes() {
    walks::<[u64; 32]>();
}

#[test]
fn messages_of_1_000_bytes() {
    walks::<[u64; 125]>();
}

#[test]
fn messages_larger_than_a_block() {
    walks::<[u64; 200]>();
}
