"""The chain over files, for tests: write a set, drive it through the stages, read the tables back as anybody would."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from schemas.parameters import GroundTruthParameters, PredictionParameters, ProtocolSettings
from schemas.records import Rules, Run
from tasks.evaluation import Evaluated, evaluate_set
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import import_predictions
from tasks.imports import Imported
from tasks.protocols import PROTOCOLS
from tasks.rules import rules_of
from tasks.running import serial
from tasks.storage import Project, Store

PROJECT, SET = "street", "net"


@dataclass(frozen=True, slots=True)
class Chain:
    """A project in a store of its own."""

    folder: Path
    run: Run = serial

    @property
    def store(self) -> Path:
        """Folder of the store."""
        return self.folder / "store"

    @property
    def project(self) -> Project:
        """The project, as the store gives it."""
        return Store(self.store).project(PROJECT)

    def write(self, name: str, content: Any) -> Path:
        """A JSON file beside the store."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    def truth(self, ground_truth: Path | dict[str, Any], **options: Any) -> Imported:
        """Import ground truth from a file, or from what one would hold."""
        path = ground_truth if isinstance(ground_truth, Path) else self.write("ground_truth.json", ground_truth)
        parameters = GroundTruthParameters(store=self.store, project=PROJECT, ground_truth=path, **options)
        return import_ground_truth(parameters, self.run)

    def predictions(self, results: Path | list[Any], name: str = SET, **options: Any) -> Imported:
        """Import predictions from a file, or from what one would hold."""
        path = results if isinstance(results, Path) else self.write("results.json", results)
        parameters = PredictionParameters(store=self.store, project=PROJECT, predictions=path, name=name, **options)
        return import_predictions(parameters, self.run)

    def evaluate(self, *protocols: str, name: str = SET, force: bool = False, **settings: Any) -> list[Evaluated]:
        """Match and measure a set; `settings` are those of the protocol."""
        chosen = ProtocolSettings.model_validate(settings)
        return evaluate_set(self.project, name, protocols, chosen, self.run, force)

    def chain(self, ground_truth: Any, results: Any, *protocols: str, **settings: Any) -> "Chain":
        """All of it in one go."""
        self.truth(ground_truth)
        self.predictions(results)
        self.evaluate(*protocols, **settings)
        return self

    def table(self, name: str) -> pl.DataFrame:
        """A table over a plain glob, as any reader has it."""
        return pl.read_parquet(f"{self.store}/{PROJECT}/{name}/**/*.parquet", hive_partitioning=False)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The same as dicts."""
        return self.table(name).to_dicts()

    def bytes_of(self, *tables: str) -> dict[str, bytes]:
        """The bytes of every part of some tables, by table and the bucket it lies in."""
        root = self.store / PROJECT
        return {
            f"{table}/{path.parent.name}/{path.name}": path.read_bytes()
            for table in tables
            for path in sorted((root / table).rglob("*.parquet"))
        }


class Stored(NamedTuple):
    """What `curves` and `metrics` hold, as pycocotools lays it out; -1 where there is no row, or a null."""

    precision: np.ndarray
    """T R K A M"""
    recall: np.ndarray
    """T K A M"""
    scores: np.ndarray
    """T R K A M"""


def rules_used(protocol: str, **settings: Any) -> Rules:
    """The rules of a protocol under settings."""
    return rules_of(PROTOCOLS[protocol], ProtocolSettings.model_validate(settings))


def _at(column: pl.Series, values: list[Any]) -> np.ndarray:
    """The position of each value, which must be among `values` to the bit."""
    place = {value: k for k, value in enumerate(values)}
    return np.array([place[value] for value in column.to_list()], np.int64)


def stored_arrays(chain: Chain, protocol: str, rules: Rules) -> Stored:
    """The arrays of precision, recall and scores, put together from the rows on the disk."""
    live = chain.table("categories").filter(~pl.col("retired")).sort("source_order")
    axes: dict[str, list[Any]] = {
        "threshold": list(rules.iou_thresholds),
        "recall": list(rules.recall_points),
        "category": live["category_key"].to_list(),
        "area_range": [bounds.name for bounds in rules.area_ranges],
        "max_detections": list(rules.max_detections),
    }
    curves = chain.table("curves").filter(pl.col("protocol") == protocol)
    where = tuple(_at(curves[name], values) for name, values in axes.items())
    sizes = [len(values) for values in axes.values()]
    precision, scores = np.full(sizes, -1.0), np.full(sizes, -1.0)
    precision[where], scores[where] = curves["precision"], curves["score"]
    del axes["recall"]
    numbers = chain.table("metrics").filter(pl.col("protocol") == protocol, pl.col("metric") == "recall")
    recall = np.full([len(values) for values in axes.values()], np.nan)
    recall[tuple(_at(numbers[name], values) for name, values in axes.items())] = numbers["value"].fill_null(-1.0)
    return Stored(precision, recall, scores)


def overall(chain: Chain, protocol: str) -> dict[str, float | None]:
    """The protocol's numbers over all classes, by name."""
    rules = rules_used(protocol)
    names = [number.name for number in PROTOCOLS[protocol].numbers(rules)]
    rows = chain.table("metrics").filter(
        pl.col("protocol") == protocol, pl.col("category").is_null(), pl.col("metric").is_in(names)
    )
    return dict(zip(rows["metric"].to_list(), rows["value"].to_list(), strict=True))


def image(number: int, **more: Any) -> dict[str, Any]:
    """An image of 200 x 100 pixels."""
    return {"id": number, "file_name": f"{number}.jpg", "width": 200, "height": 100, **more}


def box(number: Any, corner: Sequence[float], category: int = 1, **more: Any) -> dict[str, Any]:
    """A record with a box on an image: an annotation with an id, a result with a score."""
    return {"image_id": number, "category_id": category, "bbox": corner, **more}


def truth_of(*annotations: dict[str, Any], images: int = 2, categories: int = 2) -> dict[str, Any]:
    """Ground truth of some images and classes, numbered from 1; annotations get ids where they have none."""
    return {
        "images": [image(number) for number in range(1, images + 1)],
        "categories": [{"id": number, "name": f"class {number}"} for number in range(1, categories + 1)],
        "annotations": [{"id": k, **annotation} for k, annotation in enumerate(annotations, 1)],
    }
