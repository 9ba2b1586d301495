//! The table of `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`: every public type, for every kind of data.
//!
//! What stands in a row is a promise: an answer that changes, changes the API.

use super::Cond;
use sempost::mailbox::credits::{
    CreditPermit, CreditReceiver, CreditReceivingOwned, CreditReserving, CreditReservingOwned, CreditSender,
    CreditSending, CreditSendingOwned, Lease, OwnedCreditPermit, PermitSendError, WeakCreditSender,
};
use sempost::mailbox::ports::{
    AdoptError, OpenError, Order, PortReceiver, Ports, ReceivingAny, ReceivingAnyMany, ReceivingAnyOwned,
    ReceivingFrom, ReceivingFromOwned,
};
use sempost::mailbox::{
    self, OwnedSendPermit, Receiver, Receiving, ReceivingMany, ReceivingOwned, ReserveUntilError, Reserving,
    ReservingMany, ReservingOwned, SendError, SendPermit, SendPermits, SendUntilError, Sender, Sending, SendingMany,
    SendingOwned, SinkError, TryRecvError, TryReserveError, TrySendError, Unsent, WeakReceiver, WeakSender,
};
use sempost::{
    AcquireError, AcquireUntilError, Acquiring, AddPermitsError, AwaitingClosed, AwaitingDrained, Barrier,
    BarrierWaitResult, BarrierWaiting, Condvar, CondvarWaiting, Elapsed, Entering, EnteringWhen, Fairness, Latch,
    LatchWaiting, Locking, MappedMutexGuard, MappedRwLockWriteGuard, Monitor, MonitorGuard, Mutex, MutexGuard,
    NoConditions, OwnedMappedMutexGuard, OwnedMappedRwLockWriteGuard, OwnedMonitorGuard, OwnedMutexGuard, OwnedPermit,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, Permit, PollSemaphore, Reading, RwLock, RwLockReadGuard,
    RwLockWriteGuard, Semaphore, TryAcquireError, Until, WaitTimeoutResult, Waiting, WaitingFor, WaitingWhile, Writing,
    oneshot,
};
use std::cell::Cell;
use std::future::Ready;
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

/// Data that is `Sync` and not `Send`.
type SyncOnly = std::sync::MutexGuard<'static, u32>;

/// The kinds of data, in the order in which a [`rule`] answers for them.
const KINDS: [[&str; 4]; 5] = [
    ["Send + Sync", "Send only", "Sync only", "neither"],
    ["Send + Sync", "Send only", "Sync only", "neither"],
    ["Unpin", "not Unpin", "", ""],
    ["UnwindSafe + RefUnwindSafe", "UnwindSafe only", "RefUnwindSafe only", "neither"],
    ["UnwindSafe + RefUnwindSafe", "UnwindSafe only", "RefUnwindSafe only", "neither"],
];
const TRAITS: [&str; 5] = ["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"];

/// For which kinds a rule says yes: the first of the pair of traits is that of moving it, the second that of sharing
/// it.
fn rule(name: &str) -> [bool; 4] {
    match name {
        "always" => [true; 4],
        "never" => [false; 4],
        "moved" => [true, true, false, false],
        "shared" => [true, false, true, false],
        "both" => [true, false, false, false],
        _ => panic!("there is no rule {name}"),
    }
}

/// What is promised of a type, and what the compiler says, for each of [`TRAITS`].
struct Row {
    name: &'static str,
    rules: [&'static str; 5],
    answers: [Vec<bool>; 5],
}

macro_rules! rows {
    ($T:ident; $($Type:ty: $send:ident, $sync:ident, $unpin:ident, $unwind:ident, $by_ref:ident;)*) => {
        vec![$(Row {
            name: stringify!($Type),
            rules: [
                stringify!($send), stringify!($sync), stringify!($unpin), stringify!($unwind), stringify!($by_ref),
            ],
            answers: [
                for_each_kind!($T, $Type, Send, [u32, Cell<u32>, SyncOnly, Rc<u32>]),
                for_each_kind!($T, $Type, Sync, [u32, Cell<u32>, SyncOnly, Rc<u32>]),
                for_each_kind!($T, $Type, Unpin, [u32, PhantomPinned]),
                for_each_kind!($T, $Type, UnwindSafe, [u32, Cell<u32>, &'static mut u32, &'static mut Cell<u32>]),
                for_each_kind!($T, $Type, RefUnwindSafe, [u32, Cell<u32>, &'static mut u32, &'static mut Cell<u32>]),
            ],
        }),*]
    };
}

/// The types that carry somebody's data. A sharable thing needs no more than data that may be moved; what hands the
/// data out needs what the data needs. Handles and permits are unwind safe whatever the data is.
#[rustfmt::skip]
fn with_data() -> Vec<Row> {
    rows! { T;
    Mutex<T>: moved, moved, both, moved, never;
    Monitor<T, Cond>: moved, moved, both, moved, never;
    MutexGuard<'static, T>: moved, both, always, never, never;
    OwnedMutexGuard<T>: moved, both, always, never, never;
    MappedMutexGuard<'static, T>: moved, shared, always, shared, shared;
    OwnedMappedMutexGuard<T, T>: moved, both, always, never, never;
    OwnedMappedMutexGuard<T, u32>: moved, moved, always, never, never;
    OwnedMappedMutexGuard<u32, T>: moved, shared, always, never, never;
    MonitorGuard<'static, T, Cond>: moved, both, always, never, never;
    OwnedMonitorGuard<T, Cond>: moved, both, always, never, never;
    Locking<&'static Mutex<T>, T>: moved, moved, never, never, never;
    Locking<Arc<Mutex<T>>, T>: moved, moved, never, never, never;
    Entering<&'static Monitor<T, Cond>, T, Cond>: moved, moved, never, never, never;
    Entering<Arc<Monitor<T, Cond>>, T, Cond>: moved, moved, never, never, never;
    Waiting<&'static Monitor<T, Cond>, T, Cond>: moved, moved, never, never, never;
    Waiting<Arc<Monitor<T, Cond>>, T, Cond>: moved, moved, never, never, never;
    WaitingWhile<&'static Monitor<T, Cond>, T, Cond, fn(&mut T) -> bool>: moved, moved, never, never, never;
    Monitor<T>: moved, moved, both, moved, never;
    EnteringWhen<&'static Monitor<T>, T, NoConditions, fn(&T) -> bool>: moved, moved, never, never, never;
    EnteringWhen<Arc<Monitor<T, Cond>>, T, Cond, fn(&T) -> bool>: moved, moved, never, never, never;
    WaitingFor<&'static Monitor<T>, T, NoConditions, fn(&T) -> bool>: moved, moved, never, never, never;
    WaitingFor<Arc<Monitor<T, Cond>>, T, Cond, fn(&T) -> bool>: moved, moved, never, never, never;
    CondvarWaiting<&'static Mutex<T>, &'static Condvar, T>: moved, moved, never, never, never;
    CondvarWaiting<Arc<Mutex<T>>, Arc<Condvar>, T>: moved, moved, never, never, never;
    RwLock<T>: moved, both, both, moved, never;
    RwLockReadGuard<'static, T>: shared, shared, always, shared, shared;
    RwLockWriteGuard<'static, T>: both, shared, always, shared, shared;
    MappedRwLockWriteGuard<'static, T>: moved, shared, always, shared, shared;
    OwnedRwLockReadGuard<T>: both, both, always, never, never;
    OwnedRwLockReadGuard<T, u32>: both, both, always, never, never;
    OwnedRwLockReadGuard<u32, T>: shared, shared, always, never, never;
    OwnedRwLockWriteGuard<T>: both, both, always, never, never;
    OwnedMappedRwLockWriteGuard<T, u32>: both, both, always, never, never;
    OwnedMappedRwLockWriteGuard<u32, T>: moved, shared, always, never, never;
    Reading<&'static RwLock<T>>: both, both, never, never, never;
    Reading<Arc<RwLock<T>>>: both, both, never, never, never;
    Writing<&'static RwLock<T>>: both, both, never, never, never;
    Writing<Arc<RwLock<T>>>: both, both, never, never, never;
    Until<Writing<&'static RwLock<T>>, Ready<()>>: both, both, never, never, never;
    oneshot::Sender<T>: moved, moved, always, always, always;
    oneshot::Receiver<T>: moved, moved, always, always, always;
    oneshot::Watching<'static, T>: moved, moved, never, never, always;
    Sender<T>: moved, moved, always, always, always;
    Receiver<T>: moved, moved, always, always, always;
    WeakSender<T>: moved, moved, always, always, always;
    WeakReceiver<T>: moved, moved, always, always, always;
    SendPermit<'static, T>: moved, moved, always, always, always;
    SendPermits<'static, T>: moved, moved, always, always, always;
    OwnedSendPermit<T>: moved, moved, always, always, always;
    Sending<'static, T>: moved, moved, never, moved, never;
    Reserving<'static, T>: moved, moved, never, moved, never;
    ReservingMany<'static, T>: moved, moved, never, moved, never;
    ReservingOwned<T>: moved, moved, never, moved, never;
    Receiving<'static, T>: moved, moved, never, always, never;
    ReceivingMany<'static, T>: moved, moved, never, never, never;
    SendingOwned<T>: moved, moved, never, moved, never;
    ReceivingOwned<T>: moved, moved, never, always, never;
    SendingMany<'static, std::vec::IntoIter<T>>: moved, moved, never, moved, never;
    Until<Locking<&'static Mutex<T>, T>, Ready<()>>: moved, moved, never, never, never;
    Until<Waiting<&'static Monitor<T, Cond>, T, Cond>, Ready<()>>: moved, moved, never, never, never;
    Until<Sending<'static, T>, Ready<()>>: moved, moved, never, moved, never;
    Until<Receiving<'static, T>, Ready<()>>: moved, moved, never, always, never;
    Ports<u32, T>: moved, moved, always, always, always;
    Ports<T, u32>: both, both, always, always, always;
    PortReceiver<u32, T>: moved, moved, always, always, always;
    PortReceiver<T, u32>: both, both, always, always, always;
    ReceivingAny<'static, u32, T>: moved, moved, never, always, never;
    ReceivingAnyMany<'static, u32, T>: moved, moved, never, never, never;
    ReceivingAnyOwned<u32, T>: moved, moved, never, always, never;
    ReceivingFrom<'static, u32, T>: moved, moved, never, always, never;
    ReceivingFromOwned<u32, T>: moved, moved, never, always, never;
    Until<ReceivingFrom<'static, u32, T>, Ready<()>>: moved, moved, never, always, never;
    Order<T>: always, always, always, always, always;
    AdoptError<T>: moved, moved, always, always, always;
    Unsent<std::vec::IntoIter<T>>: moved, shared, both, moved, shared;
    SendUntilError<T>: moved, shared, both, moved, shared;
    SendError<T>: moved, shared, both, moved, shared;
    TrySendError<T>: moved, shared, both, moved, shared;
    SinkError<T>: moved, shared, both, moved, shared;
    CreditSender<T>: moved, moved, always, always, always;
    CreditReceiver<T>: moved, moved, always, always, always;
    WeakCreditSender<T>: moved, moved, always, always, always;
    Lease<T>: moved, shared, both, moved, shared;
    CreditPermit<'static, T>: moved, moved, always, always, always;
    OwnedCreditPermit<T>: moved, moved, always, always, always;
    CreditSending<'static, T>: moved, moved, never, moved, never;
    CreditSendingOwned<T>: moved, moved, never, moved, never;
    CreditReserving<'static, T>: moved, moved, never, always, never;
    CreditReservingOwned<T>: moved, moved, never, always, never;
    CreditReceivingOwned<T>: moved, moved, never, always, never;
    Until<CreditSending<'static, T>, Ready<()>>: moved, moved, never, moved, never;
    PermitSendError<T>: moved, shared, both, moved, shared;
    }
}

/// The types that carry none.
#[rustfmt::skip]
fn without_data() -> Vec<Row> {
    rows! { T;
    Semaphore: always, always, always, always, always;
    PollSemaphore: always, always, always, always, always;
    Condvar: always, always, always, always, always;
    Permit<'static>: always, always, always, always, always;
    OwnedPermit: always, always, always, always, always;
    Acquiring<&'static Semaphore>: always, always, never, always, never;
    Acquiring<Arc<Semaphore>>: always, always, never, always, never;
    Latch: always, always, always, always, always;
    LatchWaiting<&'static Latch>: always, always, never, always, never;
    LatchWaiting<Arc<Latch>>: always, always, never, always, never;
    Until<LatchWaiting<Arc<Latch>>, Ready<()>>: always, always, never, always, never;
    Barrier: always, always, always, always, always;
    BarrierWaitResult: always, always, always, always, always;
    BarrierWaiting<&'static Barrier>: always, always, never, always, never;
    BarrierWaiting<Arc<Barrier>>: always, always, never, always, never;
    AwaitingClosed<'static>: always, always, never, always, always;
    AwaitingDrained<'static>: always, always, never, always, always;
    Fairness: always, always, always, always, always;
    Until<Acquiring<&'static Semaphore>, Ready<()>>: always, always, never, always, never;
    Elapsed: always, always, always, always, always;
    WaitTimeoutResult: always, always, always, always, always;
    AcquireUntilError: always, always, always, always, always;
    AddPermitsError: always, always, always, always, always;
    ReserveUntilError: always, always, always, always, always;
    AcquireError: always, always, always, always, always;
    TryAcquireError: always, always, always, always, always;
    TryRecvError: always, always, always, always, always;
    TryReserveError: always, always, always, always, always;
    OpenError: always, always, always, always, always;
    mailbox::Closed: always, always, always, always, always;
    Cond: always, always, always, always, always;
    }
}

/// Compares the promises with the answers for the first `kinds` kinds of data; answers how many there were.
fn check(rows: &[Row], kinds: usize) -> usize {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for row in rows {
        for (i, answers) in row.answers.iter().enumerate() {
            for (j, answer) in answers.iter().take(kinds).enumerate() {
                compared += 1;
                if rule(row.rules[i])[j] != *answer {
                    wrong.push(format!("{} of data that is {}: {} is {answer}", row.name, KINDS[i][j], TRAITS[i]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as promised:\n  {}", wrong.join("\n  "));
    compared
}

/// Checks every row; answers how many answers were compared.
pub(crate) fn asserts() -> usize {
    check(&with_data(), 4) + check(&without_data(), 1)
}

#[test]
fn every_type_has_the_traits_that_its_row_promises() {
    assert!(asserts() >= 300);
}

/// The predicate of a `wait_while` goes along.
#[test]
fn waiting_while_is_send_only_with_its_predicate() {
    type While<F> = WaitingWhile<&'static Monitor<u32, Cond>, u32, Cond, F>;
    assert!(implements!(While<Box<dyn FnMut(&mut u32) -> bool + Send>>, Send));
    assert!(!implements!(While<Box<dyn FnMut(&mut u32) -> bool>>, Send));
}
