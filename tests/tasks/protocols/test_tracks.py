"""The protocol of tracks."""

import numpy as np

from tasks.protocols.tracks import PROTOCOL


def test_thresholds_are_those_of_trackeval() -> None:
    """To the bit: at a threshold that an IoU lands on each counts."""
    assert PROTOCOL.rules.iou_thresholds == tuple(np.arange(0.05, 0.99, 0.05).tolist())
    assert dict(PROTOCOL.rules.options) == {"match_iou": (0.5,)}


def test_it_runs_unasked_where_both_sides_have_tracks() -> None:
    """On the engine of its name."""
    assert (PROTOCOL.engine, PROTOCOL.unasked, PROTOCOL.unasked_on) == ("tracks", ("tracks",), ("tracks",))


def test_it_prints_hota_mota_and_identity() -> None:
    """What they consist of, and the means over classes."""
    names = [number.name for number in PROTOCOL.numbers(PROTOCOL.rules)]
    assert names[:8] == ["HOTA", "DetA", "AssA", "DetRe", "DetPr", "AssRe", "AssPr", "LocA"]
    assert names[8:18] == ["MOTA", "MOTP", "IDF1", "IDP", "IDR", "IDSW", "Frag", "MT", "PT", "ML"]
    assert names[18:] == ["mean_HOTA", "mean_MOTA", "mean_IDF1"]
