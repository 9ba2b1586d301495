//! `wait` takes the guard: who waits is not inside.

sempost::conditions! { enum Any { Change } }

fn main() {
    let monitor = sempost::Monitor::<u32, Any>::new(0);
    let mut guard = monitor.try_enter().unwrap();
    *guard += 1;
    let waiting = guard.wait(Any::Change);
    *guard += 1; //~ E0382
    drop(waiting);
}
