//! Where one can wait, whatever it is: the probes of [`super::waiting`] are asked at every door of every crate.

mod gates;
mod mailboxes;
mod others;

use std::future::Future;

use super::task::Visit;

pub use gates::{Add, Close, Release};
pub use mailboxes::{End, Ends, Receive, Receivers, Send, Senders, send_and_stay};
pub use others::{Happen, Notify};

/// How one operation lets many go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// It wakes all of them.
    AtOnce,
    /// Whoever goes lets the next one go.
    InTurn,
}

/// Somewhere to wait. It is shut when it is made.
pub trait Door: 'static {
    type Place: 'static;
    /// What everybody who waits has of its own: a handle, or nothing.
    type Seat: 'static;

    /// Who waits here waits as at no other door; otherwise only the manner of being let go is new.
    const NEW_WAIT: bool;
    const ONE_BY_ONE: bool;
    const CROWD: Option<Crowd>;

    fn name(&self) -> String;
    fn crate_name(&self) -> &'static str;

    /// How many can wait.
    fn seats(&self) -> usize {
        3
    }
    /// Whether somebody else can come by while they wait.
    fn has_visitors(&self) -> bool {
        true
    }
    /// Whether what was meant for one who leaves is of use to the next.
    fn has_heirs(&self) -> bool {
        Self::ONE_BY_ONE && self.seats() > 1
    }

    fn open(&self) -> (Self::Place, Vec<Self::Seat>);
    fn wait<'a>(place: &'a Self::Place, seat: &'a mut Self::Seat) -> impl Future + 'a;

    /// Lets so many go, or all of them if it cannot count.
    fn let_go(place: &Self::Place, many: usize);

    /// Somebody who uses the same primitive; a second time if the first time it did not have to wait.
    fn visitor(&self, place: &Self::Place, seat: &Self::Seat) -> Visit;
}

/// For what has to live as long as the process, which is short.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
