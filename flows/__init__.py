"""Flows: what Prefect runs, and the command line over the same stages."""
