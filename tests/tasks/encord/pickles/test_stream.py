"""Pickles walked and written down again: what is left loads as the whole does, whatever the windows."""

import io
import pickle
import pickletools
from typing import Any

import numpy as np
import pytest

from schemas.errors import InputError
from tasks.encord.pickles import stream as streaming
from tasks.encord.pickles.payloads import payload_bytes
from tasks.encord.pickles.standins import Loader, NDArray, Payload, RefusedError
from tasks.encord.pickles.stream import PickleStream
from tests.coco_text import Text
from tests.encord_pickles import Format, answered, box, detected, dumped, flat
from tests.tasks.encord.pickles.hostile import LIB, listed, named, text

MASK = np.zeros((64, 100), np.uint8)
MASK[3:9, 5:50] = 1


def items() -> list[Any]:
    """Predictions of all kinds; the mask is too long to be loaded inline."""
    points = np.array([[0.1, 0.1], [0.5, 0.1], [0.1, 0.5]])
    some = [detected(box()), detected(MASK, Format.MASK), answered(), flat(box(), track_id="t" * 5_000)]
    return [*some, detected(points, Format.POLYGON), *(detected(box(x=k / 900), frame=k) for k in range(400))]


def plain(value: Any) -> Any:
    """What was loaded, as values that can be compared."""
    if isinstance(value, NDArray):
        return plain(value.raw), value.shape, value.dtype.code
    if isinstance(value, Payload):
        return "payload"
    if hasattr(value, "fields"):
        return type(value).__name__, plain(value.fields)
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    return [plain(held) for held in value] if isinstance(value, list) else value


def loaded(stream: PickleStream) -> list[Any]:
    """The items of all parts, by one loader."""
    file = io.BytesIO(b"".join(stream.chunks()))
    loader, found = Loader(file), []
    while file.tell() < len(file.getvalue()):
        found += loader.load()
    return found


@pytest.mark.parametrize("protocol", range(6))
def test_what_is_written_loads_as_the_whole_does(protocol: int) -> None:
    """But for long texts and bytes, which are left in the file."""
    content = dumped(items(), protocol)
    whole = Loader(io.BytesIO(content)).load()
    parts = loaded(PickleStream(Text(content)))
    assert len(parts) == len(whole) == 405
    differing = [k for k, (one, other) in enumerate(zip(parts, whole, strict=True)) if plain(one) != plain(other)]
    assert differing == [1, 3]
    payload = parts[1].fields["object"].fields["data"].raw
    assert payload_bytes(Text(content), payload.at) == MASK.tobytes()


@pytest.mark.parametrize("protocol", range(6))
def test_windows_change_nothing(protocol: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the file nor of what is written, nor the number of items in a part."""
    source = Text(dumped(items(), protocol))
    whole = loaded(PickleStream(source))
    monkeypatch.setattr(streaming, "WINDOW_BYTES", 5_200)
    monkeypatch.setattr(streaming, "_OUT_BYTES", 5_300)
    assert plain(loaded(PickleStream(source))) == plain(whole)


def test_unread_memo_entries_are_not_written() -> None:
    """A loader would keep every one of them to the end."""
    content = dumped([detected(box(x=k / 5_000)) for k in range(5_000)])
    counts = [0, 0]
    for k, part in enumerate((content, b"".join(PickleStream(Text(content)).chunks()))):
        counts[k] = sum(op.name in {"MEMOIZE", "BINPUT", "LONG_BINPUT"} for op, _, _ in pickletools.genops(part))
    assert counts[0] > 70_000
    assert counts[1] < 50


def test_parts_hold_some_thousand_items() -> None:
    """And the number of items is known beforehand."""
    stream = PickleStream(Text(dumped([detected(box(x=k / 20_000)) for k in range(20_000)])))
    assert stream.items == 20_000
    lengths = [len(Loader(io.BytesIO(chunk)).load()) for chunk in list(stream.chunks())[:1]]
    assert lengths == [9_000]  # the first end of a batch of 1,000 at or after 8,192


def test_a_part_beyond_all_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be loaded at once."""
    monkeypatch.setattr(streaming, "LARGEST_CHUNK_BYTES", 10_000)
    monkeypatch.setattr(streaming, "_OUT_BYTES", 6_000)
    stream = PickleStream(Text(dumped(items())))
    with pytest.raises(InputError, match="of objects between two ends of a list"):
        list(stream.chunks())


def test_a_file_beyond_all_bounds_is_refused_unread() -> None:
    """By its size alone."""

    class Huge(Text):
        size = 1 << 50

    with pytest.raises(InputError, match="bytes; a pickle may have"):
        PickleStream(Huge(b""))


def test_a_file_that_changes_meanwhile_is_refused() -> None:
    """What is written is checked again, opcode by opcode."""
    source = Text(dumped([detected(box())]))
    stream = PickleStream(source)
    source.content = listed(b"cos\nsystem\n)R")
    with pytest.raises(InputError, match=r"os\.system"):
        list(stream.chunks())
    other = Text(listed(text("a") + b"\x94h\x00\x86"))
    stream = PickleStream(other)
    other.content = listed(text("a") + b"\x94" + text("b") + b"\x94h\x01\x87")
    with pytest.raises(InputError, match="changed while it was read"):
        list(stream.chunks())


def test_bytes_as_text_must_be_bytes() -> None:
    """A character beyond Latin-1 in what protocols 0 to 2 write for bytes is refused with its place."""
    content = b"(V" + "\u20ac".encode("raw-unicode-escape") + b"\n."
    with pytest.raises(InputError, match="hold what is no byte"):
        payload_bytes(Text(content), 1)


def test_frozen_stand_ins_cannot_be_changed() -> None:
    """Neither classes nor functions, by any way that a loader has."""
    prediction = named(LIB, "Prediction")
    for target in (prediction, named("numpy", "dtype"), named("numpy", "ndarray")):
        for state in (b"}" + text("fields") + b"K\x01s", b"N}" + text("__init__") + b"Ns\x86"):
            with pytest.raises((RefusedError, TypeError, AttributeError, pickle.UnpicklingError)):
                Loader(io.BytesIO(listed(target + state + b"b"))).load()
