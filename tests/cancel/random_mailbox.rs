//! Random operations on one mailbox, hand-polled, against a plain `VecDeque`.
//!
//! Waiters are woken, left alone, dropped, given other wakers; now and then everybody who was
//! woken is polled. Then nobody may be asleep who could be served.

use crate::common::{Bell, Random, now, poll};
use futures::sink::Sink;
use sempost::mailbox::{self, Receiver, Receiving, Reserving, SendPermit, Sender, Sending, TryRecvError, TrySendError};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;

type Id = u32;

struct Waiting<F> {
    future: Pin<Box<F>>,
    bell: Bell,
    id: Id,
}

struct World {
    tx: &'static Sender<Id>,
    rx: &'static Receiver<Id>,
    capacity: Option<usize>,
    random: Random,
    next: Id,
    closed: bool,
    /// What was pushed and not yet taken, in order (not kept at capacity 0, where senders wait).
    queue: VecDeque<Id>,
    /// At capacity 0: what was offered, taken, and given back.
    offered: Vec<Id>,
    taken: Vec<Id>,
    sending: Vec<Waiting<Sending<'static, Id>>>,
    receiving: Vec<Waiting<Receiving<'static, Id>>>,
    reserving: Vec<Waiting<Reserving<'static, Id>>>,
    permits: Vec<SendPermit<'static, Id>>,
    streams: Vec<(Receiver<Id>, Bell, bool)>,
    log: Vec<String>,
}

impl World {
    fn new(capacity: Option<usize>, seed: u64) -> Self {
        let (tx, rx) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
        Self {
            tx: crate::common::leak(tx),
            rx: crate::common::leak(rx),
            capacity,
            random: Random::new(seed),
            next: 0,
            closed: false,
            queue: VecDeque::new(),
            offered: Vec::new(),
            taken: Vec::new(),
            sending: Vec::new(),
            receiving: Vec::new(),
            reserving: Vec::new(),
            permits: Vec::new(),
            streams: Vec::new(),
            log: Vec::new(),
        }
    }

    fn rendezvous(&self) -> bool {
        self.capacity == Some(0)
    }

    fn fresh(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    fn say(&mut self, what: impl Into<String>) {
        self.log.push(what.into());
    }

    /// A message went in.
    fn pushed(&mut self, id: Id) {
        self.say(format!("pushed {id}"));
        if self.rendezvous() {
            self.offered.push(id);
        } else {
            self.queue.push_back(id);
        }
    }

    /// A message came out: the oldest.
    fn took(&mut self, id: Id) {
        self.say(format!("took {id}"));
        if self.rendezvous() {
            assert!(!self.taken.contains(&id), "{id} twice");
            self.taken.push(id);
        } else {
            assert_eq!(self.queue.pop_front(), Some(id), "not the oldest");
        }
    }

    fn sent(&mut self, id: Id, result: Result<(), mailbox::SendError<Id>>) {
        match result {
            Ok(()) => self.pushed(id),
            Err(back) => assert!(self.closed && back.0 == id),
        }
    }

    fn received(&mut self, message: Option<Id>) {
        match message {
            Some(id) => self.took(id),
            None => assert!(self.closed && self.queue.is_empty() && self.permits.is_empty()),
        }
    }

    fn poll_sending(&mut self, mut waiting: Waiting<Sending<'static, Id>>) {
        match poll(&mut waiting.future, &waiting.bell) {
            Poll::Ready(result) => self.sent(waiting.id, result),
            Poll::Pending => self.sending.push(waiting),
        }
    }

    fn poll_receiving(&mut self, mut waiting: Waiting<Receiving<'static, Id>>) {
        match poll(&mut waiting.future, &waiting.bell) {
            Poll::Ready(message) => self.received(message),
            Poll::Pending => self.receiving.push(waiting),
        }
    }

    fn poll_reserving(&mut self, mut waiting: Waiting<Reserving<'static, Id>>) {
        match poll(&mut waiting.future, &waiting.bell) {
            Poll::Ready(Ok(permit)) => self.permits.push(permit),
            Poll::Ready(Err(_)) => assert!(self.closed),
            Poll::Pending => self.reserving.push(waiting),
        }
    }

    fn poll_stream(&mut self, at: usize) {
        let (stream, bell, asleep) = &mut self.streams[at];
        bell.take_wakes();
        let answer = stream.poll_recv(&mut bell.context());
        *asleep = answer.is_pending();
        if let Poll::Ready(message) = answer {
            self.received(message);
        }
    }

    fn cancel_sending(&mut self, at: usize) {
        let mut waiting = self.sending.swap_remove(at);
        let id = waiting.id;
        self.say(format!("cancel send {id}"));
        if self.random.one_in(2) {
            let back = waiting.future.as_mut().cancel();
            if back.is_none() {
                assert!(self.rendezvous() && self.taken.contains(&id), "{id} is lost");
                self.offered.push(id);
            }
        } else if self.rendezvous() {
            self.offered.extend(self.taken.contains(&id).then_some(id));
        }
    }

    fn step(&mut self) {
        let bell = Bell::new();
        let what = self.random.below(16);
        self.say(format!("op {what}"));
        match what {
            0 | 1 => {
                let id = self.fresh();
                self.poll_sending(Waiting { future: Box::pin(self.tx.send(id)), bell, id });
            }
            2 | 3 => {
                self.poll_receiving(Waiting { future: Box::pin(self.rx.recv()), bell, id: 0 });
            }
            4 => {
                self.poll_reserving(Waiting { future: Box::pin(self.tx.reserve()), bell, id: 0 });
            }
            5 if !self.sending.is_empty() => {
                let at = self.random.below(self.sending.len());
                self.cancel_sending(at);
            }
            6 if !self.receiving.is_empty() => {
                let at = self.random.below(self.receiving.len());
                drop(self.receiving.swap_remove(at));
            }
            7 if !self.reserving.is_empty() => {
                let at = self.random.below(self.reserving.len());
                drop(self.reserving.swap_remove(at));
            }
            8 => {
                let id = self.fresh();
                match self.tx.try_send(id) {
                    Ok(()) => self.pushed(id),
                    Err(TrySendError::Closed(back)) => assert!(self.closed && back == id),
                    Err(refused) => assert_eq!(refused.into_inner(), id),
                }
            }
            9 => match self.rx.try_recv() {
                Ok(id) => self.took(id),
                Err(TryRecvError::Closed) => self.received(None),
                Err(_) => {}
            },
            10 | 11 if !self.permits.is_empty() => {
                let at = self.random.below(self.permits.len());
                let permit = self.permits.swap_remove(at);
                if self.random.one_in(3) {
                    drop(permit);
                } else {
                    let id = self.fresh();
                    let sent = permit.send(id);
                    assert!(sent.is_ok(), "a receiver is left");
                    self.pushed(id);
                }
            }
            12 if self.streams.len() < 3 => self.streams.push((self.rx.clone(), bell, false)),
            12 | 13 if !self.streams.is_empty() => {
                let at = self.random.below(self.streams.len());
                if self.random.one_in(4) {
                    drop(self.streams.swap_remove(at));
                } else {
                    self.poll_stream(at);
                }
            }
            14 if !self.receiving.is_empty() => {
                let mut waiting = self.receiving.remove(0);
                waiting.bell = bell;
                self.poll_receiving(waiting);
            }
            15 if self.random.one_in(2) => {
                let id = self.fresh();
                match self.tx.force_send(id) {
                    Ok(evicted) => {
                        evicted.into_iter().for_each(|oldest| self.took(oldest));
                        self.pushed(id);
                    }
                    Err(refused) => assert_eq!(refused.into_inner(), id),
                }
            }
            _ => {}
        }
    }

    /// Polls everybody who was woken until nobody is, then looks for sleepers.
    fn settle(&mut self) {
        self.say("settle");
        loop {
            if let Some(at) = self.sending.iter().position(|w| w.bell.wakes() > 0) {
                let waiting = self.sending.remove(at);
                waiting.bell.take_wakes();
                self.poll_sending(waiting);
            } else if let Some(at) = self.receiving.iter().position(|w| w.bell.wakes() > 0) {
                let waiting = self.receiving.remove(at);
                waiting.bell.take_wakes();
                self.poll_receiving(waiting);
            } else if let Some(at) = self.reserving.iter().position(|w| w.bell.wakes() > 0) {
                let waiting = self.reserving.remove(at);
                waiting.bell.take_wakes();
                self.poll_reserving(waiting);
            } else if let Some(at) = self.streams.iter().position(|s| s.2 && s.1.wakes() > 0) {
                self.poll_stream(at);
            } else {
                break;
            }
        }
        let receivers = self.receiving.len() + self.streams.iter().filter(|s| s.2).count();
        let senders = self.sending.len() + self.reserving.len();
        assert_eq!((self.rx.waiting_senders(), self.tx.waiting_receivers()), (senders, receivers));
        if self.closed {
            assert_eq!(senders, 0, "a sender sleeps on a closed mailbox");
        }
        if self.rendezvous() {
            // Each permit has set one receiver aside; a reservation in line may stand before a send.
            let free = receivers.saturating_sub(self.permits.len());
            let sends = if self.reserving.is_empty() { self.sending.len() } else { 0 };
            assert!(free == 0 || sends == 0, "{free} receivers and {sends} senders sleep");
            return;
        }
        assert_eq!(self.rx.len(), self.queue.len());
        assert!(receivers == 0 || self.queue.is_empty(), "a receiver sleeps beside a message");
        if let Some(capacity) = self.capacity {
            let used = self.queue.len() + self.permits.len();
            assert!(used <= capacity, "overfull");
            assert_eq!(self.rx.remaining(), capacity - used);
            assert!(senders == 0 || used == capacity, "a sender sleeps beside a free slot");
        }
    }

    fn finish(&mut self) {
        self.closed = true;
        self.say("close");
        assert!(self.tx.close());
        self.settle();
        while let Some(permit) = self.permits.pop() {
            drop(permit);
        }
        loop {
            match self.rx.try_recv() {
                Ok(id) => self.took(id),
                Err(TryRecvError::Closed) => break,
                Err(_) => self.settle(),
            }
        }
        self.settle();
        assert!(self.receiving.is_empty(), "a receiver sleeps at the end");
        assert!(self.streams.iter().all(|stream| !stream.2), "a stream sleeps at the end");
        assert_eq!((now(self.rx.recv()), self.rx.len()), (None, 0));
        if self.rendezvous() {
            self.offered.sort_unstable();
            self.taken.sort_unstable();
            assert_eq!(self.offered, self.taken, "offered and taken");
        }
    }
}

fn run(capacity: Option<usize>) {
    for seed in 0..2_000 {
        let mut world = World::new(capacity, seed);
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..60 {
                world.step();
                if world.random.one_in(3) {
                    world.settle();
                }
            }
            world.settle();
            world.finish();
        }));
        if let Err(payload) = done {
            let tail = world.log.len().saturating_sub(60);
            eprintln!("seed {seed}: {:?}", &world.log[tail..]);
            std::panic::resume_unwind(payload);
        }
    }
}

#[test]
fn random_operations_at_capacity_0() {
    run(Some(0));
}

#[test]
fn random_operations_at_capacity_1() {
    run(Some(1));
}

#[test]
fn random_operations_at_capacity_2() {
    run(Some(2));
}

#[test]
fn random_operations_unbounded() {
    run(None);
}

/// A sink among plain senders: what it accepted arrives once, in its order, or comes back.
#[test]
fn random_sinks_deliver_each_accepted_message_once() {
    for seed in 0..3_000 {
        let mut random = Random::new(seed);
        let capacity = random.below(3);
        let (mut tx, rx) = mailbox::bounded(capacity);
        let (plain, bell) = (tx.clone(), Bell::new());
        let (mut accepted, mut got, mut is_ready) = (Vec::new(), Vec::new(), false);
        for id in 0..40 {
            match random.below(6) {
                0 | 1 => {
                    let answer = Pin::new(&mut tx).poll_ready(&mut bell.context());
                    is_ready = matches!(answer, Poll::Ready(Ok(())));
                }
                2 if is_ready => {
                    Pin::new(&mut tx).start_send(id).unwrap();
                    accepted.push(id);
                    is_ready = false;
                }
                3 => drop(Pin::new(&mut tx).poll_flush(&mut bell.context())),
                4 => drop(plain.try_send(1_000)),
                _ => got.extend(rx.try_recv()),
            }
        }
        let mut flushed = false;
        while !flushed {
            flushed = Pin::new(&mut tx).poll_flush(&mut bell.context()).is_ready();
            while let Ok(id) = rx.try_recv() {
                got.push(id);
            }
        }
        drop((tx, plain));
        got.extend(std::iter::from_fn(|| rx.try_recv().ok()));
        got.retain(|id| *id != 1_000);
        assert_eq!(got, accepted, "seed {seed}, capacity {capacity}");
    }
}
