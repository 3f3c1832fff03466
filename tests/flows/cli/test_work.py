"""The commands that work: evaluate, import and reanalyze."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.cli.work import name_from
from tests.flows.cli.conftest import RESULT, SAMPLE, TRUTH, Cli

Write = Callable[[str, Any], Path]
COCO = ["AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large"]
COCO += ["AR_1", "AR_10", "AR_100", "AR_small", "AR_medium", "AR_large"]


def evaluate(cli: Cli, truth: Path, results: Path, *options: object) -> Any:
    """`boxscore evaluate` on two files."""
    return cli("evaluate", "--ground-truth", truth, "--predictions", results, *options)


def test_two_files_become_numbers_and_tables(cli: Cli, write: Write, empty_store: Path) -> None:
    """One command prints the numbers a person looks for, and says where the tables lie; names are the files'."""
    said = evaluate(cli, write("gt.json", TRUTH), write("my net.json", [RESULT]))
    assert (said.code, said.err) == (0, "")
    assert "my-net: 1 records taken from coco" in said.out
    assert "│ AP        │    0.5050 │" in said.out
    assert f"tables: {empty_store}/gt" in said.out
    assert pl.read_parquet(f"{empty_store}/gt/predictions/**/*.parquet")["prediction_set"].to_list() == ["my-net"]


def test_json_is_one_document(cli: Cli, write: Write, empty_store: Path) -> None:
    """`--json` prints what became of the files and the protocol's numbers under COCO's names, in COCO's order."""
    said = evaluate(cli, write("gt.json", TRUTH), write("net.json", [RESULT]), "--json")
    assert (said.json["project"], said.json["prediction_set"], said.json["protocol"]) == ("gt", "net", "coco-bbox")
    assert list(said.json["metrics"]) == COCO
    assert said.json["metrics"]["AP_large"] is None
    assert [item["accepted"] for item in said.json["imports"]] == [5, 1]


def test_the_same_again_is_no_work(cli: Cli, write: Write, empty_store: Path) -> None:
    """The same files under the same names change nothing in the store, and are said to be unchanged."""
    files = write("gt.json", TRUTH), write("net.json", [RESULT])
    evaluate(cli, *files)
    before = sorted(empty_store.rglob("*.parquet"))
    again = evaluate(cli, *files)
    assert again.out.count("unchanged") == 2
    assert "coco-bbox is up to date" in again.out
    assert sorted(empty_store.rglob("*.parquet")) == before


def test_a_name_that_stands_for_other_bytes_is_refused(cli: Cli, write: Write, empty_store: Path) -> None:
    """Neither a set nor a project's ground truth is replaced unasked; `--replace` does it."""
    truth, results = write("gt.json", TRUTH), write("net.json", [RESULT])
    evaluate(cli, truth, results)
    other_results = write("other/net.json", [RESULT | {"score": 0.1}])
    other_truth = write("other/gt.json", TRUTH | {"info": {}})
    for files in ((truth, other_results), (other_truth, results)):
        said = evaluate(cli, *files)
        assert (said.code, said.out) == (2, "")
        assert "--replace" in said.err
    assert evaluate(cli, other_truth, other_results, "--replace").code == 0
    assert pl.read_parquet(f"{empty_store}/gt/predictions/**/*.parquet")["score"].to_list() == [0.1]


def test_what_cannot_end_well_begins_nothing(cli: Cli, write: Write, empty_store: Path) -> None:
    """A missing predictions file or an unknown protocol is found before the ground truth is imported."""
    truth = write("gt.json", TRUTH)
    assert evaluate(cli, truth, Path("nowhere.json")).code == 2
    assert evaluate(cli, truth, write("net.json", [RESULT]), "--protocol", "coco").code == 2
    assert not empty_store.exists()


NOTHING_COMES_OF = [
    ("--area-range", "all=0:inf"),
    ("--area-range", "all=0:1e400"),
    ("--area-range", "all=nan:5"),
    ("--area-range", "all=5:1"),
    ("--area-range", "all=0:1", "--area-range", "all=0:2"),
    ("--max-detections", "2147483648"),
    ("--max-detections", "99999999999999999999"),
    ("--max-detections", "1.9"),
    ("--smallest-component", "99999999999999999999"),
    ("--smallest-component", "1.5"),
    ("--as", "coco-segm"),
    ("--as", "coco-segm", "--protocol", "coco-bbox"),
    ("--as", "mine", "--protocol", "coco-bbox", "--protocol", "voc2012"),
    ("--protocol", "coco-bbox", "--protocol", "all"),
    ("--slice-by", ""),
    ("--slice-by", "width:1,1"),
    ("--mapping", os.fsdecode(b"\xff.json")),
    ("--store", os.fsdecode(b"\xff")),
]


@pytest.mark.parametrize("options", NOTHING_COMES_OF, ids=ascii)
def test_options_that_cannot_end_well_begin_nothing(
    cli: Cli, write: Write, empty_store: Path, options: tuple[str, ...]
) -> None:
    """Whatever the files hold: exit 2, the first option is named, and there is no store afterwards."""
    said = evaluate(cli, write("gt.json", TRUTH), write("net.json", [RESULT]), *options)
    assert (said.code, said.out) == (2, "")
    assert options[0] in said.err.splitlines()[0] or "--protocol" in options
    assert not empty_store.exists()


def test_tags_that_are_for_nothing_or_not_there_begin_nothing(cli: Cli, write: Write, empty_store: Path) -> None:
    """Tags need a column to slice by, and a file."""
    truth, results = write("gt.json", TRUTH), write("net.json", [RESULT])
    assert "--tags: tags are there to slice by" in evaluate(cli, truth, results, "--tags", truth).err
    said = evaluate(cli, truth, results, "--tags", "nowhere.parquet", "--slice-by", "weather")
    assert (said.code, "there is no such file" in said.err) == (2, True)
    assert not empty_store.exists()


@pytest.mark.parametrize("side", ["--ground-truth", "--predictions"])
def test_a_file_whose_name_is_not_utf8_begins_nothing(cli: Cli, write: Write, empty_store: Path, side: str) -> None:
    """Its name could not be recorded: the option is named, and what is allowed."""
    files = {"--ground-truth": write("gt.json", TRUTH), "--predictions": write("net.json", [RESULT])}
    files[side] = files[side].rename(files[side].with_name(os.fsdecode(b"\xff\xfe.json")))
    said = cli("evaluate", *(word for pair in files.items() for word in pair), "--project", "p")
    assert (said.code, said.out) == (2, "")
    assert f"{side}: the path holds bytes that are not UTF-8" in said.err
    assert not empty_store.exists()


def test_whole_numbers_may_be_written_with_a_point(cli: Cli, write: Write, empty_store: Path) -> None:
    """A fraction of nothing is none."""
    options = ["--max-detections", "5.0", "--max-detections", "1000000", "--smallest-component", "2."]
    said = evaluate(cli, write("gt.json", TRUTH), write("net.json", [RESULT]), *options, "--json")
    assert {"AR_5", "AR_1000000"} <= set(said.json["metrics"])


def test_imports_can_be_done_apart(cli: Cli, write: Write, empty_store: Path) -> None:
    """Ground truth, then predictions without an evaluation, then the evaluation: as `evaluate` in one go."""
    truth, results = write("gt.json", TRUTH), write("net.json", [RESULT])
    assert cli("import", "ground-truth", truth, "--project", "p").code == 0
    said = cli("import", "predictions", results, "--project", "p", "--name", "a", "--group", "g", "--no-evaluate")
    assert "AP" not in said.out
    assert "not evaluated yet" in cli("metrics", "a", "--project", "p").out
    assert "0.5050" in cli("reanalyze", "--project", "p").out
    (listed,) = cli("list", "--project", "p", "--json").json["prediction_sets"]
    assert (listed["name"], listed["group"], listed["evaluations"][0]["name"]) == ("a", "g", "coco-bbox")


def test_a_later_ground_truth_makes_numbers_stale(cli: Cli, write: Write, empty_store: Path) -> None:
    """What a correction made stale is shown until it is analysed again."""
    evaluate(cli, write("gt.json", TRUTH), write("net.json", [RESULT]))
    fewer = TRUTH | {"annotations": TRUTH["annotations"][:1]}
    said = cli("import", "ground-truth", write("fewer.json", fewer), "--project", "gt")
    assert "stale now: net (boxscore reanalyze --project gt --all)" in said.out
    for command in (["list"], ["metrics", "net"], ["show", "net"]):
        assert "the ground truth changed" in cli(*command, "--project", "gt").out
    assert "1.0000" in cli("reanalyze", "--project", "gt", "--all").out
    assert "changed" not in cli("list", "--project", "gt").out


def test_reanalysis_repeats_what_was_asked_for(cli: Cli, store: Path) -> None:
    """Without protocols or settings, every evaluation a set has is done again as it was, names and rules included."""
    loose = ["--protocol", "coco-bbox", "--iou-threshold", "0.3", "--iou-threshold", "0.6", "--as", "loose"]
    assert cli("reanalyze", "--project", "sample", "--set", "masks", *loose).code == 0
    before = cli("metrics", "masks", "--project", "sample", "--json").json
    assert list(before["protocols"]) == ["coco-bbox", "coco-segm", "loose"]
    again = cli("reanalyze", "--project", "sample", "--set", "masks", "--force", "--json").json
    assert [item["status"] for item in again["evaluations"]] == ["completed"] * 3
    assert cli("metrics", "masks", "--project", "sample", "--json").json == before


def test_several_sets_and_protocols(cli: Cli, store: Path) -> None:
    """`--set` can be repeated; `--protocol all` runs every protocol that fits a set, and no other."""
    sets = ["--set", "masks", "--set", "boxes"]
    done = cli("reanalyze", "--project", "sample", *sets, "--protocol", "all", "--json").json["evaluations"]
    names = [(item["prediction_set"], item["name"]) for item in done]
    masks, boxes = ({name for of, name in names if of == wanted} for wanted in ("masks", "boxes"))
    assert {"coco-bbox", "coco-segm", "coco-boundary", "voc2012"} <= masks
    assert not {"coco-keypoints", "rotated", "tracks", "answers"} & (masks | boxes)
    assert "coco-bbox" in boxes
    assert not {"coco-segm", "coco-boundary"} & boxes


@pytest.mark.parametrize("name", ["coco-bbox", "mine"])
def test_a_name_holds_the_numbers_of_one_protocol(cli: Cli, store: Path, name: str) -> None:
    """`--as` takes neither several protocols nor another protocol's own name."""
    protocol = ["--protocol", "coco-segm"] if name == "coco-bbox" else []
    said = cli("reanalyze", "--project", "sample", "--set", "masks", *protocol, "--as", name)
    assert said.code == 2
    assert "--as" in said.err


def test_other_area_ranges_and_maxima_name_their_numbers(cli: Cli, store: Path) -> None:
    """Numbers of the caller's own ranges and maxima are called after them."""
    ranges = ["--area-range", "all=0:1e10", "--area-range", "tiny=0:500"]
    cli("reanalyze", "--project", "sample", "--set", "boxes", *ranges, "--max-detections", "3", "--as", "mine")
    names = list(cli("metrics", "boxes", "--project", "sample", "--protocol", "mine", "--json").json["metrics"])
    assert names == ["AP", "AP50", "AP75", "AP_tiny", "AR_3", "AR_tiny"]


def test_keypoints_that_are_not_seventeen(cli: Cli, shared: Path, empty_store: Path) -> None:
    """Fourteen points need fourteen sigmas: asked for without them no number is published, with them there are some."""
    folder = shared / "samples/coco/faster_coco_eval_tests/dataset"
    files = folder / "example_crowdpose_val.json", folder / "example_crowdpose_preds.json"
    refused = evaluate(cli, *files, "--protocol", "coco-keypoints")
    assert refused.code == 2
    assert "the class 'person' has 14 keypoints, and there are 17 sigmas" in refused.err
    assert not list(empty_store.rglob("metrics/**/*.parquet"))
    sigmas = [word for _ in range(14) for word in ("--keypoint-sigma", "0.05")]
    asked = ["--protocol", "coco-keypoints", *sigmas, "--json"]
    assert evaluate(cli, *files, *asked).json["metrics"]["AR50"] == 1.0


def test_points_without_names_are_counted_too(cli: Cli, write: Write, empty_store: Path) -> None:
    """Where the class names no points, the records' own number is held against the sigmas."""
    person = {"keypoints": [10, 10, 2, 20, 20, 2], "num_keypoints": 2}
    truth = TRUTH | {"annotations": [annotation | person for annotation in TRUTH["annotations"]]}
    results = [{"image_id": 1, "category_id": 1, "keypoints": [10, 10, 2, 20, 20, 2], "score": 0.5}]
    files = write("gt.json", truth), write("net.json", results)
    refused = evaluate(cli, *files)
    assert refused.code == 2
    assert "1 predictions have other than 17 keypoints" in refused.err
    assert evaluate(cli, *files, "--keypoint-sigma", "0.1", "--keypoint-sigma", "0.1", "--json").code == 0


def test_another_number_of_points_than_the_class_names(cli: Cli, write: Write, empty_store: Path) -> None:
    """A record whose points are not those of its class is rejected when it is resolved, with its row."""
    truth = TRUTH | {"categories": [{"id": 1, "name": "cat", "keypoints": ["nose", "tail"], "skeleton": []}]}
    cli("import", "ground-truth", write("gt.json", truth), "--project", "p")
    points = [[10, 10, 2, 20, 20, 2], [10, 10, 2], [1, 1, 1] * 3]
    results = [{"image_id": 1, "category_id": 1, "keypoints": each, "score": 0.5} for each in points]
    said = cli("import", "predictions", write("net.json", results), "--project", "p", "--name", "a", "--no-evaluate")
    assert "1 records taken from coco, 2 rejected (invalid_keypoints 2" in said.out
    rejects = pl.read_parquet(f"{empty_store}/p/rejects/**/*.parquet").sort("source_row")
    assert rejects["source_row"].to_list() == [1, 2]
    assert rejects["stage"].to_list() == ["resolve"] * 2
    assert rejects["reason"].to_list() == ["1 keypoints; the category has 2", "3 keypoints; the category has 2"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/instances val.json", "instances-val"), ("ü.json", "-"), ("..", "unnamed"), ("x" * 150 + ".json", "x" * 100)],
)
def test_names_are_made_of_files(path: str, name: str) -> None:
    """What a name may not hold becomes a hyphen; it never leaves the grammar."""
    assert name_from(Path(path)) == name


def test_the_sample_needs_no_options(cli: Cli, empty_store: Path) -> None:
    """Masks of the sample are judged as boxes and as masks, side by side."""
    said = evaluate(cli, SAMPLE / "ground_truth.json", SAMPLE / "masks.json", "--json")
    assert list(said.json["protocols"]) == ["coco-bbox", "coco-segm"]
