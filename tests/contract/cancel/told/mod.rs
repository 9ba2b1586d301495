//! What becomes of the turn of a polled handle when the handle is used otherwise: every method × told, queued, fresh.
//!
//! A handle that was told of a slot or a message is woken and has a turn, and a waiter behind it is not woken for the
//! same. So an operation that does not use the turn gives it to the next, and what only looks keeps it.

mod ports;
mod receivers;
mod senders;
#[cfg(not(miri))]
mod sources;

use crate::common::{Bell, until, watched};
use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

/// What a method does with the handle's turn, and with its place if it has not been told yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Leaves the line. A turn goes to the next.
    Leaves,
    /// Needs nothing of the mailbox. A turn goes to the next, but a handle that sleeps keeps its place.
    Passes,
    /// Uses the turn, or waits in its place.
    Uses,
    /// Looks or watches: turn and place are kept.
    Looks,
    /// Ends everybody's wait.
    Ends,
    /// Cannot be called then; says why.
    Not(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Told,
    Queued,
    Fresh,
}

/// A handle, another waiter that came after it, and what both wait for.
struct Scene<H> {
    state: State,
    handle: Option<H>,
    bell: Bell,
    sleeper: Bell,
    /// What the bell of the sleeper belongs to.
    asleep: Box<dyn Any>,
    /// Brings one slot or message more.
    supply: Box<dyn FnMut()>,
    /// Polls the handle for what it was told of.
    turn: fn(&mut H, &Bell) -> bool,
    /// Whether the slot or message that the handle was told of is used.
    used: Box<dyn Fn() -> bool>,
    waiting: Box<dyn Fn() -> usize>,
}

/// Runs a method, calls back while what it returned is alive, and returns the handle if it is still there.
type Run<H> = fn(H, &Call<'_>, &mut dyn FnMut()) -> Option<H>;

/// What a method may have to know.
struct Call<'a> {
    state: State,
    bell: &'a Bell,
    sleeper: &'a Bell,
    waiting: &'a dyn Fn() -> usize,
    asleep: Cell<Option<Box<dyn Any>>>,
}

/// A method, and what it does in each of the situations of its handle.
struct Row<H, const N: usize> {
    name: &'static str,
    does: [Does; N],
    run: Run<H>,
}

impl<H> Scene<H> {
    /// Puts the handle into its state; a told one has been told since the sleeper came.
    fn begun(mut self) -> Self {
        if self.state == State::Told {
            (self.supply)();
        }
        let told = usize::from(self.state == State::Told);
        assert_eq!((self.bell.take_wakes(), self.sleeper.wakes()), (told, 0), "{:?}", self.state);
        self
    }

    /// Runs a method and looks at what became of the turn.
    fn check(self, does: Does, run: Run<H>) {
        let Self { state, handle, bell, sleeper, asleep, mut supply, turn, used, waiting } = self;
        let wakes = || (bell.wakes(), sleeper.wakes());
        let mut seen = false;
        let mut during = || {
            seen = true;
            match (does, state) {
                (Does::Ends, _) => assert!(sleeper.wakes() > 0, "the sleeper is woken"),
                (Does::Leaves | Does::Passes, State::Told) => {
                    assert_eq!(wakes(), (0, 1), "the turn goes to the sleeper")
                }
                (Does::Uses, State::Told) => assert_eq!((wakes(), used()), ((0, 0), true), "the turn is used"),
                (Does::Looks, State::Told) => assert_eq!(wakes(), (0, 0), "the turn is kept"),
                (Does::Leaves, State::Queued) | (_, State::Fresh) => {
                    supply();
                    assert_eq!(wakes(), (0, 1), "the sleeper is next");
                }
                _ => {}
            }
        };
        let call = Call { state, bell: &bell, sleeper: &sleeper, waiting: &*waiting, asleep: Cell::new(Some(asleep)) };
        let mut handle = run(handle.expect("it is made with one"), &call, &mut during);
        assert!(seen, "the method was called");
        if state == State::Queued && matches!(does, Does::Passes | Does::Uses | Does::Looks) {
            supply();
            assert_eq!(wakes(), (1, 0), "the place is kept");
        }
        if state != State::Fresh && does == Does::Looks {
            assert!(handle.as_mut().is_some_and(|handle| turn(handle, &bell)), "the turn is still its own");
        }
        drop(handle);
        if sleeper.wakes() == 0 {
            supply();
            assert!(sleeper.wakes() > 0, "the sleeper is served at last");
        }
    }
}

/// Runs each row in each state, in situation `at`; `scene` makes what the methods are called in. Returns how many ran.
fn each<H, const N: usize>(
    rows: &[Row<H, N>],
    at: usize,
    what: &str,
    scene: impl Fn(State, bool) -> Scene<H>,
) -> usize {
    let (mut ran, mut wrong) = (0, Vec::new());
    for row in rows {
        for state in [State::Told, State::Queued, State::Fresh] {
            for future in [true, false] {
                let does = row.does[at];
                if let Does::Not(why) = does {
                    assert!(!why.is_empty(), "{} does not say why it is not run", row.name);
                    continue;
                }
                ran += 1;
                let beside = if future { "a future" } else { "a handle" };
                let name = format!("{}, {what}, {state:?} before {beside}", row.name);
                let run = || scene(state, future).begun().check(does, row.run);
                if let Err(payload) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                    wrong.push(format!("{name}: {}", crate::common::message_of(&*payload)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {ran}:\n  {}", wrong.len(), wrong.join("\n  "));
    ran
}

/// Runs an operation that blocks on a thread of its own, until it waits behind the sleeper; `end` lets it go.
fn blocking<H: Send>(
    mut handle: H,
    call: &Call<'_>,
    during: &mut dyn FnMut(),
    operation: fn(&mut H),
    end: impl FnOnce(),
) -> Option<H> {
    watched(String::new, || {
        std::thread::scope(|threads| {
            let blocked = threads.spawn(|| operation(&mut handle));
            until(|| match call.state {
                State::Told => call.sleeper.wakes() > 0,
                State::Queued | State::Fresh => call.bell.held() == 0 && (call.waiting)() == 2,
            });
            during();
            // What the sleeper was granted is not fetched: let it go on.
            drop(call.asleep.take());
            end();
            blocked.join().unwrap();
        });
    });
    Some(handle)
}

/// A future that was polled once, with what it answered.
fn begun<F: Future>(future: F) -> (Poll<F::Output>, Pin<Box<F>>) {
    let mut future = Box::pin(future);
    (crate::common::poll(&mut future, &Bell::new()), future)
}

/// Calls a method, and keeps what it returns until `during` has looked.
macro_rules! row {
    ($name:literal, $does:expr, |$handle:ident, $cx:ident| $call:expr) => {
        Row {
            name: $name,
            does: $does,
            run: |mut $handle, call, during| {
                // Most methods need one or the other only.
                let _ = (&mut $handle, call);
                {
                    let mut $cx = call.bell.context();
                    let _ = &mut $cx;
                    let _kept = $call;
                    during();
                }
                Some($handle)
            },
        }
    };
    // A method that takes the handle.
    ($name:literal, $does:expr, move |$handle:ident| $call:expr) => {
        Row {
            name: $name,
            does: $does,
            run: |$handle, _, during| {
                let _kept = $call;
                during();
                None
            },
        }
    };
}

use row;
