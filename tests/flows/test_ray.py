"""The flows on a Ray cluster of two nodes: the same tables, to the byte, as over the threads of one process."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deployments.server import prefect_server
from tasks.storage import Project, Store
from tasks.storage.checks import sha256_of
from tasks.storage.reading import local_part
from tests.s3 import s3_server

pytest.importorskip("ray", reason="needs the extra ray")

from tests.flows.ray_cluster import ray_cluster

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"
LABELLED = {"rejects", "runs"}
"""Tables whose rows carry the run's id and times."""


class Driven(NamedTuple):
    """Projects that the same work made, and what was said of the second."""

    threads: Project
    ray: Project
    said: dict[str, Any]
    on_s3: dict[str, list[str]]
    """Digests of the parts of a third."""


def drive(store: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Evaluate the masks of the sample in many buckets; what the program says."""
    files = [SAMPLE / "ground_truth.json", SAMPLE / "masks.json"]
    command = [sys.executable, "-m", "tests.flows.drive_shards", store, *files]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Driven:
    """The same work over threads, on Ray, and on Ray into a store on S3 that nodes share nothing but."""
    folder = tmp_path_factory.mktemp("shards")
    threads, ray, s3 = folder / "threads", folder / "ray", Path("s3://bucket/store")
    with prefect_server(folder / "home") as server, s3_server() as objects, pytest.MonkeyPatch.context() as patch:
        drive(threads, server.environment)
        patch.setenv("BOXSCORE_CACHE", str(folder / "copies"))
        for name, value in objects.items():
            patch.setenv(name, value)  # of nodes and driver alike
        with ray_cluster() as cluster:
            said = drive(ray, {**server.environment, **cluster})
            drive(s3, {**server.environment, **objects, **cluster, "BOXSCORE_CACHE": str(folder / "copies")})
        on_s3 = digests(Store(s3).project("p"))
    return Driven(Store(threads).project("p"), Store(ray).project("p"), said, on_s3)


def digests(project: Project) -> dict[str, list[str]]:
    """sha256 of the parts of each partition, as the files are and not as they are recorded."""
    live = [partition for partition in project.live() if partition.place.table not in LABELLED]
    return {each.place.path: [sha256_of(local_part(path)) for path in each.paths] for each in live}


def test_ray_gives_the_bytes_of_threads(driven: Driven) -> None:
    """Every part of every table, of eight buckets worked on by two nodes, is the same file."""
    assert (driven.said["nodes"], driven.said["buckets"]) == (2, 8)
    found = digests(driven.ray)
    assert sum(len(parts) == 8 for parts in found.values()) >= 3
    assert found == digests(driven.threads)


def test_ray_gives_the_same_bytes_in_a_store_on_s3(driven: Driven) -> None:
    """Nodes fetch what they read and upload what they write; the parts are those of threads and a folder."""
    assert driven.on_s3 == digests(driven.threads)
