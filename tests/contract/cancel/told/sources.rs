//! Which methods a handle has, read off the sources: none is missing in its table.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const MAILBOX: &str = "src/mailbox";

/// The public methods of `handle`, and `Trait::method` of what it implements.
fn methods_of(folder: &str, handle: &str) -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.is_file()) {
        let text = fs::read_to_string(path).unwrap();
        // The trait, if any, of the block that the line is in, and what ends the block.
        let mut block: Option<(Option<String>, String)> = None;
        for line in text.lines() {
            let code = line.trim_start();
            if code.starts_with("impl") {
                let indent = &line[..line.len() - code.len()];
                block = header(code, handle).map(|of| (of, format!("{indent}}}")));
            }
            let Some((of, end)) = &block else { continue };
            let name = match of {
                None => code.strip_prefix("pub ").and_then(name_of).map(str::to_owned),
                Some(of) => name_of(code).map(|name| format!("{of}::{name}")),
            };
            methods.extend(name);
            if line == end {
                block = None;
            }
        }
    }
    methods
}

/// Whether an `impl` is about `handle`, and of which trait.
fn header(code: &str, handle: &str) -> Option<Option<String>> {
    let code = after_generics(code.strip_prefix("impl")?).trim_start();
    let (of, target) = code.split_once(" for ").map_or((None, code), |(of, target)| (Some(of), target));
    let name = target.split('<').next()?;
    let about = name == handle || name == "$Handle";
    about.then(|| of.map(|of| of.split('<').next().unwrap().rsplit("::").next().unwrap().to_owned()))
}

fn after_generics(code: &str) -> &str {
    if !code.starts_with('<') {
        return code;
    }
    let mut depth = 0;
    let end = code.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0
    });
    &code[end.map_or(0, |end| end + 1)..]
}

/// The name of the function that begins here, whatever stands before `fn`.
fn name_of(code: &str) -> Option<&str> {
    let code = ["const ", "async ", "unsafe "].iter().fold(code, |code, word| code.strip_prefix(word).unwrap_or(code));
    code.strip_prefix("fn ")?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// Compares the methods of `handle` with the names of a table; what follows a comma is the situation.
#[track_caller]
pub(super) fn assert_complete<'a>(handle: &str, names: impl Iterator<Item = &'a str>) {
    assert_complete_in(MAILBOX, handle, names);
}

/// The same, for a handle of another folder.
#[track_caller]
pub(super) fn assert_complete_in<'a>(folder: &str, handle: &str, names: impl Iterator<Item = &'a str>) {
    let names: BTreeSet<_> = names.map(|name| name.split(',').next().unwrap().to_owned()).collect();
    let methods = methods_of(folder, handle);
    let missing: Vec<_> = methods.difference(&names).collect();
    let stale: Vec<_> = names.difference(&methods).collect();
    assert!(missing.is_empty() && stale.is_empty(), "{handle}: missing {missing:?}, not there any more {stale:?}");
}

#[test]
fn methods_are_found_wherever_they_are() {
    let (sender, receiver) = (methods_of(MAILBOX, "Sender"), methods_of(MAILBOX, "Receiver"));
    for name in
        ["send", "send_many", "send_owned", "len", "Sink::poll_flush", "Clone::clone", "Drop::drop", "Debug::fmt"]
    {
        assert!(sender.contains(name), "{name}");
    }
    for name in ["recv", "recv_owned", "len", "Stream::poll_next", "FusedStream::is_terminated", "Debug::fmt"] {
        assert!(receiver.contains(name), "{name}");
    }
    assert!(!sender.contains("recv") && !sender.contains("stand_up") && !sender.contains("cancel"));
}
