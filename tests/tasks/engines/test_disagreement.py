"""The engine of disagreement, from Kognic's files to numbers."""

import json
from pathlib import Path

import pytest

from tasks.engines import disagreement, pixels
from tests.chain import Chain, overall

EXPECTED = {
    "disagreement": "disagreement",
    "disagreement_ignoring_unmapped": "disagreement_ignoring_unmapped",
    "mean_of_image_disagreement": "mean_of_image_disagreement",
    "mean_iou": "miou",
    "mean_iou_ignoring_unmapped": "miou_ignoring_unmapped",
}
DIGITS = 6


@pytest.fixture(scope="module")
def chain(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The sample's semantic masks, imported under their class mapping and judged unasked."""
    folder, chain = shared / "samples/kognic", Chain(tmp_path_factory.mktemp("kognic"))
    aside = {"data_units": folder / "manifest.json", "class_mapping": folder / "class_mapping.segmentation.json"}
    chain.truth(folder / "seg_*.gt.json", **aside)
    chain.predictions(folder / "seg_*.pred.json")
    assert "disagreement" in {done.name for done in chain.evaluate()}
    return chain


def test_the_sample_has_the_expected_numbers(shared: Path, chain: Chain) -> None:
    """To the digits given."""
    expected = json.loads((shared / "samples/kognic/expected.json").read_text())["segmentation"]["_all"]
    found = {name: round(value, DIGITS) for name, value in overall(chain, "disagreement").items() if value is not None}
    assert found == {ours: expected[theirs] for ours, theirs in EXPECTED.items()}


def test_the_sample_has_the_expected_pairs(shared: Path, chain: Chain) -> None:
    """Counts exactly, over all units."""
    expected = json.loads((shared / "samples/kognic/expected.json").read_text())["segmentation"]["_all"]["confusion"]
    names = dict(chain.table("categories").select("category_key", "name").iter_rows())
    pairs: dict[tuple[str, str], int] = {}
    rows = chain.table("pixel_confusion").filter(protocol="disagreement")
    for annotated, predicted, n_pixels in rows.select("annotated", "predicted", "n_pixels").iter_rows():
        pair = names[annotated], names[predicted]
        pairs[pair] = pairs.get(pair, 0) + n_pixels
    assert sorted([*pair, n] for pair, n in pairs.items()) == expected


def test_pixels_are_counted_as_for_semantic_masks() -> None:
    """Only what is measured differs."""
    ours, theirs = disagreement.ENGINE, pixels.ENGINE
    assert (ours.match, ours.tables, ours.misfit) == (theirs.match, theirs.tables, theirs.misfit)
    assert ours.name != theirs.name
