//! Ports and credits, which are made of the others.

use hardening::spec::Answer::{Closed, Count, Ok, Pending, Refused, Value};
use hardening::spec::credits;
use hardening::spec::ports::{self, PerPort, Setup, Sources, message};

use super::{A, B, Story};

pub(super) fn ports() -> Vec<bool> {
    use ports::Op::{ClosePort, From, Poll, Receive, TryFrom, TryReceive, TrySend};
    let setup = Setup { ports: 2, capacity: 2, classes: false, opener: false };
    let story = |name| Story::<Sources<PerPort>>::of(setup, name);
    let send = |port, number| TrySend { message: message(port, number) };
    let value = |port, number| Value(message(port, number));
    let close_both =
        |story: Story<_>| story.then(0, ClosePort { port: 0 }, Count(1)).then(0, ClosePort { port: 1 }, Count(1));
    vec![
        story("a message comes twice")
            .then(0, send(0, 1), Ok)
            .then(1, TryReceive, value(0, 1))
            .then(2, TryFrom { port: 0 }, value(0, 1))
            .bad(),
        story("messages of a source change places")
            .then(0, send(0, 1), Ok)
            .then(0, send(0, 2), Ok)
            .then(1, TryReceive, value(0, 2))
            .bad(),
        story("nothing is found where nobody else is").then(0, send(0, 1), Ok).then(1, TryReceive, Refused).bad(),
        story("a receiver sleeps beside a message")
            .then(0, Receive { id: A }, Pending)
            .then(1, send(0, 1), Ok)
            .waits(A, false)
            .bad(),
        story("of two receivers one sleeps beside a port")
            .then(0, Receive { id: A }, Pending)
            .then(1, Receive { id: B }, Pending)
            .then(2, send(0, 1), Ok)
            .then(2, send(1, 1), Ok)
            .waits(A, true)
            .waits(B, false)
            .bad(),
        story("who waits for a source sleeps beside its message")
            .then(0, From { id: A, port: 0 }, Pending)
            .then(1, send(0, 1), Ok)
            .waits(A, false)
            .bad(),
        story("who waits for a source is passed")
            .then(0, From { id: A, port: 0 }, Pending)
            .then(1, send(0, 1), Ok)
            .then(1, TryReceive, value(0, 1))
            .bad(),
        story("the second who asked is served first")
            .then(0, From { id: A, port: 0 }, Pending)
            .then(1, From { id: B, port: 0 }, Pending)
            .then(2, send(0, 1), Ok)
            .then(1, Poll { id: B }, value(0, 1))
            .bad(),
        close_both(story("the end comes before the last message").then(0, send(1, 1), Ok))
            .then(1, TryReceive, Closed)
            .bad(),
        close_both(story("nobody is told of the end").then(1, Receive { id: B }, Pending)).waits(B, false).bad(),
        story("a port is not seen while a send is under way")
            .throughout(0, send(0, 1), Ok)
            .then(1, send(0, 2), Ok)
            .then(2, TryReceive, Refused)
            .good(),
        story("either port may be the first")
            .then(0, send(0, 1), Ok)
            .then(0, send(1, 1), Ok)
            .then(1, TryReceive, value(1, 1))
            .then(1, TryReceive, value(0, 1))
            .good(),
        story("one is woken for the messages of one port")
            .then(0, Receive { id: A }, Pending)
            .then(1, Receive { id: B }, Pending)
            .then(2, send(0, 1), Ok)
            .then(2, send(0, 2), Ok)
            .waits(A, true)
            .waits(B, false)
            .good(),
    ]
}

pub(super) fn credits() -> Vec<bool> {
    use credits::Op::{Available, Close, EndLease, Poll, Send, TryReceive, TrySend};
    let two = |name| Story::<credits::Ends>::of(2, name);
    // The last digit is the weight.
    let send = |message: u32| TrySend { id: 200 + (message / 10) as u8, message };
    vec![
        two("a credit is made").then(0, send(11), Ok).then(0, send(21), Ok).then(1, send(31), Ok).bad(),
        two("a credit is lost")
            .then(0, send(12), Ok)
            .then(1, TryReceive, Value(12))
            .then(1, EndLease { weight: 2 }, Ok)
            .rest(Available, Count(1))
            .bad(),
        two("a lease holds nothing").then(0, send(12), Ok).then(1, TryReceive, Value(12)).then(0, send(21), Ok).bad(),
        two("a heavy message does not go alone").then(0, send(11), Ok).then(1, send(29), Ok).bad(),
        two("a light message passes a heavy one")
            .then(0, send(11), Ok)
            .then(1, Send { id: B, message: 22 }, Pending)
            .then(0, send(31), Ok)
            .bad(),
        two("a sender sleeps beside its credits")
            .then(0, send(12), Ok)
            .then(1, Send { id: B, message: 21 }, Pending)
            .then(2, TryReceive, Value(12))
            .then(2, EndLease { weight: 2 }, Ok)
            .waits(B, false)
            .bad(),
        two("a message is accepted after the close").then(0, Close { id: 200 }, Count(1)).then(1, send(11), Ok).bad(),
        two("credits are taken before the message is there")
            .throughout(0, send(12), Ok)
            .then(1, send(21), Refused)
            .then(1, TryReceive, Refused)
            .good(),
        two("a heavy message goes alone")
            .then(0, send(19), Ok)
            .then(1, TryReceive, Value(19))
            .then(1, send(21), Refused)
            .then(1, EndLease { weight: 2 }, Ok)
            .then(1, send(31), Ok)
            .good(),
        two("messages enter as senders are polled")
            .then(0, send(12), Ok)
            .then(0, Send { id: A, message: 21 }, Pending)
            .then(1, Send { id: B, message: 31 }, Pending)
            .then(2, TryReceive, Value(12))
            .then(2, EndLease { weight: 2 }, Ok)
            .then(1, Poll { id: B }, Ok)
            .then(2, TryReceive, Value(31))
            .waits(A, true)
            .good(),
    ]
}
