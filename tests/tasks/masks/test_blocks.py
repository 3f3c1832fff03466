"""Blocks of mask files: every object a record or a reject, every refused file one reject."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from schemas.parameters import MaskKind
from schemas.records import Block
from schemas.tables import RECORDS
from tasks.masks import blocks as module
from tasks.masks.blocks import MaskFile, Reader, read_blocks
from tasks.masks.names import Said
from tasks.running import serial, threaded
from tests.coco_text import Text
from tests.tasks.kernels.flat import packed
from tests.tasks.masks.png_files import grey_png

IMAGE = np.array(
    [
        [1, 1, 1, 0, 2, 2],
        [1, 0, 1, 0, 2, 2],
        [1, 1, 1, 0, 0, 0],
        [0, 0, 0, 7, 0, 9],
    ]
)
CLASSES = {1: "ring", 2: "block", 7: "dot"}
A = Said("a", None)


def file(image: np.ndarray, name: str = "a.png", said: Said = A, size: tuple[int, int] | None = None) -> MaskFile:
    """A mask in memory."""
    return MaskFile(Text(grey_png(image), name), said, size)


def read(
    files: Sequence[MaskFile], kind: MaskKind = MaskKind.INSTANCES, smallest_px: int = 1, predictions: bool = True
) -> Block:
    """The block of some files."""
    reader = Reader(kind, {} if kind is MaskKind.ONE_PER_FILE else CLASSES, smallest_px, predictions)
    block = reader.read(files)
    assert block.records.schema.equals(RECORDS.schema)
    assert block.rows == len(block.records) + len(block.rejects)
    return block


def told(block: Block) -> list[tuple[int, str, bytes]]:
    """(row, class, packed mask) of each record."""
    return [(r["source_row"], r["source_category"], r["mask"]["counts"]) for r in block.records.to_pylist()]


def refused(block: Block) -> list[tuple[str, int | None, str]]:
    """(file, row, code) of each reject."""
    columns = ("source_file", "source_row", "reason_code")
    return list(zip(*(block.rejects[name].to_pylist() for name in columns), strict=True))


def test_an_instance_is_a_component_with_its_holes() -> None:
    """Records and rejects number the components of a file as they come, down the columns."""
    block = read([file(IMAGE)])
    assert told(block) == [
        (0, "ring", packed(IMAGE == 1)),
        (1, "dot", packed(IMAGE == 7)),
        (2, "block", packed(IMAGE == 2)),
    ]
    assert refused(block) == [("a.png", 3, "unmapped_class")]
    assert block.rejects["record"].to_pylist() == ['{"value":9,"area":1}']
    assert block.rejects["reason"].to_pylist() == ["pixels have the value 9, the mapping holds 1, 2, 7"]


def test_small_components_are_refused() -> None:
    """Each is a row, so that what was read adds up."""
    block = read([file(IMAGE)], smallest_px=4)
    assert [category for _, category, _ in told(block)] == ["ring", "block"]
    assert refused(block) == [("a.png", 1, "out_of_range"), ("a.png", 3, "unmapped_class")]


def test_a_semantic_mask_has_a_row_per_class() -> None:
    """By pixel value, whatever hangs together; the task says what the row is."""
    twice = np.hstack([IMAGE, IMAGE])
    block = read([file(twice)], MaskKind.SEMANTIC, smallest_px=99)
    assert told(block) == [(k, CLASSES[value], packed(twice == value)) for k, value in enumerate((1, 2, 7))]
    assert refused(block) == [("a.png", 3, "unmapped_class")]
    assert set(block.records["task"].to_pylist()) == {"segmentation"}


def test_a_file_may_be_one_object() -> None:
    """All that is not 0, with the class and frame that the name says; the file is its id in ground truth."""
    said = Said("v", 3, "car")
    block = read([file(IMAGE, "v__3__car.png", said)], MaskKind.ONE_PER_FILE, predictions=False)
    assert told(block) == [(0, "car", packed(IMAGE > 0))]
    (record,) = block.records.to_pylist()
    assert (record["source_unit"], record["frame"], record["source_id"]) == ("v", 3, "v__3__car.png")
    nothing = read([file(IMAGE * 0, "v__3__car.png", said)], MaskKind.ONE_PER_FILE)
    assert refused(nothing) == [("v__3__car.png", None, "no_geometry")]


def test_a_record_says_where_it_is_from() -> None:
    """Pixels, a bitmask, score 1 for predictions and none for annotations."""
    (record,) = read([file(np.ones((2, 3)), "x/b__2.png", Said("b", 2))]).records.to_pylist()
    there = {name: value for name, value in record.items() if value is not None}
    assert there == {
        "source_file": "x/b__2.png",
        "source_row": 0,
        "source_unit": "b",
        "source_category": "ring",
        "frame": 2,
        "score": 1.0,
        "coordinates": "pixel",
        "shape": "bitmask",
        "mask": {"height": 2, "width": 3, "counts": packed(np.ones((2, 3), bool))},
    }
    assert read([file(np.ones((2, 3)))], predictions=False).records["score"].null_count == 1


def test_a_mask_of_nothing_is_no_fault() -> None:
    """A model that finds nothing writes one."""
    assert read([file(np.zeros((3, 3)))]).rows == 0
    assert read([]).rows == 0


def test_a_refused_file_does_not_stop_the_others() -> None:
    """It is one reject without a row."""
    files = [
        file(IMAGE, "wrong.png", size=(5, 5)),
        MaskFile(Text(b"II*\0", "tiff.png"), A, None),
        file(np.ones((1, 1)), "good.png", size=(1, 1)),
    ]
    block = read(files)
    assert block.records["source_file"].to_pylist() == ["good.png"]
    assert refused(block) == [("wrong.png", None, "mask_size_mismatch"), ("tiff.png", None, "broken_file")]


def test_noise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more objects than any has is none of objects."""
    monkeypatch.setattr(module, "MOST_REGIONS", 3)
    assert refused(read([file(IMAGE)])) == [("a.png", None, "invalid_mask")]


def test_threads_change_nothing() -> None:
    """Blocks come in the order of the files; what is no mask comes last."""
    rng = np.random.default_rng(1)
    files = [file(rng.integers(0, 3, (9, 9)), f"{k}.png", Said(str(k), None)) for k in range(40)]
    reader, others = Reader(MaskKind.INSTANCES, CLASSES, 2, True), [Text(b"", "notes.txt")]
    alone, together = (list(read_blocks(files, others, reader, run)) for run in (serial, threaded(3)))
    assert len(alone) == 4
    tables = [pa.Table.from_batches([block.records for block in blocks]) for blocks in (alone, together)]
    assert tables[0].equals(tables[1])
    assert refused(alone[-1]) == [("notes.txt", None, "unsupported")]
    assert [refused(block) for block in alone] == [refused(block) for block in together]
