"""Bitmaps become masks of classes that cover every pixel once."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from schemas.rejects import Reason
from tasks.openlabel.bitmaps import class_masks
from tasks.openlabel.classes import Classes
from tests.tasks.openlabel.scenes import Files, bitmap, document, entry, frame, only_reject, png, rows_of

LEVELS = {0: "_background", 7: "oak", 9: "birch", 200: "oak"}
ANY = Classes(None, mapped=False)
PIXELS = np.array([[0] * 8, [7, 7, 9, 9, 0, 0, 7, 7], [9] * 8, [0] * 8])


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from(sorted(LEVELS))))
def test_masks_partition_the_pixels(pixels: np.ndarray) -> None:
    """Each class has just its pixels, also where two grey levels are one class; together they are all."""
    height, width = pixels.shape
    masks = class_masks(bitmap(pixels), LEVELS, ANY, (width, height))
    names = np.vectorize(LEVELS.__getitem__)(pixels)
    assert [mask.name for mask in masks] == sorted(set(names.ravel()))
    for name, mask in masks:
        run_lengths = {"size": [mask["height"], mask["width"]], "counts": mask["counts"]}
        assert (coco_mask.decode(run_lengths).astype(bool) == (names == name)).all()


def test_classes_are_grey_levels_and_not_the_type(files: Files) -> None:
    """The ontology names the class of a grey level; rows are of the task segmentation and have no track."""
    rows = rows_of(files.truth(document(frame(0, a={"image": [bitmap(PIXELS)]}))).blocks)
    assert [row["source_category"] for row in rows] == ["_background", "birch", "oak"]
    assert {row["task"] for row in rows} == {"segmentation"}
    assert all("track_id" not in row for row in rows)
    assert [row["source_row"] for row in rows] == [0, 1, 2]


def test_an_object_may_name_its_ontology(files: Files) -> None:
    """Of two ontologies the one that the object names gives the classes."""
    two = {"0": {"classifications": {"7": "oak"}}, "1": {"classifications": {"7": "car"}}}
    scene = document(frame(0, a={"image": [bitmap([[7] * 8] * 4)]}), ontologies=two)
    scene["openlabel"]["objects"]["a"]["ontology_uid"] = "1"
    assert [row["source_category"] for row in rows_of(files.truth(scene).blocks)] == ["car"]


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (bitmap([[7] * 8] * 3), Reason.MASK_SIZE_MISMATCH),
        (bitmap([[8] * 8] * 4), Reason.UNKNOWN_CATEGORY),
        (entry("not base64!"), Reason.INVALID_MASK),
        (entry(base64.b64encode(b"II*\0 a TIFF").decode()), Reason.INVALID_MASK),
        (entry(png(np.zeros((4, 8), np.uint8))[:40]), Reason.INVALID_MASK),
        (entry(png(np.zeros((4, 8, 3), np.uint8), "RGB")), Reason.UNSUPPORTED),
        (entry(7), Reason.WRONG_TYPE),
        (bitmap(PIXELS, score=float("inf")), Reason.NOT_FINITE),
        ({**bitmap(PIXELS), "mime_type": "image/jpeg"}, Reason.UNSUPPORTED),
        ({**bitmap(PIXELS), "encoding": "rle"}, Reason.UNSUPPORTED),
    ],
)
def test_a_bitmap_is_refused_whole(image: object, code: Reason, files: Files) -> None:
    """Wrong size, strange grey level, no base64, no PNG, wrong colours: one reject, and no class of it is taken."""
    assert only_reject(files.truth(document(frame(0, a={"image": [image]}))).blocks) == code


def test_a_class_the_mapping_lacks_refuses_the_bitmap(files: Files) -> None:
    """One unmapped class on a bitmap refuses all of it: its pixels could be counted as nothing else."""
    mapping = {"classMapping": [{"annotated": "_background", "predicted": "rest"}, {"annotated": "oak"}]}
    scene = document(frame(0, a={"image": [bitmap(PIXELS)]}))
    assert only_reject(files.truth(scene, mapping=mapping).blocks) == Reason.UNMAPPED_CLASS


def test_a_unit_has_one_bitmap(files: Files) -> None:
    """A second bitmap on an image is refused, whoever it belongs to."""
    two = frame(0, a={"image": [bitmap(PIXELS)]}, b={"image": [bitmap(PIXELS)]})
    blocks = list(files.truth(document(two)).blocks)
    assert len(rows_of(blocks)) == 3
    assert [row["reason_code"] for block in blocks for row in block.rejects.to_pylist()] == [Reason.DUPLICATE_ID]
