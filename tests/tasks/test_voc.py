"""Pascal VOC's protocols from files to numbers, against the slow oracle of its devkit."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tasks.protocols.voc2007 import RECALL_POINTS
from tasks.voc import does_not_count
from tests.chain import Chain
from tests.voc_devkit import Corners, Found, Labelled, average_precision, outcomes

POINTS = {"voc2007": RECALL_POINTS, "voc2012": None}


def box_of(corners: Corners) -> list[float]:
    """x, y, w, h between the corners' pixels."""
    return [corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]]


def chain_of(labelled: Sequence[Labelled], found: Sequence[Found], folder: Path) -> Chain:
    """The boxes in COCO's files, judged by both protocols."""
    images = {name: k for k, name in enumerate(sorted({one.image for one in (*labelled, *found)}), 1)}
    kinds = {name: k for k, name in enumerate(sorted({one.kind for one in (*labelled, *found)}), 1)}

    def record(one: Labelled | Found) -> dict[str, Any]:
        return {"image_id": images[one.image], "category_id": kinds[one.kind], "bbox": box_of(one.box)}

    truth = {
        "images": [{"id": k, "file_name": name, "width": 1000, "height": 1000} for name, k in images.items()],
        "categories": [{"id": k, "name": name} for name, k in kinds.items()],
        "annotations": [{"id": k, **record(label)} for k, label in enumerate(labelled, 1)],
    }
    results = [{**record(one), "score": one.score} for one in found]
    return Chain(folder).chain(truth, results, *POINTS)


def expected(labelled: Sequence[Labelled], found: Sequence[Found], protocol: str) -> dict[str, float]:
    """AP by class with annotations."""
    kinds = {label.kind for label in labelled}
    counts = {kind: sum(label.kind == kind for label in labelled) for kind in kinds}
    return {
        kind: average_precision(outcomes(labelled, found, kind), counts[kind], POINTS[protocol]) for kind in kinds
    }  # fmt: skip


def assert_as_devkit(labelled: Sequence[Labelled], found: Sequence[Found], folder: Path) -> None:
    """Every class of both protocols, and their means."""
    chain = chain_of(labelled, found, folder)
    for protocol in POINTS:
        rows = [r for r in chain.rows("metrics") if (r["protocol"], r["metric"]) == (protocol, "mAP50")]
        said = expected(labelled, found, protocol)
        own = {row["category_name"]: row["value"] for row in rows if row["value"] is not None}
        assert own == pytest.approx({**said, None: sum(said.values()) / len(said)}, abs=1e-12)


def random_boxes(seed: int) -> tuple[list[Labelled], list[Found]]:
    """Small whole boxes, so that overlaps fall on .5 and on each other; every score once."""
    rng = random.Random(seed)

    def box() -> Corners:
        x, y = rng.randrange(12), rng.randrange(12)
        return x, y, x + rng.randrange(1, 9), y + rng.randrange(1, 9)

    labelled = [Labelled(rng.choice("abc"), rng.choice("xyz"), box()) for _ in range(30)]
    scores = rng.sample(range(10_000), 60)
    return labelled, [Found(rng.choice("abcd"), rng.choice("xyz"), box(), score / 10_000) for score in scores]


@pytest.mark.parametrize("seed", range(4))
def test_every_class_is_judged_as_by_the_devkit(tmp_path: Path, seed: int) -> None:
    """On crowded random boxes, both averages."""
    assert_as_devkit(*random_boxes(seed), tmp_path)


def cartucho(folder: Path) -> tuple[list[Labelled], list[Found]]:
    """The sample: `class left top right bottom` and `class score left top right bottom`."""
    labelled, found = [], []
    for path in sorted((folder / "ground-truth").glob("*.txt")):
        rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
        labelled += [Labelled(path.stem, row[0], tuple(map(float, row[1:5]))) for row in rows]
    for path in sorted((folder / "detection-results").glob("*.txt")):
        rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
        found += [Found(path.stem, row[0], tuple(map(float, row[2:6])), float(row[1])) for row in rows]
    return labelled, found


def test_real_detections_are_judged_as_by_the_devkit(tmp_path: Path, shared: Path) -> None:
    """85 images of many classes."""
    labelled, found = cartucho(shared / "samples/voc_cartucho/input")
    assert len(labelled) > 400
    assert_as_devkit(labelled, found, tmp_path)


def test_last_pixels_belong_to_a_box(tmp_path: Path) -> None:
    """Two pixels against one of them are .5 of each other, which is enough."""
    labelled = [Labelled("a", "x", (0, 0, 1, 0))]
    chain = chain_of(labelled, [Found("a", "x", (0, 0, 0, 0), 0.9)], tmp_path)
    assert {row["outcomes"][0] for row in chain.rows("matches")} == {"TP"}
    assert {row["matched_similarity"] for row in chain.rows("matches")} == {0.5}


def test_what_is_marked_does_not_count() -> None:
    """Difficult, ignored, crowds; no mark is none."""
    columns = {
        "difficult": [True, False, None, False],
        "ignore": [False, True, None, None],
        "iscrowd": [False, False, None, True],
    }
    assert does_not_count(pa.table(columns)).tolist() == [True, True, False, True]
