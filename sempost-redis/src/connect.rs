//! Connections: how one is made, and one that is made anew after it broke.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use redis::aio::ConnectionLike;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};

use crate::error::is_transient;
use crate::timer::{sleep, within};

/// A connection of whatever kind.
pub type Connection = Box<dyn ConnectionLike + Send>;

/// A connection that is being made.
pub type Connecting = Pin<Box<dyn Future<Output = RedisResult<Connection>> + Send>>;

/// Makes connections: a [`redis::Client`], or a closure that returns a future.
///
/// **Each call must make a new connection**: some of them wait for long, and a clone of a multiplexed connection would
/// wait behind them. A connection that a closure makes must not have a response timeout of less than five seconds.
pub trait Connect: Send + Sync + 'static {
    /// Makes a connection.
    fn connect(&self) -> Connecting;
}

impl Connect for Client {
    fn connect(&self) -> Connecting {
        let client = self.clone();
        Box::pin(async move {
            // The limits of time are ours, so that a read which waits is no timeout.
            let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
            let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            Ok(Box::new(connection) as Connection)
        })
    }
}

impl<F, R, C> Connect for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = RedisResult<C>> + Send + 'static,
    C: ConnectionLike + Send + 'static,
{
    fn connect(&self) -> Connecting {
        let connecting = self();
        Box::pin(async move { Ok(Box::new(connecting.await?) as Connection) })
    }
}

/// How long to wait for a connection.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long a server may take for an answer, and how much longer than it was asked to wait.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// A Lua script.
pub(crate) struct Script {
    pub(crate) code: &'static str,
    pub(crate) hash: OnceLock<String>,
}

impl Script {
    fn hash(&self) -> &str {
        self.hash.get_or_init(|| redis::Script::new(self.code).get_hash().to_owned())
    }
}

/// One connection, made when it is first needed and after it broke.
///
/// A future of its methods that is dropped takes the connection along: an answer that nobody read would be taken for
/// that of the next command.
pub(crate) struct Link {
    connect: Arc<dyn Connect>,
    connection: Option<Connection>,
}

impl Link {
    pub(crate) fn new(connect: Arc<dyn Connect>) -> Self {
        Link { connect, connection: None }
    }

    /// Runs a command that may take `time` longer than one that does not wait.
    pub(crate) async fn query(&mut self, command: &Cmd, time: Duration) -> RedisResult<Value> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => within(CONNECTING, self.connect.connect()).await.unwrap_or_else(|| Err(timed_out()))?,
        };
        let answer = within(time + ANSWER, connection.req_packed_command(command)).await;
        let answer = answer.unwrap_or_else(|| Err(timed_out())).and_then(Value::extract_error);
        // What the server says itself leaves the connection whole. A demoted primary is left.
        let whole = match &answer {
            Ok(_) => true,
            Err(error) => match error.kind() {
                ErrorKind::Server(kind) => kind != ServerErrorKind::ReadOnly,
                ErrorKind::Extension => true,
                _ => false,
            },
        };
        if whole {
            self.connection = Some(connection);
        }
        answer
    }

    /// Runs a script, which the server may not know yet.
    pub(crate) async fn run(&mut self, script: &Script, arguments: impl Fn(&mut Cmd)) -> RedisResult<Value> {
        let mut command = redis::cmd("EVALSHA");
        arguments(command.arg(script.hash()));
        match self.query(&command, Duration::ZERO).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let mut command = redis::cmd("EVAL");
                arguments(command.arg(script.code));
                self.query(&command, Duration::ZERO).await
            }
            answer => answer,
        }
    }
}

fn timed_out() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

/// Pauses between attempts, each about twice as long as the one before.
pub(crate) struct Backoff {
    patience: Duration,
    failing_since: Option<Instant>,
    pause: Duration,
}

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl Backoff {
    pub(crate) fn new(patience: Duration) -> Self {
        Backoff { patience, failing_since: None, pause: FIRST_PAUSE }
    }

    pub(crate) fn succeeded(&mut self) {
        self.failing_since = None;
        self.pause = FIRST_PAUSE;
    }

    /// Pauses, if it makes sense to try again after this error. Otherwise patience begins anew.
    pub(crate) async fn again(&mut self, error: &RedisError) -> bool {
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        if !is_transient(error) || since.elapsed() >= self.patience {
            self.succeeded();
            return false;
        }
        // Processes that lost the same server do not all come back in the same moment.
        let jitter = crate::unique::random() % (self.pause.as_micros() as u64 / 2 + 1);
        sleep(self.pause + Duration::from_micros(jitter)).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }
}
