"""Many changes in one build, each behind a switch: the price of a build is paid once, not once for each change.

A function with changes gets a body for each of them beside its own:

    fn free(&self) -> bool {
        match crate::planted::living() { 17 => { CHANGED } 23 => { CHANGED OTHERWISE } _ => { AS IT IS } }
    }

So one change lives at a time, and what lives then is the very text that a build for it alone would have. The program
        match crate::planted::living() { 17 => { CHANGED } 23 => { DIFFERENTLY } _ => { AS IT IS } }
Without optimisation a function takes the stack of all of its bodies.
"""

import re
import tempfile

# It allocates nothing, because tests count allocations.
SWITCH = """//! Which change lives.

pub(crate) fn living() -> usize {
    static LIVING: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *LIVING.get_or_init(|| {
        let (mut text, input) = ([0; 8], std::fs::File::open("/dev/stdin"));
        let length = input.map_or(0, |mut file| std::io::Read::read(&mut file, &mut text).unwrap());
        std::str::from_utf8(&text[..length]).unwrap().parse().unwrap_or(0)
    })
}
"""
# Comments, strings and characters: braces in them do not count.
STRING = r"\bb?r(#*)\".*?\"\1|\"(?:\\.|[^\"\\])*\"|'(?:\\[^']+|\\'|[^'\\\n])'"
QUOTED = re.compile(rf"//[^\n]*|/\*.*?\*/|{STRING}", re.DOTALL)
BEGIN = re.compile(r"\b(const\s+(?:unsafe\s+)?)?fn\s+\w+")
ARM = re.compile(r"/\*(\d+)\*/ (?:\d+|_) =>")


def bodies(text):
    """Where the body of each function that can be switched begins and ends, without its braces."""
    code = QUOTED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for begin in BEGIN.finditer(code):
        depth, start = 0, None
        for at in range(begin.end(), len(code)):
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(code[at], 0)
            if code[at] == "{" and depth == 1 and start is None:
                start = at + 1
            # A declaration ends without a body.
            if depth == 0 and (code[at] == ";" or start is not None):
                if start is not None and not begin[1]:
                    yield start, at
                break


class Switch:
    """Changes in a copy of the tree. Each has a number above 0, and is a file, where in it something begins and ends,
    and what stands there instead."""

    def __init__(self, tree, changes):
        """Writes those that can be switched; `lines` has the file of each, and the first and the last line there."""
        lib = tree / "src" / "lib.rs"
        self.whole = {file: file.read_text() for file in {lib, *(file for file, *_ in changes.values())}}
        self.lines, self.switch = {}, tree / "src" / "planted.rs"
        self.switch.write_text(SWITCH)
        for file, text in self.whole.items():
            arms = {}
            for number, (at, start, end, new) in changes.items():
                around = [body for body in bodies(text) if body[0] <= start and end <= body[1]] if at == file else []
                if around:
                    # The outermost one: no two of those overlap.
                    body = min(around)
                    arms.setdefault(body, []).append((number, text[body[0] : start] + new + text[end : body[1]]))
            for (start, end), changed in sorted(arms.items(), reverse=True):
                switched = "".join(f"/*{number}*/ {number} => {{{body}}}\n" for number, body in changed)
                switched = f"match crate::planted::living() {{\n{switched}/*0*/ _ => {{{text[start:end]}}}\n}}"
                text = text[:start] + switched + text[end:]
            marks = [(int(mark[1]), text.count("\n", 0, mark.start()) + 1) for mark in ARM.finditer(text)]
            for (number, first), (_, after) in zip(marks, marks[1:]):
                if number:
                    self.lines[number] = (file.relative_to(tree).as_posix(), first, after - 1)
            file.write_text(text + "\nmod planted;\n" if file == lib else text)

    def blamed(self, words):
        """The changes which these words of the compiler point at."""
        places = [(file, int(line)) for file, line in re.findall(r"--> (\S+?):(\d+):\d+", words)]

        def is_there(file, first, last):
            return any(at == file and first <= line <= last for at, line in places)

        return {number for number, lines in self.lines.items() if is_there(*lines)}

    def undo(self):
        for file, text in self.whole.items():
            file.write_text(text)
        self.switch.unlink()


def throw(number):
    """What a program has to read for this change to live, or for none with 0."""
    file = tempfile.TemporaryFile("w+")
    file.write(str(number))
    file.flush()
    file.seek(0)
    return file
