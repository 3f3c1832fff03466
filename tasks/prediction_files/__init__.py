"""Predictions in Parquet: written one by one from a prediction loop, read back as records."""
