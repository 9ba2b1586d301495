//! A predicate over the data of a monitor, without the type of the data. So a monitor of an unsized type has the same
//! table of predicates as the sized one that it was made of.
//!
//! # Invariants
//! - (P1) A predicate about a `T` is asked only about the data of the monitor in whose table it is, or is to be. That
//!   data was a `T` when the predicate was made. It still is, at the same address, behind any unsized type.

use core::marker::PhantomData;
use core::ptr::NonNull;

/// The data of a monitor, borrowed by whoever is inside.
#[derive(Clone, Copy)]
pub(super) struct Data<'a>(NonNull<()>, PhantomData<&'a ()>);

impl<'a> Data<'a> {
    pub(super) fn of<T: ?Sized>(data: &'a T) -> Self {
        Self(NonNull::from(data).cast(), PhantomData)
    }
}

/// A predicate. It is the closure behind a pointer, so that one allocation is enough for it and its waiter.
pub(super) struct Predicate<F: ?Sized = dyn Fn(Data<'_>) -> bool + Send + Sync>(F);

/// Makes a predicate about a `T`.
pub(super) fn about<T, F>(holds: F) -> Predicate<impl Fn(Data<'_>) -> bool + Send + Sync + 'static>
where
    T: 'static,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    Predicate(move |data: Data<'_>| {
        // SAFETY: (P1) – it is asked about a `T`, which `Data` borrows.
        holds(unsafe { data.0.cast::<T>().as_ref() })
    })
}

impl Predicate {
    /// Whether it holds. Only for the one that is inside the monitor that the predicate is about (P1).
    #[inline(always)]
    pub(super) fn holds(&self, data: Data<'_>) -> bool {
        (self.0)(data)
    }
}
