//! The table future × state × concurrent event: every triple that can exist is run through all its interleavings.
//!
//! A row is a [`Kind`] of future or polled handle. The one looked at, the *subject*, is brought into a [`State`]; then
//! an [`Event`] happens in another thread while the subject's owner polls it, polls it from another task, or drops it.
//! Afterwards a small executor polls whoever was woken, and whoever sleeps on must not sleep beside what it waits for;
//! at the end nobody is in line, and what was given is what was got and what is left. A triple is *hit* if the event
//! was seen to come before the owner's act in one interleaving and after it in another.

mod excluding;
mod mailing;
mod waiter;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use crate::primitive::Ordering::{AcqRel, Acquire};
use crate::primitive::{AtomicU8, explore, is_deep, spawn};
use waiter::{Subject, Waiter};

/// Something that a thread can do to the primitive.
type Doing = Arc<dyn Fn() + Send + Sync>;

/// A primitive, and how to deal with it.
struct Stand {
    /// One more waiter, fresh.
    waiter: Box<dyn Fn() -> Subject>,
    /// Something comes for so many waiters.
    grant: Arc<dyn Fn(usize) + Send + Sync>,
    close: Option<Doing>,
    /// Somebody tries to get it without waiting.
    newcomer: Doing,
    /// The last handle of the other side goes.
    gone: Option<Doing>,
    /// How much is there that somebody in line could have.
    there: Box<dyn Fn() -> usize>,
    /// How many wait.
    line: Box<dyn Fn() -> usize>,
    /// Asserts that nothing was lost and nothing doubled, when all are gone.
    audit: Box<dyn Fn()>,
}

/// A row of the table.
struct Kind {
    name: &'static str,
    /// What its waiters are told with: a nudge, not a grant.
    nudges: bool,
    /// There is one turn, and whoever was given it is inside.
    exclusive: bool,
    /// Nothing can be granted twice.
    once: bool,
    stand: fn() -> Stand,
}

impl Kind {
    const fn new(name: &'static str, stand: fn() -> Stand) -> Self {
        Self { name, nudges: false, exclusive: false, once: false, stand }
    }

    const fn nudging(self) -> Self {
        Self { nudges: true, ..self }
    }

    const fn exclusive(self) -> Self {
        Self { exclusive: true, ..self }
    }

    const fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fresh,
    Queued,
    Nudged,
    Granted,
    Closed,
}

const STATES: [State; 5] = [State::Fresh, State::Queued, State::Nudged, State::Granted, State::Closed];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Grant,
    Grants,
    Close,
    BeforeLeaves,
    BehindLeaves,
    Newcomer,
    LastGone,
    /// The subject is polled by another task; meanwhile something is granted, or a newcomer tries.
    Moves,
    /// The subject is dropped; meanwhile something is granted, or a newcomer tries.
    Dropped,
}

const EVENTS: [Event; 9] = [
    Event::Grant,
    Event::Grants,
    Event::Close,
    Event::BeforeLeaves,
    Event::BehindLeaves,
    Event::Newcomer,
    Event::LastGone,
    Event::Moves,
    Event::Dropped,
];

/// What the owner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Poll,
    PollElsewhere,
    Drop,
}

impl Event {
    /// What owners do meanwhile.
    fn acts(self) -> &'static [Act] {
        match self {
            Self::Moves => &[Act::PollElsewhere],
            Self::Dropped => &[Act::Drop],
            Self::Grant => &[Act::Poll],
            _ => &[Act::Poll, Act::PollElsewhere, Act::Drop],
        }
    }
}

/// Why there is no such triple; `None` if there is.
fn impossible(kind: &Kind, stand: &Stand, state: State, event: Event) -> Option<&'static str> {
    let told = matches!(state, State::Nudged | State::Granted);
    match (state, event) {
        (State::Nudged, _) if !kind.nudges => Some("its waiters are granted what they wait for, never nudged"),
        (State::Granted, _) if kind.nudges => Some("its waiters are nudged, never granted anything"),
        (State::Closed, _) | (_, Event::Close) if stand.close.is_none() => Some("it cannot be closed"),
        (_, Event::LastGone) if stand.gone.is_none() => Some("it has no handles"),
        (State::Fresh, Event::BehindLeaves) => Some("who is not in line has nobody behind"),
        (_, Event::BeforeLeaves) if told && kind.exclusive => Some("who stood before was inside, and has left"),
        (_, Event::Grants) if kind.once => Some("there is one turn"),
        (_, Event::Grant) if kind.once && told => Some("the one turn has been given"),
        _ => None,
    }
}

/// What was seen of a triple.
#[derive(Default)]
struct Seen {
    event_first: AtomicBool,
    act_first: AtomicBool,
}

/// One run of one triple.
fn race(kind: &Kind, state: State, event: Event, act: Act, seen: &Seen) {
    let stand = (kind.stand)();
    let queue = || {
        let mut waiter = Waiter::new((stand.waiter)());
        waiter.poll();
        assert!(waiter.sleeps());
        waiter
    };
    let mut before = (state == State::Fresh || event == Event::BeforeLeaves).then(queue);
    let mut subject = Waiter::new((stand.waiter)());
    if state != State::Fresh {
        subject.poll();
    }
    let mut behind = (state != State::Fresh).then(queue);
    match state {
        State::Fresh | State::Queued => {}
        State::Nudged | State::Granted => (stand.grant)(1 + usize::from(before.is_some())),
        State::Closed => stand.close.as_ref().expect("possible")(),
    }
    assert_eq!(subject.is_called(), !matches!(state, State::Fresh | State::Queued));

    let give = |n: usize| -> Doing {
        let grant = Arc::clone(&stand.grant);
        Arc::new(move || grant(n))
    };
    let mut leaver = match event {
        Event::BeforeLeaves => before.take(),
        Event::BehindLeaves => behind.take(),
        _ => None,
    };
    let doing: Doing = match event {
        Event::BeforeLeaves | Event::BehindLeaves => Arc::new(|| {}),
        Event::Grants => give(2),
        Event::Grant | Event::Moves | Event::Dropped if impossible(kind, &stand, state, Event::Grant).is_none() => {
            give(1)
        }
        Event::Grant | Event::Moves | Event::Dropped | Event::Newcomer => Arc::clone(&stand.newcomer),
        Event::Close => Arc::clone(stand.close.as_ref().expect("possible")),
        Event::LastGone => Arc::clone(stand.gone.as_ref().expect("possible")),
    };

    // Each gate is for whoever comes first: the end of the event or the beginning of the act, and the other way round.
    let [over, under_way] = [(); 2].map(|()| Arc::new(AtomicU8::new(0)));
    let first = |gate: &AtomicU8| gate.compare_exchange(0, 1, AcqRel, Acquire).is_ok();
    let thread = spawn({
        let (over, under_way) = (Arc::clone(&over), Arc::clone(&under_way));
        move || {
            first(&under_way);
            leaver.iter_mut().for_each(Waiter::leave);
            doing();
            first(&over);
        }
    });
    let third = (is_deep() && event.acts()[0] == act).then(|| {
        let newcomer = Arc::clone(&stand.newcomer);
        spawn(move || newcomer())
    });
    let event_first = !first(&over);
    match act {
        Act::Poll => subject.poll(),
        Act::PollElsewhere => {
            subject.migrate();
            subject.poll();
        }
        Act::Drop => subject.leave(),
    }
    let act_first = first(&under_way);
    seen.event_first.fetch_or(event_first, SeqCst);
    seen.act_first.fetch_or(act_first, SeqCst);
    thread.join().unwrap();
    third.into_iter().for_each(|third| third.join().unwrap());

    let mut all: Vec<_> = [before, Some(subject), behind].into_iter().flatten().collect();
    while let Some(called) = all.iter_mut().find(|waiter| waiter.is_called()) {
        called.poll();
    }
    let asleep = all.iter().filter(|waiter| waiter.sleeps()).count();
    assert!(asleep == 0 || (stand.there)() == 0, "somebody sleeps beside what there is");
    let ended = state == State::Closed || matches!(event, Event::Close | Event::LastGone);
    assert!(asleep == 0 || !ended, "somebody sleeps through the end");
    drop(all);
    assert_eq!((stand.line)(), 0);
    (stand.audit)();
}

/// Kills: a cancel that takes along what it had been given (`points_a_cancel_in_line_looks_at_nothing`), a stage or a
/// waker that is left behind, in any row.
#[test]
fn every_point_is_hit_and_loses_nothing() {
    let (mut points, mut hit, mut missing, mut runs) = (0, 0, 0, 0);
    for kind in excluding::KINDS.iter().chain(&mailing::KINDS) {
        let before = (points, runs);
        for (state, event) in STATES.iter().flat_map(|state| EVENTS.map(|event| (*state, event))) {
            let reason = Arc::new(std::sync::Mutex::new(None));
            let answer = Arc::clone(&reason);
            // A stand is made of the checker's parts, so it has to be asked inside of the checker.
            explore(move || {
                *answer.lock().unwrap() = impossible(kind, &(kind.stand)(), state, event);
            });
            let reason = *reason.lock().unwrap();
            if let Some(reason) = reason {
                missing += 1;
                println!("no point {} × {state:?} × {event:?}: {reason}", kind.name);
                continue;
            }
            let seen = Arc::new(Seen::default());
            for act in event.acts() {
                let seen = Arc::clone(&seen);
                let (interleavings, threads) = explore(move || race(kind, state, event, *act, &seen));
                assert!(threads >= 2 && interleavings >= 1);
                runs += interleavings;
            }
            points += 1;
            let both = seen.event_first.load(SeqCst) && seen.act_first.load(SeqCst);
            assert!(both, "{} × {state:?} × {event:?}: one side was always first", kind.name);
            hit += usize::from(both);
        }
        println!("points of {}: {} with {} interleavings", kind.name, points - before.0, runs - before.1);
    }
    println!("points: {runs} interleavings");
    println!("H6 points: points={points} hit={hit} impossible={missing}");
}
