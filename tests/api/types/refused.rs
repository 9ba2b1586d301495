//! What does not compile: each file in `refused/` marks the lines that the compiler refuses, and why.
//!
//! A mark is `//~ CODE`, `CODE` being an error code, the name of a lint, or `error` where the compiler gives none; or
//! `//~ CODE: TEXT` where the message is ours, and has to say so. Every marked line has to be refused for that reason,
//! and nothing else: what a case does beside is correct.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const MANIFEST: &str = r#"[workspace]
[package]
name = "refused"
version = "0.0.0"
edition = "2024"
[dependencies]
sempost = { path = "ROOT" }
"#;

/// A place in a case, and why it is refused.
type Refusal = (String, usize, String);

/// What a case marks, and what the message has to say, if anything.
fn marked(case: &Path) -> BTreeMap<Refusal, String> {
    let name = case.file_stem().unwrap().to_str().unwrap();
    let text = fs::read_to_string(case).unwrap();
    let marks = text.lines().enumerate().filter_map(|(i, line)| Some((i + 1, line.split_once("//~ ")?.1.trim())));
    let refusal = |(line, mark): (usize, &str)| {
        let (code, said) = mark.split_once(": ").unwrap_or((mark, ""));
        ((name.to_owned(), line, code.to_owned()), said.to_owned())
    };
    marks.map(refusal).collect()
}

/// A package with a binary for each case, each checked whatever becomes of the others; returns what was refused, and
/// all that was said about it.
fn checked(cases: &[PathBuf]) -> BTreeMap<Refusal, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused");
    let binaries = package.join("src/bin");
    let _ = fs::remove_dir_all(&binaries);
    fs::create_dir_all(&binaries).unwrap();
    fs::write(package.join("Cargo.toml"), MANIFEST.replace("ROOT", root.to_str().unwrap())).unwrap();
    // The same versions as in the build of this test.
    let _ = fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"));
    for case in cases {
        // Without the marks, which the compiler would cite beside its message.
        let text = fs::read_to_string(case).unwrap();
        let lines = text.lines().map(|line| line.split("//~ ").next().unwrap());
        fs::write(binaries.join(case.file_name().unwrap()), lines.collect::<Vec<_>>().join("\n")).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--bins", "--keep-going", "--message-format=json", "--target-dir=target"])
        .current_dir(&package)
        .output()
        .unwrap();
    let messages = String::from_utf8(output.stdout).unwrap();
    let mut refusals = BTreeMap::<_, String>::new();
    for message in messages.lines() {
        let Some(refusal) = refusal(message) else { continue };
        refusals.entry(refusal).or_default().push_str(message);
    }
    assert!(!refusals.is_empty(), "nothing was checked: {}", String::from_utf8_lossy(&output.stderr));
    refusals
}

/// Reads one message of the compiler. Only errors count, and what sums them up has no place in a case.
fn refusal(message: &str) -> Option<Refusal> {
    if !message.contains(r#""level":"error""#) {
        return None;
    }
    let mut place = message.split_once("--> src/bin/")?.1.split(':');
    let (case, line) = (place.next()?.strip_suffix(".rs")?, place.next()?.parse().ok()?);
    let code = message.split_once(r#""code":{"code":""#).and_then(|(_, rest)| rest.split('"').next());
    Some((case.to_owned(), line, code.unwrap_or("error").to_owned()))
}

#[test]
fn what_must_not_compile_is_refused_for_the_right_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/types/refused");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let expected: BTreeMap<_, _> = cases.iter().flat_map(|case| marked(case)).collect();
    let refused = checked(&cases);
    let [marked, found] = [&expected, &refused].map(|refusals| refusals.keys().collect::<BTreeSet<_>>());
    let missing: Vec<_> = marked.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&marked).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "compiles: {missing:#?}\nrefused besides: {surplus:#?}");
    for (refusal, said) in &expected {
        assert!(refused[refusal].contains(said), "{refusal:?} does not say {said:?}: {}", refused[refusal]);
    }
    assert!(cases.len() >= 12, "{} cases", cases.len());
    let asserts = super::table::asserts();
    println!("H21 types: asserts={asserts} compile_fail={} refusals={}", cases.len(), refused.len());
}
