//! Who may take what comes free: those who wait, or whoever is there first.

/// Who gets what comes free while somebody waits.
///
/// To hand a permit or a mutex over to a waiter is fair, and costs two task switches for every turn: nobody uses it until
/// the waiter's task has run. To let newcomers *barge* – take what is free although somebody waits – keeps busy tasks
/// running, at the cost of those who sleep.
///
/// Except with [`Fifo`](Self::Fifo) nothing is handed over. What comes free stays free, and the first one who sleeps is
/// *nudged*: it is woken, keeps its place, and takes what is there when it is polled. If that was taken meanwhile, it
/// sleeps on in its old place.
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
    /// First come, first served: what comes free is handed over to the first in line, and nobody passes.
    #[default]
    Fifo,
    /// Whoever is there may pass, so often and no more.
    ///
    /// A newcomer – the first poll of an `acquire` or a `lock`, or a `try_` form – takes what is there if the first in
    /// line has been overtaken fewer than `overtakes` times since it joined; each success counts, whatever it took. So does
    /// a waiter further back that is polled without having been nudged. After that newcomers stand in line, and what is
    /// free waits for the first. Those who sleep are woken in their order.
    ///
    /// With 0 nobody passes, as with [`Fifo`](Self::Fifo), but by nudging. **A first in line that nobody polls or drops
    /// holds up the line** once the overtakes are used up.
    Barging {
        /// How often a waiter may be passed.
        overtakes: usize,
    },
    /// Whoever is there may always pass: newcomers, and whoever is polled, wherever it stands.
    ///
    /// This is the only fairness that is for ever without the *futurelock*: a task that holds a `lock()` which waits in line, and polls it
    /// no more while it awaits another `lock()` of the same mutex, gets the other one. (A waiter whose task does not come
    /// at all when it is woken keeps nothing from newcomers, but that one wake-up.) The price: **a waiter may starve**.
    /// Who sleeps is woken in the order of the line, so a demand for many permits holds up the waking of those behind it.
    Unbounded,
}
