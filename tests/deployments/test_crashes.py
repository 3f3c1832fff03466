"""Killed workers, killed servers, cancelled runs, two runs at once: on a real server with real workers."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.processes import running
from deployments.server import prefect_server
from deployments.up import REGISTER
from tasks.catalog import catalog
from tasks.storage import Project, Store
from tests.deployments.service import SAMPLE, Service, buckets, until
from tests.deployments.slow_flows import BUCKETS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server for all tests of this file, whose evaluations take seconds a bucket."""
    folder = tmp_path_factory.mktemp("service")
    with prefect_server(folder / "home") as server:
        server.wait()
        with running(REGISTER, server.environment, folder / "register.log") as registration:
            registration.finish()
        service = Service(server, folder)
        service.ask(
            "PATCH",
            f"/deployments/{service.deployment('evaluate')}",
            {"entrypoint": "tests.deployments.slow_flows.evaluate", "path": str(folder)},
        )
        try:
            yield service
        finally:
            service.stop_workers()


@pytest.fixture
def worker(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for one test."""
    yield service.start_worker()
    service.stop_workers()


def project_of(service: Service, name: str) -> Project:
    """A project of the service's store."""
    return Store(service.store).project(name)


def staging(service: Service, project: str) -> list[Path]:
    """What runs have staged in a project."""
    folder = service.store / project / "_meta/staging"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_a_killed_run_is_marked_retried_and_gone_on_with(service: Service) -> None:
    """kill -9 of worker and run: Crashed within two minutes, its turn is free, and no finished bucket is done twice."""
    service.start_worker()
    run = service.evaluate("killed", "boxes")
    until(lambda: len(service.noted("boxes")) >= 3, service.logs)
    service.stop_workers()
    killed_s = time.time()
    noted = service.store.glob("killed/_meta/staging/*/scratch/finished/[0-9]*.json")  # not one that was being written
    finished = len(list(noted))
    assert finished >= 1
    service.start_worker()
    other = service.evaluate("killed", "next")
    until(lambda: "Crashed" in [state["name"] for state in service.states(run)], service.logs)
    assert time.time() - killed_s < 120
    service.await_end(run)
    service.await_end(other)
    names = [state["name"] for state in service.states(run)]
    assert names.index("Crashed") < names.index("AwaitingRetry") < names.index("Completed")
    done = buckets(service.noted("boxes"))
    assert set(done) == set(range(BUCKETS))
    assert len(done) <= BUCKETS + 2, "only what the two threads were at is done again"
    details = [json.loads(row["details"]) for row in _runs(service, "killed", "boxes") if "evaluate" in row["command"]]
    assert [each["resumed_buckets"] for each in details] == [finished]
    assert staging(service, "killed") == []
    assert project_of(service, "killed").verify().sound
    service.stop_workers()


def _runs(service: Service, project: str, name: str) -> list[dict[str, Any]]:
    parts = [part.read() for part in project_of(service, project).live("runs")]
    return [row for part in parts for row in part.to_pylist() if row["prediction_set"] == name]


def test_two_runs_on_a_project_take_turns(service: Service, worker: subprocess.Popen[bytes]) -> None:
    """Asked for at once, both end well, and neither matches while the other does."""
    runs = [service.evaluate("shared", name) for name in ("first", "second")]
    for run in runs:
        service.await_end(run)
    spans = sorted(
        (min(row.begun_s for row in rows), max(row.ended_s for row in rows))
        for rows in (service.noted("first"), service.noted("second"))
    )
    assert spans[0][1] <= spans[1][0]
    assert sorted(catalog(project_of(service, "shared")).sets) == ["first", "second"]
    assert project_of(service, "shared").verify().sound


def test_a_cancelled_run_leaves_no_litter(service: Service, worker: subprocess.Popen[bytes]) -> None:
    """Cancelled in the middle of matching: staging is swept, nothing of it is published, and its turn is free."""
    run = service.evaluate("cancelled", "stopped")
    until(lambda: len(service.noted("stopped")) >= 2, service.logs)
    cancel = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    service.ask("POST", f"/flow_runs/{run}/set_state", cancel)
    service.await_end(run, "Cancelled")
    until(lambda: staging(service, "cancelled") == [], lambda: f"{staging(service, 'cancelled')}", 60)
    known = catalog(project_of(service, "cancelled"))
    assert not known.evaluations
    service.await_end(service.evaluate("cancelled", "after"))
    assert len(service.noted("stopped")) < BUCKETS
    assert project_of(service, "cancelled").verify().sound


def test_a_killed_server_comes_back_with_nothing_lost(service: Service, worker: subprocess.Popen[bytes]) -> None:
    """Killed in the middle of a run, it knows all runs, deployments and automations again, and the run ends well."""
    run = service.evaluate("outlived", "through")
    until(lambda: len(service.noted("through")) >= 2, service.logs)
    before = [_ids(service, kind) for kind in ("flow_runs", "deployments", "automations", "artifacts")]
    os.killpg(service.server._program.process.pid, signal.SIGKILL)
    until(lambda: service.server._program.ended is not None, service.logs)
    assert service.server.keep()
    after = [_ids(service, kind) for kind in ("flow_runs", "deployments", "automations", "artifacts")]
    assert all(old <= new for old, new in zip(before, after, strict=True))
    assert len(before[0]) > 1
    service.await_end(run)
    assert set(buckets(service.noted("through"))) == set(range(BUCKETS))
    assert project_of(service, "outlived").verify().sound


def _ids(service: Service, kind: str) -> set[str]:
    return {str(each["id"]) for each in service.ask("POST", f"/{kind}/filter", {"limit": 200})}


def test_a_schedule_fires_and_its_run_deals_with_every_file(service: Service, worker: subprocess.Popen[bytes]) -> None:
    """Every 20 s: what is new goes in, what is done is left, and a refused file is named while the rest goes on."""
    first = service.run("import-ground-truth", project="nightly", ground_truth=str(SAMPLE / "ground_truth.json"))
    service.await_end(first)
    inbox = service.folder / "inbox"
    inbox.mkdir()
    (inbox / "broken.json").write_text((SAMPLE / "boxes.json").read_text()[:-100])
    shutil.copy(SAMPLE / "boxes.json", inbox / "night.json")
    (inbox / "coming.json.part").write_text("[")
    deployment = service.deployment("evaluate-inbox")
    given = {"store": str(service.store), "project": "nightly", "inbox": str(inbox), "settle_s": 0}
    schedule = {"schedule": {"interval": 20}, "active": True, "parameters": {"parameters": given}, "slug": "often"}
    (made,) = service.ask("POST", f"/deployments/{deployment}/schedules", [schedule])
    asked = {"flow_runs": {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["FAILED"]}}}}
    until(lambda: len(service.ask("POST", "/flow_runs/filter", asked)) >= 2, service.logs)
    service.ask("DELETE", f"/deployments/{deployment}/schedules/{made['id']}")
    ended = sorted(service.ask("POST", "/flow_runs/filter", asked), key=lambda run: run["start_time"])
    assert {run["auto_scheduled"] for run in ended} == {True}
    assert all("1 of 3 files were refused: broken.json" in run["state"]["message"] for run in ended)
    known = catalog(project_of(service, "nightly"))
    assert (sorted(known.sets), len(known.evaluations)) == (["night"], 1)
    tables = service.ask("POST", "/artifacts/filter", {"artifacts": {"key": {"any_": ["inbox"]}}})
    first_two = sorted(tables, key=lambda table: table["created"])[:2]
    seen = [{row["file"]: row["outcome"] for row in json.loads(table["data"])} for table in first_two]
    left = {"broken.json": "refused", "coming.json.part": "left for the next run"}
    assert seen == [{**left, "night.json": "new"}, {**left, "night.json": "done"}]


def test_registering_again_leaves_schedules_as_they_are(service: Service) -> None:
    """A schedule that was turned on, and one that was added by hand, stay; so do the automations, once each."""
    deployment = service.deployment("reanalyze")
    (weekly,) = service.ask("GET", f"/deployments/{deployment}/schedules")
    service.ask("PATCH", f"/deployments/{deployment}/schedules/{weekly['id']}", {"active": True})
    given = {"parameters": {"project": "killed", "store": str(service.store)}}
    added = {"schedule": {"interval": 86400}, "active": True, "parameters": given}
    service.ask("POST", f"/deployments/{deployment}/schedules", [added])
    automations = _ids(service, "automations")
    with running(REGISTER, service.server.environment, service.folder / "register.log") as registration:
        registration.finish()
    kept = service.ask("GET", f"/deployments/{deployment}/schedules")
    assert sorted((each["slug"] or "", each["active"]) for each in kept) == [("", True), ("weekly", True)]
    assert _ids(service, "automations") == automations
    assert len(automations) == 3
