//! Stories: operations in words, done to a primitive and to its specification, some of them with the answer that they
//! get.
//!
//! ```text
//! recv a; recv b; try_send 1; drop a; poll b: 1
//! ```
//!
//! After each step the answer, the counts and who is awake have to be those of the specification, and the answer also
//! what the story says behind the colon. Waiters are letters.

use super::subject::Subject;
use super::walk::compare;
use super::{Answer, Id};

/// An operation that can be told in words.
pub trait Told: Sized {
    fn told(words: &[&str]) -> Option<Self>;
}

/// Tells a story of a primitive.
#[track_caller]
pub fn tell<S: Subject<Op: Told>>(setup: S::Setup, story: &str) {
    let (subject, mut spec) = (S::new(setup), S::spec(setup));
    let mut hand = subject.hand(setup, 0);
    for step in story.split(';') {
        let (words, expected) =
            step.split_once(':').map_or((step, None), |(words, answer)| (words, Some(answer.trim())));
        let words: Vec<_> = words.split_whitespace().collect();
        let op = S::Op::told(&words).unwrap_or_else(|| panic!("nothing is called {words:?}"));
        let answer = compare::<S>(&mut hand, &mut spec, &op).unwrap_or_else(|why| panic!("{step}: {why}\n{spec:?}"));
        assert!(expected.is_none_or(|expected| expected == said(&answer)), "{step}: {answer:?}");
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Pending => "waits".to_owned(),
        Answer::Begun => "begun".to_owned(),
        Answer::Ok => "ok".to_owned(),
        Answer::Value(value) => value.to_string(),
        Answer::Values(values) => format!("{values:?}"),
        Answer::Refused => "no".to_owned(),
        Answer::Closed => "closed".to_owned(),
        Answer::Count(count) => count.to_string(),
        Answer::Late => "late".to_owned(),
    }
}

/// The waiter of a letter.
pub fn id(letter: &str) -> Option<Id> {
    letter.bytes().next().filter(u8::is_ascii_lowercase).map(|letter| letter - b'a')
}

/// A number, or one if there is none.
pub fn number<T: std::str::FromStr + From<u8>>(words: &[&str]) -> Option<T> {
    words.first().map_or(Some(T::from(1)), |word| word.parse().ok())
}

/// One test a story.
#[allow(unused_macros)] // the hardening tools tell none
macro_rules! stories {
    ($subject:ty; $($(#[$about:meta])* $test:ident($setup:expr): $story:literal)*) => {$(
        $(#[$about])*
        #[test]
        fn $test() {
            $crate::spec::story::tell::<$subject>($setup, $story);
        }
    )*};
}
pub(crate) use stories;
