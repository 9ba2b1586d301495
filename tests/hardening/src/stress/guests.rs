//! Tasks of several runtimes and plain threads, all on one object.

use std::future::Future;
use std::pin::Pin;
use std::thread;

use super::{Log, Tally, Workload, drive};

type Join = Pin<Box<dyn Future<Output = Log> + Send>>;

/// Runs a workload whose tasks are dealt out in turn to tokio, async-std, smol and a thread of ours; its blockers run
/// on threads of their own.
///
/// # Panics
/// If a task does.
pub fn run(workload: Workload, tokio: &tokio::runtime::Runtime) -> Tally {
    workload.judge(|mut tasks, bystanders, blockers| {
        tasks.extend(bystanders);
        let (mut joins, mut ours) = (Vec::<Join>::new(), Vec::new());
        for (i, task) in tasks.into_iter().enumerate() {
            match i % 4 {
                0 => {
                    let join = tokio.spawn(task);
                    joins.push(Box::pin(async { join.await.expect("it does not panic") }));
                }
                1 => joins.push(Box::pin(async_std::task::spawn(task))),
                2 => joins.push(Box::pin(smol::spawn(task))),
                _ => ours.push(task),
            }
        }
        let mut logs: Vec<Log> = thread::scope(|scope| {
            let blockers: Vec<_> = blockers.into_iter().map(|blocker| scope.spawn(blocker)).collect();
            let logs = drive(ours).logs;
            let blocked = blockers.into_iter().map(|thread| thread.join().expect("it does not panic"));
            logs.into_iter().chain(blocked).collect()
        });
        logs.extend(joins.into_iter().map(|join| tokio.block_on(join)));
        logs
    })
}
