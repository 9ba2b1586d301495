//! What is sent: numbers, and larger things that are torn, lost or doubled more visibly.

/// A message: a number, and perhaps more.
pub trait Message: Send + 'static {
    fn of(number: u32) -> Self;

    fn number(self) -> u32;
}

impl Message for u32 {
    fn of(number: u32) -> Self {
        number
    }

    fn number(self) -> u32 {
        self
    }
}

/// A message of `N` words more, the number apart on the heap: who loses or doubles one is found by what watches the
/// heap.
pub struct Wide<const N: usize> {
    number: Box<u32>,
    words: [u32; N],
}

impl<const N: usize> Message for Wide<N> {
    fn of(number: u32) -> Self {
        Self { number: Box::new(number), words: [number; N] }
    }

    fn number(self) -> u32 {
        assert!(self.words.iter().all(|word| *word == *self.number), "a message is torn");
        *self.number
    }
}
