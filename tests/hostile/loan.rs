//! Something that futures may borrow for ever and that is freed all the same.
//!
//! A hook in a waker must be `'static`, and so must be the future that it polls. To leak what the future borrows would
//! leave nothing to be gone. So a [`Loan`] owns it, and the rule is: *whoever borrowed is dropped before the loan.* A
//! [`Scene`] keeps its loans in its last field, and a cell drops its waiters and hooks before its scene.
//!
//! [`Scene`]: crate::scene::Scene

#![allow(unsafe_code)] // a borrow that is ended by hand

use std::any::Any;
use std::ptr::NonNull;

/// The owner of what was lent out.
pub(crate) struct Loan<T: ?Sized>(NonNull<T>);

// SAFETY: a loan is the only owner of what it points to, like a box.
unsafe impl<T: ?Sized + Send> Send for Loan<T> {}

/// Lends `value` out.
pub(crate) fn lend<T: Any>(value: T) -> (&'static T, Loan<T>) {
    let loan = Loan(NonNull::from(Box::leak(Box::new(value))));
    // SAFETY: it is alive until the loan is dropped, and by the rule of this file nobody borrows it then.
    (unsafe { loan.0.as_ref() }, loan)
}

impl<T: Any> Loan<T> {
    /// Lends `value` out to one who may change it.
    pub(crate) fn exclusive(value: T) -> (&'static mut T, Self) {
        let mut loan = Self(NonNull::from(Box::leak(Box::new(value))));
        // SAFETY: as in `lend`; and until the loan is given back by `take` nobody else has a way to it.
        (unsafe { loan.0.as_mut() }, loan)
    }

    /// Takes the value out. The borrower is gone, by the rule of this file.
    pub(crate) fn take(self) -> T {
        let at = self.0.as_ptr();
        std::mem::forget(self);
        // SAFETY: it came from a box, and the forgotten loan does not free it a second time.
        *unsafe { Box::from_raw(at) }
    }
}

impl<T: ?Sized> Drop for Loan<T> {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody borrows it any more, by the rule of this file.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
