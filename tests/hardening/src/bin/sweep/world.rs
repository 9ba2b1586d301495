//! A primitive with its model, and the places of three waiters.

use std::pin::Pin;
use std::task::{Context, Poll};

use hardening::Arena;
use hardening::spec::Id;

use crate::op::Op;
use crate::task::Book;

/// A fresh primitive in the middle of a string, beside its model.
pub trait World {
    /// Does `op` on both and compares the answers. `false`: it has no object – there is no such waiter, nothing is held
    /// – and nothing was done.
    fn step(&mut self, op: Op) -> bool;

    /// Takes note of who was woken.
    fn observe(&mut self);

    /// Compares the counts and the wakes.
    fn check(&mut self);

    /// Polls somebody who is awake, or else drops a waiter, or else gives something back; `false` when nothing is left.
    fn wind_up(&mut self) -> bool;

    /// The state, for whoever reads of a fault.
    fn state(&self) -> String;
}

/// Something to sweep.
pub trait Scene {
    fn name(&self) -> String;

    fn alphabet(&self) -> Vec<Op>;

    /// Makes the primitive and its world, lets `body` play in it, and ends both.
    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World));
}

/// A waiter that is there.
pub struct Place<F: ?Sized> {
    pub future: Pin<Box<F>>,
    /// Its number in the book and in the specification.
    pub id: Id,
}

impl<F: Future> Place<F> {
    pub fn new(future: F, id: Id) -> Self {
        Self { future: Box::pin(future), id }
    }
}

impl<F: Future + ?Sized> Place<F> {
    pub fn poll(&mut self, book: &mut Book) -> Poll<F::Output> {
        let waker = book.waker(self.id);
        let answer = self.future.as_mut().poll(&mut Context::from_waker(&waker));
        if answer.is_pending() {
            book.sleeps(self.id);
        } else {
            book.leaves(self.id);
        }
        answer
    }
}

pub type Places<P> = [Option<P>; 3];

/// Who is to be polled next when a string is wound up: first somebody who is awake (`true`), then anybody who is there.
pub fn next_up<P>(places: &Places<P>, is_awake: impl Fn(&P) -> bool) -> Option<(usize, bool)> {
    let there = |awake: bool| {
        let wanted = |place: &Option<P>| place.as_ref().is_some_and(|place| is_awake(place) == awake);
        places.iter().position(wanted).map(|at| (at, awake))
    };
    there(true).or_else(|| there(false))
}
