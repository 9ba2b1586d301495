//! The contenders: one file per peer. A new one implements the traits of [`crate::kinds`] that it can serve and takes
//! its place in the lists below; no cell knows anybody by name.

mod async_channel;
mod async_lock;
mod asyncband;
mod crossbeam;
mod crossfire;
mod event_listener;
mod flume;
mod futures;
mod futures_intrusive;
mod kanal;
pub mod leased;
mod libraries;
pub mod merged;
mod oneshot;
mod polled;
mod sempost;
mod standard;
mod tachyonix;
mod threads;
mod tokio;

use crate::kinds::{
    Barrier, Batch, Closable, Closing, Event, Gate, Growing, Latch, Leases, Library, Line, Mailbox, Message, Monitor,
    Order, Reply, Sources, Weighted,
};

pub use threads::{
    MeetBlocking, MeetBlockingClosing, MeetLocks, MeetTrying, blocking, blocking_closing, locks, trying,
};

/// The one that all others are compared with.
pub const OURS: &str = "sempost";

/// The same, where newcomers may pass a few times.
pub const OURS_BARGING: &str = "sempost, barging";

/// The same, where everybody barges.
pub const OURS_UNFAIR: &str = "sempost, unfair";

/// All of ours.
pub const OURS_ALL: [&str; 3] = [OURS, OURS_BARGING, OURS_UNFAIR];

/// Whether a contender is ours: one in each cell.
pub fn is_ours(contender: &str) -> bool {
    OURS_ALL.contains(&contender)
}

/// The peer that has a comparison of its own.
pub const TOKIO: &str = "tokio";

/// Crates whose versions are printed: peers, what they are made of, executors.
pub const CRATES: &[&str] = &[
    "sempost",
    "async-channel",
    "async-lock",
    "async-std",
    "asyncband",
    "crossbeam-channel",
    "crossfire",
    "event-listener",
    "flume",
    "futures",
    "futures-intrusive",
    "kanal",
    "oneshot",
    "smol",
    "tachyonix",
    "tokio",
    "tokio-stream",
];

/// Somebody who wants to meet every mailbox that serves a line, and makes something of each.
pub trait MeetMailboxes<T: Message> {
    type Made;
    fn line(&self) -> Line;
    fn meet<M: Mailbox<T>>(&self) -> Self::Made;
}

pub fn mailboxes<T: Message, G: MeetMailboxes<T>>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet::<T, G, sempost::Mailbox>(guest, &mut made);
    greet::<T, G, async_channel::Channel>(guest, &mut made);
    greet::<T, G, asyncband::Mpsc>(guest, &mut made);
    greet::<T, G, asyncband::UnboundedMpsc>(guest, &mut made);
    greet::<T, G, asyncband::Mpmc>(guest, &mut made);
    greet::<T, G, asyncband::UnboundedMpmc>(guest, &mut made);
    greet::<T, G, crossfire::Spsc>(guest, &mut made);
    greet::<T, G, crossfire::UnboundedSpsc>(guest, &mut made);
    greet::<T, G, crossfire::Mpsc>(guest, &mut made);
    greet::<T, G, crossfire::UnboundedMpsc>(guest, &mut made);
    greet::<T, G, crossfire::Mpmc>(guest, &mut made);
    greet::<T, G, crossfire::UnboundedMpmc>(guest, &mut made);
    greet::<T, G, flume::Channel>(guest, &mut made);
    greet::<T, G, futures::Mpsc>(guest, &mut made);
    greet::<T, G, futures::UnboundedMpsc>(guest, &mut made);
    greet::<T, G, futures_intrusive::Channel>(guest, &mut made);
    greet::<T, G, kanal::Channel>(guest, &mut made);
    greet::<T, G, tachyonix::Mpsc>(guest, &mut made);
    greet::<T, G, tokio::Mpsc>(guest, &mut made);
    greet::<T, G, tokio::UnboundedMpsc>(guest, &mut made);
    made
}

/// Those of ours whose senders may pass others.
pub fn barging_mailboxes<T: Message, G: MeetMailboxes<T>>(guest: &G) -> [G::Made; 2] {
    [guest.meet::<sempost::MailboxOf<sempost::Bounded>>(), guest.meet::<sempost::MailboxOf<sempost::Unfair>>()]
}

fn greet<T: Message, G: MeetMailboxes<T>, M: Mailbox<T>>(guest: &G, made: &mut Vec<G::Made>) {
    if M::serves(guest.line()) {
        made.push(guest.meet::<M>());
    }
}

/// The same for mailboxes that move batches.
pub trait MeetBatches {
    type Made;
    fn meet<M: Batch>(&self) -> Self::Made;
}

pub fn batches<G: MeetBatches>(guest: &G) -> Vec<G::Made> {
    vec![guest.meet::<sempost::Mailbox>(), guest.meet::<tokio::Mpsc>()]
}

/// The same for mailboxes that a sender can close.
pub trait MeetClosing {
    type Made;
    fn line(&self) -> Line;
    fn meet<M: Closing>(&self) -> Self::Made;
}

pub fn closing<G: MeetClosing>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet_closing::<G, sempost::Mailbox>(guest, &mut made);
    greet_closing::<G, async_channel::Channel>(guest, &mut made);
    greet_closing::<G, futures::UnboundedMpsc>(guest, &mut made);
    greet_closing::<G, futures_intrusive::Channel>(guest, &mut made);
    greet_closing::<G, kanal::Channel>(guest, &mut made);
    greet_closing::<G, tachyonix::Mpsc>(guest, &mut made);
    made
}

fn greet_closing<G: MeetClosing, M: Closing>(guest: &G, made: &mut Vec<G::Made>) {
    if M::serves(guest.line()) {
        made.push(guest.meet::<M>());
    }
}

/// The same for semaphores and mutexes, of one order or of any.
pub trait MeetGates {
    type Made;
    fn order(&self) -> Option<Order>;
    fn meet<G: Gate>(&self) -> Self::Made;
}

pub fn semaphores<G: MeetGates>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet_ours::<G, sempost::Semaphore, sempost::BargingSemaphore<sempost::Unfair>>(guest, &mut made);
    greet_gate::<G, async_lock::Semaphore>(guest, &mut made);
    greet_gate::<G, asyncband::Semaphore>(guest, &mut made);
    greet_gate::<G, futures_intrusive::FairSemaphore>(guest, &mut made);
    greet_gate::<G, futures_intrusive::UnfairSemaphore>(guest, &mut made);
    greet_gate::<G, tokio::Semaphore>(guest, &mut made);
    made
}

pub fn mutexes<G: MeetGates>(guest: &G) -> Vec<G::Made> {
    let mut made = Vec::new();
    greet_ours::<G, sempost::Mutex, sempost::BargingMutex<sempost::Unfair>>(guest, &mut made);
    greet_gate::<G, async_lock::Mutex>(guest, &mut made);
    greet_gate::<G, asyncband::Mutex>(guest, &mut made);
    greet_gate::<G, futures::Mutex>(guest, &mut made);
    greet_gate::<G, futures_intrusive::FairMutex>(guest, &mut made);
    greet_gate::<G, futures_intrusive::UnfairMutex>(guest, &mut made);
    greet_gate::<G, tokio::Mutex>(guest, &mut made);
    made
}

/// The one that is first come, first served, or among bargers the one that barges as they do: without bound.
fn greet_ours<G: MeetGates, Fifo: Gate, Unfair: Gate>(guest: &G, made: &mut Vec<G::Made>) {
    match guest.order() {
        Some(Order::Barging) => greet_gate::<G, Unfair>(guest, made),
        _ => greet_gate::<G, Fifo>(guest, made),
    }
}

fn greet_gate<G: MeetGates, P: Gate>(guest: &G, made: &mut Vec<G::Made>) {
    if guest.order().is_none_or(|order| order == P::ORDER) {
        made.push(guest.meet::<P>());
    }
}

/// All of any order, a monitor taken as a mutex included.
pub fn gates<G: MeetGates>(guest: &G) -> Vec<G::Made> {
    let mut made = vec![guest.meet::<sempost::Entry>()];
    made.extend(semaphores(guest));
    made.push(guest.meet::<sempost::BargingSemaphore<sempost::Bounded>>());
    made.push(guest.meet::<sempost::BargingSemaphore<sempost::Unfair>>());
    made.extend(mutexes(guest));
    made.push(guest.meet::<sempost::BargingMutex<sempost::Bounded>>());
    made.push(guest.meet::<sempost::BargingMutex<sempost::Unfair>>());
    made
}

/// The same for semaphores that may grow.
pub trait MeetGrowing {
    type Made;
    fn meet<G: Growing>(&self) -> Self::Made;
}

pub fn growing<G: MeetGrowing>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Semaphore>(),
        guest.meet::<sempost::BargingSemaphore<sempost::Bounded>>(),
        guest.meet::<sempost::BargingSemaphore<sempost::Unfair>>(),
        guest.meet::<async_lock::Semaphore>(),
        guest.meet::<asyncband::Semaphore>(),
        guest.meet::<futures_intrusive::FairSemaphore>(),
        guest.meet::<futures_intrusive::UnfairSemaphore>(),
        guest.meet::<tokio::Semaphore>(),
    ]
}

/// The same for semaphores that can be closed.
pub trait MeetClosable {
    type Made;
    fn meet<G: Closable>(&self) -> Self::Made;
}

pub fn closable<G: MeetClosable>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Semaphore>(),
        guest.meet::<sempost::BargingSemaphore<sempost::Bounded>>(),
        guest.meet::<sempost::BargingSemaphore<sempost::Unfair>>(),
        guest.meet::<tokio::Semaphore>(),
    ]
}

/// The same for semaphores that give out many permits at once; all of them are first come, first served.
pub trait MeetWeighted {
    type Made;
    fn meet<G: Weighted>(&self) -> Self::Made;
}

pub fn weighted<G: MeetWeighted>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Semaphore>(),
        guest.meet::<asyncband::Semaphore>(),
        guest.meet::<futures_intrusive::FairSemaphore>(),
        guest.meet::<tokio::Semaphore>(),
    ]
}

/// Those that are not.
pub fn barging_weighted<G: MeetWeighted>(guest: &G) -> [G::Made; 2] {
    [
        guest.meet::<sempost::BargingSemaphore<sempost::Bounded>>(),
        guest.meet::<sempost::BargingSemaphore<sempost::Unfair>>(),
    ]
}

/// The same for barriers.
pub trait MeetBarriers {
    type Made;
    fn meet<B: Barrier>(&self) -> Self::Made;
}

pub fn barriers<G: MeetBarriers>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Barrier>(),
        guest.meet::<async_lock::Barrier>(),
        guest.meet::<asyncband::Barrier>(),
        guest.meet::<tokio::Barrier>(),
    ]
}

/// The same for latches. Those of tokio and event-listener are what their users write by hand.
pub trait MeetLatches {
    type Made;
    fn meet<L: Latch>(&self) -> Self::Made;
}

pub fn latches<G: MeetLatches>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Latch>(),
        guest.meet::<asyncband::Latch>(),
        guest.meet::<event_listener::Latch>(),
        guest.meet::<tokio::Latch>(),
        guest.meet::<tokio::Watched>(),
    ]
}

/// The same for monitors.
pub trait MeetMonitors {
    type Made;
    fn meet<M: Monitor>(&self) -> Self::Made;
}

pub fn monitors<G: MeetMonitors>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Monitor>(),
        guest.meet::<async_lock::Monitor>(),
        guest.meet::<asyncband::Monitor>(),
        guest.meet::<tokio::Monitor>(),
    ]
}

/// Only those with a condition variable.
pub fn condvars<G: MeetMonitors>(guest: &G) -> Vec<G::Made> {
    vec![guest.meet::<sempost::MutexAndCondvars>(), guest.meet::<asyncband::Monitor>()]
}

/// Only those that are not made of parts here.
pub fn own_monitors<G: MeetMonitors>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Monitor>(),
        guest.meet::<sempost::MutexAndCondvars>(),
        guest.meet::<asyncband::Monitor>(),
    ]
}

/// The same for readers-writer locks.
pub trait MeetLibraries {
    type Made;
    fn meet<L: Library>(&self) -> Self::Made;
}

pub fn libraries<G: MeetLibraries>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<libraries::Ours>(),
        guest.meet::<libraries::AsyncLock>(),
        guest.meet::<libraries::Asyncband>(),
        guest.meet::<libraries::Tokio>(),
    ]
}

/// The same for events.
pub trait MeetEvents {
    type Made;
    fn meet<E: Event>(&self) -> Self::Made;
}

pub fn events<G: MeetEvents>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::SemaphoreClosed>(),
        guest.meet::<sempost::MailboxClosed>(),
        guest.meet::<sempost::MailboxDrained>(),
        guest.meet::<event_listener::Event>(),
        guest.meet::<futures_intrusive::ManualResetEvent>(),
        guest.meet::<tokio::Notify>(),
    ]
}

/// The same for reply ports.
pub trait MeetReplies {
    type Made;
    fn meet<R: Reply>(&self) -> Self::Made;
}

pub fn replies<G: MeetReplies>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<sempost::Oneshot>(),
        guest.meet::<futures::Oneshot>(),
        guest.meet::<oneshot::Channel>(),
        guest.meet::<tokio::Oneshot>(),
    ]
}

/// The same for what merges sources.
pub trait MeetSources {
    type Made;
    fn meet<S: Sources>(&self) -> Self::Made;

    /// The same, where no source is idle.
    fn meet_without_idle<S: Sources>(&self) -> Self::Made;
}

pub fn one_source<G: MeetSources>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<merged::Ours>(),
        guest.meet::<merged::Plain>(),
        guest.meet::<merged::Map>(),
        guest.meet::<merged::All>(),
    ]
}

pub fn sources<G: MeetSources>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<merged::Ours>(),
        guest.meet::<merged::MapOfOurs>(),
        guest.meet::<merged::Map>(),
        guest.meet::<merged::All>(),
    ]
}

pub fn idle_sources<G: MeetSources>(guest: &G) -> Vec<G::Made> {
    vec![guest.meet::<merged::Ours>(), guest.meet_without_idle::<merged::WithoutIdle>(), guest.meet::<merged::Map>()]
}

/// The same for limits on what is queued and in work.
pub trait MeetLeases {
    type Made;
    fn meet<L: Leases>(&self) -> Self::Made;
}

pub fn leases<G: MeetLeases>(guest: &G) -> Vec<G::Made> {
    vec![
        guest.meet::<leased::Ours>(),
        guest.meet::<leased::Plain>(),
        guest.meet::<leased::TokioByHand>(),
        guest.meet::<leased::AsyncByHand>(),
    ]
}

/// What peers want to have called once before anything else.
pub fn prepare() {
    ::crossfire::detect_backoff_cfg();
}
