//! A mailbox with two credits, and a cast of three who send, reserve or receive.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_sink::Sink;
use hardening::Arena;
use hardening::spec::credits::{Credits, Op as Ask, weight};
use hardening::spec::{Answer, Id, Spec};
use sempost::mailbox::credits::{CreditPermit, CreditReceiver, CreditReserving, CreditSender, CreditSending, Lease};
use sempost::mailbox::{self, Receiving, TryRecvError, TryReserveError};

use crate::fault::{balance, count, disagree, same};
use crate::letter::Letter;
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

const LIMIT: usize = 2;

/// Who one of the three is, and how much its message weighs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Send(usize),
    Reserve(usize),
    Receive,
    /// A handle that is polled as a sink. It has to start a message before it waits.
    Sink(usize),
}

pub struct Credited {
    cast: [Role; 3],
}

impl Credited {
    pub fn new(cast: [Role; 3]) -> Self {
        Self { cast }
    }

    fn is(&self, wanted: fn(&Role) -> bool) -> bool {
        self.cast.iter().any(wanted)
    }
}

impl Scene for Credited {
    fn name(&self) -> String {
        let letter = |role: &Role| match role {
            Role::Send(weight) => format!("s{weight}"),
            Role::Reserve(weight) => format!("v{weight}"),
            Role::Receive => "r".to_owned(),
            Role::Sink(weight) => format!("k{weight}"),
        };
        format!("credits-{}", self.cast.iter().map(letter).collect::<String>())
    }

    fn alphabet(&self) -> Vec<Op> {
        let mut alphabet: Vec<_> = each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).collect();
        // Heavier than the limit is as heavy as the limit.
        alphabet.extend([Op::To(1), Op::To(3), Op::Recv, Op::Release, Op::Close]);
        if self.is(|role| matches!(role, Role::Reserve(_))) {
            alphabet.extend([Op::Try, Op::Use, Op::Waste]);
        }
        let sinks = (0..3).filter(|&at| matches!(self.cast[at], Role::Sink(_)));
        alphabet.extend(sinks.map(Op::Start));
        if !self.is(|role| *role == Role::Receive) {
            alphabet.push(Op::HangUp);
        }
        alphabet
    }

    fn play(&self, _: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let made = Letter::count();
        let (tx, rx) = mailbox::credits(LIMIT, |letter: &Letter| weight(letter.id()));
        // Whom nobody in the cast is, can go.
        let (last_rx, rx) = if self.is(|role| *role == Role::Receive) { (None, Some(rx)) } else { (Some(rx), None) };
        body(&mut Lender {
            cast: self.cast,
            tx: &tx,
            rx: rx.as_ref(),
            last_rx,
            model: Credits::new(LIMIT),
            book: Book::new(),
            places: [None, None, None],
            forgotten: Vec::new(),
            permits: Vec::new(),
            leases: Vec::new(),
            letters: 0,
            made,
            out: 0,
        });
    }
}

enum Waiting<'a> {
    /// With the message that it sends.
    Send(Place<CreditSending<'a, Letter>>, u32),
    Reserve(Place<CreditReserving<'a, Letter>>),
    Receive(Place<Receiving<'a, Lease<Letter>>>),
    /// With the message in its outbox.
    Sink(Box<CreditSender<Letter>>, Id, u32),
}

impl Waiting<'_> {
    fn id(&self) -> Id {
        match self {
            Self::Send(place, _) => place.id,
            Self::Reserve(place) => place.id,
            Self::Receive(place) => place.id,
            Self::Sink(_, id, _) => *id,
        }
    }
}

struct Lender<'a> {
    cast: [Role; 3],
    tx: &'a CreditSender<Letter>,
    rx: Option<&'a CreditReceiver<Letter>>,
    last_rx: Option<CreditReceiver<Letter>>,
    model: Credits,
    book: Book,
    places: Places<Waiting<'a>>,
    /// What is forgotten keeps the semaphore. So that nothing leaks, it is dropped when all is over.
    forgotten: Vec<Waiting<'a>>,
    permits: Vec<CreditPermit<'a, Letter>>,
    leases: Vec<Lease<Letter>>,
    letters: u32,
    /// How many were somewhere before.
    made: usize,
    /// How many are nowhere any more.
    out: usize,
}

/// No wait has this name.
const NAME: Id = Id::MAX;

impl<'a> Lender<'a> {
    fn receiver(&self) -> Option<&CreditReceiver<Letter>> {
        self.rx.or(self.last_rx.as_ref())
    }

    /// A new message.
    fn write(&mut self, weight: usize) -> Letter {
        self.letters += 1;
        Letter::new(self.letters * 10 + weight as u32)
    }

    fn arrive(&mut self, at: usize) -> Option<(Waiting<'a>, Answer)> {
        if matches!(self.cast[at], Role::Sink(_)) {
            return None;
        }
        let (id, tx) = (self.book.add(), self.tx);
        let (waiting, ask) = match self.cast[at] {
            Role::Sink(_) => unreachable!("it starts a message first"),
            Role::Send(weight) => {
                let letter = self.write(weight);
                let message = letter.id();
                (Waiting::Send(Place::new(tx.send(letter), id), message), Ask::Send { id, message })
            }
            Role::Reserve(weight) => {
                (Waiting::Reserve(Place::new(tx.reserve(weight), id)), Ask::Reserve { id, weight })
            }
            Role::Receive => {
                let rx = self.rx.expect("there is one");
                (Waiting::Receive(Place::new(rx.recv(), id)), Ask::Receive { id })
            }
        };
        Some((waiting, self.model.apply(&ask)))
    }

    /// A sink sends. If the message has to wait, the sink is there until it was flushed.
    fn start(&mut self, at: usize) -> bool {
        let Role::Sink(weight) = self.cast[at] else { return false };
        if self.places[at].is_some() {
            return false;
        }
        let (mut handle, letter, id) = (Box::new(self.tx.clone()), self.write(weight), self.book.add());
        let message = letter.id();
        let before = self.model.queue.len();
        let due = self.model.apply(&Ask::Feed { id, message });
        let answer = match Pin::new(&mut *handle).start_send(letter) {
            Ok(()) => Answer::Ok,
            Err(error) => {
                self.out += 1;
                same("the message that came back", error.into_inner().map(|letter| letter.id()), Some(message));
                Answer::Closed
            }
        };
        let waits = answer == Answer::Ok && self.model.queue.len() == before;
        same("start_send", answer, due);
        self.places[at] = waits.then_some(Waiting::Sink(handle, id, message));
        true
    }

    fn poll(&mut self, at: usize) -> bool {
        let there = self.places[at].take().map(|waiting| {
            let id = waiting.id();
            let ask = if matches!(waiting, Waiting::Sink(..)) { Ask::Flush { id } } else { Ask::Poll { id } };
            let due = self.model.apply(&ask);
            (waiting, due)
        });
        let Some((mut waiting, due)) = there.or_else(|| self.arrive(at)) else { return false };
        let book = &mut self.book;
        let answer = match &mut waiting {
            Waiting::Send(place, message) => place.poll(book).map(|sent| match sent {
                Ok(()) => Answer::Ok,
                Err(back) => {
                    same("the message that came back", back.0.id(), *message);
                    self.out += 1;
                    Answer::Closed
                }
            }),
            Waiting::Reserve(place) => place.poll(book).map(|reserved| match reserved {
                Ok(permit) => {
                    self.permits.push(permit);
                    Answer::Ok
                }
                Err(_) => Answer::Closed,
            }),
            Waiting::Receive(place) => place.poll(book).map(|lease| match lease {
                Some(lease) => {
                    let id = lease.id();
                    self.leases.push(lease);
                    Answer::Value(id)
                }
                None => Answer::Closed,
            }),
            Waiting::Sink(handle, id, message) => {
                let waker = book.waker(*id);
                let flushed = Pin::new(&mut **handle).poll_flush(&mut Context::from_waker(&waker));
                if flushed.is_pending() {
                    book.sleeps(*id)
                } else {
                    book.leaves(*id)
                }
                flushed.map(|flushed| match flushed {
                    Ok(()) => Answer::Ok,
                    Err(error) => {
                        let back = error.into_inner().map(|letter| letter.id());
                        same("the message that came back", back, Some(*message));
                        self.out += 1;
                        Answer::Closed
                    }
                })
            }
        };
        match (answer, due) {
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(waiting),
            (Poll::Ready(answer), due) if answer == due => {}
            (answer, due) => disagree(&answer, due),
        }
        true
    }

    fn drop(&mut self, at: usize) {
        let waiting = self.places[at].take().expect("it is there");
        self.book.leaves(waiting.id());
        // A message in an outbox may have entered the queue meanwhile.
        let sent = matches!(waiting, Waiting::Sink(_, id, _) if self.model.has_sent(id));
        self.model.apply(&Ask::Cancel { id: waiting.id() });
        self.out += usize::from(matches!(waiting, Waiting::Send(..) | Waiting::Sink(..)) && !sent);
    }

    fn try_send(&mut self, weight: usize) {
        let letter = self.write(weight);
        let message = letter.id();
        let answer = match self.tx.try_send(letter) {
            Ok(()) => Answer::Ok,
            Err(error) => {
                self.out += 1;
                let answer = if error.is_closed() { Answer::Closed } else { Answer::Refused };
                same("the message that was refused", error.into_inner().id(), message);
                answer
            }
        };
        same("try_send", answer, self.model.apply(&Ask::TrySend { id: NAME, message }));
    }

    fn try_reserve(&mut self) {
        let answer = match self.tx.try_reserve(1) {
            Ok(permit) => {
                self.permits.push(permit);
                Answer::Ok
            }
            Err(TryReserveError::Closed) => Answer::Closed,
            Err(_) => Answer::Refused,
        };
        same("try_reserve", answer, self.model.apply(&Ask::TryReserve { id: NAME, weight: 1 }));
    }

    fn try_recv(&mut self) -> bool {
        let Some(rx) = self.receiver() else { return false };
        let answer = match rx.try_recv() {
            Ok(lease) => {
                let (id, held) = (lease.id(), lease.weight());
                same("the weight of a lease", held, self.model.capped(weight(id)));
                self.leases.push(lease);
                Answer::Value(id)
            }
            Err(TryRecvError::Closed) => Answer::Closed,
            Err(_) => Answer::Refused,
        };
        same("try_recv", answer, self.model.apply(&Ask::TryReceive));
        true
    }

    /// The oldest lease ends: a heavy one gives its message back first.
    fn end_lease(&mut self) {
        let lease = self.leases.remove(0);
        let weight = lease.weight();
        if weight == LIMIT {
            drop(lease.into_inner())
        } else {
            drop(lease)
        }
        self.out += 1;
        self.model.apply(&Ask::EndLease { weight });
    }

    /// A message of weight 1 by the oldest permit.
    fn use_permit(&mut self) {
        let (permit, letter) = (self.permits.remove(0), self.write(1));
        let (held, message) = (permit.weight(), letter.id());
        let answer = match permit.send(letter) {
            Ok(()) => Answer::Ok,
            Err(error) => {
                self.out += 1;
                let answer = if error.is_closed() { Answer::Closed } else { Answer::Refused };
                same("the message that was refused", error.into_inner().id(), message);
                answer
            }
        };
        same("a permit's send", answer, self.model.apply(&Ask::UsePermit { id: NAME, weight: held, message }));
    }

    fn drop_permit(&mut self) {
        let weight = self.permits[0].weight();
        drop(self.permits.remove(0));
        self.model.apply(&Ask::DropPermit { id: NAME, weight });
    }

    fn hang_up(&mut self) -> bool {
        if self.last_rx.take().is_none() {
            return false;
        }
        self.out += self.model.queue.len();
        self.model.apply(&Ask::Deafen);
        true
    }

    /// Takes what is left, up to what is promised to somebody who was forgotten.
    fn drain(&mut self) -> bool {
        let before = self.model.queue.len();
        before > 0 && self.try_recv() && self.model.queue.len() < before
    }
}

impl World for Lender<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => return self.poll(at),
            Op::Start(at) => return self.start(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|waiting| self.book.swap(waiting.id()));
                return self.poll(at);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.forgotten.extend(self.places[at].take()),
            Op::To(weight) => self.try_send(weight),
            Op::Try => self.try_reserve(),
            Op::Recv => return self.try_recv(),
            Op::Release if !self.leases.is_empty() => self.end_lease(),
            Op::Use if !self.permits.is_empty() => self.use_permit(),
            Op::Waste if !self.permits.is_empty() => self.drop_permit(),
            Op::Close => same("close", self.tx.close_mailbox().into(), self.model.apply(&Ask::Close { id: NAME })),
            Op::HangUp => return self.hang_up(),
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        let tx = self.tx;
        let asks = [Ask::Len, Ask::Available, Ask::Granted, Ask::Senders, Ask::Receivers];
        let counts =
            [tx.len(), tx.available_credits(), tx.granted_credits(), tx.waiting_senders(), tx.waiting_receivers()];
        for (ask, real) in asks.into_iter().zip(counts) {
            count(&ask, real, self.model.apply(&ask));
        }
        same("is_closed", tx.is_closed(), self.model.queue.is_closed());
        let due = self.letters as usize - self.out;
        balance("messages anywhere", Letter::count().wrapping_sub(self.made), due);
        self.book.check(|waiting| self.model.is_at_rest(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |waiting| !self.book.is_asleep(waiting.id())) {
            Some((at, true)) => self.poll(at),
            Some((at, false)) => {
                self.drop(at);
                true
            }
            None => self.step(Op::Waste) || self.step(Op::Release) || self.drain(),
        }
    }

    fn state(&self) -> String {
        format!("{:?} {:?}", self.tx, self.model)
    }
}
