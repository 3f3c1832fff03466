"""The mapping beside mask files: `{feature hash: pixel value}`, turned round."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.errors import InputError
from schemas.records import Inputs, Source
from tasks.json_files import read_json

MAPPING = "ontology_mapping.json"
"""File name of the mapping in a directory of masks, as Encord Active has it."""
_HINT = f'as {{"feature hash": pixel value}} in {MAPPING}, or with --mapping'


def is_mapping(name: str) -> bool:
    """Whether a file of a directory is its mapping."""
    return name.rpartition("/")[2] == MAPPING


def mapping_of(inputs: Inputs) -> Source | None:
    """The mapping given aside, else the outermost in the directory, else None."""
    if "mapping" in inputs.aside:
        return inputs.aside["mapping"]
    found = [source for source in inputs.sources if is_mapping(source.name)]
    return min(found, key=lambda source: (source.name.count("/"), source.name), default=None)


def pixel_classes(inputs: Inputs) -> dict[int, str]:
    """Class by pixel value, 1 to 255, in the order of the file. InputError where there is no such mapping."""
    source = mapping_of(inputs)
    if source is None:
        raise InputError("no mapping of classes to pixel values", where=inputs.sources[0].name, hint=f"give it {_HINT}")
    classes: dict[int, str] = {}
    for word, value in _entries(source):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 255:
            message = f"{word!r} has the pixel value {value!r}; allowed are 1 to 255 (0 is background)"
            raise InputError(message, where=source.name)
        if value in classes:
            raise InputError(f"{classes[value]!r} and {word!r} have one pixel value, {value}", where=source.name)
        classes[value] = word
    return classes


def named_classes(inputs: Inputs) -> dict[str, str] | None:
    """Class by the word that file names have for it: the hash itself, or what the mapping gives it; None: as it is."""
    source = mapping_of(inputs)
    if source is None:
        return None
    classes: dict[str, str] = {}
    for word, value in _entries(source):
        for spelling in {word, value} if isinstance(value, str) else {word}:
            if classes.setdefault(spelling, word) != word:
                raise InputError(f"{spelling!r} stands for {classes[spelling]!r} and {word!r}", where=source.name)
    return classes


def _entries(source: Source) -> Iterator[tuple[str, Any]]:
    content = read_json(source, "a mapping")
    if not isinstance(content, Mapping) or not content:
        raise InputError("no mapping of classes to pixel values", where=source.name, hint=f"write it {_HINT}")
    yield from content.items()
