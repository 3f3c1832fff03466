"""The command quality."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.cli.app import STORE, JsonOption, ProjectOption, StoreOption
from flows.cli.console import print_json, progress, say
from flows.cli.quality_lines import quality_facts, say_quality
from schemas.quality import QualityParameters
from tasks.catalog import catalog
from tasks.quality.stage import measure_quality
from tasks.running import local_run
from tasks.storage import Store


def quality(
    *sets: Annotated[str, Parameter(name="SET", help="Prediction set; all when none is named.")],
    project: ProjectOption,
    ground_truth: Annotated[
        bool, Parameter(negative="", show_default=False, help="Measure the annotations too.")
    ] = False,
    images: Annotated[
        Path | None, Parameter(show_default=False, help="Folder with the images, to measure their pixels too.")
    ] = None,
    force: Annotated[
        bool, Parameter(negative="", show_default=False, help="Work again where nothing has changed.")
    ] = False,
    store: StoreOption = STORE,
    json: JsonOption = False,
) -> None:
    """Say what predictions, annotations and images are like: area, duplicates, borders, broken tracks, ..."""
    parameters = QualityParameters(
        store=store,
        project=project,
        sets=list(dict.fromkeys(sets)),
        ground_truth=ground_truth,
        images=images,
        force=force,
    )
    place = Store(parameters.store).project(parameters.project)
    names = parameters.sets or sorted(catalog(place).sets)
    with progress(local_run(), quiet=json) as run:
        done = measure_quality(place, names, run, parameters.ground_truth, parameters.force, parameters.images)
    if json:
        print_json({"project": project, "quality": quality_facts(done)})
        return
    say_quality(project, done)
    say(f"tables: {place.location}")
