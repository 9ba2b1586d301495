//! What the calls of a mailbox return, as answers.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sempost::mailbox::{Receiver, SendError, TryRecvError, TrySendError};

use super::super::Answer;
use super::Message;

/// A message that was not sent has to come back, and no other.
pub(super) fn back<M: Message>(message: u32, came: M, answer: Answer) -> Answer {
    assert_eq!(came.number(), message, "another message came back");
    answer
}

pub(super) fn sent<M: Message>(message: u32, result: Option<Result<(), SendError<M>>>) -> Answer {
    match result {
        None => Answer::Pending,
        Some(Ok(())) => Answer::Ok,
        Some(Err(SendError(came))) => back(message, came, Answer::Closed),
    }
}

pub(super) fn received<M: Message>(result: Option<Option<M>>) -> Answer {
    match result {
        None => Answer::Pending,
        Some(message) => message.map_or(Answer::Closed, |message| Answer::Value(message.number())),
    }
}

pub(super) fn nothing(error: TryRecvError) -> Answer {
    if error == TryRecvError::Closed { Answer::Closed } else { Answer::Refused }
}

pub(super) fn receive_many<M: Message>(receiver: &Receiver<M>, limit: usize, waits: bool) -> Answer {
    // There is room for all, so that they are taken in one step.
    let mut buffer = Vec::with_capacity(if waits { 0 } else { limit });
    let taken = if waits {
        match pin!(receiver.recv_many(&mut buffer, limit)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(0) if limit > 0 => Err(TryRecvError::Closed),
            Poll::Ready(taken) => Ok(taken),
            Poll::Pending => Err(TryRecvError::Empty),
        }
    } else {
        receiver.try_recv_many(&mut buffer, limit)
    };
    match taken {
        Ok(taken) => {
            assert_eq!(taken, buffer.len(), "it counts what it took");
            Answer::Values(buffer.into_iter().map(M::number).collect())
        }
        Err(error) => nothing(error),
    }
}

pub(super) fn refused<M: Message>(message: u32, error: TrySendError<M>) -> Answer {
    let answer = if error.is_closed() { Answer::Closed } else { Answer::Refused };
    back(message, error.into_inner(), answer)
}
