//! The driver of looks: one connection for all receivers of a process that fetch few messages at a time.
//!
//! A look is the request of a receiver that does everything but wait. Most of what one costs is not for its message, so
//! those that come at the same time go together.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use redis::{Cmd, RedisResult, Value};
use sempost::oneshot;

use crate::line::{Lingering, Queue};
use crate::reply;
use crate::settling::Settlement;
use crate::shared::{RECEIVE, Shared};

/// The most messages that the looks of one request ask for.
const MESSAGES: usize = 128;

/// Where to begin to look for leases that ran out.
pub(crate) const START: &str = "0-0";

/// What a receiver asks for. The script `receive.lua` says what its parts are.
pub(crate) struct Look {
    pub(crate) consumer: Arc<str>,
    pub(crate) want: usize,
    pub(crate) reclaim: bool,
    pub(crate) cursor: String,
    pub(crate) resume: String,
    pub(crate) heard: String,
    pub(crate) settlements: Vec<Settlement>,
}

/// A look for nothing. It makes what a mailbox needs at the server.
impl Default for Look {
    fn default() -> Self {
        Look {
            consumer: "".into(),
            want: 0,
            reclaim: false,
            cursor: START.into(),
            resume: START.into(),
            heard: String::new(),
            settlements: Vec::new(),
        }
    }
}

impl Look {
    /// Adds the arguments that the script expects.
    pub(crate) fn write(&self, command: &mut Cmd) {
        command.arg(&*self.consumer).arg(self.want).arg(i32::from(self.reclaim)).arg(&self.cursor);
        command.arg(&self.resume).arg(&self.heard).arg(self.settlements.len());
        self.settlements.iter().for_each(|settlement| settlement.write(command));
    }
}

pub(crate) struct Job {
    pub(crate) look: Look,
    /// The look comes back with its answer.
    pub(crate) done: oneshot::Sender<(Look, RedisResult<Value>)>,
}

pub(crate) async fn drive(shared: Arc<Shared>, queue: Arc<Queue<Job>>) {
    let mut link = shared.link();
    let mut jobs: Vec<Job> = Vec::new();
    let mut lingering = Lingering::default();
    loop {
        lingering.begin(jobs.len() + queue.lock().len());
        poll_fn(|cx| {
            let mut want: usize = jobs.iter().map(|job| job.look.want).sum();
            let mut queue = queue.lock();
            while let Some(job) = queue.front() {
                want += job.look.want;
                if !jobs.is_empty() && want > MESSAGES {
                    break;
                }
                // One that was dropped before it was asked is not asked.
                jobs.extend(queue.pop_front().filter(|job| !job.done.is_closed()));
            }
            if jobs.is_empty() || lingering.lingers(jobs.len(), cx) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        let answer = link
            .run(&RECEIVE, |command| {
                shared.begin_looks(command);
                jobs.iter().for_each(|job| job.look.write(command));
            })
            .await
            .and_then(reply::list)
            .and_then(|answers| if answers.len() == jobs.len() { Ok(answers) } else { Err(reply::unexpected()) });
        match answer {
            Ok(answers) => {
                for (Job { look, done }, answer) in jobs.drain(..).zip(answers) {
                    let _ = done.send((look, Ok(answer)));
                }
            }
            // Each receiver decides for itself what to do about it.
            Err(error) => {
                for Job { look, done } in jobs.drain(..) {
                    let _ = done.send((look, Err(error.clone())));
                }
            }
        }
    }
}
