//! Connections that drop, delay and reset: a proxy on the loopback does it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use sempost_redis::{RemoteMailbox, redis};

use crate::server::{Server, on_both, pause};

/// Stands before a server.
struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    open: Mutex<Vec<TcpStream>>,
    /// Answers do not get through: they are read and thrown away.
    swallowing: AtomicBool,
    delay: AtomicU64,
    cuts: AtomicU64,
}

impl Proxy {
    fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, target) = (listener.local_addr().unwrap().port(), server.port());
        let state = Arc::new(State::default());
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { return };
                let both = [client.try_clone().unwrap(), server.try_clone().unwrap()];
                shared.open.lock().unwrap().extend(both);
                let (c, s, state) = (client.try_clone().unwrap(), server.try_clone().unwrap(), shared.clone());
                std::thread::spawn(move || copy(c, s, &state, false));
                let state = shared.clone();
                std::thread::spawn(move || copy(server, client, &state, true));
            }
        });
        Proxy { port, state }
    }

    fn client(&self) -> redis::Client {
        redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap()
    }

    fn cut(&self) {
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.state.cuts.fetch_add(1, SeqCst);
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, state: &State, answers: bool) {
    let mut buffer = [0; 1 << 14];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let delay = state.delay.load(SeqCst);
        if delay > 0 {
            std::thread::sleep(Duration::from_millis(delay));
        }
        let swallowed = answers && state.swallowing.load(SeqCst);
        if !swallowed && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Kills: a repeated request that stores twice, a lost answer that takes messages along.
#[test]
fn cut_connections_neither_lose_nor_double_what_is_sent() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let mailbox = RemoteMailbox::new("jobs", 40).batch(7).lease(Duration::from_millis(500));
        let (sender, receiver) = mailbox.open::<u32>(proxy.client()).await.unwrap();
        let sending = async {
            for n in 0..2000 {
                sender.send(n).await.unwrap();
            }
            sender.close_mailbox().await.unwrap();
        };
        let receiving = async {
            let mut ids = std::collections::BTreeMap::new();
            let mut receiver = receiver;
            while let Some(delivery) = receiver.recv().await {
                let delivery = delivery.unwrap();
                // A message that is stored twice has two numbers.
                ids.insert(delivery.id().to_owned(), *delivery);
                delivery.ack_later();
            }
            let mut all: Vec<u32> = ids.into_values().collect();
            all.sort_unstable();
            all
        };
        let both = async { futures_util::future::join(sending, receiving).await.1 };
        let cutting = async {
            for round in 0.. {
                pause(15).await;
                // Half of the cuts come after answers were lost.
                proxy.state.swallowing.store(round % 2 == 0, SeqCst);
                pause(2).await;
                proxy.cut();
                proxy.state.swallowing.store(false, SeqCst);
            }
            Vec::new()
        };
        let received = smol::future::or(both, cutting).await;
        assert_eq!(received, (0..2000).collect::<Vec<_>>());
        assert!(proxy.state.cuts.load(SeqCst) > 5);
    });
}

#[test]
fn what_was_lost_on_its_way_comes_with_the_next_connection() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        // Its lease will not bring it back in time.
        let mailbox = RemoteMailbox::new("jobs", 40).lease(Duration::from_secs(1000));
        let (_, mut receiver) = mailbox.open::<u32>(proxy.client()).await.unwrap();
        let (sender, _) = server.open::<u32>(&mailbox).await;
        let receiving = async {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (9, 2));
            delivery.ack().await.unwrap();
        };
        let losing = async {
            crate::server::eventually(|| async {
                server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1")
            })
            .await;
            proxy.state.swallowing.store(true, SeqCst);
            sender.send(9).await.unwrap();
            pause(50).await;
            proxy.state.swallowing.store(false, SeqCst);
            proxy.cut();
        };
        futures_util::future::join(receiving, losing).await;
    });
}

#[test]
fn a_slow_line_is_only_slow() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        proxy.state.delay.store(20, SeqCst);
        let (sender, receiver) = RemoteMailbox::new("jobs", 40).batch(10).open::<u32>(proxy.client()).await.unwrap();
        let sending = futures_util::stream::iter(0..100).map(Ok).forward(sender.closing());
        let receiving = receiver.auto_ack().map(Result::unwrap).collect::<Vec<_>>();
        let (sent, received) = futures_util::future::join(sending, receiving).await;
        sent.unwrap();
        assert_eq!(received, (0..100).collect::<Vec<_>>());
    });
}
