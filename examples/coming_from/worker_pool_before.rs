//! A worker pool on tokio, with `tokio::sync`. The same with sempost: `worker_pool_after.rs`.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};

/// A number to square, and where to send the answer.
struct Job {
    number: u64,
    reply: oneshot::Sender<u64>,
}

const WORKERS: usize = 4;

async fn square(job: Job, limit: Arc<Semaphore>, done: Arc<Mutex<Vec<u64>>>) {
    let _permit = limit.acquire_owned().await.expect("the pool is open");
    done.lock().await.push(job.number);
    // Whoever asked may have left.
    let _ = job.reply.send(job.number * job.number);
}

async fn pool(mut inbox: mpsc::Receiver<Job>) -> Vec<u64> {
    let limit = Arc::new(Semaphore::new(WORKERS));
    let done = Arc::new(Mutex::new(Vec::new()));
    while let Some(job) = inbox.recv().await {
        tokio::spawn(square(job, Arc::clone(&limit), Arc::clone(&done)));
    }
    // All permits: nobody works any more.
    let _all = limit.acquire_many(WORKERS as u32).await.expect("the pool is open");
    let mut done = done.lock().await.clone();
    done.sort_unstable();
    done
}

async fn ask(pool: mpsc::Sender<Job>, number: u64) -> u64 {
    let (reply, answer) = oneshot::channel();
    pool.send(Job { number, reply }).await.expect("the pool is open");
    answer.await.expect("there is an answer")
}

async fn run() {
    let (jobs, inbox) = mpsc::channel(8);
    let workers = tokio::spawn(pool(inbox));
    let asking: Vec<_> = (1..=100).map(|number| tokio::spawn(ask(jobs.clone(), number))).collect();
    drop(jobs);
    let mut sum = 0;
    for answer in asking {
        sum += answer.await.expect("it does not panic");
    }
    assert_eq!(sum, 338_350);
    assert_eq!(workers.await.expect("it does not panic"), (1..=100).collect::<Vec<_>>());
    println!("100 squares by at most {WORKERS} at a time: {sum}");
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime").block_on(run());
}
