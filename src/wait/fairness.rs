//! Whether newcomers may take what is free while waiters are queued.

/// Decides what newcomers may take while waiters are queued.
///
/// Handing a permit, a mutex or a slot to a waiter is fair, and costs two task switches per turn: it stays unused until
/// the waiter's task has run. Letting newcomers *barge*, that is, take what is free although waiters are queued, keeps
/// busy tasks running, at the cost of sleeping ones.
///
/// Only [`Fifo`](Self::Fifo) hands anything over. With the others, what becomes free stays free, and the first sleeping
/// waiter is *woken to retry*: it keeps its place, and takes what is there when it is polled. If another task took that
/// meanwhile, the waiter sleeps on in its old place.
///
/// # Examples
/// ```
/// use sempost::{Fairness, Semaphore};
///
/// static FAIR: Semaphore = Semaphore::new(1);
/// static BUSY: Semaphore = Semaphore::with_fairness(1, Fairness::Barging { overtakes: 8 });
/// # assert_eq!(FAIR.available_permits() + BUSY.available_permits(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fairness {
    /// First come, first served: what becomes free is handed to the first waiter, and no newcomer passes it.
    #[default]
    Fifo,
    /// Newcomers may pass the first waiter, but only `overtakes` times.
    ///
    /// A newcomer is the first poll of an `acquire`, a `lock` or a `send`, or a `try_` form. It takes what is there if
    /// the first waiter has been overtaken fewer than `overtakes` times since it joined. Each success counts once,
    /// however much it took. A waiter further back that is polled without having been woken to retry is treated as a
    /// newcomer. Once the overtakes are used up, newcomers queue, and what is free is kept for the first waiter.
    /// Sleeping waiters are woken in their order.
    ///
    /// With 0 no newcomer passes, as with [`Fifo`](Self::Fifo), but waiters are woken to retry, not granted. **A first
    /// waiter that is neither polled nor dropped holds up the queue** once the overtakes are used up.
    Barging {
        /// How often a waiter may be overtaken.
        overtakes: usize,
    },
    /// Newcomers may always pass, and so may every waiter that is polled, wherever it stands.
    ///
    /// Only this policy rules out the *futurelock* forever. Suppose that a task holds a queued `lock()` future, stops
    /// polling it, and awaits another `lock()` of the same mutex: it gets the second one. (A waiter that is woken and
    /// never polled keeps nothing from newcomers, but wastes that one wake-up.) The price: **a waiter may starve**.
    /// Sleeping waiters are woken in their order, so a demand for many permits delays the wake-ups of the waiters
    /// behind it.
    Unfair,
}
