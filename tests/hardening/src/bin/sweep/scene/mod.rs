//! The primitives, each beside its model.

mod condvar;
mod credits;
mod gates;
mod handles;
mod lent;
mod mailbox;
mod monitor;
mod oneshot;
mod ports;
mod sink;

use hardening::spec::gate::semaphore::Pool;
use sempost::Fairness;

use crate::op::Op;
use crate::world::Scene;
use credits::{Credited, Role as Asks};
use gates::{barrier, latch, mutex, rwlock, semaphore};
use mailbox::{Cast, Mailboxes, RECEIVE, SEND, reserve};
use ports::{Hubs, Role};

/// One line of the report: a primitive, the lengths of its strings in the two tiers, and the scenes that it is swept
/// in.
pub struct Primitive {
    pub name: &'static str,
    pub lengths: (usize, usize),
    pub scenes: Vec<Box<dyn Scene>>,
}

pub fn all() -> Vec<Primitive> {
    let barging = Fairness::Barging { overtakes: 1 };
    vec![
        Primitive::new("semaphore", (6, 7), vec![semaphore("semaphore", Pool::of(1))]),
        Primitive::new("limited-semaphore", (6, 7), vec![semaphore("limited-semaphore", Pool::limited(1, 2))]),
        Primitive::new("barging-semaphore", (6, 7), vec![semaphore("barging-semaphore", Pool::fair(1, barging))]),
        Primitive::new(
            "unbounded-semaphore",
            (6, 7),
            vec![semaphore("unbounded-semaphore", Pool::fair(1, Fairness::Unfair))],
        ),
        Primitive::new("mutex", (7, 8), vec![mutex("mutex", Fairness::Fifo), mutex("barging-mutex", barging)]),
        Primitive::new(
            "monitor",
            (6, 7),
            vec![
                monitor::conditions("monitor", &[]),
                // Two wait for A, and somebody is inside.
                monitor::conditions("monitor-waiting", &[Op::Try, Op::Wait(0), Op::Try, Op::Wait(0), Op::Try]),
            ],
        ),
        Primitive::new(
            "monitor-predicates",
            (6, 7),
            vec![
                monitor::predicates("predicates", &[]),
                // Two wait, and somebody is inside.
                monitor::predicates("predicates-waiting", &[Op::Poll(0), Op::Poll(1), Op::Try]),
                // Three wait, and one was called: for all of them there is something.
                monitor::predicates(
                    "predicates-called",
                    &[Op::Poll(0), Op::Poll(1), Op::Try, Op::WaitFor(2), Op::Try, Op::Set(3), Op::Release],
                ),
            ],
        ),
        Primitive::new(
            "condvar",
            (5, 6),
            vec![
                Box::new(condvar::Condvars { fairness: Fairness::Fifo, waiting: false }),
                Box::new(condvar::Condvars { fairness: Fairness::Fifo, waiting: true }),
                Box::new(condvar::Condvars { fairness: barging, waiting: true }),
                Box::new(condvar::Condvars { fairness: Fairness::Unfair, waiting: true }),
            ],
        ),
        Primitive::new(
            "mailbox-1",
            (6, 7),
            vec![
                mail(1, 1, [SEND, SEND, RECEIVE]),
                mail(1, 0, [RECEIVE, RECEIVE, SEND]),
                mail(1, 1, [reserve(1), SEND, SEND]),
            ],
        ),
        Primitive::new(
            "mailbox-barging",
            (6, 7),
            vec![
                Box::new(Mailboxes::barging(barging, 1, 1, [SEND, SEND, RECEIVE])),
                Box::new(Mailboxes::barging(barging, 4, 4, [SEND, SEND, SEND])),
                Box::new(Mailboxes::barging(barging, 2, 2, [reserve(2), SEND, SEND])),
                Box::new(Mailboxes::barging(Fairness::Unfair, 2, 2, [reserve(2), SEND, SEND])),
            ],
        ),
        Primitive::new("mailbox-2", (7, 8), vec![mail(2, 1, [reserve(2), SEND, RECEIVE])]),
        Primitive::new(
            "mailbox-0",
            (6, 7),
            vec![
                mail(0, 0, [SEND, SEND, RECEIVE]),
                mail(0, 0, [RECEIVE, RECEIVE, reserve(1)]),
                mail(0, 0, [RECEIVE, RECEIVE, SEND]),
                mail(0, 0, [reserve(1), SEND, RECEIVE]),
            ],
        ),
        Primitive::new(
            "mailbox-unbounded",
            (6, 7),
            vec![
                mail(usize::MAX, 0, [RECEIVE, RECEIVE, SEND]),
                mail(usize::MAX, 0, [RECEIVE, RECEIVE, RECEIVE]),
                mail(usize::MAX, 0, [RECEIVE, RECEIVE, reserve(1)]),
            ],
        ),
        Primitive::new(
            "handles",
            (6, 7),
            vec![Box::new(handles::Handles::receivers()), Box::new(handles::Handles::sinks())],
        ),
        Primitive::new(
            "ports",
            (5, 6),
            vec![
                Box::new(Hubs::new(2, false, [Role::Any, Role::Any, Role::Any])),
                Box::new(Hubs::new(1, false, [Role::Source(0), Role::Source(0), Role::Any])),
                Box::new(Hubs::new(1, false, [Role::Source(0), Role::Any, Role::Sender(0)])),
                Box::new(Hubs::new(1, true, [Role::Handle, Role::Any, Role::Source(0)])),
            ],
        ),
        Primitive::new(
            "credits",
            (6, 7),
            vec![
                credit([Asks::Send(1), Asks::Send(2), Asks::Receive]),
                credit([Asks::Reserve(2), Asks::Send(1), Asks::Send(1)]),
                credit([Asks::Sink(1), Asks::Sink(2), Asks::Send(1)]),
            ],
        ),
        Primitive::new("oneshot", (7, 8), vec![Box::new(oneshot::Oneshots)]),
        Primitive::new(
            "rwlock",
            (6, 7),
            vec![
                rwlock("rwlock-wrr", [true, false, false]),
                rwlock("rwlock-rwr", [false, true, false]),
                rwlock("rwlock-wwr", [true, true, false]),
            ],
        ),
        Primitive::new("latch", (7, 8), vec![latch("latch-2", 2), latch("latch-3", 3)]),
        Primitive::new("barrier", (8, 8), vec![barrier("barrier-2", 2), barrier("barrier-3", 3)]),
    ]
}

impl Primitive {
    fn new(name: &'static str, lengths: (usize, usize), scenes: Vec<Box<dyn Scene>>) -> Self {
        Self { name, lengths, scenes }
    }
}

fn mail(capacity: usize, messages: usize, cast: Cast) -> Box<dyn Scene> {
    Box::new(Mailboxes::new(capacity, messages, cast))
}

fn credit(cast: [Asks; 3]) -> Box<dyn Scene> {
    Box::new(Credited::new(cast))
}
