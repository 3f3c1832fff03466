"""The compiled reader of records against the rules in Python: the same records, the same rejects, the same refusals."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.json_bytes import padded
from tasks.kernels.json_columns import OTHERS, ROWS, new_columns
from tasks.kernels.json_records import ANNOTATIONS, RESULTS, scan_records
from tests.coco_corpus import VALUES
from tests.coco_text import outcome

SOUND = '{"image_id":1,"category_id":2,"score":0.5,"bbox":[1,2,3,4]}'


def same(array: bytes, results: bool) -> tuple[list[Any], list[Any]] | str:
    """The outcome of an array, which is that of the rules alone, and that of small blocks as far as it is taken."""
    fast = outcome(array, results)
    assert repr(fast) == repr(outcome(array, results, strict=True))  # by text: NaN is not itself
    small = outcome(array, results, size=60)
    assert repr(small) == repr(fast) or (isinstance(small, str) and isinstance(fast, str))
    return fast


def taken(record: str, results: bool = True) -> int:
    """1 where the compiled reader takes a record, 0 where it leaves it to the rules."""
    columns = new_columns(len(record) + 2)
    kind = RESULTS if results else ANNOTATIONS
    scan_records(padded(record.encode()), len(record.encode()), kind, False, 1, columns)
    assert columns.cursor[ROWS] + columns.cursor[OTHERS] == 1
    return int(columns.cursor[ROWS])


ORDINARY = [
    SOUND,
    ' { "image_id" : 1 ,\n"category_id":\t2, "score": 1e-5, "bbox": [ 1.5 , 2 , 3 , 4 ] } ',
    '{"image_id":"000123","category_id":"é","score":1,"bbox":[1,2,3,4]}',
    '{"image_id":7.0,"category_id":-1,"score":0.1234567890123456,"bbox":[1,2,3,4]}',
    '{"image_id":1,"category_id":2,"score":0.5,"segmentation":{"size":[5,4],"counts":"a\\\\b\\/c"}}',
    '{"image_id":1,"category_id":2,"score":0.5,"segmentation":{"counts":[0,3,17],"size":[5,4]},"bbox":null}',
    '{"image_id":1,"category_id":2,"score":0.5,"segmentation":[[1,2,3,4,5,6],[1,2,3,4,5,6,7,8]],"bbox":[]}',
    '{"image_id":1,"category_id":2,"score":0.5,"keypoints":[1,2,0,3,4,0.75,5,6,-1],"segmentation":[]}',
    '{"image_id":1,"category_id":2,"score":0.5,"bbox":[1,2,3,4],"extra":{"a":[{"b":"\\u00e9"}],"b":null},"id":[1]}',
    '{"image_id":1,"category_id":2,"score":0.5,"bbox":[1,2,3,4],"image_ids":1,"category":1,"i":1,"bboxes":1,"scores":1}',
]


@pytest.mark.parametrize("record", ORDINARY)
def test_the_ordinary_is_taken_by_the_compiled_reader(record: str) -> None:
    """Ids as text or numbers, nulls, spaces, masks, polygons, keypoints and unknown keys need no second look."""
    assert taken(record) == 1
    records, rejects = same(f"[{record}]".encode(), True)
    assert (len(records), len(rejects)) == (1, 0)


ORDINARY_ANNOTATIONS = [
    '{"image_id":1,"category_id":2,"id":0,"area":12.5,"iscrowd":0,"ignore":1,"num_keypoints":3,"bbox":[1,2,3,4]}',
    '{"image_id":1,"category_id":2,"id":"a1","area":null,"iscrowd":true,"ignore":false,"bbox":[1,2,3,4]}',
    '{"image_id":1,"category_id":2,"id":null,"num_keypoints":null,"iscrowd":null,"score":0.5,"bbox":[1,2,3,4]}',
    '{"image_id":1,"category_id":2,"keypoints":[1,2,0,3,4,1,5,6,2]}',
]


@pytest.mark.parametrize("record", ORDINARY_ANNOTATIONS)
def test_the_ordinary_annotation_is_taken_by_the_compiled_reader(record: str) -> None:
    """What annotations have beside geometry needs no second look."""
    assert taken(record, results=False) == 1
    records, rejects = same(f"[{record}]".encode(), False)
    assert (len(records), len(rejects)) == (1, 0)


@pytest.mark.parametrize("results", [True, False])
@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in VALUES.items() for value in values])
def test_unusual_values_end_alike_in_both_readers(key: str, value: str, results: bool) -> None:
    """A record with one unusual value between two sound ones gives the same by either reader."""
    fields = {"image_id": "1", "category_id": "2", "score": "0.5", "bbox": "[1,2,3,4]"} | {key: value}
    record = ",".join(f'"{name}":{text}' for name, text in fields.items())
    ended = same(f"[{SOUND},{{{record}}},{SOUND}]".encode(), results)
    assert isinstance(ended, str) or len(ended[0]) + len(ended[1]) == 3


@pytest.mark.parametrize("results", [True, False])
@pytest.mark.parametrize(
    "key", ["image_id", "category_id", "score", "bbox", "segmentation", "keypoints", "id", "caption"]
)
def test_a_key_twice_refuses_the_file(key: str, results: bool) -> None:
    """Whichever key it is, and whatever stands in between."""
    fields = {"image_id": "1", "category_id": "2", "score": "0.5", "bbox": "[1,2,3,4]"}
    record = ",".join(f'"{name}":{text}' for name, text in (*fields.items(), (key, "1"), ("other", "{}"), (key, "1")))
    assert "twice" in same(f"[{SOUND},{{{record}}}]".encode(), results)


CODES = {
    "not_an_object": "null",
    "missing_field": '{"category_id":2,"score":0.5,"bbox":[1,2,3,4]}',
    "wrong_type": SOUND.replace("0.5", '"0.5"'),
    "not_finite": SOUND.replace("0.5", "NaN"),
    "out_of_range": SOUND.replace('"image_id":1', '"image_id":18446744073709551616'),
    "no_geometry": '{"image_id":1,"category_id":2,"score":0.5}',
    "invalid_box": SOUND.replace("[1,2,3,4]", "[1,2,-3,4]"),
    "invalid_polygon": SOUND.replace('"bbox":[1,2,3,4]', '"segmentation":[[1,2,3,4]]'),
    "invalid_mask": SOUND.replace('"bbox":[1,2,3,4]', '"segmentation":{"size":[2,2],"counts":[1]}'),
    "invalid_keypoints": SOUND.replace('"bbox":[1,2,3,4]', '"keypoints":[1,2]'),
}


@pytest.mark.parametrize("code", CODES)
def test_a_record_that_is_not_taken_is_rejected_alone(code: str) -> None:
    """The reject has its code, the row in the file and the record as it stands there; the others are taken."""
    records, rejects = same(f"[{SOUND},{CODES[code]},{SOUND}]".encode(), True)
    assert [record["source_row"] for record in records] == [0, 2]
    (reject,) = rejects
    assert (reject["reason_code"], reject["source_row"], reject["record"]) == (code, 1, CODES[code])
    assert (reject["stage"], reject["source_file"]) == ("ingest", "file.json")


def test_what_results_say_beside_the_score_counts_for_nothing() -> None:
    """pycocotools' loadRes overwrites area, iscrowd and id: they are neither kept nor judged."""
    record = SOUND[:-1] + ',"area":"big","iscrowd":7,"id":[],"ignore":"no","num_keypoints":-1}'
    (taken_record,), rejects = same(f"[{record}]".encode(), True)
    assert rejects == []
    assert {taken_record[name] for name in ("area", "iscrowd", "source_id", "ignore", "num_keypoints")} == {None}


numbers = st.integers(-(10**6), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 700)
ids = (
    st.integers(-(2**64), 2**64)
    | st.integers(0, 99)
    | st.text(max_size=4)
    | st.floats(-9, 9)
    | st.integers(0, 9).map(float)
)
odd = st.none() | st.booleans() | st.text(max_size=3) | st.lists(st.integers(0, 9), max_size=4)
masks = st.fixed_dictionaries(
    {"size": st.lists(st.integers(0, 9), min_size=2, max_size=2)},
    optional={"counts": st.text('abc\\"/é01234', max_size=6) | st.lists(st.integers(0, 9), max_size=5)},
)
segmentations = st.lists(st.lists(numbers, max_size=10), max_size=3) | masks
records = st.fixed_dictionaries(
    {"image_id": ids, "category_id": ids},
    optional={
        "score": numbers | odd,
        "bbox": st.lists(numbers, min_size=4, max_size=4) | odd,
        "segmentation": segmentations | odd,
        "keypoints": st.lists(numbers | st.integers(0, 2), max_size=9) | odd,
        "area": numbers | odd,
        "iscrowd": st.integers(0, 2) | odd,
        "ignore": st.integers(0, 2) | odd,
        "num_keypoints": st.integers(-1, 3) | odd,
        "id": ids | odd,
        "attributes": st.dictionaries(st.text(max_size=2), odd, max_size=3),
    },
)


styles = st.sampled_from([{}, {"ensure_ascii": False}, {"indent": 1}])


@given(made=st.lists(records, max_size=4), results=st.booleans(), style=styles)
def test_made_up_records_end_alike_in_both_readers(made: list[Any], results: bool, style: dict[str, Any]) -> None:
    """Records of every mixture of fields and types, as Python writes them."""
    array = json.dumps(made, **style)
    if made and "\\ud" not in array:
        ended = same(array.encode(errors="surrogatepass"), results)
        assert isinstance(ended, str) or len(ended[0]) + len(ended[1]) == len(made)


INSERTS = [
    *(value.encode() for values in VALUES.values() for value in values),
    b"", b" ", b"\n", b"\0", b"\xff", b"\\", b'"', b"{", b"}", b"[", b"]", b",", b":", b"},{", b'"x":1,', b'"score":1,',
]  # fmt: skip


def mutated(text: bytes, chance: random.Random) -> bytes:
    """The text with one to three places changed: whole values as often as single bytes."""
    for _ in range(chance.randint(1, 3)):
        values = list(re.finditer(rb'(?<=[:,\[])\s?(-?\d[\d.eE+-]*|"[^"]*"|\[[^\[\]]*\])', text))
        start, end = chance.choice(values).span() if values and chance.random() < 0.6 else (0, 0)
        if not end:
            start = chance.randrange(1, len(text))
            end = start + chance.choice([0, 0, 1, 1, 2, 5])
        text = text[:start] + chance.choice(INSERTS) + text[end:]
    return text


def is_json(array: bytes) -> bool | None:
    """What Python's reader says; None where it is more lenient than the standard."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("twice")
        return found

    try:
        return isinstance(json.loads(array.decode(), object_pairs_hook=once), list)
    except ValueError:
        return False


def broken_texts(shared: Path, count: int) -> list[tuple[bytes, bool]]:
    """Seeded mutations of records of the samples, and whether they are results."""
    chance = random.Random(11)
    sound: list[tuple[str, bool]] = []
    for path in sorted((shared / "samples/coco").rglob("*.json")):
        content = json.loads(path.read_text())
        listed = content if isinstance(content, list) else content["annotations"]
        small = [text for text in map(json.dumps, listed[:60]) if len(text) < 900]
        sound += [(text, isinstance(content, list)) for text in small]
    picked = [chance.choices(sound, k=chance.randint(1, 4)) for _ in range(count)]
    arrays = [f"[{','.join(text for text, _ in some)}]".encode() for some in picked]
    return [(mutated(array, chance), chance.random() < 0.5) for array in arrays]


@pytest.mark.parametrize("count", [600, pytest.param(4_000, marks=pytest.mark.slow)])
def test_mutated_samples_end_alike_in_both_readers(shared: Path, count: int) -> None:
    """Mutations by the thousand are refused exactly where Python's reader refuses them, and else read alike by both."""
    refused, rejected = 0, 0
    for array, results in broken_texts(shared, count):
        ended = same(array, results) if array[:1] == b"[" and array[1:].strip(b" \n]") else ""
        if ended:
            assert isinstance(ended, str) != is_json(array), array
            refused += isinstance(ended, str)
            rejected += not isinstance(ended, str) and bool(ended[1])
    assert refused > count / 8
    assert rejected > count / 8


@pytest.mark.parametrize(
    "inside",
    [
        '"note":"' + "},{" * 200 + '"',
        '"note":"' + '\\"},{\\"' * 100 + '"',
        '"parts":[' + ",".join(['{"a":1}'] * 200) + "]",
        '"parts":[' + ",".join(['[{"image_id":1},{"b":2}]'] * 50) + "]",
    ],
)
@pytest.mark.parametrize("size", [50, 130, 700])
def test_a_boundary_that_is_none_costs_only_another_look(inside: str, size: int) -> None:
    """Text between records that stands inside one is no boundary, whatever the size of the blocks."""
    record = SOUND[:-1] + f",{inside}}}"
    array = f"[{','.join([SOUND, record, SOUND, record, record, SOUND] * 3)}]".encode()
    records, rejects = outcome(array, True, size=size)
    assert [row["source_row"] for row in records] == list(range(18))
    assert rejects == []
    assert outcome(array, True) == (records, rejects)


def test_lists_of_anything_but_records_are_read_in_blocks_too() -> None:
    """Ten thousand numbers are ten thousand rejects."""
    array = f"[{','.join(['1'] * 10_000)}]".encode()
    for size in (100, 1 << 22):
        records, rejects = outcome(array, True, size=size)
        assert (len(records), len(rejects)) == (0, 10_000)
        assert [reject["source_row"] for reject in rejects] == list(range(10_000))
