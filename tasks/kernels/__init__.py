"""Arrays in, arrays out: compiled loops that know nothing of Arrow, files or Prefect."""
