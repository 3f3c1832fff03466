"""What `make demo` shows: the chain as Prefect flows on the sample, on a server that ends when the show does."""

import sys

from deployments.command import boxscore
from deployments.processes import running, terminations_interrupt
from deployments.sample import PROJECT, SETS
from deployments.server import Server, prefect_server
from deployments.up import HOME, PORT, REGISTER
from deployments.warm import warm_for_sample
from schemas.errors import BoxscoreError
from schemas.parameters import DEFAULT_STORE


def demo() -> None:
    """Run the chain on the sample under Prefect, then print the numbers and where everything is."""
    print(f"starting a Prefect server (the first time takes 15 s; its home: {HOME})", flush=True)
    with prefect_server(HOME) as server:
        warm_for_sample()
        _run_flows(server)
    print(_where(), flush=True)


def _run_flows(server: Server) -> None:
    """Server, flows and registration start side by side: each takes seconds to import Prefect."""
    chain = ("deployments.chain", str(DEFAULT_STORE))
    with (
        running(chain, server.environment, HOME / "demo.log") as flows,
        running(REGISTER, server.environment, HOME / "register.log") as registration,
    ):
        server.wait()
        print(f"running ingest, normalize, resolve, match, metrics as flows (log: {HOME / 'demo.log'})\n", flush=True)
        flows.finish()
        for name in SETS:
            boxscore("metrics", name, "--project", PROJECT, "--store", str(DEFAULT_STORE))
        registration.finish()
    print("registered the deployments", flush=True)


def _where() -> str:
    tables = sorted(path.name for path in (DEFAULT_STORE / PROJECT).iterdir() if not path.name.startswith("_"))
    return f"""
Parquet   {DEFAULT_STORE / PROJECT}/  {", ".join(tables)}
read it   polars.scan_parquet("{DEFAULT_STORE / PROJECT}/metrics/**/*.parquet")
UI        make up, then http://127.0.0.1:{PORT}/runs shows the runs above
The server has been stopped."""


def main() -> int:
    """Exit 0 done, 1 failed or interrupted."""
    try:
        with terminations_interrupt():
            demo()
    except KeyboardInterrupt:
        print("\nstopped: nothing is left running", file=sys.stderr)
        return 1
    except BoxscoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
