"""The commands that conclude: failures and label-errors."""

from pathlib import Path
from typing import Any

import pytest

from flows.cli.conclusions import units_text
from tests.flows.cli.conftest import Cli


def test_failures_say_what_they_compare_with(cli: Cli, store: Path) -> None:
    """Rates over all, then slices or that there is none; the same as one JSON document."""
    said = cli("failures", "boxes", "--project", "sample")
    assert said.code == 0
    assert "precision 0.5784 of 268 predictions, recall 0.8115 of 191 annotations" in said.out
    facts = cli("failures", "boxes", "--project", "sample", "--json").json
    assert (facts["project"], facts["prediction_set"]) == ("sample", "boxes")
    (found,) = facts["failures"]
    assert (found["protocol"], found["n_predictions"], found["n_slices"]) == ("coco-bbox", 268, len(found["slices"]))
    assert found["importance"][0]["mutual_information"] > 0


def test_label_errors_name_images_and_classes(cli: Cli, store: Path) -> None:
    """Of all sets together by evaluation, of one set, of one kind."""
    facts = cli("label-errors", "--project", "sample", "--json", "--show", "3").json
    by_protocol = {found["protocol"]: found for found in facts["label_errors"]}
    assert {name: found["sets"] for name, found in by_protocol.items()} == {
        "coco-bbox": ["boxes", "masks"],
        "coco-segm": ["masks"],
    }
    first = by_protocol["coco-bbox"]["candidates"][0]
    assert len(by_protocol["coco-bbox"]["candidates"]) == 3
    said = cli("label-errors", "--project", "sample", "--protocol", "coco-bbox").out
    assert f"│    1 │  {first['score']:.2f} │ {first['kind']}" in said
    assert first["title"] in said
    alone = cli("label-errors", "boxes", "--project", "sample", "--kind", "missing annotation").out
    assert "000000172745.jpg" in alone
    assert "│ spurious" not in alone


def frame(number: int, n_failed: int, title: str = "ride.mp4") -> dict[str, Any]:
    """A data unit to open."""
    return {"unit_key": number, "title": title, "data_hash": "h", "frame": number, "n_failed": n_failed}


def test_frames_that_follow_each_other_are_opened_in_one_go() -> None:
    """Of the same video, with all their failures; images are called by their name, and frame 0 of a video is one."""
    units = [frame(7, 3), frame(0, 2, "a.png"), frame(0, 2), frame(8, 2), frame(9, 1), frame(0, 1, "b.png")]
    text = units_text(units, {"ride.mp4"})
    assert text == "ride.mp4 frames 7 to 9 (6), ride.mp4 frame 0 (2), a.png (2), b.png (1)"


def test_agreement_is_a_column_where_several_sets_bear_witness(cli: Cli, store: Path) -> None:
    """A single one agrees with itself."""
    both = cli("label-errors", "--project", "sample", "--protocol", "coco-bbox").out
    assert "sets agreeing" in both
    assert "of 2 │" in both
    assert "sets agreeing" not in cli("label-errors", "boxes", "--project", "sample").out


def test_what_is_concluded_is_listed_as_stale_and_deleted_with_its_set(cli: Cli, store: Path) -> None:
    """And comes back with it."""
    cli("failures", "boxes", "--project", "sample")
    cli("label-errors", "boxes", "--project", "sample")
    kinds = [
        item["kind"] for item in cli("list", "--project", "sample", "--json").json["prediction_sets"][0]["conclusions"]
    ]
    assert kinds == ["failures", "label_errors"]
    cli("reanalyze", "--project", "sample", "--set", "boxes", "--protocol", "coco-bbox", "--iou-threshold", "0.3")
    assert (
        "failures of boxes under coco-bbox: the evaluation of boxes changed" in cli("list", "--project", "sample").out
    )
    assert cli("delete", "boxes", "--project", "sample").code == 0
    assert not list((store / "sample").glob("failure_slices/**/*.parquet"))
    assert not list((store / "sample").glob("label_error_candidates/**/*.parquet"))
    assert cli("restore", "boxes", "--project", "sample").code == 0
    assert list((store / "sample").glob("failure_slices/**/*.parquet"))
    assert cli("verify", "--project", "sample").code == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["failures", "boxxes"], "did you mean boxes"),
        (["failures", "boxes", "--protocol", "answers"], "boxscore reanalyze --project sample --set boxes"),
        (["failures", "boxes", "--bins", "1"], "--bins: the value should be greater than or equal to 2"),
        (["label-errors", "--protocol", "kitti"], "no set is evaluated under 'kitti'"),
        (["label-errors", "boxes", "--kind", "odd"], "there is no kind 'odd'"),
        (["label-errors", "--least", "7"], "--least: the value should be less than or equal to 1"),
    ],
)
def test_calls_that_are_wrong_say_what_is_right(cli: Cli, store: Path, arguments: list[str], text: str) -> None:
    """Exit code 2, and no traceback."""
    said = cli(*arguments, "--project", "sample")
    assert said.code == 2
    assert text in said.err
