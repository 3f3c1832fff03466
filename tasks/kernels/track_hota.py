"""HOTA: matches that detection and association agree on, at every threshold. Source: Luiten et al., IJCV 2021."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.assignment import assign
from tasks.kernels.compile import kernel
from tasks.kernels.track_scene import Scene

_EPS = 2.0**-52


class Hota(NamedTuple):
    """Sums over the matches of S sequences at A thresholds."""

    matches: Int64
    """int64[S, A]"""
    similarity: Float64
    """float64[S, A]: sum of their IoU."""
    association: Float64
    """float64[S, A, 3]: sums over matches of the accuracy, recall and precision of their pair of tracks."""


@kernel
def _boxes_of(tracks: Int32, count: int) -> Int64:
    """int64[count]: boxes of each track."""
    boxes = np.zeros(count, np.int64)
    for track in tracks:
        boxes[track] += 1
    return boxes


@kernel
def _sums_by_found(scene: Scene, f: int) -> Float64:
    """Sums of the IoUs of each predicted row of a frame."""
    d0 = scene.found[f]
    sums = np.zeros(scene.found[f + 1] - d0)
    for p in range(scene.overlap[scene.truth[f]], scene.overlap[scene.truth[f + 1]]):
        sums[scene.overlap_found[p] - d0] += scene.iou[p]
    return sums


@kernel
def _potential(scene: Scene) -> Float64:
    """float64[P]: over the frames that a pair of tracks overlaps on, the sum of its share of what overlaps there."""
    potential = np.zeros(len(scene.pair_truth))
    for f in range(len(scene.truth) - 1):
        by_found = _sums_by_found(scene, f)
        for g in range(scene.truth[f], scene.truth[f + 1]):
            by_truth = scene.iou[scene.overlap[g] : scene.overlap[g + 1]].sum()
            for p in range(scene.overlap[g], scene.overlap[g + 1]):
                whole = by_found[scene.overlap_found[p] - scene.found[f]] + by_truth - scene.iou[p]
                if whole > _EPS:
                    potential[scene.pair[p]] += scene.iou[p] / whole
    return potential


@kernel
def _alignment(scene: Scene, truth_boxes: Int64, found_boxes: Int64) -> Float64:
    """float64[P]: how well two tracks go together as wholes, before anything is matched."""
    alignment = _potential(scene)
    for k in range(len(alignment)):
        boxes = truth_boxes[scene.pair_truth[k]] + found_boxes[scene.pair_found[k]]
        alignment[k] /= boxes - alignment[k]
    return alignment


@kernel
def _match_frame(scene: Scene, f: int, alignment: Float64) -> Int64:
    """Places of the overlaps that a frame's assignment takes; -1 for annotated rows without."""
    g0, d0 = scene.truth[f], scene.found[f]
    rows, columns = scene.truth[f + 1] - g0, scene.found[f + 1] - d0
    score, place = np.zeros((rows, columns)), np.full((rows, columns), -1)
    for row in range(rows):
        for p in range(scene.overlap[g0 + row], scene.overlap[g0 + row + 1]):
            column = scene.overlap_found[p] - d0
            score[row, column], place[row, column] = alignment[scene.pair[p]] * scene.iou[p], p
    taken = np.full(rows, -1)
    for row, column in enumerate(assign(score)):
        if column >= 0:
            taken[row] = place[row, column]
    return taken


@kernel
def _count(scene: Scene, thresholds: Float64, alignment: Float64, hota: Hota, together: Int64) -> None:
    """Add the matches of all frames; `together` int64[P, A] counts those of each pair of tracks."""
    for s in range(len(scene.frames) - 1):
        for f in range(scene.frames[s], scene.frames[s + 1]):
            for p in _match_frame(scene, f, alignment):
                for a in range(len(thresholds)):
                    if p >= 0 and scene.iou[p] >= thresholds[a] - _EPS:
                        hota.matches[s, a] += 1
                        hota.similarity[s, a] += scene.iou[p]
                        together[scene.pair[p], a] += 1


@kernel
def hota_sums(scene: Scene, thresholds: Float64) -> Hota:
    """Match every frame of every sequence and sum up, at `thresholds` float64[A] in (0, 1].

    An empty side: zeros.
    """
    shape = len(scene.frames) - 1, len(thresholds)
    hota = Hota(np.zeros(shape, np.int64), np.zeros(shape), np.zeros((shape[0], shape[1], 3)))
    truth_boxes = _boxes_of(scene.truth_track, scene.truth_tracks[-1])
    found_boxes = _boxes_of(scene.found_track, scene.found_tracks[-1])
    together = np.zeros((len(scene.pair_truth), len(thresholds)), np.int64)
    _count(scene, thresholds, _alignment(scene, truth_boxes, found_boxes), hota, together)
    s = 0
    for k in range(len(together)):
        while scene.pair_truth[k] >= scene.truth_tracks[s + 1]:
            s += 1
        truth, found = truth_boxes[scene.pair_truth[k]], found_boxes[scene.pair_found[k]]
        for a in range(len(thresholds)):
            n = together[k, a]
            hota.association[s, a, 0] += n * (n / (truth + found - n))
            hota.association[s, a, 1] += n * (n / truth)
            hota.association[s, a, 2] += n * (n / found)
    return hota
