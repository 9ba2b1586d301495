//! The lecture's bounded buffer: many producers, many consumers, three semaphores.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use futures::future::join_all;
use sempost::{AcquireError, Semaphore};

/// The lecture's words. A forgotten permit stays taken until somebody signals.
trait Notes {
    async fn wait(&self) -> Result<(), AcquireError>;
    fn signal(&self);
}
#[rustfmt::skip]
impl Notes for Semaphore {
    async fn wait(&self) -> Result<(), AcquireError> { self.acquire().await?.forget(); Ok(()) }
    fn signal(&self) { self.add_permits(1); }
}

const N: usize = 4; // #define N 4
struct Shared {
    filledslots: Semaphore,                  // semaphore filledslots = 0
    emptyslots: Semaphore,                   // semaphore emptyslots = N
    mutex: Semaphore,                        // semaphore mutex = 1
    buffer: std::sync::Mutex<VecDeque<u64>>, // `mutex` lets one in at a time: this is never found taken
}

async fn producer(shared: Arc<Shared>, items: Range<u64>) -> Result<(), AcquireError> {
    for item in items {
        shared.emptyslots.wait().await?; //                  wait(emptyslots)
        shared.mutex.wait().await?; //                       wait(mutex)
        shared.buffer.try_lock().unwrap().push_back(item); // insert_item(item)
        shared.mutex.signal(); //                            signal(mutex)
        shared.filledslots.signal(); //                      signal(filledslots)
    }
    Ok(())
}

async fn consumer(shared: Arc<Shared>, count: usize) -> Result<u64, AcquireError> {
    let mut sum = 0;
    for _ in 0..count {
        shared.filledslots.wait().await?; //                               wait(filledslots)
        shared.mutex.wait().await?; //                                     wait(mutex)
        sum += shared.buffer.try_lock().unwrap().pop_front().unwrap(); //  item = remove_item()
        shared.mutex.signal(); //                                          signal(mutex)
        shared.emptyslots.signal(); //                                     signal(emptyslots)
    }
    Ok(sum)
}

fn main() {
    let [filledslots, emptyslots, mutex] = [0, N, 1].map(Semaphore::new);
    let shared = Arc::new(Shared { filledslots, emptyslots, mutex, buffer: Default::default() });
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let producers = (0..3).map(|p| tokio.spawn(producer(shared.clone(), p * 100..(p + 1) * 100)));
    let consumers: Vec<_> = (0..2).map(|_| tokio.spawn(consumer(shared.clone(), 150))).collect();
    tokio.block_on(join_all(producers));
    let sum: u64 = tokio.block_on(join_all(consumers)).into_iter().map(|sum| sum.unwrap().unwrap()).sum();
    assert_eq!(sum, (0..300).sum());
    println!("3 producers, 2 consumers, three semaphores around {N} slots: 300 items arrived, their sum is {sum}");
}
