//! A guard of data that is not `Send` stays with its thread, and so does a future that holds one.

use std::cell::Cell;
use std::rc::Rc;
use std::thread::scope;

fn main() {
    let (local, shared) = (sempost::Mutex::new(Rc::new(1)), sempost::Mutex::new(Cell::new(1)));
    let guard = local.try_lock().unwrap();
    let other = shared.try_lock().unwrap();
    scope(|threads| {
        threads.spawn(|| other.set(2)); //~ E0277
        threads.spawn(move || drop(guard)); //~ E0277
    });
}
