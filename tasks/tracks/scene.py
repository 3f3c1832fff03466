"""Boxes of both sides as the kernels take them: sequence by sequence and class by class, frame by frame."""

from typing import NamedTuple

import numpy as np

from schemas.errors import InputError
from schemas.judging import Array
from tasks.kernels.track_pairs import Overlaps, frame_overlaps
from tasks.kernels.track_scene import Scene
from tasks.tracks.boxes import Boxes, Units


class Frames(NamedTuple):
    """Boxes grouped by sequence, class and frame; frames without any are left out."""

    sequence: Array
    """int64[S]: positions of sequences; a sequence stands there once for each class that it shows."""
    category: Array
    """int64[S]"""
    frames: Array
    """int64[S+1]: frames of each."""
    truth: Array
    """int64[F+1]: annotated boxes of each frame."""
    found: Array
    truth_order: Array
    """int64[G]: rows of the annotated boxes, as they are grouped."""
    found_order: Array


def _ends(keys: Array, wanted: Array) -> Array:
    """int64[len(wanted) + 1]: where the rows of each wanted key end, in ascending keys of which none else is there."""
    return np.concatenate([[0], np.searchsorted(keys, wanted, side="right")]).astype(np.int64)


def frames_of(truth: Boxes, found: Boxes, units: Units, classes: int) -> Frames:
    """Group the boxes of both sides; those of a frame stand in the order in which ties fall."""
    n = max(len(units.sequence), 1)
    keys = [(units.sequence[side.unit] * classes + side.category) * n + side.unit for side in (truth, found)]
    orders = [np.lexsort((side.tie, key)) for side, key in zip((truth, found), keys, strict=True)]
    moments = np.unique(np.concatenate(keys))
    groups, group = np.unique(moments // n, return_inverse=True)
    return Frames(
        groups // max(classes, 1),
        groups % max(classes, 1),
        _ends(group, np.arange(len(groups))),
        *(_ends(key[order], moments) for key, order in zip(keys, orders, strict=True)),
        *orders,
    )


def overlaps_of(frames: Frames, truth: Boxes, found: Boxes) -> Overlaps:
    """Pairs of boxes of a frame that overlap, by their grouped rows."""
    sides = truth.box_px[frames.truth_order], frames.truth, found.box_px[frames.found_order], frames.found
    return frame_overlaps(*sides)


def _numbered(side: Boxes, order: Array, indptr: Array, frames: Frames) -> tuple[Array, Array]:
    """(tracks of the grouped boxes int32[n], tracks of each sequence int64[S+1])."""
    group = np.repeat(np.arange(len(frames.sequence)), np.diff(indptr[frames.frames]))
    tracks, number = np.unique(group * max(len(side.names), 1) + side.track[order], return_inverse=True)
    return number.astype(np.int32), _ends(tracks // max(len(side.names), 1), np.arange(len(frames.sequence)))


def _refuse_twice(side: Boxes, order: Array, indptr: Array, number: Array, units: Units, what: str) -> None:
    """InputError where a track has two boxes of a class on one frame."""
    frame = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    place = np.lexsort((number, frame))
    again = np.flatnonzero((np.diff(number[place]) == 0) & (np.diff(frame[place]) == 0))
    if len(again):
        row = order[place[again[0]]]
        unit = side.unit[row]
        raise InputError(
            f"track {side.names[side.track[row]]!r} of the {what} is twice on frame {units.frame[unit]} of "
            f"{units.hashes[units.sequence[unit]].as_py()!r}",
            hint="a track may have one box of a class on a frame",
        )


def scene_of(frames: Frames, truth: Boxes, found: Boxes, units: Units) -> Scene:
    """The scene that kernels judge. InputError where a track has two boxes of a class on one frame."""
    truth_track, truth_tracks = _numbered(truth, frames.truth_order, frames.truth, frames)
    found_track, found_tracks = _numbered(found, frames.found_order, frames.found, frames)
    _refuse_twice(truth, frames.truth_order, frames.truth, truth_track, units, "ground truth")
    _refuse_twice(found, frames.found_order, frames.found, found_track, units, "set")
    overlaps = overlaps_of(frames, truth, found)
    row = np.repeat(np.arange(len(truth_track)), np.diff(overlaps.indptr))
    many = max(int(found_tracks[-1]), 1)
    pairs, pair = np.unique(truth_track[row] * np.int64(many) + found_track[overlaps.found], return_inverse=True)
    return Scene(
        frames.frames, frames.truth, frames.found, truth_track, found_track, truth_tracks, found_tracks,
        *overlaps, pair, (pairs // many).astype(np.int32), (pairs % many).astype(np.int32),
    )  # fmt: skip
