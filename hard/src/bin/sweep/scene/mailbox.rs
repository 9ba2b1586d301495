//! A mailbox, and a cast of three who send, reserve or receive.

use std::marker::PhantomData;
use std::task::Poll;

use hard::Arena;
use sempost::mailbox::{
    Receiver, Receiving, Reserving, ReservingMany, SendPermit, Sender, Sending, TryRecvError, bounded, unbounded,
};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::letter::Letter;
use crate::model::post::{Counts, Post, Reply, Role};
use crate::op::{Op, each};
use crate::world::{Place, Places, Scene, World, next_up};

pub struct Mailboxes<M> {
    name: String,
    /// `usize::MAX` is unbounded.
    capacity: usize,
    /// How many messages are there at first.
    messages: usize,
    cast: [Role; 3],
    _model: PhantomData<M>,
}

impl<M: Post> Mailboxes<M> {
    pub fn new(capacity: usize, messages: usize, cast: [Role; 3]) -> Self {
        let letter = |role: &Role| match role {
            Role::Send => "s".to_owned(),
            Role::Reserve(need) => format!("v{need}"),
            _ => "r".to_owned(),
        };
        let size = if capacity == usize::MAX { "unbounded".to_owned() } else { capacity.to_string() };
        let name = format!("mailbox-{size}-{}", cast.iter().map(letter).collect::<String>());
        Self { name, capacity, messages, cast, _model: PhantomData }
    }

    fn is(&self, wanted: fn(&Role) -> bool) -> bool {
        self.cast.iter().any(wanted)
    }

    /// Makes the mailbox and its world.
    pub fn enter(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut Mailboxed<'_, M>)) {
        let (tx, rx) = if self.capacity == usize::MAX { unbounded() } else { bounded(self.capacity) };
        let made = Letter::count();
        for id in 0..self.messages {
            assert!(tx.try_send(Letter::new(id)).is_ok(), "there is room at first");
        }
        // Whoever nobody in the cast is, can go.
        let receiving = self.is(receives);
        let sending = self.cast != [Role::Recv; 3];
        let (last_tx, tx) = if sending { (None, Some(tx)) } else { (Some(tx), None) };
        let (last_rx, rx) = if receiving { (None, Some(rx)) } else { (Some(rx), None) };
        body(&mut Mailboxed {
            cast: self.cast,
            tx: tx.as_ref(),
            rx: rx.as_ref(),
            last_tx,
            last_rx,
            arena,
            model: M::new(self.capacity, self.messages),
            places: [None, None, None],
            permits: Vec::new(),
            letters: self.messages,
            made,
            aside: 0,
        });
        drop((tx, rx));
    }
}

fn reserves(role: &Role) -> bool {
    matches!(role, Role::Reserve(_))
}

fn receives(role: &Role) -> bool {
    role.receives()
}

impl<M: Post> Scene for Mailboxes<M> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn alphabet(&self) -> Vec<Op> {
        let mut alphabet: Vec<_> = each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).collect();
        alphabet.extend([Op::Send, Op::Recv, Op::Close]);
        alphabet.extend((0..3).filter(|&at| self.cast[at] == Role::Send).map(Op::Cancel));
        if self.is(reserves) {
            alphabet.extend([Op::Use, Op::Waste]);
        } else {
            alphabet.push(Op::Force);
        }
        if !self.is(receives) || self.cast == [Role::Recv; 3] {
            alphabet.push(Op::HangUp);
        }
        alphabet
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        self.enter(arena, &mut |world| body(world));
    }
}

enum Waiting<'a> {
    Send(Place<Sending<'a, Letter>>),
    Reserve(Place<Reserving<'a, Letter>>),
    ReserveMany(Place<ReservingMany<'a, Letter>>),
    Recv(Place<Receiving<'a, Letter>>),
}

impl Waiting<'_> {
    fn id(&self) -> usize {
        match self {
            Self::Send(place) => place.id,
            Self::Reserve(place) => place.id,
            Self::ReserveMany(place) => place.id,
            Self::Recv(place) => place.id,
        }
    }

    fn forget(self, arena: &mut Arena) {
        match self {
            Self::Send(place) => arena.forget(place.future),
            Self::Reserve(place) => arena.forget(place.future),
            Self::ReserveMany(place) => arena.forget(place.future),
            Self::Recv(place) => arena.forget(place.future),
        }
    }
}

pub struct Mailboxed<'a, M> {
    pub cast: [Role; 3],
    /// What the cast polls; where nobody does, the world has the last handle itself, and may drop it.
    pub tx: Option<&'a Sender<Letter>>,
    pub rx: Option<&'a Receiver<Letter>>,
    last_tx: Option<Sender<Letter>>,
    last_rx: Option<Receiver<Letter>>,
    arena: &'a mut Arena,
    pub model: M,
    places: Places<Waiting<'a>>,
    permits: Vec<SendPermit<'a, Letter>>,
    /// How many messages were made, which is the name of the next.
    letters: usize,
    /// How many were somewhere before.
    made: usize,
    /// How many are where the model does not see them.
    pub aside: usize,
}

impl<'a, M: Post> Mailboxed<'a, M> {
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

    fn arrive(&mut self, at: usize) -> (Waiting<'a>, Reply) {
        let role = self.cast[at];
        let letter = (role == Role::Send).then(|| self.write());
        let (id, due) = self.model.arrive(role, letter.as_ref().map(Letter::id));
        let (tx, rx) = (self.tx, self.rx);
        let waiting = match (role, letter) {
            (Role::Send, Some(letter)) => Waiting::Send(Place::new(tx.expect("there is one").send(letter), id)),
            (Role::Reserve(1), _) => Waiting::Reserve(Place::new(tx.expect("there is one").reserve(), id)),
            (Role::Reserve(n), _) => Waiting::ReserveMany(Place::new(tx.expect("there is one").reserve_many(n), id)),
            _ => Waiting::Recv(Place::new(rx.expect("there is one").recv(), id)),
        };
        (waiting, due)
    }

    fn poll(&mut self, at: usize) {
        let (mut waiting, due) = match self.places[at].take() {
            Some(waiting) => {
                let due = self.model.poll(waiting.id());
                (waiting, due)
            }
            None => self.arrive(at),
        };
        let (id, waiters) = (waiting.id(), self.model.waiters());
        let book = &waiters.book;
        let answer = match &mut waiting {
            Waiting::Send(place) => place.poll(book).map(|sent| {
                let back = sent.err().map(|error| error.0.id());
                same("the message that came back", back, waiters.list[id].letter.take());
                if back.is_some() { Reply::Closed } else { Reply::Done }
            }),
            Waiting::Reserve(place) => place.poll(book).map(|reserved| match reserved {
                Ok(permit) => {
                    self.permits.push(permit);
                    Reply::Done
                }
                Err(_) => Reply::Closed,
            }),
            Waiting::ReserveMany(place) => place.poll(book).map(|reserved| match reserved {
                Ok(permits) => {
                    self.permits.extend(permits);
                    Reply::Done
                }
                Err(_) => Reply::Closed,
            }),
            Waiting::Recv(place) => {
                place.poll(book).map(|message| message.map_or(Reply::Closed, |letter| Reply::Got(letter.id())))
            }
        };
        match (answer, due) {
            (Poll::Pending, Reply::Waits) => self.places[at] = Some(waiting),
            (Poll::Ready(reply), due) if reply == due => {}
            (answer, due) => disagree(&answer, due),
        }
    }

    fn drop(&mut self, at: usize) {
        self.model.drop(self.places[at].take().expect("it is there").id());
    }

    fn cancel(&mut self, at: usize) -> bool {
        match self.places[at].take() {
            Some(Waiting::Send(mut place)) => {
                let back = place.future.as_mut().cancel().map(|letter| letter.id());
                same("the message of a send that was cancelled", back, self.model.drop(place.id));
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
        let id = letter.id();
        let due = if force { self.model.force(id) } else { self.model.try_send(id) };
        let tx = self.sender().expect("it was there");
        let sent = if force { tx.force_send(letter) } else { tx.try_send(letter).map(|()| None) };
        let reply = match sent {
            Ok(evicted) => evicted.map_or(Reply::Done, |oldest| Reply::Got(oldest.id())),
            Err(error) => {
                let reply = if error.is_closed() { Reply::Closed } else { Reply::Not };
                same("the message that was refused", error.into_inner().id(), id);
                reply
            }
        };
        same("try_send or force_send", reply, due);
        true
    }

    fn try_recv(&mut self) -> bool {
        let Some(rx) = self.rx.or(self.last_rx.as_ref()) else { return false };
        let reply = match rx.try_recv() {
            Ok(letter) => Reply::Got(letter.id()),
            Err(TryRecvError::Closed) => Reply::Closed,
            Err(_) => Reply::Not,
        };
        same("try_recv", reply, self.model.try_recv());
        true
    }

    /// Takes what is left, up to what is promised to somebody who was forgotten.
    fn drain(&mut self) -> bool {
        let before = self.model.counts().len;
        self.try_recv() && self.model.counts().len < before
    }

    fn use_permit(&mut self) {
        let (permit, letter) = (self.permits.remove(0), self.write());
        let (id, due) = (letter.id(), self.model.use_permit(letter.id()));
        let reply = match permit.send(letter) {
            Ok(()) => Reply::Done,
            Err(back) => {
                same("the message that was refused", back.0.id(), id);
                Reply::Closed
            }
        };
        same("a permit's send", reply, due);
    }

    fn close(&mut self) -> bool {
        let closed = match (self.sender(), self.receiver()) {
            (Some(tx), _) => tx.close(),
            (None, Some(rx)) => rx.close(),
            (None, None) => return false,
        };
        same("close", closed, self.model.close());
        true
    }

    fn hang_up(&mut self) -> bool {
        if self.last_tx.take().is_some() {
            self.model.close();
        } else if self.last_rx.take().is_some() {
            self.model.deafen();
        } else {
            return false;
        }
        true
    }
}

impl<M: Post> World for Mailboxed<'_, M> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|waiting| self.model.waiters().book.swap(waiting.id()));
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
                self.model.waste_permit();
            }
            Op::Close => return self.close(),
            Op::HangUp => return self.hang_up(),
            _ => return false,
        }
        true
    }

    fn check(&mut self) {
        let face = |len, remaining, senders, receivers, closed| Counts { len, remaining, senders, receivers, closed };
        let real = match (self.sender(), self.receiver()) {
            (Some(tx), _) => {
                face(tx.len(), tx.remaining(), tx.waiting_senders(), tx.waiting_receivers(), tx.is_closed())
            }
            (None, Some(rx)) => {
                face(rx.len(), rx.remaining(), rx.waiting_senders(), rx.waiting_receivers(), rx.is_closed())
            }
            (None, None) => return,
        };
        let due = self.model.counts();
        balance("messages in the queue", real.len, due.len);
        balance("messages anywhere", Letter::count().wrapping_sub(self.made), self.model.letters() + self.aside);
        same("the counts", real, due);
        self.model.waiters().book.check();
        let sleeper = self.model.sleeper();
        insist(sleeper.is_none(), Kind::Asleep, || sleeper.unwrap_or_default());
    }

    fn wind_up(&mut self) -> bool {
        let book = &self.model.waiters().book;
        match next_up(&self.places, |waiting| !book.is_asleep(waiting.id())) {
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Waste) || self.model.counts().len > 0 && self.drain(),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?} {:?}", self.sender(), self.receiver(), self.model)
    }
}
