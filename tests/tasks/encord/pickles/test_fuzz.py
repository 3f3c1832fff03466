"""Damaged and random pickles: whatever they hold, they are read or refused, and nothing of them runs."""

import io
import pickletools
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from schemas.errors import InputError
from tasks.encord.pickles.columns import raw_batch
from tasks.encord.pickles.records import Part, block_of
from tasks.encord.pickles.standins import Loader
from tasks.encord.pickles.stream import PickleStream
from tests.coco_text import Text
from tests.encord_pickles import APP, Format, answered, box, detected, dumped, flat
from tests.tasks.encord.pickles.hostile import CALLS, LIB, named

FORBIDDEN = ("os.", "subprocess.", "shutil.", "socket.", "ctypes.", "exec", "compile", "import", "open", "pickle.")
_watching: list[bool] = []
_seen: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith(FORBIDDEN):
        _seen.append(f"{event} {arguments}")


@pytest.fixture(scope="module")
def watch() -> None:
    """Have the interpreter tell what it is asked to do. Cannot be undone, but is silent unless asked."""
    for content in genuine():
        assert outcome(content).endswith(" rows")  # loads what is loaded late: kernels, pandas for Arrow
    sys.addaudithook(_watch)


def outcome(content: bytes) -> str:
    """What becomes of a file, by all steps of reading, in this process: how many rows, or the error's words."""
    source = Text(content, "f.pkl")
    _watching.append(True)
    try:
        stream = PickleStream(source)
        loaded = b"".join(stream.chunks())
        loader, rows = Loader(io.BytesIO(loaded)), 0
        while True:
            try:
                items = loader.load()
            except EOFError:
                return f"{rows} rows"
            raw = raw_batch(items)
            raw.validate(full=True)
            rows += block_of(Part(raw, rows), source).rows
    except InputError as error:
        return error.message
    except Exception as error:  # the confined process tells these, in words of the unpickler
        return f"{type(error).__module__}.{type(error).__name__}: {error}"
    finally:
        _watching.clear()


def genuine() -> list[bytes]:
    """Small files of all kinds and protocols."""
    mask = np.zeros((5, 7), np.uint8)
    mask[1:3, 2:6] = 1
    triangle = np.array([[0.1, 0.1], [0.5, 0.1], [0.1, 0.5]])
    items = [
        detected(box()), answered(), detected(mask, Format.MASK), detected(triangle, Format.POLYGON),
        detected(box(theta=9.0), confidence=np.float64(0.5)), flat(box(), track_id=3),
    ]  # fmt: skip
    return [dumped(items, protocol) for protocol in range(6)] + [dumped(items[-1:] * 3, 4, APP)]


def mutated(content: bytes, random_: random.Random) -> bytes:
    """A file with some bytes changed, taken out, put in twice, or moved."""
    found = bytearray(content)
    for _ in range(random_.choice((1, 1, 1, 2, 4, 8))):
        at, length = random_.randrange(len(found)), random_.randrange(1, 12)
        kind = random_.randrange(5)
        if kind == 0:
            found[at] = random_.randrange(256)
        elif kind == 1:
            del found[at : at + length]
        elif kind == 2:
            found[at:at] = found[at : at + length]
        elif kind == 3:
            found[at] = ord(random_.choice(pickletools.opcodes).code)
        else:
            other = random_.randrange(len(found))
            found[at : at + length] = found[other : other + length]
        found = found or bytearray(b".")
    return bytes(found)


PIECES = [
    *(opcode.code.encode("latin-1") for opcode in pickletools.opcodes),
    b"K\x01", b"N", b"}", b"]", b")", b"(", b"\x94", b"h\x00", b"h\x01", b"\x8c\x01a", b"\x85", b"R", b"b", b"\x81",
    b"e", b"u", b"C\x08AAAAAAAA", b"\x8c\x02f8", b"\x8c\x02O8",
    *(named(*name) for name in ((LIB, "Prediction"), (LIB, "Format"), ("numpy", "dtype"), ("numpy", "ndarray"))),
    named("numpy.core.multiarray", "_reconstruct"), named("numpy.core.numeric", "_frombuffer"),
    named("_codecs", "encode"), named("builtins", "set"),
    *(function for function, _ in CALLS.values()),
]  # fmt: skip
"""Every opcode, arguments, and names: what random pickles are made of."""


def made_up(random_: random.Random) -> bytes:
    """A random pickle: a list of random opcodes."""
    pieces = random_.choices(PIECES, k=random_.randrange(1, 25))
    return b"\x80\x04](" + b"".join(pieces) + random_.choice((b"e.", b".", b"ae.", b""))


def files(seed: int, count: int) -> Iterator[bytes]:
    """Mutated and made-up files in turn."""
    random_ = random.Random(seed)
    whole = genuine()
    for k in range(count):
        yield mutated(random_.choice(whole), random_) if k % 2 else made_up(random_)


SAID = ("schemas.", "tasks.encord.pickles.standins.RefusedError", "_pickle.UnpicklingError", "builtins.ValueError")
"""How a refusal of the loader begins; ValueError: texts that are no numbers, among them UnicodeDecodeError."""
ALLOWED = (
    *SAID,
    "builtins.UnicodeDecodeError",
    "builtins.OverflowError",
    "builtins.AttributeError",
    "builtins.TypeError",
)


def check(contents: Iterator[bytes]) -> dict[str, int]:
    """Outcomes and how often each came up; nothing may have run, nothing may have crashed otherwise."""
    found: dict[str, int] = {}
    for content in contents:
        said = outcome(content)
        assert _seen == [], content
        if ": " in said and "." in said.split(": ")[0]:
            assert said.startswith(ALLOWED), (said, content)
        found[said] = found.get(said, 0) + 1
    return found


def test_damaged_and_random_pickles_run_nothing(watch: None) -> None:
    """Thousands of them, in part still readable: every step ends in rows or in words."""
    found = check(files(seed=1, count=3_000))
    rows = [said for said in found if said.endswith(" rows")]
    assert len(found) > 30
    assert rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_many_more_of_them_run_nothing(seed: int, watch: None) -> None:
    """The same, at length."""
    assert check(files(seed, count=25_000))


def test_every_cut_is_refused(watch: None) -> None:
    """A file that ends too early is never taken, wherever it ends."""
    for content in genuine():
        for length in range(0, len(content), 1 + len(content) // 400):
            assert not outcome(content[:length]).endswith(" rows")


def test_the_watch_sees(watch: None) -> None:
    """The hook tells of what the tests above look for."""
    _watching.append(True)
    try:
        with open(__file__, "rb"):
            pass
        assert any(event.startswith("open") for event in _seen)
    finally:
        _watching.clear()
        _seen.clear()
