//! A task that never runs: its wakers count what is done to them, and run what a test hooks in.

#![allow(unsafe_code)] // `std::task::Wake` cannot see clones, nor the drop of one clone

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

type Hook = Arc<dyn Fn() + Send + Sync>;

/// A task seen from outside: its wakers share these counts.
pub struct Bell {
    state: Arc<State>,
    waker: Waker,
}

#[derive(Default)]
struct State {
    wakes: AtomicUsize,
    clones: AtomicUsize,
    drops: AtomicUsize,
    hooks: Mutex<Hooks>,
    over: AtomicBool,
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
        let state = Arc::new(State::default());
        // SAFETY: the pointer comes from `Arc::into_raw`, and every function of `TABLE` keeps one
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
        let state = Arc::new(State::default());
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
        self.state.hooks.lock().unwrap().wake = Some(Arc::new(hook));
    }

    /// Runs `hook` at each clone.
    pub fn on_clone(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.hooks.lock().unwrap().clone = Some(Arc::new(hook));
    }

    /// Runs `hook` at each drop of a clone.
    pub fn on_drop(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.state.hooks.lock().unwrap().drop = Some(Arc::new(hook));
    }

    /// Takes all hooks off.
    pub fn unhook(&self) {
        drop(std::mem::take(&mut *self.state.hooks.lock().unwrap()));
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        self.unhook();
    }
}

impl State {
    fn run(&self, pick: fn(&Hooks) -> Option<Hook>) {
        if self.over.load(Ordering::SeqCst) {
            return;
        }
        let hook = pick(&self.hooks.lock().unwrap());
        if let Some(hook) = hook {
            hook();
        }
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(state: Arc<State>) -> RawWaker {
    RawWaker::new(Arc::into_raw(state).cast(), &TABLE)
}

/// The state behind a waker's pointer, with the count that the waker owns.
///
/// # Safety
///
/// `data` comes from `raw`, and its count is given up by the caller.
unsafe fn owned(data: *const ()) -> Arc<State> {
    // SAFETY: by the caller's promise.
    unsafe { Arc::from_raw(data.cast()) }
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
    // SAFETY: the pointer comes from `Arc::into_raw` and its count is alive.
    unsafe { Arc::increment_strong_count(data.cast::<State>()) };
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
fn fickle_raw(state: Arc<State>) -> RawWaker {
    RawWaker::new(Box::into_raw(Box::new(state)).cast_const().cast(), &FICKLE)
}

/// The state behind a fickle waker's pointer.
///
/// # Safety
///
/// `data` comes from `fickle_raw`, and its waker outlives the borrow.
unsafe fn fickle_borrowed<'a>(data: *const ()) -> &'a Arc<State> {
    // SAFETY: by the caller's promise.
    unsafe { &*data.cast::<Arc<State>>() }
}

/// The plain pointer of a fickle waker, whose box is freed.
///
/// # Safety
///
/// `data` comes from `fickle_raw`, and its waker is consumed by the caller.
unsafe fn fickle_unboxed(data: *const ()) -> *const () {
    // SAFETY: by the caller's promise.
    let state = *unsafe { Box::from_raw(data.cast_mut().cast::<Arc<State>>()) };
    Arc::into_raw(state).cast()
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
    // SAFETY: it comes from `Arc::into_raw`, with its count.
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
    // SAFETY: it comes from `Arc::into_raw`, with its count.
    unsafe { drop_waker(plain) };
}
