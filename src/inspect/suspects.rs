//! Who waits for whom, and in a circle.
//!
//! A wait is *held up* if those who could end it are held up, too, or have too little to give back. A task is held up
//! if all its waits are. The largest such set is found by taking out, again and again, the tasks that are not.
//! In what is left there is a circle, because everybody in it waits for somebody in it.
//!
//! | waits for | is held up by |
//! |---|---|
//! | a lock, permits, credits | holders, also those that were granted some and were not polled since |
//! | each of these | the first waiter of its queue |
//! | a slot of a mailbox | whoever received last (≈), and those who have reserved some |
//! | all else | nothing: who will send, notify or arrive is not known |

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::panic::Location;
use core::time::Duration;

use super::actor::Actor;
use super::snapshot::{Holder, Primitive, Snapshot, State, Waiter, Wants};

/// A circle of tasks that wait for one another.
#[derive(Clone, Debug)]
pub struct Suspect<'a> {
    hops: Vec<Hop<'a>>,
}

/// One step of a circle: a task waits, and this is why it goes on waiting.
#[derive(Clone, Debug)]
pub struct Hop<'a> {
    primitive: &'a Primitive,
    waiter: &'a Waiter,
    blocker: Blocker<'a>,
}

/// Who keeps a waiter waiting.
#[derive(Clone, Debug)]
pub struct Blocker<'a> {
    pub(super) actor: &'a Actor,
    pub(super) place: &'static Location<'static>,
    pub(super) age: Duration,
    pub(super) why: Why,
    amount: usize,
}

/// Why somebody keeps a waiter waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It holds what the waiter wants.
    Holds,
    /// It was granted what the waiter wants, and was not polled since: a futurelock.
    Granted,
    /// It is the first in the queue in which the waiter is.
    Ahead,
    /// It received last, and so is likely to receive next (≈).
    Received,
}

impl<'a> Suspect<'a> {
    /// The steps of the circle. The blocker of each is the waiter of the next, and that of the last is the first.
    #[must_use]
    pub fn hops(&self) -> &[Hop<'a>] {
        &self.hops
    }

    /// Whether a step is a guess: a mailbox has no holder.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.hops.iter().any(|hop| hop.blocker.why == Why::Received)
    }

    /// For how long nothing in the circle has changed.
    #[must_use]
    pub fn age(&self) -> Duration {
        let ages = self.hops.iter().map(|hop| match hop.blocker.why {
            Why::Received => hop.waiter.age(),
            _ => hop.waiter.age().min(hop.blocker.age),
        });
        ages.min().unwrap_or_default()
    }
}

impl<'a> Hop<'a> {
    /// What it waits for.
    #[must_use]
    pub fn primitive(&self) -> &'a Primitive {
        self.primitive
    }

    /// Who waits, and where.
    #[must_use]
    pub fn waiter(&self) -> &'a Waiter {
        self.waiter
    }

    /// Who keeps it waiting, and where that acquired what it holds.
    #[must_use]
    pub fn blocker(&self) -> &Blocker<'a> {
        &self.blocker
    }
}

impl<'a> Blocker<'a> {
    /// Who it is.
    #[must_use]
    pub fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// Where it acquired, was granted, waits, or received.
    #[must_use]
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// For how long that has been so.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Why it keeps others waiting.
    #[must_use]
    pub fn why(&self) -> Why {
        self.why
    }
}

impl Blocker<'_> {
    /// Whether it is held up itself, and has been what it is for long enough. Who received last may have just done so.
    fn rests(&self, waits: &Waits<'_>, older_than: Duration) -> bool {
        (self.age >= older_than || self.why == Why::Received) && waits.contains_key(self.actor)
    }
}

/// A wait that sleeps, and the queue in which it is.
struct Sleeper<'a> {
    waiter: &'a Waiter,
    queue: usize,
}

/// A queue that does not move on by itself: that of a lock, of permits, or of senders.
struct Queue<'a> {
    primitive: &'a Primitive,
    sends: bool,
    first: Option<&'a Waiter>,
    blockers: Vec<Blocker<'a>>,
}

/// What a queue may still get: what is free, and what those hold that are not held up.
struct Found {
    most: usize,
    first: bool,
}

/// Those that may be held up, with their waits.
type Waits<'a> = BTreeMap<&'a Actor, Vec<Sleeper<'a>>>;

impl Snapshot {
    /// Circles in the graph of who waits for whom in which nothing has changed for `older_than`: most likely deadlocks.
    ///
    /// Of several that hang together one is shown. [The module](super#what-cannot-be-known) says which are harmless and
    /// which are missed.
    #[must_use]
    pub fn suspects(&self, older_than: Duration) -> Vec<Suspect<'_>> {
        let (queues, mut waits) = self.queues(older_than);
        let mut before = usize::MAX;
        while waits.len() < before {
            before = waits.len();
            let found: Vec<_> = queues.iter().map(|queue| queue.find(&waits, older_than)).collect();
            waits.retain(|_, sleepers| sleepers.iter().all(|one| one.is_held_up(&queues, &found)));
        }
        circles(&queues, &waits, older_than)
    }

    /// All queues, and the tasks whose waits are all in one, and old enough.
    fn queues(&self, older_than: Duration) -> (Vec<Queue<'_>>, Waits<'_>) {
        let (mut queues, mut numbers) = (Vec::new(), BTreeMap::new());
        let (mut waits, mut awake) = (Waits::new(), BTreeSet::new());
        for (primitive, waiter) in self.waiters() {
            let at = match waiter.state {
                State::Queued if !waiter.wants.is_known() => None,
                State::Queued => Some(primitive),
                State::Notified => waiter.door.and_then(|door| self.find(door)),
                // It was served, and is about to run, or nobody polls it.
                _ if waiter.quiet >= older_than => continue,
                _ => None,
            };
            let Some(at) = at.filter(|_| waiter.age >= older_than) else {
                awake.insert(&waiter.actor);
                continue;
            };
            let sends = waiter.wants.sends();
            let queue = *numbers.entry((at.id, sends)).or_insert_with(|| {
                queues.push(Queue::new(at, sends));
                queues.len() - 1
            });
            waits.entry(&waiter.actor).or_default().push(Sleeper { waiter, queue });
        }
        waits.retain(|actor, _| !awake.contains(actor));
        (queues, waits)
    }
}

impl Wants {
    fn sends(&self) -> bool {
        matches!(self, Self::Slots(_))
    }

    /// Whether it is known who ends the wait.
    fn is_known(&self) -> bool {
        matches!(self, Self::Permits(_) | Self::Lock | Self::Read | Self::Write | Self::Slots(_))
    }
}

impl<'a> Queue<'a> {
    fn new(primitive: &'a Primitive, sends: bool) -> Self {
        let holds = |holder: &'a Holder, why| {
            let Holder { actor, place, age, amount } = holder;
            Blocker { actor, place, age: *age, why, amount: *amount }
        };
        let mut blockers: Vec<_> = primitive.holders.iter().map(|holder| holds(holder, Why::Holds)).collect();
        let here = |waiter: &&Waiter| waiter.wants.is_known() && waiter.wants.sends() == sends;
        for waiter in primitive.waiters.iter().filter(here).filter(|waiter| waiter.state == State::Granted) {
            let Waiter { actor, place, quiet, amount, .. } = waiter;
            blockers.push(Blocker { actor, place, age: *quiet, why: Why::Granted, amount: *amount });
        }
        blockers.extend(primitive.received.iter().filter(|_| sends).map(|receiver| holds(receiver, Why::Received)));
        let first = primitive.waiters.iter().filter(here).find(|waiter| waiter.state == State::Queued);
        Self { primitive, sends, first, blockers }
    }

    fn find(&self, waits: &Waits<'_>, older_than: Duration) -> Found {
        let gives =
            self.blockers.iter().filter(|blocker| !blocker.rests(waits, older_than)).map(|blocker| match blocker.why {
                // One that goes on receiving makes room for all.
                Why::Received => usize::MAX,
                _ => blocker.amount,
            });
        let known = if self.sends { self.primitive.received.is_some() } else { !self.blockers.is_empty() };
        let most = if known { gives.fold(self.primitive.counts.free, usize::saturating_add) } else { usize::MAX };
        Found { most, first: self.first.is_some_and(|first| waits.contains_key(&first.actor)) }
    }
}

impl Sleeper<'_> {
    fn is_held_up(&self, queues: &[Queue<'_>], found: &[Found]) -> bool {
        let found = &found[self.queue];
        let is_first = queues[self.queue].first.is_some_and(|first| core::ptr::eq(first, self.waiter));
        found.most < self.waiter.amount || found.first && !is_first
    }
}

/// Goes from each task to one that keeps it waiting, and on from there, until a task comes a second time.
fn circles<'a>(queues: &[Queue<'a>], waits: &Waits<'a>, older_than: Duration) -> Vec<Suspect<'a>> {
    let (mut circles, mut seen) = (Vec::new(), BTreeSet::new());
    for start in waits.keys() {
        let (mut way, mut at): (Vec<Hop<'a>>, &Actor) = (Vec::new(), start);
        while seen.insert(at) {
            let Some(hop) = hop(queues, waits, at, older_than) else { break };
            at = hop.blocker.actor;
            way.push(hop);
        }
        // If it comes to a task of an earlier way, its circle is known.
        if let Some(begin) = way.iter().position(|hop| hop.waiter.actor == *at) {
            circles.push(Suspect { hops: way.split_off(begin) });
        }
    }
    circles
}

/// The step from a task to one that keeps it waiting: best another that holds, last one that only waits itself.
fn hop<'a>(queues: &[Queue<'a>], waits: &Waits<'a>, actor: &Actor, older_than: Duration) -> Option<Hop<'a>> {
    let mut best: Option<(u8, Hop<'a>)> = None;
    for sleeper in waits.get(actor)? {
        let (queue, waiter) = (&queues[sleeper.queue], sleeper.waiter);
        let first = queue.first.filter(|first| !core::ptr::eq(*first, waiter)).map(|first| {
            let Waiter { actor, place, age, .. } = first;
            Blocker { actor, place, age: *age, why: Why::Ahead, amount: 0 }
        });
        for blocker in queue.blockers.iter().chain(&first).filter(|blocker| blocker.rests(waits, older_than)) {
            let rank = match blocker.why {
                Why::Holds | Why::Granted => u8::from(blocker.actor == actor),
                Why::Received => 2,
                Why::Ahead => 3,
            };
            if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                best = Some((rank, Hop { primitive: queue.primitive, waiter, blocker: blocker.clone() }));
            }
        }
    }
    best.map(|(_, hop)| hop)
}
