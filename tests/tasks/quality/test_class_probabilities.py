"""Probabilities of classes, from a prediction loop's file to numbers of data units."""

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import boxscore
from schemas.prediction_file import PREDICTION_FILE
from tasks.quality.stage import measure_quality
from tasks.running import serial
from tests.chain import SET, Chain, box, truth_of


def detection(image: int, **fields: float) -> boxscore.Prediction:
    """A box on an image, with probabilities by class."""
    data = boxscore.BoundingBox(x=0.1, y=0.1, w=0.2, h=0.2)
    found = boxscore.ObjectDetection(format=boxscore.Format.BOUNDING_BOX, data=data, feature_hash="1")
    given = {f"class {name[1:]}": value for name, value in fields.items()} or None
    return boxscore.Prediction(data_hash=f"{image}.jpg", confidence=0.5, object=found, class_probabilities=given)


def test_probabilities_go_from_the_writer_to_numbers_of_units(tmp_path: Path):
    """Means over the predictions that carry some; null for units without; the table keeps what was given."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 1, 5, 5]), images=4))
    with boxscore.PredictionWriter(tmp_path / "p.parquet") as writer:
        for prediction in (
            detection(1, p1=0.5, p2=0.5),
            detection(1, p1=1.0, p2=0.0),
            detection(1),
            detection(2, p1=0.7, p2=0.2, p3=0.1),
            detection(3, p1=0.8),
            detection(4),
        ):
            writer.write(prediction)
    chain.predictions(tmp_path / "p.parquet", evaluate=False)
    kept = chain.table("predictions").sort("prediction_key")["class_probabilities"].to_list()
    assert kept[3][0] == {"name": "class 1", "probability": 0.7}
    assert [None if item is None else len(item) for item in kept] == [2, 2, None, 3, 1, None]
    measure_quality(chain.project, [SET], serial, ground_truth=True)
    rows = chain.table("quality").filter(of="unit", prediction_set=SET).sort("unit_key")
    p = np.array([0.7, 0.2, 0.1])
    assert rows["entropy"].to_list() == pytest.approx([0.5, -(p * np.log2(p)).sum(), -0.8 * np.log2(0.8), None])
    assert rows["least_confidence"].to_list() == pytest.approx([0.25, 0.3, 0.2, None])
    assert rows["margin"].to_list() == pytest.approx([0.5, 0.5, None, None])
    assert rows["variance"].to_list() == pytest.approx([0.125, p.var(), 0, None])


def test_a_set_without_probabilities_has_no_such_numbers(tmp_path: Path):
    """Results in COCO's format carry none."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 1, 5, 5])))
    chain.predictions([box(1, [1, 1, 5, 5], score=0.5)], evaluate=False)
    measure_quality(chain.project, [SET], serial)
    assert (
        chain.table("quality").select("entropy", "least_confidence", "margin", "variance").null_count().row(0)
        == (len(chain.table("quality")),) * 4
    )


@pytest.mark.parametrize("values", [{}, {"a": 1.5}, {"a": "0.5"}, {"": 0.5}, [0.5]])
def test_what_are_no_probabilities_is_refused_where_it_is_given(values: object):
    """The field is named."""
    with pytest.raises(ValueError, match="class_probabilities"):
        boxscore.Prediction(
            data_hash="a",
            confidence=1,
            classification=boxscore.FrameClassification(feature_hash="f", attribute_hash="a", option_hash="o"),
            class_probabilities=values,  # type: ignore[arg-type]
        )


def test_a_row_of_a_file_that_is_wrong_is_rejected(tmp_path: Path):
    """A probability above 1, and one that belongs to nobody."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 1, 5, 5])))
    given = [{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2}] * 3
    pairs = [[("a", 0.5)], [("a", 1.5)], [(None, 0.5)]]
    probabilities = [[{"name": name, "probability": value} for name, value in row] for row in pairs]
    columns = {"data_hash": ["1.jpg"] * 3, "feature_hash": ["1"] * 3, "score": [0.5] * 3, "bbox": given}
    schema = pa.schema([PREDICTION_FILE.field(name) for name in (*columns, "class_probabilities")])
    pq.write_table(pa.table({**columns, "class_probabilities": probabilities}, schema=schema), tmp_path / "p.parquet")
    chain.predictions(tmp_path / "p.parquet", evaluate=False)
    assert len(chain.table("predictions")) == 1
    assert chain.table("rejects")["reason_code"].to_list() == ["out_of_range"] * 2


def test_pickled_predictions_carry_them_too(tmp_path: Path):
    """As they were given; a pickled one that was changed to nonsense is rejected."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(box(1, [1, 1, 5, 5])))
    wrong = detection(2, p1=0.5)
    wrong.class_probabilities = {"class 1": 7.0}
    (tmp_path / "p.pkl").write_bytes(pickle.dumps([detection(1, p1=0.75, p2=0.25), detection(1), wrong]))
    chain.predictions(tmp_path / "p.pkl", evaluate=False)
    kept = chain.table("predictions").sort("prediction_key")["class_probabilities"].to_list()
    assert kept == [[{"name": "class 1", "probability": 0.75}, {"name": "class 2", "probability": 0.25}], None]
    assert "class_probabilities" in chain.table("rejects")["reason"][0]
