//! What happens to a thread at a point.

use std::cell::{Cell, RefCell};
use std::hint::spin_loop;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::thread;
use std::time::Duration;

use hardening::Random;
use sempost::inject::{Moment, Point};

use crate::points::{self, Step};

/// What a thread is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// One of many: it may be delayed by chance.
    Anybody,
    /// The one that is stopped. Until then it runs alone, or beside a holder.
    Victim,
    /// Keeps the first short lock that it takes until it is told to let go.
    Holder,
}

thread_local! {
    static ROLE: Cell<Role> = const { Cell::new(Role::Anybody) };
    /// How many short locks this thread holds: those of an event are taken one inside another.
    static HOLDS: Cell<usize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static RANDOM: RefCell<Random> =
        RefCell::new(Random::new(SEED.load(Relaxed) << 32 | NUMBERS.fetch_add(1, Relaxed)));
}

static DELAYS: AtomicBool = AtomicBool::new(false);
static SEED: AtomicU64 = AtomicU64::new(0);
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Delays everybody from now on, by `seed` and by the number of the thread.
pub(crate) fn delay(seed: u64) {
    SEED.store(seed, Relaxed);
    NUMBERS.store(0, Relaxed);
    DELAYS.store(true, Relaxed);
}

/// Delays nobody.
pub(crate) fn calm() {
    DELAYS.store(false, Relaxed);
}

/// Where a victim is: the point, and whether it holds a short lock there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) point: usize,
    pub(crate) held: bool,
}

impl Spot {
    fn number(self) -> usize {
        2 * self.point + usize::from(self.held)
    }

    fn of(number: usize) -> Self {
        Self { point: number / 2, held: number % 2 == 1 }
    }
}

/// Where the victim is to be stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Nowhere.
    None,
    /// The first time it comes by.
    Spot(Spot),
    /// At its n-th point.
    Call(usize),
}

const NOWHERE: usize = usize::MAX;
static SPOT: AtomicUsize = AtomicUsize::new(NOWHERE);
static CALL: AtomicUsize = AtomicUsize::new(NOWHERE);
static STOPPED_AT: AtomicUsize = AtomicUsize::new(NOWHERE);
static RESUME: AtomicBool = AtomicBool::new(false);
static HOLDING: AtomicBool = AtomicBool::new(false);
static LET_GO: AtomicBool = AtomicBool::new(false);
static SEEN: [AtomicBool; 4096] = [const { AtomicBool::new(false) }; 4096];

/// A new target; nothing was seen yet.
pub(crate) fn aim(target: Target) {
    let (spot, call) = match target {
        Target::None => (NOWHERE, NOWHERE),
        Target::Spot(spot) => (spot.number(), NOWHERE),
        Target::Call(call) => (NOWHERE, call),
    };
    SPOT.store(spot, Relaxed);
    CALL.store(call, Relaxed);
    STOPPED_AT.store(NOWHERE, Relaxed);
    for flag in [&RESUME, &HOLDING, &LET_GO].into_iter().chain(&SEEN) {
        flag.store(false, Relaxed);
    }
}

/// Where the victim was stopped, if it was.
pub(crate) fn stopped() -> Option<Spot> {
    // ORDERING: Acquire; pairs with the Release in `stop`.
    Some(STOPPED_AT.load(Acquire)).filter(|&number| number != NOWHERE).map(Spot::of)
}

/// Lets the victim go on.
pub(crate) fn resume() {
    RESUME.store(true, Release);
}

/// Whether a holder has its lock.
pub(crate) fn is_holding() -> bool {
    HOLDING.load(Acquire)
}

/// Lets the holder go on, and waits until it has left its lock.
fn free_the_lock() {
    LET_GO.store(true, Release);
    while HOLDING.load(Acquire) {
        thread::yield_now();
    }
}

/// Where the victim came by until it was stopped.
pub(crate) fn seen() -> Vec<Spot> {
    (0..SEEN.len()).filter(|&number| SEEN[number].load(Relaxed)).map(Spot::of).collect()
}

/// Gives this thread its role.
pub(crate) fn play(role: Role) {
    ROLE.set(role);
}

/// Called at every point.
pub(crate) fn hook(point: Point) {
    let number = points::visit(point);
    match ROLE.get() {
        Role::Anybody if DELAYS.load(Relaxed) => pause(),
        Role::Anybody => {}
        Role::Victim => pass(number, point.1),
        Role::Holder => hold(number, point.1),
    }
}

fn pause() {
    RANDOM.with_borrow_mut(|random| match random.below(1000) {
        0 | 1 => thread::sleep(Duration::from_micros(1 + random.below(100) as u64)),
        2..=20 => thread::yield_now(),
        21..=60 => (0..random.below(200)).for_each(|_| spin_loop()),
        _ => {}
    });
}

/// The victim comes by. It is alone, so the lock that it asks for is free, unless there is a holder.
fn pass(point: usize, moment: Moment) {
    if stopped().is_some() {
        return;
    }
    let after = moment == Moment::After;
    match points::step(point) {
        // As long as somebody else holds it, it was tried in vain.
        Step::Lock | Step::Retry if after && !is_holding() => HOLDS.set(HOLDS.get() + 1),
        Step::Unlock if after => HOLDS.set(HOLDS.get() - 1),
        _ => {}
    }
    let spot = Spot { point, held: HOLDS.get() > 0 };
    SEEN[spot.number()].store(true, Relaxed);
    let call = CALLS.replace(CALLS.get() + 1);
    if spot.number() == SPOT.load(Relaxed) || call == CALL.load(Relaxed) {
        stop(spot);
    } else if is_holding() && matches!(points::step(point), Step::Retry | Step::Other) && after {
        // It has tried again in vain; now it may find the lock free.
        free_the_lock();
    }
}

fn stop(spot: Spot) {
    if is_holding() {
        free_the_lock();
    }
    // ORDERING: Release; pairs with the Acquire in `stopped`.
    STOPPED_AT.store(spot.number(), Release);
    while !RESUME.load(Acquire) {
        thread::sleep(Duration::from_micros(50));
    }
}

fn hold(point: usize, moment: Moment) {
    match (points::step(point), moment) {
        (Step::Lock, Moment::After) => {
            HOLDING.store(true, Release);
            while !LET_GO.load(Acquire) {
                thread::yield_now();
            }
        }
        (Step::Unlock, Moment::After) => HOLDING.store(false, Release),
        _ => {}
    }
}
