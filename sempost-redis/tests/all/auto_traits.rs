//! All that waits can be a task of its own on a runtime of many threads.

use std::time::Duration;

use sempost_redis::{AutoAck, Delivery, Lease, Leases, Payload, Receiver, RemoteMailbox, Sender, redis};

fn is_send<T: Send>(_: T) {}
fn is_shared<T: Send + Sync + Unpin + 'static>() {}

#[allow(dead_code, reason = "it is enough that it compiles")]
async fn futures<T: Payload + Send + Sync + 'static>(
    mailbox: RemoteMailbox,
    client: redis::Client,
    message: T,
    sender: Sender<T>,
    mut receiver: Receiver<T>,
    leases: Leases,
) {
    is_send(mailbox.open::<T>(client.clone()));
    is_send(mailbox.delete(client.clone()));
    is_send(sender.send(message));
    is_send(sender.check());
    is_send(sender.stats());
    is_send(sender.close_mailbox());
    is_send(receiver.recv());
    is_send(receiver.dead_letters(1));
    let letters = receiver.dead_letters(1).await.unwrap();
    is_send(receiver.delete_dead_letter(&letters[0]));
    is_send(receiver.stats());
    is_send(receiver.close_mailbox());
    let mut delivery = receiver.recv().await.unwrap().unwrap();
    is_send(delivery.renew());
    is_send(delivery.nack());
    is_send(receiver.recv().await.unwrap().unwrap().ack());
    is_send(receiver.give_back());
    is_send(Leases::open("", 1, Duration::ZERO, client));
    is_send(leases.try_acquire());
    let mut lease = leases.acquire().await.unwrap();
    is_send(lease.renew());
    is_send(lease.release());
}

#[test]
fn handles_go_anywhere() {
    is_shared::<Sender<u32>>();
    is_shared::<Receiver<u32>>();
    is_shared::<AutoAck<u32>>();
    is_shared::<Delivery<u32>>();
    is_shared::<Leases>();
    is_shared::<Lease>();
    // Whatever the messages are.
    is_shared::<Sender<std::rc::Rc<()>>>();
    is_shared::<Receiver<std::rc::Rc<()>>>();
}
