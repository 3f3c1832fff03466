"""Make the work pool, register the deployments of prefect.yaml and the automations: python -m deployments.register

The environment names the server, which may be starting: importing Prefect takes as long. Repeated, it brings what is
there up to date, and leaves schedules as people set them.
"""

import asyncio
import sys
from pathlib import Path

from prefect.client.orchestration import get_client

from deployments.automations import automations, put
from deployments.prefect_cli import prefect
from deployments.schedules import Schedules, restore, schedules
from deployments.server import await_health
from deployments.up import POOL

PREFECT_FILE = Path(__file__).resolve().parent / "prefect.yaml"

COMMANDS = (
    ("work-pool", "create", POOL, "--type", "process", "--overwrite"),
    ("deploy", "--all", "--prefect-file", str(PREFECT_FILE)),
)
"""Prefect's own command line. Runs of the deployments start in the folder that this is called in."""


def register() -> int:
    """Run the commands in turn, never asking; the exit code of the first that fails, else 0."""
    before = asyncio.run(_schedules())
    for arguments in COMMANDS:
        code = prefect("--no-prompt", *arguments)
        if code:
            return code
    asyncio.run(_finish(before))
    return 0


async def _schedules() -> Schedules:
    async with get_client() as client:
        return await schedules(client)


async def _finish(before: Schedules) -> None:
    """Bring back what people have changed, and make the automations."""
    async with get_client() as client:
        await restore(client, before)
        await put(client, automations())


if __name__ == "__main__":
    await_health()
    sys.exit(register())
