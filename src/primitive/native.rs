//! The host as it is: `core` atomics and cells; with `std` also its threads and its mutex.

#[cfg(not(any(sempost_inject, sempost_shuttle)))]
pub(crate) use core::sync::atomic::AtomicU8;
#[cfg(not(sempost_shuttle))]
pub(crate) use core::sync::atomic::AtomicUsize;

#[cfg(all(feature = "std", not(any(sempost_inject, sempost_shuttle))))]
pub(crate) use std::thread::{Thread, current, park, park_timeout};

/// `core`'s cell with the checker's interface.
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

/// Shows the checker exclusive use of user data, which it cannot see itself. Here it does nothing.
#[derive(Debug)]
pub(crate) struct Claim;

impl Claim {
    pub(crate) const fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn exercise(&self) {}
}

/// Shows the checker memory that has to be freed, which it cannot see itself. Here it does nothing.
pub(crate) struct Heaped;

impl Heaped {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }
}

/// How to wait for a short lock, and for something that is about to come.
#[cfg(not(sempost_shuttle))]
pub(crate) mod pause {
    #[cfg(feature = "std")]
    use core::sync::atomic::AtomicU32;
    #[cfg(feature = "std")]
    use std::sync::OnceLock;
    #[cfg(feature = "std")]
    use std::time::{Duration, Instant};

    use core::hint::spin_loop;
    #[cfg(feature = "std")]
    use core::sync::atomic::Ordering::Relaxed;

    /// How long a waiting thread stays awake before it parks.
    #[cfg(feature = "std")]
    pub(crate) struct Patience {
        /// How often it tries again before it joins a queue.
        pub(crate) looks: u32,
        /// How many `spin_loop`s it rests before the first of these tries, and twice as many before each other. If 0,
        /// it yields instead.
        pub(crate) rest: u32,
        /// How often it then checks its place in the queue, after one `spin_loop`, two, four and so on.
        pub(crate) spins: u32,
        /// How often it yields after that.
        pub(crate) yields: u32,
    }

    /// About as long as parking and waking cost.
    #[cfg(feature = "std")]
    pub(crate) const AS_LONG_AS_PARKING: Patience = Patience { looks: 4, rest: 0, spins: 7, yields: 32 };

    /// Likewise, where the other side runs on another core. A look takes several cache lines away from that one, so the
    /// rests are about as long as it needs to fetch them.
    #[cfg(feature = "std")]
    pub(crate) const BESIDE: Patience = Patience { looks: 8, rest: 16, spins: 7, yields: 32 };

    /// Likewise, without yields: for a lock where it is not known yet whether the other side comes soon.
    #[cfg(feature = "std")]
    pub(crate) const UNTRIED: Patience = Patience { looks: 4, rest: SPINS_SHORT, spins: 9, yields: 0 };

    /// As long as a running opponent needs.
    #[cfg(feature = "std")]
    pub(crate) const BRIEFLY: Patience = Patience { looks: 4, rest: SPINS_SHORT, spins: 5, yields: 0 };

    /// Lets other threads run. Returns whether that is worth while.
    ///
    /// It is not where other threads are busy. A thread that yields comes back when they have had their turn,
    /// milliseconds later; a thread that parks runs as soon as it is woken. So after a yield that took long, no thread
    /// yields for 64 times as long.
    #[cfg(feature = "std")]
    pub(crate) fn yields() -> bool {
        let begin = now();
        if is_crowded() {
            return false;
        }
        std::thread::yield_now();
        let end = now();
        let took = end.saturating_sub(begin).min(Duration::from_millis(10));
        let quiet = took < Duration::from_micros(100);
        if !quiet {
            let until = (end + 64 * took).as_millis();
            // ORDERING: Relaxed, without a partner; as in `is_crowded`.
            CROWDED_UNTIL.store(u32::try_from(until).unwrap_or(0), Relaxed);
        }
        quiet
    }

    /// Whether a yield took long a short time ago.
    #[cfg(feature = "std")]
    pub(crate) fn is_crowded() -> bool {
        // ORDERING: Relaxed, without a partner: a hint, and a lost update costs one yield.
        let until = CROWDED_UNTIL.load(Relaxed);
        until != 0 && now() < Duration::from_millis(until.into())
    }

    /// No thread yields until this time, in milliseconds since the first call. After seven weeks the number no longer
    /// fits, and every thread yields.
    #[cfg(feature = "std")]
    static CROWDED_UNTIL: AtomicU32 = AtomicU32::new(0);

    #[cfg(feature = "std")]
    fn now() -> Duration {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        FIRST.get_or_init(Instant::now).elapsed()
    }

    /// The first pause of a contender, in `spin_loop`s. It doubles up to [`SPINS_MOST`].
    pub(crate) const SPINS_FIRST: u32 = 64;
    pub(crate) const SPINS_MOST: u32 = 256;

    /// The first pause of a contender where threads look for something under the lock.
    #[cfg(not(feature = "os-lock"))]
    pub(crate) const SPINS_SOON: u32 = 12;

    /// The pause of a contender that may get the lock at any time.
    pub(crate) const SPINS_SHORT: u32 = 4;

    pub(crate) fn spin(times: u32) {
        for _ in 0..times {
            spin_loop();
        }
    }

    /// Leaves the core to a preempted holder, for as short a time as the host can: about 50 µs.
    #[cfg(feature = "std")]
    pub(crate) fn nap() {
        std::thread::sleep(Duration::from_nanos(1));
    }

    // Without an operating system there is no thread to leave the core to.
    #[cfg(not(feature = "std"))]
    pub(crate) fn nap() {
        spin_loop();
    }
}

/// `std`'s mutex without the poison: for the feature `os-lock`, and where keys of a user are hashed under a lock.
#[cfg(all(feature = "std", not(any(sempost_inject, sempost_shuttle))))]
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
