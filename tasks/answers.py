"""Answers: what was chosen or written about a data unit or an object, from words to keys."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.rejects import Reason
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.kernels.digests import digest_bytes
from tasks.normalize import Step
from tasks.resolve import SET_SHIFT, SeenKeys, reject_rows, unit_faults
from tasks.units import CategoryIndex, UnitIndex, UnitNames, locate, mix


def resolve_answers(answers: pa.Table, units: UnitIndex, names: UnitNames, categories: CategoryIndex) -> Step:
    """ANSWER_RECORDS with `unit_position`, `unit_key` and `category_key`; what names nothing known is rejected whole.

    The key is the option's, of a text its attribute's. Empty in, empty out.
    """
    position = locate(one_chunk(answers["source_unit"]), one_chunk(answers["first_frame"]), names, units)
    answers = answers.append_column("unit_position", pa.array(position))
    bad = position < 0
    lost = answers["source_unit"].filter(pa.array(bad)).to_pylist()
    good, rejects = reject_rows(answers, bad, unit_faults(position[bad], lost))
    hashes = [good[name].to_pylist() for name in ("feature_hash", "attribute_hash", "option_hash")]
    triples = list(zip(*hashes, strict=True))
    category = np.array([categories.options.get(triple, -1) for triple in triples], np.int64)
    unknown = category < 0
    why = [
        (str(Reason.UNKNOWN_OPTION), f"no option {option!r} of attribute {attribute!r} of {feature!r} in the ontology")
        for (feature, attribute, option), other in zip(triples, unknown.tolist(), strict=True)
        if other
    ]
    good, more = reject_rows(good, unknown, why)
    keys = categories.category_key[category[~unknown]].astype(np.int32)
    good = good.append_column("unit_key", pa.array(units.unit_key[numbers(good["unit_position"]).astype(np.int64)]))
    good = good.append_column("category_key", pa.array(keys))
    return Step(good, pa.concat_tables([rejects, more]))


@dataclass(slots=True)
class PredictedAnswerKeys:
    """Keys of a set's answers: ascending in file order, unique in the project."""

    next_key: int

    def __call__(self, rows: pa.Table) -> Step:
        """Append `answer_key`; never rejects."""
        keys = np.arange(self.next_key, self.next_key + len(rows), dtype=np.int64)
        self.next_key += len(rows)
        return reject_rows(rows.append_column("answer_key", pa.array(keys)), np.zeros(len(rows), bool), [])

    @classmethod
    def of_set(cls, number: int, before: int = 0) -> "PredictedAnswerKeys":
        """Keys of the set of this number, 2^40 to a set, that holds `before` answers already."""
        return cls((number << SET_SHIFT) + before)


@dataclass(slots=True)
class AnnotatedAnswerKeys:
    """Keys of annotated answers: from unit, object, frames and what was answered; never from the file.

    The same answer about the same frames twice is rejected.
    """

    seen: SeenKeys = field(default_factory=SeenKeys)

    def __call__(self, rows: pa.Table) -> Step:
        """Append `answer_key`."""
        whole = [
            numbers(rows[name], missing=0).astype(np.int64) for name in ("unit_key", "category_key", "first_frame")
        ]
        keys = (
            mix((*whole, *(_digests(rows[name]) for name in ("track_id", "text"))), len(rows)) >> np.uint64(1)
        ).astype(np.int64)
        bad = self.seen.repeated(keys)
        reasons = [(str(Reason.DUPLICATE_ID), "the same answer about the same frames is there already")] * int(
            bad.sum()
        )
        return reject_rows(rows.append_column("answer_key", pa.array(keys)), bad, reasons)


def _digests(texts: pa.ChunkedArray) -> Array:
    """uint64[n] of a text column; null as the empty text."""
    column = one_chunk(texts).cast(pa.binary())
    return digest_bytes(*(np.array(part) for part in bytes_parts(column)))
