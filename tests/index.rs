//! The index example as its users meet it: a program, run on small trees.

#![cfg(all(unix, feature = "std", not(miri)))]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

const CELLS: [&str; 9] = [
    "tokio semaphore",
    "tokio monitor",
    "tokio mailbox",
    "async-std semaphore",
    "async-std monitor",
    "async-std mailbox",
    "smol semaphore",
    "smol monitor",
    "smol mailbox",
];

/// The digest of [`Tree::small`], as `tr`, `sort`, `uniq -c` and `sha256sum` have it.
const SMALL: &str = "e57f1211711411e4b09a40f0874cbda300640cfe37bde86c1d40e330b5b875a3";

/// SHA-256 of nothing at all.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A folder that is gone when the test is.
struct Tree(PathBuf);

impl Tree {
    fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("sempost-index-{}-{}", std::process::id(), MADE.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Tree(path)
    }

    fn file(&self, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(name.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A bit of everything that has to be counted, and some that has not.
    fn small() -> Self {
        let tree = Tree::new();
        tree.file("notes.txt", "wait(mutex); Signal(MUTEX)\nwait(filledslots) 4 x 4\n")
            .file("empty", "")
            .file("all one term", "abcdefghijklmnopqrstuvwxyz0123456789".repeat(3))
            .file("ends/in/a/term", "the end\nThe END")
            .file("binary.bin", (0..=255).cycle().take(1000).collect::<Vec<u8>>())
            .file("utf8.md", "Grüße, naïve Ærøskøbing — 東京 tokyo\r\n")
            .file("long.txt", "semaphores monitors mailboxes ".repeat(40))
            // Names that sort differently with what follows them in a line.
            .file("a", "same")
            .file("a\u{1}", "same")
            .file("a\t2", "same same")
            .file("a b", "same")
            .file("a.b/c", "same")
            .file(OsStr::from_bytes(b"not \xff utf8"), "bytes are bytes")
            // A file called `target` counts, a folder does not.
            .file("ends/target", "aim")
            .file("target/debug/out", "never seen")
            .file("ends/.git/config", "never seen");
        symlink("notes.txt", tree.0.join("link to a file")).unwrap();
        symlink("ends", tree.0.join("link to a folder")).unwrap();
        symlink("nowhere", tree.0.join("dangling")).unwrap();
        tree
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The digest in the plainest way: all lines in memory, and sorted.
fn naive_digest(root: &Path) -> String {
    let mut lines = Vec::new();
    naive_lines(root, b"", &mut lines);
    lines.sort();
    Sha256::digest(lines.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn naive_lines(folder: &Path, before: &[u8], lines: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (kind, name) = (entry.file_type().unwrap(), entry.file_name());
        let path = [before, name.as_bytes()].concat();
        if kind.is_dir() && name != ".git" && name != "target" {
            naive_lines(&entry.path(), &[&path, &b"/"[..]].concat(), lines);
        } else if kind.is_file() {
            let mut counts = BTreeMap::<_, usize>::new();
            let content = fs::read(entry.path()).unwrap().to_ascii_lowercase();
            for term in content.split(|byte| !byte.is_ascii_alphanumeric()) {
                *counts.entry(term).or_default() += 1;
            }
            counts.remove(&b""[..]);
            for (term, count) in counts {
                lines.push([term, b"\t", &path, b"\t", format!("{count}\n").as_bytes()].concat());
            }
        }
    }
}

/// What a run said, and how it ended.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// The one digest, after a run that went well.
    #[track_caller]
    fn digest(&self) -> &str {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        let digests: Vec<_> = self.out.lines().filter_map(|line| line.strip_prefix("digest: ")).collect();
        assert_eq!(digests.len(), 1, "{}", self.out);
        digests[0]
    }

    /// An error in the words of the command line: exit code 2, one of which is `word`.
    #[track_caller]
    fn refuses_with(&self, word: &str) {
        assert_eq!(self.code, Some(2), "{}{}", self.out, self.err);
        assert!(self.err.contains(word) && !self.err.contains("panicked"), "{}", self.err);
    }

    fn cells(&self) -> Vec<&str> {
        CELLS.into_iter().filter(|cell| self.out.contains(&format!("\n{cell} "))).collect()
    }
}

/// `target/<profile>/examples/index`, built if need be: plain `cargo test` has it, `--test index`
/// has not.
fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let this = std::env::current_exe().unwrap();
        let profile = this.ancestors().nth(2).unwrap();
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "index", "--target-dir"]);
        build.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        if cfg!(feature = "os-lock") {
            build.args(["--features", "os-lock"]);
        }
        assert!(build.status().unwrap().success());
        profile.join("examples/index")
    });
    &PROGRAM
}

fn start<A: AsRef<OsStr>>(args: &[A]) -> Child {
    let mut program = Command::new(program());
    program.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program.spawn().unwrap()
}

/// Runs the program. One that hangs is ended, and what it said so far is the failure.
fn index<A: AsRef<OsStr>>(args: &[A]) -> Said {
    let mut child = start(args);
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let deadline = Instant::now() + Duration::from_secs(120);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let (out, err) = (out.join().unwrap(), err.join().unwrap());
    let Some(status) = status else { panic!("it hangs, having said\n{out}{err}") };
    Said { code: status.code(), out, err }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut all = Vec::new();
        pipe.unwrap().read_to_end(&mut all).unwrap();
        String::from_utf8_lossy(&all).into_owned()
    })
}

fn index_of(tree: &Tree, more: &[&str]) -> Said {
    let args: Vec<&OsStr> = [tree.0.as_os_str()].into_iter().chain(more.iter().map(OsStr::new)).collect();
    index(&args)
}

#[test]
fn nine_cells_find_what_a_naive_count_finds() {
    let tree = Tree::small();
    let said = index_of(&tree, &[]);
    assert_eq!(said.digest(), naive_digest(&tree.0));
    assert_eq!(said.digest(), SMALL);
    assert_eq!(said.cells(), CELLS);
    assert_eq!(index_of(&tree, &["--matrix", "--workers", "7"]).digest(), SMALL);
}

#[test]
fn one_runtime_is_a_row_and_one_way_a_column() {
    let tree = Tree::small();
    assert_eq!(index_of(&tree, &["--runtime", "async-std"]).cells(), CELLS[3..6]);
    assert_eq!(index_of(&tree, &["--via", "monitor"]).cells(), [CELLS[1], CELLS[4], CELLS[7]]);
    let one = index_of(&tree, &["--via", "mailbox", "--runtime", "smol"]);
    assert_eq!((one.cells(), one.digest()), (vec![CELLS[8]], SMALL));
    index_of(&tree, &["--matrix", "--via", "mailbox"]).refuses_with("--via");
}

#[test]
fn terms_that_cross_pieces_are_joined() {
    let tree = Tree::small();
    for budget in ["1", "7", "64", "1K"] {
        assert_eq!(index_of(&tree, &["--budget", budget, "--workers", "3"]).digest(), SMALL);
    }
}

#[test]
fn files_of_many_pieces_are_counted_as_one() {
    let tree = Tree::new();
    // Words of all lengths, so that they lie across every border of pieces of 256 KiB.
    let mut words = String::new();
    for n in 0..200_000 {
        words.push_str(&"ab9"[..n % 4]);
        words.push_str(if n % 7 == 0 { ", " } else { "7" });
    }
    tree.file("words", &words).file("again", &words[1..]);
    tree.file("exactly two pieces", "four".repeat(1 << 17));
    tree.file("one term", "Z".repeat(1_500_000));
    tree.file("no term", vec![0; 1_500_000]);
    let expected = naive_digest(&tree.0);
    for budget in ["64M", "300K", "50000"] {
        let said = index_of(&tree, &["--budget", budget, "--workers", "5"]);
        assert_eq!(said.digest(), expected, "budget {budget}");
    }
}

#[test]
fn more_files_than_slots_and_more_workers_than_files() {
    let tree = Tree::new();
    for n in 0..500 {
        tree.file(format!("{}/{n}", n % 10), format!("file {n} of 500, again {n}"));
    }
    let expected = naive_digest(&tree.0);
    for more in [&["--workers", "1"][..], &["--workers", "1024", "--budget", "20"]] {
        assert_eq!(index_of(&tree, more).digest(), expected);
    }
}

#[test]
fn an_empty_folder_has_the_digest_of_nothing() {
    assert_eq!(index_of(&Tree::new(), &[]).digest(), EMPTY);
}

#[test]
fn pipes_sockets_and_dangling_links_are_passed_by() {
    let tree = Tree::new();
    tree.file("real", "file");
    let made = Command::new("mkfifo").arg(tree.0.join("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(tree.0.join("socket")).unwrap();
    symlink("nowhere", tree.0.join("dangling")).unwrap();
    symlink(".", tree.0.join("round and round")).unwrap();
    let said = index_of(&tree, &[]);
    assert_eq!(said.digest(), naive_digest(&tree.0));
    assert_eq!(said.err, "");
}

#[test]
fn the_root_may_be_a_link() {
    let (tree, other) = (Tree::small(), Tree::new());
    let link = other.0.join("link");
    symlink(&tree.0, &link).unwrap();
    assert_eq!(index(&[&link]).digest(), SMALL);
}

#[test]
fn unreadable_files_are_reported_once_counted_and_skipped() {
    let tree = Tree::new();
    tree.file("open", "come in").file("shut", "keep out").file("room/shut", "keep out");
    let (shut, room) = (tree.0.join("shut"), tree.0.join("room"));
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    mode(&shut, 0o000).unwrap();
    if fs::File::open(&shut).is_ok() {
        return unreadable_even_for_root();
    }
    mode(&room, 0o000).unwrap();
    let said = index_of(&tree, &[]);
    mode(&room, 0o700).unwrap();
    fs::remove_file(&shut).unwrap();
    fs::remove_dir_all(&room).unwrap();
    assert_eq!(said.digest(), naive_digest(&tree.0));
    assert!(said.out.contains("unreadable: 2"), "{}", said.out);
    assert_eq!(said.err.lines().count(), 2, "{}", said.err);
}

/// Linux has a few files that only take writes, whoever asks.
fn unreadable_even_for_root() {
    let switches = Path::new("/proc/sys/vm");
    if switches.is_dir() && fs::File::open(switches.join("compact_memory")).is_err() {
        let said = index(&["/proc/sys/vm", "--via", "mailbox"]);
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
        assert!(said.out.contains("\nunreadable: "), "{}", said.out);
        assert_eq!(said.err.matches("/compact_memory: ").count(), 1, "{}", said.err);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let tree = Tree::small();
    index(&["/no/such/folder"]).refuses_with("/no/such/folder");
    index(&[tree.0.join("notes.txt")]).refuses_with("not a folder");
    index_of(&tree, &["--budget", "0"]).refuses_with("budget");
    index_of(&tree, &["--budget", "0K"]).refuses_with("budget");
    index_of(&tree, &["--budget", "lots"]).refuses_with("64K");
    index_of(&tree, &["--budget", "99999999999999999G"]).refuses_with("most");
    index_of(&tree, &["--workers", "0"]).refuses_with("worker");
    index_of(&tree, &["--workers", "-1"]).refuses_with("--workers");
    index_of(&tree, &["--runtime", "rayon"]).refuses_with("async-std");
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let tree = Tree::small();
    let mut child = start(&[&tree.0]);
    drop(child.stdout.take());
    let err = collect(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(err.join().unwrap(), "");
}
