//! One row for each way to hold, and for each way to wait: where, by whom, what.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures::sink::Sink;
use futures::stream::Stream;
use sempost::inspect::{self, Inspect, Kind, State, Wants};
use sempost::mailbox::{self, ports::Order};
use sempost::{Barrier, Condvar, Fairness, Latch, Monitor, Mutex, RwLock, Semaphore, oneshot};

use crate::alone;
use crate::common::{Bell, now, pending, with};

/// A future of the user's, and the line that made it.
type Waits<'a> = (Pin<Box<dyn Future<Output = ()> + 'a>>, u32);

fn waits<'a, F: Future + 'a>(future: F, line: u32) -> Waits<'a> {
    (
        Box::pin(async {
            future.await;
        }),
        line,
    )
}

/// What is held at a line, what waits at a line, and what it wants; all of a primitive of that kind.
fn row<H>(kind: Kind, primitive: &impl Inspect, held: Option<(H, u32, usize)>, (wait, line): Waits<'_>, wants: Wants) {
    let (bell, mut wait, name) = (Bell::new(), wait, format!("{kind}, {wants}"));
    inspect::name(primitive, name.clone());
    pending(&mut wait, &bell);
    let snapshot = inspect::snapshot();
    let shown = snapshot.primitives().find(|one| one.name() == Some(&name)).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(shown.kind(), kind);
    assert!(shown.made().unwrap().file().ends_with("rows.rs"), "{name}: {:?}", shown.made());
    let places: Vec<_> = shown.holders().iter().map(|one| (one.place().line(), one.amount())).collect();
    let expected: Vec<_> = held.iter().map(|(_, line, amount)| (*line, *amount)).collect();
    assert_eq!(places, expected, "{name} is held at these lines");
    assert!(shown.holders().iter().all(|one| one.place().file().ends_with("rows.rs")));
    let [waiter] = shown.waiters() else { panic!("{name}: {:?}", shown.waiters()) };
    assert!(waiter.place().file().ends_with("rows.rs"), "{name}: {}", waiter.place());
    assert_eq!((waiter.place().line(), waiter.wants(), waiter.state()), (line, &wants, State::Queued), "{name}");
    assert!(!waiter.actor().is_thread());
    assert!(shown.holders().iter().all(|one| one.actor().is_thread()), "taken by a `try_` form");
    drop(wait);
    let gone =
        |name: &str| inspect::snapshot().primitives().all(|one| one.name() != Some(name) || one.waiters().is_empty());
    assert!(gone(&name), "{name}: a wait that was dropped has no row");
    drop(held);
    let snapshot = inspect::snapshot();
    assert!(snapshot.primitives().all(|one| one.name() != Some(&name)), "{name}: {snapshot}");
}

const NONE: Option<((), u32, usize)> = None;

/// Kills: a primitive that is not recorded, a line of the crate's own, and a row that stays.
#[test]
fn each_primitive_shows_its_holder_and_its_waiter() {
    let _alone = alone();
    let pool = Arc::new(Semaphore::new(3));
    let held = |n| Some((Arc::clone(&pool).try_acquire_many_owned(n).unwrap(), line!(), n));
    row(Kind::Semaphore, &pool, held(2), waits(pool.acquire_many(3), line!()), Wants::Permits(3));
    row(Kind::Semaphore, &pool, held(1), waits(pool.acquire_many_owned(3), line!()), Wants::Permits(3));

    let mutex = Arc::new(Mutex::new(0));
    let held = Some((mutex.try_lock().unwrap(), line!(), 1));
    row(Kind::Mutex, &mutex, held, waits(mutex.lock(), line!()), Wants::Lock);
    let held = Some((mutex.try_lock_owned().unwrap(), line!(), 1));
    row(Kind::Mutex, &mutex, held, waits(mutex.lock_owned(), line!()), Wants::Lock);
    let part = sempost::MutexGuard::map(mutex.try_lock().unwrap(), |data| data);
    row(Kind::Mutex, &mutex, Some((part, line!() - 1, 1)), waits(mutex.lock(), line!()), Wants::Lock);

    let unfair = Mutex::with_fairness(0, Fairness::Unfair);
    let held = Some((unfair.try_lock().unwrap(), line!(), 1));
    row(Kind::Mutex, &unfair, held, waits(unfair.lock(), line!()), Wants::Lock);

    let lock = RwLock::new(0);
    let held = Some((lock.try_write().unwrap(), line!(), RwLock::MAX_READERS * 2 + 1));
    row(Kind::RwLock, &lock, held, waits(lock.read(), line!()), Wants::Read);
    let held = Some((lock.try_read().unwrap(), line!(), 2));
    row(Kind::RwLock, &lock, held, waits(lock.write(), line!()), Wants::Write);

    let barrier = Barrier::new(2);
    row(Kind::Barrier, &barrier, NONE, waits(barrier.wait(), line!()), Wants::Others);
    let latch = Latch::new(1);
    row(Kind::Latch, &latch, NONE, waits(latch.wait(), line!()), Wants::Others);
}

sempost::conditions! { enum Cond { NotFull } }

#[test]
fn conditions_show_where_they_are_waited_for() {
    let _alone = alone();
    let monitor = Monitor::<_, Cond>::new(0);
    let held = Some((monitor.try_enter().unwrap(), line!(), 1));
    row(Kind::Monitor, &monitor, held, waits(monitor.enter(), line!()), Wants::Lock);
    let named = Wants::Condition(Some("NotFull".to_owned()));
    let guard = monitor.try_enter().unwrap();
    row(Kind::Monitor, &monitor, NONE, waits(guard.wait(Cond::NotFull), line!()), named.clone());
    let guard = monitor.try_enter().unwrap();
    row(Kind::Monitor, &monitor, NONE, waits(guard.wait_while(Cond::NotFull, |_| true), line!()), named);
    let guard = monitor.try_enter().unwrap();
    row(Kind::Monitor, &monitor, NONE, waits(guard.wait_for(|_| false), line!()), Wants::Condition(None));
    row(Kind::Monitor, &monitor, NONE, waits(monitor.enter_when(|_| false), line!()), Wants::Condition(None));

    let (condvar, mutex) = (Condvar::new(), Mutex::new(0));
    let guard = mutex.try_lock().unwrap();
    row(Kind::Condvar, &condvar, NONE, waits(condvar.wait(guard), line!()), Wants::Condition(None));
}

#[test]
fn mailboxes_show_both_sides() {
    let _alone = alone();
    let (tx, rx) = mailbox::bounded::<u32>(2);
    let held = Some((tx.try_reserve_many(2).unwrap(), line!(), 2));
    row(Kind::Mailbox, &tx, held, waits(tx.send(1), line!()), Wants::Slots(1));
    let held = Some((tx.try_reserve_many(1).unwrap(), line!(), 1));
    row(Kind::Mailbox, &tx, held, waits(tx.reserve_many(2), line!()), Wants::Slots(2));
    let held = Some((tx.clone().try_reserve_owned().unwrap(), line!(), 1));
    row(Kind::Mailbox, &tx, held, waits(rx.recv(), line!()), Wants::Message);
    row(Kind::Mailbox, &tx, NONE, waits(rx.clone().recv_owned(), line!()), Wants::Message);
    row(Kind::Mailbox, &tx, NONE, waits(tx.closed(), line!()), Wants::Close);
    row(Kind::Mailbox, &tx, NONE, waits(rx.drained(), line!()), Wants::Close);
    let mut buffer = Vec::new();
    row(Kind::Mailbox, &tx, NONE, waits(rx.recv_many(&mut buffer, 2), line!()), Wants::Message);
}

/// A polled handle keeps its wait after the poll. It ends with the handle's next other operation.
#[test]
fn polled_handles_show_where_they_were_polled() {
    let _alone = alone();
    let (bell, (mut tx, mut rx)) = (Bell::new(), mailbox::bounded::<u32>(1));
    assert!(with(&bell, |cx| Pin::new(&mut rx).poll_next(cx)).is_pending());
    let line = line!() - 1;
    let places = || inspect::snapshot().waiters().map(|(_, waiter)| waiter.place().line()).collect::<Vec<_>>();
    assert_eq!(places(), [line]);
    assert!(rx.try_recv().is_err());
    assert_eq!(places(), [0; 0]);
    tx.try_send(1).unwrap();
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending());
    assert_eq!(places(), [line!() - 1]);
    assert_eq!(rx.try_recv(), Ok(1));
    let snapshot = inspect::snapshot();
    assert_eq!(snapshot.waiters().next().unwrap().1.state(), State::Woken);
    let mailbox = snapshot.primitives().next().unwrap();
    assert_eq!(mailbox.last_receiver().unwrap().place().line(), line!() - 4);
    drop(tx);
    assert_eq!(places(), [0; 0]);
}

/// Kills: a sink that is ready, and keeps its slot from all others unseen.
#[test]
fn a_ready_sink_holds_a_slot() {
    let _alone = alone();
    let (bell, (mut tx, rx)) = (Bell::new(), mailbox::bounded::<u32>(1));
    let holders = || inspect::snapshot().holders().map(|(_, holder)| holder.place().line()).collect::<Vec<_>>();
    let mut ready = || {
        assert!(with(&bell, |cx| tx.poll_ready(cx)).is_ready());
        assert_eq!(holders(), [line!() - 1]);
    };
    ready();
    ready();
    assert!(tx.start_send(1).is_ok());
    assert_eq!(holders(), [0; 0]);
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(with(&bell, |cx| tx.poll_ready(cx)).is_ready());
    assert_eq!(holders().len(), 1);
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)).is_ready());
    assert_eq!(holders(), [0; 0]);
    let permit = with(&bell, |cx| tx.poll_reserve(cx));
    assert_eq!(holders().len(), 1);
    drop(permit);
    assert_eq!(holders(), [0; 0]);
    assert!(with(&bell, |cx| tx.poll_ready(cx)).is_ready());
    drop(tx);
    assert_eq!(holders(), [0; 0]);
}

#[test]
fn credits_ports_and_oneshots_are_shown() {
    let _alone = alone();
    let (tx, rx) = mailbox::credits::<u32>(4, |_| 2);
    let held = Some((tx.try_reserve(4).unwrap(), line!(), 4));
    row(Kind::Credits, &tx, held, waits(tx.send(1), line!()), Wants::Permits(2));
    tx.try_send(1).unwrap();
    let held = Some((rx.try_recv().unwrap(), line!() - 1, 2));
    row(Kind::Credits, &tx, held, waits(tx.reserve(4), line!()), Wants::Permits(4));

    let (ports, receiver) = mailbox::ports::<u32, u32>(Order::fair());
    let port = ports.open(1, 1).unwrap();
    row(Kind::Ports, &receiver, NONE, waits(receiver.recv(), line!()), Wants::Message);
    let mut from = pin!(receiver.recv_from(&1));
    let line = line!() - 1;
    assert!(with(&Bell::new(), |cx| from.as_mut().poll(cx)).is_pending());
    let snapshot = inspect::snapshot();
    assert_eq!(snapshot.waiters().map(|(_, waiter)| waiter.place().line()).collect::<Vec<_>>(), [line]);
    port.try_send(3).unwrap();
    assert_eq!(now(from), Some(3));

    let (bell, made, (mut tx, mut rx)) = (Bell::new(), line!(), oneshot::channel::<u32>());
    inspect::name(&rx, "reply");
    assert!(with(&bell, |cx| Pin::new(&mut rx).poll(cx)).is_pending());
    let mut closed = Box::pin(tx.closed());
    let watched = line!() - 1;
    pending(&mut closed, &bell);
    let snapshot = inspect::snapshot();
    let shown = |one: (&inspect::Primitive, &inspect::Waiter)| {
        assert_eq!(one.0.kind(), Kind::Oneshot);
        (one.1.place().line(), one.1.wants().clone())
    };
    let expected = [(made, Wants::Value), (watched, Wants::Close)];
    assert_eq!(snapshot.waiters().map(shown).collect::<Vec<_>>(), expected);
    drop(closed);
    drop((rx, tx));
    assert!(inspect::snapshot().is_empty());
}

/// Catches: a waiter that nobody polls, and that looks as if it had been woken just now, again and again.
#[test]
fn a_waiter_that_is_awake_was_woken_when_it_was() {
    let _alone = alone();
    for fairness in [Fairness::Barging { overtakes: 2 }, Fairness::Unfair] {
        let (sender, receiver) = mailbox::bounded_with(1, fairness);
        inspect::name(&sender, "barging");
        sender.try_send(0).unwrap();
        let (mut first, bell) = (Box::pin(sender.send(1)), Bell::new());
        pending(&mut first, &bell);
        let woken_after = || {
            let snapshot = inspect::snapshot();
            let shown = snapshot.primitives().find(|one| one.name() == Some("barging")).expect("it is there");
            let [waiter] = shown.waiters() else { panic!("{snapshot}") };
            assert_eq!(waiter.state(), State::Woken);
            waiter.age() - waiter.unchanged()
        };
        receiver.try_recv().unwrap();
        let first_time = woken_after();
        sender.try_send(2).expect("it may pass");
        receiver.try_recv().unwrap();
        assert_eq!(woken_after(), first_time);
    }
}
