//! Counts the bytes of pages in memory. It knows nothing of credits, so it can be believed.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Duration,
    pub bytes: usize,
    pub pages: usize,
}

pub struct Memory {
    begin: Instant,
    history: Mutex<Vec<Moment>>,
}

impl Memory {
    pub fn new() -> Self {
        let begin = Moment { at: Duration::ZERO, bytes: 0, pages: 0 };
        Self { begin: Instant::now(), history: Mutex::new(vec![begin]) }
    }

    /// All moments at which a page came or went.
    pub fn history(&self) -> Vec<Moment> {
        self.history.lock().unwrap().clone()
    }

    fn note(&self, change: impl FnOnce(&mut Moment)) {
        let mut history = self.history.lock().unwrap();
        let mut now = *history.last().expect("it has a beginning");
        now.at = self.begin.elapsed();
        change(&mut now);
        history.push(now);
    }

    pub fn buffer(self: &Arc<Self>, size: usize) -> Buffer {
        self.note(|now| {
            now.bytes += size;
            now.pages += 1;
        });
        Buffer { size, bytes: Vec::with_capacity(size), memory: Arc::clone(self) }
    }
}

/// The bytes of a page.
pub struct Buffer {
    size: usize,
    bytes: Vec<u8>,
    memory: Arc<Memory>,
}

impl Buffer {
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn extend(&mut self, packet: &[u8]) {
        self.bytes.extend_from_slice(packet);
        assert!(self.bytes.len() <= self.size, "more than was announced");
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.bytes = Vec::new();
        self.memory.note(|now| {
            now.bytes -= self.size;
            now.pages -= 1;
        });
    }
}
