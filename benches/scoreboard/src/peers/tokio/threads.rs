//! What waits with its thread.

use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};

use super::{Mpsc, Mutex, UnboundedMpsc};
use crate::kinds::{Blocking, Line, Lock, Refusal, Trying};
use crate::peers::TOKIO;

impl Blocking for Mpsc {
    const NAME: &'static str = TOKIO;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers == 1
    }
    fn open(line: Line) -> (Sender<u64>, Receiver<u64>) {
        mpsc::channel(line.bound())
    }
    fn another_sender(sender: &Sender<u64>) -> Sender<u64> {
        sender.clone()
    }
    fn send(sender: &Sender<u64>, message: u64) {
        sender.blocking_send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.blocking_recv()
    }
}

impl Trying for Mpsc {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Closed(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}

impl Blocking for UnboundedMpsc {
    const NAME: &'static str = TOKIO;
    type Sender = UnboundedSender<u64>;
    type Receiver = UnboundedReceiver<u64>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers == 1
    }
    fn open(_: Line) -> (UnboundedSender<u64>, UnboundedReceiver<u64>) {
        mpsc::unbounded_channel()
    }
    fn another_sender(sender: &UnboundedSender<u64>) -> UnboundedSender<u64> {
        sender.clone()
    }
    fn send(sender: &UnboundedSender<u64>, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut UnboundedReceiver<u64>) -> Option<u64> {
        receiver.blocking_recv()
    }
}

impl Trying for UnboundedMpsc {
    fn try_send(sender: &UnboundedSender<u64>, message: u64) -> Result<(), Refusal> {
        sender.send(message).map_err(|_| Refusal::Closed)
    }
    fn try_recv(receiver: &mut UnboundedReceiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}

impl Lock for Mutex {
    const NAME: &'static str = TOKIO;

    fn new() -> Self {
        Self::new(0)
    }
    fn lock(&self) -> impl Sized {
        self.blocking_lock()
    }
}
