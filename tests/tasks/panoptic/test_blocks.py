"""Blocks of segments: every segment a record or a reject, every refused image one reject."""

import json

import numpy as np
import pyarrow as pa

from schemas.records import Block
from schemas.tables import RECORDS
from tasks.coco.document import elements
from tasks.masks.png import Size
from tasks.panoptic.blocks import Reader, entries, read_blocks, unused
from tasks.panoptic.document import array, panoptic_parts
from tasks.panoptic.files import images_of
from tasks.running import serial, threaded
from tests.coco_text import Text
from tests.tasks.kernels.flat import packed
from tests.tasks.masks.png_files import grey_png
from tests.tasks.panoptic.scenes import pair, segment

IDS = np.array([[5, 5, 70000], [0, 70000, 70000]])
SEGMENTS = [segment(70000, 2, iscrowd=1, area=3), segment(5, 1, score=0.25)]


def read(files: list[Text], predictions: bool = False, size: Size | None = None, threads: int = 1) -> list[Block]:
    """The blocks of a list of segments and its images."""
    listed, *_ = files
    parts = panoptic_parts(listed)
    assert parts is not None
    reader = Reader(listed.name, images_of(listed, files), lambda unit: size, predictions)
    listed_entries = entries(elements(listed, array(listed, parts, "annotations")), set())
    blocks = list(read_blocks(listed_entries, reader, threaded(threads) if threads > 1 else serial))
    for block in blocks:
        assert block.rows == len(block.records) + len(block.rejects)
    return blocks


def refused(blocks: list[Block]) -> list[tuple[str, int | None, str]]:
    """(file, row, code) of each reject."""
    columns = ("source_file", "source_row", "reason_code")
    return [row for b in blocks for row in zip(*(b.rejects[name].to_pylist() for name in columns), strict=True)]


def test_a_segment_is_a_record() -> None:
    """In the order of the list, with the pixels of its id; annotations keep crowd, area and id."""
    (block,) = read(pair({7: (IDS, SEGMENTS)}))
    assert block.records.schema.equals(RECORDS.schema)
    crowd, person = block.records.to_pylist()
    assert {name: value for name, value in crowd.items() if value is not None} == {
        "source_file": "panoptic.json",
        "source_row": 0,
        "source_unit": "7",
        "source_category": "2",
        "source_id": "70000",
        "coordinates": "pixel",
        "task": "panoptic",
        "shape": "bitmask",
        "mask": {"height": 2, "width": 3, "counts": packed(IDS == 70000)},
        "area": 3.0,
        "iscrowd": True,
    }
    assert person["mask"]["counts"] == packed(IDS == 5)


def test_predictions_have_a_score() -> None:
    """1 where none is stated; crowd, area and id mean nothing."""
    (block,) = read(pair({7: (IDS, SEGMENTS)}), predictions=True)
    assert block.records["score"].to_pylist() == [1.0, 0.25]
    for name in ("iscrowd", "area", "source_id"):
        assert block.records[name].null_count == 2


def test_list_and_image_must_agree() -> None:
    """A segment without pixels, or listed twice, and an id that is not listed are refused; the rest is taken."""
    listed = [segment(5, 1), segment(5, 2), segment(6, 1), {"id": 0}]
    blocks = read(pair({7: (IDS, listed)}))
    assert [record["source_row"] for record in blocks[0].records.to_pylist()] == [0]
    assert refused(blocks) == [
        ("panoptic.json", 1, "no_geometry"),
        ("panoptic.json", 2, "no_geometry"),
        ("panoptic.json", 3, "missing_field"),
        ("panoptic/7.png", None, "unmapped_class"),
    ]


def test_a_refused_image_does_not_stop_the_others() -> None:
    """It is one reject, and its segments are counted over."""
    files = pair(dict.fromkeys(range(5), (IDS, SEGMENTS)))
    files[1] = Text(grey_png(IDS), files[1].name)
    files[2] = Text(b"II*\0", files[2].name)
    del files[4]
    blocks = read(files, size=(3, 2))
    assert [code for *_, code in refused(blocks)] == ["unsupported", "broken_file", "missing_field"]
    assert [record["source_row"] for b in blocks for record in b.records.to_pylist()] == [4, 5, 8, 9]
    assert [code for *_, code in refused(read(files[:1] + files[4:], size=(9, 9)))][-1] == "mask_size_mismatch"


def test_an_annotation_that_is_none_is_one_reject() -> None:
    """It has no segments that could be counted."""
    files = pair({1: (IDS, SEGMENTS)})
    document = json.loads(files[0].content)
    files[0] = Text(json.dumps({**document, "annotations": [7, *document["annotations"]]}), files[0].name)
    blocks = read(files)
    assert refused(blocks) == [("panoptic.json", None, "not_an_object")]
    assert [record["source_row"] for record in blocks[0].records.to_pylist()] == [0, 1]


def test_threads_change_nothing() -> None:
    """Blocks come in the order of the list."""
    files = pair({k: (IDS * (1 + (k % 3 == 0)) % 90000, SEGMENTS) for k in range(30)})
    alone, together = read(files), read(files, threads=3)
    assert len(alone) == 4
    tables = [pa.Table.from_batches([block.records for block in blocks]) for blocks in (alone, together)]
    assert tables[0].equals(tables[1])
    assert refused(alone) == refused(together)


def test_files_that_nothing_names_are_refused() -> None:
    """Each by its name."""
    block = unused([Text("", "a.png"), Text("", "b.txt")])
    assert block.rows == 2
    assert refused([block]) == [("a.png", None, "unsupported"), ("b.txt", None, "unsupported")]
