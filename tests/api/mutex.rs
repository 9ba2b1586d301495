//! Guards, mapped guards, and taking it apart.

use crate::common::{Bell, now, panic_message, queued, ready};
use sempost::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
use std::sync::Arc;

#[test]
fn get_mut_and_into_inner_need_no_lock() {
    let mut mutex = Mutex::new(1);
    *mutex.get_mut() += 1;
    assert_eq!(mutex.into_inner(), 2);
}

#[test]
fn a_guard_knows_its_mutex() {
    let mutex = Arc::new(Mutex::new(1));
    let guard = now(mutex.lock());
    // Copied out of the guard, the reference outlives it.
    let known = *MutexGuard::mutex(&guard);
    drop(guard);
    assert!(std::ptr::eq(known, &*mutex));
    let guard = now(mutex.lock_owned());
    let known: Arc<Mutex<i32>> = Arc::clone(OwnedMutexGuard::mutex(&guard));
    drop(guard);
    assert!(Arc::ptr_eq(&known, &mutex) && known.try_lock().is_some());
}

#[test]
fn is_locked_until_the_guard_goes() {
    let mutex = Mutex::new(());
    assert!(!mutex.is_locked());
    let guard = mutex.try_lock().unwrap();
    assert!(mutex.is_locked());
    drop(guard);
    assert!(!mutex.is_locked());
}

#[test]
fn a_mapped_guard_keeps_it_locked() {
    let mutex = Mutex::new((1, "two".to_owned()));
    let mut text = MutexGuard::map(now(mutex.lock()), |pair| &mut pair.1);
    text.push('!');
    assert!(mutex.is_locked());
    drop(text);
    assert!(!mutex.is_locked());
    assert_eq!(mutex.into_inner(), (1, "two!".to_owned()));
}

#[test]
fn a_mapped_guard_maps_on() {
    let mutex = Mutex::new([[1, 2], [3, 4]]);
    let row = MutexGuard::map(now(mutex.lock()), |rows| &mut rows[1]);
    let mut cell = MappedMutexGuard::map(row, |row| &mut row[0]);
    *cell = 7;
    drop(cell);
    assert_eq!(mutex.into_inner(), [[1, 2], [7, 4]]);
}

#[test]
fn a_mapped_guard_wakes_the_next_when_dropped() {
    let mutex = Mutex::new((1, 2));
    let part = MutexGuard::map(now(mutex.lock()), |pair| &mut pair.0);
    let bell = Bell::new();
    let mut waiter = queued(mutex.lock(), &bell);
    drop(part);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiter, &bell));
}

#[test]
fn try_map_gives_the_guard_back_when_there_is_nothing() {
    let mutex = Mutex::new(vec![1]);
    let guard = now(mutex.lock());
    let mut guard = MutexGuard::try_map(guard, |list| list.get_mut(1)).unwrap_err();
    guard.push(2);
    let mut second = MutexGuard::try_map(guard, |list| list.get_mut(1)).unwrap();
    *second = 3;
    let second = MappedMutexGuard::try_map(second, |n| (*n > 9).then_some(n)).unwrap_err();
    drop(second);
    assert_eq!(mutex.into_inner(), [1, 3]);
}

#[test]
fn owned_guards_map_too() {
    let mutex = Arc::new(Mutex::new((1, vec![2])));
    let list = OwnedMutexGuard::map(now(mutex.lock_owned()), |pair| &mut pair.1);
    let mut first = OwnedMappedMutexGuard::try_map(list, |list| list.first_mut()).unwrap();
    *first = 7;
    assert!(mutex.is_locked());
    drop(first);
    assert_eq!(Arc::try_unwrap(mutex).unwrap().into_inner(), (1, vec![7]));
    let mutex = Arc::new(Mutex::new(None::<u32>));
    let guard = OwnedMutexGuard::try_map(now(mutex.lock_owned()), Option::as_mut).unwrap_err();
    assert!(guard.is_none());
}

#[test]
fn a_try_map_that_panics_unlocks() {
    let mutex = Mutex::new(0);
    fn nothing(_: &mut u32) -> Option<&mut u32> {
        panic!("no such part")
    }
    let guard = now(mutex.lock());
    panic_message(|| drop(MutexGuard::try_map(guard, nothing)));
    assert!(!mutex.is_locked());
}

#[test]
fn an_owned_guard_keeps_the_mutex_alive() {
    let mutex = Arc::new(Mutex::new(7));
    let weak = Arc::downgrade(&mutex);
    let guard = mutex.try_lock_owned().unwrap();
    drop(mutex);
    assert_eq!(*guard, 7);
    drop(guard);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_guard_shows_its_value() {
    let mutex = Mutex::new(5);
    assert_eq!(format!("{}", mutex.try_lock().unwrap()), "5");
    assert_eq!(format!("{:?}", mutex.try_lock().unwrap()), "5");
}
