"""Quality metrics over sequences and over pixels: python quality_inputs.py [FRAMES] [IMAGES]

Made-up tracks of 20 boxes a frame, over FRAMES frames (default 5,000) and over four times as many: CPU seconds of each
metric over sequences, which should be four times as many. Then IMAGES images (default 1,000) of 640 x 480 px, as JPEG
and as PNG: images a second of wall time and of two cores' CPU time, start of the processes included and not, beside
what the decoder alone takes. Prints one JSON document.
"""

import json
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from schemas.tables import DATA_UNITS, PREDICTIONS
from tasks.columns import completed, matrix_struct
from tasks.images.decode import decode
from tasks.images.measure import ImageFile, measure_images
from tasks.images.places import Place
from tasks.quality.bucket import Bucket
from tasks.quality.metrics import (
    detect_occlusion_in_video,
    inconsistent_class_and_track,
    missing_objects_broken_tracks,
    polygon_shape_similarity,
)
from tasks.running import threaded

TRACKS, WIDTH_PX, HEIGHT_PX, CORES = 20, 640, 480, 2
METRICS = (
    detect_occlusion_in_video,
    inconsistent_class_and_track,
    missing_objects_broken_tracks,
    polygon_shape_similarity,
)


def tracks(folder: Path, frames: int) -> Bucket:
    """A video in which every object wanders."""
    rng = np.random.default_rng(frames)
    n = frames * TRACKS
    walk = np.cumsum(rng.normal(0, 1, (frames, TRACKS, 2)), axis=0) + rng.uniform(0, 400, (TRACKS, 2))
    boxes = np.concatenate([walk, rng.uniform(30, 60, (frames, TRACKS, 2))], axis=2).reshape(n, 4)
    rows = {
        "data_units": completed(
            {
                "unit_key": np.arange(frames),
                "frame": np.arange(frames),
                "kind": ["video frame"] * frames,
                "sequence_hash": ["video"] * frames,
                "width": [WIDTH_PX] * frames,
                "height": [HEIGHT_PX] * frames,
                "source_order": np.arange(frames),
                "retired": [False] * frames,
            },
            DATA_UNITS.schema,
            frames,
        ),
        "predictions": completed(
            {
                "prediction_key": np.arange(n),
                "unit_key": np.repeat(np.arange(frames), TRACKS),
                "category_key": np.zeros(n, np.int32),
                "score": rng.random(n),
                "track_id": [str(track) for track in range(TRACKS)] * frames,
                "shape": ["bounding_box"] * n,
                "bbox_px": matrix_struct(boxes, "xywh"),
            },
            PREDICTIONS.schema,
            n,
        ),
    }
    for name, table in rows.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return Bucket("prediction", 0, 1, {name: (str(folder / f"{name}.parquet"),) for name in rows})


def sequence_seconds(folder: Path, frames: int) -> dict[str, float]:
    """CPU seconds of each metric, the second time."""
    bucket, taken = tracks(folder, frames), {}
    for module in METRICS:
        module.of_objects(bucket, None)
        start = time.process_time()
        module.of_objects(bucket, None)
        taken[module.METRIC.name] = time.process_time() - start
    return taken


def photo(seed: int) -> Image.Image:
    """Noise with the spectrum of photographs: 1 / frequency."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(HEIGHT_PX)[:, None], np.fft.rfftfreq(WIDTH_PX)[None])
    frequency[0, 0] = np.inf
    waves = rng.normal(size=(2, 3, *frequency.shape)) / frequency**1.2
    light = np.fft.irfft2(waves[0] + 1j * waves[1], (HEIGHT_PX, WIDTH_PX))
    light = np.moveaxis(light + 2 * light[:1], 0, 2)
    return Image.fromarray(np.clip(light / light.std() * 50 + 120, 0, 255).astype(np.uint8))


def image_speed(folder: Path, kind: str, count: int) -> dict[str, Any]:
    """Images a second, and bytes of one; 40 different ones, again and again."""
    contents = []
    for seed in range(40):
        made = BytesIO()
        photo(seed).save(made, kind, quality=90)
        contents.append(made.getvalue())
        (folder / f"{seed}.{kind}").write_bytes(contents[-1])
    files = [ImageFile(Place(str(folder / f"{k % 40}.{kind}"), None), WIDTH_PX, HEIGHT_PX) for k in range(count)]
    start_s = _run(files[:CORES])
    whole_s = _run(files)
    begun = time.process_time()
    for content in contents:
        decode(content, WIDTH_PX, HEIGHT_PX)
    decoding_s = (time.process_time() - begun) / len(contents)
    return {
        "bytes": round(sum(map(len, contents)) / len(contents)),
        "images_per_wall_second": count / whole_s[0],
        "images_per_second_of_two_cores": CORES * count / whole_s[1],
        "without_start": CORES * (count - CORES) / (whole_s[1] - start_s[1]),
        "decoder_alone": CORES / decoding_s,
    }


def _run(files: list[ImageFile]) -> tuple[float, float]:
    """(wall, CPU) seconds, of this process and its children."""
    share = -(-len(files) // CORES)
    parts = [files[start : start + share] for start in range(0, len(files), share)]
    before, wall = _cpu_s(), time.perf_counter()
    for answer in threaded(CORES)(measure_images, parts):
        assert answer["fault"].null_count == len(answer)
    return time.perf_counter() - wall, _cpu_s() - before


def _cpu_s() -> float:
    children = getrusage(RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    """Measure, and print."""
    frames, images = (int(word) for word in (sys.argv[1:] + ["5000", "1000"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once, fourfold = (sequence_seconds(folder, count) for count in (frames, 4 * frames))
        ratio = {metric: fourfold[metric] / once[metric] for metric in once}
        report = {"sequences": {"frames": frames, "cpu_s": once, "fourfold_cpu_s": fourfold, "ratio": ratio}}
        report |= {kind: image_speed(folder, kind, images) for kind in ("jpeg", "png")}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
