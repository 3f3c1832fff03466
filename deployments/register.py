"""Make the work pool, register the deployments of prefect.yaml and the automations: python -m deployments.register

The environment names the server. Repeated, it brings what is there up to date, and leaves schedules as people set them.
"""

import asyncio
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


async def _register() -> int:
    # here, as `up` imports this module and is not to wait two seconds for Prefect
    from prefect.client.orchestration import get_client

    from deployments.automations import automations, put
    from deployments.schedules import restore, schedules

    async with get_client() as client:
        before = await schedules(client)
        for arguments in COMMANDS:
            command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
            done = subprocess.run(command, stdin=subprocess.DEVNULL)
            if done.returncode:
                return done.returncode
        await restore(client, before)
        await put(client, automations())
    return 0


def main() -> int:
    """Run the commands in turn, never asking; the exit code of the first that fails, else 0."""
    return asyncio.run(_register())


if __name__ == "__main__":
    sys.exit(main())
