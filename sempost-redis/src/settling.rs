//! The driver of acknowledgements: one connection for all deliveries of a process.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use redis::{Cmd, RedisResult};
use sempost::oneshot;

use crate::connect::{Backoff, Link};
use crate::error::Error;
use crate::line::{Lingering, Queue};
use crate::reply;
use crate::shared::{SETTLE, Shared};

/// The most jobs of one request.
const JOBS: usize = 512;

/// What to do with a leased message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Ack,
    Nack,
    Renew,
    Bury,
}

/// An operation on a leased message.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) verb: Verb,
    pub(crate) consumer: Arc<str>,
    pub(crate) id: String,
    /// Which delivery of the message: it may have been delivered again, even to the same receiver.
    pub(crate) attempts: u32,
}

impl Settlement {
    /// Adds the arguments that the scripts expect.
    pub(crate) fn write(&self, command: &mut Cmd) {
        let verb = match self.verb {
            Verb::Ack => "a",
            Verb::Nack => "n",
            Verb::Renew => "r",
            Verb::Bury => "d",
        };
        command.arg(verb).arg(&*self.consumer).arg(&self.id).arg(self.attempts);
    }
}

pub(crate) struct Job {
    pub(crate) settlement: Settlement,
    pub(crate) done: oneshot::Sender<Result<(), Error>>,
}

pub(crate) async fn drive(shared: Arc<Shared>, queue: Arc<Queue<Job>>) {
    let mut link = shared.link();
    let mut backoff = Backoff::new(shared.patience);
    let mut jobs: VecDeque<Job> = VecDeque::new();
    let mut repeated = false;
    let mut lingering = Lingering::default();
    loop {
        lingering.begin(jobs.len() + queue.lock().len());
        poll_fn(|cx| {
            let mut queue = queue.lock();
            // Whoever asked and left still wants it: these have no undesired effect.
            while let Some(job) = if jobs.len() < JOBS && !repeated { queue.pop_front() } else { None } {
                jobs.push_back(job);
            }
            if jobs.is_empty() || lingering.lingers(jobs.len(), cx) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        match settle(&shared, &mut link, &jobs).await {
            Ok(results) => {
                backoff.succeeded();
                for (job, result) in jobs.drain(..).zip(results) {
                    // A repeated request finds what the first one has done.
                    let done = repeated
                        && match job.settlement.verb {
                            Verb::Ack | Verb::Bury => result == 2,
                            Verb::Nack => true,
                            Verb::Renew => false,
                        };
                    let result = if result == 1 || done { Ok(()) } else { Err(Error::LeaseLost) };
                    let _ = job.done.send(result);
                }
                repeated = false;
            }
            Err(error) => {
                repeated = true;
                if !backoff.again(&error).await {
                    let error = Error::of(error);
                    for job in jobs.drain(..) {
                        let _ = job.done.send(Err(error.clone()));
                    }
                    repeated = false;
                }
            }
        }
    }
}

async fn settle(shared: &Shared, link: &mut Link, jobs: &VecDeque<Job>) -> RedisResult<Vec<i64>> {
    let answer = link
        .run(&SETTLE, |command| {
            shared.begin(command);
            for job in jobs {
                job.settlement.write(command);
            }
        })
        .await?;
    let results: Vec<i64> = reply::list(answer)?.iter().map(reply::int).collect::<RedisResult<_>>()?;
    if results.len() == jobs.len() { Ok(results) } else { Err(reply::unexpected()) }
}
