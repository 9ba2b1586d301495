//! The guards of a readers-writer lock, mapped guards, and taking it apart.

use crate::common::{Bell, now, queued, ready};
use sempost::{
    MappedRwLockWriteGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockReadGuard, RwLockWriteGuard,
};
use std::sync::Arc;

#[test]
fn get_mut_and_into_inner_need_no_lock() {
    let mut lock = RwLock::new(1);
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 2);
}

#[test]
fn an_owned_guard_knows_its_lock() {
    let lock = Arc::new(RwLock::new((1, 2)));
    let guard = now(lock.write_owned());
    let known: Arc<RwLock<(i32, i32)>> = Arc::clone(OwnedRwLockWriteGuard::rwlock(&guard));
    let part = OwnedRwLockWriteGuard::map(guard, |pair| &mut pair.0);
    assert!(Arc::ptr_eq(OwnedMappedRwLockWriteGuard::rwlock(&part), &lock));
    drop(part);
    assert!(Arc::ptr_eq(&known, &lock) && known.try_write().is_some());
}

#[test]
fn readers_are_counted_and_a_writer_is_none() {
    let lock = RwLock::new(());
    assert_eq!((lock.readers(), lock.is_write_locked()), (0, false));
    let (first, second) = (lock.try_read().unwrap(), lock.try_read().unwrap());
    assert_eq!((lock.readers(), lock.is_write_locked()), (2, false));
    drop((first, second));
    let writer = lock.try_write().unwrap();
    assert_eq!((lock.readers(), lock.is_write_locked()), (0, true));
    let reader = RwLockWriteGuard::downgrade(writer);
    assert_eq!((lock.readers(), lock.is_write_locked()), (1, false));
    drop(reader);
    assert!(lock.try_write().is_some());
}

#[test]
fn mapped_readers_keep_it_locked_and_map_on() {
    let lock = RwLock::new([[1, 2], [3, 4]]);
    let other = lock.try_read().unwrap();
    let row = RwLockReadGuard::map(now(lock.read()), |rows| &rows[1]);
    let cell = RwLockReadGuard::map(row, |row| &row[0]);
    assert_eq!((*cell, other[0][0], lock.readers()), (3, 1, 2));
    drop((cell, other));
    assert_eq!(lock.readers(), 0);
}

#[test]
fn mapped_writers_keep_it_locked_and_map_on() {
    let lock = RwLock::new([[1, 2], [3, 4]]);
    let row = RwLockWriteGuard::map(now(lock.write()), |rows| &mut rows[1]);
    let mut cell = MappedRwLockWriteGuard::map(row, |row| &mut row[0]);
    *cell = 7;
    assert!(lock.is_write_locked());
    drop(cell);
    assert_eq!(lock.into_inner(), [[1, 2], [7, 4]]);
}

#[test]
fn mapped_guards_let_the_next_in_when_dropped() {
    let lock = RwLock::new((1, 2));
    let part = RwLockReadGuard::map(now(lock.read()), |pair| &pair.0);
    let bell = Bell::new();
    let mut writer = queued(lock.write(), &bell);
    drop(part);
    assert_eq!(bell.wakes(), 1);
    let part = RwLockWriteGuard::map(ready(&mut writer, &bell), |pair| &mut pair.1);
    let mut readers = [queued(lock.read(), &bell), queued(lock.read(), &bell)];
    drop(part);
    assert_eq!(bell.wakes(), 3);
    drop(readers.each_mut().map(|reader| ready(reader, &bell)));
}

#[test]
fn try_map_gives_the_guard_back_when_there_is_nothing() {
    let lock = RwLock::new(vec![1]);
    let guard = RwLockReadGuard::try_map(now(lock.read()), |list| list.get(1)).unwrap_err();
    let first = RwLockReadGuard::try_map(guard, |list| list.first()).unwrap();
    let first = RwLockReadGuard::try_map(first, |n| (*n > 9).then_some(n)).unwrap_err();
    assert_eq!((*first, lock.readers()), (1, 1));
    drop(first);
    let mut guard = RwLockWriteGuard::try_map(now(lock.write()), |list| list.get_mut(1)).unwrap_err();
    guard.push(2);
    let mut second = RwLockWriteGuard::try_map(guard, |list| list.get_mut(1)).unwrap();
    *second = 3;
    let second = MappedRwLockWriteGuard::try_map(second, |n| (*n > 9).then_some(n)).unwrap_err();
    drop(second);
    assert_eq!(lock.into_inner(), [1, 3]);
}

#[test]
fn owned_guards_map_too_and_keep_the_lock_alive() {
    let lock = Arc::new(RwLock::new((1, vec![2])));
    let weak = Arc::downgrade(&lock);
    let list = OwnedRwLockWriteGuard::map(now(lock.write_owned()), |pair| &mut pair.1);
    let mut first = OwnedMappedRwLockWriteGuard::try_map(list, |list| list.first_mut()).unwrap();
    *first = 7;
    drop(first);
    let list = OwnedRwLockReadGuard::map(now(lock.read_owned()), |pair| &pair.1);
    let first = OwnedRwLockReadGuard::map(list, |list| &list[0]);
    let reader: OwnedRwLockReadGuard<_> = lock.try_read_owned().unwrap();
    drop(lock);
    assert_eq!((*first, reader.0), (7, 1));
    drop(first);
    let lock = Arc::clone(OwnedRwLockReadGuard::rwlock(&reader));
    assert_eq!(lock.readers(), 1);
    drop((reader, lock));
    assert!(weak.upgrade().is_none());
}

#[test]
fn an_owned_guard_of_the_last_handle_downgrades() {
    let mut guard = Arc::new(RwLock::new("text".to_owned())).try_write_owned().unwrap();
    guard.push('!');
    let reader = OwnedRwLockWriteGuard::downgrade(guard);
    assert_eq!((reader.as_str(), OwnedRwLockReadGuard::rwlock(&reader).readers()), ("text!", 1));
}

#[test]
fn a_guard_shows_its_value() {
    let lock = RwLock::new(5);
    assert_eq!(format!("{} {:?}", lock.try_read().unwrap(), lock.try_read().unwrap()), "5 5");
    assert_eq!(format!("{:?}", lock.try_write().unwrap()), "5");
    let part = RwLockReadGuard::map(lock.try_read().unwrap(), |n| n);
    assert_eq!(format!("{part} {part:?}"), "5 5");
}

/// What the recipe of the docs says: drop, write, and look again.
#[test]
fn an_upgrade_is_a_drop_a_write_and_another_look() {
    let lock = RwLock::new(0);
    let seen = *now(lock.read());
    let other = Bell::new();
    *now(lock.write()) += 1;
    let mut guard = now(lock.write());
    if *guard == seen {
        *guard = 10;
    }
    assert_eq!((*guard, other.wakes()), (1, 0), "another writer was there");
}

/// Why a task must not read twice: the second read is behind the writer, which is behind the first.
#[test]
fn a_second_read_behind_a_writer_waits() {
    let lock = RwLock::new(0);
    let first = now(lock.read());
    let bells = [Bell::new(), Bell::new()];
    let writer = queued(lock.write(), &bells[0]);
    let mut second = queued(lock.read(), &bells[1]);
    drop(writer);
    assert_eq!(*ready(&mut second, &bells[1]), *first);
}
