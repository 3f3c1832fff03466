"""The engine of pixels, from masks to numbers, against the same images counted in numpy."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from schemas.errors import InputError
from schemas.parameters import MaskKind, Reading
from tasks.engines.pixels import ENGINE
from tasks.protocols import PROTOCOLS
from tasks.running import threaded
from tests.chain import Chain, overall
from tests.tasks.pixels.label_files import NAMES, write_images
from tests.tasks.pixels.label_scenes import Images, made_up

SEMANTIC = Reading(masks=MaskKind.SEMANTIC)


def evaluated(chain: Chain, images: Images) -> Chain:
    """The chain over two directories of masks."""
    truth, found = write_images(chain.folder, images)
    chain.truth(truth, reading=SEMANTIC)
    chain.predictions(found, reading=SEMANTIC)
    chain.evaluate()
    return chain


def pairs_of(chain: Chain) -> dict[tuple[str, int, int], int]:
    """Pixels by unit, annotated and predicted label, as the table has them."""
    categories = chain.table("categories")
    value = {name: value for value, name in NAMES.items()}
    label = {key: value[name] for key, name in categories.select("category_key", "name").iter_rows()} | {-1: 0}
    units = chain.table("data_units").select("unit_key", "title")
    rows = chain.table("pixel_confusion").join(units, on="unit_key")
    columns = rows.select("title", "annotated", "predicted", "n_pixels").iter_rows()
    return {(title, label[annotated], label[predicted]): n for title, annotated, predicted, n in columns}


def counted(images: Images) -> dict[tuple[str, int, int], int]:
    """The same from the images; units without a label on either side are not there."""
    pairs = {}
    for unit, (truth, found) in enumerate(images, 1):
        if truth.any() or found.any():
            cells, counts = np.unique(np.stack([truth.ravel(), found.ravel()]), axis=1, return_counts=True)
            pairs |= {(f"u{unit}", *cell): n for cell, n in zip(cells.T.tolist(), counts.tolist(), strict=True)}
    return pairs


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_of_the_images(tmp_path: Path, seed: int) -> None:
    """Every pixel of every unit is in one pair, background included."""
    nothing = np.zeros((5, 4), np.int64)
    images = [*made_up(seed, 8), (nothing, nothing), (nothing + 1, nothing), (nothing, nothing + 2)]
    assert pairs_of(evaluated(Chain(tmp_path), images)) == counted(images)


def test_numbers_are_those_of_the_images(tmp_path: Path) -> None:
    """Background counts against predictions and is no class."""
    images = made_up(5, 6)
    chain = evaluated(Chain(tmp_path), images)
    truth, found = (np.concatenate([pair[side].ravel() for pair in images]) for side in (0, 1))
    ious = [((truth == k) & (found == k)).sum() / ((truth == k) | (found == k)).sum() for k in (1, 2, 3)]
    numbers = overall(chain, "semantic")
    assert numbers["mean_iou"] == pytest.approx(np.mean(ious), abs=1e-15)
    assert numbers["pixel_accuracy"] == (truth == found).mean()
    absent = chain.table("metrics").filter(pl.col("category_name") == "d", pl.col("metric") == "iou")
    assert absent.select("value", "null_reason").rows() == [(None, "neither side has a pixel of it")]


def test_threads_change_no_byte(tmp_path: Path) -> None:
    """Of any table of the engine."""
    images, names = made_up(6, 40), [table.name for table in ENGINE.tables]
    alone = evaluated(Chain(tmp_path / "one"), images)
    together = evaluated(Chain(tmp_path / "many", threaded(3)), images)
    assert alone.bytes_of(*names) == together.bytes_of(*names)


def test_objects_are_left_out(tmp_path: Path) -> None:
    """Instances of the same masks are no semantic masks, and no protocol over pixels fits them."""
    truth, found = write_images(tmp_path, made_up(1, 2))
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions(found)
    assert {done.name for done in chain.evaluate()} == {"coco-segm"}


def test_only_semantic_masks_fit() -> None:
    """On both sides; a side that holds nothing at all fits."""
    protocol, masks = PROTOCOLS["semantic"], {"segmentation": 3}
    assert ENGINE.misfit(protocol, masks, masks) is None
    assert ENGINE.misfit(protocol, {}, masks) is None
    assert ENGINE.misfit(protocol, {"bitmask": 3}, masks) == "semantic compares semantic masks, and the set holds none"
    assert ENGINE.misfit(protocol, masks, {"bitmask": 3}) == (
        "semantic compares semantic masks, and the ground truth holds none"
    )


def test_what_is_not_labelled_may_be_left_out_or_be_a_class(tmp_path: Path) -> None:
    """And so may a class; one that there is not is an error before anything is counted."""
    images = made_up(8, 4)
    chain = evaluated(Chain(tmp_path), images)
    truth, found = (np.concatenate([pair[side].ravel() for pair in images]) for side in (0, 1))
    chain.evaluate("semantic", unlabelled="ignored")
    kept = (truth[truth > 0], found[truth > 0])
    assert overall(chain, "semantic")["pixel_accuracy"] == (kept[0] == kept[1]).mean()
    chain.evaluate("semantic", unlabelled="class", ignored_classes=["c"])
    kept = (truth[truth != 3], found[truth != 3])
    ious = [((kept[0] == k) & (kept[1] == k)).sum() / ((kept[0] == k) | (kept[1] == k)).sum() for k in (0, 1, 2)]
    assert overall(chain, "semantic")["mean_iou"] == pytest.approx(np.mean(ious), abs=1e-15)
    with pytest.raises(InputError, match="there is no class 'cc'"):
        chain.evaluate("semantic", ignored_classes=["cc"])
