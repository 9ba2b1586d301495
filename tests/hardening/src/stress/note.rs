//! Messages that are counted when they are dropped.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

const LANES: usize = 64;

static DROPPED: [AtomicU64; LANES] = [const { AtomicU64::new(0) }; LANES];
static NEXT: AtomicU8 = AtomicU8::new(0);

/// A count of dropped messages. A number and not a pointer, so that a message is small, and counting is no sharing of
/// counts. There are 64: so many workloads may be on at once.
#[derive(Clone, Copy, Debug)]
pub struct Lane(u8);

impl Lane {
    /// The next one, at zero.
    pub fn claim() -> Self {
        // ORDERING: Relaxed; whoever uses the lane is spawned after this.
        let lane = NEXT.fetch_add(1, Relaxed) % LANES as u8;
        DROPPED[usize::from(lane)].store(0, Relaxed);
        Self(lane)
    }

    /// How many of its messages were dropped. Exact once everybody was joined.
    pub fn dropped(self) -> u64 {
        DROPPED[usize::from(self.0)].load(Relaxed)
    }
}

/// A message.
#[derive(Debug)]
pub struct Note {
    id: u32,
    lane: Lane,
}

impl Note {
    /// Number `id`, whose drop is counted in `lane`.
    pub fn new(id: u32, lane: Lane) -> Self {
        Self { id, lane }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Takes it, uncounted.
    pub fn take(self) -> u32 {
        let id = self.id;
        std::mem::forget(self);
        id
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        DROPPED[usize::from(self.lane.0)].fetch_add(1, Relaxed);
    }
}
