"""The forms in Prefect's UI, as a person meets them: in both of its generations, in a real browser, with a worker."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from deployments.processes import running
from deployments.server import prefect_server
from deployments.up import POOL
from tasks.formats import FORMATS
from tasks.protocols import PROTOCOLS
from tests.flows.browser import GENERATIONS, Form, chromium

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"
RUN_LIMIT_S = 180
"""A worker looks for runs every 10 s, then starts a process that imports Prefect."""


class Site(NamedTuple):
    """A server with our deployments and a worker, and a browser before it."""

    url: str
    browser: BrowserContext
    folder: Path

    def ask(self, path: str, question: dict[str, Any] | None = None) -> Any:
        """What the server's API answers."""
        body = None if question is None else json.dumps(question).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", body, {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)

    def runs(self) -> list[dict[str, Any]]:
        """Runs that were asked for through a deployment, newest first."""
        found = self.ask("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC"})
        return [run for run in found if run["deployment_id"] is not None]

    def form(self, generation: str, name: str = "evaluate") -> Form:
        """The form of a deployment of ours, newly opened."""
        deployment = self.ask(f"/deployments/name/{name}/{name}")["id"]
        start = self.url + GENERATIONS[generation]
        return Form.at(self.browser.new_page(), f"{start}/deployments/deployment/{deployment}/run")

    def page(self, generation: str, path: str) -> Page:
        """A page of the UI, newly opened."""
        page = self.browser.new_page()
        page.goto(self.url + GENERATIONS[generation] + path, wait_until="commit")
        return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """All of it on a free port with folders of its own, stopped afterwards; skipped where there is no browser."""
    folder = tmp_path_factory.mktemp("site")
    with chromium(folder / "profile") as browser, prefect_server(folder / "home") as server:
        server.wait()
        with running(("deployments.register",), server.environment, folder / "register.log") as registration:
            registration.finish()
        worker = ("prefect", "worker", "start", "--pool", POOL, "--type", "process")
        with running(worker, server.environment, folder / "worker.log"):
            yield Site(server.url, browser, folder)


def fill(form: Form, site: Site, project: str) -> None:
    """What `evaluate` must be told, and where to put it."""
    form.write("Project", project)
    form.write("Prediction set", "boxes")
    form.write("Ground truth", str(SAMPLE / "ground_truth.json"))
    form.write("Predictions", str(SAMPLE / "boxes.json"))
    form.write("Store", str(site.folder / "store"))


def ended(site: Site) -> dict[str, Any]:
    """The newest run, once it has ended."""
    until = time.monotonic() + RUN_LIMIT_S
    while not (runs := site.runs()) or runs[0]["state_type"] not in {"COMPLETED", "FAILED", "CRASHED"}:
        assert time.monotonic() < until, (runs, (site.folder / "worker.log").read_text()[-3000:])
        time.sleep(0.5)
    return runs[0]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_drop_downs_offer_what_there_is(site: Site, generation: str) -> None:
    """Formats that hold both sides, recognising first; every protocol, and all."""
    form = site.form(generation)
    both = {name for name, form in FORMATS.items() if form.read_ground_truth and form.read_predictions}
    formats = form.offered("Format")
    assert formats[0] == "auto"
    assert set(formats[1:]) == both
    form.shut("Format")
    assert {"all", "coco-bbox"} <= set(form.offered("Protocols")) <= {"all", *PROTOCOLS}
    expect(form.page.get_by_text("Smallest component, px (Optional)", exact=True)).to_be_visible()
    expect(form.page.get_by_text("Lowest similarities of a match", exact=False)).to_be_visible()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_wrong_value_is_refused_in_the_form(site: Site, generation: str) -> None:
    """A project that is no name: the form says so, and there is no run."""
    before = len(site.runs())
    form = site.form(generation)
    fill(form, site, "a b")
    form.submit()
    expect(form.page.get_by_text("'a b' does not match").first).to_be_visible()
    assert len(site.runs()) == before


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_run_is_asked_for_and_its_artifacts_appear(site: Site, generation: str) -> None:
    """Filled in and submitted, the run completes under the name of what it did, and shows numbers and a picture."""
    form = site.form(generation)
    fill(form, site, generation)
    form.choose("Format", "coco")
    form.choose("Protocols", "coco-bbox")
    form.submit_and_leave()
    run = ended(site)
    assert (run["state_type"], run["name"]) == ("COMPLETED", f"evaluate boxes on {generation}: coco-bbox")
    assert run["parameters"]["parameters"]["format"] == "coco"
    page = site.page(generation, f"/runs/flow-run/{run['id']}")
    page.get_by_text("Artifacts", exact=True).last.click()
    expect(page.get_by_text(f"metrics-{generation}-boxes-coco-bbox").first).to_be_visible()
    look_at_report(site, generation, run["id"])


def look_at_report(site: Site, generation: str, run: str) -> None:
    """The report's page has the numbers, and a picture that was really drawn."""
    wanted = {"flow_run_id": {"any_": [run]}, "key": {"like_": "report-%"}}
    (report,) = site.ask("/artifacts/filter", {"artifacts": wanted})
    page = site.page(generation, f"/artifacts/artifact/{report['id']}")
    expect(page.get_by_text("coco-bbox: AP 0.4471", exact=False).first).to_be_visible()
    picture = page.get_by_role("img", name="precision and recall")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 640


def test_a_file_that_is_not_there_fails_the_run_at_once(site: Site) -> None:
    """What only a run can see is told by its state, with the file; nothing is written."""
    form = site.form("v2")
    fill(form, site, "missing")
    form.write("Image mapping", "/nowhere/mapping.json")
    form.submit_and_leave()
    run = ended(site)
    assert run["state_type"] == "FAILED"
    assert "/nowhere/mapping.json" in run["state"]["message"]
    assert not (site.folder / "store" / "missing").exists()
