//! A guard of a reader gives no `&mut`, and what was mapped for writing cannot become a reader.

use sempost::{RwLock, RwLockReadGuard, RwLockWriteGuard};

fn main() {
    let lock = RwLock::new((1, 2));
    lock.try_read().unwrap().0 = 3; //~ E0594
    let mut part = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.0);
    *part = 4; //~ E0594
    let part = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.0);
    drop(RwLockWriteGuard::downgrade(part)); //~ E0308
    drop(RwLockWriteGuard::downgrade(lock.try_read().unwrap())); //~ E0308
}
