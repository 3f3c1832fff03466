"""Run the chain as Prefect flows on the sample: python -m deployments.chain STORE

The process that starts this one has put the server's address into its environment: Prefect reads it when imported,
which takes seconds, so the server may start meanwhile.
"""

import asyncio
import sys
from pathlib import Path

from deployments.sample import sample_parameters
from deployments.server import await_health
from flows.evaluate import evaluate


async def _evaluate_all(store: Path) -> None:
    for parameters in sample_parameters(store):
        await evaluate(parameters)


if __name__ == "__main__":
    await_health()
    asyncio.run(_evaluate_all(Path(sys.argv[1])))
