//! What was mapped for writing cannot become a reader: its part need not be `Sync`. Nor can a reader.

use sempost::{RwLock, RwLockWriteGuard};

fn main() {
    let lock = RwLock::new((1, 2));
    let part = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.0);
    drop(RwLockWriteGuard::downgrade(part)); //~ E0308
    drop(RwLockWriteGuard::downgrade(lock.try_read().unwrap())); //~ E0308
}
