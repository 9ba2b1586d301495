//! Waiting to enter a monitor, and for its conditions.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Hand};

use sempost::{Guard, Monitor, MonitorGuard, conditions};

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Scene, awaiting};

conditions! {
    /// The condition that all wait for.
    pub(crate) enum Cond { Come }
}

pub(super) const MEMORY: &str = "a condition has no memory";

pub(super) type Room = Monitor<u32, Cond>;

pub(super) fn touch(room: &Room) {
    drop(room.try_enter());
    let waiters = room.waiters(Cond::Come) + room.entering();
    assert!(!format!("{room:?} {waiters} {}", room.is_occupied()).is_empty());
    drop(poll(&mut Box::pin(room.enter()), &Bell::new()));
}

/// How many were in.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<Hand<u32>>);

impl Visits {
    /// Somebody is in.
    pub(super) fn note<G: DerefMut<Target = u32> + Send + 'static>(&self, mut guard: G) -> End {
        *guard += 1;
        *self.0.lock().unwrap() += 1;
        End::Served(Box::new(guard))
    }

    /// The monitor is empty, nobody waits, and everybody who was in counted once.
    pub(super) fn audit(&self, room: &Room) {
        assert_eq!((room.waiters(Cond::Come), room.entering()), (0, 0));
        let data = room.try_enter().expect("everybody has left");
        assert_eq!(*data, self.count());
    }

    pub(super) fn count(&self) -> u32 {
        *self.0.lock().unwrap()
    }
}

pub(super) fn set() -> (&'static Room, Loan<Room>, Visits, Visits) {
    let (room, loan) = lend(Room::new(0));
    let visits = Visits::default();
    (room, loan, visits.clone(), visits)
}

fn enter() -> Scene {
    let (room, loan, visits, books) = set();
    let held = Hand::new(room.try_enter());
    let make = move || {
        let visits = visits.clone();
        awaiting(room.enter(), move |guard| visits.note(guard))
    };
    let leave = move || {
        let held = held.lock().unwrap().take();
        drop(held);
    };
    Scene::new(make, leave).in_turn().touch(move || touch(room)).audit(move || books.audit(room)).lent(loan)
}

fn enter_owned() -> Scene {
    let room = Arc::new(Room::new(0));
    let held = Hand::new(room.try_enter_owned());
    let (visits, [a, b]) = (Visits::default(), [0; 2].map(|_| Arc::clone(&room)));
    let books = visits.clone();
    let make = move || {
        let visits = visits.clone();
        awaiting(room.enter_owned(), move |guard| visits.note(guard))
    };
    let leave = move || {
        let held = held.lock().unwrap().take();
        drop(held);
    };
    Scene::new(make, leave).in_turn().touch(move || touch(&a)).audit(move || books.audit(&b))
}

/// Goes in if nobody is there. The guests are handed the monitor as soon as somebody leaves.
fn inside<R>(room: &Room, act: impl FnOnce(MonitorGuard<'_, u32, Cond>) -> R) -> Option<R> {
    room.try_enter().map(act)
}

fn notify_one(room: &Room) {
    try_notify_one(room);
}

/// Answers whether nobody was inside.
pub(super) fn try_notify_one(room: &Room) -> bool {
    inside(room, |guard| guard.notify_one(Cond::Come)).is_some()
}

pub(super) fn notify_all(room: &Room) {
    inside(room, |guard| guard.notify_all(Cond::Come));
}

fn signal(room: &Room) {
    inside(room, |guard| guard.signal_and_leave(Cond::Come));
}

/// Waits for the condition; `tell` is how one is told.
fn wait(tell: fn(&Room)) -> Scene {
    let (room, loan, visits, books) = set();
    let make = move || {
        let visits = visits.clone();
        awaiting(enter_now(room.try_enter()).wait(Cond::Come), move |guard| visits.note(guard))
    };
    let scene = Scene::new(make, move || tell(room)).in_turn().forgets(MEMORY);
    scene.batch(move || notify_all(room)).touch(move || touch(room)).audit(move || books.audit(room)).lent(loan)
}

pub(super) fn enter_now<H: Deref<Target = Room>>(guard: Option<Guard<H>>) -> Guard<H> {
    guard.expect("nobody is inside")
}

fn wait_owned() -> Scene {
    let room = Arc::new(Room::new(0));
    let (visits, [a, b, c, d]) = (Visits::default(), [0; 4].map(|_| Arc::clone(&room)));
    let books = visits.clone();
    let make = move || {
        let visits = visits.clone();
        awaiting(enter_now(room.try_enter_owned()).wait(Cond::Come), move |guard| visits.note(guard))
    };
    let scene = Scene::new(make, move || notify_one(&a)).in_turn().forgets(MEMORY);
    scene.batch(move || notify_all(&b)).touch(move || touch(&c)).audit(move || books.audit(&d))
}

/// The predicate holds until the next notification is given.
fn wait_while() -> Scene {
    let (room, loan, visits, books) = set();
    let given = Arc::new(AtomicUsize::new(0));
    let (seen, once, all) = (Arc::clone(&given), Arc::clone(&given), given);
    let make = move || {
        let (visits, seen, before) = (visits.clone(), Arc::clone(&seen), seen.load(Ordering::Relaxed));
        let holds = move |_: &mut u32| seen.load(Ordering::Relaxed) == before;
        awaiting(enter_now(room.try_enter()).wait_while(Cond::Come, holds), move |guard| visits.note(guard))
    };
    let one = move || {
        once.fetch_add(1, Ordering::Relaxed);
        notify_one(room);
    };
    let batch = move || {
        all.fetch_add(1, Ordering::Relaxed);
        notify_all(room);
    };
    let scene = Scene::new(make, one).in_turn().forgets(MEMORY).batch(batch);
    scene.touch(move || touch(room)).audit(move || books.audit(room)).lent(loan)
}

pub(super) const ALL: &[Operation] = &[
    ("Monitor::enter", enter),
    ("Monitor::enter_owned", enter_owned),
    ("MonitorGuard::wait, notified", || wait(notify_one)),
    ("MonitorGuard::wait, signalled", || wait(signal)),
    ("OwnedMonitorGuard::wait", wait_owned),
    ("MonitorGuard::wait_while", wait_while),
];
