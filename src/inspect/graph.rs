//! Who waits for whom, and in a circle.
//!
//! A wait is *held up* if those who could end it are held up, too, or have too little to give back. A task is held up
//! if all its waits are. The largest such set is found by taking out, one after the other, the tasks that are not: what
//! such a task may give back is added to what its queues may get. Then those are taken out that wait for nobody in the
//! set. In what is left there is a circle, because everybody in it waits for somebody in it.
//!
//! | waits for | is held up by |
//! |---|---|
//! | a lock, permits, credits | holders, also those that were granted some and were not polled since |
//! | each of these | the first waiter of its queue |
//! | a slot of a mailbox | whoever received last (≈), and those who have reserved some |
//! | credits of messages that were sent | whoever received last (≈) |
//! | all else | nothing: who will send, notify or arrive is not known |
//!
//! Each wait, and each hold, is looked at a few times, however large the graph is.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ptr;
use core::time::Duration;

use super::actor::Actor;
use super::snapshot::{Holder, Primitive, Snapshot, State, Waiter, Wants};
use super::suspects::{Blocker, Hop, Suspect, Why};

/// Who may be held up.
struct Task<'a> {
    waits: Vec<Wait<'a>>,
    /// What it may give back, and to which queue.
    holds: Vec<(usize, usize)>,
    /// In which queues it is the first.
    leads: Vec<usize>,
    held_up: bool,
}

/// A wait that sleeps, and the queue in which it is.
#[derive(Clone, Copy)]
struct Wait<'a> {
    waiter: &'a Waiter,
    queue: usize,
}

/// A queue that does not move on by itself: that of a lock, of permits, or of senders.
struct Queue<'a> {
    primitive: &'a Primitive,
    /// The first in line, and its task, as long as that is held up.
    first: Option<(&'a Waiter, usize)>,
    /// Of tasks that may be held up.
    blockers: Vec<(Blocker<'a>, usize)>,
    /// What it may still get: what is free, and what those may give back that are not held up.
    most: usize,
    /// How much each wait wants, the least first, and whose it is.
    wants: Vec<(usize, usize)>,
    /// How many of them may have it.
    served: usize,
    /// How many of the blockers are held up.
    resting: usize,
}

struct Graph<'a> {
    tasks: Vec<Task<'a>>,
    queues: Vec<Queue<'a>>,
    /// Queues to be looked at again.
    changed: Vec<usize>,
}

impl Snapshot {
    /// Circles in the graph of who waits for whom in which nothing has changed for `older_than`: most likely deadlocks.
    ///
    /// Of several that hang together one is shown. [The module](super#what-cannot-be-known) says which are harmless and
    /// which are missed.
    #[must_use]
    pub fn suspects(&self, older_than: Duration) -> Vec<Suspect<'_>> {
        let mut graph = Graph::new(self, older_than);
        graph.take_out_those_that_may_go_on();
        graph.take_out_those_that_wait_for_nobody();
        graph.circles()
    }
}

impl<'a> Graph<'a> {
    fn new(snapshot: &'a Snapshot, older_than: Duration) -> Self {
        let (mut asleep, mut awake, mut granted) = (Vec::new(), BTreeSet::new(), BTreeMap::<_, Vec<_>>::new());
        for (primitive, waiter) in snapshot.waiters() {
            if let (State::Granted, Some(door)) = (waiter.state, waiter.door) {
                granted.entry(door).or_default().push(waiter);
            }
            let at = match waiter.state {
                State::Queued if !waiter.wants.is_known() => None,
                State::Queued => Some(primitive),
                State::Notified => waiter.door.and_then(|door| snapshot.find(door)),
                // It was served, and is about to run, or nobody polls it.
                _ if waiter.quiet >= older_than => continue,
                _ => None,
            };
            match at.filter(|_| waiter.waits_for_it() >= older_than) {
                Some(at) => asleep.push((at, waiter)),
                None => _ = awake.insert(&waiter.actor),
            }
        }
        let mut graph = Self { tasks: Vec::new(), queues: Vec::new(), changed: Vec::new() };
        let (mut numbers, mut places) = (BTreeMap::new(), BTreeMap::new());
        for (primitive, waiter) in asleep.into_iter().filter(|(_, waiter)| !awake.contains(&waiter.actor)) {
            let (task, tasks) = (*numbers.entry(&waiter.actor).or_insert(graph.tasks.len()), &mut graph.tasks);
            if task == tasks.len() {
                let (waits, holds, leads) = (Vec::new(), Vec::new(), Vec::new());
                tasks.push(Task { waits, holds, leads, held_up: true });
            }
            let key = (primitive.id, waiter.wants.sends());
            let queue = *places.entry(key).or_insert(graph.queues.len());
            if queue == graph.queues.len() {
                graph.queues.push(Queue::new(primitive));
            }
            tasks[task].waits.push(Wait { waiter, queue });
            graph.queues[queue].wants.push((waiter.amount, task));
        }
        for ((id, sends), queue) in places {
            let granted = granted.get(&id).map_or(&[][..], |granted| granted);
            graph.fill(queue, sends, granted, &numbers, older_than);
        }
        graph
    }

    /// Notes who keeps a queue waiting. `granted` were given its lock after a wait for a condition.
    fn fill(
        &mut self,
        number: usize,
        sends: bool,
        granted: &[&'a Waiter],
        numbers: &BTreeMap<&'a Actor, usize>,
        older_than: Duration,
    ) {
        let queue = &mut self.queues[number];
        let primitive = queue.primitive;
        let here = |waiter: &&'a Waiter| waiter.wants.is_known() && waiter.wants.sends() == sends;
        let mut line = primitive.waiters.iter().filter(here);
        let (blockers, known) = primitive.blockers(sends, line.clone().chain(granted.iter().copied()));
        let first = line.find(|waiter| waiter.state == State::Queued);
        queue.first = first.and_then(|first| numbers.get(&first.actor).map(|task| (first, *task)));
        queue.most = if known { queue.primitive.counts.free } else { usize::MAX };
        for (blocker, amount) in blockers {
            // Who received last may have just done so.
            let rests = blocker.age >= older_than || blocker.why == Why::Received;
            match numbers.get(blocker.actor).filter(|_| rests) {
                Some(task) => {
                    self.tasks[*task].holds.push((number, amount));
                    queue.blockers.push((blocker, *task));
                }
                None => queue.most = queue.most.saturating_add(amount),
            }
        }
        queue.resting = queue.blockers.len();
        queue.wants.sort_unstable();
        if let Some((_, task)) = queue.first {
            self.tasks[task].leads.push(number);
        }
        self.changed.push(number);
    }

    fn take_out_those_that_may_go_on(&mut self) {
        while let Some(number) = self.changed.pop() {
            if let Some((_, task)) =
                self.queues[number].first.filter(|(waiter, _)| waiter.amount <= self.queues[number].most)
            {
                self.take_out(task);
            }
            // Behind one that is held up nobody goes on.
            while self.queues[number].first.is_none() {
                let queue = &mut self.queues[number];
                let Some((_, task)) = queue.wants.get(queue.served).copied().filter(|(wants, _)| *wants <= queue.most)
                else {
                    break;
                };
                queue.served += 1;
                self.take_out(task);
            }
        }
    }

    /// A task is not held up. What it holds may come back.
    fn take_out(&mut self, task: usize) {
        let task = &mut self.tasks[task];
        if !core::mem::replace(&mut task.held_up, false) {
            return;
        }
        for (queue, amount) in &task.holds {
            self.queues[*queue].most = self.queues[*queue].most.saturating_add(*amount);
            self.queues[*queue].resting -= 1;
        }
        for queue in &task.leads {
            self.queues[*queue].first = None;
        }
        self.changed.extend(task.holds.iter().map(|(queue, _)| queue).chain(&task.leads));
    }

    fn take_out_those_that_wait_for_nobody(&mut self) {
        let mut all: Vec<_> = (0..self.tasks.len()).collect();
        while let Some(task) = all.pop() {
            if !self.tasks[task].held_up || self.tasks[task].waits.iter().any(|wait| self.is_for_somebody(wait)) {
                continue;
            }
            self.take_out(task);
            // Only where nobody is left, there is something new.
            for queue in core::mem::take(&mut self.changed) {
                let queue = &self.queues[queue];
                if queue.resting == 0 && queue.first.is_none() {
                    all.extend(queue.wants.iter().map(|(_, task)| *task));
                }
            }
        }
    }

    fn is_for_somebody(&self, wait: &Wait<'_>) -> bool {
        let queue = &self.queues[wait.queue];
        queue.resting > 0 || queue.first.is_some_and(|(first, _)| !ptr::eq(first, wait.waiter))
    }

    /// Goes from each task to one that keeps it waiting, and on from there, until a task comes a second time.
    fn circles(&mut self) -> Vec<Suspect<'a>> {
        for queue in &mut self.queues {
            queue.blockers.retain(|(_, task)| self.tasks[*task].held_up);
        }
        let (mut circles, mut seen) = (Vec::new(), BTreeSet::new());
        for start in (0..self.tasks.len()).filter(|task| self.tasks[*task].held_up) {
            let (mut way, mut at): (Vec<(usize, Hop<'a>)>, usize) = (Vec::new(), start);
            while seen.insert(at) {
                let Some((hop, next)) = self.hop(at) else { break };
                way.push((at, hop));
                at = next;
            }
            // If it comes to a task of an earlier way, its circle is known.
            if let Some(begin) = way.iter().position(|(task, _)| *task == at) {
                circles.push(Suspect { hops: way.split_off(begin).into_iter().map(|(_, hop)| hop).collect() });
            }
        }
        circles
    }

    /// The step from a task to one that keeps it waiting: best another that holds, last one that only waits itself.
    fn hop(&self, at: usize) -> Option<(Hop<'a>, usize)> {
        let (mut best, mut asked) = (None::<(u8, Hop<'a>, usize)>, BTreeSet::new());
        for wait in &self.tasks[at].waits {
            let (queue, waiter) = (&self.queues[wait.queue], wait.waiter);
            let mut offer = |rank: u8, blocker: &Blocker<'a>, task| {
                if best.as_ref().is_none_or(|(other, ..)| rank < *other) {
                    best = Some((rank, Hop { primitive: queue.primitive, waiter, blocker: blocker.clone() }, task));
                }
                rank == 0
            };
            // Several waits of a task in one queue have the same blockers.
            let is_new = asked.insert(wait.queue);
            let found = queue.blockers.iter().filter(|_| is_new).any(|(blocker, task)| {
                let rank = if blocker.why == Why::Received { 2 } else { u8::from(*task == at) };
                offer(rank, blocker, *task)
            });
            if found {
                break;
            }
            if let Some((first, task)) = queue.first.filter(|(first, _)| !ptr::eq(*first, waiter)) {
                let Waiter { actor, place, .. } = first;
                offer(3, &Blocker { actor, place, age: first.waits_for_it(), why: Why::Ahead }, task);
            }
        }
        best.map(|(_, hop, task)| (hop, task))
    }
}

impl<'a> Queue<'a> {
    fn new(primitive: &'a Primitive) -> Self {
        let (blockers, wants) = (Vec::new(), Vec::new());
        Self { primitive, first: None, blockers, most: 0, wants, served: 0, resting: 0 }
    }
}

impl Primitive {
    /// Who keeps its queue waiting, and how much each may give back. Also whether that is all: if not, there may be
    /// others. `line` are the waiters of the queue.
    fn blockers<'a>(
        &'a self,
        sends: bool,
        line: impl Iterator<Item = &'a Waiter>,
    ) -> (Vec<(Blocker<'a>, usize)>, bool) {
        let holds = self.holders.iter().filter(|holder| !holder.sent);
        let mut blockers: Vec<_> = holds.map(|holder| (holder.blocks(Why::Holds), holder.amount)).collect();
        for Waiter { actor, place, quiet, amount, .. } in line.filter(|waiter| waiter.state == State::Granted) {
            blockers.push((Blocker { actor, place, age: *quiet, why: Why::Granted }, *amount));
        }
        let sent = self.holders.iter().filter(|holder| holder.sent).map(|holder| holder.amount);
        // One that goes on receiving makes room for all.
        let passes = if sends { usize::MAX } else { sent.fold(0, usize::saturating_add) };
        let received = self.received.as_ref().filter(|_| passes > 0);
        blockers.extend(received.map(|receiver| (receiver.blocks(Why::Received), passes)));
        let known = if passes > 0 { received.is_some() } else { !blockers.is_empty() };
        (blockers, known)
    }
}

impl Holder {
    fn blocks(&self, why: Why) -> Blocker<'_> {
        Blocker { actor: &self.actor, place: self.place, age: self.age, why }
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
