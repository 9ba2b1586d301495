//! What a handle answers that was finished, and what shows itself: the rare ways through otherwise busy code.

use crate::common::{Bell, expect_ready, now};
use futures::sink::{Sink, SinkExt};
use sempost::mailbox::{self, Sender, TryReserveError, TrySendError};
use sempost::{MappedMutexGuard, Mutex, MutexGuard, OwnedMutexGuard, Semaphore};
use std::pin::Pin;
use std::sync::Arc;

/// A sender whose sink was closed, of a mailbox that is not.
fn finished<T>(sender: &Sender<T>) -> Sender<T> {
    let mut handle = sender.clone();
    assert!(expect_ready(Pin::new(&mut handle).poll_close(&mut Bell::new().context())).is_ok());
    handle
}

#[test]
fn a_finished_sender_and_its_clone_send_nothing() {
    let (tx, rx) = mailbox::bounded(2);
    let handle = finished(&tx);
    for handle in [handle.clone(), handle] {
        assert_eq!(handle.try_send(1), Err(TrySendError::Closed(1)));
        assert_eq!(handle.force_send(2), Err(TrySendError::Closed(2)));
        assert_eq!(now(handle.send(3)).unwrap_err().into_inner(), 3);
        assert!(now(handle.reserve()).is_err());
        assert_eq!(handle.try_reserve().unwrap_err(), TryReserveError::Closed);
    }
    assert_eq!((tx.is_closed(), tx.sender_count(), rx.len()), (false, 1, 0));
    assert_eq!(tx.try_send(4), Ok(()));
}

/// Kills: a finished sink that fails when it is asked once more, and one that takes a message or keeps it.
#[test]
fn a_finished_sender_and_its_clone_have_nothing_in_hand_and_take_nothing() {
    for (mut tx, rx) in [mailbox::bounded::<u32>(0), mailbox::bounded(2), mailbox::unbounded()] {
        let (handle, bell) = (finished(&tx), Bell::new());
        let take_nothing = |handle: &mut Sender<u32>| {
            assert!(expect_ready(handle.poll_reserve(&mut bell.context())).is_err());
            for ask in [Sink::poll_ready, Sink::poll_flush, Sink::poll_close] {
                assert_eq!(expect_ready(ask(Pin::new(handle), &mut bell.context())), Ok(()));
            }
            assert_eq!(Pin::new(&mut *handle).start_send(5).unwrap_err().into_inner(), Some(5));
            assert_eq!(now(SinkExt::send(handle, 6)).unwrap_err().into_inner(), Some(6));
        };
        let mut handles = [handle.clone(), handle];
        handles.iter_mut().for_each(take_nothing);
        assert_eq!((tx.sender_count(), rx.len(), bell.held()), (1, 0, 0));
        // Nor does it matter who closes the mailbox afterwards. A handle that is not finished says that it is closed.
        drop(rx);
        handles.iter_mut().for_each(take_nothing);
        assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_err());
    }
}

/// Kills: a sink that is ready or fails when it is asked again, though its own end closed the mailbox.
#[test]
fn the_last_sender_finishes_like_any_other() {
    let (mut tx, rx) = mailbox::bounded(1);
    now(SinkExt::send(&mut tx, 1)).unwrap();
    for _ in 0..2 {
        assert_eq!(now(SinkExt::<u32>::close(&mut tx)), Ok(()));
        assert_eq!(expect_ready(Pin::new(&mut tx).poll_ready(&mut Bell::new().context())), Ok(()));
        assert_eq!(now(tx.send(2)).unwrap_err().into_inner(), 2);
    }
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(1), None));
}

#[test]
fn a_closed_mailbox_reserves_nothing_for_a_handle() {
    let (mut tx, _rx) = mailbox::bounded::<u32>(1);
    tx.close_mailbox();
    assert!(expect_ready(tx.poll_reserve(&mut Bell::new().context())).is_err());
}

#[test]
fn a_mapped_guard_reads_and_shows_its_part() {
    let mutex = Arc::new(Mutex::new((1, "two")));
    let part: MappedMutexGuard<'_, &str> = MutexGuard::map(now(mutex.lock()), |pair| &mut pair.1);
    assert_eq!((part.len(), format!("{part} {part:?}")), (3, "two \"two\"".to_owned()));
    drop(part);
    let part = OwnedMutexGuard::map(now(mutex.lock_owned()), |pair| &mut pair.0);
    assert_eq!((*part, format!("{part} {part:?}")), (1, "1 1".to_owned()));
}

#[test]
fn a_closed_semaphore_says_so() {
    let semaphore = Semaphore::new(1);
    semaphore.close();
    let text = "semaphore closed";
    assert_eq!(now(semaphore.acquire()).unwrap_err().to_string(), text);
    assert_eq!(semaphore.try_acquire().unwrap_err().to_string(), text);
}
