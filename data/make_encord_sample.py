"""Write the sample project in Encord's words: an ontology, label rows, a prediction branch and a pickle, seeded.

    python data/make_encord_sample.py [FOLDER]          default: the folder `sample/encord` beside this file

ontology.json      boxes, polygons and rotatable boxes, a radio answer about every image
labels.json        label rows of 12 images and a video of 8 frames with two tracks
predictions.json   the rows of a prediction branch, `yard-v2`: every shape, answers, confidences
predictions.pkl    boxes and answers as a list of `boxscore.Prediction`, pickled

The same seed gives the same bytes.
"""

import json
import pickle
import sys
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from boxscore import BoundingBox, Format, FrameClassification, ObjectDetection, Prediction

Record = dict[str, Any]

SEED = 20261
WIDTH, HEIGHT, FRAMES = 640, 480, 8
CLASSES = {
    "Pallet": ("bounding_box", "cGFsbGV0"),
    "Spill": ("polygon", "c3BpbGxz"),
    "Forklift": ("rotatable_bounding_box", "Zm9ya2xp"),
}
"""Name -> shape and feature hash."""
LIGHT = {"name": "Light", "featureNodeHash": "bGlnaHQ=", "attribute": "bGlnaHRh"}
OPTIONS = {"Day": "ZGF5bGlnaA", "Night": "bmlnaHRsaQ"}


def ontology() -> Record:
    """Classes of objects, and one radio question."""
    objects = [
        {"id": str(k), "name": name, "color": "#D33115", "shape": shape, "featureNodeHash": feature}
        for k, (name, (shape, feature)) in enumerate(CLASSES.items(), 1)
    ]
    options = [
        {"id": f"1.1.{k}", "label": name, "value": name.lower(), "featureNodeHash": option}
        for k, (name, option) in enumerate(OPTIONS.items(), 1)
    ]
    question = {"id": "1.1", "name": LIGHT["name"], "type": "radio", "featureNodeHash": LIGHT["attribute"]}
    attribute = {**question, "required": False, "dynamic": False, "options": options}
    return {
        "objects": objects,
        "classifications": [{"id": "1", "featureNodeHash": LIGHT["featureNodeHash"], "attributes": [attribute]}],
    }


def _hash(rng: np.random.Generator) -> str:
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))


def _geometry(name: str, box: list[float]) -> Record:
    x, y, w, h = (round(value, 4) for value in box)
    if name == "Pallet":
        return {"boundingBox": {"x": x, "y": y, "w": w, "h": h}}
    if name == "Forklift":
        return {"rotatableBoundingBox": {"x": x, "y": y, "w": w, "h": h, "theta": 30.0}}
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    points = {str(k): {"x": ring[2 * k], "y": ring[2 * k + 1]} for k in range(4)}
    return {"polygon": points, "polygons": [[ring]]}


def _object(rng: np.random.Generator, name: str, box: list[float], key: str, confidence: float) -> Record:
    shape, feature = CLASSES[name]
    own = {"name": name, "shape": shape, "featureHash": feature, "objectHash": key}
    return {**own, "confidence": confidence, "manualAnnotation": confidence == 1.0, **_geometry(name, box)}


def _answers(option: str, confidence: float, last_frame: int, key: str) -> Record:
    chosen = {"name": option, "value": option.lower(), "featureHash": OPTIONS[option]}
    answer = {"name": LIGHT["name"], "value": "light", "featureHash": LIGHT["attribute"], "answers": [chosen]}
    whole = {"classificationHash": key, "featureHash": LIGHT["featureNodeHash"], "confidence": confidence}
    return {key: {**whole, "classifications": [answer], "range": [[0, last_frame]]}}


def _row(title: str, unit: str, labels: Record, answers: Record, branch: str, **more: Any) -> Record:
    kind = "video" if more else "image"
    mime = "video/mp4" if more else "image/jpeg"
    size = {"width": WIDTH, "height": HEIGHT}
    whole = {"data_hash": unit, "data_title": title, "data_type": mime, "data_sequence": 0, **size, **more}
    head = {"label_hash": unit[::-1], "branch_name": branch, "data_hash": unit, "data_title": title, "data_type": kind}
    return {
        **head, "object_answers": {}, "classification_answers": answers, "object_actions": {},
        "data_units": {unit: {**whole, "labels": labels}},
    }  # fmt: skip


def _guess(rng: np.random.Generator, box: list[float]) -> list[float]:
    return [max(0.0, value + rng.normal(0, 0.01)) for value in box]


class Yard:
    """The rows under way: what is there, and what a model says of it."""

    def __init__(self, seed: int) -> None:
        """Nothing yet."""
        self.rng = np.random.default_rng(seed)
        self.labels: list[Record] = []
        self.branch: list[Record] = []
        self.pickled: list[Prediction] = []

    def frame(self, unit: str, frame: int | None, things: list[tuple[str, list[float], str]]) -> tuple[Record, Record]:
        """(labels, predicted labels) of one picture; a guess in seven is missing, one in ten is a ghost."""
        truth, guessed = [], []
        for name, box, key in things:
            truth.append(_object(self.rng, name, box, key, 1.0))
            if self.rng.random() < 6 / 7:
                guessed.append((name, _guess(self.rng, box), key, round(float(self.rng.uniform(0.5, 1)), 3)))
        if self.rng.random() < 0.1:
            guessed.append(("Pallet", [0.1, 0.1, 0.2, 0.2], "ghost000", round(float(self.rng.uniform(0.3, 0.6)), 3)))
        for name, box, _, score in guessed:
            if name == "Pallet":
                x, y, w, h = (round(value, 4) for value in box)
                shape = BoundingBox(x=x, y=y, w=w, h=h)
                found = ObjectDetection(format=Format.BOUNDING_BOX, data=shape, feature_hash=CLASSES[name][1])
                self.pickled.append(Prediction(data_hash=unit, frame=frame, confidence=score, object=found))
        found_rows = [_object(self.rng, name, box, key, score) for name, box, key, score in guessed]
        return {"objects": truth, "classifications": []}, {"objects": found_rows, "classifications": []}

    def things(self) -> list[tuple[str, list[float], str]]:
        """Two to five things at random places."""
        found = []
        for _ in range(int(self.rng.integers(2, 6))):
            corner, size = self.rng.uniform(0, 0.6, 2), self.rng.uniform(0.1, 0.35, 2)
            name = str(self.rng.choice(list(CLASSES)))
            found.append((name, [*corner.tolist(), *size.tolist()], _hash(self.rng)[:8]))
        return found

    def add(self, title: str, unit: str, labels: Record, guessed: Record, **more: Any) -> None:
        """Both sides' rows of a picture or a video, with an answer each."""
        said = str(self.rng.choice(list(OPTIONS)))
        heard = said if self.rng.random() < 0.8 else next(name for name in OPTIONS if name != said)
        last, score = FRAMES - 1 if more else 0, round(float(self.rng.uniform(0.6, 1)), 3)
        truth, branch = (_answers(*words, last, _hash(self.rng)[:8]) for words in ((said, 1.0), (heard, score)))
        self.labels.append(_row(title, unit, labels, truth, "main", **more))
        self.branch.append(_row(title, unit, guessed, branch, "yard-v2", **more))
        answer = FrameClassification(
            feature_hash=LIGHT["featureNodeHash"], attribute_hash=LIGHT["attribute"], option_hash=OPTIONS[heard]
        )
        self.pickled.append(Prediction(data_hash=unit, frame=0, confidence=score, classification=answer))


def make_files(seed: int = SEED) -> dict[str, bytes]:
    """The bytes of every file by its name."""
    yard = Yard(seed)
    for k in range(12):
        unit = _hash(yard.rng)
        yard.add(f"yard_{k:03d}.jpg", unit, *yard.frame(unit, None, yard.things()))
    unit, tracks = _hash(yard.rng), [("Pallet", "track001", 0.05), ("Pallet", "track002", 0.5)]
    frames: tuple[Record, Record] = ({}, {})
    for frame in range(FRAMES):
        things = [(name, [start + 0.02 * frame, 0.4, 0.2, 0.25], key) for name, key, start in tracks]
        for side, labels in zip(frames, yard.frame(unit, frame, things), strict=True):
            side[str(frame)] = labels
    yard.add("gate.mp4", unit, *frames, data_duration=0.32, data_fps=25)
    documents = {"ontology.json": ontology(), "labels.json": yard.labels, "predictions.json": yard.branch}
    texts = {name: json.dumps(document, separators=(",", ":")) + "\n" for name, document in documents.items()}
    encoded = {name: text.encode() for name, text in texts.items()}
    return {**encoded, "predictions.pkl": pickle.dumps(yard.pickled, protocol=4)}


def main() -> int:
    """Write the files and say how large they are."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "sample" / "encord"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make_files().items():
        print(f"{folder / name}: {(folder / name).write_bytes(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
