"""Tracks of sequences as kernels see them."""

from typing import NamedTuple

from tasks.kernels.arrays import Float64, Int32, Int64


class Scene(NamedTuple):
    """S sequences (of one class each), their F frames with boxes, G annotated and D predicted ones, N overlaps."""

    frames: Int64
    """int64[S+1]: frames of sequence s are frames[s]:frames[s+1], in the order of time."""
    truth: Int64
    """int64[F+1]: annotated rows of frame f are truth[f]:truth[f+1]."""
    found: Int64
    """int64[F+1]: predicted rows of frame f."""
    truth_track: Int32
    """int32[G]: tracks, numbered through all sequences, sequence by sequence."""
    found_track: Int32
    """int32[D]"""
    truth_tracks: Int64
    """int64[S+1]: annotated tracks of sequence s."""
    found_tracks: Int64
    """int64[S+1]"""
    overlap: Int64
    """int64[G+1]: overlaps of annotated row g."""
    overlap_found: Int32
    """int32[N]: the predicted row of each."""
    iou: Float64
    """float64[N], above 0."""
    pair: Int64
    """int64[N]: place in the list of P pairs of tracks that overlap on some frame."""
    pair_truth: Int32
    """int32[P]: annotated track, ascending."""
    pair_found: Int32
    """int32[P]"""
