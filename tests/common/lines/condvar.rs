//! The lines of the condition variable.

use super::{Line, leak};
use sempost::{Condvar, Fairness, Mutex};
use std::future::pending;
use std::sync::Arc;

fn touch(c: &Condvar, m: &Mutex<i32>) {
    drop(m.try_lock());
    assert_eq!(c.notify_many(0), 0);
    assert!(!format!("{c:?} {m:?} {}", c.waiters() + m.waiters()).is_empty());
    drop(super::super::poll(&mut Box::pin(m.lock()), &super::Bell::new()));
}

fn awaiting(fairness: Fairness) -> Line {
    let (c, m) = (leak(Condvar::new()), leak(Mutex::with_fairness(0, fairness)));
    Line::new("CondvarWaiting", || c.wait(m.try_lock().expect("free")), || assert!(c.notify_one()))
        .next(|| assert!(c.notify_one()))
        .forgets()
        .waiters(|| c.waiters() + m.waiters())
        .touch(|| touch(c, m))
}

pub fn awaiting_fifo() -> Line {
    awaiting(Fairness::Fifo)
}

pub fn awaiting_barging() -> Line {
    awaiting(Fairness::Barging { overtakes: 1_000 })
}

pub fn awaiting_unbounded() -> Line {
    awaiting(Fairness::Unfair)
}

pub fn awaiting_owned() -> Line {
    let (c, m) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let ((tell, count, door), again) = ((c.clone(), c.clone(), m.clone()), (c.clone(), m.clone()));
    let notify = move || assert!(tell.notify_one());
    Line::new("CondvarWaiting", move || c.wait_owned(m.try_lock_owned().expect("free")), notify.clone())
        .next(notify)
        .forgets()
        .waiters(move || count.waiters() + door.waiters())
        .touch(move || touch(&again.0, &again.1))
}

pub fn awaiting_while() -> Line {
    let (c, m) = (leak(Condvar::new()), leak(Mutex::new(0)));
    let notify = || {
        *m.try_lock().expect("free") += 1;
        assert!(c.notify_one());
    };
    let make = || c.wait_while(m.try_lock().expect("free"), |n| *n == 0);
    Line::new("CondvarWaitingWhile", make, notify)
        .next(notify)
        .forgets()
        .waiters(|| c.waiters() + m.waiters())
        .touch(|| touch(c, m))
}

pub fn awaiting_until() -> Line {
    let (c, m) = (leak(Condvar::new()), leak(Mutex::new(0)));
    let notify = || assert!(c.notify_one());
    Line::new("Until", || c.wait(m.try_lock().expect("free")).until(pending::<()>()), notify)
        .next(notify)
        .forgets()
        .waiters(|| c.waiters() + m.waiters())
        .touch(|| touch(c, m))
}

pub fn awaiting_while_until() -> Line {
    let (c, m) = (leak(Condvar::new()), leak(Mutex::new(0)));
    let notify = || {
        *m.try_lock().expect("free") += 1;
        assert!(c.notify_one());
    };
    let make = || c.wait_while(m.try_lock().expect("free"), |n| *n == 0).until(pending::<()>());
    Line::new("Until", make, notify).next(notify).forgets().waiters(|| c.waiters() + m.waiters()).touch(|| touch(c, m))
}

/// The lines of the condition variable.
pub const CONDVAR: &[fn() -> Line] = &[
    awaiting_fifo,
    awaiting_barging,
    awaiting_unbounded,
    awaiting_owned,
    awaiting_while,
    awaiting_until,
    awaiting_while_until,
];
