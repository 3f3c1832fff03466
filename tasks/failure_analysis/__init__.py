"""What failure depends on: rates by quality metric, how much a metric says of them, the slices that fail most."""
