//! To ask the compiler whether a type has a trait, without an error if not.

/// Whether a type implements a trait: an inherent constant, where it exists, hides the trait's.
macro_rules! implements {
    ($T:ty, $($Trait:tt)+) => {{
        struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Otherwise for Asked<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $($Trait)+> Asked<T> {
            const ANSWER: bool = true;
        }
        <Asked<$T>>::ANSWER
    }};
}

/// The same for one type that is written with each of several others in the place of `T`.
macro_rules! for_each_kind {
    ($T:ident, $Type:ty, $Trait:ident, [$($Kind:ty),* $(,)?]) => {
        vec![$({ #[allow(dead_code)] type $T = $Kind; implements!($Type, $Trait) }),*]
    };
}
