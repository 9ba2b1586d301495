//! The standard library: threads only.

use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TryRecvError, TrySendError};

use crate::kinds::{Blocking, Line, Lock, Refusal, Trying};

const NAME: &str = "std";

pub struct Mpsc;

impl Blocking for Mpsc {
    const NAME: &'static str = NAME;
    type Sender = SyncSender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(line: Line) -> bool {
        !line.is_unbounded() && line.receivers == 1
    }
    fn open(line: Line) -> (SyncSender<u64>, Receiver<u64>) {
        mpsc::sync_channel(line.bound())
    }
    fn another_sender(sender: &SyncSender<u64>) -> SyncSender<u64> {
        sender.clone()
    }
    fn send(sender: &SyncSender<u64>, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for Mpsc {
    fn try_send(sender: &SyncSender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Disconnected(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}

pub struct UnboundedMpsc;

impl Blocking for UnboundedMpsc {
    const NAME: &'static str = NAME;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers == 1
    }
    fn open(_: Line) -> (Sender<u64>, Receiver<u64>) {
        mpsc::channel()
    }
    fn another_sender(sender: &Sender<u64>) -> Sender<u64> {
        sender.clone()
    }
    fn send(sender: &Sender<u64>, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for UnboundedMpsc {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.send(message).map_err(|_| Refusal::Closed)
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}

pub type Mutex = std::sync::Mutex<u64>;

impl Lock for Mutex {
    const NAME: &'static str = NAME;

    fn new() -> Self {
        Self::new(0)
    }
    fn lock(&self) -> impl Sized {
        self.lock().expect("no thread panics")
    }
}
