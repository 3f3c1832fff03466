"""From a prediction loop to records: what the writer leaves is what the format reads."""

from pathlib import Path

import boxscore
from schemas.records import Inputs
from tasks.formats import FORMATS
from tasks.formats.parquet import FORMAT
from tasks.running import serial
from tasks.storage import FileSource
from tests.coco_text import Text
from tests.encord_pickles import given


def made(k: int) -> boxscore.Prediction:
    """The k-th prediction of a loop: boxes, and now and then an answer."""
    if k % 10 == 9:
        answer = boxscore.FrameClassification(feature_hash="f", attribute_hash="a", option_hash="o")
        return boxscore.Prediction(data_hash=f"u{k}", frame=k, confidence=0.5, classification=answer)
    box = boxscore.BoundingBox(x=k / 100, y=0.25, w=0.5, h=0.125)
    found = boxscore.ObjectDetection(format=boxscore.Format.BOUNDING_BOX, data=box, feature_hash="c", track_id=k)
    return boxscore.Prediction(data_hash=f"u{k}", frame=k, confidence=k / 100, object=found)


def test_what_a_loop_wrote_is_read(tmp_path: Path) -> None:
    """Every prediction is a record or an answer, with its position in the file."""
    with boxscore.PredictionWriter(tmp_path / "p.parquet") as writer:
        for k in range(100):
            writer.write(made(k))
    assert FORMAT.read_predictions is not None
    (block,) = FORMAT.read_predictions(Inputs([FileSource(tmp_path / "p.parquet")]), serial)
    assert block.answers is not None
    assert (block.rows, len(block.records), len(block.answers), len(block.rejects)) == (100, 90, 10, 0)
    assert given(block.records.to_pylist()[7]) == {
        "source_row": 7, "source_unit": "u7", "source_category": "c", "frame": 7, "score": 0.07, "track_id": "7",
        "coordinates": "relative", "shape": "bounding_box", "bbox": {"x": 0.07, "y": 0.25, "w": 0.5, "h": 0.125},
    }  # fmt: skip
    assert given(block.answers.to_pylist()[0])["first_frame"] == 9


def test_one_refused_file_of_several_is_one_reject(tmp_path: Path) -> None:
    """The other goes in."""
    with boxscore.PredictionWriter(tmp_path / "p.parquet") as writer:
        writer.write(made(1))
    sources = [Text(b"PAR1 and nothing", "a.parquet"), FileSource(tmp_path / "p.parquet")]
    assert FORMAT.read_predictions is not None
    bad, good = FORMAT.read_predictions(Inputs(sources), serial)
    assert (bad.rows, bad.rejects["reason_code"].to_pylist()) == (1, ["broken_file"])
    assert bad.rejects["source_row"].to_pylist() == [None]
    assert (good.rows, len(good.records)) == (1, 1)


def test_parquet_is_recognised_and_registered() -> None:
    """By its first bytes, whatever it is called."""
    assert FORMAT.recognise(["a"], b"PAR1\x15\x04")
    assert not FORMAT.recognise(["a.parquet"], b"[{")
    assert FORMATS["parquet"] is FORMAT
