//! What happens in a cell: three wait, somebody hostile among them, and something happens to all of them.

use crate::calm::calm;
use crate::common::Bell;
use crate::kinds::{Kind, Task};
use crate::scene::Scene;
use crate::spots::Spot;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// What serves them comes one by one.
    OneByOne,
    /// It comes all at once.
    Batch,
    Close,
    /// The hostile ones are given up in line.
    Cancel,
    /// The hostile ones are given up after their grant.
    CancelGranted,
    /// The hostile ones are given up in line, while a panic is under way on the thread.
    CancelInPanic,
    /// They are given up after their grant, while a panic is under way.
    CancelGrantedInPanic,
    /// The deadlines of the hostile ones come in line.
    Late,
    /// They come after their grant.
    LateGranted,
    /// There is something at the first poll, and the waker was cloned in vain.
    AtOnce,
}

pub(crate) const EVENTS: [Event; 10] = [
    Event::OneByOne,
    Event::Batch,
    Event::Close,
    Event::Cancel,
    Event::CancelGranted,
    Event::CancelInPanic,
    Event::CancelGrantedInPanic,
    Event::Late,
    Event::LateGranted,
    Event::AtOnce,
];

/// Three waiters on one scene.
struct Case {
    // Before the scene, whose loans they borrow: also when a failed case unwinds.
    spots: Vec<Spot>,
    scene: Scene,
    /// How many calls a waker's panic ended.
    rages: usize,
    /// How many were given what serves one.
    given: usize,
    /// How many gave up and had nothing, so that what they were granted is the others'.
    quitters: usize,
}

/// Plays one event with waiters of these kinds. Answers `false` if the scene has no such event.
pub(crate) fn play(scene: Scene, kinds: [Kind; 3], event: Event) -> bool {
    let possible = match event {
        Event::Batch => scene.batch.is_ok(),
        Event::Close => scene.close.is_ok(),
        Event::Late | Event::LateGranted => scene.late.is_ok(),
        Event::AtOnce => scene.memory.is_ok(),
        _ => true,
    };
    if possible {
        let mut case = Case { scene, spots: Vec::new(), rages: 0, given: 0, quitters: 0 };
        if event == Event::AtOnce {
            case.serve_at_once(kinds);
        } else {
            case.queue(kinds);
            case.refresh();
            case.happen(event);
        }
        case.end();
    }
    possible
}

impl Case {
    fn raged(&mut self, raged: bool) {
        self.rages += usize::from(raged);
    }

    /// All join the line, in order.
    fn queue(&mut self, kinds: [Kind; 3]) {
        let hostile = kinds.iter().position(|kind| *kind != Kind::Tame);
        let mut tasks: Vec<_> = kinds.iter().map(|kind| Task::of(*kind)).collect();
        if let Some(at) = hostile.filter(|at| kinds[*at] == Kind::Shared) {
            tasks[(at + 1) % 3] = tasks[at].share();
        }
        for (kind, task) in kinds.into_iter().zip(tasks) {
            let spot = Spot::new(kind, task, (self.scene.make)());
            spot.arm(&self.scene);
            let raged = spot.poll();
            assert_eq!(raged, kind == Kind::ClonePanics, "{kind:?} at its first poll");
            if raged {
                spot.task.disarm();
                spot.poll();
                spot.arm(&self.scene);
            }
            assert!(spot.waits(), "{kind:?} has to wait");
            self.spots.push(spot);
        }
    }

    /// The hostile ones are polled by another task, and again by their own: a clone and a drop each.
    fn refresh(&mut self) {
        let other = Bell::new();
        for spot in self.spots.iter().filter(|spot| !spot.is_tame()) {
            spot.poll_with(other.waker());
            assert_eq!(other.held(), 1, "the task that polled last is in line");
            spot.poll();
            if spot.task.bell().is_some_and(|bell| bell.held() == 0) {
                // A clone that panics leaves the other task in line: put the own one back.
                spot.task.disarm();
                spot.poll();
                spot.arm(&self.scene);
            }
            assert!(spot.waits(), "{:?} has nothing to get", spot.kind);
        }
        assert_eq!(other.held(), 0, "the other task is not in line any more");
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::OneByOne => self.serve_all(),
            Event::Batch => {
                let batch = self.scene.batch.as_ref().expect("it was asked for");
                let raged = calm(batch).raged();
                self.raged(raged);
                self.given += self.spots.len();
                self.drive(true);
                // What a panic gave back, or a future that was dropped while it was woken, has to come again.
                self.serve_all();
            }
            Event::Close => {
                let close = self.scene.close.as_ref().expect("it was asked for");
                let raged = calm(close).raged();
                self.raged(raged);
                self.drive(true);
                let closed = |spot: &Spot| !spot.is_tame() || spot.is_closed();
                assert!(self.spots.iter().all(closed), "close does not reach everybody");
            }
            Event::Cancel | Event::CancelInPanic => {
                self.cancel_hostile(false, event == Event::CancelInPanic);
                self.drive(false);
                self.serve_all();
            }
            Event::CancelGranted | Event::CancelGrantedInPanic => {
                self.grant_hostile();
                self.cancel_hostile(true, event == Event::CancelGrantedInPanic);
                self.drive(false);
                self.serve_all();
            }
            Event::Late => self.expire(false),
            Event::LateGranted => {
                self.grant_hostile();
                self.expire(true);
            }
            Event::AtOnce => unreachable!("nobody is in line"),
        }
    }

    /// A first poll that succeeds after others had to wait: the waker was cloned before there was a look.
    fn serve_at_once(&mut self, kinds: [Kind; 3]) {
        let lesson = Spot::new(Kind::Tame, Task::of(Kind::Tame), (self.scene.make)());
        lesson.poll();
        assert!(lesson.waits(), "there is nothing to get yet");
        lesson.cancel();
        self.one();
        let kind = kinds.into_iter().find(|kind| *kind != Kind::Tame).expect("somebody is hostile");
        let spot = Spot::new(kind, Task::of(kind), (self.scene.make)());
        spot.arm(&self.scene);
        let raged = spot.poll();
        self.raged(raged);
        assert!(raged || spot.is_served() || spot.is_closed(), "{kind:?} finds what is there");
        self.spots.push(spot);
    }

    fn one(&mut self) {
        let raged = calm(&self.scene.one).raged();
        self.raged(raged);
        self.given += 1;
    }

    /// Gives until all that are hostile have had their turn, and polls none of them.
    fn grant_hostile(&mut self) {
        let last = self.spots.iter().rposition(|spot| !spot.is_tame()).expect("somebody is hostile");
        for _ in 0..=last {
            self.one();
            self.drive(false);
        }
    }

    /// The deadlines of all that are hostile come; nobody else has one that does. A deadline here wakes nobody, so that
    /// it keeps no waker: they are polled by hand, and once more if a waker panics.
    fn expire(&mut self, granted: bool) {
        let come = self.scene.late.as_ref().expect("it was asked for");
        let hostile = |(at, spot): (usize, &Spot)| (!spot.is_tame()).then_some(at);
        self.spots.iter().enumerate().filter_map(hostile).for_each(come);
        for _ in 0..2 {
            self.drive(true);
            self.spots.iter().filter(|spot| !spot.is_tame() && spot.waits()).for_each(|spot| spot.task.disarm());
        }
        let hostile = self.spots.iter().filter(|spot| !spot.is_tame());
        assert!(hostile.clone().all(|spot| !spot.waits()), "a deadline does not end the wait");
        self.quitters =
            if granted && self.scene.taken_when_granted { 0 } else { hostile.filter(|spot| !spot.is_served()).count() };
        self.serve_all();
    }

    /// All that are hostile are given up. While a panic is under way, none of theirs gets out.
    fn cancel_hostile(&mut self, granted: bool, panicking: bool) {
        let hostile = self.spots.iter().filter(|spot| !spot.is_tame());
        let handed_on = !(granted && self.scene.taken_when_granted);
        self.quitters = hostile.clone().filter(|spot| handed_on && !spot.is_served()).count();
        self.rages += if panicking {
            hostile.for_each(Spot::cancel_in_panic);
            0
        } else {
            hostile.filter(|spot| spot.cancel()).count()
        };
    }

    /// Gives until all that behave are served: all in all as often as there are waiters who stay, and once more for
    /// every panic, since what was on its way in a call that panicked has gone back.
    fn serve_all(&mut self) {
        while self.spots.iter().any(|spot| spot.is_tame() && spot.waits()) {
            let enough = self.spots.len() - self.quitters + self.rages + (self.scene.missed)();
            assert!(self.given < enough, "enough was given, and somebody still sleeps: a grant is lost");
            self.one();
            self.drive(true);
        }
        let served = |spot: &Spot| !spot.is_tame() || spot.is_served();
        assert!(self.spots.iter().all(served), "somebody was told that it is closed");
    }

    /// Polls whoever was woken until nobody is. The hostile ones, whose word counts for nothing, are polled anyway,
    /// unless they are kept `idle`.
    fn drive(&mut self, hostile: bool) {
        loop {
            let bells = || self.spots.iter().map(|spot| spot.task.bell());
            let rung: Vec<_> = bells().map(|bell| bell.is_some_and(|bell| bell.wakes() > 0)).collect();
            bells().flatten().for_each(|bell| _ = bell.take_wakes());
            let mut progress = false;
            let mut rages = 0;
            for (spot, rung) in self.spots.iter().zip(rung) {
                let due = if spot.is_tame() { rung } else { hostile };
                if !due || !spot.waits() {
                    continue;
                }
                let mut raged = spot.poll();
                rages += usize::from(raged);
                while raged && spot.is_tame() {
                    // It was somebody else's waker: the task comes once more.
                    raged = spot.poll();
                    rages += usize::from(raged);
                }
                if raged && spot.kind == Kind::ClonePanics && self.scene.joins_again {
                    spot.task.disarm();
                    spot.poll();
                    spot.arm(&self.scene);
                }
                progress |= !spot.waits();
            }
            for spot in self.spots.iter().filter(|_| self.scene.in_turn) {
                let keep = spot.take_keep();
                progress |= keep.is_some();
                rages += usize::from(calm(|| drop(keep)).raged());
            }
            self.rages += rages;
            if !progress {
                break;
            }
        }
    }

    /// Everybody goes; then nothing is lost, nobody's waker is kept, and the primitive is as good as new.
    fn end(self) {
        let Self { scene, spots, .. } = self;
        for spot in spots.iter().filter(|spot| spot.is_tame() && !spot.waits()) {
            let shared = spots.iter().any(|other| other.kind == Kind::Shared);
            let held = spot.task.bell().map_or(0, |bell| bell.held());
            assert!(shared || held == 0, "{held} wakers are kept of one who was served");
        }
        for spot in &spots {
            spot.cancel();
            calm(|| drop(spot.take_keep()));
        }
        let bells: Vec<_> = spots.iter().filter_map(|spot| spot.task.bell().cloned()).collect();
        bells.iter().for_each(|bell| bell.unhook());
        bells.iter().for_each(|bell| assert_eq!(bell.held(), 0, "wakers are kept"));
        drop(spots);
        (scene.audit)();
        use_again(&scene);
        (scene.audit)();
        let late: Vec<_> = bells.iter().map(|bell| bell.waker().clone()).collect();
        drop(scene);
        late.into_iter().for_each(std::task::Waker::wake);
    }
}

/// Somebody new waits, is served, and goes.
fn use_again(scene: &Scene) {
    let spot = Spot::new(Kind::Tame, Task::of(Kind::Tame), (scene.make)());
    spot.poll();
    for _ in 0..2 {
        if spot.waits() {
            (scene.one)();
            spot.poll();
        }
    }
    assert!(!spot.waits(), "the primitive is of no use any more");
    spot.cancel();
    drop(spot.take_keep());
}
