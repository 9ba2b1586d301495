//! Does a peer keep its promises when a future is dropped? † is proven here, by hand-polled tasks, not hard-coded.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};

use crate::kinds::{Line, Mailbox, Received, Sent};
use crate::peers::{self, MeetMailboxes};
use crate::poll::poll;

/// One question to one mailbox.
pub struct Probe {
    pub peer: &'static str,
    pub line: Line,
    question: fn(Line) -> Option<&'static str>,
}

impl Probe {
    /// What is wrong, if anything is.
    pub fn run(&self) -> Option<&'static str> {
        (self.question)(self.line)
    }
}

/// Two senders each, so that one can be cancelled and the other be next.
const LINES: [Line; 4] =
    [Line::bounded(2, 1, 2), Line::bounded(2, 2, 2), Line::bounded(2, 1, 0), Line::unbounded(2, 1)];

pub fn all() -> Vec<Probe> {
    LINES.into_iter().flat_map(|line| peers::mailboxes(&Questions(line)).into_iter().flatten()).collect()
}

struct Questions(Line);

impl MeetMailboxes<u64> for Questions {
    type Made = Vec<Probe>;

    fn line(&self) -> Line {
        self.0
    }
    fn meet<M: Mailbox<u64>>(&self) -> Vec<Probe> {
        let line = self.0;
        let mut probes = vec![Probe { peer: M::NAME, line, question: cancel_receive::<M> }];
        if !line.is_unbounded() {
            probes.push(Probe { peer: M::NAME, line, question: cancel_send::<M> });
        }
        probes
    }
}

const CANCELLED: u64 = 100;
const NEXT: u64 = 200;

/// A receiver waits, a message is sent, the receiver leaves without looking: another receive must get the message.
pub fn cancel_receive<M: Mailbox<u64>>(line: Line) -> Option<&'static str> {
    let (mut sender, mut receiver) = M::open(line);
    let mut leaving = Box::pin(M::recv(&mut receiver));
    assert!(poll(leaving.as_mut()).is_none(), "there is nothing to receive");

    // At capacity 0 the send may go on waiting for somebody to take the message.
    let mut sending = pin!(M::send(&mut sender, NEXT));
    let mut sent = finished(poll(sending.as_mut()));
    drop(leaving);

    let mut staying = pin!(M::recv(&mut receiver));
    for _ in 0..PATIENCE {
        if let Some(message) = poll(staying.as_mut()) {
            return (message.received() != Some(NEXT)).then_some("invents a message when a receive is cancelled");
        }
        sent = sent || finished(poll(sending.as_mut()));
    }
    Some("loses a message when a receive is cancelled")
}

/// Two senders wait at a full mailbox. A message is received, and before the first sender has looked it leaves: its
/// message must not arrive, and the second one must get the room.
pub fn cancel_send<M: Mailbox<u64>>(line: Line) -> Option<&'static str> {
    let (mut leaver, mut receiver) = M::open(line);
    let mut stayer = M::another_sender(&leaver);
    for n in 0..line.bound() {
        let sender = if n % 2 == 0 { &mut leaver } else { &mut stayer };
        assert!(finished(poll(pin!(M::send(sender, n as u64)))), "there is room");
    }

    let mut leaving = Box::pin(M::send(&mut leaver, CANCELLED));
    assert!(poll(leaving.as_mut()).is_none(), "the mailbox is full");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut staying = pin!(M::send(&mut stayer, NEXT));
    let mut sent = staying.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
    assert!(!sent, "the mailbox is still full");

    // Without a buffer, receiving is what sends: then the sender leaves before.
    if line.is_buffered() {
        poll(pin!(M::recv(&mut receiver))).expect("the mailbox is full");
    }
    drop(leaving);

    for _ in 0..line.bound() + PATIENCE {
        match poll(pin!(M::recv(&mut receiver))).map(Received::received) {
            Some(Some(CANCELLED)) => return Some("delivers a cancelled send"),
            Some(Some(NEXT)) => return None,
            _ => {}
        }
        if woken.0.swap(false, Relaxed) && !sent {
            sent = finished(poll(staying.as_mut()));
        }
    }
    Some("leaves the next sender asleep when a send is cancelled")
}

/// So many polls are enough for anybody.
const PATIENCE: usize = 4;

fn finished(answer: Option<impl Sent>) -> bool {
    answer.map(Sent::sent).is_some()
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}
