//! Two ports, and a cast of three who receive from any, receive from one, or send.

use std::task::{Context, Poll};

use hardening::Arena;
use hardening::spec::ports::{Hub, Op as Ask, Setup, message, opened, source};
use hardening::spec::{Answer, Id, Spec};
use sempost::mailbox::ports::{PortReceiver, Ports, ReceivingAny, ReceivingFrom};
use sempost::mailbox::{self, Sender, SendingOwned};

use super::mailbox::taken;
use crate::fault::{balance, count, disagree, same};
use crate::letter::Letter;
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

/// Who one of the three is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Any,
    /// A handle that is polled, and dropped when it has its answer.
    Handle,
    Source(usize),
    Sender(usize),
}

pub struct Hubs {
    setup: Setup,
    cast: [Role; 3],
}

impl Hubs {
    pub fn new(capacity: usize, classes: bool, cast: [Role; 3]) -> Self {
        Self { setup: Setup { ports: 2, capacity, classes, opener: true }, cast }
    }
}

impl Scene for Hubs {
    fn name(&self) -> String {
        let letter = |role: &Role| match role {
            Role::Any => "r".to_owned(),
            Role::Handle => "h".to_owned(),
            Role::Source(port) => format!("f{port}"),
            Role::Sender(port) => format!("s{port}"),
        };
        let order = if self.setup.classes { "classes" } else { "ports" };
        format!("{order}-{}-{}", self.setup.capacity, self.cast.iter().map(letter).collect::<String>())
    }

    fn alphabet(&self) -> Vec<Op> {
        let rest =
            [Op::To(0), Op::To(1), Op::Recv, Op::Ask(0), Op::End(0), Op::Quit(1), Op::Open(0), Op::Close, Op::HangUp];
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain(rest).collect()
    }

    fn play(&self, _: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let made = Letter::count();
        let (ports, receiver) = mailbox::ports(self.setup.order());
        let open = |port| Some(ports.open(port, self.setup.capacity).expect("it is new"));
        let senders = [open(0), open(1)];
        body(&mut Hubbed {
            cast: self.cast,
            capacity: self.setup.capacity,
            ports: Some(ports),
            senders,
            receiver: &receiver,
            model: Hub::from(self.setup),
            book: Book::new(),
            places: [None, None, None],
            forgotten: Vec::new(),
            letters: 0,
            made,
            out: 0,
        });
    }
}

enum Waiting<'a> {
    Any(Place<ReceivingAny<'a, usize, Letter>>),
    Handle(Box<PortReceiver<usize, Letter>>, Id),
    Source(Place<ReceivingFrom<'a, usize, Letter>>),
    /// With the message that it sends.
    Sender(Place<SendingOwned<Letter>>, u32),
}

impl Waiting<'_> {
    fn id(&self) -> Id {
        match self {
            Self::Any(place) => place.id,
            Self::Handle(_, id) => *id,
            Self::Source(place) => place.id,
            Self::Sender(place, _) => place.id,
        }
    }
}

struct Hubbed<'a> {
    cast: [Role; 3],
    capacity: usize,
    ports: Option<Ports<usize, Letter>>,
    senders: [Option<Sender<Letter>>; 2],
    receiver: &'a PortReceiver<usize, Letter>,
    model: Hub,
    book: Book,
    places: Places<Waiting<'a>>,
    /// What is forgotten keeps the hub. So that nothing leaks, it is dropped when all is over.
    forgotten: Vec<Waiting<'a>>,
    letters: u32,
    /// How many were somewhere before.
    made: usize,
    /// How many have left the ports and those who wait at them.
    out: usize,
}

/// The answer of a receive, and whether a message came.
fn from_anywhere(next: Option<(usize, Letter)>) -> (Answer, bool) {
    next.map_or((Answer::Closed, false), |(key, letter)| {
        same("the key of a message", key, source(letter.id()));
        (Answer::Value(letter.id()), true)
    })
}

impl<'a> Hubbed<'a> {
    /// A new message to this port.
    fn write(&mut self, port: usize) -> Letter {
        self.letters += 1;
        Letter::new(message(port, self.letters))
    }

    fn arrive(&mut self, at: usize) -> Option<(Waiting<'a>, Answer)> {
        let receiver = self.receiver;
        let (waiting, ask) = match self.cast[at] {
            Role::Any => {
                let id = self.book.add();
                (Waiting::Any(Place::new(receiver.recv(), id)), Ask::Receive { id })
            }
            Role::Handle => {
                let id = self.book.add();
                (Waiting::Handle(Box::new(receiver.clone()), id), Ask::Listen { id })
            }
            Role::Source(port) => {
                let id = self.book.add();
                (Waiting::Source(Place::new(receiver.recv_from(&port), id)), Ask::From { id, port })
            }
            Role::Sender(port) => {
                let sender = self.senders[port].clone()?;
                let (id, letter) = (self.book.add(), self.write(port));
                let message = letter.id();
                (Waiting::Sender(Place::new(sender.send_owned(letter), id), message), Ask::Send { id, message })
            }
        };
        Some((waiting, self.model.apply(&ask)))
    }

    fn poll(&mut self, at: usize) -> bool {
        let there = self.places[at].take().map(|waiting| {
            let due = self.model.apply(&Ask::Poll { id: waiting.id() });
            (waiting, due)
        });
        let Some((mut waiting, due)) = there.or_else(|| self.arrive(at)) else { return false };
        let book = &mut self.book;
        // What it answers, and whether a message has left.
        let answer = match &mut waiting {
            Waiting::Any(place) => place.poll(book).map(from_anywhere),
            Waiting::Handle(handle, id) => {
                let waker = book.waker(*id);
                let answer = handle.poll_recv(&mut Context::from_waker(&waker)).map(from_anywhere);
                if answer.is_pending() {
                    book.sleeps(*id)
                } else {
                    book.leaves(*id)
                }
                answer
            }
            Waiting::Source(place) => place
                .poll(book)
                .map(|next| next.map_or((Answer::Closed, false), |letter| (Answer::Value(letter.id()), true))),
            Waiting::Sender(place, message) => place.poll(book).map(|(sent, _)| match sent {
                Ok(()) => (Answer::Ok, false),
                Err(back) => {
                    same("the message that came back", back.0.id(), *message);
                    (Answer::Closed, true)
                }
            }),
        };
        match (answer, due) {
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(waiting),
            (Poll::Ready((answer, left)), due) if answer == due => self.out += usize::from(left),
            (answer, due) => disagree(&answer, due),
        }
        true
    }

    fn drop(&mut self, at: usize) {
        let waiting = self.places[at].take().expect("it is there");
        self.book.leaves(waiting.id());
        self.model.apply(&Ask::Cancel { id: waiting.id() });
        self.out += usize::from(matches!(waiting, Waiting::Sender(..)));
    }

    fn try_send(&mut self, port: usize) -> bool {
        if self.senders[port].is_none() {
            return false;
        }
        let letter = self.write(port);
        let message = letter.id();
        let due = self.model.apply(&Ask::TrySend { message });
        let answer = match self.senders[port].as_ref().expect("it was there").try_send(letter) {
            Ok(()) => Answer::Ok,
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

    fn received(&mut self, what: &str, answer: Answer, ask: Ask) {
        self.out += usize::from(matches!(answer, Answer::Value(_)));
        same(what, answer, self.model.apply(&ask));
    }

    fn open(&mut self, port: usize) -> bool {
        let Some(ports) = &self.ports else { return false };
        let answer = match opened(ports.open(port, self.capacity)) {
            Ok(sender) => {
                self.senders[port] = Some(sender);
                Answer::Ok
            }
            Err(answer) => answer,
        };
        same("open", answer, self.model.apply(&Ask::Open { port }));
        true
    }

    /// Takes what is left, up to what is kept for somebody who was forgotten.
    fn drain(&mut self) -> bool {
        let before = self.receiver.len();
        before > 0 && self.step(Op::Recv) && self.receiver.len() < before
    }
}

impl World for Hubbed<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => return self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|waiting| self.book.swap(waiting.id()));
                self.poll(at);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.forgotten.extend(self.places[at].take()),
            Op::To(port) => return self.try_send(port),
            Op::Recv => {
                let next = self.receiver.try_recv().map(|(_, letter)| letter);
                self.received("try_recv", taken(next), Ask::TryReceive);
            }
            Op::Ask(port) => {
                let next = self.receiver.try_recv_from(&port);
                self.received("try_recv_from", taken(next), Ask::TryFrom { port });
            }
            Op::End(port) => {
                let closed = self.receiver.close_port(&port).into();
                same("close_port", closed, self.model.apply(&Ask::ClosePort { port }));
            }
            Op::Quit(port) => {
                // One that waits to send has a handle of its own.
                if self.cast.contains(&Role::Sender(port)) || self.senders[port].take().is_none() {
                    return false;
                }
                self.model.apply(&Ask::HangUp { port });
            }
            Op::Open(port) => return self.open(port),
            Op::Close => same("close", self.receiver.close().into(), self.model.apply(&Ask::Close)),
            Op::HangUp if self.ports.is_some() => {
                self.ports = None;
                self.model.apply(&Ask::Leave);
            }
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        let receiver = self.receiver;
        let counts = [receiver.len(), receiver.port_count(), receiver.waiting_receivers()];
        for (ask, real) in [Ask::Len, Ask::Ports, Ask::Receivers].into_iter().zip(counts) {
            count(&ask, real, self.model.apply(&ask));
        }
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
            None => self.drain(),
        }
    }

    fn state(&self) -> String {
        format!("{:?} {:?}", self.receiver, self.model)
    }
}
