//! Named conditions: a `Copy` enum with a queue of waiters for each variant.

use core::fmt;

use crate::mutex::Condition;

/// The named conditions of a [`Monitor`](crate::Monitor), declared by [`conditions!`](crate::conditions).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of named conditions",
    label = "a monitor's conditions are declared with `sempost::conditions!`",
    note = "write `sempost::conditions! {{ pub enum {Self} {{ … }} }}`"
)]
pub trait Conditions: Copy + fmt::Debug + 'static {
    #[doc(hidden)]
    type Queues: Queues;

    #[doc(hidden)]
    const ALL: &'static [Self];

    #[doc(hidden)]
    fn index(self) -> usize;

    /// Only the macro implements this trait.
    #[doc(hidden)]
    const SEAL: Seal;
}

/// The conditions of a [`plain`](crate::Monitor::plain) monitor: none. There is no value of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoConditions {}

impl Conditions for NoConditions {
    type Queues = Array<0>;

    const ALL: &'static [Self] = &[];

    fn index(self) -> usize {
        match self {}
    }

    const SEAL: Seal = Seal;
}

/// What seals [`Conditions`].
#[derive(Debug)]
pub struct Seal;

/// One queue for each condition. Only the macro names it.
pub trait Queues: Send + 'static {
    #[doc(hidden)]
    const EMPTY: Self;

    #[doc(hidden)]
    fn queue(&mut self, index: usize) -> &mut Queue;
}

/// The queue of one condition.
pub struct Queue(pub(super) Condition);

/// Exactly `N` queues, inside the monitor.
pub struct Array<const N: usize>([Queue; N]);

impl<const N: usize> Queues for Array<N> {
    const EMPTY: Self = Self([const { Queue(Condition::new()) }; N]);

    #[inline]
    fn queue(&mut self, index: usize) -> &mut Queue {
        &mut self.0[index]
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waiting", self.0.len())
    }
}

impl<const N: usize> fmt::Debug for Array<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares the named conditions of a [`Monitor`](crate::Monitor): a `Copy` enum with at least one name and no data.
///
/// Attributes, docs and visibility are kept. Only a `cfg` on a single condition does not work. A wait that depends on
/// more than the name asks the data: `wait_while(Buffer::NotFull, |b| b.len() + n > limit)`. A condition of another
/// monitor does not compile:
///
/// ```compile_fail
/// sempost::conditions! { pub enum Buffer { NotFull, NotEmpty } }
/// sempost::conditions! { pub enum Door { Open } }
///
/// let buffer = sempost::Monitor::<_, Buffer>::new(Vec::<u8>::new());
/// buffer.try_enter().unwrap().notify_one(Door::Open);
/// ```
///
/// # Examples
/// ```
/// sempost::conditions! {
///     /// What a task may wait for at a bounded buffer.
///     pub enum Buffer {
///         /// There is room.
///         NotFull,
///         /// There is something to take.
///         NotEmpty,
///     }
/// }
///
/// let buffer = sempost::Monitor::<_, Buffer>::new(Vec::<u8>::new());
/// assert_eq!(buffer.waiters(Buffer::NotEmpty), 0);
/// ```
#[macro_export]
macro_rules! conditions {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($(#[$variant_meta:meta])* $Variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $Name { $($(#[$variant_meta])* $Variant),+ }

        impl $crate::Conditions for $Name {
            type Queues = $crate::__private::Array<{ [$(stringify!($Variant)),+].len() }>;

            const ALL: &'static [Self] = &[$(Self::$Variant),+];

            const SEAL: $crate::__private::Seal = $crate::__private::Seal;

            fn index(self) -> usize {
                self as usize
            }
        }
    };
    // The rest does not compile, and says why.
    ($(#[$meta:meta])* $vis:vis enum $Name:ident {}) => {
        compile_error!(concat!("`", stringify!($Name), "` has none: without conditions use `Monitor::plain`"));
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($variants:tt)* }) => {
        compile_error!(concat!(
            "a condition of `", stringify!($Name), "` is a name alone, without data and without a value: \
             keep the data in the monitor, and ask for it with `wait_while`",
        ));
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident $($generic:tt)+) => {
        compile_error!(concat!("conditions are names: `", stringify!($Name), "` cannot have generic parameters"));
    };
    ($($other:tt)*) => {
        compile_error!("conditions are declared like an enum: `conditions! { pub enum Buffer { NotFull, NotEmpty } }`");
    };
}
