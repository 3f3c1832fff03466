"""The command `boxscore`: the command line of `flows`, and `up`, which operates flows and so stands above them."""

import subprocess
import sys

from deployments.up import up
from flows.cli import main as flows_main
from flows.cli.app import app
from schemas.errors import BoxscoreError

app.command(up)


def main() -> int:
    """Run the command line; exit 0 done, 1 failed, 2 the input or the call is wrong."""
    return flows_main()


def boxscore(*arguments: str, quiet: bool = False) -> None:
    """Run the command in a process of its own, as a person would; BoxscoreError when it fails."""
    command = [sys.executable, "-m", "deployments.command", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL if quiet else None)
    if done.returncode:
        raise BoxscoreError(f"boxscore {' '.join(arguments)} failed (exit {done.returncode})")


if __name__ == "__main__":
    sys.exit(main())
