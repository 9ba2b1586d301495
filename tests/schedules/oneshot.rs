//! Reply ports: several at once, of which some are left, closed or dropped.

use std::future::poll_fn;
use std::sync::Arc;

use super::{Count, below, impatient, task, tasks};
use crate::oneshot::{RecvError, channel};

/// Who leaves a receiver and comes back finds what was sent meanwhile.
#[test]
fn four_ask_and_are_answered_or_not() {
    tasks("oneshot: four who ask, one dropped unanswered", || {
        let mut all = Vec::new();
        for number in 0..4 {
            let (tx, mut rx) = channel();
            all.push(task(async move {
                let left = impatient(&mut rx).await;
                let answer = match left {
                    Some(answer) => answer,
                    None => rx.await,
                };
                assert_eq!(answer, if number == 3 { Err(RecvError) } else { Ok(number) });
            }));
            all.push(task(async move {
                if number < 3 {
                    tx.send(number).expect("the receiver stays");
                }
            }));
        }
        all
    });
}

/// A value is received or comes back; it is dropped by the crate only with its receiver.
#[test]
fn a_close_a_drop_and_a_send_agree() {
    tasks("oneshot: four sends, receivers that close, leave or stay", || {
        let mut all = Vec::new();
        for way in 0..4 {
            let (value, sent) = (Arc::new(()), Count::new());
            let (tx, mut rx) = channel();
            let (theirs, note, kept) = (value.clone(), sent.clone(), value);
            all.push(task(async move {
                note.add(if tx.send(theirs).is_ok() { 1 } else { 2 });
            }));
            all.push(task(async move {
                let received = match way {
                    0 => (&mut rx).await.is_ok(),
                    1 => {
                        rx.close();
                        (&mut rx).await.is_ok()
                    }
                    2 => impatient(&mut rx).await.is_some_and(|answer| answer.is_ok()),
                    _ => rx.try_recv().is_ok(),
                };
                while sent.get() == 0 {
                    shuttle::future::yield_now().await;
                }
                drop(rx);
                assert!(!received || sent.get() == 1, "received and given back");
                assert!(way > 1 || received == (sent.get() == 1), "sent, and lost");
                assert_eq!(Arc::strong_count(&kept), 1);
            }));
        }
        all
    });
}

/// Senders that watch are told, whether they were asleep or about to be; one that gives up watching can send.
#[test]
fn watchers_are_told_of_the_end() {
    tasks("oneshot: three watchers, receivers that close or leave", || {
        let mut all = Vec::new();
        for i in 0..3 {
            let (mut tx, mut rx) = channel::<usize>();
            all.push(task(async move {
                if i == 0 && impatient(tx.closed()).await.is_none() {
                    _ = tx.send(i);
                    return;
                }
                poll_fn(|cx| tx.poll_closed(cx)).await;
                tx.closed().await;
                assert_eq!(tx.send(i), Err(i));
            }));
            all.push(task(async move {
                _ = impatient(&mut rx).await;
                if below(2) == 0 {
                    rx.close();
                    shuttle::future::yield_now().await;
                }
                drop(rx);
            }));
        }
        all
    });
}
