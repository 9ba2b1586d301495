//! The kinds of waker: one that behaves, and twelve that do not.

use std::sync::Arc;
use std::task::Waker;

use crate::calm::{rage, temper};
use crate::common::Bell;
use crate::scene::Scene;
use crate::spots::Spot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not hostile.
    Tame,
    WakeReenters,
    CloneReenters,
    DropReenters,
    WakePanics,
    ClonePanics,
    DropPanics,
    /// `will_wake` always says no.
    Fickle,
    /// `will_wake` says yes to another task: both have one data pointer and one table.
    Shared,
    /// Its wake drops the future that waits, and a kept clone wakes when the primitive is gone.
    Late,
    /// Its wake waits for another thread, which comes back to the primitive.
    Elsewhere,
    /// Its wake polls the future there and then.
    Inline,
    /// Wakes nobody.
    Mute,
}

pub(crate) const HOSTILE: [Kind; 12] = [
    Kind::WakeReenters,
    Kind::CloneReenters,
    Kind::DropReenters,
    Kind::WakePanics,
    Kind::ClonePanics,
    Kind::DropPanics,
    Kind::Fickle,
    Kind::Shared,
    Kind::Late,
    Kind::Elsewhere,
    Kind::Inline,
    Kind::Mute,
];

/// A task: who is woken when one of its futures has something.
pub(crate) enum Task {
    Bell(Arc<Bell>),
    Mute,
}

impl Task {
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Mute => Self::Mute,
            Kind::Fickle => Self::Bell(Arc::new(Bell::fickle())),
            _ => Self::Bell(Arc::default()),
        }
    }

    /// The same task once more: for another future of it.
    pub(crate) fn share(&self) -> Self {
        match self {
            Self::Bell(bell) => Self::Bell(Arc::clone(bell)),
            Self::Mute => Self::Mute,
        }
    }

    pub(crate) fn waker(&self) -> &Waker {
        match self {
            Self::Bell(bell) => bell.waker(),
            Self::Mute => Waker::noop(),
        }
    }

    pub(crate) fn bell(&self) -> Option<&Arc<Bell>> {
        match self {
            Self::Bell(bell) => Some(bell),
            Self::Mute => None,
        }
    }

    /// Makes the wakers of this task do what is their kind. `spot` is where the task's future waits.
    pub(crate) fn arm(&self, kind: Kind, scene: &Scene, spot: &Spot) {
        let Some(bell) = self.bell() else { return };
        let touch = Arc::clone(&scene.touch);
        match kind {
            Kind::Tame | Kind::Fickle | Kind::Shared | Kind::Mute => {}
            Kind::WakeReenters => bell.on_wake(move || touch()),
            Kind::CloneReenters => bell.on_clone(move || touch()),
            Kind::DropReenters => bell.on_drop(move || touch()),
            Kind::WakePanics => bell.on_wake(temper()),
            Kind::ClonePanics => bell.on_clone(rage),
            Kind::DropPanics => bell.on_drop(rage),
            Kind::Late => bell.on_wake({
                let place = spot.place();
                move || drop(place.take_guest())
            }),
            Kind::Elsewhere => bell.on_wake(move || {
                let touch = Arc::clone(&touch);
                std::thread::spawn(move || touch()).join().expect("the other thread comes back");
            }),
            Kind::Inline => bell.on_wake({
                let place = spot.place();
                move || place.poll_inline()
            }),
        }
    }

    pub(crate) fn disarm(&self) {
        if let Some(bell) = self.bell() {
            bell.unhook();
        }
    }
}
