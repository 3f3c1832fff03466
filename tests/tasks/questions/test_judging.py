"""Stretches of frames against the frames themselves."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from rapidfuzz.distance import Levenshtein

from schemas.tables import CATEGORIES, DATA_UNITS
from tasks.metrics import METRICS
from tests.answer_zoo import OPTIONS, QUESTIONS, Frames, Given, Scene, best, by_frame, made_up


def expanded(scene: Scene, rows: pa.Table, side: str) -> Frames:
    """What a side says on every frame, from rows of `classification_results`."""
    name = {row["category_key"]: row["name"] for row in scene.categories.to_pylist()}
    sequence = {row["unit_key"]: row["sequence_hash"] for row in scene.units.to_pylist()}
    frames: Frames = {}
    for row in rows.to_pylist():
        said = [name[key] for key in row[f"{side}_options"]]
        said += [row[f"{side}_text"]] if row[f"{side}_text"] is not None else []
        scores = row["answer_scores"] if side == "predicted" else [None] * len(said)
        for frame in range(row["first_frame"], row["last_frame"] + 1):
            if said:
                place = frames.setdefault((sequence[row["unit_key"]], name[row["question"]]), {})
                assert frame not in place
                place[frame] = dict(zip(said, scores, strict=True))
    return frames


@pytest.mark.parametrize("seed", range(12))
def test_every_answer_is_in_the_stretches_of_its_frames(seed: int) -> None:
    """On both sides, each frame once, whatever the ranges were cut by."""
    scene = made_up(seed)
    rows = scene.rows()
    assert expanded(scene, rows, "annotated") == by_frame(scene.annotated)
    assert expanded(scene, rows, "predicted") == by_frame(scene.predicted)


def outcome(question: str, annotated: dict[str, Any], predicted: dict[str, Any]) -> str:
    """What becomes of a frame."""
    if not annotated or not predicted:
        return "missing" if annotated else "unannotated"
    if QUESTIONS[question] == "radio":
        return "right" if best(predicted, question) in annotated else "wrong"
    return "right" if set(annotated) == set(predicted) else "wrong"


@pytest.mark.parametrize("seed", range(6))
def test_outcomes_are_those_of_the_frames(seed: int) -> None:
    """Counted by question."""
    scene = made_up(seed)
    name = {row["category_key"]: row["name"] for row in scene.categories.to_pylist()}
    found: Counter[tuple[str, str]] = Counter()
    for row in scene.rows().to_pylist():
        found[name[row["question"]], row["outcome"]] += row["last_frame"] - row["first_frame"] + 1
    annotated, predicted = by_frame(scene.annotated), by_frame(scene.predicted)
    expected = Counter(
        (place[1], outcome(place[1], annotated.get(place, {}).get(frame, {}), predicted.get(place, {}).get(frame, {})))
        for place in {*annotated, *predicted}
        for frame in {*annotated.get(place, {}), *predicted.get(place, {})}
    )
    assert found == expected


def test_neither_side_changes_within_a_stretch_and_one_does_between_two() -> None:
    """A range in the middle of another cuts it in three."""
    scene = Scene([Given("video", "kind", "a", 2, 20)], [Given("video", "kind", "b", 5, 7, 0.5)])
    rows = scene.rows().select(["first_frame", "last_frame", "outcome"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [(2, 4, "missing"), (5, 7, "wrong"), (8, 20, "missing")]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """Not even where scores tie."""
    scene, rng = made_up(seed), np.random.default_rng(seed)
    mixed = Scene(
        [scene.annotated[k] for k in rng.permutation(len(scene.annotated))],
        [scene.predicted[k] for k in rng.permutation(len(scene.predicted))],
    )
    assert mixed.rows().equals(scene.rows())


def test_buckets_hold_the_rows_of_their_units() -> None:
    """All of them together those of one."""
    scene = made_up(3)
    key = ["question", "unit_key", "first_frame"]
    order = [(name, "ascending") for name in key]
    cut = pa.concat_tables([scene.rows(bucket, 4) for bucket in range(4)])
    assert cut.sort_by(order).to_pylist() == scene.rows().sort_by(order).to_pylist()


def test_texts_are_as_alike_as_rapidfuzz_says() -> None:
    """Code points, not bytes; case counts."""
    pairs = [("two apples", "two äpples"), ("Blurry", "blurry"), ("", ""), ("", "x"), ("🍎", "🍏")]
    for annotated, predicted in pairs:
        scene = Scene([Given("image0", "notes", annotated, 0, 0)], [Given("image0", "notes", predicted, 0, 0, 0.5)])
        (row,) = scene.rows().to_pylist()
        assert row["text_similarity"] == Levenshtein.normalized_similarity(annotated, predicted)
        assert (row["annotated_text"], row["predicted_text"]) == (annotated, predicted)
        assert row["outcome"] == ("right" if annotated == predicted else "wrong")


def test_of_an_option_given_twice_the_higher_score_stands() -> None:
    """One without a score comes last, and equal scores fall in the order of the ontology."""
    rows = [("c", 0.5), ("b", None), ("a", 0.5), ("c", 0.25), ("b", 0.125), ("d", None)]
    scene = Scene([], [Given("image0", "kind", option, 0, 0, score) for option, score in rows])
    (row,) = scene.rows().to_pylist()
    name = {row["category_key"]: row["name"] for row in scene.categories.to_pylist()}
    assert "".join(name[key] for key in row["predicted_options"]) == "acbd"
    assert row["answer_scores"] == [0.5, 0.5, 0.125, None]


def test_nothing_on_a_side_or_on_both() -> None:
    """Stretches of the other, or none."""
    scene = made_up(1)
    assert set(Scene(scene.annotated, []).rows()["outcome"].to_pylist()) == {"missing"}
    assert set(Scene([], scene.predicted).rows()["outcome"].to_pylist()) == {"unannotated"}
    assert len(Scene().rows()) == 0


def test_without_questions_or_units_every_metric_is_empty() -> None:
    """Nothing is divided by nothing."""
    no_questions, no_units = CATEGORIES.schema.empty_table(), DATA_UNITS.schema.empty_table()
    for scene in (
        Scene(categories=no_questions),
        Scene(units=no_units),
        Scene(units=no_units, categories=no_questions),
    ):
        for metric in METRICS["answers"].values():
            assert not any(row["value"] for row in scene.measured(metric, 2)["metrics"])


def test_ranges_end_with_their_video() -> None:
    """Whatever a model says."""
    scene = Scene([], [Given("clip", "kind", "a", 5, 1_000_000, 0.5)])
    (row,) = scene.rows().to_pylist()
    assert (row["first_frame"], row["last_frame"]) == (5, 11)


def test_the_zoo_has_every_option() -> None:
    """On both sides, so that the tests above are not about nothing."""
    scene = made_up(0)
    for side in (scene.annotated, scene.predicted):
        said = {row.answer for row in side}
        assert all(said.issuperset(options) for options in OPTIONS.values())


def test_answers_to_questions_that_are_no_longer_asked_are_outside() -> None:
    """Counted by side; those about units that are gone are passed over."""
    scene = Scene([Given("image0", "kind", "a", 0, 0)], [Given("image0", "kind", "b", 0, 0, 0.5)])
    names, units = scene.categories["name"].to_pylist(), scene.units["sequence_hash"].to_pylist()
    for table, words, gone, expected in (
        ("categories", names, "b", (["missing"], (0, 1))),
        ("units", units, "image0", ([], (0, 0))),
    ):
        held = getattr(scene, table)
        retired = pa.array([word == gone for word in words])
        setattr(scene, table, held.set_column(held.schema.get_field_index("retired"), "retired", retired))
        rows, counts = scene.judged()
        left_out = counts["annotations_outside_protocol"], counts["predictions_outside_protocol"]
        assert (rows["outcome"].to_pylist(), left_out) == expected
