//! C4 and C13 of mailboxes with credits.

use super::*;
use sempost::mailbox::credits::CreditSender;

fn poll_flush(sink: &mut CreditSender<usize>, bell: &Bell) -> Poll<()> {
    Pin::new(sink).poll_flush(&mut bell.context()).map(Result::unwrap)
}

#[test]
fn c04_credits_try_forms_and_leases_allocate_nothing() {
    let (tx, rx) = mailbox::credits(10, |n: &usize| *n);
    tx.try_send(0).unwrap();
    drop(rx.try_recv().unwrap());
    let (count, ()) = allocations(|| {
        for n in 0..1_000 {
            tx.try_send(n % 10).unwrap();
            drop(rx.try_recv().unwrap().split(1, |n| (n, ())).unwrap());
            tx.try_reserve(10).unwrap().send(n).unwrap();
            assert_eq!(rx.try_recv().unwrap().map(|n| n + 1).into_inner(), n + 1);
        }
    });
    assert_eq!(count, 0);
}

/// The outbox, and the wait in it.
#[test]
fn c04_credits_a_sink_allocates_its_outbox_once() {
    let ((mut tx, rx), bell) = (mailbox::credits(1, |n: &usize| *n), Bell::new());
    let ready = allocations(|| {
        assert!(poll_flush(&mut tx, &bell).is_ready());
        assert!(tx.try_send(1).is_ok());
        drop(rx.try_recv().unwrap());
    });
    assert!(ready.0 <= 1, "a block of messages");
    tx.try_send(1).unwrap();
    let wait = |tx: &mut CreditSender<usize>| {
        Pin::new(&mut *tx).start_send(1).unwrap();
        assert!(poll_flush(tx, &bell).is_pending());
        drop(rx.try_recv().unwrap());
        assert!(poll_flush(tx, &bell).is_ready());
    };
    assert_eq!(allocations(|| wait(&mut tx)).0, 2, "the first message that waits");
    assert_eq!(allocations(|| (0..100).for_each(|_| wait(&mut tx))).0, 0, "every later one");
}

#[test]
fn c13_credits_give_everything_back_in_the_end() {
    let before = BYTES.get();
    {
        let ((tx, rx), bell) = (mailbox::credits(1_000, |n: &usize| *n), Bell::new());
        (0..1_000).for_each(|_| tx.try_send(1).unwrap());
        let mut sink = tx.clone();
        Pin::new(&mut sink).start_send(2).unwrap();
        assert!(poll_flush(&mut sink, &bell).is_pending());
        let lease = rx.try_recv().unwrap();
        let waiting = common::queued(tx.clone().send_owned(3), &bell);
        drop((tx, rx));
        drop((waiting, sink, lease));
    }
    assert_eq!(grown_since(before), 0);
}
