"""What several flows are made of: an import driven through its stages, an evaluation through its own."""

from collections.abc import Sequence
from contextlib import ExitStack

from flows.ingest import ingest
from flows.match import match
from flows.metrics import metrics
from flows.normalize import normalize
from flows.progress import expect, step
from flows.quality import quality
from flows.reports import report_evaluations, report_import
from flows.resolve import resolve
from flows.running import aside
from schemas.parameters import (
    GroundTruthParameters,
    PredictionParameters,
    ProtocolSettings,
)
from schemas.quality import QualityParameters
from schemas.stage_parameters import BlockParameters, MatchParameters, PlanParameters
from tasks import evaluation
from tasks.evaluation import Evaluated, Evaluation
from tasks.import_ground_truth import open_ground_truth
from tasks.import_predictions import check_call, open_predictions
from tasks.imports import Import, Imported, publish
from tasks.plan_files import get_matched, get_measured, put_plan
from tasks.report import numbers_before
from tasks.running import local_run
from tasks.staged import take_files, to_ingest
from tasks.storage import Project, Store

IMPORT_STEPS = 3
"""Stages of an import: ingest, normalize, resolve."""
PROTOCOL_STEPS = 2
"""Stages of an evaluation under one protocol: match, metrics."""


async def take_ground_truth(parameters: GroundTruthParameters) -> Imported:
    """Import ground truth, stage by stage; what was taken and what was rejected."""
    return await _import(await aside(open_ground_truth, parameters, local_run()), parameters)


async def take_predictions(parameters: PredictionParameters) -> Imported:
    """Import a prediction set and, unless told not to, match and measure it; what was taken and what was rejected."""
    await aside(check_call, parameters)
    before = await aside(numbers_before, parameters.store, parameters.project, [parameters.name])
    taken = await _import(await aside(open_predictions, parameters, local_run()), parameters)
    if parameters.evaluate:
        project = Store(parameters.store).project(parameters.project)
        done = await drive_evaluation(project, parameters.name, parameters.protocols, parameters.settings)
        await report_evaluations(project, done, before)
    if parameters.quality:
        await quality(QualityParameters(store=parameters.store, project=parameters.project, sets=[parameters.name]))
    return taken


async def _import(job: Import | Imported, parameters: GroundTruthParameters | PredictionParameters) -> Imported:
    if isinstance(job, Imported):
        step(IMPORT_STEPS)
        return await report_import(job, parameters.project, {})
    return await report_import(await _drive_import(job, parameters), parameters.project, job.log.stage_seconds)


async def _drive_import(job: Import, parameters: GroundTruthParameters | PredictionParameters) -> Imported:
    """Ingest, normalize and resolve as flows, then publish."""
    of = f"{job.what} of {parameters.project}"
    with job.transaction:
        scratch, names = job.transaction.scratch, job.name_paths
        folders = [scratch / name for name in ("records", "normalized", "resolved")]
        with job.log.stage("ingest"):
            await ingest(to_ingest(parameters, names, folders[0]).model_copy(update={"of": of}))
        step()
        for stage, before, folder in ((normalize, folders[0], folders[1]), (resolve, folders[1], folders[2])):
            paths = {"data_units": names.data_units, "categories": names.categories, "reading": names.reading}
            given = {**paths, "before": before, "folder": folder, "predictions": names.predictions, "of": of}
            with job.log.stage(stage.name):
                await stage(BlockParameters.model_validate(given))
            step()
        await aside(take_files, job.intake, folders)
        return await aside(publish, job)


async def drive_evaluation(
    project: Project, name: str, protocols: Sequence[str], settings: ProtocolSettings, force: bool = False
) -> list[Evaluated]:
    """Match as a flow for all protocols, metrics for each, which is published when it is measured."""
    chosen = evaluation.protocols_for(project, name, protocols, settings)
    expect(PROTOCOL_STEPS * len(chosen))
    jobs, done = list[Evaluation | Evaluated](), dict[str, Evaluated]()
    with ExitStack() as open_ones:
        for protocol in chosen:
            job = await aside(evaluation.open_evaluation, project, name, protocol, settings, force)
            if isinstance(job, Evaluation):
                open_ones.enter_context(job.transaction)
            else:
                step(PROTOCOL_STEPS)
            jobs.append(job)
        for together in evaluation.passes(jobs):
            await _match(together, f"{name} on {project.name}")
            for job in together:
                done[job.record["name"]] = await _measure(job, f"{job.record['name']}: {name} on {project.name}")
    return [done[job.record["name"]] if isinstance(job, Evaluation) else job for job in jobs]


async def _match(jobs: Sequence[Evaluation], of: str) -> None:
    first, *others = [job.transaction.scratch for job in jobs]
    names = ", ".join(job.record["name"] for job in jobs)
    with ExitStack() as stages:
        for job in jobs:
            put_plan(job.transaction.scratch, job.plan)
            stages.enter_context(job.log.stage("match"))
        await match(MatchParameters(folder=first, others=others, of=f"{names}: {of}"))
    step(len(jobs))


async def _measure(job: Evaluation, of: str) -> Evaluated:
    folder = job.transaction.scratch
    with job.log.stage("metrics"):
        await metrics(PlanParameters(folder=folder, of=of))
    step()
    matched, measured = get_matched(folder), get_measured(folder)
    job.log.details["resumed_buckets"] = matched.resumed
    return await aside(evaluation.publish, job, matched.counts, {**matched.files, **measured})
