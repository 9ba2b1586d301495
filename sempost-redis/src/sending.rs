//! The driver of a process's senders: one connection for all of them.
//!
//! Messages have numbers, and the server keeps the last one that it stored. Each request says which number it thinks
//! was last. So:
//!
//! - a request that is repeated because its answer was lost stores nothing twice: the server has a higher number;
//! - a server that has a lower number has forgotten messages, and the next sender is told.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use redis::{RedisError, RedisResult};
use sempost::oneshot;

use crate::connect::{Backoff, Link};
use crate::error::{Error, is_transient};
use crate::line::{Lingering, Queue};
use crate::reply;
use crate::shared::{CLOSE, SEND, Shared};
use crate::unique;

/// The most messages and bytes of one request (a larger message goes alone).
const MESSAGES: usize = 512;
const BYTES: usize = 1 << 20;
/// Larger requests are made only when there seems to be room.
const LARGE: usize = 1 << 16;
/// How long a process waits for room before it looks by itself. It is woken before, unless the process that was told
/// of the room died.
const LOOK: Duration = Duration::from_millis(500);
/// How long the server keeps a sender's number.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// The state of a mailbox that is closed.
const CLOSED: i64 = 1;

/// What a sender wants done.
pub(crate) enum What {
    Messages(VecDeque<Vec<u8>>),
    /// Nothing but to hear whether the server has forgotten something.
    Check,
    /// With a name of its own, so that a repeated request finds that it was this one that closed the mailbox.
    Close(String),
}

/// `Ok(true)` for the call that closed the mailbox.
pub(crate) type Done = Result<bool, Refusal>;

/// Why a job failed, and the messages that were certainly not sent.
pub(crate) struct Refusal {
    pub(crate) error: Error,
    pub(crate) rest: VecDeque<Vec<u8>>,
}

pub(crate) struct Job {
    pub(crate) what: What,
    pub(crate) done: oneshot::Sender<Done>,
}

impl Job {
    fn messages(&self) -> &[Vec<u8>] {
        match &self.what {
            // `gather` and `stored` only take from the front of a deque that was made from a `Vec`.
            What::Messages(messages) => messages.as_slices().0,
            What::Check | What::Close(_) => &[],
        }
    }

    fn finish(self, result: Result<bool, Error>, certain: bool) -> bool {
        let rest = match self.what {
            What::Messages(rest) if certain => rest,
            _ => VecDeque::new(),
        };
        self.done.send(result.map_err(|error| Refusal { error, rest })).is_ok()
    }
}

pub(crate) async fn drive(shared: Arc<Shared>, queue: Arc<Queue<Job>>) {
    let mut sending = Sending::new(shared);
    loop {
        sending.gather(&queue).await;
        sending.turn().await;
    }
}

struct Sending {
    link: Link,
    backoff: Backoff,
    key: String,
    /// The number of the last message that is known to be stored.
    confirmed: u64,
    /// How many messages the last request had, if its answer was lost.
    unsure: Option<u64>,
    /// How many of these messages belong to nobody any more: their senders were told of the failure.
    ghosts: u64,
    /// Forgotten messages that no sender could be told of yet.
    forgotten: u64,
    /// How many messages to try at once.
    fit: usize,
    /// The room that the last answer told of.
    room: u64,
    woken: bool,
    /// By both clocks: one of them stands still while the machine sleeps, the other one can be set.
    succeeded: (Instant, SystemTime),
    lingering: Lingering,
    jobs: VecDeque<Job>,
    shared: Arc<Shared>,
}

/// The answer of the script. Of its states only one is looked at: the others follow from the number.
struct Answer {
    state: i64,
    last: u64,
    room: u64,
}

impl Sending {
    fn new(shared: Arc<Shared>) -> Self {
        Sending {
            link: shared.link(),
            backoff: Backoff::new(shared.patience),
            key: shared.keys.sender(&unique::name()),
            confirmed: 0,
            unsure: None,
            ghosts: 0,
            forgotten: 0,
            fit: MESSAGES,
            room: 1,
            woken: false,
            succeeded: (Instant::now(), SystemTime::now()),
            lingering: Lingering::default(),
            jobs: VecDeque::new(),
            shared,
        }
    }

    /// Waits for jobs. There is no waker to register: whoever adds one polls afterwards.
    async fn gather(&mut self, queue: &Queue<Job>) {
        self.lingering.begin(self.jobs.len() + queue.lock().len());
        poll_fn(|cx| {
            // Its sender gave up, and it is known what was stored of it.
            if self.unsure.is_none() {
                self.jobs.retain(|job| !job.done.is_closed());
            }
            let (mut count, mut bytes) = (0, 0);
            let weigh = |job: &Job| job.messages().iter().map(Vec::len).sum::<usize>();
            for job in &self.jobs {
                count += job.messages().len();
                bytes += weigh(job);
            }
            let mut queue = queue.lock();
            while let Some(job) = queue.front() {
                if !self.jobs.is_empty() && (count >= MESSAGES || bytes >= BYTES) {
                    break;
                }
                if job.done.is_closed() {
                    queue.pop_front();
                    continue;
                }
                count += job.messages().len();
                bytes += weigh(job);
                self.jobs.extend(queue.pop_front());
            }
            let jobs = self.jobs.len();
            if jobs == 0 || self.lingering.lingers(jobs, cx) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// One request, and what follows from its answer.
    async fn turn(&mut self) {
        self.tell_of_forgotten();
        if self.jobs.is_empty() {
            return;
        }
        let silent = self.succeeded.0.elapsed().max(self.succeeded.1.elapsed().unwrap_or_default());
        if self.unsure.is_none() && silent > KEPT / 2 {
            // The server may have dropped the number by now. That would look like forgotten messages.
            self.key = self.shared.keys.sender(&unique::name());
            self.confirmed = 0;
        }
        let count = self.how_many();
        if count > 0 {
            self.unsure = Some(count as u64);
        }
        match self.request(count).await {
            Ok(answer) => self.took(answer, count).await,
            Err(error) => self.failed(error).await,
        }
    }

    /// How many messages to send now: none, if first it has to be found out what was stored, or if there is no room
    /// for large ones.
    fn how_many(&self) -> usize {
        if self.unsure.is_some() {
            return 0;
        }
        let (mut count, mut bytes) = (0, 0);
        for job in &self.jobs {
            let messages = job.messages();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                bytes += message.len();
                if count >= self.fit || (count > 0 && bytes > BYTES) {
                    return count;
                }
                if bytes > LARGE && self.room <= count as u64 {
                    return count;
                }
                count += 1;
            }
        }
        count
    }

    async fn request(&mut self, count: usize) -> RedisResult<Answer> {
        let Sending { link, shared, key, jobs, woken, confirmed, .. } = self;
        let answer = link
            .run(&SEND, |command| {
                command.arg(7).arg(&shared.keys.all()).arg(&*key).arg(crate::shared::GROUP);
                command.arg(shared.capacity).arg(*confirmed).arg(KEPT.as_millis() as u64).arg(i32::from(*woken));
                for message in jobs.iter().flat_map(Job::messages).take(count) {
                    command.arg(message);
                }
            })
            .await?;
        let [state, last, room] = reply::array(answer)?;
        let number = |value| reply::int(value).map(|number| number.max(0) as u64);
        Ok(Answer { state: reply::int(&state)?, last: number(&last)?, room: number(&room)? })
    }

    /// Counts what was stored, and tells its senders.
    async fn took(&mut self, answer: Answer, count: usize) {
        self.backoff.succeeded();
        self.succeeded = (Instant::now(), SystemTime::now());
        self.woken = false;
        self.unsure = None;
        self.room = answer.room;
        self.forgotten += self.confirmed.saturating_sub(answer.last);
        let stored = answer.last.saturating_sub(self.confirmed);
        self.confirmed = answer.last;
        let theirs = stored.saturating_sub(self.ghosts);
        self.ghosts = 0;
        self.stored(theirs);
        if answer.state == 0 && count > 0 {
            // Beside a full mailbox, messages would travel again and again.
            let all = stored as usize == count;
            self.fit = if all { (self.fit * 2).min(MESSAGES) } else { (stored as usize * 2).max(1) };
        }
        self.tell_of_forgotten();
        while let Some(job) = self.jobs.front() {
            match &job.what {
                What::Messages(_) if answer.state != CLOSED => break,
                What::Messages(_) => self.finish(Err(Error::Closed)),
                What::Check => self.finish(Ok(false)),
                What::Close(name) => match close(&mut self.link, &self.shared, name).await {
                    Ok(closed) => self.finish(Ok(closed)),
                    Err(error) => return self.failed(error).await,
                },
            }
        }
        if self.room == 0 && !self.jobs.is_empty() {
            self.wait_for_room().await;
        }
    }

    /// Finishes the first job. If it failed, nothing of what is left of it was sent.
    fn finish(&mut self, result: Result<bool, Error>) {
        if let Some(job) = self.jobs.pop_front() {
            job.finish(result, true);
        }
    }

    /// Takes as many messages off the front, and finishes those jobs of which none is left.
    fn stored(&mut self, mut count: u64) {
        while let Some(Job { what: What::Messages(messages), .. }) = self.jobs.front_mut() {
            while count > 0 && messages.pop_front().is_some() {
                count -= 1;
            }
            if !messages.is_empty() {
                break;
            }
            self.finish(Ok(false));
        }
    }

    fn tell_of_forgotten(&mut self) {
        while self.forgotten > 0 {
            let Some(job) = self.jobs.pop_front() else { return };
            if job.finish(Err(Error::Forgotten { messages: self.forgotten }), true) {
                self.forgotten = 0;
            }
        }
    }

    async fn wait_for_room(&mut self) {
        let mut command = redis::cmd("BLPOP");
        command.arg(&self.shared.keys.room).arg(LOOK.as_secs_f64());
        // If it fails, so will the next request, which deals with it.
        let answer = self.link.query(&command, LOOK).await;
        self.woken = answer.is_ok_and(|answer| answer != redis::Value::Nil);
    }

    async fn failed(&mut self, error: RedisError) {
        if self.backoff.again(&error).await {
            return;
        }
        // If the server has answered, it stored nothing of this request.
        if !is_transient(&error) {
            self.unsure = None;
        }
        let error = Error::of(error);
        let mut doubtful = self.unsure.unwrap_or(0).saturating_sub(self.ghosts);
        self.ghosts = self.unsure.unwrap_or(0);
        for job in self.jobs.drain(..) {
            let count = job.messages().len() as u64;
            job.finish(Err(error.clone()), doubtful == 0);
            doubtful = doubtful.saturating_sub(count);
        }
    }
}

async fn close(link: &mut Link, shared: &Shared, name: &str) -> RedisResult<bool> {
    let closed = link
        .run(&CLOSE, |command| {
            shared.begin(command);
            command.arg(name);
        })
        .await?;
    Ok(reply::int(&closed)? == 1)
}
