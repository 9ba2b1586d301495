//! What breaks, and what does not: fifteen probes, asked of every crate at everything it has to offer.
//!
//! A probe is a few hand-polled steps on one thread, the same for everybody, written against the traits of
//! [`crate::kinds`]. A case is one probe at one thing; it runs in a process of its own, because it may hang or abort.

mod doors;
mod matrix;
mod messages;
mod order;
mod table;
mod task;
mod waiting;

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe};

use crate::kinds::{Closable, Closing, Event, Gate, Growing, Line, Mailbox, Message, Monitor, Order};
use crate::measure::{self, Note};
use crate::peers::{self, MeetClosable, MeetClosing, MeetEvents, MeetGates, MeetGrowing, MeetMailboxes, MeetMonitors};

use doors::{End, Ends, Receivers, Senders};

pub use matrix::run;
pub use table::{markdown, print};

/// The probes and what they ask, each by its letter.
pub const PROBES: [(char, &str); 15] = [
    ('A', "a waker uses the primitive that wakes it"),
    ('B', "a waker that is replaced uses the primitive as it is dropped"),
    ('C', "the first of three wakers panics: the others are woken"),
    ('D', "a receive is cancelled: no message is lost"),
    ('E', "whoever was woken is cancelled: the next one is woken"),
    ('F', "a send is cancelled: its message is not delivered, and the next sender gets the room"),
    ('G', "the head of a line wants more than there is and leaves: the next one is woken"),
    ('H', "adding `usize::MAX` permits does not wrap"),
    ('I', "a future that is dropped leaves no waker behind"),
    ('J', "after a burst of 200,000 messages at most 4 KiB stay"),
    ('K', "a message panics as it is dropped: the others are dropped, too"),
    ('N', "a receiver is forgotten: another one is woken"),
    ('O', "capacity `usize::MAX` works, or is refused with a reason"),
    ('P', "an outsider does not pass whoever was woken"),
    ('Q', "a waiter that nobody polls does not keep the others out"),
];

/// Nothing wrong, perhaps with a remark; or what is.
pub type Answer = Result<Option<String>, String>;

pub fn pass_if(holds: bool, fault: &str) -> Answer {
    if holds { Ok(None) } else { Err(fault.to_owned()) }
}

/// The words of a panic.
pub fn say(reason: &(dyn Any + Send)) -> &str {
    let words = reason.downcast_ref::<String>().map(String::as_str);
    words.or_else(|| reason.downcast_ref().copied()).unwrap_or("without words")
}

/// One probe at one thing.
pub struct Case {
    pub probe: char,
    /// Who answers: a crate, or one of our three.
    pub row: &'static str,
    pub name: String,
    /// A fault is the price of what another probe asks.
    pub has_price: bool,
    question: Box<dyn Fn() -> Answer>,
}

impl Case {
    pub fn new(probe: char, name: &'static str, what: &str, question: impl Fn() -> Answer + 'static) -> Self {
        Self { probe, row: row(name), name: what.to_owned(), has_price: false, question: Box::new(question) }
    }

    pub fn price_of_the_design(self) -> Self {
        Self { has_price: true, ..self }
    }
}

/// Variants of a crate share its row, but ours are to be told apart.
fn row(name: &'static str) -> &'static str {
    name.split(" (").next().unwrap_or(name)
}

/// All cases, sorted by probe, in an order that does not change from one process to the next.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = peers::gates(&Doors).into_iter().flatten().collect();
    cases.extend(peers::growing(&Doors).into_iter().flatten());
    cases.extend(peers::closable(&Doors).into_iter().flatten());
    cases.extend(peers::own_monitors(&Doors).into_iter().flatten());
    cases.extend(peers::events(&Doors).into_iter().flatten());
    cases.extend(peers::weighted(&order::Heads));
    cases.extend(peers::barging_weighted(&order::Heads));
    cases.extend(peers::growing(&order::Limits));
    cases.extend(peers::gates(&order::Turns).into_iter().flatten());
    for line in lines(3, &[Some(0), Some(1), Some(4), None]) {
        cases.extend(mailboxes(&MailboxDoors(line)).into_iter().flatten());
        cases.extend(peers::closing(&MailboxDoors(line)).into_iter().flatten());
    }
    // Futures gives each of its senders a slot, so these have as many as the probes use.
    for line in lines(2, &[Some(0), Some(1), Some(4), None]) {
        cases.extend(mailboxes(&messages::Cancels(line)).into_iter().flatten());
    }
    for line in lines(2, &[Some(4), None]) {
        cases.extend(mailboxes(&messages::Bombs(line)).into_iter().flatten());
    }
    lines(2, &[None]).for_each(|line| cases.extend(mailboxes(&messages::Bursts(line))));
    lines(2, &[Some(usize::MAX)]).for_each(|line| cases.extend(mailboxes(&messages::Vast(line))));
    // There must be room for both messages, or somebody who holds the second one.
    for line in lines(2, &[Some(0), Some(4), None]).filter(|line| line.receivers > 1) {
        cases.extend(mailboxes(&messages::Forgotten(line)));
    }
    cases.sort_by_key(|case| case.probe);
    cases
}

/// Those of all crates, and where there is a bound ours whose senders may pass others.
fn mailboxes<T: Message, G: MeetMailboxes<T>>(guest: &G) -> Vec<G::Made> {
    let mut made = peers::mailboxes(guest);
    if guest.line().is_buffered() {
        made.extend(peers::barging_mailboxes(guest));
    }
    made
}

/// With one receiver, which is all that some can serve, and with three.
fn lines(senders: usize, capacities: &[Option<usize>]) -> impl Iterator<Item = Line> {
    let line = move |capacity, receivers| Line { senders, receivers, capacity, barging: false };
    capacities.iter().flat_map(move |&capacity| [line(capacity, 1), line(capacity, 3)])
}

/// Asks whatever can be asked at the doors of what it meets.
struct Doors;

impl MeetGates for Doors {
    type Made = Vec<Case>;

    fn order(&self) -> Option<Order> {
        None
    }
    fn meet<G: Gate>(&self) -> Vec<Case> {
        waiting::ask(doors::Release::<G>(PhantomData))
    }
}

impl MeetGrowing for Doors {
    type Made = Vec<Case>;

    fn meet<G: Growing>(&self) -> Vec<Case> {
        waiting::ask(doors::Add::<G>(PhantomData))
    }
}

impl MeetClosable for Doors {
    type Made = Vec<Case>;

    fn meet<G: Closable>(&self) -> Vec<Case> {
        waiting::ask(doors::Close::<G>(PhantomData))
    }
}

impl MeetMonitors for Doors {
    type Made = Vec<Case>;

    fn meet<M: Monitor>(&self) -> Vec<Case> {
        waiting::ask(doors::Notify::<M>(PhantomData))
    }
}

impl MeetEvents for Doors {
    type Made = Vec<Case>;

    fn meet<E: Event>(&self) -> Vec<Case> {
        waiting::ask(doors::Happen::<E>(PhantomData))
    }
}

/// The same for mailboxes on this line.
struct MailboxDoors(Line);

impl MeetMailboxes<u64> for MailboxDoors {
    type Made = Vec<Case>;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Vec<Case> {
        let line = self.0;
        let mut cases = waiting::ask(doors::Receive::<M>(line, PhantomData));
        let (how, end) = ("last sender dropped", |ends: &mut Ends<M>| drop(ends.sender.take()));
        cases.extend(waiting::ask(End::<_, Receivers> { line, how, end, side: PhantomData }));
        if !line.is_unbounded() {
            cases.extend(waiting::ask(doors::Send::<M>(line, PhantomData)));
            let (how, end) = ("last receiver dropped", |ends: &mut Ends<M>| drop(ends.receiver.take()));
            cases.extend(waiting::ask(End::<_, Senders> { line, how, end, side: PhantomData }));
        }
        cases
    }
}

impl MeetClosing for MailboxDoors {
    type Made = Vec<Case>;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Closing>(&self) -> Vec<Case> {
        let line = self.0;
        let (how, end) = ("closed", |ends: &mut Ends<M>| M::close(ends.sender.as_mut().expect("a sender stays")));
        let mut cases = waiting::ask(End::<_, Receivers> { line, how, end, side: PhantomData });
        if !line.is_unbounded() {
            cases.extend(waiting::ask(End::<_, Senders> { line, how, end, side: PhantomData }));
        }
        cases
    }
}

/// Answers one case; whoever asks is listening on standard output.
pub fn answer(index: usize) {
    peers::prepare();
    // Panics are part of the questions, so nobody wants to read about them.
    panic::set_hook(Box::new(|_| {}));
    let case = cases().swap_remove(index);
    let answer = panic::catch_unwind(AssertUnwindSafe(|| (case.question)()))
        .unwrap_or_else(|reason| Err(format!("panics: {}", say(&*reason))));
    let (fault, remark) = match answer {
        Ok(remark) => (None, remark),
        Err(fault) => (Some(fault), None),
    };
    measure::tell(&Note::Answer { fault, remark });
}
