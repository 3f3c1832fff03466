"""Shards on a Ray cluster. Importing this imports Ray, which takes a second."""

from typing import Any, Self

import ray
from prefect_ray import RayTaskRunner


class ClusterTaskRunner(RayTaskRunner[Any]):  # type: ignore[misc]  # it has no types
    """Prefect's runner over one connection that the process keeps: with one for each stage, all workers start cold."""

    def __enter__(self) -> Self:
        """Connect, unless this process is connected; Ray lets go of the cluster when the process ends."""
        if not ray.is_initialized():
            ray.init(self.address, **self.init_kwargs)
        return super().__enter__()
