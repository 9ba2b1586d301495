//! The lecture's message passing: N empty messages go round as credits, and come back filled.

use futures::executor::block_on;
use futures::future::join;
use sempost::mailbox::{self, Receiver, SendError, Sender};

const N: usize = 4; // #define N 4

/// A message that is used again and again: sent empty, it says "there is room for one more".
type Message = Box<[u64]>;

async fn producer(empty: Receiver<Message>, full: Sender<Message>) -> Result<(), SendError<Message>> {
    for item in 0..100 {
        let Some(mut m) = empty.recv().await else { break }; // receive(consumer, &m)
        m.fill(item); //                                        build_message(&m, item)
        full.send(m).await?; //                                 send(consumer, &m)
    }
    Ok(())
}

async fn consumer(full: Receiver<Message>, empty: Sender<Message>) -> u64 {
    for _ in 0..N {
        let m = vec![0; 16].into(); //                       for (i = 0; i < N; i++)
        empty.send(m).await.expect("the producer waits"); //     send(producer, &m)
    }
    let mut sum = 0;
    while let Some(m) = full.recv().await {
        sum += m[0]; //                      receive(producer, &m); item = extract_item(&m)
        assert!(full.len() < N, "no more are under way than there are credits");
        // The producer may have left already, with nothing more to fill.
        let _ = empty.send(m).await; //      send(producer, &m)
    }
    sum
}

fn main() {
    // The mailboxes have no bound of their own: the credits are the bound.
    let (empty_out, empty_in) = mailbox::unbounded();
    let (full_out, full_in) = mailbox::unbounded();
    let (sent, sum) = block_on(join(producer(empty_in, full_out), consumer(full_in, empty_out)));
    assert!(sent.is_ok());
    assert_eq!(sum, (0..100).sum());
    println!("100 items went round in {N} messages, which came back empty as credits: their sum is {sum}");
}
