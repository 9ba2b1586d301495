//! Who receives from one sender receives in its order.

use super::Log;

/// What one receiver has seen so far. Ids are dealt out in ranges, one a sender, and rise within each.
#[derive(Debug)]
pub struct Order {
    quota: u32,
    next: Vec<u32>,
}

impl Order {
    /// Nothing yet, from senders with `quota` ids each.
    pub fn new(senders: u32, quota: u32) -> Self {
        Self { quota, next: vec![0; senders as usize] }
    }

    /// Notes in `log` that `id` was received.
    pub fn received(&mut self, id: u32, log: &mut Log) {
        log.received();
        log.tally.dup += u64::from(!log.got.insert(id));
        let next = &mut self.next[(id / self.quota) as usize];
        log.tally.reordered += u64::from(id < *next);
        *next = id + 1;
    }
}
