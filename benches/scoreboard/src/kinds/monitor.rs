//! Monitors: data, a mutex, and two conditions to wait for.

use std::collections::VecDeque;
use std::future::Future;
use std::ops::DerefMut;

/// What the monitors of all cells protect.
#[derive(Default)]
pub struct Shared {
    pub queue: VecDeque<u64>,
    /// Counts the calls to everybody.
    pub call: u64,
    /// How many have answered the current call.
    pub answers: usize,
}

#[derive(Clone, Copy)]
pub enum Condition {
    NotFull,
    NotEmpty,
}

/// A monitor, or what a peer's users build in its place.
///
/// Users of a mutex with an event leave first and notify then: that saves them a wake-up into a taken lock. So leaving
/// and notifying are one operation here, and everybody does it in the order that serves best.
pub trait Monitor: Send + Sync + 'static {
    const NAME: &'static str;
    const WHAT: &'static str = "monitor";
    type Guard<'a>: DerefMut<Target = Shared> + Send;

    fn new() -> Self;
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send;

    /// Leaves, waits for a notification, which may be spurious, and enters again.
    fn wait<'a>(&'a self, guard: Self::Guard<'a>, condition: Condition)
    -> impl Future<Output = Self::Guard<'a>> + Send;

    fn leave_and_notify_one(&self, guard: Self::Guard<'_>, condition: Condition);
    fn leave_and_notify_all(&self, guard: Self::Guard<'_>, condition: Condition);
}
