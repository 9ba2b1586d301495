//! Automatic signalling: who leaves asks the predicates of those that wait, and notifies the first whose predicate
//! holds. After P. A. Buhr and A. S. Harji, "Implicit-signal monitors" (2005), and W.-L. Hung and V. K. Garg,
//! "AutoSynch" (PLDI 2013).
//!
//! ```text
//!   inside, it does not hold ──takes a seat──▶ sleeps ──another leaves, and it holds──▶ called ──inside again──╮
//!                                                ▲╰─── gives up ──▶ gone                 ╰─ gives up: ask again │
//!                                                ╰────────────────── somebody was faster ──────────────────────╯
//! ```
//!
//! - (A1) The table is changed, and predicates are asked, only by the one inside. It takes the table out of its lock
//!   meanwhile: no foreign code runs under a lock, and no seat is counted up and down.
//! - (A2) The data was changed since all predicates were found not to hold ⇒ the mark `changed` is set, and the one
//!   inside asks when it leaves; or one that was called carries the mark, and sets it again when it is inside. So
//!   those that come and go in between ask nobody.
//! - (A3) One that was called and gives up leaves its mark as the order `again` in the state, under the lock. So
//!   whoever is inside asks before it leaves. If nobody is inside, it enters and leaves itself.
//! - (A4) A waiter that was called, and finds that its predicate does not hold, keeps its seat: its place in the table.

use core::mem::{ManuallyDrop, forget};

use super::conditions::Conditions;
use super::monitor::Monitor;
use super::predicate::Data;
use super::seat::Seat;
use super::state::{AskAndLeave, MonitorState};
use super::watch::Swept;
use crate::lock::LockGuard;
use crate::mutex::Guard;
use crate::wait::{Defer, Wake};

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Leaves, if others wait in any way.
    #[inline(never)]
    pub(super) fn leave(&self, mut state: LockGuard<'_, MonitorState<C::Queues>>) {
        let again = state.is_to_ask_again();
        if state.asleep() > 0 && (self.watch.is_changed() || again) {
            drop(state);
            return self.ask_and_leave(AskAndLeave { again });
        }
        let mut to_wake = None;
        state.leave(&mut to_wake);
        drop(state);
        Wake::wake_one(&mut to_wake);
    }

    /// One that was called has given up (A3).
    pub(super) fn ask_again(&self) {
        let left = self.state.lock().ask_again();
        left.into_iter().for_each(|left| self.ask_and_leave(left));
    }

    /// The last one that waited has given up. Nobody will ask, so nobody will sweep a large table: if nobody is inside,
    /// this one enters and does.
    pub(super) fn clear_up(&self) {
        if self.watch.is_large() && self.state.lock().enter_if_free() {
            let inside = Guard::new(self);
            let swept = self.watch.sweep();
            drop(inside);
            drop(swept);
        }
    }

    /// Asks the predicates, if the data was changed, and leaves.
    pub(super) fn ask_and_leave(&self, AskAndLeave { mut again }: AskAndLeave) {
        let (mut to_wake, mut swept) = (None, Swept::default());
        loop {
            if again {
                // Taken before the questions: who gives up from here on is not answered by them.
                self.state.lock().take_again();
                self.watch.touch();
            }
            if self.watch.is_changed() {
                // Only without `std` a panic of a predicate leaves from here.
                let leave = Defer(|| {
                    let mut to_wake = None;
                    self.state.lock().leave(&mut to_wake);
                    Wake::wake_one(&mut to_wake);
                });
                let inside = ManuallyDrop::new(Guard::new(self));
                self.watch.call_first(Data::of(&**inside), |seat| self.call(seat), &mut swept);
                forget(leave);
            }
            let mut state = self.state.lock();
            again = state.is_to_ask_again();
            if !again {
                state.leave(&mut to_wake);
                break;
            }
        }
        Wake::wake_one(&mut to_wake);
    }

    /// Notifies the waiter of this seat, unless it has just given up.
    fn call(&self, seat: &Seat) -> bool {
        let mut state = self.state.lock();
        let called = state.call(&mut seat.queue());
        if called {
            seat.call();
        }
        called
    }
}
