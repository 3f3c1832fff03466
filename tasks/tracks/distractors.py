"""MOTChallenge's preprocessing: what is predicted on a distractor does not count, and nothing but pedestrians does.

On every frame all predicted boxes are assigned to all annotated ones of any class with an IoU of .5 or more; those that
go to a distractor are taken out. Then only annotated pedestrians stay, without those marked zero.
Source: Milan et al., MOT16 (2016), section 4.1, in what it leaves open trackeval's `MotChallenge2DBox`.
"""

from collections.abc import Sequence

import numpy as np

from schemas.judging import Array, Rules
from schemas.names import snake_case
from tasks.kernels.track_pairs import frame_partners
from tasks.mot.classes import CLASSES, JUDGED
from tasks.protocols.motchallenge import DISTRACTORS, IOU
from tasks.tracks.boxes import Boxes, Sides
from tasks.tracks.scene import frames_of, overlaps_of


def class_numbers(names: Sequence[str]) -> Array:
    """int64[K]: MOTChallenge's numbers of classes by name; 0 for others."""
    return np.array([CLASSES.get(snake_case(name), 0) for name in names], np.int64)


def _as_one_class(side: Boxes) -> Boxes:
    return side._replace(category=np.zeros_like(side.category))


def without_distractors(sides: Sides, rules: Rules) -> Sides:
    """Both sides as MOTChallenge counts them. No boxes on a side: nothing is taken out of the other."""
    kinds = class_numbers(sides.classes.names)
    found = sides.found.only(kinds[sides.found.category] == JUDGED)
    truth = sides.truth.only(kinds[sides.truth.category] > 0)
    frames = frames_of(_as_one_class(truth), _as_one_class(found), sides.units, 1)
    partner = frame_partners(overlaps_of(frames, truth, found), frames.truth, frames.found, IOU)
    assigned = partner >= 0
    taken_out = np.zeros(len(found.unit), bool)
    kind = kinds[truth.category[frames.truth_order[partner[assigned]]]]
    taken_out[frames.found_order[assigned]] = np.isin(kind, dict(rules.options)[DISTRACTORS])
    judged = truth.only((kinds[truth.category] == JUDGED) & ~truth.ignored)
    counts = {**sides.counts, "predictions_on_distractors": int(taken_out.sum())}
    return sides._replace(truth=judged, found=found.only(~taken_out), counts=counts)
