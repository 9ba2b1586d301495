//! A limit on what is queued and in work: ours, and what users write with what others have.

use std::sync::Arc;

use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::{self, Receiver, Sender};
use tokio::sync::mpsc;

use crate::kinds::Leases;
use crate::peers::OURS;

pub const PLAIN: &str = "sempost, bounded";
pub const TOKIO_BY_HAND: &str = "tokio mpsc + Semaphore";
pub const ASYNC_BY_HAND: &str = "async-channel + async-lock";

pub struct Ours;

impl Leases for Ours {
    const NAME: &'static str = OURS;
    type Sender = CreditSender<u64>;
    type Receiver = CreditReceiver<u64>;

    fn open(limit: usize) -> (CreditSender<u64>, CreditReceiver<u64>) {
        mailbox::credits(limit, |_| 1)
    }
    async fn send(sender: &CreditSender<u64>, message: u64) {
        assert!(sender.send(message).await.is_ok());
    }
    async fn recv(receiver: &CreditReceiver<u64>) -> bool {
        receiver.recv().await.is_some()
    }
}

/// Bounds what is queued alone.
pub struct Plain;

impl Leases for Plain {
    const NAME: &'static str = PLAIN;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn open(limit: usize) -> (Sender<u64>, Receiver<u64>) {
        mailbox::bounded(limit)
    }
    async fn send(sender: &Sender<u64>, message: u64) {
        assert!(sender.send(message).await.is_ok());
    }
    async fn recv(receiver: &Receiver<u64>) -> bool {
        receiver.recv().await.is_some()
    }
}

/// The receiver stands behind a mutex, because it cannot be cloned.
pub struct TokioByHand;

type Permitted = (u64, tokio::sync::OwnedSemaphorePermit);

impl Leases for TokioByHand {
    const NAME: &'static str = TOKIO_BY_HAND;
    type Sender = (mpsc::UnboundedSender<Permitted>, Arc<tokio::sync::Semaphore>);
    type Receiver = Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Permitted>>>;

    fn open(limit: usize) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = mpsc::unbounded_channel();
        ((sender, Arc::new(tokio::sync::Semaphore::new(limit))), Arc::new(tokio::sync::Mutex::new(receiver)))
    }
    async fn send((sender, credits): &Self::Sender, message: u64) {
        let credit = credits.clone().acquire_owned().await.expect("it is open");
        assert!(sender.send((message, credit)).is_ok());
    }
    async fn recv(receiver: &Self::Receiver) -> bool {
        let received = receiver.lock().await.recv().await;
        received.is_some()
    }
}

pub struct AsyncByHand;

type Guarded = (u64, async_lock::SemaphoreGuardArc);

impl Leases for AsyncByHand {
    const NAME: &'static str = ASYNC_BY_HAND;
    type Sender = (async_channel::Sender<Guarded>, Arc<async_lock::Semaphore>);
    type Receiver = async_channel::Receiver<Guarded>;

    fn open(limit: usize) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = async_channel::unbounded();
        ((sender, Arc::new(async_lock::Semaphore::new(limit))), receiver)
    }
    async fn send((sender, credits): &Self::Sender, message: u64) {
        let credit = credits.acquire_arc().await;
        assert!(sender.send((message, credit)).await.is_ok());
    }
    async fn recv(receiver: &Self::Receiver) -> bool {
        receiver.recv().await.is_ok()
    }
}
