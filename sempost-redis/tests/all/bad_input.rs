//! What can be wrong outside: each has a typed error or a documented outcome.

use std::time::{Duration, Instant};

use sempost_redis::{Error, RemoteMailbox, redis};

use crate::server::{Server, on_both, on_both_with};

fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 10).patience(Duration::from_millis(300))
}

#[test]
fn a_description_that_makes_no_sense() {
    on_both(|server| async move {
        let wrong = [
            RemoteMailbox::new("jobs", 0),
            RemoteMailbox::new("", 1),
            RemoteMailbox::new("jo}bs", 1),
            jobs().batch(0),
            jobs().batch(1 << 20),
            jobs().lease(Duration::ZERO),
            jobs().lease(Duration::MAX),
            jobs().max_attempts(0),
        ];
        for mailbox in wrong {
            assert!(matches!(mailbox.open::<u32>(server.client()).await, Err(Error::Config(_))), "{mailbox:?}");
        }
    });
}

#[test]
fn no_server() {
    on_both(|server| async move {
        let client = server.client();
        drop(server);
        assert!(matches!(jobs().open::<u32>(client).await, Err(Error::Unreachable(_))));
    });
}

#[test]
fn an_address_where_something_else_listens() {
    on_both(|_server| async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            use std::io::Write;
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
        let error = jobs().open::<u32>(client).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_) | Error::Unreachable(_)), "{error:?}");
    });
}

#[test]
fn a_wrong_password() {
    on_both_with(&["--requirepass", "secret"], |server| async move {
        for password in ["", ":wrong@"] {
            let address = format!("redis://{password}127.0.0.1:{}", server.port());
            let client = redis::Client::open(address).unwrap();
            let error = jobs().open::<u32>(client).await.unwrap_err();
            assert!(matches!(error, Error::Refused(_)), "{error:?}");
        }
        let (sender, _) = server.open::<u32>(&jobs()).await;
        sender.send(1).await.unwrap();
    });
}

#[test]
fn a_key_of_another_type() {
    on_both(|server| async move {
        let _: () = server.ask(&["SET", "sempost:{jobs}", "something"]);
        assert!(matches!(jobs().open::<u32>(server.client()).await, Err(Error::Refused(_))));
        // One that comes later.
        let _: () = server.ask(&["DEL", "sempost:{jobs}"]);
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        let _: () = server.ask(&["SET", "sempost:{jobs}", "something"]);
        let refused = sender.send(1).await.unwrap_err();
        assert!(matches!(refused.error, Error::Refused(_)), "{:?}", refused.error);
        assert_eq!(refused.message, Some(1));
        assert!(matches!(receiver.recv().await, Some(Err(Error::Refused(_)))));
        // And goes again.
        let _: () = server.ask(&["DEL", "sempost:{jobs}"]);
        sender.send(2).await.unwrap();
        assert_eq!(*receiver.recv().await.unwrap().unwrap(), 2);
    });
}

#[test]
fn a_payload_that_does_not_decode_is_a_dead_letter() {
    on_both(|server| async move {
        let (texts, _) = server.open::<String>(&jobs()).await;
        let (_, mut numbers) = server.open::<u32>(&jobs()).await;
        texts.send("12".into()).await.unwrap();
        texts.send("twelve".into()).await.unwrap();
        texts.send("13".into()).await.unwrap();
        numbers.recv().await.unwrap().unwrap().ack().await.unwrap();
        let Some(Err(Error::Decode { id, .. })) = numbers.recv().await else { panic!("it was decoded") };
        let last = numbers.recv().await.unwrap().unwrap();
        assert_eq!(*last, 13);
        last.ack().await.unwrap();
        let dead = numbers.dead_letters(10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!((&*dead[0].id, &*dead[0].payload, &*dead[0].why), (&*id, &b"twelve"[..], "undecodable"));
        assert_eq!(texts.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn a_message_that_someone_added_by_hand() {
    on_both(|server| async move {
        let (_, mut receiver) = server.open::<u32>(&jobs()).await;
        let _: String = server.ask(&["XADD", "sempost:{jobs}", "*", "whatever", "5"]);
        assert_eq!(*receiver.recv().await.unwrap().unwrap(), 5);
    });
}

#[test]
fn a_server_that_goes_away() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        sender.send(1).await.unwrap();
        let delivery = receiver.recv().await.unwrap().unwrap();
        let client = server.client();
        drop(server);
        let begin = Instant::now();
        assert!(matches!(sender.send(2).await.unwrap_err().error, Error::Unreachable(_)));
        assert!(begin.elapsed() >= Duration::from_millis(300), "it was not patient");
        assert!(matches!(delivery.ack().await, Err(Error::Unreachable(_))));
        assert!(matches!(receiver.recv().await, Some(Err(Error::Unreachable(_)))));
        assert!(matches!(sender.close_mailbox().await, Err(Error::Unreachable(_))));
        assert!(matches!(jobs().delete(client).await, Err(Error::Unreachable(_))));
    });
}

#[test]
fn no_memory_is_an_error_and_the_message_comes_back() {
    on_both_with(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"], |server| async move {
        let (sender, mut receiver) = server.open::<Vec<u8>>(&RemoteMailbox::new("jobs", 1000)).await;
        let mut stored = 0;
        let refused = loop {
            match sender.send(vec![7; 1 << 18]).await {
                Ok(()) => stored += 1,
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused.error, Error::Refused(_)), "{:?}", refused.error);
        assert_eq!(refused.message, Some(vec![7; 1 << 18]));
        assert!(stored > 0);
        // What is there can be received: acknowledging needs no memory.
        for _ in 0..stored {
            receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        }
        sender.send(vec![8]).await.unwrap();
    });
}

#[test]
fn everything_deleted_meanwhile_is_a_new_beginning_that_is_told() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        for n in 0..5 {
            sender.send(n).await.unwrap();
        }
        receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        let _: () = server.ask(&["FLUSHALL"]);
        let forgotten = sender.send(5).await.unwrap_err();
        assert!(matches!(forgotten.error, Error::Forgotten { messages: 5 }), "{:?}", forgotten.error);
        assert_eq!(forgotten.message, Some(5));
        sender.send(6).await.unwrap();
        assert_eq!(*receiver.recv().await.unwrap().unwrap(), 6);
    });
}

/// A limit on the size of files stands for a full disk.
#[test]
fn a_full_disk_is_an_error_and_what_was_accepted_is_there() {
    let Some(server) = Server::start_on_small_disk(&["--appendonly", "yes", "--appendfsync", "everysec"]) else {
        return;
    };
    smol::block_on(async move {
        let (sender, mut receiver) = server.open::<Vec<u8>>(&RemoteMailbox::new("jobs", 1000)).await;
        let mut stored = 0;
        let refused = loop {
            match sender.send(vec![7; 1 << 14]).await {
                Ok(()) => stored += 1,
                Err(refused) => break refused,
            }
            assert!(stored < 1000, "the disk is not full");
        };
        assert!(matches!(refused.error, Error::Refused(_)), "{:?}", refused.error);
        assert_eq!(refused.message, Some(vec![7; 1 << 14]));
        assert_eq!(sender.stats().await.unwrap().messages, stored);
        // Without room on its disk the server takes no acknowledgement, either.
        assert!(matches!(receiver.recv().await, Some(Err(Error::Refused(_)))));
    });
}
