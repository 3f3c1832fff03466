"""Files that say which data units there are and how large: Encord's list, Kognic's manifest."""

from typing import Any

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from tasks.encord.data_units import HINT, is_unit_list, unit_list
from tasks.json_files import read_json
from tasks.openlabel.manifest import is_manifest, manifest_units, read_manifest


def read_unit_file(source: Source) -> pa.Table:
    """UNIT_RECORDS of a file, whichever of the known forms it has. InputError where it has none, or states no sizes."""
    document = read_json(source, "a list of data units")
    if is_unit_list(document):
        return unit_list(document, source)
    if is_manifest(document):
        return manifest_units(read_manifest(source))
    if _is_data_mapping(document):
        message = "the file names the data units; their width and height are missing, and how many frames a video has"
        raise InputError(message, where=source.name, hint=HINT)
    raise InputError("no list of data units", where=source.name, hint=f"{HINT}; or a manifest of scenes")


def _is_data_mapping(document: Any) -> bool:
    """Whether this is `{data hash: file name}`."""
    return isinstance(document, dict) and bool(document) and all(isinstance(name, str) for name in document.values())
