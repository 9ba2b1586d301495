//! A mailbox, and a cast of three who send, reserve or receive.

use std::task::Poll;

use hardening::Arena;
use hardening::spec::mailbox::{Mailbox, Op as Ask, Want};
use hardening::spec::{Answer, Id, Spec};
use sempost::Fairness;
use sempost::mailbox::{
    Receiver, Receiving, Reserving, ReservingMany, SendPermit, Sender, Sending, TryRecvError, bounded_with, unbounded,
};

use crate::fault::{balance, count, disagree, same};
use crate::letter::Letter;
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

pub struct Mailboxes {
    name: String,
    /// `usize::MAX` is unbounded.
    capacity: usize,
    /// How many messages are there at first.
    messages: usize,
    cast: Cast,
    fairness: Fairness,
}

/// Who the three are; `None` is a handle that is polled.
pub type Cast = [Option<Want>; 3];

pub const SEND: Option<Want> = Some(Want::Send(0));
pub const RECEIVE: Option<Want> = Some(Want::Receive);

pub fn reserve(need: usize) -> Option<Want> {
    Some(Want::Permits(need))
}

impl Mailboxes {
    pub fn new(capacity: usize, messages: usize, cast: Cast) -> Self {
        let letter = |want: &Option<Want>| match want {
            Some(Want::Send(_)) => "s".to_owned(),
            Some(Want::Permits(need)) => format!("v{need}"),
            _ => "r".to_owned(),
        };
        let size = if capacity == usize::MAX { "unbounded".to_owned() } else { capacity.to_string() };
        let name = format!("mailbox-{size}-{}", cast.iter().map(letter).collect::<String>());
        Self { name, capacity, messages, cast, fairness: Fairness::Fifo }
    }

    /// Where senders may pass those that wait.
    pub fn barging(fairness: Fairness, capacity: usize, messages: usize, cast: Cast) -> Self {
        let fifo = Self::new(capacity, messages, cast);
        let kind = if fairness == Fairness::Unfair { "unfair" } else { "barging" };
        Self { name: format!("{kind}-{}", fifo.name), fairness, ..fifo }
    }

    fn is(&self, wanted: fn(&Option<Want>) -> bool) -> bool {
        self.cast.iter().any(wanted)
    }

    /// Makes the mailbox and its world.
    pub fn enter(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut Mailboxed<'_>)) {
        let (tx, rx) =
            if self.capacity == usize::MAX { unbounded() } else { bounded_with(self.capacity, self.fairness) };
        let made = Letter::count();
        let mut model = Mailbox::with((self.capacity < usize::MAX).then_some(self.capacity), self.fairness);
        for message in 0..self.messages as u32 {
            assert!(tx.try_send(Letter::new(message)).is_ok(), "there is room at first");
            model.apply(&Ask::TrySend { message });
        }
        // Whoever nobody in the cast is, can go.
        let receiving = self.is(receives);
        let sending = self.cast != [RECEIVE; 3];
        let (last_tx, tx) = if sending { (None, Some(tx)) } else { (Some(tx), None) };
        let (last_rx, rx) = if receiving { (None, Some(rx)) } else { (Some(rx), None) };
        body(&mut Mailboxed {
            cast: self.cast,
            tx: tx.as_ref(),
            rx: rx.as_ref(),
            last_tx,
            last_rx,
            arena,
            model,
            book: Book::new(),
            places: [None, None, None],
            permits: Vec::new(),
            letters: self.messages as u32,
            made,
            out: 0,
        });
        drop((tx, rx));
    }
}

fn reserves(want: &Option<Want>) -> bool {
    matches!(want, Some(Want::Permits(_)))
}

fn receives(want: &Option<Want>) -> bool {
    *want == RECEIVE
}

impl Scene for Mailboxes {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alphabet(&self) -> Vec<Op> {
        let mut alphabet: Vec<_> = each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).collect();
        alphabet.extend([Op::Send, Op::Recv, Op::Close]);
        alphabet.extend((0..3).filter(|&at| self.cast[at] == SEND).map(Op::Cancel));
        if self.is(reserves) {
            alphabet.extend([Op::Use, Op::Waste]);
        } else {
            alphabet.push(Op::Force);
        }
        if !self.is(receives) || self.cast == [RECEIVE; 3] {
            alphabet.push(Op::HangUp);
        }
        alphabet
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        self.enter(arena, &mut |world| body(world));
    }
}

enum Waiting<'a> {
    /// With the message that it sends.
    Send(Place<Sending<'a, Letter>>, u32),
    Reserve(Place<Reserving<'a, Letter>>),
    ReserveMany(Place<ReservingMany<'a, Letter>>),
    Recv(Place<Receiving<'a, Letter>>),
}

impl Waiting<'_> {
    fn id(&self) -> Id {
        match self {
            Self::Send(place, _) => place.id,
            Self::Reserve(place) => place.id,
            Self::ReserveMany(place) => place.id,
            Self::Recv(place) => place.id,
        }
    }

    fn forget(self, arena: &mut Arena) {
        match self {
            Self::Send(place, _) => arena.forget(place.future),
            Self::Reserve(place) => arena.forget(place.future),
            Self::ReserveMany(place) => arena.forget(place.future),
            Self::Recv(place) => arena.forget(place.future),
        }
    }
}

pub struct Mailboxed<'a> {
    pub cast: Cast,
    /// What the cast polls; where nobody does, the world has the last handle itself, and may drop it.
    pub tx: Option<&'a Sender<Letter>>,
    pub rx: Option<&'a Receiver<Letter>>,
    last_tx: Option<Sender<Letter>>,
    last_rx: Option<Receiver<Letter>>,
    arena: &'a mut Arena,
    pub model: Mailbox,
    pub book: Book,
    places: Places<Waiting<'a>>,
    permits: Vec<SendPermit<'a, Letter>>,
    /// How many messages were made, which is the name of the next.
    letters: u32,
    /// How many were somewhere before.
    made: usize,
    /// How many have left the mailbox and those who wait at it.
    pub out: usize,
}

impl<'a> Mailboxed<'a> {
    fn sender(&self) -> Option<&Sender<Letter>> {
        self.tx.or(self.last_tx.as_ref())
    }

    fn receiver(&self) -> Option<&Receiver<Letter>> {
        self.rx.or(self.last_rx.as_ref())
    }

    /// A new message.
    pub fn write(&mut self) -> Letter {
        self.letters += 1;
        Letter::new(self.letters - 1)
    }

    fn arrive(&mut self, at: usize) -> (Waiting<'a>, Answer) {
        let id = self.book.add();
        let mut want = self.cast[at].expect("it is a future");
        let letter = (want == Want::Send(0)).then(|| self.write());
        let (tx, rx) = (self.tx, self.rx);
        let waiting = match (want, letter) {
            (Want::Send(_), Some(letter)) => {
                let message = letter.id();
                want = Want::Send(message);
                Waiting::Send(Place::new(tx.expect("there is one").send(letter), id), message)
            }
            (Want::Permits(1), _) => Waiting::Reserve(Place::new(tx.expect("there is one").reserve(), id)),
            (Want::Permits(n), _) => Waiting::ReserveMany(Place::new(tx.expect("there is one").reserve_many(n), id)),
            _ => Waiting::Recv(Place::new(rx.expect("there is one").recv(), id)),
        };
        (waiting, self.model.start(id, want, false))
    }

    fn poll(&mut self, at: usize) {
        let (mut waiting, due) = match self.places[at].take() {
            Some(waiting) => {
                let due = self.model.poll(waiting.id());
                (waiting, due)
            }
            None => self.arrive(at),
        };
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
            Waiting::ReserveMany(place) => place.poll(book).map(|reserved| match reserved {
                Ok(permits) => {
                    self.permits.extend(permits);
                    Answer::Ok
                }
                Err(_) => Answer::Closed,
            }),
            Waiting::Recv(place) => place.poll(book).map(|message| match message {
                Some(letter) => {
                    self.out += 1;
                    Answer::Value(letter.id())
                }
                None => Answer::Closed,
            }),
        };
        match (answer, due) {
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(waiting),
            (Poll::Ready(answer), due) if answer == due => {}
            (answer, due) => disagree(&answer, due),
        }
    }

    /// By the specification, a handle is polled: it goes on with the wait that it is in, or begins one.
    pub fn turn(&mut self, wait: Option<Id>, want: Want) -> (Id, Answer) {
        let (id, answer) = match wait {
            Some(id) => (id, self.model.poll(id)),
            None => {
                let id = self.book.add();
                (id, self.model.start(id, want, true))
            }
        };
        if answer == Answer::Pending {
            self.book.sleeps(id);
        } else {
            self.book.leaves(id);
        }
        (id, answer)
    }

    /// A handle gives up its wait.
    pub fn give_up(&mut self, id: Id) {
        self.book.leaves(id);
        self.model.cancel(id);
    }

    fn drop(&mut self, at: usize) {
        let waiting = self.places[at].take().expect("it is there");
        self.book.leaves(waiting.id());
        let late = self.model.cancel(waiting.id());
        self.out += usize::from(matches!(waiting, Waiting::Send(..)) && !late);
    }

    fn cancel(&mut self, at: usize) -> bool {
        match self.places[at].take() {
            Some(Waiting::Send(mut place, message)) => {
                self.book.leaves(place.id);
                let late = self.model.cancel(place.id);
                let back = place.future.as_mut().cancel().map(|letter| letter.id());
                same("the message of a send that was cancelled", back, (!late).then_some(message));
                self.out += usize::from(!late);
                true
            }
            other => {
                self.places[at] = other;
                false
            }
        }
    }

    fn try_send(&mut self, force: bool) -> bool {
        if self.sender().is_none() {
            return false;
        }
        let letter = self.write();
        let message = letter.id();
        let due = self.model.apply(&if force { Ask::Force { message } } else { Ask::TrySend { message } });
        let tx = self.sender().expect("it was there");
        let sent = if force { tx.force_send(letter) } else { tx.try_send(letter).map(|()| None) };
        let answer = match sent {
            Ok(None) => Answer::Ok,
            Ok(Some(oldest)) => {
                self.out += 1;
                Answer::Value(oldest.id())
            }
            Err(error) => {
                self.out += 1;
                let answer = if error.is_closed() { Answer::Closed } else { Answer::Refused };
                same("the message that was refused", error.into_inner().id(), message);
                answer
            }
        };
        same("a send that does not wait", answer, due);
        true
    }

    fn try_recv(&mut self) -> bool {
        let Some(rx) = self.receiver() else { return false };
        let answer = taken(rx.try_recv());
        self.out += usize::from(matches!(answer, Answer::Value(_)));
        same("try_recv", answer, self.model.apply(&Ask::TryReceive));
        true
    }

    fn len(&mut self) -> Answer {
        self.model.apply(&Ask::Len)
    }

    /// Takes what is left, up to what is promised to somebody who was forgotten.
    fn drain(&mut self) -> bool {
        let before = self.len();
        before != Answer::Count(0) && self.try_recv() && self.len() != before
    }

    fn use_permit(&mut self) {
        let (permit, letter) = (self.permits.remove(0), self.write());
        let (message, due) = (letter.id(), self.model.apply(&Ask::UsePermit { message: letter.id() }));
        let answer = match permit.send(letter) {
            Ok(()) => Answer::Ok,
            Err(back) => {
                self.out += 1;
                same("the message that was refused", back.0.id(), message);
                Answer::Closed
            }
        };
        same("a permit's send", answer, due);
    }

    fn close(&mut self) -> bool {
        let closed = match (self.sender(), self.receiver()) {
            (Some(tx), _) => tx.close_mailbox(),
            (None, Some(rx)) => rx.close(),
            (None, None) => return false,
        };
        same("close", closed.into(), self.model.apply(&Ask::Close));
        true
    }

    fn hang_up(&mut self) -> bool {
        if self.last_tx.take().is_some() {
            self.model.apply(&Ask::Close);
        } else if self.last_rx.take().is_some() {
            let Answer::Count(gone) = self.len() else { unreachable!("it is a number") };
            self.out += gone;
            self.model.deafen();
        } else {
            return false;
        }
        true
    }
}

/// What a receive that does not wait is answered.
pub fn taken(result: Result<Letter, TryRecvError>) -> Answer {
    match result {
        Ok(letter) => Answer::Value(letter.id()),
        Err(TryRecvError::Closed) => Answer::Closed,
        Err(_) => Answer::Refused,
    }
}

impl World for Mailboxed<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|waiting| self.book.swap(waiting.id()));
                self.poll(at);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.places[at].take().into_iter().for_each(|waiting| waiting.forget(self.arena)),
            Op::Cancel(at) => return self.cancel(at),
            Op::Send => return self.try_send(false),
            Op::Force => return self.try_send(true),
            Op::Recv => return self.try_recv(),
            Op::Use | Op::Waste if self.permits.is_empty() => return false,
            Op::Use => self.use_permit(),
            Op::Waste => {
                drop(self.permits.remove(0));
                self.model.apply(&Ask::DropPermits { slots: 1 });
            }
            Op::Close => return self.close(),
            Op::HangUp => return self.hang_up(),
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        let real = match (self.sender(), self.receiver()) {
            (Some(tx), _) => (tx.len(), tx.remaining(), tx.waiting_senders(), tx.waiting_receivers(), tx.is_closed()),
            (None, Some(rx)) => {
                (rx.len(), rx.remaining(), rx.waiting_senders(), rx.waiting_receivers(), rx.is_closed())
            }
            (None, None) => return,
        };
        let (len, remaining, senders, receivers, closed) = real;
        let asks = [(Ask::Len, len), (Ask::Remaining, remaining), (Ask::Senders, senders), (Ask::Receivers, receivers)];
        for (ask, real) in asks {
            count(&ask, real, self.model.apply(&ask));
        }
        same("is_closed", closed, self.model.is_closed());
        let due = self.letters as usize - self.out;
        balance("messages anywhere", Letter::count().wrapping_sub(self.made), due);
        self.book.check(|waiting| self.model.is_at_rest(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |waiting| !self.book.is_asleep(waiting.id())) {
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Waste) || self.drain(),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?} {:?}", self.sender(), self.receiver(), self.model)
    }
}
