//! One thread uses a mailbox without a pause, another waits beside it: does the lock let it in?

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::cell::Contender;
use crate::kinds::{BlockingClosing, Line, Refusal, Trying};
use crate::peers::{MeetBlockingClosing, MeetTrying};

/// What the thread without pauses does. The other waits for what it does.
#[derive(Clone, Copy)]
pub enum Restless {
    TrySend,
    TryReceive,
    Send,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The time for one message.
    Each,
    /// The longest wait of the other thread.
    Worst,
}

pub struct Starved {
    pub line: Line,
    pub restless: Restless,
    pub figure: Figure,
}

/// An unbounded mailbox is given so many messages before it is drained and replaced.
const AT_ONCE: u64 = 1_000_000;

impl MeetTrying for Starved {
    type Made = Contender;

    fn line(&self) -> Line {
        self.line
    }
    fn meet<M: Trying>(&self) -> Contender {
        let Self { line, restless, figure } = *self;
        let timed = figure == Figure::Worst;
        Contender::limited(M::NAME, move |round| {
            let mut sum = Seen::default();
            let start = Instant::now();
            while let Some(left) = round.checked_sub(start.elapsed()) {
                let (sender, mut receiver) = M::open(line);
                let (sent, seen) = match restless {
                    Restless::TrySend => pair(
                        left,
                        move |stop| send_if_free::<M>(&sender, stop),
                        move |_| receive::<M>(&mut receiver, timed),
                    ),
                    Restless::Send => pair(
                        left,
                        move |stop| send_at_once::<M>(&sender, stop),
                        move |_| receive::<M>(&mut receiver, timed),
                    ),
                    Restless::TryReceive => pair(
                        left,
                        move |stop| receive_if_there::<M>(&mut receiver, stop),
                        move |stop| send::<M>(&sender, stop, timed),
                    ),
                };
                assert_eq!(sent, seen.messages, "every message arrives once");
                sum.messages += seen.messages;
                sum.time += seen.time;
                sum.worst = sum.worst.max(seen.worst);
            }
            match figure {
                // Nobody gets an infinite figure: of a round without a message it is the round.
                Figure::Each => sum.time.as_nanos() as f64 / sum.messages.max(1) as f64,
                Figure::Worst => sum.worst.as_nanos() as f64,
            }
        })
    }
}

/// What the thread that waits saw.
#[derive(Default)]
struct Seen {
    messages: u64,
    time: Duration,
    /// Stays zero where nobody looks at the clock.
    worst: Duration,
}

/// Runs two threads, and tells them to stop when `limit` is over or the restless one is done.
fn pair<A: Send, B: Send>(
    limit: Duration,
    restless: impl FnOnce(&AtomicBool) -> A + Send,
    patient: impl FnOnce(&AtomicBool) -> B + Send,
) -> (A, B) {
    let (stop, gate) = (AtomicBool::new(false), Gate::default());
    let (alive, over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let patient = scope.spawn(|| {
            gate.pass(2);
            patient(&stop)
        });
        let restless = scope.spawn(|| {
            let _alive = alive;
            gate.pass(2);
            restless(&stop)
        });
        // Nothing is ever sent: either the time is up or the other end is gone.
        let _ = over.recv_timeout(limit);
        stop.store(true, Relaxed);
        (restless.join().expect("no thread panics"), patient.join().expect("no thread panics"))
    })
}

/// Lets threads through when all of them are there.
#[derive(Default)]
pub struct Gate(AtomicUsize);

impl Gate {
    pub fn pass(&self, threads: usize) {
        self.0.fetch_add(1, Relaxed);
        while self.0.load(Relaxed) < threads {
            thread::yield_now();
        }
    }
}

fn send_if_free<M: Trying>(sender: &M::Sender, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !stop.load(Relaxed) {
        match M::try_send(sender, sent) {
            Ok(()) => sent += 1,
            Err(refusal) => assert_eq!(refusal, Refusal::NotNow, "the mailbox is open"),
        }
    }
    sent
}

fn send_at_once<M: Trying>(sender: &M::Sender, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    while sent < AT_ONCE && !stop.load(Relaxed) {
        M::send(sender, sent);
        sent += 1;
    }
    sent
}

fn receive_if_there<M: Trying>(receiver: &mut M::Receiver, stop: &AtomicBool) -> u64 {
    let mut received = 0;
    while !stop.load(Relaxed) {
        match M::try_recv(receiver) {
            Ok(_) => received += 1,
            Err(Refusal::NotNow) => {}
            Err(Refusal::Closed) => return received,
        }
    }
    // The sender may wait for a slot.
    while M::recv(receiver).is_some() {
        received += 1;
    }
    received
}

fn receive<M: Trying>(receiver: &mut M::Receiver, timed: bool) -> Seen {
    let mut waits = Waits::start(timed);
    while M::recv(receiver).is_some() {
        waits.next();
    }
    waits.end()
}

fn send<M: Trying>(sender: &M::Sender, stop: &AtomicBool, timed: bool) -> Seen {
    let mut waits = Waits::start(timed);
    while !stop.load(Relaxed) {
        M::send(sender, 0);
        waits.next();
    }
    waits.end()
}

/// Counts messages, and times each of them if asked.
struct Waits {
    timed: bool,
    start: Instant,
    last: Instant,
    seen: Seen,
}

impl Waits {
    fn start(timed: bool) -> Self {
        let start = Instant::now();
        Self { timed, start, last: start, seen: Seen::default() }
    }

    fn next(&mut self) {
        self.seen.messages += 1;
        if self.timed {
            let now = Instant::now();
            self.seen.worst = self.seen.worst.max(now - self.last);
            self.last = now;
        }
    }

    fn end(self) -> Seen {
        Seen { time: self.start.elapsed(), ..self.seen }
    }
}

/// Closes a mailbox that one thread tries to send to without a pause, and another receives from: the longest call.
pub struct Close;

/// So many mailboxes in a round, or as many as can be closed in the time of so many rounds.
const MAILBOXES: u64 = 200;
const ROUNDS: u32 = 4;

/// A call that gets nowhere comes to an end, because the sender gives up.
const ENOUGH: Duration = Duration::from_secs(1);

/// The call comes this late at most.
const LATEST_MICROS: u64 = 300;

impl MeetBlockingClosing for Close {
    type Made = Contender;

    fn meet<M: BlockingClosing>(&self) -> Contender {
        let mut random = 1_u64;
        Contender::limited(M::NAME, move |round| {
            let start = Instant::now();
            let mut worst = Duration::ZERO;
            for _ in 0..MAILBOXES {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                worst = worst.max(close::<M>(Duration::from_micros((random >> 32) % LATEST_MICROS)));
                if start.elapsed() >= ROUNDS * round {
                    break;
                }
            }
            worst.as_nanos() as f64
        })
    }
}

/// How long the call takes that comes so much later than the threads.
fn close<M: BlockingClosing>(later: Duration) -> Duration {
    let (sender, mut receiver) = M::open(Line::bounded(2, 1, 16));
    let closer = M::another_sender(&sender);
    let gate = Gate::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            gate.pass(3);
            while M::recv(&mut receiver).is_some() {}
        });
        scope.spawn(|| {
            let sender = sender;
            gate.pass(3);
            send_until_closed::<M>(&sender);
        });
        gate.pass(3);
        thread::sleep(later);
        let start = Instant::now();
        M::close(&closer);
        start.elapsed()
    })
}

fn send_until_closed<M: Trying>(sender: &M::Sender) {
    const TRIES: usize = 1024;
    let start = Instant::now();
    while start.elapsed() < ENOUGH {
        for n in 0..TRIES {
            if M::try_send(sender, n as u64) == Err(Refusal::Closed) {
                return;
            }
        }
    }
}
