//! Whether the checker sees faults, and sees none where there is none: histories made by hand.

mod composed;
mod together;

use hardening::spec::Answer::{self, Closed, Count, Late, Ok, Pending, Refused, Value};
use hardening::spec::gate::semaphore::Pool;
use hardening::spec::gate::{mutex, semaphore};
use hardening::spec::mailbox::{self, Ends, Room};
use hardening::spec::monitor::{self, Hall};
use hardening::spec::subject::Subject;
use hardening::spec::{Id, WAITS};
use sempost::{Fairness, Mutex, Semaphore};

use crate::check::check;
use crate::history::{Event, History};

/// The waits that threads 0, 1 and 2 begin first.
const A: Id = 0;
const B: Id = WAITS;
const C: Id = 2 * WAITS;

/// A history: what happened one after the other, or at the same time.
struct Story<S: Subject> {
    setup: S::Setup,
    name: &'static str,
    clock: u64,
    history: History<S::Op>,
}

impl<S: Subject> Story<S> {
    fn of(setup: S::Setup, name: &'static str) -> Self {
        let history = History { threads: Default::default(), waiting: Vec::new(), rest: Vec::new() };
        Self { setup, name, clock: 0, history }
    }

    /// The next operation, after all before it.
    fn then(mut self, thread: usize, op: S::Op, answer: Answer) -> Self {
        self.clock += 2;
        let (called, returned) = (self.clock, self.clock + 1);
        self.history.threads[thread].push(Event { called, returned, op, answer });
        self
    }

    /// An operation that takes as long as the whole story.
    fn throughout(mut self, thread: usize, op: S::Op, answer: Answer) -> Self {
        self.history.threads[thread].push(Event { called: 0, returned: u64::MAX, op, answer });
        self
    }

    /// An operation that takes as long as what others do `meanwhile`.
    fn during(mut self, thread: usize, op: S::Op, answer: Answer, meanwhile: impl FnOnce(Self) -> Self) -> Self {
        self.clock += 2;
        let called = self.clock;
        self = meanwhile(self);
        self.clock += 2;
        self.history.threads[thread].push(Event { called, returned: self.clock, op, answer });
        self
    }

    fn rest(mut self, op: S::Op, answer: Answer) -> Self {
        self.history.rest.push((op, answer));
        self
    }

    fn waits(mut self, id: Id, woken: bool) -> Self {
        self.history.waiting.push((id, woken));
        self
    }

    fn is(self, linearizable: bool) -> bool {
        let operations = self.history.threads.iter().map(Vec::len).sum();
        let right = match check(S::spec(self.setup), &self.history) {
            Result::Ok(()) => linearizable,
            // To be refused at rest only because somebody who waits was not named would prove nothing.
            Err(violation) if violation.explained == operations && self.history.tells_nothing_at_rest() => false,
            Err(_) => !linearizable,
        };
        let verdict = if linearizable { "explained" } else { "refused" };
        println!("{} {verdict}: {}", if right { "rightly" } else { "NOT" }, self.name);
        right
    }

    fn good(self) -> bool {
        self.is(true)
    }

    fn bad(self) -> bool {
        self.is(false)
    }
}

/// Runs all of them.
pub fn run() -> bool {
    let verdicts = [
        semaphores(),
        mutexes(),
        monitors(),
        slots(),
        closes(),
        meetings(),
        composed::ports(),
        composed::credits(),
        together::latches(),
        together::barriers(),
    ]
    .concat();
    let wrong = verdicts.iter().filter(|right| !**right).count();
    println!("H4 lin-selftest: histories={} misjudged={wrong}", verdicts.len());
    wrong == 0
}

fn semaphores() -> Vec<bool> {
    use semaphore::Op::{Add, Available, Block, Cancel, Poll, Release, Start, Try};
    let fifo = |name| Story::<Semaphore>::of(Pool { permits: 2, most: 2, fairness: Fairness::Fifo, limit: None }, name);
    let barging = |name| {
        Story::<Semaphore>::of(
            Pool { permits: 2, most: 2, fairness: Fairness::Barging { overtakes: 1 }, limit: None },
            name,
        )
    };
    let one = |id| Start { id, need: 1 };
    let (all, try_one, free) = (Try { need: 2 }, Try { need: 1 }, Release { permits: 2 });
    let two_wait = |story: Story<_>| story.then(2, all, Ok).then(0, one(A), Pending).then(1, one(B), Pending);
    let one_waits = |story: Story<_>| story.then(2, all, Ok).then(0, one(A), Pending);
    vec![
        fifo("a permit is lost").then(0, all, Ok).then(0, free, Ok).rest(Available, Count(1)).bad(),
        fifo("a permit is made").then(0, all, Ok).then(1, try_one, Ok).bad(),
        one_waits(fifo("a grant wakes nobody")).then(2, free, Ok).waits(A, false).bad(),
        one_waits(fifo("a wake for nothing")).waits(A, true).bad(),
        two_wait(fifo("the second is served first")).then(2, Add { permits: 1 }, Ok).then(1, Poll { id: B }, Ok).bad(),
        one_waits(fifo("a newcomer passes")).then(2, Add { permits: 1 }, Ok).then(1, try_one, Ok).bad(),
        two_wait(fifo("a cancelled grant is kept"))
            .then(2, Add { permits: 1 }, Ok)
            .then(0, Cancel { id: A }, Ok)
            .waits(B, false)
            .bad(),
        fifo("a blocked thread gets what is never given").then(0, all, Ok).then(1, Block { id: B, need: 1 }, Ok).bad(),
        two_wait(fifo("the first is served first"))
            .then(2, Add { permits: 1 }, Ok)
            .then(0, Poll { id: A }, Ok)
            .waits(B, false)
            .good(),
        one_waits(fifo("a grant that nobody fetches is held"))
            .then(2, free, Ok)
            .then(2, all, Refused)
            .rest(Available, Count(1))
            .waits(A, true)
            .good(),
        fifo("a blocked thread is served later")
            .then(0, all, Ok)
            .throughout(1, Block { id: B, need: 1 }, Ok)
            .then(0, free, Ok)
            .good(),
        one_waits(barging("one newcomer may pass"))
            .then(2, Add { permits: 2 }, Ok)
            .then(1, try_one, Ok)
            .waits(A, true)
            .good(),
        one_waits(barging("two newcomers pass"))
            .then(2, Add { permits: 3 }, Ok)
            .then(1, try_one, Ok)
            .then(1, try_one, Ok)
            .waits(A, true)
            .bad(),
    ]
}

fn mutexes() -> Vec<bool> {
    use mutex::Op::{Start, Try, Unlock};
    let story = |name| Story::<Mutex<u32>>::of(Fairness::Fifo, name);
    vec![
        story("two are inside").then(0, Try, Value(0)).then(1, Try, Value(0)).bad(),
        story("what was written is not seen").then(0, Try, Value(0)).then(0, Unlock, Ok).then(1, Try, Value(0)).bad(),
        story("the lock is stuck").then(0, Try, Value(0)).then(0, Unlock, Ok).then(1, Try, Refused).bad(),
        story("one after the other").then(0, Try, Value(0)).then(0, Unlock, Ok).then(1, Try, Value(1)).good(),
        story("a waiter that is handed the lock")
            .then(0, Try, Value(0))
            .then(1, Start { id: B }, Pending)
            .then(0, Unlock, Ok)
            .then(0, Try, Refused)
            .waits(B, true)
            .good(),
    ]
}

fn monitors() -> Vec<bool> {
    use monitor::Op::{Cancel, Enter, Leave, NotifyOne, Poll, SignalAndLeave, Try, Wait};
    let story = |name| Story::<Hall>::of(false, name);
    let wait = |id| Wait { id, condition: 0 };
    let one_waits = |name| story(name).then(0, Try, Value(0)).then(0, wait(A), Pending);
    let two_wait = |name| one_waits(name).then(1, Try, Value(1)).then(1, wait(B), Pending).then(2, Try, Value(2));
    let (notify, signal) = (NotifyOne { condition: 0 }, SignalAndLeave { condition: 0 });
    let enter = |story: Story<_>| story.then(1, Enter { id: B }, Pending);
    // Somebody is inside when the notified waiter is polled, and leaves before the poll is over.
    let leave = |story: Story<_>| story.then(2, Leave, Ok);
    let one_leads = |name| one_waits(name).then(1, Try, Value(1)).then(1, notify, Count(1)).then(1, Leave, Ok);
    let one_comes_late = |name| one_leads(name).then(2, Try, Value(2));
    vec![
        two_wait("the second is notified first")
            .then(2, notify, Count(1))
            .then(2, Leave, Ok)
            .then(1, Poll { id: B }, Value(3))
            .bad(),
        two_wait("a notification is lost with its waiter")
            .then(2, notify, Count(1))
            .then(0, Cancel { id: A }, Ok)
            .then(2, Leave, Ok)
            .waits(B, false)
            .bad(),
        two_wait("a signalled waiter does not get the monitor").then(2, signal, Count(1)).then(2, Try, Value(3)).bad(),
        one_waits("a condition remembers")
            .then(1, Try, Value(1))
            .then(1, notify, Count(0))
            .then(1, Leave, Ok)
            .waits(A, true)
            .bad(),
        two_wait("a notification is passed on")
            .then(2, notify, Count(1))
            .then(0, Cancel { id: A }, Ok)
            .then(2, Leave, Ok)
            .then(1, Poll { id: B }, Value(3))
            .good(),
        enter(one_comes_late("a poll that takes long passes who was at the door"))
            .during(0, Poll { id: A }, Value(3), leave)
            .bad(),
        one_comes_late("a poll that takes long enters while another is inside")
            .during(0, Poll { id: A }, Value(2), enter)
            .bad(),
        two_wait("a poll that takes long needs no notification").during(0, Poll { id: A }, Value(3), leave).bad(),
        one_comes_late("a poll that takes long is in vain, and its waiter is not woken when it is let in")
            .during(0, Poll { id: A }, Pending, enter)
            .then(2, Leave, Ok)
            .waits(A, false)
            .waits(B, false)
            .bad(),
        one_comes_late("a notified waiter comes to the door and is let in, in one poll")
            .during(0, Poll { id: A }, Value(3), |story| leave(enter(story)))
            .waits(B, false)
            .good(),
        one_waits("a signal passes the door")
            .then(1, Try, Value(1))
            .then(2, Enter { id: C }, Pending)
            .then(1, signal, Count(1))
            .then(0, Poll { id: A }, Value(2))
            .waits(C, false)
            .good(),
    ]
}

fn slots() -> Vec<bool> {
    use mailbox::Op::{Cancel, DropPermits, Len, Poll, Receive, Send, TryReceive, TryReserve, TrySend};
    let one = |name| Story::<Ends<u32>>::of(Room::of(1), name);
    let many = |name| Story::<Ends<u32>>::of(Room::UNBOUNDED, name);
    let send = |message| TrySend { message };
    vec![
        many("a message comes twice")
            .then(0, send(1), Ok)
            .then(1, TryReceive, Value(1))
            .then(2, TryReceive, Value(1))
            .bad(),
        many("a message is lost").then(0, send(1), Ok).rest(Len, Count(0)).bad(),
        many("messages change places").then(0, send(1), Ok).then(0, send(2), Ok).then(1, TryReceive, Value(2)).bad(),
        one("it holds too many").then(0, send(1), Ok).then(1, send(2), Ok).bad(),
        one("a slot is lost")
            .then(0, TryReserve { need: 1 }, Ok)
            .then(0, DropPermits { slots: 1 }, Ok)
            .then(1, send(2), Refused)
            .bad(),
        one("a receiver sleeps beside a message")
            .then(0, Receive { id: A }, Pending)
            .then(1, send(1), Ok)
            .waits(A, false)
            .bad(),
        one("a claimed message is taken by another")
            .then(0, Receive { id: A }, Pending)
            .then(1, send(1), Ok)
            .then(1, TryReceive, Value(1))
            .bad(),
        one("a cancelled sender's message arrives")
            .then(0, send(1), Ok)
            .then(0, Send { id: A, message: 2 }, Pending)
            .then(1, TryReceive, Value(1))
            .then(0, Cancel { id: A }, Ok)
            .then(1, TryReceive, Value(2))
            .bad(),
        many("of two senders at once either may be first")
            .throughout(0, send(1), Ok)
            .throughout(1, send(2), Ok)
            .then(2, TryReceive, Value(2))
            .then(2, TryReceive, Value(1))
            .good(),
        one("a granted slot is kept for its sender")
            .then(0, send(1), Ok)
            .then(0, Send { id: A, message: 2 }, Pending)
            .then(1, TryReceive, Value(1))
            .then(1, send(3), Refused)
            .then(0, Poll { id: A }, Ok)
            .then(1, TryReceive, Value(2))
            .good(),
    ]
}

fn closes() -> Vec<bool> {
    use mailbox::Op::{Close, DropPermits, Poll, Receive, Send, TryReceive, TryReserve, TrySend};
    let two = |name| Story::<Ends<u32>>::of(Room::of(2), name);
    let send = |message| TrySend { message };
    vec![
        two("a message is accepted after the close").then(0, Close, Count(1)).then(1, send(1), Ok).bad(),
        two("the end comes before the last message")
            .then(0, send(1), Ok)
            .then(0, Close, Count(1))
            .then(1, TryReceive, Closed)
            .bad(),
        two("two have closed it").throughout(0, Close, Count(1)).throughout(1, Close, Count(1)).bad(),
        two("the end does not wait for a permit")
            .then(0, TryReserve { need: 1 }, Ok)
            .then(0, Close, Count(1))
            .then(1, TryReceive, Closed)
            .bad(),
        two("a receiver is not told of the end")
            .then(0, TryReserve { need: 1 }, Ok)
            .then(1, Receive { id: B }, Pending)
            .then(0, Close, Count(1))
            .then(0, DropPermits { slots: 1 }, Ok)
            .waits(B, false)
            .bad(),
        two("a slot outlives the close")
            .then(0, send(1), Ok)
            .then(0, send(2), Ok)
            .then(1, Send { id: B, message: 3 }, Pending)
            .then(0, TryReceive, Value(1))
            .then(0, Close, Count(1))
            .then(1, Poll { id: B }, Ok)
            .bad(),
        two("what was accepted before the close can be received")
            .then(0, send(1), Ok)
            .then(0, Close, Count(1))
            .then(1, TryReceive, Value(1))
            .then(1, TryReceive, Closed)
            .good(),
    ]
}

fn meetings() -> Vec<bool> {
    use mailbox::Op::{BlockSend, Cancel, Poll, Receive, Send, TryReceive, TryReserve, TrySend};
    let story = |name| Story::<Ends<u32>>::of(Room::of(0), name);
    let send = |id, message| Send { id, message };
    vec![
        story("a send is done that nobody received").then(0, send(A, 1), Pending).then(0, Poll { id: A }, Ok).bad(),
        story("a blocked send is done that nobody received").then(0, BlockSend { id: A, message: 1 }, Ok).bad(),
        story("what was received comes back")
            .then(0, send(A, 1), Pending)
            .then(1, TryReceive, Value(1))
            .then(0, Cancel { id: A }, Ok)
            .bad(),
        story("it is sent to nobody").then(0, TrySend { message: 1 }, Ok).bad(),
        story("two are sent to one receiver")
            .then(0, Receive { id: A }, Pending)
            .then(1, TrySend { message: 1 }, Ok)
            .then(1, TrySend { message: 2 }, Ok)
            .bad(),
        story("a sender and a receiver sleep")
            .then(0, Receive { id: A }, Pending)
            .then(1, send(B, 1), Pending)
            .waits(A, false)
            .waits(B, false)
            .bad(),
        story("it was received, and it is too late to cancel")
            .then(0, send(A, 1), Pending)
            .then(1, TryReceive, Value(1))
            .then(0, Cancel { id: A }, Late)
            .good(),
        story("a receiver is set aside")
            .then(0, Receive { id: A }, Pending)
            .then(1, TryReserve { need: 1 }, Ok)
            .then(2, TrySend { message: 1 }, Refused)
            .waits(A, false)
            .good(),
    ]
}
