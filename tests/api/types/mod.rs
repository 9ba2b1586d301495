//! What the compiler says of the public types: which traits they have, what it refuses, and how large they are.

#[macro_use]
mod asked;
mod exhaustive;
mod refused;
mod shape;
mod table;

use sempost::conditions;

conditions! {
    /// One condition.
    enum Cond { Changed }
}
