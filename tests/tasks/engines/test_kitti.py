"""The protocol `kitti` from files to numbers, against the slow oracle of its devkit."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.errors import InputError
from tasks.running import threaded
from tests.chain import Chain
from tests.kitti_devkit import LEVELS, OVERLAP, Found, Image, Labelled, average_precision, precisions
from tests.kitti_scenes import random_images, write_images

POINTS = {"R40": 40, "R11": 11}


def chain_of(images: Sequence[Image], folder: Path) -> Chain:
    """The images imported from KITTI's own files and judged."""
    truth, results, units = write_images(images, folder / "files")
    chain = Chain(folder)
    chain.truth(truth, data_units=units)
    chain.predictions(results)
    chain.evaluate("kitti")
    return chain


def printed(chain: Chain) -> dict[str, float | None]:
    """The numbers over all classes, by name."""
    rows = [row for row in chain.rows("metrics") if row["category"] is None]
    return {row["metric"]: row["value"] for row in rows if "_AP_" in row["metric"] or row["metric"].startswith("AP_R")}


def expected(images: Sequence[Image]) -> dict[str, float | None]:
    """The same by the oracle; the mean is that of classes with annotations that count."""
    found: dict[str, float | None] = {}
    for level in LEVELS:
        lines = {kind: precisions(images, kind, level) for kind in OVERLAP}
        for points, count in POINTS.items():
            values = {kind: line and average_precision(line, count) for kind, line in lines.items()}
            there = [value for value in values.values() if value is not None]
            found[f"AP_{points}_{level}"] = sum(there) / len(there) if there else None
            found |= {f"{kind.capitalize()}_AP_{points}_{level}": value for kind, value in values.items()}
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_number_is_the_devkits(tmp_path: Path, seed: int) -> None:
    """24 numbers on random images with every column filled, to the ninth digit."""
    images = random_images(seed, 30)
    said, own = expected(images), printed(chain_of(images, tmp_path))
    assert {name for name, value in own.items() if value is None} == {n for n, value in said.items() if value is None}
    assert {n: v for n, v in own.items() if v is not None} == pytest.approx(
        {n: v for n, v in said.items() if v is not None}, abs=1e-9
    )
    assert set(own) == set(said)


def test_curves_are_precision_at_41_recalls_of_every_class_and_level(tmp_path: Path) -> None:
    """Each class at its own overlap and at the other, with the scores at which they were cut off."""
    images = random_images(7, 30)
    curves = chain_of(images, tmp_path).rows("curves")
    for kind in OVERLAP:
        for level in LEVELS:
            for overlap in (0.5, 0.7):
                rows = [r for r in curves if (r["category_name"], r["area_range"]) == (kind.capitalize(), level)]
                line = [r["precision"] for r in rows if r["threshold"] == overlap]
                assert line == pytest.approx(precisions(images, kind, level, overlap) or [], abs=1e-12)
    recalls = sorted({row["recall"] for row in curves})
    assert recalls == pytest.approx([k / 40 for k in range(41)])


def test_buckets_and_threads_change_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut-offs come from the scores of all of them together."""
    images = random_images(3, 40)
    one = printed(chain_of(images, tmp_path / "one"))
    for module in ("import_ground_truth", "import_predictions"):
        monkeypatch.setattr(f"tasks.{module}.buckets_for", lambda _sources: 4)
    truth, results, units = write_images(images, tmp_path / "four" / "files")
    four = Chain(tmp_path / "four", threaded(2))
    four.truth(truth, data_units=units)
    four.predictions(results)
    four.evaluate("kitti")
    assert len(list(four.store.glob("*/matches/**/*.parquet"))) == 4
    assert printed(four) == one


def test_matches_say_what_every_detection_came_to(tmp_path: Path) -> None:
    """True, false, or ignored: too low, on a region, on a neighbour; at the level KITTI ranks by and the rest."""
    car = Labelled("car", 0.0, 0, (100.0, 100.0, 200.0, 200.0))
    van = Labelled("van", 0.0, 0, (300.0, 100.0, 400.0, 200.0))
    hidden = Labelled("car", 0.0, 2, (500.0, 100.0, 600.0, 200.0))
    region = Labelled("dontcare", -1.0, -1, (700.0, 100.0, 1000.0, 200.0))
    boxes = [car.box, van.box, hidden.box, region.box, (10.0, 10.0, 60.0, 60.0), (10.0, 100.0, 60.0, 120.0)]
    found = [Found("car", box, 0.9 - k / 10) for k, box in enumerate(boxes)]
    chain = chain_of([Image([car, van, hidden, region], found)], tmp_path)
    rows = sorted(chain.rows("matches"), key=lambda row: -row["score"])
    assert [row["outcomes"] and row["outcomes"][1] for row in rows] == [
        "TP",
        "ignored",
        "ignored",
        "ignored",
        None,
        None,
    ]
    assert [(part["area_range"], part["outcomes"]) for part in rows[2]["ranges"]] == [("hard", ["TP", "TP"])]
    counts = {
        (row["metric"], row["area_range"]): row["value"]
        for row in chain.rows("metrics")
        if row["category"] is None and row["threshold"] == 0.7
    }
    assert {name: counts[name, "moderate"] for name in ("TP", "FP", "FN", "ignored")} == {
        "TP": 1,
        "FP": 1,
        "FN": 0,
        "ignored": 4,
    }
    assert (counts["TP", "hard"], counts["FN", "easy"], counts["FP", "easy"]) == (2, 0, 1)


def test_an_annotation_that_only_a_low_detection_finds_is_missed(tmp_path: Path) -> None:
    """The devkit counts it neither as found nor as missed; rows of `ground_truth_matches` must say one."""
    low = Labelled("car", 0.0, 0, (100.0, 100.0, 200.0, 125.0))
    chain = chain_of([Image([low], [Found("car", (100.0, 100.5, 200.0, 125.0), 0.9)])], tmp_path)
    assert chain.rows("ground_truth_matches")[0]["outcomes"] == ["FN", "FN"]
    assert chain.rows("matches")[0]["outcomes"] == ["ignored", "ignored"]


def test_without_its_classes_there_is_no_number(tmp_path: Path) -> None:
    """Null with a reason, never 0; a class that is not found at all has 0."""
    tram = Labelled("tram", 0.0, 0, (100.0, 100.0, 200.0, 200.0))
    assert set(printed(chain_of([Image([tram], [])], tmp_path / "tram")).values()) == {None}
    rows = [row for row in Chain(tmp_path / "tram").rows("metrics") if "AP_R" in row["metric"]]
    assert all("not evaluated" in row["null_reason"] for row in rows)
    numbers = printed(chain_of([Image([tram._replace(kind="car")], [])], tmp_path / "car"))
    assert (numbers["Car_AP_R40_easy"], numbers["AP_R40_easy"], numbers["Cyclist_AP_R40_easy"]) == (0.0, 0.0, None)


def test_kitti_runs_unasked_on_its_own_ground_truth(tmp_path: Path) -> None:
    """Beside COCO's protocol for boxes, which takes regions for crowds."""
    truth, results, units = write_images(random_images(1, 5), tmp_path / "files")
    chain = Chain(tmp_path)
    chain.truth(truth, data_units=units)
    chain.predictions(results)
    chain.evaluate()
    rows = chain.rows("metrics")
    assert {row["protocol"] for row in rows} == {"kitti", "coco-bbox"}
    regions = [row["value"] for row in rows if (row["category_name"], row["metric"]) == ("DontCare", "AP")]
    assert regions == [None]


def test_only_kittis_levels_can_stand_in_the_place_of_its_ranges(tmp_path: Path) -> None:
    """Areas say nothing of what is hidden."""
    chain = chain_of(random_images(1, 3), tmp_path)
    with pytest.raises(InputError, match="no level of KITTI"):
        chain.evaluate("kitti", area_ranges=[{"name": "small", "low_px2": 0, "high_px2": 1024}])


def real_images(folder: Path) -> list[Image]:
    """The sample: real results, and annotations without occlusion or regions."""
    images = []
    for path in sorted((folder / "ground_truth_voc_xml").glob("*.xml")):
        objects = ElementTree.parse(path).getroot().findall("object")
        corners = [
            tuple(float(item.findtext(f"bndbox/{side}") or "nan") for side in ("xmin", "ymin", "xmax", "ymax"))
            for item in objects
        ]
        names = [(item.findtext("name") or "").lower() for item in objects]
        labelled = [Labelled(name, 0.0, 0, box) for name, box in zip(names, corners, strict=True)]
        images.append(Image(labelled, real_results(folder / "point_gnn_results" / f"{path.stem}.txt")))
    return images


def real_results(path: Path) -> list[Found]:
    """The rows of a result file; without a file none."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()] if path.exists() else []
    return [Found(row[0].lower(), tuple(map(float, row[4:8])), float(row[15])) for row in rows]


def test_real_results_are_judged_as_by_the_devkit(tmp_path: Path, shared: Path) -> None:
    """250 frames with scores beyond 1."""
    images = real_images(shared / "samples/kitti")
    said, own = expected(images), printed(chain_of(images, tmp_path))
    assert sum(len(image.found) for image in images) > 1000
    assert own["Car_AP_R40_moderate"] == pytest.approx(said["Car_AP_R40_moderate"], abs=1e-9)
    assert {n: v for n, v in own.items() if v is not None} == pytest.approx(
        {n: v for n, v in said.items() if v is not None}, abs=1e-9
    )
