//! Two copies of a permit would be given back twice.

fn main() {
    let pool = sempost::Semaphore::new(1);
    let mutex = sempost::Mutex::new(std::cell::Cell::new(1));
    let permit = pool.try_acquire().unwrap();
    let guard = mutex.try_lock().unwrap();
    let _ = permit.clone(); //~ E0599
    let _: sempost::MutexGuard<'_, _> = guard.clone(); //~ E0308
    drop(guard);
}
