//! A monitor without entering it: its data for an exclusive owner, and what can be seen.

use core::fmt;

use super::conditions::Conditions;
use super::monitor::Monitor;
use crate::mutex::HasMutex;

impl<T, C: Conditions> Monitor<T, C> {
    /// Consumes the monitor and returns the data.
    pub fn into_inner(self) -> T {
        self.protected.into_inner()
    }
}

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Returns the data without entering: `&mut self` proves that there is no other user.
    pub fn get_mut(&mut self) -> &mut T {
        self.protected.get_mut()
    }

    /// Returns how many wait for `condition` and have not been notified.
    pub fn waiters(&self, condition: C) -> usize {
        self.state.lock().parts(condition.index()).1.len()
    }

    /// Returns how many wait for a predicate, including those that were notified and have not entered yet. A waiter
    /// counts once it has been inside, and its predicate did not hold.
    pub fn predicates(&self) -> usize {
        self.state.lock().waiting()
    }

    /// Returns how many wait to enter: those in the entry line, and the notified waiters.
    pub fn entering(&self) -> usize {
        let mut state = self.state.lock();
        state.notified() + state.mutex().line.len()
    }

    /// Returns whether the monitor was handed to a waiter, at the entry or of a condition, that has not been polled
    /// since. **A future that is neither polled nor dropped keeps it.**
    pub fn is_handed_over(&self) -> bool {
        self.state.lock().mutex().is_given(self.state.hints().redeemed())
    }

    /// Returns whether the monitor is occupied: a guard is alive, or it was handed over.
    pub fn is_occupied(&self) -> bool {
        self.state.lock().mutex().is_locked()
    }
}

impl<T: ?Sized + fmt::Debug, C: Conditions> fmt::Debug for Monitor<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Waiters<'a, T: ?Sized, C: Conditions>(&'a Monitor<T, C>);

        impl<T: ?Sized, C: Conditions> fmt::Debug for Waiters<'_, T, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map().entries(C::ALL.iter().map(|&c| (c, self.0.waiters(c)))).finish()
            }
        }

        let mut shown = f.debug_struct("Monitor");
        // With a waiter in line, to try could count as an overtake.
        let data = if self.entering() == 0 { self.try_enter() } else { None };
        match data {
            Some(data) => shown.field("data", &&*data),
            None if self.is_occupied() => shown.field("data", &format_args!("<occupied>")),
            None => shown.field("data", &format_args!("<offered to those that wait>")),
        };
        shown.field("handed_over", &self.is_handed_over());
        shown.field("entering", &self.entering()).field("waiters", &Waiters(self));
        shown.field("predicates", &self.predicates()).finish()
    }
}

#[cfg(feature = "inspect")]
impl<Q: super::conditions::Queues> crate::record::Shown for super::state::MonitorState<Q> {
    fn counts(&self) -> crate::record::Counts {
        crate::record::Shown::counts(&self.mutex)
    }
}
