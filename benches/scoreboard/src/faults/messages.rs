//! The probes of mailboxes: D, F, J, K, N and O.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use super::doors::send_and_stay;
use super::task::Task;
use super::{Answer, Case, pass_if, say};
use crate::alloc::Tally;
use crate::kinds::{Line, Mailbox, Message, Received, Sent};
use crate::peers::MeetMailboxes;
use crate::poll::at_once;
use crate::probe;

/// Asks D and F: what becomes of a message when a receive or a send is cancelled. † is proven with the same probes.
pub struct Cancels(pub Line);

impl MeetMailboxes<u64> for Cancels {
    type Made = Vec<Case>;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Vec<Case> {
        let line = self.0;
        let question = |probe, ask: fn(Line) -> Option<&'static str>| {
            Case::new(probe, M::NAME, &line.to_string(), move || {
                ask(line).map_or(Ok(None), |fault| Err(fault.to_owned()))
            })
        };
        let mut cases = vec![question('D', probe::cancel_receive::<M>)];
        if !line.is_unbounded() {
            cases.push(question('F', probe::cancel_send::<M>));
        }
        cases
    }
}

/// Asks J: what stays on the heap when a burst is over.
pub struct Bursts(pub Line);

const BURST: u64 = 200_000;
const KEPT: f64 = 4096.0;

impl MeetMailboxes<u64> for Bursts {
    type Made = Case;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Case {
        let line = self.0;
        Case::new('J', M::NAME, &line.to_string(), move || {
            let (mut sender, mut receiver) = M::open(line);
            let tally = Tally::start();
            for n in 0..BURST {
                at_once(M::send(&mut sender, n)).sent();
            }
            for n in 0..BURST {
                let message = at_once(M::recv(&mut receiver)).received();
                pass_if(message == Some(n), "loses a message")?;
            }
            let kept = tally.live();
            if kept > KEPT { Err(format!("keeps {kept} bytes")) } else { Ok(Some(format!("{kept} B"))) }
        })
    }
}

/// Asks K: of three messages that nobody received the first one panics when it is dropped.
pub struct Bombs(pub Line);

pub struct Bomb(u64);

static DROPPED: AtomicUsize = AtomicUsize::new(0);

impl Message for Bomb {
    fn number(n: u64) -> Self {
        Self(n)
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, SeqCst);
        if self.0 == 0 && !thread::panicking() {
            panic!("a hostile message");
        }
    }
}

impl MeetMailboxes<Bomb> for Bombs {
    type Made = [Case; 2];

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<Bomb>>(&self) -> [Case; 2] {
        [("receiver", true), ("sender", false)].map(|(first, receiver_first)| {
            let line = self.0;
            Case::new('K', M::NAME, &format!("{line}, {first} dropped first"), move || {
                drop_all::<M>(line, receiver_first)
            })
        })
    }
}

fn drop_all<M: Mailbox<Bomb>>(line: Line, receiver_first: bool) -> Answer {
    let (mut sender, receiver) = M::open(line);
    for n in 0..3 {
        at_once(M::send(&mut sender, Bomb::number(n))).sent();
    }
    let mut ends: [Box<dyn FnOnce()>; 2] = [Box::new(move || drop(sender)), Box::new(move || drop(receiver))];
    if receiver_first {
        ends.reverse();
    }
    for end in ends {
        drop(catch_unwind(AssertUnwindSafe(end)));
    }
    let dropped = DROPPED.load(SeqCst);
    if dropped == 3 { Ok(None) } else { Err(format!("drops {dropped} of 3 messages")) }
}

/// Asks N: a receiver that has waited is forgotten. Of two messages another receiver must get one.
pub struct Forgotten(pub Line);

impl MeetMailboxes<u64> for Forgotten {
    type Made = Case;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Case {
        let line = self.0;
        Case::new('N', M::NAME, &line.to_string(), move || {
            let (sender, mut receiver) = M::open(line);
            let forgotten = Box::leak(Box::new(M::another_receiver(&receiver)));
            Task::new(M::recv(forgotten)).wait()?.forget();
            let mut task = Task::new(M::recv(&mut receiver)).wait()?;
            for n in 0..2 {
                send_and_stay::<M>(M::another_sender(&sender), n);
            }
            pass_if(task.run(), "leaves the other receiver asleep")
        })
    }
}

/// Asks O: the greatest capacity there can be works, or is refused with a reason.
pub struct Vast(pub Line);

impl MeetMailboxes<u64> for Vast {
    type Made = Case;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Case {
        let line = self.0;
        Case::new('O', M::NAME, &line.to_string(), move || {
            let opened = catch_unwind(|| {
                let (mut sender, mut receiver) = M::open(line);
                at_once(M::send(&mut sender, 1)).sent();
                at_once(M::recv(&mut receiver)).received()
            });
            match opened {
                Ok(message) => pass_if(message == Some(1), "loses a message"),
                // What a `Vec` says of its own accord; it helps nobody to know which capacity was meant.
                Err(reason) if say(&*reason) == "capacity overflow" => {
                    Err("panics with a bare “capacity overflow”".to_owned())
                }
                Err(_) => Ok(None),
            }
        })
    }
}
