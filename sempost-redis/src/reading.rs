//! What a receiver does at the server: it settles, reclaims and reads in one request, and waits if there is nothing.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use redis::{RedisResult, Value};

use crate::connect::{Backoff, Link};
use crate::delivery::Deferred;
use crate::error::Error;
use crate::looking::{Look, START};
use crate::mailbox::Core;
use crate::reply;
use crate::settling::{Settlement, Verb};
use crate::shared::{GROUP, RECEIVE};
use crate::unique;

/// Up to so many messages at a time, receivers of a process share requests. More of them are worth a request.
const TOGETHER: usize = 8;

/// The longest wait at the server. What wakes a waiting receiver is a message, the end of the mailbox or a `nack`; this
/// is for wake-ups that went to one that died.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A message as it came.
pub(crate) struct Raw {
    pub(crate) id: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) attempts: u32,
    /// Not before it was leased.
    pub(crate) since: Instant,
}

impl Raw {
    pub(crate) fn settlement(&self, verb: Verb, consumer: &Arc<str>) -> Settlement {
        Settlement { verb, consumer: consumer.clone(), id: self.id.clone(), attempts: self.attempts }
    }
}

/// What came of a look.
#[derive(Default)]
pub(crate) struct Fetched {
    pub(crate) messages: Vec<Raw>,
    /// The mailbox is closed, and all its messages were acknowledged.
    pub(crate) ended: bool,
    /// The messages whose lease was to be renewed, and was lost.
    pub(crate) lost: Vec<String>,
    /// The highest number of all messages that came.
    pub(crate) highest: Number,
}

pub(crate) type Number = (u64, u64);

/// A consumer of the group, with a connection of its own.
pub(crate) struct Reader {
    core: Arc<Core>,
    deferred: Arc<Mutex<Deferred>>,
    link: Link,
    backoff: Backoff,
    pub(crate) consumer: Arc<str>,
    /// The highest number of a message that came. What is above it and ours was lost on the way.
    highest: Number,
    /// A connection broke, or there was none yet.
    resume: bool,
    /// Where to look for leases that ran out.
    cursor: String,
    looked: Instant,
    /// The number of a bell that was heard.
    heard: String,
}

impl Reader {
    pub(crate) fn new(core: Arc<Core>, deferred: Arc<Mutex<Deferred>>) -> Self {
        Reader {
            deferred,
            link: core.shared.link(),
            backoff: Backoff::new(core.shared.patience),
            // Never a name that was used before: its messages would look like ours.
            consumer: unique::name().into(),
            highest: (0, 0),
            resume: true,
            cursor: START.into(),
            looked: Instant::now(),
            heard: String::new(),
            core,
        }
    }

    /// Settles, then waits for messages or the end. With `want` 0 it does not wait. What is deferred meanwhile goes
    /// with the next of its requests.
    pub(crate) async fn fetch(&mut self, mut renewals: Vec<Settlement>, want: usize) -> Result<Fetched, Error> {
        let mut fetched = Fetched::default();
        loop {
            let looked = match self.look(&renewals, want, &mut fetched).await {
                Ok(()) => {
                    renewals.clear();
                    // There is more to look at for leases that ran out.
                    let more = self.cursor != START;
                    if want == 0 || fetched.ended || !fetched.messages.is_empty() || more {
                        Ok(())
                    } else {
                        self.wait(want, &mut fetched).await
                    }
                }
                Err(error) => Err(error),
            };
            match looked {
                Ok(()) => {
                    self.backoff.succeeded();
                    if want == 0 || fetched.ended || !fetched.messages.is_empty() {
                        fetched.highest = self.highest;
                        return Ok(fetched);
                    }
                }
                Err(error) => {
                    self.resume = true;
                    if !self.backoff.again(&error).await {
                        return Err(Error::of(error));
                    }
                }
            }
        }
    }

    fn deferred(&self) -> MutexGuard<'_, Deferred> {
        self.deferred.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// The request that does everything but wait.
    async fn look(&mut self, renewals: &[Settlement], want: usize, fetched: &mut Fetched) -> RedisResult<()> {
        let mut settlements = self.deferred().send();
        settlements.extend_from_slice(renewals);
        let shared = &self.core.shared;
        let due = self.looked.elapsed() >= shared.lease / 4;
        let look = Look {
            consumer: self.consumer.clone(),
            want,
            reclaim: due || self.cursor != START,
            cursor: std::mem::replace(&mut self.cursor, START.into()),
            resume: if self.resume { written(self.highest) } else { String::new() },
            // If the answer is lost, a look that resumes makes up for it.
            heard: std::mem::take(&mut self.heard),
            settlements,
        };
        let (look, answer) = if shared.batch <= TOGETHER {
            self.core.look(look).await
        } else {
            let run = self.link.run(&RECEIVE, |command| {
                shared.begin_looks(command);
                look.write(command);
            });
            let answer = run.await.and_then(reply::array).map(|[answer]| answer);
            (look, answer)
        };
        let answer = answer?;
        self.deferred().answered();
        let [ended, cursor, results, reclaimed, lost, fresh] = reply::array(answer)?;
        if want > 0 {
            self.resume = false;
            if due {
                self.looked = Instant::now();
            }
        }
        self.cursor = reply::text(cursor)?;
        fetched.ended = reply::int(&ended)? == 1;
        for (settlement, result) in look.settlements.iter().zip(reply::list(results)?) {
            if settlement.verb == Verb::Renew && reply::int(&result)? != 1 {
                fetched.lost.push(settlement.id.clone());
            }
        }
        let since = Instant::now();
        for message in reply::list(lost)?.into_iter().chain(reply::list(reclaimed)?) {
            let [id, payload, attempts] = reply::array(message)?;
            let attempts = reply::int(&attempts)?.clamp(1, u32::MAX.into()) as u32;
            self.take(fetched, Raw { id: reply::text(id)?, payload: reply::bytes(payload)?, attempts, since })?;
        }
        self.take_all(fetched, reply::list(fresh)?)
    }

    /// Waits at the server until there is a message or a bell, or it is time to look for leases that ran out.
    async fn wait(&mut self, want: usize, fetched: &mut Fetched) -> RedisResult<()> {
        let time = (self.core.shared.lease / 4).clamp(Duration::from_millis(1), LONGEST_WAIT);
        let keys = &self.core.shared.keys;
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(GROUP).arg(&*self.consumer).arg("COUNT").arg(want);
        command.arg("BLOCK").arg(time.as_millis() as u64);
        command.arg("STREAMS").arg(&keys.main).arg(&keys.bell).arg(">").arg(">");
        let answer = self.link.query(&command, time).await?;
        if answer == Value::Nil {
            return Ok(());
        }
        for (key, entries) in reply::streams(answer)? {
            if key == self.core.shared.keys.bell {
                for bell in entries {
                    self.heard = reply::entry(bell)?.0;
                }
            } else {
                self.take_all(fetched, entries)?;
            }
        }
        Ok(())
    }

    /// What was never delivered before.
    fn take_all(&mut self, fetched: &mut Fetched, entries: Vec<Value>) -> RedisResult<()> {
        let since = Instant::now();
        for entry in entries {
            let (id, payload) = reply::entry(entry)?;
            self.take(fetched, Raw { id, payload, attempts: 1, since })?;
        }
        Ok(())
    }

    fn take(&mut self, fetched: &mut Fetched, message: Raw) -> RedisResult<()> {
        let (time, place) = message.id.split_once('-').ok_or_else(reply::unexpected)?;
        let number = |text: &str| text.parse().map_err(|_| reply::unexpected());
        self.highest = self.highest.max((number(time)?, number(place)?));
        fetched.messages.push(message);
        Ok(())
    }
}

/// As the server writes the number of a message.
pub(crate) fn written(number: Number) -> String {
    format!("{}-{}", number.0, number.1)
}
