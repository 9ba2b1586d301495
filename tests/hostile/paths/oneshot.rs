//! The paths of a reply port's value. `n` of them go through as many channels.

use std::pin::Pin;

use sempost::oneshot::{Receiver, Sender, TryRecvError, channel};

use super::{drop_it, hostile};
use crate::calm::calm;
use crate::common::{Bell, poll, ready};
use crate::loads::Load;

/// As many channels, the other end of each in the hand of `f`.
fn each<T: Load>(n: usize, f: impl Fn(Sender<T>, Receiver<T>)) {
    for _ in 0..n {
        let (tx, rx) = channel();
        f(tx, rx);
    }
}

/// Its receiver has gone to sleep.
fn asleep<T: Load>(bell: &Bell) -> (Sender<T>, Pin<Box<Receiver<T>>>) {
    let (tx, rx) = channel();
    let mut rx = Box::pin(rx);
    assert!(poll(&mut rx, bell).is_pending());
    (tx, rx)
}

pub(super) fn receiver_goes<T: Load>(n: usize) {
    each(n, |tx: Sender<T>, rx| {
        assert!(tx.send(T::new()).is_ok());
        drop_it(rx);
    });
}

pub(super) fn woken_receiver_goes<T: Load>(n: usize) {
    for _ in 0..n {
        let bell = Bell::new();
        let (tx, rx) = asleep::<T>(&bell);
        assert!(tx.send(T::new()).is_ok());
        drop_it(rx);
        assert_eq!((bell.wakes(), bell.held()), (1, 0));
    }
}

/// The wake that says that it is there panics: it is there all the same.
pub(super) fn waker_panics<T: Load>(n: usize) {
    for _ in 0..n {
        let bell = hostile();
        let (tx, rx) = asleep::<T>(&bell);
        assert!(calm(|| tx.send(T::new()).is_ok()).raged());
        drop_it(rx);
        assert_eq!((bell.wakes(), bell.held()), (1, 0));
    }
}

pub(super) fn closed_receiver_goes<T: Load>(n: usize) {
    each(n, |tx: Sender<T>, mut rx| {
        assert!(tx.send(T::new()).is_ok());
        rx.close();
        drop_it(rx);
    });
}

pub(super) fn received<T: Load>(n: usize) {
    for _ in 0..n {
        let bell = Bell::new();
        let (tx, mut rx) = asleep::<T>(&bell);
        assert!(tx.send(T::new()).is_ok());
        drop_it(ready(&mut rx, &bell));
        drop_it(rx);
    }
}

pub(super) fn tried<T: Load>(n: usize) {
    each(n, |tx: Sender<T>, mut rx| {
        assert!(tx.send(T::new()).is_ok());
        drop_it(rx.try_recv());
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Closed)));
    });
}

/// By turns to a receiver that is gone and to one that is closed.
pub(super) fn refused<T: Load>(n: usize) {
    for i in 0..n {
        let (tx, mut rx) = channel::<T>();
        rx.close();
        let rx = (i % 2 == 0).then_some(rx);
        drop_it(tx.send(T::new()));
        assert!(rx.is_none_or(|mut rx| matches!(rx.try_recv(), Err(TryRecvError::Closed))));
    }
}
