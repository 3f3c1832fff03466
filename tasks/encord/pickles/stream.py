"""A pickle in a file as a stream that can be loaded in small parts: checked whole first, then written down again."""

import pickletools
from collections.abc import Iterator

import numpy as np

from schemas.errors import InputError
from schemas.records import Source
from tasks.encord.pickles.names import ROLES
from tasks.encord.pickles.payloads import read_line_end, read_names
from tasks.kernels import pickle_words as walking
from tasks.kernels.pickle_opcodes import Machine, walk

WINDOW_BYTES = 4 << 20
LARGEST_CHUNK_BYTES = 256 << 20
"""Of what is loaded at once: some 8,000 predictions; long texts, bytes and masks are not in it."""
LARGEST_FILE_BYTES = 1 << 40
MOST_NAMES = 100_000
"""Times that globals may be named; a pickler names each once."""

_BEGINNING = b"\x80\x04\x95"
_OPENING, _ENDING = b"(", b"l."
_OUT_BYTES = 4 << 20
_FIRST_ROOM = 4_096
_LONGEST_NAME = 200
_OPCODE_NAMES = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}


class PickleStream:
    """The list that a pickle holds, a chunk of items at a time; nothing of it is built here."""

    def __init__(self, source: Source) -> None:
        """Check every opcode of `source`. InputError, with the byte, where anything else is found than predictions."""
        self._source = source
        self._names = 0
        if source.size > LARGEST_FILE_BYTES:
            raise InputError(f"{source.size} bytes; a pickle may have {LARGEST_FILE_BYTES}", where=source.name)
        self._machine = _new_machine()
        for _ in self._walk(writing=False):
            pass
        self.items = int(self._machine.cursor[walking.ITEMS])

    def chunks(self) -> Iterator[bytes]:
        """Pickles, each a list of some thousand items, that share one memo; none for an empty list."""
        self._begin_again()
        parts: list[bytes] = []
        length = 0
        for part, whole in self._walk(writing=True):
            parts.append(part)
            length += len(part)
            if length > LARGEST_CHUNK_BYTES:
                raise self._refusal(f"more than {LARGEST_CHUNK_BYTES >> 20} MB of objects between two ends of a list")
            if whole and length:
                yield _framed(parts)
                parts, length = [], 0

    def _begin_again(self) -> None:
        machine = self._machine
        used = np.flatnonzero(machine.uses)
        machine.uses[used] = np.arange(1, len(used) + 1)
        machine.memo[:] = 0
        machine.cursor[:] = 0
        self._machine = machine._replace(out=np.empty(_OUT_BYTES, np.uint8))
        self._names = 0

    def _walk(self, writing: bool) -> Iterator[tuple[bytes, bool]]:
        """What is written, piece by piece, and whether the items so far are whole."""
        source = self._source
        base, window = 0, np.frombuffer(source.read(0, WINDOW_BYTES), np.uint8)
        status = walking.GOING
        while status != walking.DONE:
            status = walk(window, base, source.size, writing, self._machine)
            if status == walking.NEED_BYTES:
                base = int(self._machine.cursor[walking.AT])
                window = np.frombuffer(source.read(base, base + WINDOW_BYTES), np.uint8)
            elif status in {walking.CHUNK, walking.DONE, walking.NEED_OUT}:
                yield self._written(), status != walking.NEED_OUT
            else:
                self._help(status)

    def _written(self) -> bytes:
        machine = self._machine
        part = machine.out[: machine.cursor[walking.OUT]].tobytes()
        machine.cursor[walking.OUT] = 0
        machine.cursor[walking.PENDING] = 0
        return part

    def _help(self, status: int) -> None:
        """Give the walk what it asks for; InputError where it stopped at a fault."""
        cursor = self._machine.cursor
        first, second = int(cursor[walking.FIRST]), int(cursor[walking.SECOND])
        if status == walking.NEED_STACK:
            self._machine = _grown(self._machine, ("stack",), 0)
        elif status == walking.NEED_MEMO:
            self._machine = _grown(self._machine, ("memo", "uses"), first)
        elif status == walking.LINE:
            cursor[walking.LINE_END] = read_line_end(self._source, first + 1)
        elif status == walking.NAMES:
            cursor[walking.ROLE] = self._role(first, second)
        else:
            text = walking.FAULTS[status - walking.FIRST_FAULT]
            raise self._refusal(text.format(op=self._opcode()))

    def _role(self, first: int, second: int) -> int:
        """What the global may be used for whose names stand at these offsets."""
        self._names += 1
        if self._names > MOST_NAMES:
            raise self._refusal(f"globals are named more than {MOST_NAMES} times")
        module, name = read_names(self._source, first, second)
        role = ROLES.get((module, name))
        if role is None:
            asked = f"{module}.{name}"[:_LONGEST_NAME]
            asked = asked if asked.isprintable() else ascii(asked)
            hint = "only predictions and their arrays are read, nothing is run"
            raise self._refusal(f"the pickle asks for {asked}", hint)
        return role

    def _opcode(self) -> str:
        at = int(self._machine.cursor[walking.AT])
        found = self._source.read(at, at + 1)
        return _OPCODE_NAMES.get(found[0], f"0x{found[0]:02x}") if found else "?"

    def _refusal(self, message: str, hint: str | None = None) -> InputError:
        at = int(self._machine.cursor[walking.AT])
        return InputError(message, where=f"{self._source.name}, byte {at}", hint=hint)


def _framed(parts: list[bytes]) -> bytes:
    body = b"".join([_OPENING, *parts, _ENDING])
    return _BEGINNING + len(body).to_bytes(8, "little") + body


def _new_machine() -> Machine:
    return Machine(
        cursor=np.zeros(walking.CURSOR_SIZE, np.int64),
        stack=np.zeros(_FIRST_ROOM * walking.STACK_COLUMNS, np.int64),
        memo=np.zeros(_FIRST_ROOM, np.int64),
        uses=np.zeros(_FIRST_ROOM, np.int32),
        out=np.empty(0, np.uint8),
    )


def _grown(machine: Machine, names: tuple[str, ...], index: int) -> Machine:
    """The machine with arrays twice as long, and long enough for `index`."""
    arrays = {}
    for name in names:
        old = getattr(machine, name)
        arrays[name] = np.zeros(max(2 * len(old), index + 1), old.dtype)
        arrays[name][: len(old)] = old
    return machine._replace(**arrays)
