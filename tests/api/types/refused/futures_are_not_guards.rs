//! What `lock` and `enter` return are futures, and guards only when they were awaited.

sempost::conditions! { enum Any { Change } }

fn main() {
    let mutex = sempost::Mutex::new(vec![1_u32]);
    let monitor = sempost::Monitor::<u32, Any>::new(0);
    *mutex.lock_blocking() = vec![2];
    *monitor.enter_blocking() += 1;
    *mutex.lock() = vec![2]; //~ E0614
    mutex.lock().push(3); //~ E0599
    *monitor.enter() += 1; //~ E0614
    let _ = Any::Change;
}
