//! What the compiler says of the public types: `Send`, `Sync`, `Unpin`, `UnwindSafe`, and sizes.

#![cfg(not(sempost_loom))]

use futures::future::FusedFuture;
use sempost::mailbox::{
    OwnedSendPermit, Receiver, Receiving, ReceivingMany, Reserving, ReservingMany, ReservingOwned, SendError,
    SendPermit, SendPermits, Sender, Sending, SinkError, TryRecvError, TryReserveError, TrySendError, WeakReceiver,
    WeakSender,
};
use sempost::{
    AcquireError, Acquiring, Closed, Drained, Entering, Fairness, Locking, MappedMutexGuard, Monitor, MonitorGuard,
    Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMonitorGuard, OwnedMutexGuard, OwnedPermit, Permit, Semaphore,
    TryAcquireError, Waiting, WaitingWhile, conditions, mailbox,
};
use std::cell::Cell;
use std::panic::UnwindSafe;
use std::rc::Rc;
use std::sync::Arc;

conditions! {
    /// One condition.
    enum Cond { Changed }
}

/// `Send + Sync`.
type Both = u32;
/// `Send`, not `Sync`.
type SendOnly = Cell<u32>;
/// `Sync`, not `Send`.
type SyncOnly = std::sync::MutexGuard<'static, u32>;
/// Neither.
type Neither = Rc<u32>;

/// Whether a type implements a trait: an inherent constant, where it exists, hides the trait's.
macro_rules! implements {
    ($T:ty, $($Trait:tt)+) => {{
        struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Otherwise for Asked<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $($Trait)+> Asked<T> {
            const ANSWER: bool = true;
        }
        <Asked<$T>>::ANSWER
    }};
}

/// The rows say for which of `Both`, `SendOnly`, `SyncOnly`, `Neither` a type is `Send`, and for
/// which it is `Sync`.
macro_rules! table {
    ($($name:ident: $T:ident => $Type:ty, send $send:tt, sync $sync:tt;)*) => {$(
        #[test]
        fn $name() {
            let send = [
                { type $T = Both; implements!($Type, Send) },
                { type $T = SendOnly; implements!($Type, Send) },
                { type $T = SyncOnly; implements!($Type, Send) },
                { type $T = Neither; implements!($Type, Send) },
            ];
            let sync = [
                { type $T = Both; implements!($Type, Sync) },
                { type $T = SendOnly; implements!($Type, Sync) },
                { type $T = SyncOnly; implements!($Type, Sync) },
                { type $T = Neither; implements!($Type, Sync) },
            ];
            let kinds = ["Send + Sync", "Send only", "Sync only", "neither"];
            for i in 0..4 {
                assert_eq!(send[i], rule!($send)[i], "Send, of a T that is {}", kinds[i]);
                assert_eq!(sync[i], rule!($sync)[i], "Sync, of a T that is {}", kinds[i]);
            }
        }
    )*};
}

/// For which T a rule of the table says yes.
macro_rules! rule {
    (always) => {
        [true, true, true, true]
    };
    (if_send) => {
        [true, true, false, false]
    };
    (if_both) => {
        [true, false, false, false]
    };
}

table! {
    the_mutex_is_shared_if_t_is_send: T => Mutex<T>, send if_send, sync if_send;
    the_monitor_is_shared_if_t_is_send: T => Monitor<T, Cond>, send if_send, sync if_send;
    mutex_guards: T => MutexGuard<'static, T>, send if_send, sync if_both;
    owned_mutex_guards: T => OwnedMutexGuard<T>, send if_send, sync if_both;
    mapped_mutex_guards_of_a_part: T => OwnedMappedMutexGuard<T, T>, send if_send, sync if_both;
    monitor_guards: T => MonitorGuard<'static, T, Cond>, send if_send, sync if_both;
    owned_monitor_guards: T => OwnedMonitorGuard<T, Cond>, send if_send, sync if_both;

    locking: T => Locking<&'static Mutex<T>, T>, send if_send, sync if_send;
    locking_owned: T => Locking<Arc<Mutex<T>>, T>, send if_send, sync if_send;
    entering: T => Entering<&'static Monitor<T, Cond>, T, Cond>, send if_send, sync if_send;
    entering_owned: T => Entering<Arc<Monitor<T, Cond>>, T, Cond>, send if_send, sync if_send;

    senders: T => Sender<T>, send if_send, sync if_send;
    receivers: T => Receiver<T>, send if_send, sync if_send;
    weak_senders: T => WeakSender<T>, send if_send, sync if_send;
    weak_receivers: T => WeakReceiver<T>, send if_send, sync if_send;
    send_permits: T => SendPermit<'static, T>, send if_send, sync if_send;
    batches_of_send_permits: T => SendPermits<'static, T>, send if_send, sync if_send;
    owned_send_permits: T => OwnedSendPermit<T>, send if_send, sync if_send;

    sending: T => Sending<'static, T>, send if_send, sync if_send;
    reserving: T => Reserving<'static, T>, send if_send, sync if_send;
    reserving_many: T => ReservingMany<'static, T>, send if_send, sync if_send;
    reserving_owned: T => ReservingOwned<T>, send if_send, sync if_send;
    receiving: T => Receiving<'static, T>, send if_send, sync if_send;
}

/// `MappedMutexGuard` knows only its part; a part that is merely `Sync` is left open.
#[test]
fn mapped_mutex_guards() {
    assert!(implements!(MappedMutexGuard<'static, Both>, Send));
    assert!(implements!(MappedMutexGuard<'static, Both>, Sync));
    assert!(implements!(MappedMutexGuard<'static, SendOnly>, Send));
    assert!(!implements!(MappedMutexGuard<'static, SendOnly>, Sync));
    assert!(!implements!(MappedMutexGuard<'static, SyncOnly>, Send));
    assert!(!implements!(MappedMutexGuard<'static, Neither>, Send));
    assert!(!implements!(MappedMutexGuard<'static, Neither>, Sync));
}

/// An owned mapped guard drops the whole, wherever it is: the whole has to be `Send`, too.
#[test]
fn owned_mapped_guards_need_the_whole_to_be_send() {
    assert!(implements!(OwnedMappedMutexGuard<Both, Both>, Send));
    assert!(implements!(OwnedMappedMutexGuard<SendOnly, Both>, Send));
    assert!(!implements!(OwnedMappedMutexGuard<Neither, Both>, Send));
    assert!(!implements!(OwnedMappedMutexGuard<SyncOnly, Both>, Send));
    assert!(!implements!(OwnedMappedMutexGuard<Neither, Both>, Sync));
    assert!(!implements!(OwnedMappedMutexGuard<Both, Neither>, Send));
}

/// A wait holds the guard before its first poll, so it is no more than the guard is.
#[test]
fn waiting_is_send_if_t_is_and_never_if_t_is_not() {
    assert!(implements!(Waiting<&'static Monitor<Both, Cond>, Both, Cond>, Send));
    assert!(implements!(Waiting<&'static Monitor<SendOnly, Cond>, SendOnly, Cond>, Send));
    assert!(!implements!(Waiting<&'static Monitor<SyncOnly, Cond>, SyncOnly, Cond>, Send));
    assert!(!implements!(Waiting<&'static Monitor<Neither, Cond>, Neither, Cond>, Send));
    assert!(implements!(Waiting<Arc<Monitor<Both, Cond>>, Both, Cond>, Send));
    assert!(implements!(Waiting<Arc<Monitor<SendOnly, Cond>>, SendOnly, Cond>, Send));
    assert!(!implements!(Waiting<Arc<Monitor<Neither, Cond>>, Neither, Cond>, Send));
    assert!(!implements!(Waiting<&'static Monitor<Neither, Cond>, Neither, Cond>, Sync));
    assert!(!implements!(Waiting<&'static Monitor<SyncOnly, Cond>, SyncOnly, Cond>, Sync));
}

/// The predicate of a `wait_while` goes along.
#[test]
fn waiting_while_is_send_only_with_its_predicate() {
    type While<T, F> = WaitingWhile<&'static Monitor<T, Cond>, T, Cond, F>;
    assert!(implements!(While<Both, fn(&mut Both) -> bool>, Send));
    assert!(implements!(While<SendOnly, fn(&mut SendOnly) -> bool>, Send));
    assert!(!implements!(While<Neither, fn(&mut Neither) -> bool>, Send));
    assert!(!implements!(While<Both, Box<dyn FnMut(&mut Both) -> bool>>, Send));
}

/// A batch is received into somebody's `Vec`, which the future borrows.
#[test]
fn receiving_many_is_send_if_t_is() {
    assert!(implements!(ReceivingMany<'static, Both>, Send));
    assert!(implements!(ReceivingMany<'static, Both>, Sync));
    assert!(implements!(ReceivingMany<'static, SendOnly>, Send));
    assert!(!implements!(ReceivingMany<'static, SyncOnly>, Send));
    assert!(!implements!(ReceivingMany<'static, Neither>, Send));
    assert!(!implements!(ReceivingMany<'static, Neither>, Sync));
}

#[test]
fn what_holds_no_data_of_others_is_send_and_sync() {
    macro_rules! send_and_sync {
        ($($T:ty),* $(,)?) => {$(
            assert!(implements!($T, Send) && implements!($T, Sync), stringify!($T));
        )*};
    }
    send_and_sync!(
        Semaphore,
        Permit<'static>,
        OwnedPermit,
        Acquiring<&'static Semaphore>,
        Acquiring<Arc<Semaphore>>,
        Closed<'static>,
        Drained<'static>,
        Fairness,
        AcquireError,
        TryAcquireError,
        TryRecvError,
        TryReserveError,
        mailbox::Closed,
        SendError<u32>,
        TrySendError<u32>,
        SinkError<u32>,
        Cond,
    );
}

#[test]
fn futures_are_not_unpin() {
    macro_rules! pinned {
        ($($T:ty),* $(,)?) => {$(
            assert!(!implements!($T, Unpin), stringify!($T));
        )*};
    }
    pinned!(
        Acquiring<&'static Semaphore>,
        Acquiring<Arc<Semaphore>>,
        Locking<&'static Mutex<u32>, u32>,
        Locking<Arc<Mutex<u32>>, u32>,
        Entering<&'static Monitor<u32, Cond>, u32, Cond>,
        Entering<Arc<Monitor<u32, Cond>>, u32, Cond>,
        Waiting<&'static Monitor<u32, Cond>, u32, Cond>,
        Waiting<Arc<Monitor<u32, Cond>>, u32, Cond>,
        WaitingWhile<&'static Monitor<u32, Cond>, u32, Cond, fn(&mut u32) -> bool>,
        Sending<'static, u32>,
        Reserving<'static, u32>,
        ReservingMany<'static, u32>,
        ReservingOwned<u32>,
        Receiving<'static, u32>,
        ReceivingMany<'static, u32>,
        Closed<'static>,
        Drained<'static>,
    );
}

#[test]
fn handles_guards_and_permits_are_unpin_whatever_they_carry() {
    type Fixed = std::marker::PhantomPinned;
    macro_rules! unpin {
        ($($T:ty),* $(,)?) => {$(
            assert!(implements!($T, Unpin), stringify!($T));
        )*};
    }
    unpin!(
        Sender<Fixed>,
        Receiver<Fixed>,
        WeakSender<Fixed>,
        WeakReceiver<Fixed>,
        SendPermit<'static, Fixed>,
        OwnedSendPermit<Fixed>,
        Permit<'static>,
        OwnedPermit,
        MutexGuard<'static, Fixed>,
        MonitorGuard<'static, Fixed, Cond>,
    );
}

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
        Sending<'static, u32>,
        Reserving<'static, u32>,
        ReservingMany<'static, u32>,
        ReservingOwned<u32>,
        Receiving<'static, u32>,
        ReceivingMany<'static, u32>,
        Closed<'static>,
        Drained<'static>,
    );
}

/// There is no poisoning: data may be half-changed after a panic.
#[test]
fn data_is_unwind_safe_only_where_it_is_by_itself() {
    type Shy = &'static mut u32;
    assert!(implements!(Mutex<u32>, UnwindSafe));
    assert!(!implements!(Mutex<Shy>, UnwindSafe));
    assert!(implements!(Monitor<u32, Cond>, UnwindSafe));
    assert!(!implements!(Monitor<Shy, Cond>, UnwindSafe));
    assert!(implements!(Semaphore, UnwindSafe));
}

#[test]
fn handles_are_at_most_two_words() {
    const WORD: usize = size_of::<usize>();
    assert!(size_of::<Sender<[u64; 100]>>() <= 2 * WORD);
    assert!(size_of::<Receiver<[u64; 100]>>() <= 2 * WORD);
    assert!(size_of::<Option<Sender<u8>>>() <= 2 * WORD);
    assert!(size_of::<Option<Receiver<u8>>>() <= 2 * WORD);
    assert_eq!(size_of::<WeakSender<u8>>(), WORD);
    assert_eq!(size_of::<WeakReceiver<u8>>(), WORD);
}

#[test]
fn guards_and_permits_are_small() {
    const WORD: usize = size_of::<usize>();
    assert_eq!(size_of::<MutexGuard<'static, [u64; 100]>>(), WORD);
    assert_eq!(size_of::<MonitorGuard<'static, [u64; 100], Cond>>(), WORD);
    assert_eq!(size_of::<OwnedMutexGuard<u8>>(), WORD);
    assert!(size_of::<Permit<'static>>() <= 2 * WORD);
    assert!(size_of::<OwnedPermit>() <= 2 * WORD);
    assert!(size_of::<SendPermit<'static, [u64; 100]>>() <= 2 * WORD);
    assert_eq!(size_of::<AcquireError>(), 0);
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
