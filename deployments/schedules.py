"""Schedules that people have changed outlive the registering of the deployments, which would put the file's back."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse

Schedules = Mapping[str, Sequence[DeploymentSchedule]]
"""Of each deployment, by its name."""


async def schedules(client: PrefectClient) -> Schedules:
    """The schedules of all deployments that the server knows; empty for a new one."""
    return {each.name: each.schedules for each in await _deployments(client)}


async def restore(client: PrefectClient, before: Schedules) -> None:
    """Give deployments that were there `before` their schedules back; those that the file has beside them are added."""
    for deployment in await _deployments(client):
        if deployment.name not in before:
            continue
        former = before[deployment.name]
        names = {each.slug for each in former}
        wanted = [*former, *(each for each in deployment.schedules if each.slug not in names)]
        if [*map(_content, wanted)] != [*map(_content, deployment.schedules)]:
            await _put(client, deployment, wanted)


async def _put(client: PrefectClient, deployment: DeploymentResponse, wanted: Sequence[DeploymentSchedule]) -> None:
    for each in deployment.schedules:
        await client.delete_deployment_schedule(deployment.id, each.id)
    for each in wanted:
        await client.request(
            "POST",
            "/deployments/{id}/schedules",
            path_params={"id": deployment.id},
            json=[DeploymentScheduleCreate.model_validate(_content(each)).model_dump(mode="json", exclude_none=True)],
        )


def _content(schedule: DeploymentSchedule) -> dict[str, Any]:
    """All that a person can set."""
    fields = ("schedule", "active", "max_scheduled_runs", "parameters", "slug")
    return {name: getattr(schedule, name) for name in fields if getattr(schedule, name) is not None}


async def _deployments(client: PrefectClient) -> list[DeploymentResponse]:
    return await client.read_deployments(limit=200)
