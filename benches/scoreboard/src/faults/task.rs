//! A task that is polled by hand, and a waker that can be hostile.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

/// What a hostile waker does, once; and whether it got what somebody else was to have.
pub type Visit = Box<dyn FnOnce() -> bool + Send>;

/// A waker that remembers that it was called, and may do more than that.
#[derive(Default)]
pub struct Bell {
    rung: AtomicBool,
    robbed: AtomicBool,
    at_wake: Mutex<Option<Visit>>,
    at_drop: Mutex<Option<Visit>>,
}

const CALM: &str = "nobody panics under this lock";

impl Bell {
    /// Does something when it is called for the first time.
    pub fn at_wake(visit: Visit) -> Self {
        let bell = Self::default();
        *bell.at_wake.lock().expect(CALM) = Some(visit);
        bell
    }

    /// Does something when the last of its clones is dropped.
    pub fn at_drop(visit: Visit) -> Self {
        let bell = Self::default();
        *bell.at_drop.lock().expect(CALM) = Some(visit);
        bell
    }

    /// Whether the visitor got what this one was woken for.
    pub fn is_robbed(&self) -> bool {
        self.robbed.load(SeqCst)
    }

    pub fn is_rung(&self) -> bool {
        self.rung.load(SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, SeqCst);
        // No lock of ours is held while it runs.
        let visit = self.at_wake.lock().expect(CALM).take();
        if let Some(visit) = visit {
            self.robbed.store(visit(), SeqCst);
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some(visit) = self.at_drop.get_mut().expect(CALM).take() {
            visit();
        }
    }
}

/// A future and the bell of who polls it.
pub struct Task<F: Future> {
    future: Option<Pin<Box<F>>>,
    bell: Arc<Bell>,
}

impl<F: Future> Task<F> {
    pub fn new(future: F) -> Self {
        Self { future: Some(Box::pin(future)), bell: Arc::default() }
    }

    /// From now on it is polled with another waker.
    pub fn move_to(&mut self, bell: Bell) {
        self.bell = Arc::new(bell);
    }

    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Polls once, and drops what it yields. Whether it is done.
    pub fn poll(&mut self) -> bool {
        let Some(future) = &mut self.future else { return true };
        self.bell.rung.store(false, SeqCst);
        let waker = Waker::from(self.bell.clone());
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            return false;
        }
        self.future = None;
        true
    }

    /// Does what an executor would do: polls as often as it is woken, within reason. Whether it is done.
    pub fn run(&mut self) -> bool {
        for _ in 0..PATIENCE {
            if !self.bell.is_rung() || self.poll() {
                break;
            }
        }
        self.is_done()
    }

    pub fn is_done(&self) -> bool {
        self.future.is_none()
    }

    /// Drops the future.
    pub fn leave(&mut self) {
        self.future = None;
    }

    /// Neither polls nor drops it again.
    pub fn forget(mut self) {
        mem::forget(self.future.take());
    }

    /// The first poll, which has to wait.
    pub fn wait(mut self) -> Result<Self, String> {
        if self.poll() { Err("does not wait when there is nothing".to_owned()) } else { Ok(self) }
    }
}

const PATIENCE: usize = 8;
