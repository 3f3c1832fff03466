"""Pixels of a project's images, from a folder to the table."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.quality.stage import measure_quality
from tasks.running import threaded
from tests.chain import Chain, truth_of
from tests.tasks.images.pictures import encoded, photo


def images(chain: Chain) -> pl.DataFrame:
    """What is stored of images."""
    return chain.table("quality").filter(of="image").sort("unit_key")


@pytest.mark.slow
def test_pixels_are_measured_once_and_again_when_a_file_changes(tmp_path: Path):
    """Numbers or a reason for each unit, counted; they stay without the folder, and until it or the project changes."""
    chain, folder = Chain(tmp_path), tmp_path / "images"
    chain.truth(truth_of(images=4))
    folder.mkdir()
    pixels = [photo(seed, 200, 100) for seed in range(3)]
    for k, content in enumerate((encoded(pixels[0], "JPEG"), encoded(pixels[1]), b"text")):
        (folder / f"{k + 1}.jpg").write_bytes(content)
    [done] = measure_quality(chain.project, [], threaded(2), images=folder)
    assert {code: n for code, (n, _) in done.faults.items()} == {"no_image": 1, "no_file": 1}
    assert done.faults["no_file"].first == "4.jpg: no file is called so"
    rows = images(chain)
    assert rows["image_fault"].to_list() == [None, None, "no_image", "no_file"]
    assert rows["image_brightness"][1] == np.mean(pixels[1]) / 255
    assert rows["image_sharpness"].null_count() == 2
    assert rows["image_area_px2"].to_list() == [20_000] * 4

    for given in (folder, None):
        [again] = measure_quality(chain.project, [], threaded(2), images=given)
        assert (again.status, again.faults) == ("unchanged", done.faults)
    (folder / "3.jpg").write_bytes(encoded(pixels[2]))
    [mended] = measure_quality(chain.project, [], threaded(2), images=folder)
    assert list(mended.faults) == ["no_file"]
    assert images(chain)["image_brightness"][2] == np.mean(pixels[2]) / 255
    [without] = measure_quality(chain.project, [], threaded(2), force=True)
    assert without.faults == {}
    assert images(chain)["image_brightness"].null_count() == 4
