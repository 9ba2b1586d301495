//! The byte budget: a semaphore whose permits are bytes that may be read but not yet merged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use sempost::{OwnedPermit, Semaphore};

/// A file is read in pieces of at most this size.
const PIECE: usize = 256 << 10;

/// The highest value seen. Relaxed everywhere: the number is read when all threads are joined.
#[derive(Default)]
pub struct Peak(AtomicUsize);

impl Peak {
    pub fn note(&self, value: usize) {
        self.0.fetch_max(value, Relaxed);
    }

    pub fn get(&self) -> usize {
        self.0.load(Relaxed)
    }
}

pub struct Budget {
    permits: Arc<Semaphore>,
    piece: usize,
    /// A count of its own, so that the assertion at the end is not the semaphore's own word.
    in_flight: AtomicUsize,
    peak: Peak,
}

impl Budget {
    pub fn new(bytes: usize) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(bytes));
        let piece = bytes.min(PIECE);
        Arc::new(Budget { permits, piece, in_flight: AtomicUsize::new(0), peak: Peak::default() })
    }

    /// The size of a piece.
    pub fn piece(&self) -> usize {
        self.piece
    }

    /// The most bytes that were in flight at once.
    pub fn peak(&self) -> usize {
        self.peak.get()
    }

    /// Waits, as a thread, until `bytes` more may be read.
    pub fn reserve(self: &Arc<Self>, bytes: usize) -> Reserved {
        let permits = self.permits.acquire_many_owned(bytes).wait().expect("it is never closed");
        Reserved { permits, budget: self.clone() }
    }
}

/// The right to read so many bytes.
pub struct Reserved {
    permits: OwnedPermit,
    budget: Arc<Budget>,
}

impl Reserved {
    /// So many were read; what is left of the right goes back.
    pub fn read(mut self, bytes: usize) -> Load {
        let surplus = self.permits.num_permits() - bytes;
        drop(self.permits.split(surplus));
        let before = self.budget.in_flight.fetch_add(bytes, Relaxed);
        self.budget.peak.note(before + bytes);
        Load { bytes, reserved: self }
    }
}

/// Bytes in flight, until dropped.
pub struct Load {
    bytes: usize,
    reserved: Reserved,
}

impl Load {
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // Before the permits go back, so that the count never runs ahead of them.
        self.reserved.budget.in_flight.fetch_sub(self.bytes, Relaxed);
    }
}
