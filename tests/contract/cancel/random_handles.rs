//! Random use of the handles of one mailbox in every way at once: as sink, as stream, through
//! `poll_reserve`, and through the futures and `try_` forms of the very same handle.

use crate::common::{Bell, Random, poll};
use futures::sink::Sink;
use sempost::mailbox::{self, Receiver, Sender};
use std::pin::Pin;
use std::task::Poll;

struct Sending {
    tx: Sender<u32>,
    bell: Bell,
    ready: bool,
    /// What `start_send` took and no flush has confirmed yet.
    unflushed: Option<u32>,
}

struct World {
    random: Random,
    next: u32,
    senders: Vec<Sending>,
    receivers: Vec<(Receiver<u32>, Bell)>,
    accepted: Vec<u32>,
    /// Unflushed at the drop of their handle: they may have arrived or not.
    perhaps: Vec<u32>,
    got: Vec<u32>,
}

impl World {
    fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn send_step(&mut self, at: usize) {
        let id = self.fresh();
        let what = self.random.below(9);
        let handle = &mut self.senders[at];
        let cx = &mut handle.bell.context();
        match what {
            0 | 1 => {
                let answer = Pin::new(&mut handle.tx).poll_ready(cx);
                handle.ready = matches!(answer, Poll::Ready(Ok(())));
                if handle.ready {
                    self.accepted.extend(handle.unflushed.take());
                }
            }
            2 | 3 if handle.ready => {
                Pin::new(&mut handle.tx).start_send(id).unwrap();
                (handle.ready, handle.unflushed) = (false, Some(id));
            }
            4 => {
                let flushed = Pin::new(&mut handle.tx).poll_flush(cx).is_ready();
                self.accepted.extend(handle.unflushed.take_if(|_| flushed));
            }
            5 => {
                if let Poll::Ready(permit) = handle.tx.poll_reserve(cx) {
                    if self.random.one_in(2) {
                        permit.unwrap().send(id).unwrap();
                        self.accepted.push(id);
                    }
                }
            }
            6 => self.accepted.extend(handle.tx.try_send(id).is_ok().then_some(id)),
            7 => {
                let mut sending = Box::pin(handle.tx.send(id));
                let sent = poll(&mut sending, &handle.bell).is_ready();
                self.accepted.extend(sent.then_some(id));
                assert_eq!(sending.as_mut().cancel(), (!sent).then_some(id));
            }
            8 if self.senders.len() < 3 => {
                let (tx, bell) = (self.senders[at].tx.clone(), Bell::new());
                self.senders.push(Sending { tx, bell, ready: false, unflushed: None });
            }
            8 => {
                let gone = self.senders.swap_remove(at);
                self.perhaps.extend(gone.unflushed);
            }
            _ => {}
        }
    }

    fn receive_step(&mut self, at: usize) {
        let (rx, bell) = &mut self.receivers[at];
        match self.random.below(6) {
            0 | 1 => match rx.poll_recv(&mut bell.context()) {
                Poll::Ready(message) => self.got.push(message.expect("a sender is left")),
                Poll::Pending => {}
            },
            2 => self.got.extend(rx.try_recv()),
            3 => {
                let mut receiving = Box::pin(rx.recv());
                if let Poll::Ready(message) = poll(&mut receiving, bell) {
                    self.got.push(message.expect("a sender is left"));
                }
            }
            4 => {
                let limit = self.random.below(3);
                let _ = rx.poll_recv_many(&mut bell.context(), &mut self.got, limit);
            }
            _ if self.receivers.len() < 3 => {
                let clone = self.receivers[at].0.clone();
                self.receivers.push((clone, Bell::new()));
            }
            _ => drop(self.receivers.swap_remove(at)),
        }
    }

    /// Flushes every handle, receiving meanwhile, and looks for what was lost or doubled.
    fn finish(mut self) {
        self.receivers.truncate(1);
        let (mut rx, bell) = self.receivers.pop().expect("there is one");
        // Whoever is flushed goes at once: an idle handle may keep a slot or a nudge until then.
        for round in 0.. {
            assert!(round < 1_000, "a flush hangs");
            let mut rest = Vec::new();
            for mut handle in self.senders.drain(..) {
                if Pin::new(&mut handle.tx).poll_flush(&mut handle.bell.context()).is_pending() {
                    rest.push(handle);
                } else {
                    self.accepted.extend(handle.unflushed.take());
                }
            }
            self.senders = rest;
            if self.senders.is_empty() {
                break;
            }
            if let Poll::Ready(message) = rx.poll_recv(&mut bell.context()) {
                self.got.push(message.expect("a sender is left"));
            }
        }
        while let Poll::Ready(Some(message)) = rx.poll_recv(&mut bell.context()) {
            self.got.push(message);
        }
        assert_eq!(rx.waiting_senders(), 0);
        self.accepted.extend(self.perhaps.iter().filter(|id| self.got.contains(id)));
        self.accepted.sort_unstable();
        self.got.sort_unstable();
        assert_eq!(self.got, self.accepted);
    }
}

fn run(capacity: usize, seed: u64) {
    let (tx, rx) = mailbox::bounded(capacity);
    let first = Sending { tx, bell: Bell::new(), ready: false, unflushed: None };
    let mut world = World {
        random: Random::new(seed),
        next: 0,
        senders: vec![first],
        receivers: vec![(rx, Bell::new())],
        accepted: Vec::new(),
        perhaps: Vec::new(),
        got: Vec::new(),
    };
    for _ in 0..60 {
        if world.random.one_in(2) {
            let at = world.random.below(world.senders.len());
            world.send_step(at);
        } else {
            let at = world.random.below(world.receivers.len());
            world.receive_step(at);
        }
    }
    world.finish();
}

fn seeds(capacity: usize) {
    for seed in 0..4_000 {
        let done = std::panic::catch_unwind(|| run(capacity, seed));
        if let Err(payload) = done {
            eprintln!("capacity {capacity}, seed {seed}");
            std::panic::resume_unwind(payload);
        }
    }
}

#[test]
fn handles_used_in_every_way_lose_nothing_at_capacity_0() {
    seeds(0);
}

#[test]
fn handles_used_in_every_way_lose_nothing_at_capacity_1() {
    seeds(1);
}

#[test]
fn handles_used_in_every_way_lose_nothing_at_capacity_2() {
    seeds(2);
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
