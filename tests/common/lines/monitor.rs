//! The lines of the monitor.

use super::{Line, leak};
use sempost::{Monitor, conditions};
use std::future::pending;
use std::sync::Arc;

conditions! {
    /// Two conditions.
    pub enum Cond { A, B }
}

fn touch(m: &Monitor<i32, Cond>) {
    drop(m.try_enter());
    let waiters = m.waiters(Cond::A) + m.waiters(Cond::B) + m.entering();
    assert!(!format!("{m:?} {waiters} {}", m.is_occupied()).is_empty());
    drop(super::super::poll(&mut Box::pin(m.enter()), &super::Bell::new()));
}

pub fn entering() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let held = std::sync::Mutex::new(m.try_enter());
    Line::new("Entering", || m.enter(), move || drop(held.lock().unwrap().take()))
        .waiters(|| m.entering())
        .touch(|| touch(m))
}

pub fn entering_owned() -> Line {
    let m = Arc::new(Monitor::<_, Cond>::new(0));
    let (count, again, held) = (m.clone(), m.clone(), std::sync::Mutex::new(m.try_enter_owned()));
    Line::new("Entering", move || m.enter_owned(), move || drop(held.lock().unwrap().take()))
        .waiters(move || count.entering())
        .touch(move || touch(&again))
}

pub fn waiting() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let notify = || assert!(m.try_enter().expect("free").notify_one(Cond::A));
    Line::new("Waiting", || m.try_enter().expect("free").wait(Cond::A), notify)
        .next(notify)
        .forgets()
        .waiters(|| m.waiters(Cond::A) + m.entering())
        .touch(|| touch(m))
}

pub fn waiting_owned() -> Line {
    let m = Arc::new(Monitor::<_, Cond>::new(0));
    let (door, count, again) = (m.clone(), m.clone(), m.clone());
    let notify = move || assert!(door.try_enter().expect("free").notify_one(Cond::A));
    Line::new("Waiting", move || m.try_enter_owned().expect("free").wait(Cond::A), notify.clone())
        .next(notify)
        .forgets()
        .waiters(move || count.waiters(Cond::A) + count.entering())
        .touch(move || touch(&again))
}

pub fn waiting_while() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let notify = || {
        let mut inside = m.try_enter().expect("free");
        *inside += 1;
        assert!(inside.notify_one(Cond::A));
    };
    let make = || m.try_enter().expect("free").wait_while(Cond::A, |n| *n == 0);
    Line::new("WaitingWhile", make, notify)
        .next(notify)
        .forgets()
        .waiters(|| m.waiters(Cond::A) + m.entering())
        .touch(|| touch(m))
}

pub fn entering_until() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let held = std::sync::Mutex::new(m.try_enter());
    Line::new("Until", || m.enter().until(pending::<()>()), move || drop(held.lock().unwrap().take()))
        .waiters(|| m.entering())
        .touch(|| touch(m))
}

pub fn waiting_until() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let notify = || assert!(m.try_enter().expect("free").notify_one(Cond::A));
    Line::new("Until", || m.try_enter().expect("free").wait(Cond::A).until(pending::<()>()), notify)
        .next(notify)
        .forgets()
        .waiters(|| m.waiters(Cond::A) + m.entering())
        .touch(|| touch(m))
}

pub fn waiting_while_until() -> Line {
    let m = leak(Monitor::<_, Cond>::new(0));
    let notify = || {
        let mut inside = m.try_enter().expect("free");
        *inside += 1;
        assert!(inside.notify_one(Cond::A));
    };
    let make = || m.try_enter().expect("free").wait_while(Cond::A, |n| *n == 0).until(pending::<()>());
    Line::new("Until", make, notify)
        .next(notify)
        .forgets()
        .waiters(|| m.waiters(Cond::A) + m.entering())
        .touch(|| touch(m))
}

/// The lines of the monitor.
pub const MONITOR: &[fn() -> Line] = &[
    entering,
    entering_owned,
    waiting,
    waiting_owned,
    waiting_while,
    entering_until,
    waiting_until,
    waiting_while_until,
];
