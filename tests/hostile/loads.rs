//! Hostile messages of all sizes, alignments and manners. Their drops are counted on the thread that makes them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::marker::PhantomPinned;
use std::num::NonZero;

use crate::calm::rage;

/// A message that counts.
pub(crate) trait Load: Sized + Send + 'static {
    fn new() -> Self;
}

/// What became of the messages of a case.
pub(crate) struct Tally {
    pub(crate) made: usize,
    pub(crate) dropped: usize,
    /// How many were dropped once more after that.
    pub(crate) twice: usize,
}

#[derive(Default)]
struct Book {
    made: usize,
    dropped: usize,
    twice: usize,
    /// The numbers of those that live; a message without size has none.
    alive: BTreeSet<u32>,
    /// Which drops panic, counted from 0.
    rage: Vec<usize>,
}

thread_local! {
    static BOOK: RefCell<Book> = RefCell::default();
}

/// Begins a case in which these drops panic.
pub(crate) fn begin(rage: &[usize]) {
    BOOK.set(Book { rage: rage.to_vec(), ..Book::default() });
}

/// Ends the case.
pub(crate) fn end() -> Tally {
    let Book { made, dropped, twice, .. } = BOOK.take();
    Tally { made, dropped, twice }
}

/// A new message, with the number of it.
fn made() -> u32 {
    BOOK.with_borrow_mut(|book| {
        book.made += 1;
        let number = u32::try_from(book.made).expect("a case is small");
        book.alive.insert(number);
        number
    })
}

/// A message is dropped, which may panic.
fn dropped(number: Option<u32>) {
    let rages = BOOK.with_borrow_mut(|book| {
        book.twice += usize::from(number.is_some_and(|number| !book.alive.remove(&number)));
        book.dropped += 1;
        book.rage.contains(&(book.dropped - 1))
    });
    if rages {
        rage();
    }
}

/// Declares types of messages, each with how it is made of a number and how the number is read off it.
macro_rules! loads {
    ($($(#[$meta:meta])* $Name:ident($($field:ty),*): |$number:ident| $make:expr, |$this:ident| $read:expr;)*) => {$(
        $(#[$meta])*
        pub(crate) struct $Name($($field),*);

        impl Load for $Name {
            fn new() -> Self {
                let $number = made();
                $make
            }
        }

        impl Drop for $Name {
            fn drop(&mut self) {
                let $this = &*self;
                dropped($read);
            }
        }
    )*};
}

loads! {
    /// No bytes at all.
    Nothing(): |_n| Nothing(), |_this| None;
    /// No bytes, but not anywhere.
    #[repr(align(64))]
    Nowhere([u8; 0]): |_n| Nowhere([]), |_this| None;
    Word(u32): |n| Word(n), |this| Some(this.0);
    Page([u32; 1024]): |n| Page([n; 1024]), |this| uniform(&this.0);
    /// One of these a page.
    #[repr(align(4096))]
    Aligned(u32): |n| Aligned(n), |this| {
        assert!(std::ptr::from_ref(this).addr() % 4096 == 0, "it is not where it has to be");
        Some(this.0)
    };
    /// Larger than most stacks like: it is boxed.
    Boxed(Box<[u32]>): |n| Boxed(vec![n; MEBI / 4].into_boxed_slice()), |this| uniform(&this.0);
    /// As large, and not boxed.
    Large([u32; MEBI / 4]): |n| Large([n; MEBI / 4]), |this| uniform(&this.0);
    /// `None` of it is no larger.
    Niche(NonZero<u32>): |n| Niche(NonZero::new(n).expect("counted from 1")), |this| Some(this.0.get());
    Text(&'static str, u32): |n| Text("text", n), |this| (this.0 == "text").then_some(this.1);
    /// Not `Sync`.
    Shy(Cell<u32>): |n| Shy(Cell::new(n)), |this| Some(this.0.get());
    /// Not `Unpin`.
    Pinned(u32, PhantomPinned): |n| Pinned(n, PhantomPinned), |this| Some(this.0);
}

const MEBI: usize = 1 << 20;

/// The number, if all of it is still there.
fn uniform(words: &[u32]) -> Option<u32> {
    let number = *words.first()?;
    Some(if words[words.len() - 1] == number { number } else { 0 })
}

/// Runs `$body` for each type, with its name and how many messages of it a case has.
macro_rules! for_each_type {
    (|$T:ident, $name:ident, $most:ident| $body:block) => {
        $crate::loads::for_each_type!(@ $T $name $most $body
            Nothing 40, Nowhere 40, Word 40, Page 40, Aligned 40, Boxed 4, Large 2, Niche 40, Text 40, Shy 40,
            Pinned 40);
    };
    (@ $T:ident $name:ident $most:ident $body:block $($Name:ident $count:expr),*) => {$(
        {
            type $T = $crate::loads::$Name;
            let ($name, $most) = (stringify!($Name), $count);
            $body
        }
    )*};
}

pub(crate) use for_each_type;
