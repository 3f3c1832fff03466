"""Compare boxscore with hotcoco and ultrafast-pycocotools, and write RESULTS.md: see README.md."""

import argparse
import subprocess
import sys
from pathlib import Path

from report import Outcome, disagreements, page
from rounds import Files, stored, whole

HERE = Path(__file__).resolve().parent
SHARED_GENERATOR = HERE.parents[1] / "shared" / "bench" / "make_coco_scale.py"
FILES = ("gt_1x", "dt_bbox_1x", "dt_segm_1x", "gt_10x", "dt_bbox_10x")
WHOLE = (("bbox", "1x"), ("segm", "1x"), ("bbox", "10x"))


def there(folder: Path) -> bool:
    """Whether all files have been written."""
    return all((folder / f"{name}.json").is_file() for name in FILES)


def own_files(folder: Path) -> Files:
    """The files of this repository's generator, written if they are not there."""
    if not there(folder / "own"):
        subprocess.run([sys.executable, HERE / "make_files.py", folder / "own"], check=True)
    return Files("Files of benchmarks/make_files.py", folder / "own", folder)


def shared_files(folder: Path, given: Path | None) -> Files | None:
    """The files of make_coco_scale.py: those given, or written by it where it is there (minutes, 8 GB of memory)."""
    place = given or folder / "scale"
    if not there(place):
        if not SHARED_GENERATOR.is_file():
            return None
        for scale in ("1", "10"):
            command = [sys.executable, str(SHARED_GENERATOR), "--scale", scale, "--out", str(place)]
            subprocess.run(command, check=True)
    return Files("Files of make_coco_scale.py: boxes of COCO val2017, transplanted masks", place, folder)


def contest(files: Files, rounds: int) -> Outcome:
    """All contests on one set of files."""
    print(files.title, flush=True)
    done = {f"{kind} {scale}": whole(files, kind, scale, rounds) for kind, scale in WHOLE}
    single, _ = stored(files, "1x", rounds)
    tenfold, again = stored(files, "10x", rounds)
    return Outcome(files, done, {"1x": single, "10x": tenfold}, again)


def main() -> int:
    """Exit 1 when numbers differ from hotcoco's: a speed without the numbers is worth nothing."""
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--rounds", type=int, default=3)
    cli.add_argument("--files", type=Path, default=HERE / "files", help="where files are written and stores are made")
    cli.add_argument("--scale-files", type=Path, help="files that make_coco_scale.py has written already")
    cli.add_argument("--own-only", action="store_true", help="leave out the files of make_coco_scale.py")
    asked = cli.parse_args()
    sets = [own_files(asked.files)]
    shared = None if asked.own_only else shared_files(asked.files, asked.scale_files)
    sets += [shared] if shared else []
    outcomes = [contest(files, asked.rounds) for files in sets]
    text = page(outcomes, asked.rounds)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)
    return int(any(disagreements(outcome) for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
