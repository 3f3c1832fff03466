"""An OpenLABEL file as Python values: the payload form and the bare one, checked as far as readers rely on it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.errors import InputError
from schemas.records import Source
from tasks.json_files import decoded


class Document(NamedTuple):
    """What a file says."""

    file: str
    scene_words: tuple[str, ...]
    """What may name its scene, the surest first."""
    objects: Mapping[str, Any]
    frames: Mapping[str, Any]
    ontologies: Mapping[str, Any]


def read_document(source: Source) -> Document:
    """The OpenLABEL of a file. InputError where it holds none."""
    content = decoded(source, "a scene")
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
