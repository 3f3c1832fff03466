"""Room in the columns: kernels write through pointers, so no text may fill more than was made."""

import random

import numpy as np
import pytest

from tasks.kernels.json_bytes import padded
from tasks.kernels.json_columns import Columns, new_columns
from tasks.kernels.json_records import ANNOTATIONS, ELEMENTS, RESULTS, scan_records
from tests.coco_corpus import VALUES

GUARD = 8
SIGN = 0xA5
LONG_AXIS = dict.fromkeys(Columns._fields, 0) | {"vertex": 1, "point": 1, "slots": 1, "spans": 1}
"""The axis that grows with the text; the others are fixed."""

HEAD = '{"image_id":1,"category_id":1,"score":1,'


def guarded(size: int) -> tuple[Columns, dict[str, np.ndarray]]:
    """(columns for `size` bytes with more behind each, what is behind them)."""
    wider, guards = {}, {}
    for name, array in new_columns(size)._asdict().items():
        axis = LONG_AXIS[name]
        shape = list(array.shape)
        shape[axis] += GUARD
        wider[name] = np.full(shape, 0, array.dtype)
        wider[name].view(np.uint8)[...] = SIGN
        guards[name] = np.moveaxis(wider[name], axis, 0)[array.shape[axis] :]
    return Columns(**wider), guards


def assert_within(text: str, kind: int) -> None:
    """Scanning writes nothing behind any column."""
    block = text.encode()
    columns, guards = guarded(len(block))
    scan_records(padded(block), len(block), kind, False, 2, columns)
    for name, guard in guards.items():
        assert (np.ascontiguousarray(guard).view(np.uint8) == SIGN).all(), name


DENSE = {
    "numbers": ",".join(["1"] * 5_000),
    "smallest records": ",".join(['{"image_id":1,"category_id":1,"bbox":[1,1,1,1]}'] * 2_000),
    "different images": ",".join(f'{{"image_id":{k},"category_id":{k},"bbox":[1,1,1,1]}}' for k in range(2_000)),
    "keypoints": f'{HEAD}"keypoints":[{",".join(["1,1,1"] * 3_000)}]}}',
    "keypoints without an end": f'{HEAD}"keypoints":[{",".join(["1,1,1"] * 3_000)}',
    "small polygons": f'{HEAD}"segmentation":[{",".join(["[1,1,1,1,1,1]"] * 2_000)}]}}',
    "one polygon": f'{HEAD}"segmentation":[[{",".join(["1,1"] * 5_000)}]]}}',
    "one polygon without an end": f'{HEAD}"segmentation":[[{",".join(["1,1"] * 5_000)}',
    "packed runs": f'{HEAD}"segmentation":{{"size":[1,1],"counts":"{"0" * 9_000}"}}}}',
    "packed runs without an end": f'{HEAD}"segmentation":{{"size":[1,1],"counts":"{"0" * 9_000}',
    "runs of one pixel": f'{HEAD}"segmentation":{{"size":[100,100],"counts":[{",".join(["1"] * 10_000)}]}}}}',
    "long and short runs": f'{HEAD}"segmentation":{{"size":[1,1],"counts":[{",".join(["65000,65000,1,1"] * 999)}]}}}}',
    "long identifiers": ",".join([f'{{"id":"{"x" * 900}","image_id":1,"category_id":1,"bbox":[1,1,1,1]}}'] * 9),
    "many keys": f"{HEAD}{','.join(f'{chr(34)}k{k}{chr(34)}:1' for k in range(900))}}}",
    "nested keys": f'{HEAD}"a":{"".join(f"{{{chr(34)}b{chr(34)}:[" for _ in range(400))}',
    "brackets": "[" * 3_000,
    "nothing": "",
}


@pytest.mark.parametrize("kind", [RESULTS, ANNOTATIONS, ELEMENTS])
@pytest.mark.parametrize("text", DENSE.values(), ids=DENSE)
def test_the_densest_text_fits(text: str, kind: int) -> None:
    """Whatever fills a column fastest, ended properly or not, stays within it."""
    assert_within(text, kind)


@pytest.mark.parametrize("kind", [RESULTS, ANNOTATIONS])
def test_no_value_of_the_hostile_corpus_is_written_beside_its_column(kind: int) -> None:
    """Each fills a record alone, and all of them a block."""
    records = [f'{HEAD}"{key}":{value}}}' for key, values in VALUES.items() for value in values]
    for text in (*records, ",".join(records)):
        assert_within(text, kind)


def test_no_noise_is_written_beside_its_column() -> None:
    """Two thousand texts of JSON's characters at random."""
    chance = random.Random(5)
    pieces = [
        HEAD,
        '"bbox":[',
        '"keypoints":[',
        '"segmentation":[[',
        '{"size":[2,2],"counts":',
        '"',
        "\\",
        "1",
        "1,1,1",
        *"[]{},:",
    ]
    for _ in range(2_000):
        assert_within(
            "".join(chance.choices(pieces, k=chance.randint(1, 40))), chance.choice([RESULTS, ANNOTATIONS, ELEMENTS])
        )
