"""Pedestrian tracks as MOT16 and MOT17 count them: `tracks` after MOTChallenge's preprocessing.

Equal to trackeval 1.3.0, `MotChallenge2DBox` with DO_PREPROC.
"""

from dataclasses import replace

from tasks.mot.classes import CLASSES
from tasks.protocols.tracks import PROTOCOL as TRACKS

DISTRACTORS = "distractors"
"""Option: numbers of the classes on which predictions do not count."""
IOU = 0.5
"""Lowest IoU at which a prediction goes to a distractor."""
_NAMES = ("person_on_vehicle", "static_person", "distractor", "reflection")

PROTOCOL = replace(
    TRACKS,
    name="motchallenge",
    title="MOT16, MOT17: pedestrian tracks",
    rules=replace(
        TRACKS.rules, options=(*TRACKS.rules.options, (DISTRACTORS, tuple(float(CLASSES[name]) for name in _NAMES)))
    ),
    unasked=("mot",),
    needs_class="pedestrian",
)
