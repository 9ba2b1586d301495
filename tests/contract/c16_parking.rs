//! C16: foreign code that parks the waiting thread takes no wake-up along.
//!
//! One table: every future of the crate × every place at which foreign code runs while a thread waits in it. There the
//! foreign code first lets come what the thread waits for, and then parks, which takes the wake-up. So all of it
//! happens on one thread, and a wait that parks without another look at its place never returns.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, queued, ready, watched, with};
use sempost::{Condvar, Fairness, Monitor, Mutex, Semaphore, mailbox, oneshot};
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex as StdMutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

/// A place at which foreign code runs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// The deadline is polled.
    Deadline,
    /// The deadline rings, and then parks.
    Ring,
    /// What the deadline returned is dropped: a message, say.
    Output,
    /// A waker is called because this thread has joined its line.
    Joined,
    /// Likewise, where the wait ends after a time.
    JoinedForATime,
    /// A waker is dropped that an earlier poll has left.
    OldWaker,
}

const PLACES: [Place; 6] =
    [Place::Deadline, Place::Ring, Place::Output, Place::Joined, Place::JoinedForATime, Place::OldWaker];

/// Why a cell has no test.
type Reason = &'static str;

const WAKES_NOBODY: Reason = "to join this line wakes nobody";
const PINNED: Reason = "it was never polled: a future that was is pinned, and cannot be passed to `wait`";

/// Long enough for the watchdog to come first.
const LONG: Duration = Duration::from_secs(3_600);

/// Parks, if only for an instant: a wake-up that has come is gone.
fn park() {
    thread::park_timeout(Duration::ZERO);
}

/// What comes, once; and then a park.
#[derive(Clone)]
struct Event(Arc<StdMutex<Option<Once>>>);

type Once = Box<dyn FnOnce() + Send>;

impl Event {
    fn new(event: impl FnOnce() + Send + 'static) -> Self {
        Self(Arc::new(StdMutex::new(Some(Box::new(event)))))
    }

    fn come(&self) {
        let event = self.0.lock().unwrap().take();
        event.into_iter().for_each(|event| event());
        park();
    }

    /// A task that has what it waits for as soon as it is woken.
    fn at_wake(&self, bell: &Bell) {
        let event = self.clone();
        bell.on_wake(move || event.come());
    }

    fn at_drop(&self, bell: &Bell) {
        let event = self.clone();
        bell.on_drop(move || event.come());
    }
}

struct Dropped(Event);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.come();
    }
}

fn never_before(event: &Event) -> impl Future<Output = ()> {
    poll_fn(|_| {
        event.come();
        Poll::Pending
    })
}

fn rings() -> impl Future<Output = ()> {
    let mut rang = false;
    poll_fn(move |cx| {
        if std::mem::replace(&mut rang, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        park();
        Poll::Pending
    })
}

/// The last part of a type's name.
fn name_of<F>(_: &F) -> String {
    let name = std::any::type_name::<F>();
    name.split('<').next().unwrap().rsplit("::").next().unwrap().to_owned()
}

/// Waits on this thread, with foreign code at `place`; returns the name of the future.
macro_rules! wait {
    ($place:expr, $event:expr, $future:expr) => {{
        let (event, future): (&Event, _) = (&$event, $future);
        let name = name_of(&future);
        match $place {
            Place::Deadline => _ = future.until(never_before(event)).wait(),
            Place::Ring => _ = future.until(rings()).wait(),
            Place::Output => {
                let dropped = Dropped(event.clone());
                _ = future.until(async { dropped }).wait();
            }
            Place::Joined | Place::OldWaker => _ = future.wait(),
            Place::JoinedForATime => _ = future.wait_timeout(LONG),
        }
        Ok(name)
    }};
}

/// Lets `first` come at the first poll, and what the thread waits for after that at the second; `rings` where `first`
/// is no reason for a second.
fn in_two_steps(rings: bool, mut first: impl FnMut(), event: &Event) -> impl Future<Output = ()> {
    let mut polls = 0;
    poll_fn(move |cx| {
        polls += 1;
        if polls == 1 {
            first();
            if rings {
                cx.waker().wake_by_ref();
            }
        } else {
            event.come();
        }
        Poll::<()>::Pending
    })
}

/// Kills: a wait that looks for itself in the condition variable's line when it stands in the mutex's.
#[test]
fn c16_condvar_a_wait_that_was_moved_wakes_a_thread_whose_foreign_code_parks() {
    let (mutex, condvar) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
    watched(String::new, || {
        let guard = mutex.try_lock_owned().unwrap();
        let held = Arc::new(StdMutex::new(None));
        let (own, other) = (held.clone(), (mutex.clone(), condvar.clone()));
        let notify = move || {
            *own.lock().unwrap() = other.0.try_lock_owned();
            assert!(other.1.notify_one());
        };
        let unlock = Event::new(move || drop(held.lock().unwrap().take()));
        let _ = condvar.wait(guard).until(in_two_steps(false, notify, &unlock)).wait();
    });
    assert!(!mutex.is_locked());
}

/// Kills: likewise, in a monitor whose waiter stands at the door.
#[test]
fn c16_monitor_a_wait_that_was_moved_wakes_a_thread_whose_foreign_code_parks() {
    let monitor = Arc::new(Monitor::<_, Cond>::new(0));
    watched(String::new, || {
        let guard = monitor.try_enter_owned().unwrap();
        let inside = Arc::new(StdMutex::new(None));
        let (own, other) = (inside.clone(), monitor.clone());
        let notify = move || {
            let entered = other.try_enter_owned().unwrap();
            assert!(entered.notify_one(A));
            *own.lock().unwrap() = Some(entered);
        };
        let leave = Event::new(move || drop(inside.lock().unwrap().take()));
        let _ = guard.wait(A).until(in_two_steps(true, notify, &leave)).wait();
    });
    assert!(!monitor.is_occupied());
}

/// What is expected of most futures: they are pinned after a poll, and to join wakes nobody.
fn plain(place: Place) -> Result<(), Reason> {
    match place {
        Place::Joined | Place::JoinedForATime => Err(WAKES_NOBODY),
        Place::OldWaker => Err(PINNED),
        _ => Ok(()),
    }
}

fn joins(place: Place) -> Result<bool, Reason> {
    match place {
        Place::OldWaker => Err(PINNED),
        place => Ok(matches!(place, Place::Joined | Place::JoinedForATime)),
    }
}

type Cell = Result<String, Reason>;

fn acquire(place: Place) -> Cell {
    plain(place)?;
    let semaphore = Arc::new(Semaphore::new(0));
    let other = semaphore.clone();
    wait!(place, Event::new(move || _ = other.add_permits(2)), semaphore.acquire_many(2))
}

/// Where newcomers may pass, a waiter is woken to retry.
fn acquire_barging(place: Place) -> Cell {
    plain(place)?;
    let semaphore = Arc::new(Semaphore::with_fairness(0, Fairness::Barging { overtakes: 1 }));
    let other = semaphore.clone();
    wait!(place, Event::new(move || _ = other.add_permits(1)), semaphore.acquire_owned())
}

fn lock(place: Place) -> Cell {
    plain(place)?;
    let mutex = Arc::new(Mutex::new(()));
    let held = mutex.try_lock_owned().unwrap();
    wait!(place, Event::new(move || drop(held)), mutex.lock())
}

fn enter(place: Place) -> Cell {
    plain(place)?;
    let monitor = Arc::new(Monitor::<_, Cond>::new(()));
    let inside = monitor.try_enter_owned().unwrap();
    wait!(place, Event::new(move || drop(inside)), monitor.enter_owned())
}

/// Whoever waits for a condition leaves, which wakes the next at the door; that one notifies at once.
fn wait_in_a_monitor(place: Place) -> Cell {
    let (monitor, bell) = (Arc::new(Monitor::<_, Cond>::new(0)), Bell::new());
    let guard = monitor.try_enter_owned().unwrap();
    let mut next = joins(place)?.then(|| queued(monitor.enter_owned(), &bell));
    let event = Event::new(move || {
        let inside = match &mut next {
            Some(next) => ready(next, &Bell::new()),
            None => monitor.try_enter_owned().unwrap(),
        };
        inside.notify_one(A);
    });
    event.at_wake(&bell);
    wait!(place, event, guard.wait(A))
}

fn wait_while_in_a_monitor(place: Place) -> Cell {
    let (monitor, bell) = (Arc::new(Monitor::<_, Cond>::new(0)), Bell::new());
    let guard = monitor.try_enter_owned().unwrap();
    let mut next = joins(place)?.then(|| queued(monitor.enter_owned(), &bell));
    let event = Event::new(move || {
        let mut inside = match &mut next {
            Some(next) => ready(next, &Bell::new()),
            None => monitor.try_enter_owned().unwrap(),
        };
        *inside = 1;
        inside.notify_one(A);
    });
    event.at_wake(&bell);
    wait!(place, event, guard.wait_while(A, |n| *n == 0))
}

fn wait_for_a_condvar(place: Place) -> Cell {
    let (mutex, condvar, bell) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()), Bell::new());
    let guard = mutex.try_lock_owned().unwrap();
    let mut next = joins(place)?.then(|| queued(mutex.lock_owned(), &bell));
    let other = condvar.clone();
    let event = Event::new(move || {
        let held = next.as_mut().map(|next| ready(next, &Bell::new()));
        other.notify_one();
        drop(held);
    });
    event.at_wake(&bell);
    wait!(place, event, condvar.wait(guard))
}

fn wait_while_for_a_condvar(place: Place) -> Cell {
    let (mutex, condvar, bell) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()), Bell::new());
    let guard = mutex.try_lock_owned().unwrap();
    let mut next = joins(place)?.then(|| queued(mutex.lock_owned(), &bell));
    let other = condvar.clone();
    let event = Event::new(move || {
        let mut held = match &mut next {
            Some(next) => ready(next, &Bell::new()),
            None => mutex.try_lock_owned().unwrap(),
        };
        *held = 1;
        other.notify_one();
    });
    event.at_wake(&bell);
    wait!(place, event, condvar.wait_while_owned(guard, |n| *n == 0))
}

#[path = "c16_parking_ends.rs"]
mod ends;
use ends::{
    barrier_wait, closed, credits_recv, credits_reserve, credits_reserve_owned, credits_send, credits_send_owned,
    drained, enter_a_monitor_when, latch_wait, oneshot_end, oneshot_value, ports_recv, ports_recv_from,
    ports_recv_from_owned, ports_recv_many, ports_recv_owned, read, recv, recv_at_a_meeting, recv_many, reserve,
    reserve_many, reserve_owned, send, send_many, send_to_a_meeting, wait_for_in_a_monitor, write,
};

const ROWS: [fn(Place) -> Cell; 37] = [
    acquire,
    acquire_barging,
    lock,
    enter,
    wait_in_a_monitor,
    wait_while_in_a_monitor,
    enter_a_monitor_when,
    wait_for_in_a_monitor,
    wait_for_a_condvar,
    wait_while_for_a_condvar,
    send,
    send_to_a_meeting,
    send_many,
    reserve,
    reserve_many,
    reserve_owned,
    recv,
    recv_at_a_meeting,
    recv_many,
    closed,
    drained,
    oneshot_value,
    oneshot_end,
    credits_send,
    credits_send_owned,
    credits_reserve,
    credits_reserve_owned,
    credits_recv,
    ports_recv,
    ports_recv_many,
    ports_recv_owned,
    ports_recv_from,
    ports_recv_from_owned,
    latch_wait,
    barrier_wait,
    read,
    write,
];

/// Kills: a park straight after a poll, in which foreign code took the wake-up.
#[test]
fn c16_every_future_wakes_a_thread_whose_foreign_code_parks() {
    let at = Arc::new(StdMutex::new(String::new()));
    let shown = at.clone();
    let names: BTreeSet<String> = watched(
        move || shown.lock().unwrap().clone(),
        || {
            let mut cells = 0;
            let mut names = BTreeSet::new();
            for (index, row) in ROWS.iter().enumerate() {
                for place in PLACES {
                    *at.lock().unwrap() = format!("row {index}, {place:?}");
                    match row(place) {
                        Ok(name) => {
                            cells += 1;
                            names.insert(name);
                        }
                        Err(reason) => assert!(reason == WAKES_NOBODY || reason == PINNED),
                    }
                }
            }
            assert_eq!(cells, ROWS.len() * 3 + 7 * 2 + 2, "of {} cells", ROWS.len() * PLACES.len());
            names
        },
    );
    // No future is missing: their names are read off the source. `SendingOwned` and the like count as themselves.
    assert_eq!(names, named_futures());
}

/// Every future that `named_future!` declares, and the reply port.
fn named_futures() -> BTreeSet<String> {
    fn visit(folder: &std::path::Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, names);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().filter_map(|line| line.trim().strip_prefix("pub struct ")) {
                let name = line.split_once('[').map(|(name, _)| name);
                names.extend(name.filter(|name| name.chars().all(char::is_alphabetic)).map(str::to_owned));
            }
        }
    }
    let mut names = BTreeSet::from(["Receiver".to_owned()]);
    visit(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    names
}
