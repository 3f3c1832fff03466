"""What several flows are made of: an import driven through its stages, an evaluation through its own."""

from collections.abc import Sequence

from flows.ingest import ingest
from flows.match import match
from flows.metrics import metrics
from flows.normalize import normalize
from flows.resolve import resolve
from flows.running import aside
from schemas.parameters import (
    BlockParameters,
    GroundTruthParameters,
    PlanParameters,
    PredictionParameters,
    ProtocolSettings,
)
from tasks import evaluation
from tasks.evaluation import Evaluated, Evaluation
from tasks.imports import Import, Imported, publish
from tasks.plan_files import get_matched, get_measured, put_plan
from tasks.staged import take_files, to_ingest
from tasks.storage import Project


async def drive_import(job: Import | Imported, parameters: GroundTruthParameters | PredictionParameters) -> Imported:
    """Ingest, normalize and resolve as flows, then publish; nothing where all of it is there already."""
    if isinstance(job, Imported):
        return job
    with job.transaction:
        scratch, names = job.transaction.scratch, job.name_paths
        folders = [scratch / name for name in ("records", "normalized", "resolved")]
        with job.log.stage("ingest"):
            await ingest(to_ingest(parameters, names, folders[0]))
        for stage, before, folder in ((normalize, folders[0], folders[1]), (resolve, folders[1], folders[2])):
            paths = {"data_units": names.data_units, "categories": names.categories, "reading": names.reading}
            given = {**paths, "before": before, "folder": folder, "predictions": names.predictions}
            with job.log.stage(stage.name):
                await stage(BlockParameters.model_validate(given))
        await aside(take_files, job.intake, folders)
        return await aside(publish, job)


async def drive_evaluation(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings, force: bool = False
) -> list[Evaluated]:
    """Match and metrics as flows for every protocol, each published when it is done."""
    done = []
    for protocol in evaluation.protocols_for(project, name, protocols, settings):
        job = await aside(evaluation.open_evaluation, project, name, protocol, settings, force)
        done.append(await _drive(job) if isinstance(job, Evaluation) else job)
    return done


async def _drive(job: Evaluation) -> Evaluated:
    with job.transaction:
        folder = PlanParameters(folder=job.transaction.scratch)
        put_plan(folder.folder, job.plan)
        with job.log.stage("match"):
            await match(folder)
        with job.log.stage("metrics"):
            await metrics(folder)
        matched, measured = get_matched(folder.folder), get_measured(folder.folder)
        job.log.details["resumed_buckets"] = matched.resumed
        return await aside(evaluation.publish, job, matched.counts, {**matched.files, **measured})
