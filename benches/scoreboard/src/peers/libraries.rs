//! The readers-writer locks: all have one shape.

use std::future::Future;

use crate::kinds::Library;
use crate::peers::{OURS, TOKIO};

macro_rules! library {
    ($($Name:ident = $Lock:ty, $name:expr;)*) => {$(
        pub type $Name = $Lock;

        impl Library for $Name {
            const NAME: &'static str = $name;

            fn new() -> Self {
                Self::new(0)
            }
            fn read(&self) -> impl Future<Output: Send> + Send {
                self.read()
            }
            fn write(&self) -> impl Future<Output: Send> + Send {
                self.write()
            }
        }
    )*};
}

library! {
    Ours = sempost::RwLock<u64>, OURS;
    AsyncLock = async_lock::RwLock<u64>, "async-lock";
    Asyncband = asyncband::rwlock::RwLock<u64>, "asyncband";
    Tokio = tokio::sync::RwLock<u64>, TOKIO;
}
