//! Data that is not `Sync` is not read on two threads, and data that is not `Send` not written on another one.

use sempost::{RwLock, RwLockReadGuard};
use std::cell::Cell;
use std::rc::Rc;
use std::thread::scope;

static FINE: RwLock<u32> = RwLock::new(1);
static SHARED: RwLock<Cell<u32>> = RwLock::new(Cell::new(1)); //~ E0277
static LOCAL: RwLock<Option<Rc<u32>>> = RwLock::new(None); //~ E0277

fn main() {
    let _ = (&FINE, &SHARED, &LOCAL);
    let lock = RwLock::new((1, Cell::new(1)));
    let number = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.0);
    let cell = RwLockReadGuard::map(lock.try_read().unwrap(), |pair| &pair.1);
    scope(|threads| {
        threads.spawn(move || drop(number));
        threads.spawn(move || drop(cell)); //~ E0277
    });
}
