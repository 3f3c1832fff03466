"""Which data unit a label file is about: its name is `<unit>[__<frame>].txt`, and units' names may hold `__` too."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

_FRAME = re.compile(r"(.+)__([0-9]{1,9})", re.DOTALL)


class Named(NamedTuple):
    """What a file name says: the unit's own word, and a frame where there is one."""

    unit: str
    frame: int | None


def _spellings(name: str) -> list[str]:
    """The name without its suffix: with the folders before it, then without."""
    path = name.rpartition(".")[0]
    return list(dict.fromkeys((path, path.rpartition("/")[2])))


class FileNames:
    """Takes file names apart by the names of the project's data units."""

    def __init__(self, units: pa.Table | None, hash_first: bool) -> None:
        """Gather the words of `units` (`data_units`; None: none are known).

        `hash_first`: names are `<hash>__<anything>`, where a number is a frame only of a video.
        """
        self._hash_first = hash_first
        rows = _words(units) if units is not None else []
        self._videos = {word for words, video in rows if video for word in words}
        exact = {word for words, _ in rows for word in words}
        files = {word.rpartition("/")[2] for word in exact}
        self._tiers = (exact, files | {word.rpartition(".")[0] for word in files})

    def __call__(self, name: str) -> Named:
        """The unit of a file. A whole name that a unit has goes before a name and a frame; ids, hashes and titles go
        before file names and stems. What no unit is called is taken apart by its form, for resolve to refuse.
        """
        spellings = _spellings(name)
        for tier in self._tiers:
            for spelling in spellings:
                for named in self._readings(spelling):
                    if named.unit in tier:
                        return named
        return next(self._readings(spellings[-1], whole=False))

    def _readings(self, spelling: str, whole: bool = True) -> Iterator[Named]:
        """The ways to read a name, the likeliest first."""
        if whole:
            yield Named(spelling, None)
        framed = _FRAME.fullmatch(spelling)
        if framed:
            still = self._hash_first and framed[1] not in self._videos
            yield Named(framed[1], None if still else int(framed[2]))
        head, _, rest = spelling.partition("__")
        if self._hash_first and rest:
            yield Named(head, None)
        yield Named(spelling, None)


def _words(units: pa.Table) -> list[tuple[set[str], bool]]:
    """(ids, hashes and title, whether it is a video) of each thing that has a name of its own."""
    columns = (units[name].to_pylist() for name in ("source_id", "data_hash", "sequence_hash", "title", "kind"))
    things = dict.fromkeys(zip(*columns, strict=True))
    return [({word for word in words if word}, kind == "video frame") for *words, kind in things]
