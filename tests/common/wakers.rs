//! A task that never runs: its wakers count what is done to them, and run what a test hooks in.

#![allow(unsafe_code)] // `std::task::Wake` cannot see clones, nor the drop of one clone

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

type Hook = Arc<dyn Fn() + Send + Sync>;

/// A task seen from outside: its wakers share these counts.
pub struct Bell {
    state: Share,
    waker: Waker,
}

#[derive(Default)]
struct State {
    wakes: AtomicUsize,
    clones: AtomicUsize,
    drops: AtomicUsize,
    hooks: Mutex<Hooks>,
    /// Whether there is any hook: bells without one take no lock of the host, into which a race detector does not see.
    hooked: AtomicBool,
    over: AtomicBool,
    shares: AtomicUsize,
}

/// A share of the state. Not an `Arc`, whose last drop is ordered after the others by a fence: race detectors know
/// nothing of fences.
struct Share(NonNull<State>);

// SAFETY: the state is `Sync`, and whoever drops the last share may be any thread, for the state is `Send`, too.
unsafe impl Send for Share {}
// SAFETY: as above.
unsafe impl Sync for Share {}

impl Share {
    fn new() -> Self {
        let state = State { shares: AtomicUsize::new(1), ..State::default() };
        Self(NonNull::from(Box::leak(Box::new(state))))
    }

    fn into_raw(self) -> *const () {
        ManuallyDrop::new(self).0.as_ptr().cast_const().cast()
    }

    /// # Safety
    ///
    /// `data` comes from `into_raw`, and its share is given up by the caller.
    unsafe fn from_raw(data: *const ()) -> Self {
        // SAFETY: `into_raw` answers no null.
        Self(unsafe { NonNull::new_unchecked(data.cast_mut().cast()) })
    }
}

impl Clone for Share {
    fn clone(&self) -> Self {
        self.shares.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

impl Deref for Share {
    type Target = State;

    fn deref(&self) -> &State {
        // SAFETY: it is freed with the last share, and this is one.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.shares.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: it comes from a box, and this was the last share.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

#[derive(Default)]
struct Hooks {
    wake: Option<Hook>,
    clone: Option<Hook>,
    drop: Option<Hook>,
}

impl Default for Bell {
    fn default() -> Self {
        Self::new()
    }
}

impl Bell {
    /// A task nobody has woken yet.
    pub fn new() -> Self {
        let state = Share::new();
        // SAFETY: the pointer comes from `Share::into_raw`, and every function of `TABLE` keeps one
        // strong count a waker.
        let waker = unsafe { Waker::from_raw(raw(state.clone())) };
        Self { state, waker }
    }

    /// A task whose wakers panic when woken.
    pub fn panicking() -> Self {
        let bell = Self::new();
        bell.on_wake(|| panic!("this waker panics"));
        bell
    }

    /// A task no two wakers of which look alike: `will_wake` always says no.
    pub fn fickle() -> Self {
        let state = Share::new();
        // SAFETY: the pointer comes from `fickle_raw`, and every function of `FICKLE` keeps one box a waker.
        let waker = unsafe { Waker::from_raw(fickle_raw(state.clone())) };
        Self { state, waker }
    }

    /// The waker of this task.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// A context that polls for this task.
    pub fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    /// How often the task was woken.
    pub fn wakes(&self) -> usize {
        self.state.wakes.load(Ordering::SeqCst)
    }

    /// How often the task was woken since the last call of this.
    pub fn take_wakes(&self) -> usize {
        self.state.wakes.swap(0, Ordering::SeqCst)
    }

    /// How often a waker of the task was cloned.
    pub fn clones(&self) -> usize {
        self.state.clones.load(Ordering::SeqCst)
    }

    /// How often a waker of the task was dropped, or consumed by `wake`.
    pub fn drops(&self) -> usize {
        self.state.drops.load(Ordering::SeqCst)
    }

    /// How many clones somebody keeps.
    pub fn held(&self) -> usize {
        self.clones() - self.drops()
    }

    /// Runs `hook` at each wake.
    pub fn on_wake(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.hook(|hooks| hooks.wake = Some(Arc::new(hook)));
    }

    /// Runs `hook` at each clone.
    pub fn on_clone(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.hook(|hooks| hooks.clone = Some(Arc::new(hook)));
    }

    /// Runs `hook` at each drop of a clone.
    pub fn on_drop(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.hook(|hooks| hooks.drop = Some(Arc::new(hook)));
    }

    /// Takes all hooks off.
    pub fn unhook(&self) {
        if self.state.hooked.load(Ordering::SeqCst) {
            drop(std::mem::take(&mut *self.state.hooks.lock().unwrap()));
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        self.unhook();
    }
}

impl State {
    fn hook(&self, put: impl FnOnce(&mut Hooks)) {
        put(&mut self.hooks.lock().unwrap());
        self.hooked.store(true, Ordering::SeqCst);
    }

    fn run(&self, pick: fn(&Hooks) -> Option<Hook>) {
        if self.over.load(Ordering::SeqCst) || !self.hooked.load(Ordering::SeqCst) {
            return;
        }
        let hook = pick(&self.hooks.lock().unwrap());
        if let Some(hook) = hook {
            hook();
        }
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(state: Share) -> RawWaker {
    RawWaker::new(state.into_raw(), &TABLE)
}

/// The state behind a waker's pointer, with the count that the waker owns.
///
/// # Safety
///
/// `data` comes from `raw`, and its count is given up by the caller.
unsafe fn owned(data: *const ()) -> Share {
    // SAFETY: by the caller's promise.
    unsafe { Share::from_raw(data) }
}

/// The state behind a waker's pointer.
///
/// # Safety
///
/// `data` comes from `raw`, and its waker outlives the borrow.
unsafe fn borrowed<'a>(data: *const ()) -> &'a State {
    // SAFETY: by the caller's promise.
    unsafe { &*data.cast::<State>() }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a waker calls this while it lives.
    let state = unsafe { borrowed(data) };
    state.run(|hooks| hooks.clone.clone());
    state.clones.fetch_add(1, Ordering::SeqCst);
    state.shares.fetch_add(1, Ordering::Relaxed);
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: `wake` consumes the waker.
    let state = unsafe { owned(data) };
    state.drops.fetch_add(1, Ordering::SeqCst);
    state.wakes.fetch_add(1, Ordering::SeqCst);
    state.run(|hooks| hooks.wake.clone());
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a waker calls this while it lives.
    let state = unsafe { borrowed(data) };
    state.wakes.fetch_add(1, Ordering::SeqCst);
    state.run(|hooks| hooks.wake.clone());
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the drop consumes the waker.
    let state = unsafe { owned(data) };
    state.drops.fetch_add(1, Ordering::SeqCst);
    state.run(|hooks| hooks.drop.clone());
}

static FICKLE: RawWakerVTable = RawWakerVTable::new(fickle_clone, fickle_wake, fickle_wake_by_ref, fickle_drop);

/// Each waker has a box of its own, so no two have the same pointer.
fn fickle_raw(state: Share) -> RawWaker {
    RawWaker::new(Box::into_raw(Box::new(state)).cast_const().cast(), &FICKLE)
}

/// The state behind a fickle waker's pointer.
///
/// # Safety
///
/// `data` comes from `fickle_raw`, and its waker outlives the borrow.
unsafe fn fickle_borrowed<'a>(data: *const ()) -> &'a Share {
    // SAFETY: by the caller's promise.
    unsafe { &*data.cast::<Share>() }
}

/// The plain pointer of a fickle waker, whose box is freed.
///
/// # Safety
///
/// `data` comes from `fickle_raw`, and its waker is consumed by the caller.
unsafe fn fickle_unboxed(data: *const ()) -> *const () {
    // SAFETY: by the caller's promise.
    let state = *unsafe { Box::from_raw(data.cast_mut().cast::<Share>()) };
    state.into_raw()
}

unsafe fn fickle_clone(data: *const ()) -> RawWaker {
    // SAFETY: a waker calls this while it lives.
    let state = unsafe { fickle_borrowed(data) };
    state.run(|hooks| hooks.clone.clone());
    state.clones.fetch_add(1, Ordering::SeqCst);
    fickle_raw(state.clone())
}

unsafe fn fickle_wake(data: *const ()) {
    // SAFETY: `wake` consumes the waker.
    let plain = unsafe { fickle_unboxed(data) };
    // SAFETY: it comes from `Share::into_raw`, with its count.
    unsafe { wake(plain) };
}

unsafe fn fickle_wake_by_ref(data: *const ()) {
    // SAFETY: a waker calls this while it lives.
    let state = unsafe { fickle_borrowed(data) };
    state.wakes.fetch_add(1, Ordering::SeqCst);
    state.run(|hooks| hooks.wake.clone());
}

unsafe fn fickle_drop(data: *const ()) {
    // SAFETY: the drop consumes the waker.
    let plain = unsafe { fickle_unboxed(data) };
    // SAFETY: it comes from `Share::into_raw`, with its count.
    unsafe { drop_waker(plain) };
}
