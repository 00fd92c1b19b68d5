# SPDX-License-Identifier: Apache-2.0
"""What the checks of the tree share: its files, C++ without comments or literals, and findings."""

import dataclasses
import pathlib
import re
import sys

CPP_SUFFIXES = {".hpp", ".cpp"}
CPP_FOLDERS = ("src", "tests", "fuzz", "bench")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One violation, printed as compilers do so that editors can jump to it."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class Source:
    """A file of the tree: its text, and its text with comments or literals blanked out.

    Blanking keeps every newline and column, so line numbers hold in all three.
    """

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()

    @property
    def module(self):
        """'sip' for src/sip/uri.hpp; None outside src/."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    @property
    def is_test(self):
        return self.path.startswith("tests/") or self.path.endswith("_test.cpp")

    @property
    def without_comments(self):
        return blank(self.text, comments=True, literals=False)

    @property
    def code(self):
        """The text with comments and literals blanked: what the compiler takes as code."""
        return blank(self.text, comments=True, literals=True)

    def find(self, pattern, text, message):
        """One finding per match of `pattern` in `text` (one of the forms above)."""
        return [Finding(self.path, line_of(text, match.start()), message.format(*match.groups()))
                for match in re.finditer(pattern, text, re.MULTILINE)]


TOKEN = re.compile(
    r'(?P<raw>R"(?P<fence>[^()\s\\]{0,16})\(.*?\)(?P=fence)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+')"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)",
    re.DOTALL)


def blank(text, comments, literals):
    def replace(match):
        is_comment = match.group("comment") is not None
        if not (comments if is_comment else literals):
            return match.group()
        inner = match.group() if is_comment else match.group()[1:-1]
        blanked = re.sub(r"[^\n]", " ", inner)
        return blanked if is_comment else match.group()[0] + blanked + match.group()[-1]

    return TOKEN.sub(replace, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def cpp_sources(root, folders=CPP_FOLDERS):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CPP_SUFFIXES and path.is_file():
                yield Source(root, path)


def root_from_arguments():
    """The tree to check: the first argument, else the tree this file lives in."""
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1]).resolve()
    return pathlib.Path(__file__).resolve().parent.parent


def report(name, findings, remedy):
    """Prints the findings and returns the exit code."""
    for finding in sorted(set(findings)):
        print(finding)
    if findings:
        print(f"{name}: {len(set(findings))} violation(s). {remedy}")
        return 1
    print(f"{name}: clean")
    return 0
