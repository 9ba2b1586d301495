//! Connections that drop, delay and reset: a proxy on the loopback does it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sempost_redis::redis;

use crate::server::Server;

/// Stands before a server.
pub(crate) struct Proxy {
    port: u16,
    pub(crate) state: Arc<State>,
}

#[derive(Default)]
pub(crate) struct State {
    open: Mutex<Vec<TcpStream>>,
    /// The server's port: connections made from now on go there.
    pub(crate) target: AtomicU16,
    /// Answers do not get through: they are read and thrown away.
    pub(crate) swallowing: AtomicBool,
    /// So many still get through.
    pub(crate) spared: AtomicU64,
    /// An answer with this in it breaks the connection instead.
    pub(crate) poison: Mutex<Option<&'static str>>,
    pub(crate) delay: AtomicU64,
    pub(crate) cuts: AtomicU64,
}

impl Proxy {
    pub(crate) fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        state.target.store(server.port(), SeqCst);
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                // Without a server the client finds its connection cut.
                let target = shared.target.load(SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
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

    pub(crate) fn client(&self) -> redis::Client {
        redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap()
    }

    pub(crate) fn cut(&self) {
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
        let poison = state.poison.lock().unwrap().filter(|_| answers);
        if poison.is_some_and(|poison| buffer[..read].windows(poison.len()).any(|part| part == poison.as_bytes())) {
            let _ = from.shutdown(Shutdown::Both);
            break;
        }
        let spare = || state.spared.fetch_update(SeqCst, SeqCst, |spared| spared.checked_sub(1)).is_ok();
        let swallowed = answers && state.swallowing.load(SeqCst) && !spare();
        if !swallowed && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
