//! The doors of monitors and events.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::pin;

use super::super::task::Visit;
use super::{Crowd, Door, leak};
use crate::kinds::{Condition, Event, Monitor};
use crate::poll::{at_once, poll};

/// Somebody in the monitor notifies those who wait for a condition.
pub struct Notify<M>(pub PhantomData<M>);

impl<M: Monitor> Door for Notify<M> {
    type Place = &'static M;
    type Seat = ();
    const NEW_WAIT: bool = true;
    const ONE_BY_ONE: bool = true;
    const CROWD: Option<Crowd> = Some(Crowd::InTurn);

    fn name(&self) -> String {
        format!("{}, notified", M::WHAT)
    }
    fn crate_name(&self) -> &'static str {
        M::NAME
    }
    fn open(&self) -> (&'static M, Vec<()>) {
        (leak(M::new()), vec![(); self.seats()])
    }
    fn wait<'a>(monitor: &'a &'static M, (): &'a mut ()) -> impl Future + 'a {
        async {
            let guard = monitor.enter().await;
            drop(monitor.wait(guard, Condition::NotEmpty).await);
        }
    }
    fn let_go(monitor: &&'static M, many: usize) {
        let guard = at_once(monitor.enter());
        match many {
            1 => monitor.leave_and_notify_one(guard, Condition::NotEmpty),
            _ => monitor.leave_and_notify_all(guard, Condition::NotEmpty),
        }
    }
    fn visitor(&self, monitor: &&'static M, (): &()) -> Visit {
        let monitor = *monitor;
        Box::new(|| {
            drop(poll(pin!(monitor.enter())));
            false
        })
    }
}

/// It happens.
pub struct Happen<E>(pub PhantomData<E>);

impl<E: Event> Door for Happen<E> {
    type Place = &'static E;
    type Seat = ();
    const NEW_WAIT: bool = true;
    const ONE_BY_ONE: bool = E::ONE_BY_ONE;
    const CROWD: Option<Crowd> = Some(Crowd::AtOnce);

    fn name(&self) -> String {
        E::WHAT.to_owned()
    }
    fn crate_name(&self) -> &'static str {
        E::NAME
    }
    fn open(&self) -> (&'static E, Vec<()>) {
        (leak(E::new()), vec![(); self.seats()])
    }
    fn wait<'a>(event: &'a &'static E, (): &'a mut ()) -> impl Future + 'a {
        event.wait()
    }
    fn let_go(event: &&'static E, many: usize) {
        event.happen(many);
    }
    fn visitor(&self, event: &&'static E, (): &()) -> Visit {
        let event = *event;
        Box::new(|| {
            drop(poll(pin!(event.wait())));
            false
        })
    }
}
