//! The primitives, each beside its model.

mod condvar;
mod handles;
mod mailbox;
mod monitor;
mod mutex;
mod oneshot;
mod semaphore;
mod sink;

use sempost::Fairness;

use crate::model::mail::Mail;
use crate::model::meeting::Meeting;
use crate::model::post::Role::{self, Recv, Reserve, Send};
use crate::world::Scene;

/// One line of the report: a primitive, the lengths of its strings in the two tiers, and the scenes that it is swept in.
pub struct Primitive {
    pub name: &'static str,
    pub lengths: (usize, usize),
    pub scenes: Vec<Box<dyn Scene>>,
}

pub fn all() -> Vec<Primitive> {
    let barging = Fairness::Barging { overtakes: 1 };
    vec![
        Primitive::new("semaphore", (6, 7), vec![Box::new(semaphore::Semaphores(Fairness::Fifo))]),
        Primitive::new("barging-semaphore", (6, 7), vec![Box::new(semaphore::Semaphores(barging))]),
        Primitive::new("unbounded-semaphore", (6, 7), vec![Box::new(semaphore::Semaphores(Fairness::Unbounded))]),
        Primitive::new(
            "mutex",
            (7, 8),
            vec![Box::new(mutex::Mutexes(Fairness::Fifo)), Box::new(mutex::Mutexes(barging))],
        ),
        Primitive::new(
            "monitor",
            (6, 7),
            vec![Box::new(monitor::Monitors { waiting: false }), Box::new(monitor::Monitors { waiting: true })],
        ),
        Primitive::new(
            "condvar",
            (5, 6),
            vec![
                Box::new(condvar::Condvars { fairness: Fairness::Fifo, waiting: false }),
                Box::new(condvar::Condvars { fairness: Fairness::Fifo, waiting: true }),
                Box::new(condvar::Condvars { fairness: barging, waiting: true }),
                Box::new(condvar::Condvars { fairness: Fairness::Unbounded, waiting: true }),
            ],
        ),
        Primitive::new(
            "mailbox-1",
            (6, 7),
            vec![mail(1, 1, [Send, Send, Recv]), mail(1, 0, [Recv, Recv, Send]), mail(1, 1, [Reserve(1), Send, Send])],
        ),
        Primitive::new("mailbox-2", (7, 8), vec![mail(2, 1, [Reserve(2), Send, Recv])]),
        Primitive::new(
            "mailbox-0",
            (6, 7),
            vec![
                meeting([Send, Send, Recv]),
                meeting([Recv, Recv, Reserve(1)]),
                meeting([Recv, Recv, Send]),
                meeting([Reserve(1), Send, Recv]),
            ],
        ),
        Primitive::new(
            "mailbox-unbounded",
            (6, 7),
            vec![
                mail(usize::MAX, 0, [Recv, Recv, Send]),
                mail(usize::MAX, 0, [Recv, Recv, Recv]),
                mail(usize::MAX, 0, [Recv, Recv, Reserve(1)]),
            ],
        ),
        Primitive::new(
            "handles",
            (6, 7),
            vec![Box::new(handles::Handles::receivers()), Box::new(handles::Handles::sinks())],
        ),
        Primitive::new("oneshot", (7, 8), vec![Box::new(oneshot::Oneshots)]),
    ]
}

impl Primitive {
    fn new(name: &'static str, lengths: (usize, usize), scenes: Vec<Box<dyn Scene>>) -> Self {
        Self { name, lengths, scenes }
    }
}

fn mail(capacity: usize, messages: usize, cast: [Role; 3]) -> Box<dyn Scene> {
    Box::new(mailbox::Mailboxes::<Mail>::new(capacity, messages, cast))
}

fn meeting(cast: [Role; 3]) -> Box<dyn Scene> {
    Box::new(mailbox::Mailboxes::<Meeting>::new(0, 0, cast))
}
