//! The lecture's page on message passing, line by line: its line is the comment, ours stands beside it.

use futures::executor::block_on;
use futures::future::join;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use sempost::mailbox::{self, ports::Order};

/// Direct addressing: each process has a queue of its own at the receiver, and a name.
async fn named_processes() {
    let (ports, receiver) = mailbox::ports(Order::fair());
    let open = |process| ports.open(process, 1).expect("the name is free");
    let (p, q) = (open("P"), open("Q"));
    p.send("an item").await.unwrap(); //                   send(destination, &m)
    q.send("another").await.unwrap();
    let m = receiver.recv_from(&"Q").await; //             receive(source, &m)
    assert_eq!(m, Some("another"));
    let (source, m) = receiver.recv().await.unwrap(); //  receive(*, &m)
    println!("receive(Q, &m) came first, and then receive(*, &m) found {m:?}, from {source}");
    assert_eq!(source, "P");
}

const N: usize = 4; // #define N 4

/// Flow control: an `empty` message is a credit.
async fn producer(consumer: CreditSender<Box<[u64]>>) {
    for item in 0..100 {
        let empty = consumer.reserve(1).await.unwrap(); //  receive(Consumer, &m)
        let m = vec![item; 16].into(); //                   build_message(&m, item)
        empty.send(m).unwrap(); //                          send(Consumer, &m)
    }
}

async fn consumer(producer: CreditReceiver<Box<[u64]>>) -> u64 {
    let mut sum = 0;
    loop {
        let Some(m) = producer.recv().await else { return sum }; // receive(Producer, &m)
        let held = producer.leased();
        assert!(held <= N, "no more are under way than there are credits");
        let item = m.into_inner()[0]; //                    extract_item(&m); send(Producer, &empty)
        assert_eq!(producer.leased(), held - 1, "the credit went back, and the item is not consumed yet");
        sum += item; //                                     Consume(item)
    }
}

fn main() {
    block_on(named_processes());
    let (to_consumer, from_producer) = mailbox::credits(N, |_| 1); // for (i = 0; i < N; i++) send(Producer, &empty)
    let ((), sum) = block_on(join(producer(to_consumer), consumer(from_producer)));
    assert_eq!(sum, (0..100).sum::<u64>());
    println!("100 items with {N} credits, each back before its item was consumed: their sum is {sum}");
}
