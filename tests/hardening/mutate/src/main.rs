//! Writes mutants into Rust files, all of them at once: each mutated expression becomes
//!
//! ```text
//! (if crate::mutation::is(17) { a - b } else { a + b })
//! ```
//!
//! so that one build holds them all, and an environment variable says which one lives. `mutate FILE...` changes the
//! files in place and prints a line for each mutant: its number, whether it lives in a `const fn` and so has to be
//! built, the file, the source line with the place marked, and the change.

mod operators;
mod schema;

use std::{env, fs};

fn main() {
    let mut number = 0;
    for path in env::args().skip(1) {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let schema = schema::Schema::of(&file, &text, number);
        number += schema.mutants.len();
        for mutant in &schema.mutants {
            let kind = if mutant.is_const { "const" } else { "plain" };
            println!("{}\t{kind}\t{path}\t{}\t{}", mutant.number, mutant.line, mutant.change);
        }
        fs::write(&path, schema.written()).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}
