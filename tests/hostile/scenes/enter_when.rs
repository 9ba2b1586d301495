//! Waiting for a predicate of a monitor: that there is a ticket. Nobody signals.

use std::ops::DerefMut;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Hand};

use sempost::{Elapsed, Fairness, Monitor};

use super::Operation;
use super::until::Deadlines;
use crate::common::{Bell, poll};
use crate::loan::{Loan, lend};
use crate::scene::{End, Scene, awaiting};

#[derive(Debug, Default)]
struct Desk {
    tickets: usize,
    taken: usize,
}

type Office = Monitor<Desk>;

fn is_open(desk: &Desk) -> bool {
    desk.tickets > 0
}

fn touch(office: &Office) {
    drop(office.try_enter());
    drop(office.try_enter_when(|_| false));
    assert!(!format!("{office:?} {} {}", office.predicates(), office.is_occupied()).is_empty());
    drop(poll(&mut Box::pin(office.enter()), &Bell::new()));
    drop(poll(&mut Box::pin(office.enter_when(|_| false)), &Bell::new()));
}

/// What was given and taken, and how often somebody was inside who was in the way of giving more.
#[derive(Clone, Default)]
struct Books {
    given: Arc<AtomicUsize>,
    taken: Arc<Hand<usize>>,
    missed: Arc<AtomicUsize>,
}

impl Books {
    fn give(&self, office: &Office, n: usize) {
        let Some(mut desk) = office.try_enter() else {
            self.missed.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.given.fetch_add(n, Ordering::Relaxed);
        desk.tickets += n;
    }

    /// Somebody is in, and takes a ticket.
    fn take<G: DerefMut<Target = Desk> + Send + 'static>(&self, mut desk: G) -> End {
        desk.tickets -= 1;
        desk.taken += 1;
        *self.taken.lock().unwrap() += 1;
        End::Served(Box::new(desk))
    }

    fn audit(&self, office: &Office) {
        assert_eq!((office.predicates(), office.entering()), (0, 0));
        let desk = office.try_enter().expect("everybody has left");
        assert_eq!(desk.taken, *self.taken.lock().unwrap());
        assert_eq!(desk.taken + desk.tickets, self.given.load(Ordering::Relaxed));
    }
}

/// All but the waiters.
fn open(scene: Scene, office: &'static Office, loan: Loan<Office>, books: Books) -> Scene {
    let (all, missed) = (books.clone(), Arc::clone(&books.missed));
    scene
        .in_turn()
        .batch(move || all.give(office, 3))
        .missed(move || missed.load(Ordering::Relaxed))
        .touch(move || touch(office))
        .audit(move || books.audit(office))
        .lent(loan)
}

fn set(fairness: Fairness) -> (&'static Office, Loan<Office>, [Books; 3]) {
    let (office, loan) = lend(Office::with_fairness(Desk::default(), fairness));
    let books = Books::default();
    (office, loan, [books.clone(), books.clone(), books])
}

fn enter_when(fairness: Fairness) -> Scene {
    let (office, loan, [mine, one, books]) = set(fairness);
    let make = move || {
        let mine = mine.clone();
        awaiting(office.enter_when(is_open), move |desk| mine.take(desk))
    };
    open(Scene::new(make, move || one.give(office, 1)), office, loan, books)
}

fn wait_for() -> Scene {
    let (office, loan, [mine, one, books]) = set(Fairness::Fifo);
    let make = move || {
        let mine = mine.clone();
        awaiting(office.try_enter().expect("nobody is inside").wait_for(is_open), move |desk| mine.take(desk))
    };
    open(Scene::new(make, move || one.give(office, 1)), office, loan, books)
}

fn enter_when_until() -> Scene {
    let (office, loan, [mine, one, books]) = set(Fairness::Fifo);
    let deadlines = Deadlines::default();
    let late = deadlines.clone().come();
    let make = move || {
        let mine = mine.clone();
        awaiting(office.enter_when(is_open).until(deadlines.fresh()), move |desk| match desk {
            Ok(desk) => mine.take(desk),
            Err(Elapsed) => End::late(),
        })
    };
    open(Scene::new(make, move || one.give(office, 1)).late(late), office, loan, books)
}

fn wait_for_until() -> Scene {
    let (office, loan, [mine, one, books]) = set(Fairness::Fifo);
    let deadlines = Deadlines::default();
    let late = deadlines.clone().come();
    let make = move || {
        let mine = mine.clone();
        let desk = office.try_enter().expect("nobody is inside");
        awaiting(desk.wait_for(is_open).until(deadlines.fresh()), move |(desk, ended)| {
            if ended.timed_out() { End::Late(Box::new(desk)) } else { mine.take(desk) }
        })
    };
    open(Scene::new(make, move || one.give(office, 1)).late(late), office, loan, books)
}

pub(super) const ALL: &[Operation] = &[
    ("Monitor::enter_when", || enter_when(Fairness::Fifo)),
    ("Monitor::enter_when, barging", || enter_when(Fairness::Barging { overtakes: 2 })),
    ("MonitorGuard::wait_for", wait_for),
    ("Monitor::enter_when, with a deadline", enter_when_until),
    ("MonitorGuard::wait_for, with a deadline", wait_for_until),
];
