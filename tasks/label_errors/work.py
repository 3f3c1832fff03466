"""Label errors over buckets: a look at how well each set knows its business, and one for the candidates."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from schemas.records import Run
from tasks.failure_analysis.bins import bin_of, quantile_bins
from tasks.failure_analysis.sampling import lowest
from tasks.label_errors.candidates import Candidates, ranked
from tasks.label_errors.evidence import Bucket, Evidence, Standing, read_evidence
from tasks.label_errors.kinds import KINDS
from tasks.label_errors.trust import trust_of

SAMPLE = 20_000
"""Predictions of a set, chosen by key, from which the trust in scores is taken; smaller sets are taken whole."""
_SIZES = 10


class _Facts(NamedTuple):
    """Of a bucket: samples of each set's predictions, and how the annotations fared."""

    samples: tuple[tuple[Array, Array, Array], ...]
    """key, score and hit of each set's"""
    position: Array
    area: Array
    hits: Array
    """bool[S, G]"""


def _sampled(key: Array, score: Array, hit: Array) -> tuple[Array, Array, Array]:
    rows = lowest(key, SAMPLE)
    return key[rows], score[rows], hit[rows]


def _facts(bucket: Bucket) -> _Facts:
    evidence = read_evidence(bucket, with_boxes=False)
    box = evidence.annotations.box
    samples = tuple(_sampled(found.key, found.score, found.hit) for found in evidence.found)
    hits = np.stack([seen.hit for seen in evidence.seen])
    return _Facts(samples, evidence.annotations.position, box[:, 2] * box[:, 3], hits)


def _share(hits: Array, groups: Array, size: int) -> Array:
    """float64[S, size]: share of hits bool[S, G] in each group; 0 where there is none."""
    counts = np.bincount(groups, minlength=size)
    found = np.stack([np.bincount(groups[row], minlength=size) for row in hits])
    return found / np.maximum(counts, 1)


def standing_of(parts: Sequence[_Facts], classes: int, threshold: float) -> Standing:
    """What is known of the sets over all buckets."""
    position, area = (np.concatenate([getattr(part, name) for part in parts]) for name in ("position", "area"))
    hits = np.concatenate([part.hits for part in parts], axis=1)
    sizes = quantile_bins(area, _SIZES)
    sizes = sizes if len(sizes) else np.zeros(1)
    joined = [
        _sampled(*map(np.concatenate, zip(*own, strict=True))) for own in zip(*(p.samples for p in parts), strict=True)
    ]
    return Standing(
        tuple(trust_of(score, hit) for _, score, hit in joined),
        _share(hits, position, classes),
        _share(hits, bin_of(area, sizes, 0), len(sizes)),
        sizes,
        threshold,
    )


def bucket_candidates(evidence: Evidence, standing: Standing, least: float, most: int) -> Candidates:
    """Candidates of every kind, best first."""
    found = (kind.candidates(evidence, standing) for kind in KINDS)
    return ranked((part._replace(kind=np.full(len(part.score), k)) for k, part in enumerate(found)), least, most)


def _look(bucket: Bucket, standing: Standing, least: float, most: int) -> Candidates:
    return bucket_candidates(read_evidence(bucket), standing, least, most)


def find_candidates(
    buckets: Sequence[Bucket], classes: int, threshold: float, least: float, most: int, run: Run
) -> Candidates:
    """Candidates of all buckets, best first."""
    facts = list(run(_facts, buckets, label="trust"))
    standing = standing_of(facts, classes, threshold)
    looking = partial(_look, standing=standing, least=least, most=most)
    return ranked(run(looking, buckets, label="label errors"), least, most)
