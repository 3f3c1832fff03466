"""CLEAR: matches that go on from the frame before, identity switches and fragments.

Source: Bernardin and Stiefelhagen, EURASIP 2008; in what they leave open, trackeval's `CLEAR`.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.assignment import assign
from tasks.kernels.compile import kernel
from tasks.kernels.track_scene import Scene

_EPS = 2.0**-52
_GOES_ON = 1000.0
"""Score of a match that goes on from the frame before; any IoU is less."""
_MOSTLY, _PARTLY = 0.8, 0.2
"""Shares of its boxes from which an annotated track is mostly (more than) or partly (at least) tracked."""


class Clear(NamedTuple):
    """Sums over S sequences, int64[S] but for the similarity."""

    matches: Int64
    similarity: Float64
    """float64[S]: sum of their IoU."""
    switches: Int64
    fragments: Int64
    mostly_tracked: Int64
    partly_tracked: Int64
    mostly_lost: Int64


class _State(NamedTuple):
    """What is known of each annotated track."""

    partner: Int32
    """Predicted track of its last match; -1: none yet."""
    matched_at: Int64
    """Number of the frame of its last match, among those with boxes on both sides."""
    boxes: Int64
    matches: Int64
    begun: Int64
    """Times that it was matched without having been on the frame before."""


@kernel
def _frame_scores(scene: Scene, f: int, threshold: float, state: _State, now: int) -> tuple[Float64, Float64]:
    """float64[n, m]: scores to assign by, and the IoUs among them."""
    g0, d0 = scene.truth[f], scene.found[f]
    score = np.zeros((scene.truth[f + 1] - g0, scene.found[f + 1] - d0))
    iou = np.zeros(score.shape)
    for row in range(len(score)):
        track = scene.truth_track[g0 + row]
        partner = state.partner[track] if state.matched_at[track] == now - 1 else -1
        for p in range(scene.overlap[g0 + row], scene.overlap[g0 + row + 1]):
            if scene.iou[p] >= threshold - _EPS:
                column = scene.overlap_found[p] - d0
                goes_on = scene.found_track[scene.overlap_found[p]] == partner
                score[row, column] = _GOES_ON * goes_on + scene.iou[p]
                iou[row, column] = scene.iou[p]
    return score, iou


@kernel
def _match(state: _State, clear: Clear, s: int, track: int, partner: int, now: int) -> None:
    """Note a match of an annotated track."""
    clear.matches[s] += 1
    clear.switches[s] += state.partner[track] >= 0 and state.partner[track] != partner
    state.begun[track] += state.matched_at[track] != now - 1
    state.matches[track] += 1
    state.partner[track], state.matched_at[track] = partner, now


@kernel
def _judge_frame(scene: Scene, s: int, f: int, threshold: float, state: _State, clear: Clear, now: int) -> None:
    """Match the boxes of a frame that has some on both sides."""
    score, iou = _frame_scores(scene, f, threshold, state, now)
    for row, column in enumerate(assign(score)):
        if column >= 0 and score[row, column] > _EPS:
            track, partner = scene.truth_track[scene.truth[f] + row], scene.found_track[scene.found[f] + column]
            clear.similarity[s] += iou[row, column]
            _match(state, clear, s, track, partner, now)


@kernel
def _sum_tracks(scene: Scene, s: int, state: _State, clear: Clear) -> None:
    """Count the annotated tracks of a sequence by how much of them was tracked."""
    for track in range(scene.truth_tracks[s], scene.truth_tracks[s + 1]):
        share = state.matches[track] / state.boxes[track]
        clear.fragments[s] += max(0, state.begun[track] - 1)
        if share > _MOSTLY:
            clear.mostly_tracked[s] += 1
        elif share >= _PARTLY:
            clear.partly_tracked[s] += 1
        else:
            clear.mostly_lost[s] += 1


@kernel
def clear_sums(scene: Scene, threshold: float) -> Clear:
    """Match every sequence frame by frame and sum up. An empty side: zeros, and annotated tracks are lost.

    A frame without boxes on one side interrupts no track: the frame before it is the one that matches go on from.
    """
    sequences, tracks = len(scene.frames) - 1, scene.truth_tracks[-1]
    sums = np.zeros((6, sequences), np.int64)
    clear = Clear(sums[0], np.zeros(sequences), sums[1], sums[2], sums[3], sums[4], sums[5])
    counts = np.zeros((3, tracks), np.int64)
    state = _State(np.full(tracks, -1, np.int32), np.full(tracks, -2), counts[0], counts[1], counts[2])
    for track in scene.truth_track:
        state.boxes[track] += 1
    for s in range(sequences):
        now = 0
        for f in range(scene.frames[s], scene.frames[s + 1]):
            if scene.truth[f + 1] > scene.truth[f] and scene.found[f + 1] > scene.found[f]:
                _judge_frame(scene, s, f, threshold, state, clear, now)
                now += 1
        _sum_tracks(scene, s, state, clear)
    return clear
