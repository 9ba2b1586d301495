//! The description of a mailbox, and what its handles share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, RedisResult, Value};
use sempost::oneshot;

use crate::connect::{Backoff, Connect, Link, Script};
use crate::error::Error;
use crate::line::Line;
use crate::looking::{self, Look};
use crate::payload::Payload;
use crate::reading::{Number, written};
use crate::receiver::Receiver;
use crate::relay::Relay;
use crate::reply;
use crate::sender::Sender;
use crate::sending::{self, What};
use crate::settling::{self, Settlement};
use crate::shared::{DEAD_LETTERS, DELETE_DEAD_LETTER, GIVE_BACK, Keys, RECEIVE, STATS, Shared};
use crate::unique;

/// The description of a mailbox on a Redis server: its name, its bound, and how to use it.
///
/// All who use one mailbox should describe it alike; each handle goes by its own description.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> Result<(), sempost_redis::Error> {
/// use sempost_redis::RemoteMailbox;
/// use std::time::Duration;
///
/// let server = redis::Client::open("redis://127.0.0.1:6379").expect("an address");
/// let jobs = RemoteMailbox::new("jobs", 1000).lease(Duration::from_secs(60)).batch(64);
/// let (sender, mut receiver) = jobs.open::<String>(server).await?;
///
/// sender.send("hello".to_owned()).await?;
/// while let Some(delivery) = receiver.recv().await {
///     let delivery = delivery?;
///     println!("{}", *delivery);
///     delivery.ack().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteMailbox {
    name: String,
    capacity: u64,
    lease: Duration,
    batch: usize,
    max_attempts: u32,
    patience: Duration,
}

impl RemoteMailbox {
    /// Describes a mailbox that holds at most `capacity` messages, those included that were received and not yet
    /// acknowledged.
    ///
    /// The name is part of the keys at the server: `sempost:{name}` and `sempost:{name}:…`. A capacity of 0 is an
    /// error of [`open`](Self::open).
    #[must_use]
    pub fn new(name: impl Into<String>, capacity: u64) -> Self {
        RemoteMailbox {
            name: name.into(),
            capacity,
            lease: Duration::from_secs(30),
            batch: 1,
            max_attempts: 16,
            patience: Duration::from_secs(60),
        }
    }

    /// Sets for how long a received message is its receiver's: 30 seconds unless said otherwise.
    ///
    /// When that time is over without an `ack`, another receiver gets it. The server's clock counts. **Work that takes
    /// longer than the lease is done twice**, unless it [renews](crate::Delivery::renew) the lease.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets how many messages travel together: 1 unless said otherwise.
    ///
    /// A sender that is used as a `Sink` collects as many and sends them in one request when it has them or is
    /// flushed; `send` waits for each message, and only those that are called at the same time go together. A receiver
    /// fetches up to as many, and keeps the lease of those it has not yet handed out.
    #[must_use]
    pub fn batch(mut self, messages: usize) -> Self {
        self.batch = messages;
        self
    }

    /// Sets how often a message is delivered before it becomes a dead letter: 16 times unless said otherwise.
    ///
    /// What a receiver had fetched when its process died was delivered, whether it was looked at or not. **With batches
    /// a message that kills its workers takes others along**: use batches of 1 for work that may kill, or more
    /// attempts.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets for how long an operation goes on trying while the server cannot be reached: a minute unless said
    /// otherwise.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects, and returns both handles. Drop the one that is not needed: it has no connection before it is used.
    ///
    /// `connect` is a [`redis::Client`], or a closure that makes connections. One connection serves all senders of
    /// this call and their clones, one all acknowledgements; each receiver has one of its own. A connection belongs to
    /// the runtime on which it was first used.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves a connection less, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the description makes no sense: a capacity, batch or number of attempts of 0, a batch of
    /// more than 4,096, a lease below 10 ms or above 30 days, a name that is empty or has braces.
    /// [`Error::Unreachable`] at once if there is no server. [`Error::Refused`] if the password is wrong or the key has
    /// another type.
    pub async fn open<T: Payload>(&self, connect: impl Connect) -> Result<(Sender<T>, Receiver<T>), Error> {
        self.check()?;
        let shared = Arc::new(Shared {
            keys: Keys::new(&self.name),
            capacity: self.capacity,
            lease: self.lease,
            batch: self.batch,
            max_attempts: self.max_attempts,
            patience: self.patience,
            connect: Arc::new(connect),
        });
        let mut link = shared.link();
        // A look for nothing: it creates the group, and fails if a key has another type.
        let looked = link.run(&RECEIVE, |command| {
            shared.begin_looks(command);
            Look::default().write(command);
        });
        looked.await.map_err(Error::of)?;
        let core = Arc::new(Core::new(shared, link));
        Ok((Sender::new(core.clone()), Receiver::new(core)))
    }

    /// Deletes the mailbox with all its messages and dead letters. Its handles go on with an empty one.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the mailbox may be deleted or not.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn delete(&self, connect: impl Connect) -> Result<(), Error> {
        self.check()?;
        let mut command = redis::cmd("DEL");
        command.arg(&Keys::new(&self.name).all());
        Link::new(Arc::new(connect)).query(&command, Duration::ZERO).await.map(drop).map_err(Error::of)
    }

    fn check(&self) -> Result<(), Error> {
        let month = Duration::from_secs(30 * 24 * 3600);
        let wrong = if self.name.is_empty() || self.name.contains(['{', '}']) {
            "the name of a mailbox is not empty and has no braces"
        } else if self.capacity == 0 {
            "a remote mailbox has a capacity of at least 1: there is no rendezvous over a network"
        } else if self.batch == 0 || self.batch > 4096 {
            "a batch has from 1 to 4096 messages"
        } else if self.lease < Duration::from_millis(10) || self.lease > month {
            "a lease is between 10 ms and 30 days long"
        } else if self.max_attempts == 0 {
            "a message is delivered at least once before it is a dead letter"
        } else {
            return Ok(());
        };
        Err(Error::Config(wrong))
    }
}

/// How full a mailbox was at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that are queued or leased: never more than the capacity.
    pub messages: u64,
    /// Messages that were received and not yet acknowledged.
    pub leased: u64,
    /// Dead letters.
    pub dead: u64,
    /// Whether the mailbox is closed.
    pub closed: bool,
    /// Receivers that the server knows. A dead one is forgotten a while after its leases ran out.
    pub receivers: u64,
}

impl Stats {
    fn of(answer: Value) -> RedisResult<Self> {
        let [messages, leased, dead, closed, receivers] = reply::array(answer)?;
        let count = |number: Value| reply::int(&number).map(|number| number.max(0) as u64);
        Ok(Stats {
            messages: count(messages)?,
            leased: count(leased)?,
            dead: count(dead)?,
            closed: count(closed)? == 1,
            receivers: count(receivers)?,
        })
    }
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The number that it has among the dead letters.
    pub entry: String,
    /// The number that it had as a message.
    pub id: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// How often it was delivered.
    pub attempts: u32,
    /// `attempts` if that was too often, or `undecodable`.
    pub why: String,
}

impl DeadLetter {
    fn of(entry: Value) -> RedisResult<Self> {
        let [entry, fields] = reply::array(entry)?;
        let entry = reply::text(entry)?;
        let mut letter = DeadLetter { entry, id: String::new(), payload: Vec::new(), attempts: 0, why: String::new() };
        let mut fields = reply::list(fields)?.into_iter();
        while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
            match reply::text(name)?.as_str() {
                "p" => letter.payload = reply::bytes(value)?,
                "id" => letter.id = reply::text(value)?,
                "attempts" => letter.attempts = reply::int(&value)?.clamp(0, u32::MAX.into()) as u32,
                "why" => letter.why = reply::text(value)?,
                _ => {}
            }
        }
        Ok(letter)
    }
}

/// The lines to the server that the handles of one `open` share.
pub(crate) struct Core {
    pub(crate) shared: Arc<Shared>,
    sends: Line<sending::Job>,
    settlements: Line<settling::Job>,
    looks: Relay<looking::Job>,
    questions: sempost::Mutex<Link>,
}

impl Core {
    fn new(shared: Arc<Shared>, link: Link) -> Self {
        Core {
            sends: Line::new(|queue| sending::drive(shared.clone(), queue)),
            settlements: Line::new(|queue| settling::drive(shared.clone(), queue)),
            looks: Relay::new(|queue| looking::drive(shared.clone(), queue)),
            questions: sempost::Mutex::new(link),
            shared,
        }
    }

    pub(crate) async fn send(&self, what: What) -> sending::Done {
        let (done, result) = oneshot::channel();
        self.sends.submit(sending::Job { what, done }, result).await
    }

    pub(crate) async fn close(&self) -> Result<bool, Error> {
        self.send(What::Close(unique::name())).await.map_err(|refusal| refusal.error)
    }

    pub(crate) async fn settle(&self, settlement: Settlement) -> Result<(), Error> {
        let (done, result) = oneshot::channel();
        self.settlements.submit(settling::Job { settlement, done }, result).await
    }

    pub(crate) async fn look(&self, look: Look) -> (Look, RedisResult<Value>) {
        let (done, result) = oneshot::channel();
        self.looks.submit(looking::Job { look, done }, result).await
    }

    pub(crate) async fn give_back(
        &self,
        consumer: &str,
        highest: Number,
        settlements: &[Settlement],
    ) -> Result<(), Error> {
        let asked = self.ask(&GIVE_BACK, |command| {
            command.arg(consumer).arg(written(highest));
            settlements.iter().for_each(|settlement| settlement.write(command));
        });
        asked.await.map(drop)
    }

    pub(crate) async fn stats(&self) -> Result<Stats, Error> {
        Stats::of(self.ask(&STATS, |_| {}).await?).map_err(Error::of)
    }

    pub(crate) async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, Error> {
        let asked = self.ask(&DEAD_LETTERS, |command| {
            command.arg(limit);
        });
        let letters = reply::list(asked.await?).map_err(Error::of)?;
        letters.into_iter().map(DeadLetter::of).collect::<RedisResult<_>>().map_err(Error::of)
    }

    pub(crate) async fn delete_dead_letter(&self, entry: &str) -> Result<bool, Error> {
        let asked = self.ask(&DELETE_DEAD_LETTER, |command| {
            command.arg(entry);
        });
        Ok(reply::int(&asked.await?).map_err(Error::of)? == 1)
    }

    /// Runs a script again and again while the server cannot be reached.
    async fn ask(&self, script: &Script, arguments: impl Fn(&mut Cmd)) -> Result<Value, Error> {
        let mut link = self.questions.lock().await;
        let mut backoff = Backoff::new(self.shared.patience);
        loop {
            let answer = link.run(script, |command| {
                self.shared.begin(command);
                arguments(command);
            });
            match answer.await {
                Err(error) if backoff.again(&error).await => {}
                answer => return answer.map_err(Error::of),
            }
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("key", &self.shared.keys.main).finish_non_exhaustive()
    }
}

/// A handle is `Send` and `Sync` whatever its messages are: it holds none of them.
pub(crate) type Of<T> = PhantomData<fn() -> T>;
