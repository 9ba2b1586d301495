//! A slot is held for a sender that is there.

fn main() {
    let (sender, receiver) = sempost::mailbox::bounded::<u32>(1);
    let permit = sender.try_reserve().unwrap();
    drop(sender); //~ E0505
    drop(permit);
    drop(receiver);
}
