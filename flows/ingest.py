"""The flow ingest: a file becomes records."""

from prefect import flow

from flows.running import aside
from schemas.parameters import IngestParameters
from tasks.ingest import ingest_file
from tasks.running import local_run


@flow(name="ingest", flow_run_name="ingest {parameters.source.name}")
async def ingest(parameters: IngestParameters) -> int:
    """Read a file into records, block by block.

    Args:
        parameters: What to read and where to write it.

    Returns:
        Records read, rejected ones included.
    """
    source = (parameters.source, parameters.format, parameters.ground_truth)
    return await aside(ingest_file, *source, parameters.folder, local_run())
