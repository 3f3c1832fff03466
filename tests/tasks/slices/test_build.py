"""What may be sliced by, what is refused before anything is computed, and when slices are made anew."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import InputError
from tasks.catalog import catalog
from tasks.slices import build
from tests.chain import SET, Chain, box, truth_of


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """Two images, the annotations of one occluded, and a result."""
    made = Chain(tmp_path)
    made.truth(truth_of(box(1, [0, 0, 10, 10]), box(2, [0, 0, 30, 30])))
    made.predictions([box(1, [0, 0, 10, 10], score=0.5)])
    return made


def tags(chain: Chain, **columns: Any) -> Path:
    """A file of tags."""
    path = chain.folder / "tags.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def slices(chain: Chain) -> list[str]:
    """Names in the table, in their order."""
    found = chain.table("metrics")["slice"].drop_nulls().unique(maintain_order=True)
    return [str(name) for name in found]


@pytest.mark.parametrize(
    ("slice_by", "said", "hint"),
    [
        ("weather", "no column 'weather'", "--tags adds your own"),
        ("occludet", "no column 'occludet'", "did you mean occluded"),
        ("tags.kind", "no column 'tags.kind'", "did you mean kind"),
        ("occluded", "'occluded' is null on 2 of 2 annotations", "occluded?"),
        ("not_exhaustive_categories", "null on 2 of 2 data units", ""),
        ("bbox", "'bbox' holds struct", ""),
        ("keypoints_px", "'keypoints_px' holds list<", ""),
        ("title:1,2", "'title' holds string; it must hold numbers", ""),
        ("annotation_key", "no column 'annotation_key'", ""),
        ("area:2,1", "edges that do not ascend", "COLUMN:qN"),
    ],
)
def test_what_cannot_be_sliced_by_is_refused_before_anything_is_computed(
    chain: Chain, slice_by: str, said: str, hint: str
) -> None:
    """With a hint; no protocol's numbers are there, not even of those named before."""
    with pytest.raises(InputError, match=said) as error:
        chain.evaluate("encord", "coco-bbox", slice_by=["kind", slice_by])
    assert error.value.where == "--slice-by"
    assert hint in str(error.value.hint)
    assert not chain.bytes_of("metrics")


def test_tags_are_joined_and_what_is_unknown_is_counted(chain: Chain) -> None:
    """The record says how many rows were about no data unit; a unit without a row is null."""
    hashes = chain.table("data_units")["data_hash"].to_list()
    path = tags(chain, data_hash=[*hashes[:1], "x", "y"], weather=["sun", "rain", "rain"])
    with pytest.raises(InputError, match="'weather' is null on 1 of 2 data units"):
        chain.evaluate("coco-bbox", slice_by=["weather"], tags=path)
    chain.evaluate("coco-bbox", slice_by=["weather?"], tags=path)
    assert slices(chain) == ["weather=sun", "weather=null"]
    (entry,) = catalog(chain.project).evaluations.values()
    assert entry.record["slices"]["unknown_tags"] == 2


def test_a_column_of_two_tables_is_told_apart_by_its_table(chain: Chain) -> None:
    """The slice has the name that was asked for."""
    hashes = chain.table("data_units")["data_hash"].to_list()
    path = tags(chain, data_hash=hashes, kind=["a", "b"])
    with pytest.raises(InputError, match="'kind' is a column of several tables") as error:
        chain.evaluate("coco-bbox", slice_by=["kind"], tags=path)
    assert str(error.value.hint) == "write data_units.kind or tags.kind"
    chain.evaluate("coco-bbox", slice_by=["tags.kind", "data_units.kind"], tags=path)
    assert slices(chain) == ["tags.kind=a", "tags.kind=b", "data_units.kind=image"]


def test_tags_without_columns_asked_for_are_refused(chain: Chain) -> None:
    """They are there for nothing else."""
    with pytest.raises(InputError, match="tags are there to slice by"):
        chain.evaluate("coco-bbox", tags=tags(chain, data_hash=["a"]))


def test_too_many_slices_are_refused(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """All columns together."""
    monkeypatch.setattr(build, "MOST_SLICES", 2)
    with pytest.raises(InputError, match="3 slices; 2 at most"):
        chain.evaluate("coco-bbox", slice_by=["title", "kind"])


def test_protocols_without_ranges_of_area_have_none_to_slice_by(chain: Chain) -> None:
    """Edges do the same."""
    with pytest.raises(InputError, match="voc2012 has no ranges of area") as error:
        chain.evaluate("voc2012", slice_by=["area_range"])
    assert "area:1024,9216" in str(error.value.hint)


def test_an_empty_ground_truth_has_slices_of_units(tmp_path: Path) -> None:
    """Whose numbers are null, with their reason; by annotations there is nothing to tell apart."""
    chain = Chain(tmp_path).chain(
        truth_of(), [box(1, [0, 0, 9, 9], score=0.5)], "coco-bbox", slice_by=["title", "area"]
    )
    assert slices(chain) == ["title=1.jpg", "title=2.jpg"]
    rows = chain.table("metrics").filter(pl.col("metric") == "AP", pl.col("category").is_null())
    assert set(rows["null_reason"]) == {"no ground truth that counts"}
    assert dict(rows.select("slice", "n_predictions").iter_rows()) == {None: 1, "title=1.jpg": 1, "title=2.jpg": 0}


def test_the_same_slices_again_are_no_work_and_others_leave_the_matches(chain: Chain) -> None:
    """What was asked and the content of the tags decide; where the tags lie does not."""
    hashes = chain.table("data_units")["data_hash"].to_list()
    path = tags(chain, data_hash=hashes, w=["a", "b"])
    asked: dict[str, Any] = {"slice_by": ["w"], "tags": path}
    chain.evaluate("coco-bbox")
    matches = chain.bytes_of("matches", "ground_truth_matches")
    assert [done.status for done in chain.evaluate("coco-bbox", **asked)] == ["completed"]
    assert [done.status for done in chain.evaluate("coco-bbox", **asked)] == ["unchanged"]
    moved = path.rename(chain.folder / "moved.parquet")
    assert [done.status for done in chain.evaluate("coco-bbox", **(asked | {"tags": moved}))] == ["unchanged"]
    tags(chain, data_hash=hashes, w=["b", "b"])
    assert [done.status for done in chain.evaluate("coco-bbox", **asked)] == ["completed"]
    assert slices(chain) == ["w=b"]
    assert [done.status for done in chain.evaluate("coco-bbox")] == ["completed"]
    assert slices(chain) == []
    assert chain.bytes_of("matches", "ground_truth_matches") == matches


def test_slices_are_made_again_when_the_ground_truth_changes(chain: Chain) -> None:
    """As they were asked for; a file of tags that is gone is told, and the old numbers stay."""
    hashes = chain.table("data_units")["data_hash"].to_list()
    path = tags(chain, data_hash=hashes, w=["a", "b"])
    chain.evaluate("coco-bbox", slice_by=["w", "area:500"], tags=path)
    chain.truth(truth_of(box(1, [0, 0, 10, 10])))
    (entry,) = catalog(chain.project).evaluations.values()
    chain.evaluate("coco-bbox", **entry.record["settings"])
    assert slices(chain) == ["w=a", "w=b", "area<500"]
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        chain.evaluate("coco-bbox", force=True, **entry.record["settings"])
    assert catalog(chain.project).evaluations[SET, "coco-bbox"].record["slices"]["by"] == ["w", "area:500"]
