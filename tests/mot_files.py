"""Made-up tracks as MOTChallenge's files, and its sample as it is laid out."""

from pathlib import Path
from shutil import copy

from tasks.mot.classes import CLASSES
from tests.track_scenes import Box, Sequences

SIDE_PX = 200


def _line(box: Box, score: bool) -> str:
    track = int("".join(filter(str.isdigit, box.track)))
    numbers = (box.frame + 1, track, *box.box_px, 1 if score or not box.ignored else 0, CLASSES[box.category], 1)
    return ",".join(map(str, numbers))


def write_info(folder: Path, name: str, frames: int, width_px: int = SIDE_PX, height_px: int = SIDE_PX) -> None:
    """A sequence's `seqinfo.ini`."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = f"seqLength={frames}\nimWidth={width_px}\nimHeight={height_px}\n"
    (folder / "seqinfo.ini").write_text(f"[Sequence]\nname={name}\n{sizes}")


def write_scene(folder: Path, sequences: Sequences) -> tuple[Path, Path]:
    """(folder of ground truth, folder of tracks)."""
    truth, found = folder / "gt", folder / "tracks"
    found.mkdir(parents=True, exist_ok=True)
    for name, (annotated, predicted) in sequences.items():
        frames = 1 + max((box.frame for box in (*annotated, *predicted)), default=0)
        write_info(truth / name, name, frames)
        (truth / name / "gt").mkdir(exist_ok=True)
        (truth / name / "gt/gt.txt").write_text("".join(f"{_line(box, False)}\n" for box in annotated))
        (found / f"{name}.txt").write_text("".join(f"{_line(box, True)}\n" for box in predicted))
    return truth, found


def sample(shared: Path, folder: Path) -> tuple[Path, Path, dict[str, int]]:
    """(folder of ground truth, folder of tracks, frames by sequence) of the two sequences of MOT17."""
    frames = {}
    for source in sorted((shared / "samples/mot").iterdir()):
        truth, found = folder / "gt" / source.name, folder / "tracks"
        (truth / "gt").mkdir(parents=True)
        found.mkdir(exist_ok=True)
        copy(source / "gt.txt", truth / "gt/gt.txt")
        copy(source / "deepsort.txt", found / f"{source.name}.txt")
        lines = [line for path in source.glob("*.txt") for line in path.read_text().splitlines()]
        frames[source.name] = max(int(line.partition(",")[0]) for line in lines)
        write_info(truth, source.name, frames[source.name], 1920, 1080)
    return folder / "gt", folder / "tracks", frames
