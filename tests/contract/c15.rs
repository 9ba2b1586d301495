//! C15: constants, conversions, debugging, and no poisoning.

use crate::common::lines::Cond::{self, A, B};
use crate::common::{Bell, panic_message, queued};
use sempost::{Monitor, Mutex, Semaphore};

static SEMAPHORE: Semaphore = Semaphore::new(3);
static MUTEX: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static MONITOR: Monitor<u32, Cond> = Monitor::new(7);

/// What `Debug` prints, and a check that the pretty form works, too.
fn debug(value: &dyn std::fmt::Debug) -> String {
    assert!(!format!("{value:#?}").is_empty());
    format!("{value:?}")
}

#[test]
fn c15_semaphore_new_is_const() {
    assert_eq!(SEMAPHORE.available_permits(), 3);
}

#[test]
fn c15_semaphore_debug_shows_state_and_waiters() {
    let semaphore = Semaphore::new(41);
    let fresh = debug(&semaphore);
    assert!(fresh.contains("Semaphore") && fresh.contains("41"), "{fresh}");
    let _waiters = [0; 23].map(|_| queued(semaphore.acquire_many(77), &Bell::new()));
    let waited = debug(&semaphore);
    assert!(waited.contains("23") && waited.contains("41"), "{waited}");
    semaphore.close();
    assert_ne!(debug(&semaphore), fresh);
}

#[test]
fn c15_semaphore_waiters_counts_the_line() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    assert_eq!(semaphore.waiters(), 0);
    let first = queued(semaphore.acquire(), &bell);
    let _second = queued(semaphore.acquire_many(9), &bell);
    assert_eq!(semaphore.waiters(), 2);
    drop(first);
    assert_eq!(semaphore.waiters(), 1);
}

#[test]
fn c15_semaphore_permits_and_futures_have_a_debug() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire_many(2).unwrap();
    assert!(!debug(&permit).is_empty());
    assert!(!debug(&semaphore.acquire()).is_empty());
    assert!(!debug(&semaphore.closed()).is_empty());
    let message = debug(&semaphore.try_acquire_many(2).unwrap_err());
    assert!(message.contains("NoPermits"), "{message}");
}

#[test]
fn c15_semaphore_errors_say_what_happened() {
    let semaphore = Semaphore::new(0);
    let full = semaphore.try_acquire().unwrap_err();
    semaphore.close();
    let closed = semaphore.try_acquire().unwrap_err();
    let errors: [&dyn std::error::Error; 2] = [&full, &closed];
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    assert_ne!(full.to_string(), closed.to_string());
}

#[test]
fn c15_mutex_new_is_const() {
    MUTEX.try_lock().unwrap().push(1);
    assert!(!MUTEX.is_locked());
}

#[test]
fn c15_mutex_default_and_from() {
    assert_eq!(*Mutex::<u32>::default().try_lock().unwrap(), 0);
    assert_eq!(Mutex::from(7).into_inner(), 7);
}

#[test]
fn c15_mutex_debug_shows_the_value_or_that_it_is_locked() {
    let mutex = Mutex::new(4_711);
    let free = debug(&mutex);
    assert!(free.contains("Mutex") && free.contains("4711"), "{free}");
    let guard = mutex.try_lock().unwrap();
    assert_eq!(debug(&guard), "4711", "a guard shows what it guards");
    let locked = debug(&mutex);
    assert!(!locked.contains("4711"), "{locked}");
    let _waiters = [0; 23].map(|_| queued(mutex.lock(), &Bell::new()));
    assert!(debug(&mutex).contains("23"));
}

#[test]
fn c15_mutex_waiters_counts_the_line() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let waiter = queued(mutex.lock(), &Bell::new());
    assert_eq!(mutex.waiters(), 1);
    drop(waiter);
    assert_eq!(mutex.waiters(), 0);
    drop(guard);
}

#[test]
fn c15_mutex_is_not_poisoned() {
    let mutex = Mutex::new(0);
    panic_message(|| {
        let mut guard = mutex.try_lock().unwrap();
        *guard = 1;
        panic!("half-changed");
    });
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

#[test]
fn c15_mutex_holds_unsized_data() {
    let mutex: Box<Mutex<[u32]>> = Box::new(Mutex::new([1, 2, 3]));
    mutex.try_lock().unwrap()[1] = 7;
    assert_eq!(&*mutex.try_lock().unwrap(), &[1, 7, 3]);
}

#[test]
fn c15_monitor_new_is_const() {
    assert_eq!(*MONITOR.try_enter().unwrap(), 7);
}

#[test]
fn c15_monitor_default_and_from() {
    assert_eq!(*Monitor::<u32, Cond>::default().try_enter().unwrap(), 0);
    assert_eq!(Monitor::<u32, Cond>::from(7).into_inner(), 7);
}

#[test]
fn c15_monitor_debug_shows_state_and_waiters() {
    let monitor = Monitor::<u32, Cond>::new(4_711);
    let free = debug(&monitor);
    assert!(free.contains("Monitor") && free.contains("4711"), "{free}");
    let _waiters = [0; 23].map(|_| queued(monitor.try_enter().unwrap().wait(B), &Bell::new()));
    assert!(debug(&monitor).contains("23"), "{}", debug(&monitor));
    let inside = monitor.try_enter().unwrap();
    assert!(!debug(&monitor).contains("4711"));
    assert_eq!(debug(&inside), "4711");
}

#[test]
fn c15_monitor_waiters_counts_each_condition() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let bell = Bell::new();
    let _a = queued(monitor.try_enter().unwrap().wait(A), &bell);
    let _b = queued(monitor.try_enter().unwrap().wait(B), &bell);
    let _c = queued(monitor.try_enter().unwrap().wait_while(B, |_| true), &bell);
    assert_eq!((monitor.waiters(A), monitor.waiters(B), monitor.entering()), (1, 2, 0));
    let inside = monitor.try_enter().unwrap();
    assert_eq!(inside.notify_all(B), 2);
    assert_eq!((monitor.waiters(B), monitor.entering()), (0, 2));
    drop(inside);
}

#[test]
fn c15_monitor_is_not_poisoned() {
    let monitor = Monitor::<u32, Cond>::new(0);
    panic_message(|| {
        *monitor.try_enter().unwrap() = 1;
        let _inside = monitor.try_enter().unwrap();
        panic!("half-changed");
    });
    assert_eq!(*monitor.try_enter().unwrap(), 1);
}

#[test]
fn c15_monitor_conditions_are_copied_compared_and_shown() {
    let (one, other) = (A, A);
    assert!(!debug(&one).is_empty());
    let monitor = Monitor::<u32, Cond>::new(0);
    assert_eq!(monitor.waiters(one) + monitor.waiters(other) + monitor.waiters(one), 0);
}
