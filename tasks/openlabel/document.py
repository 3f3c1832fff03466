"""An OpenLABEL file as Python values: the payload form and the bare one, checked as far as readers rely on it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from schemas.errors import InputError
from schemas.records import Source
from tasks.coco.strict import Malformed, check_utf8, decode
from tasks.kernels.json_brackets import TOO_DEEP, skip_brackets
from tasks.kernels.json_bytes import padded
from tasks.kernels.json_skip import MAX_DEPTH

LARGEST_FILE = 1 << 30
_BOM = b"\xef\xbb\xbf"


class Document(NamedTuple):
    """What a file says."""

    file: str
    scene_words: tuple[str, ...]
    """What may name its scene, the surest first."""
    objects: Mapping[str, Any]
    frames: Mapping[str, Any]
    ontologies: Mapping[str, Any]


def read_json(source: Source, largest: int) -> Any:
    """The value a JSON file spells. InputError, with the byte where there is one, where it is none or too large."""
    if source.size > largest:
        raise InputError(f"{source.size} bytes; allowed are {largest}", where=source.name)
    text = source.read()
    if text.startswith(_BOM):
        hint = "save the file as UTF-8 without a byte order mark"
        raise InputError("begins with a byte order mark, which JSON does not allow", where=source.name, hint=hint)
    try:
        check_utf8(text)
        _check_depth(text)
        return decode(text)
    except Malformed as malformed:
        raise malformed.at(source.name, 0) from malformed


def _check_depth(text: bytes) -> None:
    """Malformed where brackets are nested deeper than any reader goes."""
    start = len(text) - len(text.lstrip(b" \t\r\n"))
    if text[start : start + 1] not in (b"{", b"["):
        raise Malformed("not JSON: neither an object nor a list", start)
    if skip_brackets(padded(text), start, len(text), MAX_DEPTH, np.zeros(2, np.int64)) == TOO_DEEP:
        raise Malformed(f"brackets nested deeper than {MAX_DEPTH}", start)


def read_document(source: Source) -> Document:
    """The OpenLABEL of a file. InputError where it holds none."""
    content = read_json(source, LARGEST_FILE)
    words = [content.get("sceneUuid")] if isinstance(content, dict) else []
    payload = content.get("openlabelContent", content) if isinstance(content, dict) else None
    openlabel = payload.get("openlabel") if isinstance(payload, dict) else None
    if not isinstance(openlabel, dict):
        raise InputError('no OpenLABEL: "openlabel" is missing', where=source.name, hint="kognic-openlabel writes it")
    metadata = openlabel.get("metadata")
    words += [metadata.get(name) for name in ("uuid", "tag")] if isinstance(metadata, dict) else []
    words += _file_words(source.name)
    parts = {name: _part(openlabel, name, source) for name in ("objects", "frames", "ontologies")}
    return Document(source.name, tuple(word for word in words if isinstance(word, str) and word), **parts)


def _file_words(name: str) -> list[str]:
    """The file's name, whole and up to each of its dots: `seg_a.gt.json`, `seg_a.gt`, `seg_a`."""
    base = name.rpartition("/")[2]
    pieces = base.split(".")
    return [".".join(pieces[:count]) for count in range(len(pieces), 0, -1)]


def _part(openlabel: dict[str, Any], name: str, source: Source) -> dict[str, Any]:
    value = openlabel.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(f"openlabel.{name} must be an object", where=source.name)
    return value
