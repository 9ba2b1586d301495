//! crossbeam-channel: threads only.

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};

use crate::kinds::{Blocking, Line, Refusal, Trying};

pub struct Channel;

impl Blocking for Channel {
    const NAME: &'static str = "crossbeam-channel";
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(_: Line) -> bool {
        true
    }
    fn open(line: Line) -> (Sender<u64>, Receiver<u64>) {
        match line.capacity {
            Some(capacity) => crossbeam_channel::bounded(capacity),
            None => crossbeam_channel::unbounded(),
        }
    }
    fn another_sender(sender: &Sender<u64>) -> Sender<u64> {
        sender.clone()
    }
    fn another_receiver(receiver: &Receiver<u64>) -> Receiver<u64> {
        receiver.clone()
    }
    fn send(sender: &Sender<u64>, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for Channel {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Disconnected(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}
