"""What a prediction set's rows follow from, as a digest; asking for it reads no format."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.parameters import Reading
from tasks.catalog import Entry
from tasks.imports import input_digests
from tasks.stored_columns import import_stages
from tasks.versions import digest


def _words(truth: Entry) -> list[str]:
    """What names of units and classes are looked up in."""
    return [file.sha256 for table in ("data_units", "categories") for file in truth.partitions[table].files]


def names_digest(truth: Entry) -> str:
    """Digest of the data units and classes that a set is resolved on."""
    return digest(_words(truth))


def set_version(
    inputs: Iterable[Mapping[str, Any]], format: str, group: str | None, truth: Entry, reading: Reading
) -> str:
    """Digest of all that decides what a set's rows are."""
    read = reading.model_dump(mode="json")
    return digest([input_digests(inputs), format, group, _words(truth), read, import_stages(predictions=True)])
