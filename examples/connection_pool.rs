//! Three connections for twenty requests: the semaphore counts them, and lends them in turn.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use sempost::{AcquireError, Permit, Semaphore};

struct Connection {
    served: usize,
}

struct Pool {
    free: Semaphore,
    /// Never held across an await, so the lock of the standard library will do.
    idle: Mutex<Vec<Connection>>,
    lent: AtomicUsize,
}

/// A connection on loan. It goes back when this is dropped, also by a request that is cancelled.
struct Loan<'a> {
    connection: Option<Connection>,
    pool: &'a Pool,
    _permit: Permit<'a>,
}

impl Pool {
    async fn borrow(&self) -> Result<Loan<'_>, AcquireError> {
        let permit = self.free.acquire().await?; // wait(free)
        let connection = self.idle.lock().unwrap().pop();
        assert!(self.lent.fetch_add(1, Relaxed) < 3, "no more are lent than there are");
        Ok(Loan { connection, pool: self, _permit: permit })
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.pool.lent.fetch_sub(1, Relaxed);
        self.pool.idle.lock().unwrap().extend(self.connection.take());
        // signal(free): the permit is dropped last, when the connection is back.
    }
}

fn main() {
    let idle = (0..3).map(|_| Connection { served: 0 }).collect();
    let pool = Pool { free: Semaphore::new(3), idle: Mutex::new(idle), lent: AtomicUsize::new(0) };
    let pool = Arc::new(pool);
    let request = async |pool: Arc<Pool>| {
        let mut loan = pool.borrow().await.expect("the pool is open");
        smol::future::yield_now().await; // the others ask for one, too
        loan.connection.as_mut().expect("a permit stands for a connection").served += 1;
    };
    let requests: Vec<_> = (0..20).map(|_| smol::spawn(request(pool.clone()))).collect();
    for request in requests {
        smol::block_on(request);
    }
    let idle = pool.idle.lock().unwrap();
    assert_eq!((idle.len(), idle.iter().map(|c| c.served).sum()), (3, 20));
    let served: Vec<_> = idle.iter().map(|c| c.served).collect();
    println!("20 requests shared 3 connections, at most 3 at a time; each connection served {served:?}");
}
