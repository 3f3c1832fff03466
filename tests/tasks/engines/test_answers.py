"""The engine of answers, from label rows to numbers: Encord's sample, and objects followed through a video."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks import imports, plan
from tasks.engines.answers import ENGINE
from tasks.protocols import PROTOCOLS
from tasks.protocols.answers import NAMES
from tasks.running import threaded
from tests.chain import Chain, overall
from tests.encord_rows import answered, image, question, thing, video

FRAMES = 30


@pytest.fixture
def sample(shared: Path, tmp_path: Path) -> Chain:
    """Encord's labels and predictions, judged."""
    folder, chain = shared / "samples/encord", Chain(tmp_path)
    chain.truth(folder / "labels.json", ontology=folder / "ontology.json", data_units=folder / "data_units.json")
    chain.predictions(folder / "predictions.json")
    chain.evaluate("answers")
    return chain


def test_the_sample_has_the_numbers_that_were_counted_by_hand(sample: Chain) -> None:
    """17 frames of radios, 6 of checklists, 12 of texts, 8 of attributes."""
    values = overall(sample, "answers")
    assert set(values) == set(NAMES)
    alike = 10 / 19  # `two apples` of `two apples, one cut`
    expected = {
        "accuracy": 12 / 17,
        "subset_accuracy": 1 / 6,
        "hamming_loss": 5 / 24,
        "checklist_mAP": 1.0,
        "text_exact": 11 / 12,
        "text_similarity": (alike + 11) / 12,
        "attribute_accuracy": 1.0,
        "child_given_parent": 0.0,
        "joint": 0.0,
        "temporal_AP": 3 / 4,
    }
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_every_answer_of_the_sample_is_in_the_results(sample: Chain) -> None:
    """By its question and option or text, once for each of its frames."""
    categories = sample.table("categories").select("category_key", "parent_key", "kind").rows_by_key("category_key")
    results = sample.rows("classification_results")
    for side, table in (("annotated", "ground_truth"), ("predicted", "predictions")):
        stored: Counter[Any] = Counter()
        for row in sample.rows(f"classifications_{table}"):
            ((parent, kind),) = categories[row["category_key"]]
            asked = parent if kind == "option" else row["category_key"]
            answer = row["category_key"] if kind == "option" else row["text"]
            stored[asked, answer] += row["last_frame"] - row["first_frame"] + 1
        found: Counter[Any] = Counter()
        for row in results:
            for answer in [*row[f"{side}_options"], *filter(None, [row[f"{side}_text"]])]:
                found[row["question"], answer] += row["last_frame"] - row["first_frame"] + 1
        assert found == stored


def asked(name: str, kind: str, *options: str, **more: Any) -> dict[str, Any]:
    """An attribute of an ontology."""
    own = {"id": "1", "name": name, "type": kind, "featureNodeHash": name, "dynamic": False, **more}
    if options:
        own["options"] = [{"id": o, "label": o, "value": o, "featureNodeHash": o} for o in options]
    return own


ONTOLOGY = {
    "objects": [
        {
            "id": "1", "name": "Car", "shape": "bounding_box", "featureNodeHash": "car",
            "attributes": [asked("state", "radio", "moving", "parked", dynamic=True), asked("plate", "text")],
        }
    ],
    "classifications": [{"id": "1", "featureNodeHash": "question", "attributes": [asked("scene", "radio", "x", "y")]}],
}  # fmt: skip


def car(track: str, place: int, score: float | None = None) -> dict[str, Any]:
    """An object at one of five places that have nothing in common."""
    box = {"boundingBox": {"x": 0.2 * place, "y": 0.1, "w": 0.1, "h": 0.5}}
    return thing(key=track, featureHash="car", name="Car", **box, **({} if score is None else {"confidence": score}))


def actions(said: dict[str, list[str]]) -> dict[str, Any]:
    """`object_actions`: the state of each object on each frame."""
    return {
        track: {
            "objectHash": track,
            "actions": [
                {
                    **question("state", option),
                    "dynamic": True,
                    "range": [[f, f] for f, o in enumerate(states) if o == option],
                }
                for option in ("moving", "parked")
                if option in states
            ],
        }
        for track, states in said.items()
    }


class Drive:
    """Three annotated cars, and three predicted ones that now and then are at another's place, or at none."""

    def __init__(self, seed: int) -> None:
        """Draw where the predicted cars are and in what state both are."""
        rng = np.random.default_rng(seed)
        self.tracks = ("one", "two", "three")
        drawn = [rng.permutation(5)[:3].tolist() for _ in range(FRAMES // 5)]
        self.places = [drawn[frame // 5] for frame in range(FRAMES)]
        words = np.array(["moving", "parked", ""])
        self.states = [{t: words[rng.integers(0, 3, FRAMES)].tolist() for t in self.tracks} for _ in range(2)]
        self.plates = [{"one": "A", "two": "B"}, {"one": "A", "two": "A", "three": "C"}]

    def rows(self, predicted: bool) -> list[dict[str, Any]]:
        """The label row of a side."""
        where = self.places if predicted else [[0, 1, 2]] * FRAMES
        prefix = "p-" if predicted else "a-"
        frames = {
            str(f): [
                car(prefix + t, place, 0.5 if predicted else None) for t, place in zip(self.tracks, at, strict=True)
            ]
            for f, at in enumerate(where)
        }
        texts = {
            prefix + t: {
                "objectHash": prefix + t,
                "classifications": [{"name": "plate", "value": "plate", "featureHash": "plate", "answers": text}],
            }
            for t, text in self.plates[predicted].items()
        }
        said = {prefix + t: states for t, states in self.states[predicted].items()}
        return [video(frames, object_answers=texts, object_actions=actions(said))]

    def expected(self) -> Counter[tuple[str, str]]:
        """(question, outcome) of every frame of every object."""
        counts: Counter[tuple[str, str]] = Counter()
        for frame, at in enumerate(self.places):
            partner = {self.tracks[place]: t for t, place in zip(self.tracks, at, strict=True) if place < 3}
            for name, answer in (("state", self._state), ("plate", self._plate)):
                for track in self.tracks:
                    ours = answer(False, track, frame)
                    theirs = answer(True, partner[track], frame) if track in partner else ""
                    if track not in partner:
                        counts[name, "unmatched"] += bool(ours)
                    elif ours and theirs:
                        counts[name, "right" if ours == theirs else "wrong"] += 1
                    else:
                        counts[name, "missing" if ours else "unannotated"] += bool(ours or theirs)
                lonely = [t for t in self.tracks if t not in partner.values()]
                counts[name, "unmatched"] += sum(bool(answer(True, t, frame)) for t in lonely)
        return +counts

    def _state(self, predicted: bool, track: str, frame: int) -> str:
        return self.states[predicted][track][frame]

    def _plate(self, predicted: bool, track: str, _frame: int) -> str:
        return self.plates[predicted].get(track, "")


def driven(chain: Chain, drive: Drive) -> Chain:
    """The chain over both sides of a drive."""
    chain.truth(chain.write("labels.json", drive.rows(False)), ontology=chain.write("ontology.json", ONTOLOGY))
    chain.predictions(chain.write("found.json", drive.rows(True)))
    chain.evaluate("answers")
    return chain


@pytest.mark.parametrize("seed", range(3))
def test_attributes_are_compared_where_the_object_is_found(tmp_path: Path, seed: int) -> None:
    """Frame by frame, static and changing ones: an object may be found by others in turn, or by none."""
    drive = Drive(seed)
    chain = driven(Chain(tmp_path), drive)
    names = dict(chain.table("categories").select("category_key", "name").iter_rows())
    found: Counter[tuple[str, str]] = Counter()
    for row in chain.rows("classification_results"):
        found[names[row["question"]], row["outcome"]] += row["last_frame"] - row["first_frame"] + 1
        assert (row["track_id"] or "a-").startswith("a-")
        assert (row["predicted_track_id"] or "p-").startswith("p-")
    assert found == drive.expected()
    frames = [sum(found[name, word] for name in ("state", "plate")) for word in ("right", "wrong", "missing")]
    assert overall(chain, "answers")["attribute_accuracy"] == frames[0] / sum(frames)
    assert overall(chain, "answers")["accuracy"] is None


def many(predicted: bool) -> list[dict[str, Any]]:
    """Label rows of 60 images with an answer each, most of them alike."""
    rng, rows = np.random.default_rng(predicted), []
    for k in range(60):
        row = image(car("t", 1), data_hash=f"row-{k}")
        row["data_units"] = {f"unit-{k}": row["data_units"]["unit-1"] | {"data_title": f"{k}.png"}}
        option = "xy"[int(rng.random() < 0.3)]
        answer = answered(question("scene", option), confidence=float(rng.integers(1, 10)) / 10)
        rows.append({**row, "classification_answers": {"c": answer}})
    return rows


def counted(chain: Chain) -> Chain:
    """The chain over both sides of `many`."""
    chain.truth(chain.write("labels.json", many(False)), ontology=chain.write("ontology.json", ONTOLOGY))
    chain.predictions(chain.write("found.json", many(True)))
    chain.evaluate("answers")
    return chain


def test_buckets_and_threads_change_no_byte_of_the_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor any stretch; and what is read back gives the numbers of what was handed over."""
    whole = counted(Chain(tmp_path / "whole"))
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 10)
    monkeypatch.setattr(plan, "KEPT_ROWS", 0)
    cut = counted(Chain(tmp_path / "cut", threaded(2)))
    assert len(cut.bytes_of("classification_results")) > 4
    assert cut.bytes_of("metrics", "confusion") == whole.bytes_of("metrics", "confusion")
    key = ["question", "unit_key", "first_frame"]
    assert cut.table("classification_results").sort(key).equals(whole.table("classification_results").sort(key))


def test_answers_are_judged_unasked_beside_objects(tmp_path: Path) -> None:
    """As everything that came in."""
    chain = counted(Chain(tmp_path))
    assert {"answers", "coco-bbox"} <= {done.name for done in chain.evaluate()}
    run = chain.table("runs").filter(pl.col("command") == "evaluate answers")
    assert run["rows_in"].to_list() == [60]


def test_only_answers_fit() -> None:
    """On both sides; a side that holds nothing at all fits."""
    protocol, answers = PROTOCOLS["answers"], {"answers": 3, "bounding_box": 1}
    assert ENGINE.misfit(protocol, answers, answers) is None
    assert ENGINE.misfit(protocol, {}, answers) is None
    assert ENGINE.misfit(protocol, {"bounding_box": 3}, answers) == "answers compares answers, and the set holds none"
    assert ENGINE.misfit(protocol, answers, {"bounding_box": 3}) == (
        "answers compares answers, and the ground truth holds none"
    )
