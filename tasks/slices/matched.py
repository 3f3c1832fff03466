"""A bucket's matches restricted to a slice: who matched whom stays as it was."""

import numpy as np

from schemas.judging import Array, Claims, MatchedDetections, MatchedShard, MeasureContext
from tasks.columns import numbers
from tasks.slices.members import ANNOTATIONS, Slice


def restrict_shard(shard: MatchedShard, part: Slice, context: MeasureContext) -> MatchedShard:
    """The shard's part. Of units both sides; of annotations all predictions, and the others are as if ignored."""
    if part.side == ANNOTATIONS:
        return _of_annotations(shard, part)
    units = _units(part, context)
    found, known = units[shard.detections.unit], units[shard.truth_unit]
    kept = found[shard.event]
    return MatchedShard(
        detections=_only(shard.detections, found),
        event=(np.cumsum(found) - 1)[shard.event[kept]],
        event_tp=shard.event_tp[kept],
        event_counted=shard.event_counted[kept],
        similarity=shard.similarity[found],
        truth_unit=shard.truth_unit[known],
        truth_category=shard.truth_category[known],
        truth_found=shard.truth_found[known],
        truth_counted=shard.truth_counted[known],
        claims=Claims(*(column[known] for column in shard.claims)),
    )


def restrict_detections(found: MatchedDetections, part: Slice, context: MeasureContext) -> MatchedDetections:
    """The detections of a slice of units; a slice of annotations has them all."""
    if part.side == ANNOTATIONS:
        return found
    return _only(found, _units(part, context)[found.unit])


def _units(part: Slice, context: MeasureContext) -> Array:
    """bool[U]: rows of `data_units` that are in the slice."""
    return part.holds(numbers(context.units["unit_key"]))


def _only(found: MatchedDetections, which: Array) -> MatchedDetections:
    return MatchedDetections(*(column[which] for column in found))


def _of_annotations(shard: MatchedShard, part: Slice) -> MatchedShard:
    """Annotations outside count no more, nor do predictions where they found one of them.

    A prediction that found none is false in every slice.
    """
    assert shard.partners is not None, "they are read where slices of annotations are asked for"
    inside = part.holds(shard.partners.truth_key)
    elsewhere = shard.event_tp & ~np.append(inside, False)[shard.partners.found]
    claims = shard.claims
    return shard._replace(
        event_tp=shard.event_tp & ~elsewhere,
        event_counted=shard.event_counted & ~elsewhere,
        truth_found=shard.truth_found & inside[:, None, None],
        truth_counted=shard.truth_counted & inside[:, None],
        claims=claims._replace(
            found_score=np.where(inside, claims.found_score, np.nan),
            mended_category=np.where(inside, claims.mended_category, np.int32(-1)),
            mended_score=np.where(inside, claims.mended_score, np.nan),
        ),
    )
