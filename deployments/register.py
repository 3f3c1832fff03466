"""Make the work pool and register the deployments of prefect.yaml: python -m deployments.register

The environment names the server. Repeated, it brings what is there up to date.
"""

import subprocess
import sys
from pathlib import Path

POOL = "boxscore"
PREFECT_FILE = Path(__file__).resolve().parent / "prefect.yaml"

COMMANDS = (
    ("work-pool", "create", POOL, "--type", "process", "--overwrite"),
    ("deploy", "--all", "--prefect-file", str(PREFECT_FILE)),
)
"""Prefect's own command line. Runs of the deployments start in the folder that this is called in."""


def main() -> int:
    """Run the commands in turn, never asking; the exit code of the first that fails, else 0."""
    for arguments in COMMANDS:
        done = subprocess.run([sys.executable, "-m", "prefect", "--no-prompt", *arguments], stdin=subprocess.DEVNULL)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
