"""Class mappings: hashes by name, and what is no mapping."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas.errors import InputError
from tasks.kitti.mapping import read_mapping
from tasks.storage import FileSource


def source(folder: Path, text: str) -> FileSource:
    """A mapping file that holds `text`."""
    path = folder / "ontology_mapping.json"
    path.write_text(text)
    return FileSource(path)


def test_a_mapping_is_turned_round(tmp_path: Path) -> None:
    """In the order of the file."""
    mapping = read_mapping(source(tmp_path, '{"OTk2": "cherry", "MjA5": "apple"}'), None)
    assert list(mapping.items()) == [("cherry", "OTk2"), ("apple", "MjA5")]


def test_of_two_hashes_of_one_name_the_box_class_is_meant(tmp_path: Path) -> None:
    """Encord's ontologies often hold a class twice, as boxes and as polygons."""
    both = source(tmp_path, '{"p": "cherry", "b": "cherry"}')
    categories = pa.table({"feature_hash": ["p", "b"], "shape": ["polygon", "bounding_box"]})
    assert read_mapping(both, categories) == {"cherry": "b"}
    with pytest.raises(InputError, match="stands for 2 classes"):
        read_mapping(both, None)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"a": 1}', '{"a": null}', '"a"', "\ufeff{}"])
def test_what_is_no_mapping_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    """Before any label is read."""
    with pytest.raises(InputError):
        read_mapping(source(tmp_path, text), None)
