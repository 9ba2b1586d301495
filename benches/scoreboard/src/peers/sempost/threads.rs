//! What waits with its thread.

use sempost::mailbox::{Receiver, Sender, TryRecvError, TrySendError};

use super::{Fifo, Mailbox, Mutex, open};
use crate::kinds::{Blocking, BlockingClosing, Line, Lock, Refusal, Trying};
use crate::peers::OURS;

impl Blocking for Mailbox {
    const NAME: &'static str = OURS;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(_: Line) -> bool {
        true
    }
    fn open(line: Line) -> (Sender<u64>, Receiver<u64>) {
        open::<u64, Fifo>(line)
    }
    fn another_sender(sender: &Sender<u64>) -> Sender<u64> {
        sender.clone()
    }
    fn another_receiver(receiver: &Receiver<u64>) -> Receiver<u64> {
        receiver.clone()
    }
    fn send(sender: &Sender<u64>, message: u64) {
        sender.send_blocking(message).expect("the mailbox is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv_blocking()
    }
}

impl Trying for Mailbox {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Closed(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Closed))
    }
}

impl BlockingClosing for Mailbox {
    fn close(sender: &Sender<u64>) {
        sender.close_mailbox();
    }
}

impl Lock for Mutex {
    const NAME: &'static str = OURS;

    fn new() -> Self {
        Self::new(0)
    }
    fn lock(&self) -> impl Sized {
        self.lock_blocking()
    }
}
