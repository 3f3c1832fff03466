"""Answers: what was chosen, ticked or written about data units and objects, frame by frame.

Radio and checklist questions as scikit-learn counts them, texts by their edit distance, ranges of frames by temporal
IoU as ActivityNet's evaluation has it (Heilbron et al., CVPR 2015), attributes of objects where the object was found.
"""

from schemas.coco_rules import DETECTION_RULES
from schemas.judging import Number, Protocol, Rules

OBJECT_IOU, TOP_K, BINS = "object_iou", "top_k", "calibration_bins"
"""Options: lowest IoU of the boxes of objects that are the same; options that may be tried; bins of confidence."""
TEMPORAL = "temporal_AP"
NAMES = (
    "accuracy",
    "macro_f1",
    "weighted_f1",
    "ECE",
    "subset_accuracy",
    "hamming_loss",
    "checklist_mAP",
    "text_exact",
    "text_similarity",
    "child_given_parent",
    "joint",
    TEMPORAL,
    "attribute_accuracy",
)


def numbers(_rules: Rules) -> tuple[Number, ...]:
    """The numbers over all questions, which the engine's metrics write."""
    return tuple(Number(name) for name in NAMES)


PROTOCOL = Protocol(
    name="answers",
    title="Answers to questions",
    rules=Rules(
        iou_thresholds=DETECTION_RULES.iou_thresholds,
        options=((OBJECT_IOU, (0.5,)), (TOP_K, (3.0,)), (BINS, (15.0,))),
    ),
    numbers=numbers,
    engine="answers",
    unasked=("answers",),
)
