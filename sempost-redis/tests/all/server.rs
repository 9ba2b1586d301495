//! A server of one's own: on a free port of the loopback, in a folder of its own, ended by its pid.

use std::future::Future;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use sempost_redis::{Payload, Receiver, RemoteMailbox, Sender, redis};

pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
}

fn binary() -> Option<&'static str> {
    let there = |name: &&str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    ["redis-server", "valkey-server"].into_iter().find(there)
}

impl Server {
    /// `None` without a binary; then the test is skipped, which is an error in CI.
    pub(crate) fn start(options: &[&str]) -> Option<Server> {
        Server::start_by(options, &[])
    }

    /// None of its files grows beyond 256 KiB.
    pub(crate) fn start_on_small_disk(options: &[&str]) -> Option<Server> {
        Server::start_by(options, &["sh", "-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$@\""])
    }

    fn start_by(options: &[&str], wrapper: &'static [&'static str]) -> Option<Server> {
        let Some(binary) = binary() else {
            assert!(std::env::var_os("CI").is_none(), "redis-server is not installed");
            eprintln!("skipped: redis-server is not installed");
            return None;
        };
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Relaxed);
        let folder = std::env::temp_dir().join(format!("sempost-redis-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let options: Vec<String> = options.iter().map(|&option| option.into()).collect();
        // Between the look for a free port and the server's start another process may take it.
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let child = spawn(wrapper, binary, port, &folder, &options);
            let mut server = Server { child, port, folder: folder.clone(), options: options.clone() };
            if server.is_up() {
                return Some(server);
            }
            // The next try needs the folder.
            std::mem::forget(server);
        }
        panic!("no server came up");
    }

    /// Waits until the server answers, and checks that it is the one that was started.
    fn is_up(&mut self) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(20) {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            match self.info() {
                Some(info) if info.contains("loading:1") => {}
                Some(info) => return info.contains(&format!("process_id:{}\r\n", self.child.id())),
                None => {}
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        false
    }

    /// What the server says of itself. (One that wants a password says at least that.)
    fn info(&self) -> Option<String> {
        let client = self.client();
        let mut connection = client.get_connection_with_timeout(Duration::from_secs(1)).ok()?;
        redis::cmd("INFO").query(&mut connection).ok()
    }

    pub(crate) fn password(&self) -> Option<&str> {
        let at = self.options.iter().position(|option| option == "--requirepass")?;
        Some(&self.options[at + 1])
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn client(&self) -> redis::Client {
        let password = self.password().map(|password| format!(":{password}@")).unwrap_or_default();
        redis::Client::open(format!("redis://{password}127.0.0.1:{}", self.port)).unwrap()
    }

    /// A command of the test's own.
    pub(crate) fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let mut connection = self.client().get_connection().unwrap();
        let mut cmd = redis::cmd(command[0]);
        cmd.arg(&command[1..]).query(&mut connection).unwrap()
    }

    /// SIGKILL, to the process that listens.
    pub(crate) fn kill(&mut self) {
        let info = self.info().expect("it was running");
        assert!(info.contains(&format!("process_id:{}\r\n", self.child.id())), "another process listens");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Again, with the same port and folder.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&[], binary().unwrap(), self.port, &self.folder, &self.options);
        assert!(self.is_up(), "the server did not come up again");
    }

    pub(crate) async fn open<T: Payload>(&self, mailbox: &RemoteMailbox) -> (Sender<T>, Receiver<T>) {
        mailbox.open(self.client()).await.unwrap()
    }
}

fn spawn(wrapper: &[&str], binary: &str, port: u16, folder: &PathBuf, options: &[String]) -> Child {
    let mut words = wrapper.iter().chain([&binary]);
    let mut command = Command::new(words.next().expect("there is a binary"));
    command.args(words);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
    command.args(options).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a test on tokio and on smol, each with a server of its own.
pub(crate) fn on_both<F: Future<Output = ()>>(test: impl Fn(Server) -> F) {
    on_both_with(&[], test);
}

pub(crate) fn on_both_with<F: Future<Output = ()>>(options: &[&str], test: impl Fn(Server) -> F) {
    if let Some(server) = Server::start(options) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(bounded(test(server)));
    }
    if let Some(server) = Server::start(options) {
        smol::block_on(bounded(test(server)));
    }
}

/// No test takes long. One that hangs says so.
async fn bounded(test: impl Future<Output = ()>) {
    let late = async {
        smol::Timer::after(Duration::from_secs(60)).await;
        panic!("the test hangs");
    };
    smol::future::or(test, late).await;
}

/// Sleeps on either runtime.
pub(crate) async fn pause(milliseconds: u64) {
    smol::Timer::after(Duration::from_millis(milliseconds)).await;
}

/// Waits until something holds, which is checked again and again.
pub(crate) async fn eventually(mut check: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !check().await {
        assert!(begin.elapsed() < Duration::from_secs(20), "that did not come true");
        pause(5).await;
    }
}
