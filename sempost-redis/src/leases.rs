//! About N at once, and it heals itself.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use redis::{RedisResult, Value};

use crate::connect::{Backoff, Connect, Link, Script};
use crate::error::Error;
use crate::reply;

static LEASE: Script = Script { code: include_str!("scripts/lease.lua"), hash: OnceLock::new() };

/// The longest wait at the server, for wake-ups that went to one that died.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long an operation goes on trying while the server cannot be reached.
const PATIENCE: Duration = Duration::from_secs(60);

/// Permits with a time to live, at most so many at once, for all processes that use the same name.
///
/// It limits how many do something at once: imports, crawlers, expensive queries. A process that dies gives its permit
/// back by its time. **It is not a semaphore and not a lock**: a holder that is paused for longer than its lease does
/// not know that another one has begun, unless the resource compares [tokens](Lease::token).
///
/// | | |
/// |---|---|
/// | Limit | never more than `limit` leases that have not expired by the server's clock, on one primary |
/// | Order | **none**: any process that waits may be next |
/// | Cancellation | a cancelled `acquire` may have taken a lease, which ends by its time |
/// | Tokens | each is higher than all before it, also after the server has lost data, unless its clock went back |
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> Result<(), sempost_redis::Error> {
/// use sempost_redis::Leases;
/// use std::time::Duration;
///
/// let server = redis::Client::open("redis://127.0.0.1:6379").expect("an address");
/// let imports = Leases::open("imports", 4, Duration::from_secs(30), server).await?;
/// let mut lease = imports.acquire().await?;
/// for _part in 0..10 {
///     // … work for a while, and show the token to what is written to …
///     lease.renew().await?;
/// }
/// lease.release().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Leases {
    pool: Arc<Pool>,
}

struct Pool {
    keys: [String; 3],
    limit: u32,
    ttl: Duration,
    /// For those that wait, one after the other; and for requests that do not wait.
    waiting: sempost::Mutex<Link>,
    asking: sempost::Mutex<Link>,
}

/// What the script did: the token, or how long until the first lease expires.
type Outcome = Result<u64, Duration>;

impl Leases {
    /// Connects. All who use one name should give the same limit and time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves a connection less, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a limit of 0, a time to live below 10 ms or above 30 days, a name that is empty or has
    /// braces. [`Error::Unreachable`] at once if there is no server. [`Error::Refused`] if the password is wrong or the
    /// key has another type.
    pub async fn open(name: &str, limit: u32, ttl: Duration, connect: impl Connect) -> Result<Self, Error> {
        let month = Duration::from_secs(30 * 24 * 3600);
        let wrong = if name.is_empty() || name.contains(['{', '}']) {
            "the name of leases is not empty and has no braces"
        } else if limit == 0 {
            "a limit of 0 leases would never let anyone work"
        } else if ttl < Duration::from_millis(10) || ttl > month {
            "a lease is between 10 ms and 30 days long"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(Error::Config(wrong));
        }
        let connect: Arc<dyn Connect> = Arc::new(connect);
        let mut link = Link::new(connect.clone());
        let keys = ["leases", "leases:token", "leases:free"].map(|end| format!("sempost:{{{name}}}:{end}"));
        let mut command = redis::cmd("ZCARD");
        link.query(command.arg(&keys[0]), Duration::ZERO).await.map_err(Error::of)?;
        let (waiting, asking) = (sempost::Mutex::new(Link::new(connect)), sempost::Mutex::new(link));
        Ok(Leases { pool: Arc::new(Pool { keys, limit, ttl, waiting, asking }) })
    }

    /// Waits for a lease.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, a lease may have been taken. It ends by its time.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] after a minute, [`Error::Refused`].
    pub async fn acquire(&self) -> Result<Lease, Error> {
        let pool = &self.pool;
        let mut link = pool.waiting.lock().await;
        let mut backoff = Backoff::new(PATIENCE);
        let mut woken = false;
        loop {
            let asked = Instant::now();
            let answer = match pool.run(&mut link, "acquire", 0, woken).await {
                Ok(Ok(token)) => return Ok(Lease { pool: pool.clone(), token, expires: asked + pool.ttl }),
                Ok(Err(first)) => {
                    // BLPOP takes 0 for no limit.
                    let time = first.clamp(Duration::from_millis(1), LONGEST_WAIT);
                    let mut command = redis::cmd("BLPOP");
                    command.arg(&pool.keys[2]).arg(time.as_secs_f64());
                    link.query(&command, time).await
                }
                Err(error) => Err(error),
            };
            match answer {
                Ok(answer) => {
                    woken = answer != Value::Nil;
                    backoff.succeeded();
                }
                Err(error) if backoff.again(&error).await => {}
                Err(error) => return Err(Error::of(error)),
            }
        }
    }

    /// Takes a lease if there is one.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    pub async fn try_acquire(&self) -> Result<Option<Lease>, Error> {
        let asked = Instant::now();
        let token = self.pool.ask("acquire", 0).await?.ok();
        let pool = &self.pool;
        Ok(token.map(|token| Lease { pool: pool.clone(), token, expires: asked + pool.ttl }))
    }

    /// Returns how many leases there may be at once.
    pub fn limit(&self) -> u32 {
        self.pool.limit
    }
}

impl Pool {
    async fn run(&self, link: &mut Link, what: &str, token: u64, woken: bool) -> RedisResult<Outcome> {
        let ttl = self.ttl.as_millis() as u64;
        let answer = link
            .run(&LEASE, |command| {
                command.arg(3).arg(&self.keys);
                command.arg(what).arg(self.limit).arg(ttl).arg(i32::from(woken)).arg(token);
            })
            .await?;
        let [token, first] = reply::array(answer)?;
        let first = Duration::from_millis(reply::int(&first)?.max(0) as u64);
        let token = reply::text(token)?;
        if token.is_empty() { Ok(Err(first)) } else { token.parse().map(Ok).map_err(|_| reply::unexpected()) }
    }

    async fn ask(&self, what: &str, token: u64) -> Result<Outcome, Error> {
        let mut backoff = Backoff::new(PATIENCE);
        let mut link = self.asking.lock().await;
        loop {
            match self.run(&mut link, what, token, false).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) if backoff.again(&error).await => {}
                Err(error) => return Err(Error::of(error)),
            }
        }
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases")
            .field("key", &self.pool.keys[0])
            .field("limit", &self.pool.limit)
            .finish_non_exhaustive()
    }
}

/// One of the [`Leases`].
///
/// **Dropping it does not give it back**: nothing can be sent from there. It ends by its time.
pub struct Lease {
    pool: Arc<Pool>,
    token: u64,
    expires: Instant,
}

impl Lease {
    /// Returns a number that is higher than those of all earlier leases of this name.
    ///
    /// A resource that refuses a lower number than it has seen is safe from holders that do not know that their time is
    /// over.
    pub fn token(&self) -> u64 {
        self.token
    }

    /// Returns when the lease ends, at the earliest, by this machine's clock.
    pub fn expires(&self) -> Instant {
        self.expires
    }

    /// Begins the time anew.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the lease may be renewed or not.
    ///
    /// # Errors
    ///
    /// [`Error::LeaseLost`] if the time was over: the work is to be given up. [`Error::Unreachable`] after a minute,
    /// [`Error::Refused`].
    pub async fn renew(&mut self) -> Result<(), Error> {
        let asked = Instant::now();
        self.pool.ask("renew", self.token).await?.map_err(|_| Error::LeaseLost)?;
        self.expires = asked + self.pool.ttl;
        Ok(())
    }

    /// Gives the lease back, so that another can have it at once.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the lease may be given back or not; it ends in any case.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew). With [`Error::LeaseLost`] there may have been one more at work than the limit.
    pub async fn release(self) -> Result<(), Error> {
        self.pool.ask("release", self.token).await?.map(drop).map_err(|_| Error::LeaseLost)
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("token", &self.token).field("expires", &self.expires).finish_non_exhaustive()
    }
}
