//! The host as it is: `core` atomics and cells; with `std` also its threads and its mutex.

#[cfg(not(any(sempost_inject, sempost_shuttle)))]
pub(crate) use core::sync::atomic::AtomicU8;

#[cfg(all(feature = "std", not(any(sempost_inject, sempost_shuttle))))]
pub(crate) use std::thread::{Thread, current, park, park_timeout};

/// `core`'s cell behind the checker's closures.
#[derive(Debug, Default)]
pub(crate) struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    #[cfg(not(any(feature = "os-lock", sempost_shuttle)))]
    #[inline(always)]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Tells the checker who has exclusive use of user data, which it cannot see itself; here: nothing.
#[derive(Debug)]
pub(crate) struct Claim;

impl Claim {
    pub(crate) const fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn exercise(&self) {}
}

/// Tells the checker of memory that has to be freed, which it cannot see itself; here: nothing.
pub(crate) struct Heaped;

impl Heaped {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }
}

/// How to wait for a short lock, and for what is about to come.
#[cfg(not(sempost_shuttle))]
pub(crate) mod pause {
    #[cfg(feature = "std")]
    use core::sync::atomic::AtomicU8;

    pub(crate) use core::hint::spin_loop;

    /// How often a thread lets others run before it joins a line.
    #[cfg(feature = "std")]
    pub(crate) const LOOKS: u32 = 4;

    /// How often a thread in line looks at its place first, after one `spin_loop`, two, four and so on.
    #[cfg(feature = "std")]
    pub(crate) const LINGER: u32 = 7;

    /// How often it lets others run after that, before it parks: for about as long as to park and to be woken costs.
    #[cfg(feature = "std")]
    pub(crate) const PATIENCE: u32 = 32;

    /// Waits for which nobody yields, since a yield took long.
    #[cfg(feature = "std")]
    static CROWDED: AtomicU8 = AtomicU8::new(0);

    /// Lets other threads run, and returns whether that is worth while.
    ///
    /// It is not where others are busy: a thread that yields comes back when they have had their turn, milliseconds later,
    /// and one that parks is run as soon as it is woken. One yield finds that out, and the next waits do without.
    #[cfg(feature = "std")]
    pub(crate) fn yields() -> bool {
        use core::sync::atomic::Ordering::Relaxed;

        // ORDERING: Relaxed, without a partner: a hint, and an update that is lost costs one yield.
        let crowded = CROWDED.load(Relaxed);
        if crowded > 0 {
            CROWDED.store(crowded - 1, Relaxed);
            return false;
        }
        let begin = std::time::Instant::now();
        std::thread::yield_now();
        let quiet = begin.elapsed() < core::time::Duration::from_micros(100);
        if !quiet {
            CROWDED.store(u8::MAX, Relaxed);
        }
        quiet
    }

    /// The first wait of a contender, in `spin_loop`s; it doubles up to [`SPINS_MOST`].
    pub(crate) const SPINS_FIRST: u32 = 64;
    pub(crate) const SPINS_MOST: u32 = 1024;

    /// The wait of a contender that has been unlucky for long.
    pub(crate) const SPINS_SHORT: u32 = 32;

    /// Leaves the core to a holder that was preempted: at most 50 µs.
    #[cfg(feature = "std")]
    pub(crate) fn nap() {
        std::thread::sleep(core::time::Duration::from_micros(50));
    }

    // Without an operating system there is nobody to leave the core to.
    #[cfg(not(feature = "std"))]
    pub(crate) use spin_loop as nap;
}

/// `std`'s mutex without the poison, for the feature `os-lock`.
#[cfg(all(feature = "os-lock", not(sempost_shuttle)))]
pub(crate) mod os {
    pub(crate) use std::sync::MutexGuard;
    use std::sync::PoisonError;

    pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
