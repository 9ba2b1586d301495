//! The lists of those that serve threads.

use super::polled::Polled;
use super::{
    async_channel, async_lock, asyncband, crossbeam, crossfire, flume, futures, futures_intrusive, kanal, sempost,
    standard, tokio,
};
use crate::kinds::{Blocking, BlockingClosing, Line, Lock, Trying};

/// Somebody who wants to meet every mailbox between threads that serves a line, and makes something of each.
pub trait MeetBlocking {
    type Made;
    fn line(&self) -> Line;
    fn meet<M: Blocking>(&self) -> Self::Made;
}

pub fn blocking<G: MeetBlocking>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet_blocking::<G, sempost::Mailbox>(guest, &mut made);
    greet_blocking::<G, crossbeam::Channel>(guest, &mut made);
    greet_blocking::<G, crossfire::Blocking>(guest, &mut made);
    greet_blocking::<G, crossfire::UnboundedBlocking>(guest, &mut made);
    greet_blocking::<G, flume::Channel>(guest, &mut made);
    greet_blocking::<G, kanal::Channel>(guest, &mut made);
    made
}

fn greet_blocking<G: MeetBlocking, M: Blocking>(guest: &G, made: &mut Vec<G::Made>) {
    if M::serves(guest.line()) {
        made.push(guest.meet::<M>());
    }
}

/// The same for mailboxes between threads that can also be tried, by one sender and one receiver.
pub trait MeetTrying {
    type Made;
    fn line(&self) -> Line;
    fn meet<M: Trying>(&self) -> Self::Made;
}

pub fn trying<G: MeetTrying>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet_trying::<G, sempost::Mailbox>(guest, &mut made);
    greet_trying::<G, async_channel::Channel>(guest, &mut made);
    greet_trying::<G, crossbeam::Channel>(guest, &mut made);
    greet_trying::<G, crossfire::BlockingSpsc>(guest, &mut made);
    greet_trying::<G, crossfire::UnboundedBlockingSpsc>(guest, &mut made);
    greet_trying::<G, flume::Channel>(guest, &mut made);
    greet_trying::<G, kanal::Channel>(guest, &mut made);
    greet_trying::<G, standard::Mpsc>(guest, &mut made);
    greet_trying::<G, standard::UnboundedMpsc>(guest, &mut made);
    greet_trying::<G, tokio::Mpsc>(guest, &mut made);
    greet_trying::<G, tokio::UnboundedMpsc>(guest, &mut made);
    made
}

fn greet_trying<G: MeetTrying, M: Trying>(guest: &G, made: &mut Vec<G::Made>) {
    if M::serves(guest.line()) {
        made.push(guest.meet::<M>());
    }
}

/// The same for those that a thread can close while others send and receive.
pub trait MeetBlockingClosing {
    type Made;
    fn meet<M: BlockingClosing>(&self) -> Self::Made;
}

pub fn blocking_closing<G: MeetBlockingClosing>(guest: &G) -> Vec<G::Made> {
    vec![guest.meet::<sempost::Mailbox>(), guest.meet::<async_channel::Channel>(), guest.meet::<kanal::Channel>()]
}

/// The same for mutexes between threads.
pub trait MeetLocks {
    type Made;
    fn meet<L: Lock>(&self) -> Self::Made;
}

pub fn locks<G: MeetLocks>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Mutex>(),
        guest.meet::<async_lock::Mutex>(),
        guest.meet::<Polled<asyncband::Mutex>>(),
        guest.meet::<Polled<futures::Mutex>>(),
        guest.meet::<Polled<futures_intrusive::FairMutex>>(),
        guest.meet::<Polled<futures_intrusive::UnfairMutex>>(),
        guest.meet::<standard::Mutex>(),
        guest.meet::<tokio::Mutex>(),
    ]
}
