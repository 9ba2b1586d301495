//! A set of conditions written by hand.

#[derive(Clone, Copy, Debug)]
struct Mine;

impl sempost::Conditions for Mine {} //~ E0046

fn main() {}
