//! The "lines" of the reply port: as many channels, whose other ends act all at once.

use super::{Line, leak};
use sempost::oneshot::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// The other ends.
struct Ends<X>(Arc<Mutex<Vec<X>>>);

impl<X> Clone for Ends<X> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<X> Ends<X> {
    fn new() -> Self {
        Self(Arc::default())
    }

    /// Something foreign may run meanwhile, and panic.
    fn with<R>(&self, f: impl FnOnce(&mut Vec<X>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Vec<X> {
        self.with(std::mem::take)
    }
}

pub fn answering() -> Line {
    let ends = Ends::<Sender<u32>>::new();
    let (asked, back) = (ends.clone(), ends.clone());
    let make = move || {
        let (sender, receiver) = oneshot::channel();
        asked.with(|senders| senders.push(sender));
        receiver
    };
    Line::new("Receiver", make, move || ends.take().into_iter().for_each(|sender| _ = sender.send(7)))
        .all()
        .forgets()
        .touch(move || {
            back.with(|senders| {
                for sender in senders {
                    assert!(!format!("{sender:?} {}", sender.is_closed()).is_empty());
                    let _ = super::super::poll(&mut Box::pin(sender.closed()), &super::Bell::new());
                }
            });
        })
}

fn watched(end: fn(Receiver<u32>)) -> Line {
    let ends = Ends::<Receiver<u32>>::new();
    let (asked, back) = (ends.clone(), ends.clone());
    let make = move || {
        let (sender, receiver) = oneshot::channel();
        asked.with(|receivers| receivers.push(receiver));
        leak(sender).closed()
    };
    Line::new("Watching", make, move || ends.take().into_iter().for_each(end)).all().forgets().touch(move || {
        back.with(|receivers| {
            for receiver in receivers {
                assert!(!format!("{receiver:?}").is_empty() && receiver.try_recv().is_err());
            }
        });
    })
}

pub fn watching() -> Line {
    watched(drop)
}

pub fn watching_a_close() -> Line {
    watched(|mut receiver| receiver.close())
}

/// The lines of the reply port.
pub const ONESHOT: &[fn() -> Line] = &[answering, watching, watching_a_close];
