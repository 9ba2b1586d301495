//! The paths of a message in a mailbox with credits.

use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::{TryRecvError, credits};

use super::drop_it;
use crate::calm::{calm, rage};
use crate::common::{Bell, queued, ready};
use crate::loads::Load;

/// A mailbox of `n` credits, all of which are held by messages.
fn spent<T: Load>(n: usize) -> (CreditSender<T>, CreditReceiver<T>) {
    let (tx, rx) = credits(n, |_| 1);
    (0..n).for_each(|_| assert!(tx.try_send(T::new()).is_ok()));
    (tx, rx)
}

/// Messages panic as they are dropped; all credits are there again.
fn balanced<T>(tx: &CreditSender<T>) {
    assert_eq!((tx.available_credits(), tx.granted_credits(), tx.waiting_senders()), (tx.limit(), 0, 0));
}

pub(super) fn last_receiver<T: Load>(n: usize) {
    let (tx, rx) = spent::<T>(n);
    drop_it(rx);
    balanced(&tx);
}

pub(super) fn cancelled_sends<T: Load>(n: usize) {
    let (tx, rx) = credits::<T>(1, |_| 1);
    let permit = tx.try_reserve(1).expect("it is free");
    let mut sends: Vec<_> = (0..n).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    sends.drain(n / 2..).for_each(drop_it);
    drop(permit);
    // Each has the credit when it is dropped, and hands it on.
    sends.into_iter().for_each(drop_it);
    assert!(rx.is_empty());
    balanced(&tx);
}

pub(super) fn leases<T: Load>(n: usize) {
    let (tx, rx) = spent::<T>(n);
    for i in 0..n {
        let lease = rx.try_recv().expect("it is not empty");
        match i % 4 {
            0 => drop_it(lease),
            1 => drop_it(lease.into_inner()),
            2 => drop_it(lease.take()),
            _ => drop_it(lease.split(1, |message| (message, ()))),
        }
    }
    assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
    balanced(&tx);
}

pub(super) fn refused<T: Load>(n: usize) {
    let (tx, rx) = credits::<T>(n, |_| usize::MAX);
    let all = tx.try_reserve(n).expect("they are free");
    let sends: Vec<_> = (0..n / 2).map(|_| queued(tx.send(T::new()), &Bell::new())).collect();
    (0..n / 4).for_each(|_| drop_it(tx.try_send(T::new())));
    rx.close();
    for mut sending in sends {
        drop_it(ready(&mut sending, &Bell::new()).expect_err("it is closed"));
    }
    drop(rx);
    drop_it(all.send(T::new()));
    drop_it(tx.clone().try_reserve_owned(1).map_err(|(tx, _)| tx));
    balanced(&tx);
}

/// `weigh` panics, and the message that it weighed is dropped.
pub(super) fn weighed<T: Load>(n: usize) {
    let weigh = |_: &T| {
        rage();
        1
    };
    let (tx, _rx) = credits::<T>(1, weigh);
    for _ in 0..n {
        assert!(calm(|| tx.try_send(T::new())).raged());
    }
    balanced(&tx);
}
