//! Every error may get another variant.

use sempost::{Semaphore, TryAcquireError};

fn main() {
    match Semaphore::new(0).try_acquire().unwrap_err() { //~ E0004
        TryAcquireError::NoPermits => {}
        TryAcquireError::Closed => {}
    }
}
