"""The stage quality: published whole, the same for any number of buckets, threads and drivers, and known when stale."""

from pathlib import Path

import polars as pl
import pytest

from schemas.errors import InputError
from tasks.catalog import DELETE, catalog
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.stage import measure_quality, stale_quality
from tasks.quality.stored import read_quality
from tasks.running import serial, threaded
from tests.chain import SET, Chain, box, truth_of
from tests.quality_zoo import QualityZoo, quality_files, quality_zoo

TRUTH = truth_of(box(1, [10, 10, 30, 40]), box(2, [0, 0, 50, 50]), images=3)
FOUND = [box(1, [12, 12, 30, 40], score=0.5), box(1, [12, 12, 30, 42], score=0.25), box(3, [5, 5, 9, 9], score=1.0)]
KEYS = ["prediction_set", "of", "prediction_key", "annotation_key", "unit_key"]


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project with a set of three boxes."""
    made = Chain(tmp_path)
    made.truth(TRUTH)
    made.predictions(FOUND)
    return made


def measure(chain: Chain, **more: bool) -> list[tuple[str, str]]:
    """What became of each subject."""
    done = measure_quality(chain.project, [SET], chain.run, ground_truth=True, **more)
    return [(item.subject, item.status) for item in done]


def test_every_object_unit_and_image_has_a_row(chain: Chain):
    """Units by their predictions and by their annotations; keys make a row unique."""
    measure(chain)
    rows = chain.table("quality")
    assert dict(rows.group_by("of").len().iter_rows()) == {"prediction": 3, "annotation": 2, "unit": 6, "image": 3}
    assert rows.select(KEYS).is_unique().all()
    assert set(rows.filter(pl.col("prediction_set") == SET)["of"]) == {"prediction", "unit"}
    assert chain.project.verify().sound


def test_the_same_work_twice_is_none(chain: Chain):
    """Unless it is forced, and then it gives the same bytes; the run has its row each time that it worked."""
    subjects = ["predictions", "annotations", "images"]
    assert measure(chain) == [(subject, "completed") for subject in subjects]
    before, runs = chain.bytes_of("quality"), len(chain.rows("runs"))
    assert measure(chain) == [(subject, "unchanged") for subject in subjects]
    assert len(chain.rows("runs")) == runs
    assert measure(chain, force=True) == [(subject, "completed") for subject in subjects]
    assert chain.bytes_of("quality") == before
    assert len(chain.rows("runs")) == runs + 3


def test_other_annotations_make_only_their_own_quality_stale(chain: Chain):
    """Predictions and images are measured on the same data units as before; a further image changes these."""
    measure(chain)
    chain.truth(truth_of(box(1, [11, 10, 30, 40]), images=3), replace=True)
    stale = {
        entry.name: stale_quality(catalog(chain.project), entry) for entry in catalog(chain.project).quality.values()
    }
    assert stale == {"predictions": None, "annotations": "the ground truth changed", "images": None}
    assert measure(chain) == [("predictions", "unchanged"), ("annotations", "completed"), ("images", "unchanged")]
    chain.truth(truth_of(box(1, [11, 10, 30, 40]), images=4), replace=True)
    stale = {
        entry.name: stale_quality(catalog(chain.project), entry) for entry in catalog(chain.project).quality.values()
    }
    assert set(stale.values()) == {"the ground truth changed"}


def test_other_predictions_make_it_stale(chain: Chain):
    """Reading says so and names the command; measured again, it is today's."""
    measure(chain)
    chain.predictions(FOUND[:1], replace=True)
    known = catalog(chain.project)
    assert stale_quality(known, known.quality[SET, "predictions"]) == "the predictions changed"
    with pytest.raises(InputError, match="boxscore quality net --project street"):
        read_quality(known, "prediction", SET)
    assert measure(chain)[0] == ("predictions", "completed")
    assert len(read_quality(catalog(chain.project), "prediction", SET)) == 1


def test_what_was_never_measured_cannot_be_read(chain: Chain):
    """InputError names the command."""
    with pytest.raises(InputError, match="not measured yet"):
        read_quality(catalog(chain.project), "annotation")


def test_reading_gives_the_rows_asked_for(chain: Chain):
    """Of predictions, annotations, units by either, and images; all columns, or some in the order asked for."""
    measure(chain)
    known = catalog(chain.project)
    some = read_quality(known, "prediction", SET, ["random", "prediction_key"])
    assert some.column_names == ["random", "prediction_key"]
    by_unit = [
        read_quality(known, "unit", name, ["unit_key", "object_count"]).sort_by("unit_key") for name in (SET, None)
    ]
    assert [each["object_count"].to_pylist() for each in by_unit] == [[2, 0, 1], [1, 1, 0]]
    assert len(read_quality(known, "annotation")) == 2
    assert read_quality(known, "image")["image_area_px2"].to_pylist() == [20_000] * 3


def test_an_unknown_set_is_refused(chain: Chain):
    """Nothing is measured, and the nearest is named."""
    with pytest.raises(InputError, match="did you mean net"):
        measure_quality(chain.project, ["ned"], serial)


def test_a_deleted_set_takes_its_quality_along(chain: Chain):
    """And brings it back; the annotations' stays."""
    measure(chain)
    known = catalog(chain.project)
    entries = [known.set_named(SET), *known.quality_of(SET)]
    chain.project.remove([part for entry in entries for part in entry.data], {"kind": DELETE, "name": SET})
    assert [*catalog(chain.project).quality] == [(None, "annotations"), (None, "images")]
    assert chain.table("quality")["prediction_set"].is_null().all()


def split(monkeypatch: pytest.MonkeyPatch, buckets: int) -> None:
    """Let imports make so many buckets."""
    for module in ("import_ground_truth", "import_predictions"):
        monkeypatch.setattr(f"tasks.{module}.buckets_for", lambda _sources: buckets)


def in_order(zoo: QualityZoo) -> pl.DataFrame:
    """The table, whatever its files."""
    return zoo.chain.table("quality").sort(KEYS)


@pytest.mark.parametrize("buckets", [2, 8])
def test_buckets_and_threads_change_nothing(
    zoo: QualityZoo, buckets: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every shape and every metric: the same rows to the bit, over more buckets than there are units."""
    split(monkeypatch, buckets)
    other = quality_zoo(tmp_path, 3, threaded(3))
    parts = {path.parent.name for path in (other.chain.store / "street" / "quality").rglob("*.parquet")}
    assert len(parts) == buckets
    assert in_order(other).equals(in_order(zoo), null_equal=True)


def test_an_empty_side_gives_rows_of_units_only(tmp_path: Path):
    """No predictions, no annotations: every metric copes."""
    chain = Chain(tmp_path)
    chain.truth(truth_of(images=2))
    chain.predictions([])
    measure(chain)
    rows = chain.table("quality")
    assert dict(rows.group_by("of").len().iter_rows()) == {"unit": 4, "image": 2}
    assert set(rows["object_count"].drop_nulls()) == {0}


def test_no_number_is_nan(zoo: QualityZoo):
    """Undefined is null, in every column."""
    rows = zoo.chain.table("quality")
    floats = [
        field.name for metric in QUALITY_METRICS for field in metric.fields if rows[field.name].dtype == pl.Float64
    ]
    assert not any(rows[name].is_nan().any() for name in floats)
    assert not any(rows[name].is_infinite().any() for name in floats)


def test_the_zoo_is_the_same_each_time():
    """Files of a seed are what they were."""
    assert quality_files(3) == quality_files(3)
