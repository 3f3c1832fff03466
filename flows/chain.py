"""What several flows are made of: an import driven through its stages, an evaluation through its own."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

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
    EvaluateParameters,
    GroundTruthParameters,
    PredictionParameters,
    ProtocolSettings,
)
from schemas.quality import QualityParameters
from schemas.stage_parameters import BlockParameters, IngestParameters, MatchParameters, PlanParameters
from tasks import evaluation
from tasks.both_sides import open_both
from tasks.evaluation import Evaluated, Evaluation
from tasks.import_ground_truth import open_ground_truth
from tasks.import_predictions import check_call, open_predictions
from tasks.imports import Import, Imported, held, publish
from tasks.plan_files import get_matched, get_measured, put_plan
from tasks.report import Before, numbers_before
from tasks.running import local_run, side_by_side
from tasks.staged import StagedImport
from tasks.storage import Project, Store

IMPORT_STEPS = 3
"""Stages of an import: ingest, normalize, resolve."""
PROTOCOL_STEPS = 2
"""Stages of an evaluation under one protocol: match, metrics."""


async def take_ground_truth(parameters: GroundTruthParameters) -> Imported:
    """Import ground truth, stage by stage; what was taken and what was rejected."""
    with ExitStack() as open_ones:
        job = held(await aside(open_ground_truth, parameters, local_run()), open_ones)
        [taken] = await _import([job], [parameters])
    return taken


async def take_predictions(parameters: PredictionParameters) -> Imported:
    """Import a prediction set and, unless told not to, match and measure it; what was taken and what was rejected."""
    await aside(check_call, parameters)
    before = await aside(numbers_before, parameters.store, parameters.project, [parameters.name])
    with ExitStack() as open_ones:
        job = held(await aside(open_predictions, parameters, local_run()), open_ones)
        [taken] = await _import([job], [parameters])
    await _judge(parameters, before)
    return taken


async def take_both(parameters: EvaluateParameters) -> None:
    """Import ground truth and predictions, each stage for both at once, then match and measure."""
    await aside(check_call, parameters)
    before = await aside(numbers_before, parameters.store, parameters.project, [parameters.name])
    with ExitStack() as open_ones:
        jobs = await aside(open_both, parameters, local_run(), open_ones)
        await _import(jobs, [parameters.of_ground_truth(), parameters.of_predictions()])
    await _judge(parameters, before)


async def _judge(parameters: PredictionParameters, before: Before) -> None:
    if parameters.evaluate:
        project = Store(parameters.store).project(parameters.project)
        done = await drive_evaluation(project, parameters.name, parameters.protocols, parameters.settings)
        await report_evaluations(project, done, before)
    if parameters.quality:
        await quality(QualityParameters(store=parameters.store, project=parameters.project, sets=[parameters.name]))


async def _import(
    jobs: Sequence[Import | Imported], parameters: Sequence[GroundTruthParameters | PredictionParameters]
) -> list[Imported]:
    """Drive what is not there already through its stages, publish it, and report all of it."""
    pairs = list(zip(jobs, parameters, strict=True))
    sides = [StagedImport(job, of) for job, of in pairs if isinstance(job, Import)]
    step(IMPORT_STEPS * (len(jobs) - len(sides)))
    if sides:
        await _drive_imports(sides)
    ended = []
    for job, of in pairs:
        taken = await aside(publish, job) if isinstance(job, Import) else job
        seconds = job.log.stage_seconds if isinstance(job, Import) else {}
        ended.append(await report_import(taken, of.project, seconds))
    return ended


async def _drive_imports(sides: Sequence[StagedImport]) -> None:
    """Ingest, normalize and resolve as flows, each for all sides, and take what they leave."""
    of = f"{' and '.join(side.job.what for side in sides)} of {sides[0].parameters.project}"
    first, *others = [side.to_ingest() for side in sides]
    with _stage("ingest", [side.job for side in sides]):
        await ingest(IngestParameters(**{**dict(first), "of": of}, others=others))
    for stage, work in ((normalize, StagedImport.to_normalize), (resolve, StagedImport.to_resolve)):
        before, *beside = map(work, sides)
        with _stage(stage.name, [side.job for side in sides]):
            await stage(BlockParameters(**{**dict(before), "of": of}, others=beside))
    await aside(side_by_side, lambda side, _: side.take(), sides)


@contextmanager
def _stage(name: str, jobs: Sequence[Import | Evaluation]) -> Iterator[None]:
    """A stage of all these jobs; a step of each when it is done."""
    with ExitStack() as stages:
        for job in jobs:
            stages.enter_context(job.log.stage(name))
        yield
    step(len(jobs))


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
    for job in jobs:
        put_plan(job.transaction.scratch, job.plan)
    first, *others = [job.transaction.scratch for job in jobs]
    names = ", ".join(job.record["name"] for job in jobs)
    with _stage("match", jobs):
        await match(MatchParameters(folder=first, others=others, of=f"{names}: {of}"))


async def _measure(job: Evaluation, of: str) -> Evaluated:
    folder = job.transaction.scratch
    with _stage("metrics", [job]):
        await metrics(PlanParameters(folder=folder, of=of))
    matched, measured = get_matched(folder), get_measured(folder)
    job.log.details["resumed_buckets"] = matched.resumed
    return await aside(evaluation.publish, job, matched.counts, {**matched.files, **measured})
