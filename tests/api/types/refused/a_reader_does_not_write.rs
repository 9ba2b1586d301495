//! A guard of a reader gives no `&mut`, and neither does one that was mapped.

use sempost::{RwLock, RwLockReadGuard};

fn main() {
    let lock = RwLock::new((1, 2));
    let mut whole = lock.try_read().unwrap();
    whole.0 = 3; //~ E0594
    let mut part = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.0);
    *part = 4; //~ E0594
}
