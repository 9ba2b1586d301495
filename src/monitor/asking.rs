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
//! - (A1) The table of seats is changed, and predicates are asked, only by the one inside. To ask, it takes the table
//!   out of the state: no foreign code runs under the lock, and no seat is counted up and down.
//! - (A2) The predicate of one that sleeps may hold ⇒ the [mark](super::mark::Due) says so, and the one inside asks
//!   when it leaves; or one that was called carries the mark, and sets it again when it is inside. So those that come
//!   and go in between ask nobody, and one change calls one waiter.
//! - (A3) One that was called and gives up leaves its mark as the order `again` in the state, under the lock. So
//!   whoever is inside asks all before it leaves. If nobody is inside, it enters and leaves itself.
//! - (A4) A waiter that was called, and finds that its predicate does not hold, keeps its seat: its place in the table.

use alloc::sync::Arc;
use core::mem::{ManuallyDrop, forget, replace, swap};

use super::conditions::Conditions;
use super::mark::Due;
use super::monitor::Monitor;
use super::predicate::Data;
use super::seat::Seat;
use super::seats::{Seats, Swept};
use super::state::MonitorState;
use crate::lock::LockGuard;
use crate::mutex::Guard;
use crate::record::Origin;
use crate::wait::Wake;

type State<'a, C> = LockGuard<'a, MonitorState<<C as Conditions>::Queues>>;

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Takes a seat at the end of the table. Called by the one inside.
    pub(super) fn take_seat(&self, seat: &Arc<Seat>) -> Swept {
        let mut swept = Swept::default();
        let mut state = self.state.lock();
        if !state.seats.add(seat) {
            let mut taken = self.take_seats(state, false);
            taken.seats.sweep(&mut swept);
            state = taken.put_back();
            let added = state.seats.add(seat);
            debug_assert!(added, "there is room");
        }
        state.count_in();
        swept
    }

    /// One that was called is inside: it has brought the mark along (A2).
    pub(super) fn bring_mark(&self) {
        if self.mark.get() == Due::None {
            self.mark.set(Due::Rest);
        }
    }

    /// A wait has ended inside.
    pub(super) fn leave_seat(&self, seat: &Seat) {
        let mut state = self.state.lock();
        let own = state.seats.remove(seat.row());
        let swept = state.count_out();
        drop(state);
        drop((own, swept));
    }

    /// A wait was given up. If it was called, the others are asked again (A3).
    pub(super) fn give_up_seat(&self, seat: &Seat) {
        let mut state = self.state.lock();
        let called = seat.leave();
        state.seats.note_left();
        // If it was the last, nobody will sweep.
        let swept = state.count_out();
        if called && state.ask_again() {
            self.leave(state);
        } else {
            drop(state);
        }
        drop(swept);
    }

    /// Leaves, if others wait in any way.
    #[inline(never)]
    pub(super) fn leave<'a>(&'a self, state: State<'a, C>) {
        if state.asleep() > 0 { self.ask_and_leave(state) } else { self.leave_now(state) }
    }

    #[inline(always)]
    fn leave_now<'a>(&'a self, mut state: State<'a, C>) {
        let mut to_wake = None;
        state.leave(&mut to_wake);
        drop(state);
        Wake::wake_one(&mut to_wake);
    }

    /// Asks those that sleep, if that is due, and leaves.
    #[inline(never)]
    fn ask_and_leave<'a>(&'a self, mut state: State<'a, C>) {
        let mut swept = Swept::default();
        while state.asleep() > 0 {
            // Taken before the questions: who gives up from here on is not answered by them.
            if state.take_again() {
                self.mark.set(Due::All);
            }
            match self.mark.get() {
                Due::None => break,
                Due::Rest => {}
                Due::All => state.seats.restart(),
            }
            self.mark.set(Due::Rest);
            let mut taken = self.take_seats(state, true);
            if taken.seats.is_deserted() {
                taken.seats.sweep(&mut swept);
            }
            let inside = ManuallyDrop::new(Guard::new(self, Origin::none()));
            let due = taken.seats.ask(Data::of(&**inside));
            state = taken.put_back();
            // One that has just given up is not called, and the rest is asked.
            if due.is_none_or(|row| state.call(row)) {
                self.mark.set(Due::None);
            }
        }
        self.leave_now(state);
    }

    fn take_seats<'a>(&'a self, mut state: State<'a, C>, leaves: bool) -> Taken<'a, T, C> {
        Taken { seats: replace(&mut state.seats, Seats::new()), monitor: self, leaves }
    }
}

/// The table, while the one inside has taken it out.
struct Taken<'a, T: ?Sized, C: Conditions> {
    seats: Seats,
    monitor: &'a Monitor<T, C>,
    /// Whether a panic leaves the monitor. (Only without `std` that of a predicate comes here.)
    leaves: bool,
}

impl<'a, T: ?Sized, C: Conditions> Taken<'a, T, C> {
    fn put_back(mut self) -> State<'a, C> {
        let (seats, monitor) = (replace(&mut self.seats, Seats::new()), self.monitor);
        forget(self);
        let mut state = monitor.state.lock();
        state.seats.put_back(seats);
        state
    }
}

// Something has panicked.
impl<T: ?Sized, C: Conditions> Drop for Taken<'_, T, C> {
    fn drop(&mut self) {
        let mut to_wake = None;
        let mut state = self.monitor.state.lock();
        swap(&mut state.seats, &mut self.seats);
        if self.leaves {
            state.leave(&mut to_wake);
        }
        drop(state);
        Wake::wake_one(&mut to_wake);
    }
}
