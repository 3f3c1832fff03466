"""Which classes the records of a file may have, and which it speaks of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.rejects import Reason
from tasks.openlabel.document import Document
from tasks.refusals import Refused, found
from tasks.strict_json import unfit

BITMAP = "image"
"""The kind of `object_data` whose classes are the ontology's grey levels, and not the object's type."""
BOX, POLYGON, POINT = "bbox", "poly2d", "point2d"
PLANAR = (BOX, POLYGON, POINT, BITMAP)
"""Kinds of `object_data` that lie in an image."""
PROPERTIES = ("num", "text", "boolean", "vec")
"""Kinds that say something about an object and are no geometry; all others are 3D, or unknown, and not taken."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes that records may have."""

    known: frozenset[str] | None
    """None: any."""
    mapped: bool
    """They are one side of a class mapping."""
    words: Mapping[str, str] | None = None
    """The project's word for each of the file's; None: they are the same."""

    def word(self, name: str) -> str:
        """What the project calls a class of the file. Refused where it is none of its classes."""
        if self.words is not None:
            if name not in self.words:
                raise Refused(Reason.UNMAPPED_CLASS, f"the mapping lacks {name!r}")
            return self.words[name]
        if self.known is None or name in self.known:
            return name
        if self.mapped:
            raise Refused(Reason.UNMAPPED_CLASS, f"the class mapping lacks {name!r}")
        raise Refused(Reason.UNKNOWN_CATEGORY, f"no category of the project is called {name!r}")


def class_of(document: Document, uid: str) -> str:
    """The class of an object: its `type`. Refused where the file does not say."""
    stated = document.objects.get(uid)
    if not isinstance(stated, dict):
        raise Refused(Reason.MISSING_FIELD, f"objects has no {uid!r}, which a frame speaks of: its class is not known")
    name = stated.get("type")
    if not _is_name(name):
        raise Refused(Reason.WRONG_TYPE, f"type of object {uid!r} is {found(name)}, allowed is the name of a class")
    return str(name)


def _is_name(value: Any) -> bool:
    """Whether a value can name a class: text that a table can hold."""
    return isinstance(value, str) and bool(value) and unfit(value) is None


def grey_levels(document: Document, uid: str) -> dict[int, str]:
    """Class by grey level, of the ontology that an object names (`ontology_uid`), else of all that the file has."""
    stated = document.objects.get(uid)
    named = stated.get("ontology_uid") if isinstance(stated, dict) else None
    own = document.ontologies.get(named) if isinstance(named, str) else None
    chosen = list(document.ontologies.values()) if own is None else [own]
    levels: dict[int, str] = {}
    for ontology in chosen:
        listed = ontology.get("classifications") if isinstance(ontology, dict) else None
        for grey, name in listed.items() if isinstance(listed, dict) else ():
            if grey.isdecimal() and grey.isascii() and _is_name(name):
                levels.setdefault(int(grey[:20]), name)
    return levels


def classes_in(document: Document) -> set[str]:
    """The classes of all planar records of a file, damaged ones left aside."""
    return set(_classes(document))


def _classes(document: Document) -> Iterator[str]:
    for uid, data in _object_data(document):
        if BITMAP in data:
            yield from grey_levels(document, uid).values()
        if any(kind in data for kind in PLANAR if kind != BITMAP):
            try:
                yield class_of(document, uid)
            except Refused:
                continue  # the record is refused when it is read


def _object_data(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for frame in document.frames.values():
        objects = frame.get("objects") if isinstance(frame, dict) else None
        for uid, stated in objects.items() if isinstance(objects, dict) else ():
            data = stated.get("object_data") if isinstance(stated, dict) else None
            if isinstance(data, dict):
                yield uid, data
