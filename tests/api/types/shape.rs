//! That every future is fused, and how large things are.

use super::Cond;
use futures::future::FusedFuture;
use sempost::mailbox::credits::{
    CreditReceivingOwned, CreditReserving, CreditReservingOwned, CreditSending, CreditSendingOwned,
};
use sempost::mailbox::ports::{
    Order, PortReceiver, Ports, ReceivingAny, ReceivingAnyMany, ReceivingAnyOwned, ReceivingFrom, ReceivingFromOwned,
};
use sempost::mailbox::{
    Receiver, Receiving, ReceivingMany, ReceivingOwned, Reserving, ReservingMany, ReservingOwned, SendError,
    SendPermit, Sender, Sending, SendingMany, SendingOwned, WeakReceiver, WeakSender,
};
use sempost::{
    AcquireError, Acquiring, AwaitingClosed, AwaitingDrained, Barrier, BarrierWaiting, Condvar, CondvarWaiting,
    CondvarWaitingWhile, Entering, EnteringWhen, Fairness, Latch, LatchWaiting, Locking, Monitor, MonitorGuard, Mutex,
    MutexGuard, NoConditions, OwnedMutexGuard, OwnedPermit, Permit, Reading, RwLock, RwLockReadGuard, RwLockWriteGuard,
    Semaphore, Until, Waiting, WaitingFor, WaitingWhile, Writing, oneshot,
};
use std::sync::Arc;

#[test]
fn every_future_is_fused() {
    macro_rules! fused {
        ($($T:ty),* $(,)?) => {$(
            assert!(implements!($T, FusedFuture), stringify!($T));
        )*};
    }
    fused!(
        Acquiring<&'static Semaphore>,
        Acquiring<Arc<Semaphore>>,
        Locking<&'static Mutex<u32>, u32>,
        Locking<Arc<Mutex<u32>>, u32>,
        Entering<&'static Monitor<u32, Cond>, u32, Cond>,
        Waiting<&'static Monitor<u32, Cond>, u32, Cond>,
        WaitingWhile<&'static Monitor<u32, Cond>, u32, Cond, fn(&mut u32) -> bool>,
        EnteringWhen<&'static Monitor<u32>, u32, NoConditions, fn(&u32) -> bool>,
        EnteringWhen<Arc<Monitor<u32, Cond>>, u32, Cond, fn(&u32) -> bool>,
        WaitingFor<&'static Monitor<u32>, u32, NoConditions, fn(&u32) -> bool>,
        Until<WaitingFor<Arc<Monitor<u32, Cond>>, u32, Cond, fn(&u32) -> bool>, std::future::Ready<()>>,
        CondvarWaiting<&'static Mutex<u32>, &'static Condvar, u32>,
        CondvarWaiting<Arc<Mutex<u32>>, Arc<Condvar>, u32>,
        CondvarWaitingWhile<&'static Mutex<u32>, &'static Condvar, u32, fn(&mut u32) -> bool>,
        Reading<&'static RwLock<u32>>,
        Reading<Arc<RwLock<u32>>>,
        Writing<&'static RwLock<u32>>,
        Writing<Arc<RwLock<u32>>>,
        oneshot::Receiver<u32>,
        oneshot::Watching<'static, u32>,
        Sending<'static, u32>,
        Reserving<'static, u32>,
        ReservingMany<'static, u32>,
        ReservingOwned<u32>,
        SendingOwned<u32>,
        ReceivingOwned<u32>,
        SendingMany<'static, std::ops::Range<u32>>,
        Until<Acquiring<Arc<Semaphore>>, std::future::Ready<()>>,
        Until<ReservingOwned<u32>, std::future::Ready<()>>,
        Receiving<'static, u32>,
        ReceivingMany<'static, u32>,
        ReceivingAny<'static, u32, u32>,
        ReceivingAnyMany<'static, u32, u32>,
        ReceivingAnyOwned<u32, u32>,
        ReceivingFrom<'static, u32, u32>,
        ReceivingFromOwned<u32, u32>,
        LatchWaiting<&'static Latch>,
        LatchWaiting<Arc<Latch>>,
        BarrierWaiting<&'static Barrier>,
        BarrierWaiting<Arc<Barrier>>,
        AwaitingClosed<'static>,
        AwaitingDrained<'static>,
        CreditSending<'static, u32>,
        CreditSendingOwned<u32>,
        CreditReserving<'static, u32>,
        CreditReservingOwned<u32>,
        Until<CreditReservingOwned<u32>, std::future::Ready<()>>,
        CreditReceivingOwned<u32>,
    );
}

/// With the feature `inspect` a guard has its record, and a handle the identity of its channel.
const RECORDED: bool = cfg!(feature = "inspect");

#[test]
fn handles_are_at_most_two_words() {
    if RECORDED {
        return;
    }
    const WORD: usize = size_of::<usize>();
    assert!(size_of::<Sender<[u64; 100]>>() <= 2 * WORD);
    assert!(size_of::<Receiver<[u64; 100]>>() <= 2 * WORD);
    assert!(size_of::<Option<Sender<u8>>>() <= 2 * WORD);
    assert!(size_of::<Option<Receiver<u8>>>() <= 2 * WORD);
    assert_eq!(size_of::<WeakSender<u8>>(), WORD);
    assert_eq!(size_of::<Ports<[u64; 100], [u64; 100]>>(), WORD);
    assert_eq!(size_of::<PortReceiver<[u64; 100], [u64; 100]>>(), 4 * WORD, "with the place where it waits");
    assert_eq!(size_of::<Order<[u64; 100]>>(), WORD);
    assert_eq!(size_of::<WeakReceiver<u8>>(), WORD);
    assert_eq!(size_of::<oneshot::Sender<[u64; 100]>>(), WORD);
    assert_eq!(size_of::<oneshot::Receiver<[u64; 100]>>(), WORD);
}

#[test]
fn guards_and_permits_are_small() {
    if RECORDED {
        return;
    }
    const WORD: usize = size_of::<usize>();
    assert_eq!(size_of::<MutexGuard<'static, [u64; 100]>>(), WORD);
    assert_eq!(size_of::<MonitorGuard<'static, [u64; 100], Cond>>(), WORD);
    assert_eq!(size_of::<OwnedMutexGuard<u8>>(), WORD);
    assert_eq!(size_of::<RwLockReadGuard<'static, [u64; 100]>>(), 3 * WORD, "the part, the lock, the permits");
    assert_eq!(size_of::<Option<RwLockWriteGuard<'static, [u64; 100]>>>(), 3 * WORD);
    assert!(size_of::<Permit<'static>>() <= 2 * WORD);
    assert!(size_of::<OwnedPermit>() <= 2 * WORD);
    assert!(size_of::<SendPermit<'static, [u64; 100]>>() <= 2 * WORD);
    assert_eq!(size_of::<AcquireError>(), 0);
    // Most of it is the line, the counts that `Debug` shows, and the place of those who wait for the close.
    assert!(size_of::<Semaphore>() <= 23 * WORD, "{}", size_of::<Semaphore>());
    // With debug assertions a list knows which nodes are its own.
    assert!(size_of::<Latch>() <= 8 * WORD && size_of::<Barrier>() <= 9 * WORD);
    assert_eq!(size_of::<Fairness>(), 2 * WORD);
    assert_eq!(size_of::<SendError<u64>>(), 8);
}

#[test]
fn permits_and_conditions_work_in_statics_and_constants() {
    static POOL: Semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    const CONDITION: Cond = Cond::Changed;
    static MONITOR: Monitor<[u8; 3], Cond> = Monitor::new([1, 2, 3]);
    assert_eq!(POOL.available_permits(), Semaphore::MAX_PERMITS);
    assert_eq!(MONITOR.waiters(CONDITION), 0);
}
