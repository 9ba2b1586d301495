//! Names, descriptions that differ, and keys of other types.

use std::time::Duration;

use futures_util::FutureExt;
use sempost_redis::{Error, Leases, RemoteMailbox};

use crate::server::{on_both, pause};

#[test]
fn any_name_without_braces_is_a_mailbox_of_its_own() {
    on_both(|server| async move {
        let names = ["a", "a:bell", "a b", " ", "a\r\nb", "a*", "ä→b", "a\0b", "sempost:a", "A"];
        let mut mailboxes = Vec::new();
        for (n, name) in names.into_iter().enumerate() {
            let (sender, receiver) = server.open::<usize>(&RemoteMailbox::new(name, 1)).await;
            sender.send(n).await.unwrap();
            mailboxes.push((sender, receiver));
        }
        // Leases of the same name share no key with it.
        let leases = Leases::open("a", 1, Duration::from_secs(1000), server.client()).await.unwrap();
        let lease = leases.acquire().await.unwrap();
        for (n, (sender, receiver)) in mailboxes.iter_mut().enumerate() {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack().await.unwrap();
            assert!(sender.close_mailbox().await.unwrap());
            assert!(receiver.recv().await.is_none());
        }
        lease.release().await.unwrap();
    });
}

#[test]
fn a_capacity_that_has_changed_holds_for_whoever_opened_with_it() {
    on_both(|server| async move {
        let (wide, mut receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 10)).await;
        for n in 0..8 {
            wide.send(n).await.unwrap();
        }
        let (narrow, _) = server.open::<u32>(&RemoteMailbox::new("jobs", 3)).await;
        let narrow = &narrow;
        let mut sending = Box::pin(async move { narrow.send(100).await });
        for n in 0..6 {
            assert!(sending.as_mut().now_or_never().is_none(), "it was sent beside {} others", 8 - n);
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack().await.unwrap();
        }
        sending.await.unwrap();
        assert_eq!(wide.stats().await.unwrap().messages, 3);
        // There is room for others.
        wide.send(101).await.unwrap();
        for n in [6, 7, 100, 101] {
            assert_eq!(*receiver.recv().await.unwrap().unwrap(), n);
        }
    });
}

#[test]
fn a_key_of_another_type_is_an_error_wherever_it_is_and_nothing_hangs() {
    on_both(|server| async move {
        for part in [":bell", ":closed", ":dead", ":room", ":full"] {
            let mailbox = RemoteMailbox::new("jobs", 1).lease(Duration::from_millis(20)).max_attempts(1);
            let _: () = server.ask(&["FLUSHALL"]);
            let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
            let key = format!("sempost:{{jobs}}{part}");
            let _: () = server.ask(&["DEL", &key]);
            let _: () = server.ask(&["HSET", &key, "a", "b"]);
            let trying = async {
                // Some of this does not need the key, and is done.
                let mut refused = 0;
                let mut note = |error: Option<Error>| match error {
                    Some(Error::Refused(_)) => refused += 1,
                    Some(Error::Closed) if part == ":closed" => refused += 1,
                    Some(error) => panic!("{part}: {error:?}"),
                    None => {}
                };
                note(sender.send(1).await.err().map(Error::from));
                for _ in 0..3 {
                    let received = smol::future::or(async { receiver.recv().await }, async {
                        pause(100).await;
                        None
                    });
                    if let Some(Err(error)) = received.await {
                        note(Some(error));
                    }
                }
                note(sender.close_mailbox().await.err());
                refused
            };
            let late = async {
                pause(20_000).await;
                panic!("{part}: it hangs");
            };
            let refused = smol::future::or(trying, late).await;
            // These two are written anew without a look at what they are.
            assert!(refused > 0 || [":room", ":full"].contains(&part), "{part}");
            // Once it is gone, all is well.
            let _: () = server.ask(&["DEL", &key]);
            let (sender, mut receiver) = server.open::<u32>(&RemoteMailbox::new("other", 1)).await;
            sender.send(1).await.unwrap();
            assert!(receiver.recv().now_or_never().is_none_or(|received| received.unwrap().is_ok()));
        }
    });
}
