//! A batch is received into a list that the future borrows.

fn main() {
    let (_sender, receiver) = sempost::mailbox::bounded::<u32>(1);
    let mut list = Vec::new();
    let receiving = receiver.recv_many(&mut list, 1);
    assert!(list.is_empty()); //~ E0502
    drop(receiving);
    assert!(list.is_empty());
}
