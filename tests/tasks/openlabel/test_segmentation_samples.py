"""Every number that comes with Kognic's bitmaps: counts of pixels exactly, rates to the digits given."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.cli import main
from tests.chain import PROJECT, SET, Chain

DIGITS = 6
MAPPING = "class_mapping.segmentation.json"
IMAGES = ("seg_a/CAM_FRONT", "seg_b/CAM_FRONT", "seg_b/CAM_REAR")
COMPONENTS = {
    "not_tree": ({"_background"}, {"not_tree"}),
    "tree": ({"oak", "birch"}, {"tree"}),
    "road": ({"road"}, {"road"}),
    "car|truck": ({"vehicle"}, {"car", "truck"}),
}
"""Annotated and predicted classes that hang together under the samples' mapping."""
Confusion = dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    """The folder of Kognic's samples."""
    return shared / "samples" / "kognic"


@pytest.fixture(scope="module")
def expected(samples: Path) -> dict[str, Any]:
    """The reference numbers of bitmaps, by image and `_all`."""
    found: dict[str, Any] = json.loads((samples / "expected.json").read_text())["segmentation"]
    return found


@pytest.fixture(scope="module")
def chain(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The scenes with bitmaps, imported under the mapping of segmenters, with what runs unasked."""
    made = Chain(tmp_path_factory.mktemp("kognic"))
    beside = {name: samples / file for name, file in (("data_units", "manifest.json"), ("class_mapping", MAPPING))}
    made.truth(samples / "seg_*.gt.json", format="openlabel", **beside)
    made.predictions(samples / "seg_*.pred.json", format="openlabel")
    made.evaluate()
    return made


@pytest.fixture(scope="module")
def confusions(chain: Chain, samples: Path) -> dict[str, Confusion]:
    """Pixels by annotated and predicted class, in names, of each image and of `_all`."""
    tags = {scene: said["tag"] for scene, said in json.loads((samples / "manifest.json").read_text()).items()}
    sequences = chain.table("data_units").select("unit_key", "sequence_hash")
    names = dict(chain.table("categories").select("category_key", "name").rows())
    found: dict[str, Confusion] = {"_all": defaultdict(int)}
    rows = chain.table("pixel_confusion").filter(protocol="disagreement").join(sequences, on="unit_key")
    for row in rows.to_dicts():
        scene, _, stream = row["sequence_hash"].partition("/")
        pair = names[row["annotated"]], names[row["predicted"]]
        for image in (f"{tags[scene]}/{stream}", "_all"):
            found.setdefault(image, defaultdict(int))[pair] += row["n_pixels"]
    return found


@pytest.fixture(scope="module")
def pairs(chain: Chain) -> set[tuple[str, str | None]]:
    """The class mapping as `categories` holds it; None: no counterpart."""
    rows = chain.rows("categories")
    names = {row["category_key"]: row["name"] for row in rows}
    listed = [(row["name"], row["counterparts"]) for row in rows if row["counterparts"] is not None]
    return {(name, names[key] if key is not None else None) for name, keys in listed for key in keys or [None]}


def share(confusion: Confusion, pairs: set[tuple[str, str | None]], **only: str) -> dict[str, Any]:
    """Pixels, those that disagree, and their share, within a class of a side or of all."""
    sides = {"annotated": 0, "predicted": 1}
    inside = {pair: n for pair, n in confusion.items() if all(pair[sides[side]] == name for side, name in only.items())}
    pixels = sum(inside.values())
    disagree = sum(n for pair, n in inside.items() if pair not in pairs)
    return {"pixels": pixels, "disagree": disagree, "disagreement": round(disagree / pixels, DIGITS)}


def component(confusion: Confusion, name: str, without: set[str]) -> dict[str, Any]:
    """Pixels that a component shares and has, and its IoU with and without classes that have no counterpart."""
    ours, theirs = COMPONENTS[name]
    inter = sum(n for (a, p), n in confusion.items() if a in ours and p in theirs)
    annotated = sum(n for (a, _), n in confusion.items() if a in ours)
    predicted = sum(n for (_, p), n in confusion.items() if p in theirs)
    beside = sum(n for (a, p), n in confusion.items() if p in theirs and a not in without)
    return {
        "inter": inter,
        "annotated": annotated,
        "predicted": predicted,
        "iou": inter / (annotated + predicted - inter),
        "iou_ignoring_unmapped": inter / (annotated + beside - inter),
    }


@pytest.mark.parametrize("image", [*IMAGES, "_all"])
def test_pixels_by_pair_of_classes(image: str, confusions: dict[str, Confusion], expected: dict[str, Any]) -> None:
    """`pixel_confusion` has just the expected pairs with just the expected pixels."""
    rows = sorted([*pair, n] for pair, n in confusions[image].items())
    assert rows == sorted(expected[image]["confusion"])


@pytest.mark.parametrize("image", [*IMAGES, "_all"])
def test_shares_that_follow_from_pixels(
    image: str, confusions: dict[str, Confusion], pairs: set[tuple[str, str | None]], expected: dict[str, Any]
) -> None:
    """Agreement of an image and of each class of either side follow from `pixel_confusion` and `counterparts`."""
    confusion, wanted = confusions[image], expected[image]
    without = {annotated for annotated, predicted in pairs if predicted is None}
    whole = share(confusion, pairs)
    assert whole == {name: wanted[name] for name in ("pixels", "disagree", "disagreement")}
    assert whole["pixels"] - whole["disagree"] == wanted["agree"]
    unmapped = sum(n for (annotated, _), n in confusion.items() if annotated in without)
    assert unmapped == wanted["unmapped_annotated_pixels"]
    mapped = {pair: n for pair, n in confusion.items() if pair[0] not in without}
    assert share(mapped, pairs)["disagreement"] == wanted["disagreement_ignoring_unmapped"]
    for place, side in enumerate(("annotated", "predicted")):
        names = {pair[place] for pair in confusion}
        assert {name: share(confusion, pairs, **{side: name}) for name in names} == wanted[f"per_{side}_class"]


@pytest.mark.parametrize("image", [*IMAGES, "_all"])
def test_ious_that_follow_from_pixels(
    image: str, confusions: dict[str, Confusion], pairs: set[tuple[str, str | None]], expected: dict[str, Any]
) -> None:
    """IoU of each component of the mapping, and their mean, with and without classes that have no counterpart."""
    wanted = expected[image]
    without = {annotated for annotated, predicted in pairs if predicted is None}
    found = {name: component(confusions[image], name, without) for name in COMPONENTS}
    assert {name: {k: round(v, DIGITS) for k, v in item.items()} for name, item in found.items()} == (
        wanted["iou_per_component"]
    )
    means = {name: sum(item[name] for item in found.values()) / len(found) for name in ("iou", "iou_ignoring_unmapped")}
    assert round(means["iou"], DIGITS) == wanted["miou"]
    assert round(means["iou_ignoring_unmapped"], DIGITS) == wanted["miou_ignoring_unmapped"]


@pytest.mark.parametrize("image", IMAGES)
def test_scores_of_an_image(image: str, chain: Chain, samples: Path, expected: dict[str, Any]) -> None:
    """`unit_scores` has each image's disagreement and mean IoU."""
    tags = {said["tag"]: scene for scene, said in json.loads((samples / "manifest.json").read_text()).items()}
    tag, _, stream = image.partition("/")
    units = chain.table("data_units").filter(sequence_hash=f"{tags[tag]}/{stream}")
    (row,) = chain.table("unit_scores").filter(protocol="disagreement").join(units, on="unit_key").to_dicts()
    assert round(row["disagreement"], DIGITS) == expected[image]["disagreement"]
    assert round(row["mean_iou"], DIGITS) == expected[image]["miou"]


def test_the_worst_images_come_first(chain: Chain, expected: dict[str, Any]) -> None:
    """Rows of `unit_scores` stand in the order of falling disagreement, which is the expected one."""
    scores = chain.table("unit_scores").filter(protocol="disagreement")
    order = [title.removesuffix("_0000.jpg").replace("_CAM", "/CAM") for title in scores["data_hash"].to_list()]
    assert order == expected["_all"]["image_order_most_disagreement_first"]
    assert scores["disagreement"].is_sorted(descending=True)


def by_class(chain: Chain, metric: str) -> dict[str, float]:
    """A metric of the protocol by class, rounded."""
    rows = chain.table("metrics").filter(pl.col("category").is_not_null(), metric=metric, protocol="disagreement")
    values = zip(rows["category_name"].to_list(), rows["value"].to_list(), strict=True)
    return {name: round(value, DIGITS) for name, value in values}


def test_metrics_of_classes(chain: Chain, expected: dict[str, Any]) -> None:
    """`metrics` has the disagreement of every class of either side and the IoU of every component."""
    wanted = expected["_all"]
    for side in ("annotated", "predicted"):
        shares = {name: item["disagreement"] for name, item in wanted[f"per_{side}_class"].items()}
        assert by_class(chain, f"disagreement_of_{side}") == shares
    for name in ("iou", "iou_ignoring_unmapped"):
        assert by_class(chain, name) == {part: item[name] for part, item in wanted["iou_per_component"].items()}


def test_the_command_prints_the_numbers(
    chain: Chain, expected: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`boxscore metrics SET --protocol disagreement --json` prints the five numbers of the data set."""
    words = ("metrics", SET, "--project", PROJECT, "--protocol", "disagreement", "--json", "--store", str(chain.store))
    monkeypatch.setattr("sys.argv", ["boxscore", *words])
    assert main() == 0
    printed = json.loads(capsys.readouterr().out)
    wanted = expected["_all"]
    assert printed["protocol"] == "disagreement"
    assert {name: round(value, DIGITS) for name, value in printed["metrics"].items()} == {
        "disagreement": wanted["disagreement"],
        "disagreement_ignoring_unmapped": wanted["disagreement_ignoring_unmapped"],
        "mean_of_image_disagreement": wanted["mean_of_image_disagreement"],
        "mean_iou": wanted["miou"],
        "mean_iou_ignoring_unmapped": wanted["miou_ignoring_unmapped"],
    }
