"""Mapping files: from an ontology's feature hashes to the words of other tools, and from image ids to data units."""

from schemas.errors import InputError
from schemas.records import Source
from tasks.json_files import read_json
from tasks.refusals import Refused, identifier


def _pairs(source: Source, what: str, hint: str) -> list[tuple[str, str]]:
    """(key, the value as text) of an object of texts and whole numbers."""
    document = read_json(source, what)
    if not isinstance(document, dict) or not document:
        raise InputError(f"the file is not {what}", where=source.name, hint=hint)
    pairs = []
    for key, value in document.items():
        try:
            word = identifier(value, f"the value of {key!r}")
        except Refused as refused:
            raise InputError(refused.text, where=source.name, hint=hint) from refused
        if not word:
            raise InputError(f"the value of {key!r} is empty", where=source.name, hint=hint)
        pairs.append((key, word))
    return pairs


def read_class_mapping(source: Source) -> dict[str, str]:
    """{the file's word for a class: feature hash}, of `{feature hash: category id, name or number}`.

    InputError where it is none, or two feature hashes have one word.
    """
    hint = 'a mapping is {"feature hash": category id, class name or pixel value}'
    words: dict[str, str] = {}
    for feature_hash, word in _pairs(source, "a class mapping", hint):
        if word in words:
            both = f"{words[word]!r} and {feature_hash!r}"
            raise InputError(f"{word!r} stands for two classes, {both}", where=source.name, hint=hint)
        words[word] = feature_hash
    return words


def read_image_mapping(source: Source) -> dict[str, str]:
    """{image id as text: data hash}. InputError where it is none."""
    return dict(_pairs(source, "an image mapping", 'an image mapping is {"image id": "data hash"}'))
