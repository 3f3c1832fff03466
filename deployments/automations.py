"""What the server does by itself: it marks runs that were killed as crashed, and starts them again."""

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.server import HEARTBEAT_S

SILENT_S = 3 * HEARTBEAT_S
"""A run that has given no sign of life for so long is dead: two heartbeats may be late."""

UNSTARTED_S = 600
"""A run that a worker took and that has not begun after so long never will: the worker died with it."""

_RUNS = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
_OURS: list[ResourceSpecification | dict[str, str | list[str]]] = [
    ResourceSpecification({"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.boxscore"}),
    ResourceSpecification({"prefect.resource.role": "deployment", "prefect.resource.id": "prefect.deployment.*"}),
]
"""Runs of our deployments. Subflows belong to none: to count their events, too, makes SQLite say that it is locked."""
_ENDED = {f"prefect.flow-run.{name}" for name in ("Completed", "Failed", "Cancelled", "Crashed")}
_WAITING = {f"prefect.flow-run.{name}" for name in ("AwaitingConcurrencySlot", "AwaitingRetry", "Scheduled", "Late")}


def automations(silent_s: float = SILENT_S, unstarted_s: float = UNSTARTED_S) -> list[AutomationCore]:
    """The automations, in the words of the server."""
    return [
        AutomationCore(
            name="boxscore: mark silent runs as crashed",
            description="A killed run cannot say so, and would keep its slot for ever.",
            trigger=_missing({"prefect.flow-run.heartbeat"}, {"prefect.flow-run.heartbeat", *_ENDED}, silent_s),
            actions=[_to(StateType.CRASHED, f"No sign of life for {silent_s:.0f} s: its process was killed.")],
        ),
        AutomationCore(
            name="boxscore: mark runs that never began as crashed",
            description="Taken by a worker that died before the run's own process lived.",
            trigger=_missing(
                {"prefect.flow-run.Pending"}, {"prefect.flow-run.Running", *_ENDED, *_WAITING}, unstarted_s
            ),
            actions=[_to(StateType.CRASHED, f"It had not begun {unstarted_s:.0f} s after a worker took it.")],
        ),
        AutomationCore(
            name="boxscore: start crashed runs again",
            description="A run goes on from its last finished bucket, and gives up after three crashes in a row.",
            trigger=EventTrigger(
                expect={"prefect.flow-run.Crashed"},
                match=_RUNS,
                match_related=_OURS,
                for_each={"prefect.resource.id"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[_to(StateType.SCHEDULED, "Started again after a crash.", name="AwaitingRetry")],
        ),
    ]


def _missing(after: set[str], expect: set[str], seconds: float) -> EventTrigger:
    """Fires for a run of which, after some event, none of the expected ones came in time."""
    return EventTrigger(
        after=after,
        expect=expect,
        match=_RUNS,
        match_related=_OURS,
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(seconds=seconds),
    )


def _to(state: StateType, message: str, name: str | None = None) -> ChangeFlowRunState:
    return ChangeFlowRunState(state=state, message=message, name=name, force=False)


async def put(client: PrefectClient, wanted: Sequence[AutomationCore]) -> None:
    """Make the automations, or bring those of the same names up to date."""
    for automation in wanted:
        there = await client.read_automations_by_name(automation.name)
        if there:
            await client.update_automation(there[0].id, automation)
        else:
            await client.create_automation(automation)
