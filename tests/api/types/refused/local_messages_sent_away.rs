//! The handles of a mailbox cross threads only if its messages may.

use sempost::mailbox::unbounded;
use std::rc::Rc;
use std::thread::spawn;

fn main() {
    let (fine, received) = unbounded::<u32>();
    spawn(move || fine.try_send(1).unwrap());
    let (sender, _receiver) = unbounded::<Rc<u32>>();
    spawn(move || sender.close_mailbox()); //~ E0277
    let (_sender, receiver) = unbounded::<Rc<u8>>();
    spawn(move || receiver.close()); //~ E0277
    drop(received);
}
