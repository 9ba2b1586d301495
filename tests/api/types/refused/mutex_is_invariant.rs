//! Through a mutex of strings that live long nobody may put in one that does not.

use sempost::{Mutex, mailbox::Sender};

fn shorter<'a>(mutex: &'a Mutex<&'static str>) -> &'a Mutex<&'a str> {
    mutex //~ error
}

fn sender<'a>(sender: &'a Sender<&'static str>) -> &'a Sender<&'a str> {
    sender //~ error
}

fn main() {
    let _ = (shorter, sender);
}
