"""Why a detection is a false positive: TIDE's tests, in the order tidecv 1.0.1 asks them."""

import numpy as np

from tasks.kernels.arrays import Bool, Int32, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.nearest import Nearest
from tasks.kernels.pairs import Pairs

NO_ERROR, CLASS, LOCATION, BOTH, DUPLICATE, BACKGROUND = range(6)
"""Codes of `error`: none, and TIDE's Cls, Loc, Both, Dupe, Bkg."""
BACKGROUND_IOU = 0.1
"""Up to here an overlap is background (tidecv's background_threshold)."""


@kernel
def _reason(best: float, best_other: float, best_found: float, threshold: float) -> int:
    """The code for the highest similarity in class, out of class, and in class with an annotation already found."""
    if BACKGROUND_IOU <= best <= threshold:
        return LOCATION
    if best_other >= threshold:
        return CLASS
    if best_found >= threshold:
        return DUPLICATE
    if best > BACKGROUND_IOU or best_other > BACKGROUND_IOU:
        return BOTH
    return BACKGROUND


@kernel
def _best_found(d: int, pairs: Pairs, category: int, gt_category: Int32, found: Bool) -> float:
    """Highest similarity of detection d with an annotation of its class that was found; -1 if there is none."""
    best = -1.0
    for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
        g = pairs.annotation[pair]
        if found[g] and gt_category[g] == category:
            best = max(best, pairs.similarity[pair])
    return best


@kernel
def reasons(
    pairs: Pairs,
    near: Nearest,
    false_positive: Bool,
    dt_category: Int32,
    gt_category: Int32,
    found: Bool,
    threshold: float,
) -> UInt8:
    """uint8[D]: why each detection of `false_positive` bool[D] is one; 0 for the others.

    `found` bool[G] marks annotations that count and were found at `threshold`. Pairs must reach down to 0.1. Where
    there is nothing near: background.
    """
    error = np.zeros(len(false_positive), np.uint8)
    for d in range(len(false_positive)):
        if not false_positive[d]:
            continue
        best, best_other, best_found = near.best_similarity[d], near.best_other_similarity[d], -1.0
        if best >= threshold:
            best_found = _best_found(d, pairs, dt_category[d], gt_category, found)
        error[d] = _reason(best, best_other, best_found, threshold)
    return error
