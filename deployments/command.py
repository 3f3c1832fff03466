"""The command `boxscore`, called as a person would."""

import subprocess
import sysconfig
from pathlib import Path

from schemas.errors import BoxscoreError


def boxscore(*arguments: str, quiet: bool = False) -> None:
    """Run the command of this environment in a process of its own; BoxscoreError when it fails."""
    command = Path(sysconfig.get_path("scripts")) / "boxscore"
    said = subprocess.DEVNULL if quiet else None
    done = subprocess.run([command, *arguments], stdin=subprocess.DEVNULL, stdout=said)
    if done.returncode:
        raise BoxscoreError(f"boxscore {' '.join(arguments)} failed (exit {done.returncode})")
