//! A permit, and a future that asks for one, borrow their semaphore.

use sempost::Semaphore;

fn main() {
    let pool = Semaphore::new(1);
    let permit = pool.try_acquire().unwrap();
    drop(pool); //~ E0505
    drop(permit);
    let pool = Semaphore::new(1);
    let acquiring = pool.acquire();
    drop(pool); //~ E0505
    drop(acquiring);
}
