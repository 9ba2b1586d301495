//! The doors of semaphores and mutexes.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::pin;

use super::super::task::Visit;
use super::{Crowd, Door, leak};
use crate::kinds::{Closable, Gate, Growing};
use crate::poll::{at_once, poll};

fn visitor<G: Gate>(gate: &'static G) -> Visit {
    // What it gets it gives back.
    Box::new(|| {
        let mut first = pin!(gate.enter());
        if let Some(_inside) = poll(first.as_mut()) {
            drop(poll(pin!(gate.enter())));
        }
        false
    })
}

/// Whoever is inside leaves.
pub struct Release<G>(pub PhantomData<G>);

/// A gate, and what those inside hold.
pub struct Inside<G: 'static> {
    gate: &'static G,
    held: RefCell<Vec<Box<dyn Any>>>,
}

impl<G: Gate> Door for Release<G> {
    type Place = Inside<G>;
    type Seat = ();
    const NEW_WAIT: bool = true;
    const ONE_BY_ONE: bool = true;
    const CROWD: Option<Crowd> = None;

    fn name(&self) -> String {
        format!("{}, released", G::WHAT)
    }
    fn crate_name(&self) -> &'static str {
        G::NAME
    }
    fn open(&self) -> (Inside<G>, Vec<()>) {
        let gate: &'static G = leak(G::new(1));
        let held: Box<dyn Any> = Box::new(at_once(gate.enter()));
        (Inside { gate, held: RefCell::new(vec![held]) }, vec![(); self.seats()])
    }
    fn wait<'a>(place: &'a Inside<G>, (): &'a mut ()) -> impl Future + 'a {
        place.gate.enter()
    }
    fn let_go(place: &Inside<G>, _: usize) {
        let held = place.held.take();
        drop(held);
    }
    fn visitor(&self, place: &Inside<G>, (): &()) -> Visit {
        visitor(place.gate)
    }
}

/// There are more permits than before.
pub struct Add<G>(pub PhantomData<G>);

impl<G: Growing> Door for Add<G> {
    type Place = &'static G;
    type Seat = ();
    const NEW_WAIT: bool = false;
    const ONE_BY_ONE: bool = true;
    const CROWD: Option<Crowd> = Some(Crowd::AtOnce);

    fn name(&self) -> String {
        format!("{}, permits added", G::WHAT)
    }
    fn crate_name(&self) -> &'static str {
        G::NAME
    }
    fn open(&self) -> (&'static G, Vec<()>) {
        (leak(G::new(0)), vec![(); self.seats()])
    }
    fn wait<'a>(gate: &'a &'static G, (): &'a mut ()) -> impl Future + 'a {
        gate.enter()
    }
    fn let_go(gate: &&'static G, many: usize) {
        gate.add(many);
    }
    fn visitor(&self, gate: &&'static G, (): &()) -> Visit {
        visitor(*gate)
    }
}

/// There will be no permits any more.
pub struct Close<G>(pub PhantomData<G>);

impl<G: Closable> Door for Close<G> {
    type Place = &'static G;
    type Seat = ();
    const NEW_WAIT: bool = false;
    const ONE_BY_ONE: bool = false;
    const CROWD: Option<Crowd> = Some(Crowd::AtOnce);

    fn name(&self) -> String {
        format!("{}, closed", G::WHAT)
    }
    fn crate_name(&self) -> &'static str {
        G::NAME
    }
    fn open(&self) -> (&'static G, Vec<()>) {
        (leak(G::new(0)), vec![(); self.seats()])
    }
    fn wait<'a>(gate: &'a &'static G, (): &'a mut ()) -> impl Future + 'a {
        gate.enter()
    }
    fn let_go(gate: &&'static G, _: usize) {
        gate.close();
    }
    fn visitor(&self, gate: &&'static G, (): &()) -> Visit {
        visitor(*gate)
    }
}
