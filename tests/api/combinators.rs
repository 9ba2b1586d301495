//! The sinks of `futures` in stacks over our senders, and over those of futures-channel, driven by one script: what was
//! sent, whether it closed, and what arrived is the same.

use crate::common::Bell;
use futures::channel::mpsc;
use futures::future::poll_fn;
use futures::sink::{Sink, SinkExt, drain};
use futures::stream::{self, Stream, StreamExt};
use sempost::mailbox;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failed;

type Outcome = Result<(), Failed>;
type Tx = Pin<Box<dyn Sink<u32, Error = Failed>>>;
type Rx = Pin<Box<dyn Stream<Item = u32>>>;

/// A sink of either library, with one type of error. (`sink_map_err` can be asked only until its first error.)
struct Plain<S>(S);

impl<S: Sink<u32> + Unpin> Sink<u32> for Plain<S> {
    type Error = Failed;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll_ready(cx).map_err(|_| Failed)
    }

    fn start_send(mut self: Pin<&mut Self>, message: u32) -> Outcome {
        Pin::new(&mut self.0).start_send(message).map_err(|_| Failed)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll_flush(cx).map_err(|_| Failed)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll_close(cx).map_err(|_| Failed)
    }
}

fn boxed(sink: impl Sink<u32, Error = Failed> + 'static) -> Tx {
    Box::pin(sink)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Ours,
    Theirs,
}

/// A mailbox of either library; the third is a handle that keeps it open.
fn open(library: Library, capacity: Option<usize>) -> (Tx, Rx, Tx) {
    macro_rules! ends {
        ($ends:expr) => {{
            let (tx, rx) = $ends;
            (boxed(Plain(tx.clone())), Box::pin(rx), boxed(Plain(tx)))
        }};
    }
    match (library, capacity) {
        (Library::Ours, Some(capacity)) => ends!(mailbox::bounded(capacity)),
        (Library::Ours, None) => ends!(mailbox::unbounded()),
        (Library::Theirs, Some(capacity)) => ends!(mpsc::channel(capacity)),
        (Library::Theirs, None) => ends!(mpsc::unbounded()),
    }
}

/// Ready at its second poll.
async fn later<T>(value: T) -> Result<T, Failed> {
    let mut polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    Ok(value)
}

fn twice(n: u32) -> impl Stream<Item = Result<u32, Failed>> + Unpin {
    stream::iter([Ok(2 * n), Ok(2 * n + 1)])
}

/// What is built over two senders, and whether futures-channel's fail to close there: a `buffer` that has closed asks
/// its finished sink once more if another sink is slower.
type Stack = (&'static str, bool, fn(Tx, Tx) -> Tx);

const STACKS: [Stack; 18] = [
    ("a", false, |a, _| a),
    ("a.buffer", false, |a, _| boxed(a.buffer(3))),
    ("a.buffer.buffer", false, |a, _| boxed(a.buffer(1).buffer(2))),
    ("a.with", false, |a, _| boxed(a.with(later))),
    ("a.with_flat_map.buffer", false, |a, _| boxed(a.with_flat_map(twice).buffer(2))),
    ("fanout", false, |a, b| boxed(a.fanout(b))),
    ("fanout.buffer", false, |a, b| boxed(a.fanout(b).buffer(3))),
    ("fanout.buffer(0)", false, |a, b| boxed(a.fanout(b).buffer(0))),
    ("fanout.buffer.buffer", false, |a, b| boxed(a.fanout(b).buffer(1).buffer(2))),
    ("fanout.with.buffer", false, |a, b| boxed(a.fanout(b).with(later).buffer(2))),
    ("fanout.buffer.with", false, |a, b| boxed(a.fanout(b).buffer(2).with(later))),
    ("fanout.with_flat_map.buffer", false, |a, b| boxed(a.fanout(b).with_flat_map(twice).buffer(2))),
    ("fanout.left_sink.sink_map_err.buffer", false, |a, b| {
        boxed(a.fanout(b).left_sink::<Tx>().sink_map_err(|error| error).buffer(3))
    }),
    ("a.fanout(b.fanout(drain)).buffer", false, |a, b| {
        let nowhere = drain().sink_map_err(|never| match never {});
        boxed(a.fanout(b.fanout(nowhere)).buffer(2))
    }),
    ("a.buffer.fanout(b)", false, |a, b| boxed(a.buffer(2).fanout(b))),
    ("a.fanout(b.with.buffer).buffer", true, |a, b| boxed(a.fanout(b.with(later).buffer(1)).buffer(2))),
    ("a.buffer.fanout(b.buffer)", true, |a, b| boxed(a.buffer(2).fanout(b.buffer(2)))),
    ("a.with.buffer.fanout(b.buffer).buffer", true, |a, b| {
        boxed(a.with(later).buffer(2).fanout(b.buffer(1)).buffer(3))
    }),
];

/// What a script did: how the sends ended, and the close.
type Did = (Outcome, Outcome);
type Script = Pin<Box<dyn Future<Output = Did>>>;
type Make = fn(Tx, Vec<u32>) -> Script;

async fn send(mut sink: Tx, messages: Vec<u32>) -> Did {
    let mut sent = Ok(());
    for message in messages {
        sent = sent.and(sink.send(message).await);
    }
    (sent, sink.close().await)
}

/// Flushes now and then, or never.
async fn feed(mut sink: Tx, messages: Vec<u32>, flush: usize) -> Did {
    let mut sent = Ok(());
    for (i, message) in messages.into_iter().enumerate() {
        sent = sent.and(sink.feed(message).await);
        if sent.is_ok() && (i + 1) % flush == 0 {
            sent = sink.flush().await;
        }
    }
    (sent, sink.close().await)
}

async fn send_all(mut sink: Tx, mut source: impl Stream<Item = Result<u32, Failed>> + Unpin) -> Did {
    (sink.send_all(&mut source).await, sink.close().await)
}

/// `forward` closes the sink.
async fn forward(sink: Tx, source: impl Stream<Item = Result<u32, Failed>>) -> Did {
    let done = source.forward(sink).await;
    (done, done)
}

fn at_once(messages: Vec<u32>) -> impl Stream<Item = Result<u32, Failed>> + Unpin {
    stream::iter(messages.into_iter().map(Ok))
}

/// Has to be waited for before each message.
fn slowly(messages: Vec<u32>) -> impl Stream<Item = Result<u32, Failed>> + Unpin {
    Box::pin(stream::iter(messages).then(later))
}

const SCRIPTS: [(&str, Make); 7] = [
    ("send", |sink, messages| Box::pin(send(sink, messages))),
    ("feed", |sink, messages| Box::pin(feed(sink, messages, usize::MAX))),
    ("feed and flush", |sink, messages| Box::pin(feed(sink, messages, 7))),
    ("send_all", |sink, messages| Box::pin(send_all(sink, at_once(messages)))),
    ("send_all of a slow stream", |sink, messages| Box::pin(send_all(sink, slowly(messages)))),
    ("forward", |sink, messages| Box::pin(forward(sink, at_once(messages)))),
    ("forward of a slow stream", |sink, messages| Box::pin(forward(sink, slowly(messages)))),
];

/// A receiver that is polled only when it was woken, and only every `every` rounds; it leaves after `most` messages.
struct Slow {
    rx: Option<Rx>,
    bell: Bell,
    every: usize,
    most: usize,
    got: Vec<u32>,
}

impl Slow {
    fn new(rx: Rx, every: usize, most: usize) -> Self {
        let bell = Bell::new();
        bell.waker().wake_by_ref();
        Self { rx: Some(rx), bell, every, most, got: Vec::new() }
    }

    /// Returns whether it is awake.
    fn step(&mut self, round: usize) -> bool {
        let Some(rx) = &mut self.rx else { return false };
        if self.bell.wakes() == 0 || round % self.every > 0 {
            return self.bell.wakes() > 0;
        }
        match rx.as_mut().poll_next(&mut self.bell.context()) {
            Poll::Pending => _ = self.bell.take_wakes(),
            Poll::Ready(Some(message)) => self.got.push(message),
            Poll::Ready(None) => self.rx = None,
        }
        if self.got.len() >= self.most {
            self.rx = None;
        }
        true
    }
}

/// What came of a run: how the script ended, and what arrived where.
type Came = (Did, [Vec<u32>; 2]);

/// Runs `script` beside the receivers, each only when it was woken. When nobody has anything to do, `quiet` may
/// bring something about, or it hangs.
#[track_caller]
fn run(mut script: Script, mut receivers: [Slow; 2], mut quiet: impl FnMut(&mut [Slow; 2], &Bell) -> bool) -> Came {
    let bell = Bell::new();
    bell.waker().wake_by_ref();
    let mut did = None;
    for round in 0.. {
        let awake = did.is_none() && bell.take_wakes() > 0;
        if awake {
            if let Poll::Ready(end) = script.as_mut().poll(&mut bell.context()) {
                did = Some(end);
            }
        }
        let received = receivers.each_mut().map(|receiver| receiver.step(round));
        let ended = receivers.iter().all(|receiver| receiver.rx.is_none());
        if let (Some(did), true) = (did, ended) {
            return (did, receivers.map(|receiver| receiver.got));
        }
        if !awake && !received.contains(&true) {
            let more = quiet(&mut receivers, &bell);
            assert!(more, "it hangs: the script {did:?}, what arrived {:?}", receivers.map(|receiver| receiver.got));
        }
    }
    unreachable!()
}

const MESSAGES: u32 = if cfg!(miri) { 6 } else { 20 };

/// Both mailboxes alike, and one that takes what the other does not.
const CAPACITIES: [[Option<usize>; 2]; 8] = [
    [Some(0); 2],
    [Some(1); 2],
    [Some(3); 2],
    [None; 2],
    [Some(0), Some(1)],
    [Some(1), Some(0)],
    [Some(3), Some(1)],
    [None, Some(0)],
];

/// The receivers' paces.
const PACES: [[usize; 2]; 4] = [[1, 1], [1, 5], [5, 1], [7, 3]];

/// A stack, who uses it, and what is at its ends.
#[derive(Clone, Copy)]
struct Case {
    stack: Stack,
    script: Make,
    capacities: [Option<usize>; 2],
    pace: [usize; 2],
    messages: u32,
    /// How many the second receiver takes before it leaves.
    most: usize,
    /// No other handle keeps the mailboxes open until all has come to rest.
    alone: bool,
}

impl Case {
    fn run(self, library: Library) -> Came {
        let [(a, at_a, keep_a), (b, at_b, keep_b)] = self.capacities.map(|capacity| open(library, capacity));
        let mut keepers = vec![keep_a, keep_b];
        if self.alone {
            keepers.clear();
        }
        let receivers = [Slow::new(at_a, self.pace[0], usize::MAX), Slow::new(at_b, self.pace[1], self.most)];
        let script = (self.script)((self.stack.2)(a, b), (0..self.messages).collect());
        // With the last handles the mailboxes close, and then the receivers see the end.
        run(script, receivers, move |_, _| !std::mem::take(&mut keepers).is_empty())
    }
}

/// Calls `body` with each stack × script × capacities × paces, and with its name.
fn each(mut body: impl FnMut(&str, Case)) {
    for stack in STACKS {
        for (how, script) in SCRIPTS {
            for capacities in CAPACITIES {
                for pace in PACES {
                    let name = format!("{}, {how}, capacities {capacities:?}, receivers' paces {pace:?}", stack.0);
                    let (messages, most, alone) = (MESSAGES, usize::MAX, true);
                    body(&name, Case { stack, script, capacities, pace, messages, most, alone });
                }
            }
        }
    }
}

/// Kills: a finished handle that is not ready, so that a `buffer` over it does not close after all has arrived.
#[test]
fn every_stack_delivers_all_and_closes_as_over_futures_channel() {
    let mut failed = Vec::new();
    each(|name, case| {
        for alone in [true, false] {
            let [ours, theirs] = [Library::Ours, Library::Theirs].map(|library| Case { alone, ..case }.run(library));
            assert_eq!(ours.0, (Ok(()), Ok(())), "{name}, alone: {alone}");
            if theirs.0 == ours.0 {
                assert_eq!(ours.1, theirs.1, "{name}, alone: {alone}");
            } else {
                // A close that failed takes along what was still in a buffer.
                assert!(case.stack.1, "{name}, alone: {alone}: theirs {:?}", theirs.0);
                let begin = |of: usize| ours.1[of].starts_with(&theirs.1[of]);
                assert!(begin(0) && begin(1), "{name}, alone: {alone}: {:?}, theirs {:?}", ours.1, theirs.1);
                failed.push(case.stack.0);
            }
        }
    });
    // The notes are not stale.
    for (name, fails, _) in STACKS {
        assert_eq!(failed.contains(&name), fails, "{name}");
    }
}

/// Kills: as above; `a.fanout(b).buffer(3)` as it was found.
#[test]
fn a_buffered_fanout_closes_after_200_messages() {
    let all = || (0..200).collect::<Vec<_>>();
    each(|name, case| {
        if case.stack.0 == "fanout.buffer" {
            let came = Case { messages: 200, ..case }.run(Library::Ours);
            assert_eq!(came, ((Ok(()), Ok(())), [all(), all()]), "{name}");
        }
    });
}

/// Kills: a send that succeeds or hangs although a receiver has left under way; a message that is lost elsewhere.
///
/// How many were under way differs: theirs hold one message more a sender.
#[test]
fn a_receiver_that_leaves_under_way_ends_the_stack_as_over_futures_channel() {
    each(|name, case| {
        if case.stack.0.contains("sink_map_err") {
            return; // it can be asked only until its first error
        }
        let came = [Library::Ours, Library::Theirs]
            .map(|library| Case { messages: 4 * MESSAGES, most: 5, ..case }.run(library));
        let [ours, theirs] = &came;
        // Where theirs may fail to close, `forward` may fail.
        let alike = ours.0.0 == theirs.0.0 || case.stack.1 && theirs.0.0.is_err();
        assert!(alike, "{name}: {ours:?}, theirs {theirs:?}");
        for ((sent, _), [at_a, at_b]) in &came {
            assert!(at_a.iter().copied().eq(0..at_a.len() as u32), "{name}: {at_a:?}");
            // An unbounded mailbox may take all before anybody leaves.
            assert!(sent.is_err() || at_b.is_empty() || case.capacities[1].is_none(), "{name}");
        }
    });
}

/// Kills: an error that is missing, or a close that fails or hangs, after a receiver left while nothing was under way.
#[test]
fn a_receiver_that_leaves_in_a_pause_ends_the_stack_as_over_futures_channel() {
    // `sink_map_err` can be asked only until its first error.
    for stack in STACKS.into_iter().filter(|stack| !stack.0.contains("sink_map_err")) {
        for capacities in CAPACITIES {
            for gone in [0, 1] {
                let name = format!("{}, capacities {capacities:?}, {gone} leaves", stack.0);
                let [ours, theirs] =
                    [Library::Ours, Library::Theirs].map(|library| paused(library, stack, capacities, gone));
                assert_eq!(ours, theirs, "{name}");
                let asked = gone == 0 || stack.0.contains("fanout");
                assert_eq!(ours.0.0.is_err(), asked, "{name}: {ours:?}");
            }
        }
    }
}

/// Sends, waits until a receiver is `gone`, sends again, and closes.
fn paused(library: Library, stack: Stack, capacities: [Option<usize>; 2], gone: usize) -> Came {
    let [(a, at_a, _), (b, at_b, _)] = capacities.map(|capacity| open(library, capacity));
    let left = Rc::new(Cell::new(false));
    let gate = Rc::clone(&left);
    let mut sink = (stack.2)(a, b);
    let script = Box::pin(async move {
        for message in 0..MESSAGES {
            sink.send(message).await.expect("both receivers are there");
        }
        poll_fn(|_| if gate.get() { Poll::Ready(()) } else { Poll::Pending }).await;
        let mut sent = Ok(());
        for message in MESSAGES..2 * MESSAGES {
            sent = sent.and(sink.send(message).await);
        }
        (sent, sink.close().await)
    });
    run(script, [Slow::new(at_a, 1, usize::MAX), Slow::new(at_b, 3, usize::MAX)], |receivers, bell| {
        receivers[gone].rx = None;
        bell.waker().wake_by_ref();
        !left.replace(true)
    })
}
