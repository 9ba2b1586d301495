//! Reply ports on every runtime: a request goes through a mailbox, the answer through its own port.

use crate::common::Abandon;
use sempost::mailbox::{self, Receiver, Sender};
use sempost::oneshot::{self, RecvError};

struct Ask {
    number: u64,
    reply: oneshot::Sender<u64>,
}

/// Answers until nobody can ask any more; every tenth question it leaves without an answer.
async fn actor(inbox: Receiver<Ask>) -> usize {
    let mut refused = 0;
    while let Some(Ask { number, reply }) = inbox.recv().await {
        if number % 10 != 9 {
            refused += usize::from(reply.send(number * 2).is_err());
        }
    }
    refused
}

async fn ask(actor: &Sender<Ask>, number: u64) -> Result<u64, RecvError> {
    let (reply, answer) = oneshot::channel();
    assert!(actor.send(Ask { number, reply }).await.is_ok(), "the actor is there");
    answer.await
}

fn expected(number: u64) -> Result<u64, RecvError> {
    if number % 10 == 9 { Err(RecvError) } else { Ok(number * 2) }
}

runtime_matrix! {
    async fn every_question_gets_its_own_answer(rt) {
        let (requests, inbox) = mailbox::bounded(2);
        let actor = rt.spawn(actor(inbox));
        let mut askers = Vec::new();
        for asker in 0..4 {
            let requests = requests.clone();
            askers.push(rt.spawn(async move {
                for number in asker * 1_000..asker * 1_000 + 100 {
                    assert_eq!(ask(&requests, number).await, expected(number));
                }
            }));
        }
        for asker in askers {
            asker.await;
        }
        drop(requests);
        assert_eq!(actor.await, 0);
    }

    async fn threads_and_tasks_ask_one_actor(rt) {
        let (requests, inbox) = mailbox::bounded(1);
        let actor = rt.spawn(actor(inbox));
        let threads: Vec<_> = (0..2).map(|_| {
            let requests = requests.clone();
            std::thread::spawn(move || {
                for number in 0..50 {
                    let (reply, answer) = oneshot::channel();
                    assert!(requests.send_blocking(Ask { number, reply }).is_ok());
                    assert_eq!(answer.wait(), expected(number));
                }
            })
        }).collect();
        for number in 0..50 {
            assert_eq!(ask(&requests, number).await, expected(number));
        }
        rt.until(|| threads.iter().all(|thread| thread.is_finished())).await;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        drop(requests);
        assert_eq!(actor.await, 0);
    }

    async fn who_gives_up_stops_nobody(rt) {
        let (requests, inbox) = mailbox::bounded(1);
        let actor = rt.spawn(actor(inbox));
        for number in 0..100 {
            let (reply, answer) = oneshot::channel();
            assert!(requests.send(Ask { number, reply }).await.is_ok());
            if let Some(answer) = Abandon::after(1 + number as usize % 3, answer).await {
                assert_eq!(answer, expected(number));
            }
        }
        assert_eq!(ask(&requests, 1).await, Ok(2));
        drop(requests);
        assert!(actor.await <= 100);
    }

    async fn a_worker_stops_when_nobody_wants_its_answer(rt) {
        let (mut reply, answer) = oneshot::channel::<u64>();
        let worker = rt.spawn(async move {
            reply.closed().await;
            reply.send(1)
        });
        rt.yield_now().await;
        drop(answer);
        assert_eq!(worker.await, Err(1));
    }
}
