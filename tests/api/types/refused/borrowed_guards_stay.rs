//! A guard or permit that borrows does not move into a thread or task; one that keeps the `Arc` does.

use std::sync::Arc;
use std::thread::spawn;

fn main() {
    let mutex = Arc::new(sempost::Mutex::new(1));
    let pool = Arc::new(sempost::Semaphore::new(2));
    let (guard, permit) = (mutex.try_lock_owned().unwrap(), pool.try_acquire_owned().unwrap());
    spawn(move || drop((guard, permit)));
    let guard = mutex.try_lock().unwrap(); //~ E0597
    spawn(move || drop(guard));
    let permit = pool.try_acquire().unwrap(); //~ E0597
    spawn(move || drop(permit));
}
