"""dota: VOC's rules over the exact IoU of turned boxes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tasks.protocols.voc2007 import RECALL_POINTS
from tasks.shapes.rotatable_bounding_box import PARTS, corners_px
from tests.chain import Chain
from tests.shape_zoo import CLASSES, Record, shape_files, shape_set
from tests.voc_devkit import Found, Labelled, average_precision, outcomes

pytestmark = pytest.mark.usefixtures(shape_files.__name__)


def _outline(record: Record) -> Any:
    return shapely.polygons(corners_px(np.array([[record["rotated_bbox"][part] for part in PARTS]])))[0]


def _overlap(one: Any, other: Any) -> float:
    """By shapely; rounded, so that equal boxes are equally alike here too."""
    shared = one.intersection(other).area
    return round(shared / (one.area + other.area - shared), 12) if shared else 0.0


@pytest.mark.parametrize("seed", [1, 3, 5, 7])
def test_average_precision_is_the_devkits_over_shapelys_ious(tmp_path: Path, seed: int) -> None:
    """Per class, with difficult annotations, boxes taken already and turned ones."""
    truth, results = shape_set("rotatable_bounding_box", seed)
    for k, record in enumerate(truth["records"]):
        record |= {"difficult": k % 4 == 0, "iscrowd": False}
    labelled = [
        Labelled(record["source_unit"], record["source_category"], _outline(record), record["difficult"])
        for record in truth["records"]
    ]
    found = [
        Found(record["source_unit"], record["source_category"], _outline(record), record["score"])
        for record in results["records"]
    ]
    rows = Chain(tmp_path).chain(truth, results, "dota").table("metrics").filter(metric="mAP50")
    value = dict(rows.select("category_name", "value").iter_rows())
    for kind in CLASSES[:2]:
        counted = sum(label.kind == kind and not label.difficult for label in labelled)
        said = outcomes(labelled, found, kind, _overlap)
        assert value[kind] == pytest.approx(average_precision(said, counted, RECALL_POINTS), abs=1e-12)
        assert any(said)
    assert value[CLASSES[2]] is None
