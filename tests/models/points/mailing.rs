//! Rows of mailboxes: futures and polled handles of both sides.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex as Slot};
use std::task::{Poll, ready};

use futures_sink::Sink;

use super::super::glance;
use super::waiter::{Subject, borrowing, owning};
use super::{Kind, Stand};
use crate::mailbox::{self, Receiver, Sender};

pub(super) static KINDS: [Kind; 13] = [
    Kind::new("Sending", || sending(send)),
    Kind::new("Reserving", || sending(reserve)),
    Kind::new("ReservingMany", || sending(reserve_many)),
    Kind::new("ReservingOwned", || sending(reserve_owned)),
    Kind::new("poll_reserve", || sending(poll_reserve)).nudging(),
    Kind::new("poll_ready", || sending(poll_ready)).nudging(),
    Kind::new("Sending, capacity 0", || offering(send)),
    Kind::new("poll_flush, capacity 0", || offering(poll_flush)),
    Kind::new("Receiving", || receiving(recv)),
    Kind::new("ReceivingMany", || receiving(recv_many)),
    Kind::new("poll_recv", || receiving(poll_recv)).nudging(),
    Kind::new("poll_recv_many", || receiving(poll_recv_many)).nudging(),
    Kind::new("Receiving, capacity 0", || meeting(recv)).nudging(),
];

/// How many messages went in, and how many came out.
type Count = Arc<AtomicUsize>;

fn counts() -> [Count; 2] {
    [(); 2].map(|()| Arc::new(AtomicUsize::new(0)))
}

fn add(count: &Count, n: usize) {
    count.fetch_add(n, SeqCst);
}

/// The only handle of its side, until it goes.
type Only<H> = Arc<Slot<Option<H>>>;

fn with<H>(only: &Only<H>, act: impl Fn(&H)) {
    only.try_lock().expect("one at a time").as_ref().into_iter().for_each(act);
}

fn go<H>(only: &Only<H>) {
    let last = only.try_lock().expect("one at a time").take();
    drop(last);
}

fn send(sender: &Sender<u32>, sent: &Count) -> Subject {
    let sent = Arc::clone(sent);
    borrowing!(sender, sender.send(7), answer => add(&sent, usize::from(answer.is_ok())))
}

fn reserve(sender: &Sender<u32>, _: &Count) -> Subject {
    borrowing!(sender, sender.reserve(), permit => drop(permit))
}

fn reserve_many(sender: &Sender<u32>, _: &Count) -> Subject {
    borrowing!(sender, sender.reserve_many(1), permits => drop(permits))
}

fn reserve_owned(sender: &Sender<u32>, _: &Count) -> Subject {
    owning(sender.clone().reserve_owned(), drop)
}

fn poll_reserve(sender: &Sender<u32>, _: &Count) -> Subject {
    let mut handle = sender.clone();
    Box::pin(poll_fn(move |cx| handle.poll_reserve(cx).map(drop)))
}

/// Becomes ready and lets the slot lapse.
fn poll_ready(sender: &Sender<u32>, _: &Count) -> Subject {
    let mut sink = sender.clone();
    Box::pin(poll_fn(move |cx| {
        _ = ready!(Pin::new(&mut sink).poll_ready(cx));
        Pin::new(&mut sink).poll_flush(cx).map(drop)
    }))
}

fn poll_flush(sender: &Sender<u32>, sent: &Count) -> Subject {
    let (mut sink, sent) = (sender.clone(), Arc::clone(sent));
    Pin::new(&mut sink).start_send(7).expect("it is open");
    Box::pin(poll_fn(move |cx| {
        let answer = ready!(Pin::new(&mut sink).poll_flush(cx));
        add(&sent, usize::from(answer.is_ok()));
        Poll::Ready(())
    }))
}

fn recv(receiver: &Receiver<u32>, received: &Count) -> Subject {
    let received = Arc::clone(received);
    borrowing!(receiver, receiver.recv(), answer => add(&received, usize::from(answer.is_some())))
}

fn recv_many(receiver: &Receiver<u32>, received: &Count) -> Subject {
    let (received, mut buffer) = (Arc::clone(received), Vec::new());
    borrowing!(receiver, receiver.recv_many(&mut buffer, 2), n => add(&received, n))
}

fn poll_recv(receiver: &Receiver<u32>, received: &Count) -> Subject {
    let (mut handle, received) = (receiver.clone(), Arc::clone(received));
    Box::pin(poll_fn(move |cx| handle.poll_recv(cx).map(|answer| add(&received, usize::from(answer.is_some())))))
}

fn poll_recv_many(receiver: &Receiver<u32>, received: &Count) -> Subject {
    let (mut handle, received, mut buffer) = (receiver.clone(), Arc::clone(received), Vec::new());
    Box::pin(poll_fn(move |cx| handle.poll_recv_many(cx, &mut buffer, 2).map(|n| add(&received, n))))
}

/// Who waits for one of two slots, which are full. A grant is a message received.
fn sending(waiter: fn(&Sender<u32>, &Count) -> Subject) -> Stand {
    senders(2, waiter)
}

/// Who holds a message out at capacity 0. A grant is that it is taken.
fn offering(waiter: fn(&Sender<u32>, &Count) -> Subject) -> Stand {
    senders(0, waiter)
}

fn senders(capacity: usize, waiter: fn(&Sender<u32>, &Count) -> Subject) -> Stand {
    let (sender, receiver) = mailbox::bounded(capacity);
    let [sent, received] = counts();
    (0..capacity).for_each(|_| sender.try_send(0).expect("a slot is free"));
    add(&sent, capacity);
    let only = Arc::new(Slot::new(Some(receiver)));
    let (a, b, c, d) = (sender.clone(), sender.clone(), sender.clone(), sender.clone());
    let (taker, last) = (Arc::clone(&only), Arc::clone(&only));
    let (sends, tries, takes) = (Arc::clone(&sent), Arc::clone(&sent), Arc::clone(&received));
    Stand {
        waiter: Box::new(move || waiter(&a, &sends)),
        grant: Arc::new(move |times| {
            with(&taker, |receiver| add(&takes, (0..times).filter(|_| receiver.try_recv().is_ok()).count()));
        }),
        close: Some(Arc::new(move || _ = b.close_mailbox())),
        newcomer: Arc::new(move || add(&tries, usize::from(c.try_send(7).is_ok()))),
        gone: Some(Arc::new(move || go(&last))),
        there: {
            let sender = sender.clone();
            Box::new(move || sender.remaining())
        },
        line: Box::new(move || d.waiting_senders()),
        audit: Box::new(move || {
            let left = sender.len();
            match &*only.try_lock().expect("one at a time") {
                // Who is dropped after its message was taken does not learn of it.
                Some(_) if capacity == 0 => assert!(sent.load(SeqCst) <= received.load(SeqCst)),
                Some(_) => assert_eq!(sent.load(SeqCst), received.load(SeqCst) + left),
                None => assert_eq!(left, 0),
            }
            assert_eq!(sender.remaining(), capacity - left);
        }),
    }
}

/// Who waits for a message. A grant is a message sent.
fn receiving(waiter: fn(&Receiver<u32>, &Count) -> Subject) -> Stand {
    let (sender, receiver) = mailbox::bounded(2);
    let [sent, received] = counts();
    let sends = Arc::clone(&sent);
    let audit = {
        let (receiver, received) = (receiver.clone(), Arc::clone(&received));
        move || assert_eq!(sent.load(SeqCst), received.load(SeqCst) + receiver.len())
    };
    let there = {
        let receiver = receiver.clone();
        move || receiver.len()
    };
    let grant = move |sender: &Sender<u32>| add(&sends, usize::from(sender.try_send(7).is_ok()));
    receivers(sender, receiver, received, waiter, grant, || {}, there, audit)
}

/// Who waits for a message at capacity 0. A grant is a sender that holds one out.
fn meeting(waiter: fn(&Receiver<u32>, &Count) -> Subject) -> Stand {
    let (sender, receiver) = mailbox::bounded(0);
    let [sent, received] = counts();
    let offers: Arc<Slot<Vec<Subject>>> = Arc::default();
    let (sends, holds, leaves) = (Arc::clone(&sent), Arc::clone(&offers), Arc::clone(&offers));
    let grant = move |sender: &Sender<u32>| {
        let mut offer = send(sender, &sends);
        if glance(&mut offer).is_none() {
            holds.try_lock().expect("one at a time").push(offer);
        }
    };
    let clear = move || {
        let leaving = std::mem::take(&mut *leaves.try_lock().expect("one at a time"));
        leaving.into_iter().for_each(|mut offer| _ = glance(&mut offer));
    };
    let there = {
        let receiver = receiver.clone();
        move || receiver.waiting_senders()
    };
    let audit = {
        let (clear, received) = (clear.clone(), Arc::clone(&received));
        move || {
            clear();
            // An offer that leaves after it was taken does not learn of it.
            assert!(sent.load(SeqCst) <= received.load(SeqCst));
        }
    };
    receivers(sender, receiver, received, waiter, grant, clear, there, audit)
}

#[expect(clippy::too_many_arguments, reason = "what two kinds of mailbox do not share")]
fn receivers(
    sender: Sender<u32>,
    receiver: Receiver<u32>,
    received: Count,
    waiter: fn(&Receiver<u32>, &Count) -> Subject,
    grant: impl Fn(&Sender<u32>) + Send + Sync + 'static,
    clear: impl Fn() + Send + Sync + 'static,
    there: impl Fn() -> usize + 'static,
    audit: impl Fn() + 'static,
) -> Stand {
    let only = Arc::new(Slot::new(Some(sender)));
    let last = Arc::clone(&only);
    let (a, b, c) = (receiver.clone(), receiver.clone(), receiver.clone());
    let takes = Arc::clone(&received);
    Stand {
        waiter: Box::new(move || waiter(&receiver, &received)),
        grant: Arc::new(move |times| (0..times).for_each(|_| with(&only, &grant))),
        close: Some(Arc::new(move || _ = a.close())),
        newcomer: Arc::new(move || add(&takes, usize::from(b.try_recv().is_ok()))),
        gone: Some(Arc::new(move || {
            clear();
            go(&last);
        })),
        there: Box::new(there),
        line: Box::new(move || c.waiting_receivers()),
        audit: Box::new(audit),
    }
}
