//! What the primitives promise, as plain sequential programs: no locks, no nodes, no wakers but the book's.

pub mod condvar;
pub mod mail;
pub mod meeting;
pub mod monitor;
pub mod oneshot;
pub mod permits;
pub mod post;
