//! tachyonix: bounded, one receiver.

use std::future::Future;

use tachyonix::{Receiver, Sender};

use crate::kinds::{Closing, Line, Mailbox, Message, Received, Sent};

pub struct Mpsc;

impl<T: Message> Mailbox<T> for Mpsc {
    const NAME: &'static str = "tachyonix";
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers == 1
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        tachyonix::channel(line.bound())
    }
    fn another_sender(sender: &Sender<T>) -> Sender<T> {
        sender.clone()
    }
    fn send(sender: &mut Sender<T>, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

impl Closing for Mpsc {
    fn close(sender: &mut Sender<u64>) {
        sender.close();
    }
}
