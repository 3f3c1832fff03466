"""The flow ingest: files become records."""

from prefect import flow

from flows.running import aside
from schemas.stage_parameters import IngestParameters
from tasks.ingest import ingest_files
from tasks.running import local_run


@flow(name="ingest", flow_run_name="ingest {parameters.sources}: {parameters.called}")
async def ingest(parameters: IngestParameters) -> int:
    """Read files into records, block by block.

    Args:
        parameters: What to read and where to write it.

    Returns:
        Records read, rejected ones included.
    """
    return await aside(ingest_files, [parameters, *parameters.others], local_run())
