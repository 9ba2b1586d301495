//! A waiter is linked by address.

use std::pin::Pin;

fn main() {
    let pool = sempost::Semaphore::new(1);
    let mut boxed = Box::pin(pool.acquire());
    let _ = boxed.as_mut();
    let mut acquiring = pool.acquire();
    let _ = Pin::new(&mut acquiring); //~ E0277
}
