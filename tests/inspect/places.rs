//! Each public method that waits, holds or receives: what is recorded names the line of its caller, not one of this
//! crate.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures::sink::Sink;
use futures::stream::Stream;
use sempost::inspect;
use sempost::mailbox::{self, ports::Order};
use sempost::{Barrier, Condvar, Latch, Monitor, Mutex, PollSemaphore, RwLock, Semaphore, oneshot};

use crate::alone;
use crate::common::{Bell, pending, with};

const API: &str = include_str!("../hardening/public-api.txt");
const SOURCE: &str = include_str!("places.rs");

/// What the snapshot names: a place of this file, on the line of the call or a few lines on, and none of the crate.
#[track_caller]
fn seen(name: &str, line: u32) {
    let snapshot = inspect::snapshot();
    let holders = snapshot.holders().map(|(_, one)| one.place());
    let received = snapshot.primitives().filter_map(|one| one.last_receiver()).map(|one| one.place());
    let places: Vec<_> = holders.chain(snapshot.waiters().map(|(_, one)| one.place())).chain(received).collect();
    let made = snapshot.primitives().filter_map(|one| one.made());
    let strangers: Vec<_> = places.iter().copied().chain(made).filter(|at| at.file() != file!()).collect();
    assert!(strangers.is_empty(), "{name}: {strangers:?}");
    assert!(places.iter().any(|at| (line..line + 8).contains(&at.line())), "{name}, line {line}: {places:?}");
}

/// Whatever it is, it is dropped.
struct Keep<T>(T);

impl<T> Keep<T> {
    fn end(self) {}
}

/// A guard, a permit, or a message that was received from a mailbox with a holder.
macro_rules! holds {
    ($name:literal, $held:expr) => {{
        let line = line!();
        let held = $held;
        seen($name, line);
        Keep(held).end();
    }};
}

macro_rules! waits {
    ($name:literal, $future:expr) => {{
        let line = line!();
        let mut future: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(async { Keep($future.await).end() });
        pending(&mut future, &Bell::new());
        seen($name, line);
    }};
}

macro_rules! polls {
    ($name:literal, |$cx:ident| $poll:expr) => {{
        let line = line!();
        let poll = with(&Bell::new(), |$cx| $poll.map(|output| Keep(output).end()));
        seen($name, line);
        poll
    }};
}

/// A thread waits. What is done then ends its wait.
macro_rules! blocks {
    ($name:literal, $wait:expr, $end:expr) => {{
        let line = line!();
        std::thread::scope(|scope| {
            let before = inspect::snapshot().waiters().count();
            scope.spawn(|| Keep($wait).end());
            crate::common::until(|| inspect::snapshot().waiters().count() > before);
            seen($name, line);
            Keep($end).end();
        });
    }};
}

#[test]
fn semaphores_and_locks_name_their_callers() {
    let _alone = alone();
    let pool = Arc::new(Semaphore::new(1));
    holds!("Semaphore::try_acquire", pool.try_acquire().unwrap());
    holds!("Semaphore::try_acquire_many", pool.try_acquire_many(1).unwrap());
    holds!("Semaphore::try_acquire_owned", pool.try_acquire_owned().unwrap());
    holds!("Semaphore::try_acquire_many_owned", pool.try_acquire_many_owned(1).unwrap());
    holds!("Semaphore::acquire_blocking", pool.acquire_blocking().unwrap());
    let taken = pool.try_acquire().unwrap();
    waits!("Semaphore::acquire", pool.acquire());
    waits!("Semaphore::acquire_many", pool.acquire_many(1));
    waits!("Semaphore::acquire_owned", pool.acquire_owned());
    waits!("Semaphore::acquire_many_owned", pool.acquire_many_owned(1));
    waits!("Semaphore::closed", pool.closed());
    let mut polled = PollSemaphore::new(Arc::clone(&pool));
    assert!(polls!("PollSemaphore::poll_acquire", |cx| polled.poll_acquire(cx)).is_pending());
    polled.give_up();
    assert!(polls!("PollSemaphore::poll_acquire_many", |cx| polled.poll_acquire_many(cx, 1)).is_pending());
    polled.give_up();
    assert!(polls!("PollSemaphore::poll_next", |cx| Pin::new(&mut polled).poll_next(cx)).is_pending());
    polled.give_up();
    blocks!("Semaphore::acquire_blocking", pool.acquire_blocking(), taken);

    let mutex = Arc::new(Mutex::new(0));
    holds!("Mutex::try_lock", mutex.try_lock().unwrap());
    holds!("Mutex::try_lock_owned", mutex.try_lock_owned().unwrap());
    let taken = mutex.try_lock().unwrap();
    waits!("Mutex::lock", mutex.lock());
    waits!("Mutex::lock_owned", mutex.lock_owned());
    blocks!("Mutex::lock_blocking", mutex.lock_blocking(), taken);

    let lock = Arc::new(RwLock::new(0));
    holds!("RwLock::try_read", lock.try_read().unwrap());
    holds!("RwLock::try_read_owned", lock.try_read_owned().unwrap());
    holds!("RwLock::try_write", lock.try_write().unwrap());
    holds!("RwLock::try_write_owned", lock.try_write_owned().unwrap());
    let taken = lock.try_write().unwrap();
    waits!("RwLock::read", lock.read());
    waits!("RwLock::read_owned", lock.read_owned());
    waits!("RwLock::write", lock.write());
    waits!("RwLock::write_owned", lock.write_owned());
    blocks!("RwLock::read_blocking", lock.read_blocking(), taken);
    let taken = lock.try_write().unwrap();
    blocks!("RwLock::write_blocking", lock.write_blocking(), taken);

    let latch = Arc::new(Latch::new(1));
    waits!("Latch::wait", latch.wait());
    waits!("Latch::wait_owned", latch.wait_owned());
    blocks!("Latch::wait_blocking", latch.wait_blocking(), latch.count_down());
    let barrier = Arc::new(Barrier::new(2));
    waits!("Barrier::wait", barrier.wait());
    waits!("Barrier::wait_owned", barrier.wait_owned());
    blocks!("Barrier::wait_blocking", barrier.wait_blocking(), barrier.wait_blocking());
}

sempost::conditions! { enum Cond { Any } }

#[test]
fn monitors_and_condition_variables_name_their_callers() {
    let _alone = alone();
    let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
    holds!("Monitor::try_enter", monitor.try_enter().unwrap());
    holds!("Monitor::try_enter_owned", monitor.try_enter_owned().unwrap());
    holds!("Monitor::try_enter_when", monitor.try_enter_when(|_| true).unwrap());
    let taken = monitor.try_enter().unwrap();
    waits!("Monitor::enter", monitor.enter());
    waits!("Monitor::enter_owned", monitor.enter_owned());
    waits!("Monitor::enter_when", monitor.enter_when(|_| true));
    waits!("Monitor::enter_when_owned", monitor.enter_when_owned(|_| true));
    blocks!("Monitor::enter_blocking", monitor.enter_blocking(), taken);
    waits!("Monitor::enter_when", monitor.enter_when(|_| false));
    waits!("Monitor::enter_when_owned", monitor.enter_when_owned(|_| false));
    let set = || *monitor.enter_blocking() = 1;
    blocks!("Monitor::enter_when_blocking", monitor.enter_when_blocking(|data| *data == 1), set());
    let guard = monitor.try_enter().unwrap();
    waits!("Guard::wait", guard.wait(Cond::Any));
    let guard = monitor.try_enter().unwrap();
    waits!("Guard::wait_while", guard.wait_while(Cond::Any, |_| true));
    let guard = monitor.try_enter().unwrap();
    waits!("Guard::wait_for", guard.wait_for(|_| false));

    let (condvar, mutex) = (Arc::new(Condvar::new()), Mutex::new(0));
    let guard = || mutex.try_lock().unwrap();
    waits!("Condvar::wait", condvar.wait(guard()));
    waits!("Condvar::wait_owned", condvar.wait_owned(guard()));
    waits!("Condvar::wait_while", condvar.wait_while(guard(), |_| true));
    waits!("Condvar::wait_while_owned", condvar.wait_while_owned(guard(), |_| true));
    blocks!("Condvar::wait_blocking", condvar.wait_blocking(guard()), condvar.notify_all());
    let end = || {
        *mutex.lock_blocking() = 1;
        condvar.notify_all()
    };
    blocks!("Condvar::wait_while_blocking", condvar.wait_while_blocking(guard(), |data| *data == 0), end());
}

#[test]
fn mailboxes_name_their_callers() {
    let _alone = alone();
    let (mut tx, mut rx) = mailbox::bounded::<u32>(2);
    holds!("Sender::try_reserve", tx.try_reserve().unwrap());
    holds!("Sender::try_reserve_many", tx.try_reserve_many(2).unwrap());
    holds!("Sender::try_reserve_owned", tx.clone().try_reserve_owned().unwrap());
    assert!(polls!("Sender::poll_reserve", |cx| tx.poll_reserve(cx).map(Box::new).map(Box::leak)).is_ready());
    let (mut tx2, _rx2) = mailbox::bounded::<u32>(1);
    assert!(polls!("Sender::poll_ready", |cx| tx2.poll_ready(cx)).is_ready());
    let mut other = tx2.clone();
    assert!(polls!("Sender::poll_ready", |cx| Pin::new(&mut other).poll_ready(cx)).is_pending());
    drop((other, tx2));

    let other = tx.clone();
    let permit = other.try_reserve().unwrap();
    waits!("Receiver::recv", rx.recv());
    waits!("Receiver::recv_owned", rx.clone().recv_owned());
    let mut buffer = Vec::new();
    waits!("Receiver::recv_many", rx.recv_many(&mut buffer, 2));
    waits!("Receiver::closed", rx.closed());
    waits!("Receiver::drained", rx.drained());
    waits!("Sender::closed", tx.closed());
    assert!(polls!("Receiver::poll_recv", |cx| rx.poll_recv(cx)).is_pending());
    drop(rx.recv());
    assert!(polls!("Receiver::poll_recv_many", |cx| rx.poll_recv_many(cx, &mut buffer, 2)).is_pending());
    drop(rx.recv());
    assert!(polls!("Receiver::poll_next", |cx| Pin::new(&mut rx).poll_next(cx)).is_pending());
    drop(rx.recv());
    drop(permit);
    let permit = other.try_reserve().ok();
    // One slot is left behind above. Now the mailbox is full.
    waits!("Sender::send", tx.send(1));
    waits!("Sender::send_owned", tx.clone().send_owned(1));
    waits!("Sender::send_many", tx.send_many([1, 2]));
    waits!("Sender::reserve", tx.reserve());
    waits!("Sender::reserve_many", tx.reserve_many(2));
    waits!("Sender::reserve_owned", tx.clone().reserve_owned());
    blocks!("Sender::send_blocking", tx.send_blocking(1), permit);
    assert_eq!(rx.try_recv(), Ok(1));
    blocks!("Receiver::recv_blocking", rx.recv_blocking(), tx.try_send(1).unwrap());

    let put = || tx.try_send(1).unwrap();
    put();
    holds!("Receiver::try_recv", rx.try_recv());
    put();
    holds!("Receiver::try_recv_many", rx.try_recv_many(&mut buffer, 1));
    put();
    holds!("Receiver::recv_blocking", rx.recv_blocking());
    put();
    assert!(polls!("Receiver::poll_recv", |cx| rx.poll_recv(cx)).is_ready());
    put();
    assert!(polls!("Receiver::poll_recv_many", |cx| rx.poll_recv_many(cx, &mut buffer, 1)).is_ready());
    put();
    assert!(polls!("Receiver::poll_next", |cx| Pin::new(&mut rx).poll_next(cx)).is_ready());

    let (mut tx, rx) = oneshot::channel::<u32>();
    waits!("Sender::closed", tx.closed());
    blocks!("Receiver::recv_blocking", rx.recv_blocking(), tx.send(1));
    let (_tx, rx) = oneshot::channel::<u32>();
    waits!("Receiver::until", rx.until(std::future::pending::<()>()));
}

#[test]
fn credits_name_their_callers() {
    let _alone = alone();
    let (tx, mut rx) = mailbox::credits::<u32>(2, |_| 1);
    holds!("CreditSender::try_reserve", tx.try_reserve(1).unwrap());
    holds!("CreditSender::try_reserve_owned", tx.clone().try_reserve_owned(1).unwrap());
    waits!("CreditReceiver::recv", rx.recv());
    waits!("CreditReceiver::recv_owned", rx.clone().recv_owned());
    let mut buffer = Vec::new();
    waits!("CreditReceiver::recv_many", rx.recv_many(&mut buffer, 2));
    waits!("CreditReceiver::closed", rx.closed());
    waits!("CreditReceiver::drained", rx.drained());
    waits!("CreditSender::closed", tx.closed());
    assert!(polls!("CreditReceiver::poll_recv", |cx| rx.poll_recv(cx)).is_pending());
    drop(rx.recv());
    assert!(polls!("CreditReceiver::poll_next", |cx| Pin::new(&mut rx).poll_next(cx)).is_pending());
    drop(rx.recv());
    holds!("CreditSender::try_send", tx.try_send(1).unwrap());
    drop(rx.try_recv());
    // A lease is shown where its message was sent.
    holds!("CreditReceiver::try_recv", tx.try_send(1).map(|()| rx.try_recv()));
    holds!("CreditReceiver::try_recv_many", tx.try_send(1).map(|()| rx.try_recv_many(&mut buffer, 1)));
    blocks!("CreditReceiver::recv_blocking", rx.recv_blocking(), tx.try_send(1).unwrap());
    buffer.clear();
    let all = tx.try_reserve(2).unwrap();
    waits!("CreditSender::send", tx.send(1));
    waits!("CreditSender::send_owned", tx.clone().send_owned(1));
    waits!("CreditSender::reserve", tx.reserve(1));
    waits!("CreditSender::reserve_owned", tx.clone().reserve_owned(1));
    let mut sink = tx.clone();
    let line = line!() + 1;
    Pin::new(&mut sink).start_send(1).unwrap();
    seen("CreditSender::start_send", line);
    drop(sink);
    blocks!("CreditSender::send_blocking", tx.send_blocking(1), all);
}

#[test]
fn ports_name_their_callers() {
    let _alone = alone();
    let (ports, mut rx) = mailbox::ports::<u32, u32>(Order::fair());
    let tx = ports.open(1, 2).unwrap();
    let _many = ports.open_unbounded(2).unwrap();
    ports.adopt(3, mailbox::bounded(1).1).unwrap();
    waits!("PortReceiver::recv", rx.recv());
    waits!("PortReceiver::recv_owned", rx.clone().recv_owned());
    let mut buffer = Vec::new();
    waits!("PortReceiver::recv_many", rx.recv_many(&mut buffer, 2));
    waits!("PortReceiver::recv_from", rx.recv_from(&1));
    waits!("PortReceiver::recv_from", rx.recv_from(&2));
    waits!("PortReceiver::recv_from_owned", rx.clone().recv_from_owned(&1));
    // The second waits in line behind the first.
    let mut first = Box::pin(rx.recv_from(&1));
    pending(&mut first, &Bell::new());
    waits!("PortReceiver::recv_from", rx.recv_from(&1));
    drop(first);
    waits!("PortReceiver::drained", rx.drained());
    assert!(polls!("PortReceiver::poll_recv", |cx| rx.poll_recv(cx)).is_pending());
    drop(rx.recv());
    assert!(polls!("PortReceiver::poll_recv_many", |cx| rx.poll_recv_many(cx, &mut buffer, 2)).is_pending());
    drop(rx.recv());
    assert!(polls!("PortReceiver::poll_next", |cx| Pin::new(&mut rx).poll_next(cx)).is_pending());
    drop(rx.recv());
    blocks!("PortReceiver::recv_blocking", rx.recv_blocking(), tx.try_send(1).unwrap());
    let _held = tx.try_reserve().unwrap();
    let put = || tx.try_send(1).unwrap();
    put();
    holds!("PortReceiver::try_recv", rx.try_recv().unwrap());
    put();
    holds!("PortReceiver::try_recv_many", rx.try_recv_many(&mut buffer, 1).unwrap());
    put();
    holds!("PortReceiver::try_recv_from", rx.try_recv_from(&1).unwrap());
    put();
    holds!("PortReceiver::recv_from", rx.recv_from(&1).wait_timeout(Duration::ZERO).unwrap());
    put();
    assert!(polls!("PortReceiver::poll_recv", |cx| rx.poll_recv(cx)).is_ready());
    let mut late = pin!(rx.recv_from(&1));
    assert!(with(&Bell::new(), |cx| late.as_mut().poll(cx)).is_pending());
}

/// Kills: a method that nobody thought of. What waits, holds or receives is known by what it returns, and by its name.
#[test]
fn no_method_is_forgotten() {
    let (mut missing, mut all) = (BTreeSet::new(), 0);
    for line in API.lines().filter_map(|line| line.strip_prefix("pub fn ")) {
        let Some((head, tail)) = line.split_once("(self: ") else { continue };
        let kind = head.split(' ').next().unwrap().rsplit("::").next().unwrap();
        let method = head.rsplit("::").next().unwrap().split('<').next().unwrap();
        let returns = tail.split_once("-> ").map_or("", |(_, returns)| returns);
        let makes =
            ["ing<", "ingMany<", "Owned<", "ingAny", "ingFor<", "ingFrom<", "ingWhile<", "Awaiting", "Watching"];
        let holds = ["Guard<", "Permit", "Lease<"];
        let receives = method.starts_with("try_recv") || method.starts_with("poll_") || method.ends_with("_blocking");
        // Futures, which were made by another method, and parts of a guard that is there.
        let made = ["ing", "Owned", "Many", "While", "For", "When", "From", "Any", "Until", "MappedGuard", "Lease"];
        let other = made.iter().any(|end| kind.ends_with(end)) || kind == "RwLockGuard" || kind == "Permits";
        // A wait in `poll_closed` is not shown, and to split permits makes no new ones.
        let takes = kind == "ReservedCredits" || method == "try_add_permits";
        if other || takes || method == "poll_closed" {
            continue;
        }
        if receives || makes.iter().chain(&holds).any(|part| returns.contains(part)) {
            all += 1;
            if !SOURCE.contains(&format!("!(\"{kind}::{method}\"")) {
                missing.insert(format!("{kind}::{method}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert!(all > 70, "only {all} methods are found");
}
