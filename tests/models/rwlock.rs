//! RwLock: a writer alone, or readers together – cells that the checker watches tell – and handed over, never dropped.

use std::sync::Arc;

use loom::cell::UnsafeCell;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Data whose uses the checker sees: what is written while another looks fails the model.
#[derive(Default)]
struct Watched(Watch, u32);

/// A cell that holds nothing, beside the data.
#[derive(Default)]
struct Watch(UnsafeCell<()>);

// SAFETY: there is nothing in the cell; the checker says so if it is used from two sides.
unsafe impl Sync for Watch {}

impl Watch {
    fn look(&self) {
        self.0.with(|_| ());
    }
}

impl Watched {
    fn read(&self) -> u32 {
        self.0.look();
        self.1
    }

    fn write(&mut self) {
        self.0.0.with_mut(|_| ());
        self.1 += 1;
    }
}

fn fresh() -> Arc<RwLock<Watched>> {
    Arc::default()
}

fn is_free(lock: &RwLock<Watched>) -> bool {
    (lock.readers(), lock.is_write_locked(), lock.waiters()) == (0, false, 0)
}

/// Kills: a reader beside a writer (`rwlock_a_reader_takes_nothing`).
#[test]
fn a_writer_is_alone() {
    model("rwlock: write ∥ read", || {
        let lock = fresh();
        let other = Arc::clone(&lock);
        let thread = spawn(move || {
            other.write_blocking().write();
            (1..pick(2, 3)).for_each(|_| run(other.write()).write());
        });
        let seen = lock.read_blocking().read();
        assert!(run(lock.read()).read() >= seen);
        thread.join().unwrap();
        assert_eq!(lock.try_read().unwrap().read(), pick(2, 3));
    });
}

/// Kills: a write that the other does not see, or that is lost.
#[test]
fn two_writers_and_a_reader_take_turns() {
    model("rwlock: write ∥ write ∥ read", || {
        let lock = fresh();
        let threads = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            spawn(move || run(lock.write()).write())
        });
        assert!(lock.read_blocking().read() <= 2);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(lock.try_read().unwrap().read(), 2);
        assert!(is_free(&lock));
    });
}

/// Kills: the last reader to leave that finds the writer's permits not all there (`rwlock_the_writer_asks_for_less`).
#[test]
fn the_last_reader_lets_the_writer_in() {
    model("rwlock: two readers leave ∥ write", || {
        let lock = fresh();
        let readers = [lock.try_read_owned().unwrap(), lock.try_read_owned().unwrap()];
        let threads = readers.map(|reader| {
            spawn(move || {
                assert!(reader.read() == 0);
                drop(reader);
            })
        });
        lock.write_blocking().write();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(is_free(&lock));
    });
}

/// Kills: a reader that gives back what it keeps, so that a writer comes in (`rwlock_a_downgrade_gives_all_back`), and
/// one that keeps what readers wait for (`rwlock_a_downgrade_keeps_all`).
#[test]
fn a_downgrade_has_no_gap() {
    model("rwlock: downgrade ∥ a reader and a writer wait", || {
        let lock = fresh();
        let mut writer = lock.try_write_owned().unwrap();
        let (reader, next) = (queued(lock.read_owned()), queued(lock.write_owned()));
        let (reads, writes) = (spawn(move || run(reader).read()), spawn(move || run(next).write()));
        writer.write();
        let mine = OwnedRwLockWriteGuard::downgrade(writer);
        assert_eq!(reads.join().unwrap(), 1, "the reader was before the writer, and reads beside this one");
        assert_eq!(mine.read(), 1, "no other has written");
        drop(mine);
        writes.join().unwrap();
        assert_eq!((lock.try_read().unwrap().read(), lock.waiters()), (2, 0));
    });
}

/// Kills: a first writer that leaves the readers behind it asleep.
#[test]
fn a_writer_that_leaves_the_line_lets_readers_in() {
    model("rwlock: a writer leaves ∥ readers behind it", || {
        let lock = fresh();
        let first = lock.try_read_owned().unwrap();
        let (writer, reader) = (queued(lock.write_owned()), queued(lock.read_owned()));
        let threads = [spawn(move || drop(writer)), spawn(move || drop(first))];
        assert_eq!(run(reader).read(), 0);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(is_free(&lock));
    });
}

/// Kills: a granted writer that is dropped and keeps the lock.
#[test]
fn a_cancel_that_meets_its_hand_over_hands_it_on() {
    model("rwlock: hand-over ∥ cancel of a writer", || {
        let lock = fresh();
        let held = lock.try_read_owned().unwrap();
        let (gone, next) = (queued(lock.write_owned()), queued(lock.read_owned()));
        let threads = [spawn(move || drop(held)), spawn(move || drop(gone))];
        assert_eq!(run(next).read(), 0);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(is_free(&lock));
    });
}

/// Kills: an unlock that lets a newcomer read before a writer that waits.
#[test]
fn a_try_never_passes_a_writer() {
    model("rwlock: try ∥ a reader leaves, a writer waits", || {
        let lock = fresh();
        let held = lock.try_read_owned().unwrap();
        let mut writer = queued(lock.write_owned());
        let thread = spawn(move || drop(held));
        for _ in 0..3 {
            assert!(lock.try_read().is_none() && lock.try_write().is_none());
        }
        if let Some(mut guard) = glance(&mut writer) {
            guard.write();
        }
        drop(writer);
        thread.join().unwrap();
        assert!(is_free(&lock));
    });
}

/// Kills: a mapped guard that does not unlock, or unlocks twice.
#[test]
fn a_mapped_guard_unlocks_from_another_thread() {
    model("rwlock: mapped guards dropped ∥ write", || {
        let lock = fresh();
        let whole = lock.try_read_owned().unwrap();
        let part = OwnedRwLockReadGuard::map(lock.try_read_owned().unwrap(), |data| &data.0);
        let threads = [spawn(move || part.look()), spawn(move || drop(whole))];
        run(lock.write()).write();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(is_free(&lock));
    });
}
