//! Sixty-four messages at a time, in one task; the time of the other end is not counted.

use std::time::{Duration, Instant};

use crate::cell::{Contender, Lap};
use crate::kinds::{Batch, Line};
use crate::peers::MeetBatches;
use crate::poll::at_once;

pub const BATCH: usize = 64;

/// So many batches between two looks at the clock.
const BATCHES: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Batches {
    Send,
    Receive,
}

impl MeetBatches for Batches {
    type Made = Contender;

    fn meet<M: Batch>(&self) -> Contender {
        let timed = *self;
        let (mut sender, mut receiver) = M::open(Line::bounded(1, 1, BATCH * BATCHES));
        let mut inbox = Vec::with_capacity(BATCH);
        Contender::timed(M::NAME, move |operations| {
            let turns = operations.div_ceil((BATCH * BATCHES) as u64);
            let mut time = Duration::ZERO;
            at_once(async {
                for _ in 0..turns {
                    let start = Instant::now();
                    for _ in 0..BATCHES {
                        M::send_many(&mut sender, BATCH).await;
                    }
                    let half = Instant::now();
                    for _ in 0..BATCHES {
                        assert_eq!(M::recv_many(&mut receiver, &mut inbox, BATCH).await, BATCH);
                        inbox.clear();
                    }
                    time += if timed == Self::Send { half - start } else { half.elapsed() };
                }
            });
            Lap { operations: turns * (BATCH * BATCHES) as u64, time }
        })
    }
}
