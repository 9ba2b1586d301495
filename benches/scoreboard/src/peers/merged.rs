//! Many sources at one receiver: ours, and what users write with what others have.

use std::future::poll_fn;
use std::pin::Pin;

use futures::StreamExt;
use futures::stream::{SelectAll, select_all};
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Receiver, Sender};
use tokio::sync::mpsc;
use tokio_stream::StreamMap;
use tokio_stream::wrappers::ReceiverStream;

use crate::kinds::Sources;
use crate::peers::OURS;

pub const PLAIN: &str = "sempost, one mailbox";
pub const MAP_OF_OURS: &str = "StreamMap, sempost";
pub const MAP: &str = "StreamMap, tokio";
pub const ALL: &str = "select_all, tokio";
pub const WITHOUT_IDLE: &str = "sempost, none idle";

pub struct Ours;

impl Sources for Ours {
    const NAME: &'static str = OURS;
    type Sender = Sender<u64>;
    type Receiver = PortReceiver<u64, u64>;

    fn open(sources: usize, capacity: usize) -> (Vec<Sender<u64>>, PortReceiver<u64, u64>) {
        let (ports, receiver) = mailbox::ports(Order::fair());
        (open_all(&ports, 0, sources, capacity), receiver)
    }
    async fn send(sender: &mut Sender<u64>, message: u64) {
        assert!(Sender::send(sender, message).await.is_ok());
    }
    async fn recv(receiver: &mut PortReceiver<u64, u64>) -> bool {
        receiver.recv().await.is_some()
    }
}

fn open_all(ports: &Ports<u64, u64>, first: u64, sources: usize, capacity: usize) -> Vec<Sender<u64>> {
    (first..first + sources as u64).map(|key| ports.open(key, capacity).expect("a new key")).collect()
}

/// All in one mailbox, without ports.
pub struct Plain;

impl Sources for Plain {
    const NAME: &'static str = PLAIN;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn open(sources: usize, capacity: usize) -> (Vec<Sender<u64>>, Receiver<u64>) {
        let (sender, receiver) = mailbox::bounded(sources * capacity);
        (vec![sender; sources], receiver)
    }
    async fn send(sender: &mut Sender<u64>, message: u64) {
        assert!(Sender::send(sender, message).await.is_ok());
    }
    async fn recv(receiver: &mut Receiver<u64>) -> bool {
        receiver.recv().await.is_some()
    }
}

pub struct MapOfOurs;

impl Sources for MapOfOurs {
    const NAME: &'static str = MAP_OF_OURS;
    type Sender = Sender<u64>;
    type Receiver = StreamMap<u64, Receiver<u64>>;

    fn open(sources: usize, capacity: usize) -> (Vec<Sender<u64>>, Self::Receiver) {
        let mut map = StreamMap::new();
        let open = |key| {
            let (sender, receiver) = mailbox::bounded(capacity);
            map.insert(key, receiver);
            sender
        };
        ((0..sources as u64).map(open).collect(), map)
    }
    async fn send(sender: &mut Sender<u64>, message: u64) {
        assert!(Sender::send(sender, message).await.is_ok());
    }
    async fn recv(receiver: &mut Self::Receiver) -> bool {
        receiver.next().await.is_some()
    }
}

pub struct Map;

impl Sources for Map {
    const NAME: &'static str = MAP;
    type Sender = mpsc::Sender<u64>;
    type Receiver = StreamMap<u64, ReceiverStream<u64>>;

    fn open(sources: usize, capacity: usize) -> (Vec<mpsc::Sender<u64>>, Self::Receiver) {
        let mut map = StreamMap::new();
        let open = |key| {
            let (sender, receiver) = mpsc::channel(capacity);
            map.insert(key, ReceiverStream::new(receiver));
            sender
        };
        ((0..sources as u64).map(open).collect(), map)
    }
    async fn send(sender: &mut mpsc::Sender<u64>, message: u64) {
        assert!(sender.send(message).await.is_ok());
    }
    async fn recv(receiver: &mut Self::Receiver) -> bool {
        receiver.next().await.is_some()
    }
}

pub struct All;

impl Sources for All {
    const NAME: &'static str = ALL;
    type Sender = mpsc::Sender<u64>;
    type Receiver = SelectAll<ReceiverStream<u64>>;

    fn open(sources: usize, capacity: usize) -> (Vec<mpsc::Sender<u64>>, Self::Receiver) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..sources).map(|_| mpsc::channel(capacity)).unzip();
        (senders, select_all(receivers.into_iter().map(ReceiverStream::new)))
    }
    async fn send(sender: &mut mpsc::Sender<u64>, message: u64) {
        assert!(sender.send(message).await.is_ok());
    }
    async fn recv(receiver: &mut Self::Receiver) -> bool {
        poll_fn(|context| futures::Stream::poll_next(Pin::new(&mut *receiver), context)).await.is_some()
    }
}

/// The same, under the name of a contender whose other sources are idle.
pub struct WithoutIdle;

impl Sources for WithoutIdle {
    const NAME: &'static str = WITHOUT_IDLE;
    type Sender = Sender<u64>;
    type Receiver = PortReceiver<u64, u64>;

    fn open(sources: usize, capacity: usize) -> (Vec<Sender<u64>>, PortReceiver<u64, u64>) {
        Ours::open(sources, capacity)
    }
    async fn send(sender: &mut Sender<u64>, message: u64) {
        Ours::send(sender, message).await;
    }
    async fn recv(receiver: &mut PortReceiver<u64, u64>) -> bool {
        Ours::recv(receiver).await
    }
}
