"""Identity: one predicted track for each annotated one over a whole sequence. Source: Ristani et al., ECCVW 2016."""

import numpy as np

from tasks.kernels.arrays import Int64
from tasks.kernels.assignment import assign
from tasks.kernels.compile import kernel
from tasks.kernels.track_scene import Scene


@kernel
def _boxes_together(scene: Scene, threshold: float) -> Int64:
    """int64[P]: frames on which a pair of tracks overlaps by the threshold or more."""
    together = np.zeros(len(scene.pair_truth), np.int64)
    for p in range(len(scene.iou)):
        together[scene.pair[p]] += scene.iou[p] >= threshold
    return together


@kernel
def _most_together(scene: Scene, s: int, first: int, end: int, together: Int64) -> int:
    """The most boxes that one-to-one partners among the tracks of a sequence have together; its pairs are first:end."""
    truth = np.full(scene.truth_tracks[s + 1] - scene.truth_tracks[s], -1)
    found = np.full(scene.found_tracks[s + 1] - scene.found_tracks[s], -1)
    rows, columns = 0, 0
    for k in range(first, end):  # number the tracks that have a box together with any
        row, column = scene.pair_truth[k] - scene.truth_tracks[s], scene.pair_found[k] - scene.found_tracks[s]
        if together[k] > 0 and truth[row] < 0:
            truth[row], rows = rows, rows + 1
        if together[k] > 0 and found[column] < 0:
            found[column], columns = columns, columns + 1
    score = np.zeros((rows, columns))
    for k in range(first, end):
        if together[k] > 0:
            row, column = scene.pair_truth[k] - scene.truth_tracks[s], scene.pair_found[k] - scene.found_tracks[s]
            score[truth[row], found[column]] = together[k]
    total = 0.0
    for row, column in enumerate(assign(score)):
        total += score[row, column] if column >= 0 else 0.0
    return int(total)


@kernel
def identity_sums(scene: Scene, threshold: float) -> Int64:
    """int64[S]: boxes of each sequence that are identified by the best one-to-one partners of tracks (IDTP).

    An empty side: 0.
    """
    together = _boxes_together(scene, threshold)
    identified = np.zeros(len(scene.frames) - 1, np.int64)
    first = 0
    for s in range(len(identified)):
        end = first
        while end < len(together) and scene.pair_truth[end] < scene.truth_tracks[s + 1]:
            end += 1
        identified[s] = _most_together(scene, s, first, end, together)
        first = end
    return identified
