"""What the tools that plant one change after the other share: a copy of the tree, its builds, and copies of few modules.

Nearly all of their time is the compiler's, and nearly all of that goes into tests which nobody asked for. So a test
binary is *narrowed* to the modules of the wanted tests: the other `mod` lines are blanked in the copy, as long as nothing
that stays seems to use them.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = "models"
# A module with an attribute, a path or a condition say, stays: others may use it without its name.
MODULE = re.compile(r"(?<!\]\n)^(?:pub(?:\([a-z]+\))? )?mod (\w+);$", re.MULTILINE)


def copy_tree(tree):
    """The files that git tracks or would track, as they are."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    shutil.rmtree(tree, ignore_errors=True)
    for name in [name for name in listed.split("\0") if name] + ["Cargo.lock"]:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)


def build(tree, binary, units=None, level=0, features=""):
    """Builds one test binary, or the crate's own tests under the model checker; answers its path, or the compiler's words.

    What it depends on is taken from the builds of `ROOT` itself. Cargo tells a copy from that one, and from other copies,
    by its profile alone, so each copy has a number of codegen units of its own, near the 256 that suit small changes.
    Nobody looks at its programs with a debugger, and one change is like the next: what the compiler knows of the former
    build halves its time. Models can be optimised: that costs a minute, and they take half of the time and of the stack.
    """
    copy = units is not None
    env = dict(os.environ)
    command = ["cargo", "test", "--quiet", "--no-run", "--message-format=json"]
    if binary == MODELS:
        env |= {"CARGO_TARGET_DIR": str(ROOT / "target" / "models"), "RUSTFLAGS": "--cfg sempost_loom"}
        profile, settings = "release", [f"opt-level={level}", "debug-assertions=true", "overflow-checks=true"]
        command += ["--release", "--lib"]
    else:
        env.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
        profile, settings = "dev", []
        command += ["--test", binary]
    command += ["--features", features] if features else []
    if copy:
        settings += ["debug=0", f"codegen-units={units}"]
    if copy or binary == MODELS:
        env["CARGO_INCREMENTAL"] = "1"
    for setting in settings:
        command += ["--config", f"profile.{profile}.package.sempost.{setting}"]
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode == 0:
        return [m["executable"] for m in messages if m.get("executable") and m["profile"]["test"]][-1], ""
    words = [m["message"] for m in messages if m.get("reason") == "compiler-message"]
    return None, "".join(word["rendered"] for word in words if word["level"] == "error") or done.stderr


def with_kept_stacks(env=os.environ):
    """The environment in which models take a third of the time: `stacks.rs` is loaded before the host's library."""
    library = ROOT / "target" / "stacks.so"
    library.parent.mkdir(exist_ok=True)
    # Another tool may be at this, too.
    made = library.with_suffix(f".{os.getpid()}.so")
    command = ["rustc", "--edition=2024", "--crate-type=cdylib", "-Cpanic=abort", "-O", "-o", made]
    subprocess.run([*command, ROOT / "tests" / "hardening" / "stacks.rs"], check=True)
    made.replace(library)
    return dict(env, LD_PRELOAD=str(library))


def tests_of(executable):
    """The names of the tests that it runs unless it is told to run the ignored ones."""

    def listed(*which):
        command = [executable, "--list", *which]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return re.findall(r"^(\S+): test$", text, re.MULTILINE)

    ignored = set(listed("--ignored"))
    return [name for name in listed() if name not in ignored]


class Modules:
    """The modules of a test binary that may be left out: their paths and files, the binary's own among them."""

    def __init__(self, tree, binary):
        self.path = (MODELS,) if binary == MODELS else ()
        roots = [tree / "tests" / binary / "mod.rs", tree / "tests" / binary / "main.rs", tree / "tests" / f"{binary}.rs"]
        root = next(root for root in roots if root.exists())
        self.files, self.texts = {}, {}
        self.find(self.path, root, root.parent)

    def find(self, path, file, folder):
        self.files[path], self.texts[path] = file, file.read_text()
        for name in MODULE.findall(self.texts[path]):
            inner = [at for at in (folder / f"{name}.rs", folder / name / "mod.rs") if at.exists()]
            if inner:
                self.find((*path, name), inner[0], folder / name)

    def of(self, tests):
        """The modules that these tests need, as far as one can see."""
        kept = {self.path}
        for test in tests:
            words = tuple(test.split("::"))
            kept |= {path for path in self.files if words[: len(path)] == path}
        while True:
            used = {path for path in set(self.files) - kept if any(self.uses(user, path) for user in kept)}
            if not used:
                return frozenset(kept)
            kept |= {path[:end] for path in used for end in range(len(self.path), len(path) + 1)}

    def uses(self, user, path):
        """Whether it names that module, behind `crate` or `super`, or as its parent does."""
        name, above = path[-1], "::".join(("crate", *self.path))
        named = rf"\b(?:{above}|super|self)::(?:\w+::)*(?:\{{[^}}]*)?\b{name}\b"
        if user == path[:-1]:
            named += rf"|\b{name}::"
        return re.search(named, self.texts[user]) is not None

    def narrow(self, kept):
        """Writes the binary with these modules alone. The lines of all others stay, and stay where they are."""

        out = set(self.files) - kept
        for path, file in self.files.items():
            text = MODULE.sub(lambda found: "" if (*path, found[1]) in out else found[0], self.texts[path])
            if text != file.read_text():
                file.write_text(text)

    def widen(self):
        self.narrow(frozenset(self.files))
