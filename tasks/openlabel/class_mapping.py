"""The file that pairs annotated classes with predicted ones: `{"classMapping": [{"annotated", "predicted"?}]}`."""

from typing import Any

from schemas.errors import InputError
from schemas.records import Source
from tasks.class_mapping import ClassMapping
from tasks.json_files import read_json

_HINT = 'as {"classMapping": [{"annotated": "oak", "predicted": "tree"}, {"annotated": "ego_hood"}]}'


def read_class_mapping(source: Source) -> ClassMapping:
    """The pairs of the file, each once, in its order. InputError where it is no such mapping or contradicts itself."""
    content = read_json(source, "a class mapping")
    listed = content.get("classMapping") if isinstance(content, dict) else content
    if not isinstance(listed, list) or not listed:
        raise InputError("no list of pairs of classes", where=source.name, hint=_HINT)
    pairs = tuple(dict.fromkeys(_pair(entry, f"{source.name}, classMapping[{k}]") for k, entry in enumerate(listed)))
    _check_alone(pairs, source)
    return ClassMapping(pairs)


def _pair(entry: Any, where: str) -> tuple[str, str | None]:
    if not isinstance(entry, dict):
        raise InputError("a pair must be an object", where=where, hint=_HINT)
    annotated: Any = entry.get("annotated")
    predicted: Any = entry.get("predicted")
    if not _is_name(annotated):
        raise InputError("`annotated` must name a class", where=where, hint=_HINT)
    if predicted is not None and not _is_name(predicted):
        raise InputError("`predicted` must name a class, or be left out", where=where, hint=_HINT)
    return annotated, predicted


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _check_alone(pairs: tuple[tuple[str, str | None], ...], source: Source) -> None:
    """InputError where a class is said to have no counterpart, and to have one."""
    alone = {annotated for annotated, predicted in pairs if predicted is None}
    for annotated, predicted in pairs:
        if predicted is not None and annotated in alone:
            message = f"{annotated!r} stands alone and with {predicted!r}: leave one of them out"
            raise InputError(message, where=source.name)
    if len(alone) == len(pairs):
        raise InputError("no class has a counterpart", where=source.name, hint=_HINT)
