"""Compile every kernel once, so that no user waits for it: python -m deployments.warm

What is compiled is kept beside the sources. Whoever comes first waits a minute or more for it; this way it is
whoever installs, by evaluating the sample into a store that is thrown away.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from deployments.command import boxscore
from deployments.sample import FOLDER, PROJECT, sample_parameters
from schemas.errors import BoxscoreError
from schemas.parameters import EvaluateParameters
from tasks.columns import only_read
from tasks.kernels import code_store
from tasks.kernels.answer_ranges import Options, average_precisions, chained, joined_rows, match_ranges
from tasks.kernels.answer_rows import Asked, Frames, Side, Stored, ordered_pieces, place_answers
from tasks.kernels.answer_stretches import agree, arrange, falling_keys, sweep
from tasks.kernels.answer_sums import Given, option_sums, score_sums
from tasks.kernels.answer_tallies import ordered_sums, summed
from tasks.kernels.boundary import boundaries, least_of
from tasks.kernels.image_pixels import image_sums
from tasks.kernels.parquet_encodings import hybrid
from tasks.kernels.point_distance import point_pairs
from tasks.kernels.polyline_distance import polyline_pairs, resample
from tasks.kernels.rle import decode_runs, encode_runs
from tasks.kernels.rle_rows import by_columns
from tasks.kernels.rotated_iou import rotated_pairs
from tasks.kernels.row_order import ascending
from tasks.kernels.track_clear import clear_sums
from tasks.kernels.track_hota import hota_sums
from tasks.kernels.track_identity import identity_sums
from tasks.kernels.track_pairs import frame_partners
from tasks.tracks.boxes import Boxes, Units
from tasks.tracks.scene import frames_of, overlaps_of, scene_of

STAMP = Path(sys.prefix) / ".kernels-compiled"
"""What all kernels were compiled for in this environment."""
SAMPLE_STAMP = Path(sys.prefix) / ".sample-kernels-compiled"
"""Likewise, of those that evaluate the sample."""


def is_warm(stamp: Path | None = None) -> bool:
    """Whether all kernels, or those of `stamp`, were compiled as they are now, for this machine, and code is there."""
    stamp = stamp or STAMP
    return stamp.is_file() and stamp.read_text() == code_store.what_for() and code_store.is_anywhere()


def warm() -> None:
    """Evaluate the sets of the sample and measure their quality, then those of other formats, and canonical order.

    Nothing is done where all is compiled.
    """
    if is_warm():
        return
    _announce()
    with tempfile.TemporaryDirectory() as store, ThreadPoolExecutor(2) as pool:
        first, *others = sets = sample_parameters(Path(store))
        _evaluate_each(sets, pool)
        _measure(first)
        rest = (_read_encord, _turn_masks, _compare_shapes, _compare_answers, _follow_tracks)
        again = [pool.submit(_reanalyze, first), *map(pool.submit, rest)]
        list(pool.map(_measure, others))
        image_sums(np.zeros((3, 3, 3), np.uint8))
        hybrid(only_read(np.arange(300, dtype=np.int32)), 9)  # of more texts than the sample has
        for each in again:
            each.result()
    STAMP.write_text(code_store.what_for())


def warm_for_sample() -> None:
    """Compile what evaluating the sample needs: less than half of all. The rest waits for whoever needs it first."""
    if is_warm() or is_warm(SAMPLE_STAMP):
        return
    _announce()
    with tempfile.TemporaryDirectory() as store, ThreadPoolExecutor(2) as pool:
        _evaluate_each(sample_parameters(Path(store)), pool)
    SAMPLE_STAMP.write_text(code_store.what_for())


def _announce() -> None:
    print("compiling the kernels (a minute or two, once)", flush=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # modules that are compiled at each start cost as much as they do


def _place(each: EvaluateParameters) -> tuple[str, ...]:
    """A store for each set: nobody waits for another's lock."""
    return "--project", PROJECT, "--store", str(each.store / each.name), "--json"


def _evaluate_each(sets: Sequence[EvaluateParameters], pool: ThreadPoolExecutor) -> None:
    """The first compiles what all of them share, the rest go two at a time: compiling takes one core.

    Half of what the first needs comes after the reading of JSON, which takes as long to compile: the other core does
    it meanwhile, for files of another format.
    """
    first, *others = sets
    meanwhile = pool.submit(_evaluate_a_row)
    _evaluate(first)
    meanwhile.result()
    list(pool.map(_evaluate, others))


def _evaluate_a_row() -> None:
    """A box in KITTI's text, found where it is."""
    row = "Car 0 0 0 10 10 50 40 1 1 1 0 0 10 0"
    with tempfile.TemporaryDirectory() as folder:
        truth, found, units = (Path(folder, name) for name in ("truth", "found", "units.json"))
        for labels, text in ((truth, row), (found, f"{row} 0.9")):
            labels.mkdir()
            (labels / "0.txt").write_text(text)
        units.write_text('[{"data_hash": "0", "data_title": "0.png", "data_type": "image", "width": 64, "height": 64}]')
        files = ("--ground-truth", str(truth), "--predictions", str(found), "--data-units", str(units))
        store = ("--project", PROJECT, "--store", str(Path(folder, "store")), "--json")
        boxscore("evaluate", *files, "--protocol", "coco-bbox", *store, quiet=True)


def _evaluate(each: EvaluateParameters) -> None:
    files = ("--ground-truth", str(each.ground_truth), "--predictions", str(each.predictions))
    boxscore("evaluate", *files, *_place(each), quiet=True)


def _measure(each: EvaluateParameters) -> None:
    boxscore("quality", "--ground-truth", *_place(each), quiet=True)


def _reanalyze(each: EvaluateParameters) -> None:
    for options in (("--tie-order", "canonical"), ("--protocol", "all")):
        boxscore("reanalyze", "--all", *options, *_place(each), quiet=True)
    for command in ("failures", "label-errors"):
        boxscore(command, each.name, *_place(each), quiet=True)


def _read_encord() -> None:
    """The sample as label rows and as a pickle, under the protocols that follow from it."""
    folder = FOLDER / "encord"
    with tempfile.TemporaryDirectory() as store:
        for name in ("predictions.json", "predictions.pkl"):
            files = ("--ground-truth", str(folder / "labels.json"), "--predictions", str(folder / name))
            boxscore("evaluate", *files, "--project", PROJECT, "--store", str(Path(store, name)), "--json", quiet=True)


def _turn_masks() -> None:
    """A mask of one pixel that is given by rows, as no mask of the sample is."""
    runs, offsets = decode_runs(np.frombuffer(b"1", np.uint8), np.array([0, 1]))
    encode_runs(runs, offsets)
    by_columns(runs, 1, 1)


def _compare_shapes() -> None:
    """The similarities for which the sample has no shapes, of one of each; as the shapes call them."""
    units, crowd, limits = np.array([0, 1]), np.zeros(1, bool), np.ones(1)
    corners, points = np.zeros((1, 4, 2)), np.zeros((1, 2))
    pairs = rotated_pairs(corners, units, corners, crowd, units, 0.1)
    point_pairs(points, units, points, units, np.ones(1), limits, 0.1)
    samples = resample(points, units, 2)
    polyline_pairs(samples, units, samples, units, False, limits, 0.1)
    side_px, every = np.ones(1, np.int64), np.ones(1, bool)
    boundaries(np.frombuffer(b"1", np.uint8), units, side_px, side_px, side_px, every)
    least_of(pairs, pairs, crowd)


def _compare_answers() -> None:
    """The sample has no answers: two sides of one, as the engine compares them."""
    group, frame, code = np.zeros(2, np.int64), np.zeros(2, np.int64), only_read(np.zeros(2, np.int32))
    stored = Stored(only_read(group), code, code, code, only_read(group))
    asked, units = Asked(group, group, group), Frames(np.zeros(1, np.int32), group, frame, np.zeros(1, bool), frame)
    place_answers(stored, asked, units)
    side = Side(group, group, group, frame, frame, group, only_read(np.zeros(2)))
    ordered_pieces(side, side, 1, 1)
    found = sweep(group, frame, frame)
    sides = arrange(found.indptr, found.row, np.array([False, True]), group, np.zeros(2))
    agree(sides.annotated_indptr, sides.annotated_row, sides.predicted_indptr, sides.predicted_row)
    given, hit, score = Given(np.array([0, 1, 2]), group), np.zeros(2, bool), only_read(np.zeros(2))
    option_sums(group, group, frame, given, given, hit, 1)
    score_sums(group, group, group, frame, given, given, score, given.indptr, hit, group, 1, 1)
    average_precisions(match_ranges(group, frame, frame, group, frame, frame, np.ones(1)), 1)
    keys = np.stack([group, frame])
    ascending(keys, frame)
    summed(group, frame, keys)
    ordered_sums(frame, keys, np.array([0, 1]))
    falling_keys(np.zeros(2))
    joined_rows(keys, frame)
    chained(group, frame, frame, hit, Options(given.indptr, group, score, given.indptr), 1)


def _follow_tracks() -> None:
    """A track of one box on each side, as the sample has none."""
    one = np.zeros(1, np.int64)
    box = Boxes(one, one, one, np.ones((1, 4)), one, np.zeros(1, bool), ["track"])
    units = Units(one, pa.array(["video"]), one, one)
    frames = frames_of(box, box, units, 1)
    scene = scene_of(frames, box, box, units)
    hota_sums(scene, np.full(1, 0.5))
    clear_sums(scene, 0.5)
    identity_sums(scene, 0.5)
    frame_partners(overlaps_of(frames, box, box), frames.truth, frames.found, 0.5)


def main() -> int:
    """Exit 0 when all is compiled."""
    try:
        warm()
    except BoxscoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
