//! The paths of messages through ports.

use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender};

use super::{drop_it, hostile, put};
use crate::calm::calm;
use crate::common::{Bell, queued};
use crate::loads::Load;

type Ends<T> = (Ports<usize, T>, PortReceiver<usize, T>);

/// Three ports, among which the messages are divided.
fn filled<T: Load>(n: usize) -> (Ends<T>, Vec<Sender<T>>) {
    let (ports, rx) = mailbox::ports(Order::fair());
    let senders: Vec<_> = (0..3).map(|key| ports.open_unbounded(key).expect("a new key")).collect();
    (0..n).for_each(|i| put(&senders[i % 3], T::new()));
    ((ports, rx), senders)
}

pub(super) fn last_receiver<T: Load>(n: usize) {
    let ((ports, rx), senders) = filled::<T>(n);
    drop_it(rx);
    assert!(ports.is_closed() && senders.iter().all(|tx| tx.is_empty() && tx.receiver_count() == 0));
}

pub(super) fn finished_and_dropped<T: Load>(n: usize) {
    let ((ports, rx), senders) = filled::<T>(n);
    drop(senders);
    drop(ports);
    drop_it(rx);
}

pub(super) fn received<T: Load>(n: usize) {
    let ((_ports, rx), _senders) = filled::<T>(n);
    let mut taken = 0;
    for turn in 0.. {
        let message =
            if turn % 2 == 0 { rx.try_recv_from(&(turn % 3)).ok() } else { rx.try_recv().ok().map(|it| it.1) };
        taken += usize::from(message.is_some());
        drop_it(message);
        if taken == n {
            break;
        }
    }
}

/// Another receiver sleeps, and its waker panics whenever there is more.
pub(super) fn put_back<T: Load>(n: usize) {
    let ((_ports, rx), senders) = filled::<T>(0);
    let tx = &senders[0];
    for _ in 0..n {
        let (bell, calm_bell) = (hostile(), Bell::new());
        let first = queued(rx.recv(), &calm_bell);
        let second = queued(rx.recv(), &bell);
        put(tx, T::new());
        put(tx, T::new());
        assert!(calm(|| rx.try_recv().map(drop_it)).raged());
        drop((first, second));
        assert_eq!(rx.len(), 2);
        drop_it(rx.try_recv());
        drop_it(rx.try_recv());
    }
    drop_it(rx);
}
