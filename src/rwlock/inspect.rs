//! A lock without locking it: what can be seen.

use core::fmt;

use super::guard::READER;
use super::rwlock::RwLock;

impl<T: ?Sized> RwLock<T> {
    /// Returns the data without locking: `&mut self` proves that there is no other user.
    pub fn get_mut(&mut self) -> &mut T {
        self.shared.data.get_mut()
    }

    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        crate::wait::Primitive::lock(&self.shared.semaphore).tag()
    }

    /// Returns how many permits are held or granted.
    fn taken(&self) -> usize {
        self.shared.all - self.shared.semaphore.available_permits()
    }

    /// Returns how many readers have the lock. Those that it was handed to and that have not been polled since count.
    pub fn readers(&self) -> usize {
        let taken = self.taken();
        if taken == self.shared.all { 0 } else { taken / READER }
    }

    /// Returns whether a writer has the lock, or was handed it and has not been polled since.
    pub fn is_write_locked(&self) -> bool {
        self.taken() == self.shared.all
    }

    /// Returns whether the lock was handed to a waiter that has not been polled since. **A future that is neither
    /// polled nor dropped keeps it.**
    pub fn is_handed_over(&self) -> bool {
        self.shared.semaphore.granted_permits() > 0
    }

    /// Returns how many waiters are in line, readers and writers.
    pub fn waiters(&self) -> usize {
        self.shared.semaphore.waiters()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (readers, handed_over, waiters) = (self.readers(), self.is_handed_over(), self.waiters());
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Some(data) => shown.field("data", &&*data),
            None if self.is_write_locked() => shown.field("data", &format_args!("<locked>")),
            None => shown.field("data", &format_args!("<others come first>")),
        };
        shown.field("readers", &readers).field("handed_over", &handed_over).field("waiters", &waiters).finish()
    }
}
