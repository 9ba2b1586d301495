//! A clone of a semaphore would be another semaphore: share it in an `Arc`, or make it a `static`.

use std::sync::Arc;

static POOL: sempost::Semaphore = sempost::Semaphore::new(1);

fn main() {
    let shared = Arc::new(sempost::Semaphore::new(1));
    drop(shared.clone());
    let pool = sempost::Semaphore::new(1);
    drop(pool.clone()); //~ E0599
    let mutex = sempost::Mutex::new(1);
    drop(mutex.clone()); //~ E0599
    assert_eq!(POOL.available_permits(), 1);
}
