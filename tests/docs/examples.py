"""Code in the documentation: fenced blocks, taken out of their pages."""

import re
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_DOCS = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md"))
PAGES = ("README.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md", *_DOCS)
_FENCE = re.compile(r"^ *```(?P<language>\w*)\n(?P<code>.*?)^ *```$", re.MULTILINE | re.DOTALL)

_FILE = re.compile(
    r"^`(?P<name>[\w./-]+\.(?:json|txt))`:\n\n```(?:json|text)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Example(NamedTuple):
    """A fenced block: the heading above it, its language and its text."""

    heading: str
    language: str
    code: str


class Command(NamedTuple):
    """A line of a console block after `$`, and what the page says is printed; empty where it says nothing."""

    line: str
    output: str


def examples(page: str) -> list[Example]:
    """The blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text[: match.start()]), re.MULTILINE)
        found.append(Example(headings[-1], match["language"], dedent(match["code"])))
    return found


def files(page: str) -> dict[str, str]:
    """The files that a page shows, by name: blocks of JSON or text below a line that says what the file is called."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return {match["name"]: match["text"] for match in _FILE.finditer(text)}


def commands(block: Example) -> list[Command]:
    """The commands of a console block, without the folder that the program lies in."""
    found = []
    for part in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        line, _, output = part.replace("\\\n", " ").partition("\n")
        found.append(Command(line.removeprefix(".venv/bin/"), output.rstrip()))
    return found
